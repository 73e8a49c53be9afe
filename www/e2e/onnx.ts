// Small ONNX files, written byte by byte: what a person might drop, and what nobody should.

/** A field of a protocol buffer: a number, or bytes. */
function field(number: number, value: number | Uint8Array | string): Uint8Array {
  const varint = (rest: number): number[] =>
    rest < 128 ? [rest] : [(rest % 128) + 128, ...varint(Math.floor(rest / 128))];
  if (typeof value === "number") return Uint8Array.from([...varint(number * 8), ...varint(value)]);
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return join(Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes);
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const FLOAT = 1;
const UINT8 = 2;
const INT8 = 3;
const INT64 = 7;

/** A size that is a text is any. */
type Shape = readonly (number | string)[];

function declared(name: string, shape: Shape, type = FLOAT): Uint8Array {
  const dims = shape.map((size) => field(1, typeof size === "number" ? field(1, size) : field(2, size)));
  return join(field(1, name), field(2, field(1, join(field(1, type), field(2, join(...dims))))));
}

function constant(
  name: string,
  dims: readonly number[],
  values: readonly number[] | BigInt64Array | Uint8Array | Int8Array,
  type = FLOAT,
): Uint8Array {
  const numbers = ArrayBuffer.isView(values) ? values : Float32Array.from(values);
  const raw = new Uint8Array(numbers.buffer);
  return join(...dims.map((dim) => field(1, dim)), field(2, type), field(8, name), field(9, raw));
}

/** A constant of float numbers whose bytes lie in a file of this name, from its beginning. */
function elsewhere(name: string, dims: readonly number[], file: string): Uint8Array {
  const location = join(field(1, "location"), field(2, file));
  return join(
    ...dims.map((dim) => field(1, dim)),
    field(2, FLOAT),
    field(8, name),
    field(13, location),
    field(14, 1),
  );
}

function node(type: string, inputs: readonly string[], output: string, attributes: Uint8Array[] = []) {
  return join(
    ...inputs.map((input) => field(1, input)),
    field(2, output),
    field(3, output),
    field(4, type),
    ...attributes.map((attribute) => field(5, attribute)),
  );
}

const integers = (name: string, values: readonly number[]) =>
  join(field(1, name), ...values.map((value) => field(8, value)), field(20, 7));
const integer = (name: string, value: number) => join(field(1, name), field(3, value), field(20, 2));

interface Linear {
  /** `[classes, 3]`, by class and channel; or the name of a file of which they are the first bytes. */
  readonly weights: readonly number[] | string;
  readonly bias: readonly number[];
  readonly input?: Shape;
  /** A last operator on the scores. */
  readonly end?: string;
  /** An operator that no engine has, at the start. */
  readonly odd?: string;
  /** Puts the picture beside itself 512 times at the start: 294 MiB, which the engine allows. */
  readonly large?: boolean;
}

/** Scores of as many classes as there are biases, linear in the mean of each channel of a float NCHW picture. */
export function linear({ weights, bias, input = ["N", 3, 224, 224], end, odd, large }: Linear): Buffer {
  const scores = end === undefined ? "scores" : "ended";
  const graph = join(
    ...(odd === undefined ? [] : [field(1, node(odd, ["image"], "odd"))]),
    ...(large ? [field(1, node("Tile", ["image", "times"], "odd"))] : []),
    field(1, node("GlobalAveragePool", [odd !== undefined || large ? "odd" : "image"], "mean")),
    field(1, node("Flatten", ["mean"], "flat", [integer("axis", 1)])),
    field(1, node("Gemm", ["flat", "weights", "bias"], "scores", [integer("transB", 1)])),
    ...(end === undefined ? [] : [field(1, node(end, ["scores"], "ended"))]),
    field(2, "linear"),
    field(
      5,
      typeof weights === "string"
        ? elsewhere("weights", [bias.length, 3], weights)
        : constant("weights", [bias.length, 3], weights),
    ),
    field(5, constant("bias", [bias.length], bias)),
    ...(large ? [field(5, constant("times", [4], BigInt64Array.of(1n, 1n, 16n, 32n), INT64))] : []),
    field(11, declared("image", input)),
    field(12, declared(scores, ["N", bias.length])),
  );
  return Buffer.from(join(field(1, 8), field(2, "a test"), field(7, graph), field(8, field(2, 13))));
}

/** Of one byte of `quantisedLinear`: real pixels from -4 to just below 4, and weights. */
export const STEPS = { pixels: 1 / 32, weights: 1 / 4 };

/** As `linear`, quantised, and fused from end to end; `weights` are whole numbers of steps. */
export function quantisedLinear({ weights, bias }: { weights: readonly number[]; bias: readonly number[] }) {
  const steps = Int8Array.from(weights, (weight) => weight / STEPS.weights);
  const graph = join(
    field(1, node("QuantizeLinear", ["image", "pixelStep", "middle"], "bytes")),
    field(1, node("DequantizeLinear", ["bytes", "pixelStep", "middle"], "real")),
    field(1, node("DequantizeLinear", ["weights", "weightStep"], "realWeights")),
    field(1, node("GlobalAveragePool", ["real"], "mean")),
    field(1, node("Flatten", ["mean"], "flat", [integer("axis", 1)])),
    field(1, node("Gemm", ["flat", "realWeights", "bias"], "scores", [integer("transB", 1)])),
    field(2, "quantised linear"),
    field(5, constant("pixelStep", [], [STEPS.pixels])),
    field(5, constant("middle", [], Uint8Array.of(128), UINT8)),
    field(5, constant("weightStep", [], [STEPS.weights])),
    field(5, constant("weights", [bias.length, 3], steps, INT8)),
    field(5, constant("bias", [bias.length], bias)),
    field(11, declared("image", ["N", 3, 224, 224])),
    field(12, declared("scores", ["N", bias.length])),
  );
  return Buffer.from(join(field(1, 8), field(2, "a test"), field(7, graph), field(8, field(2, 13))));
}

/**
 * A quantised network for pictures of 32 x 32 that adds the mean of a map to the map. The file does not tell the shapes of
 * the two: the engine would fuse the sum, finds that it cannot, and runs the network without fused layers.
 */
export function sumOfTwoShapes(): Buffer {
  const scaled = (type: string, input: string, output: string, scale = "scale", zero = "zero") =>
    field(1, node(type, [input, scale, zero], output));
  const graph = join(
    scaled("DequantizeLinear", "image", "real", "scale", "middle"),
    field(1, node("Transpose", ["real"], "nchw", [integers("perm", [0, 3, 1, 2])])),
    field(1, node("DequantizeLinear", ["weights", "scale"], "kernel")),
    field(1, node("Conv", ["nchw", "kernel"], "sums")),
    scaled("QuantizeLinear", "sums", "map"),
    scaled("DequantizeLinear", "map", "realMap"),
    field(1, node("GlobalAveragePool", ["realMap"], "mean")),
    scaled("QuantizeLinear", "mean", "quantisedMean"),
    scaled("DequantizeLinear", "quantisedMean", "realMean"),
    field(1, node("Add", ["realMap", "realMean"], "added")),
    scaled("QuantizeLinear", "added", "quantisedSum"),
    scaled("DequantizeLinear", "quantisedSum", "realSum"),
    field(1, node("GlobalAveragePool", ["realSum"], "pooled")),
    field(1, node("Flatten", ["pooled"], "scores", [integer("axis", 1)])),
    field(2, "sum"),
    field(5, constant("scale", [], [1 / 32])),
    field(5, constant("zero", [], Uint8Array.of(0), UINT8)),
    field(5, constant("middle", [], Uint8Array.of(128), UINT8)),
    field(5, constant("weights", [2, 3, 1, 1], Int8Array.of(9, -3, 2, -5, 7, 4), INT8)),
    field(11, declared("image", ["N", 32, 32, 3], UINT8)),
    field(12, declared("scores", ["N", 2])),
  );
  return Buffer.from(join(field(1, 8), field(2, "a test"), field(7, graph), field(8, field(2, 13))));
}
