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
  values: readonly number[] | BigInt64Array,
  type = FLOAT,
): Uint8Array {
  const numbers = values instanceof BigInt64Array ? values : Float32Array.from(values);
  const raw = new Uint8Array(numbers.buffer);
  return join(...dims.map((dim) => field(1, dim)), field(2, type), field(8, name), field(9, raw));
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

const integer = (name: string, value: number) => join(field(1, name), field(3, value), field(20, 2));

interface Linear {
  /** `[2, 3]`, by class and channel. */
  readonly weights: readonly number[];
  readonly bias: readonly [number, number];
  readonly input?: Shape;
  /** A last operator on the scores. */
  readonly end?: string;
  /** An operator that no engine has, at the start. */
  readonly odd?: string;
  /** Puts the picture beside itself 512 times at the start: 294 MiB, which the engine allows. */
  readonly large?: boolean;
}

/** Two scores, linear in the mean of each channel of a float NCHW picture. */
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
    field(5, constant("weights", [2, 3], weights)),
    field(5, constant("bias", [2], bias)),
    ...(large ? [field(5, constant("times", [4], BigInt64Array.of(1n, 1n, 16n, 32n), INT64))] : []),
    field(11, declared("image", input)),
    field(12, declared(scores, ["N", 2])),
  );
  return Buffer.from(join(field(1, 8), field(2, "a test"), field(7, graph), field(8, field(2, 13))));
}
