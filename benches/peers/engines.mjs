// The engines, each in the page it is loaded into: `load(engine, model)` gives `{ infer(pixels) -> logits, about }`.
// Pixels are uint8 [batch, 224, 224, 3], logits float32 [batch, 2].

/** @typedef {{ infer(pixels: Uint8Array): Promise<Float32Array> | Float32Array, about: string }} Loaded */
/** @typedef {{ kind: string, module?: string, general?: string, threads?: number }} Engine */
/** @typedef {{ network: string, url: string, variant: "int8" | "f32", manifest: string, floats?: boolean }} Model */

/** Bytes of a patch. */
const PATCH = 224 * 224 * 3;

const fetched = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());

/**
 * Our engine, whichever build: `module` is the folder of its wasm-bindgen output. What the int8 edition does not run the
 * `general` one does, as in the page.
 */
async function histoscope({ module, general }, { url, variant, manifest }) {
  const { default: init, engine_info, Session } = await import(`${module}/histoscope.js`);
  await init();
  const open = async () => new Session(await fetched(url), manifest, variant);
  let session;
  try {
    session = await open();
  } catch (error) {
    if (general === undefined || error.code !== "model_needs_tract") throw error;
    return histoscope({ module: general }, { url, variant, manifest });
  }
  const { version, edition, kernels } = JSON.parse(engine_info());
  return {
    about: `Histoscope ${version}, ${edition} edition, ${kernels}`,
    infer(pixels) {
      const output = session.infer(pixels);
      const { logits } = output;
      output.free();
      return logits;
    },
  };
}

/** tract as it comes, planned for one batch size. */
async function tract({ module }, { url }, batch) {
  const { default: init, Session } = await import(`${module}/stock_tract.js`);
  await init();
  const session = new Session(await fetched(url), batch);
  return { about: "tract-onnx 0.23.9", infer: (pixels) => session.infer(pixels) };
}

/** `(pixel / 255 - mean) / deviation` of ImageNet, colours first: what float networks read. */
function scaled(pixels) {
  const [MEAN, STD] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
  const area = PATCH / 3;
  const made = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at++) {
    const [patch, place, channel] = [Math.floor(at / PATCH), Math.floor((at % PATCH) / 3), at % 3];
    made[patch * PATCH + channel * area + place] = (pixels[at] / 255 - MEAN[channel]) / STD[channel];
  }
  return made;
}

async function onnxruntime({ module, threads }, { url, floats = false }) {
  const ort = await import(`${module}/ort.wasm.min.mjs`);
  ort.env.wasm.numThreads = threads;
  const session = await ort.InferenceSession.create(await fetched(url), {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
  });
  // Scaling is not timed, though it is part of ours.
  const kept = new Map();
  const tensor = (pixels) => {
    const count = pixels.length / PATCH;
    if (!floats) return new ort.Tensor("uint8", pixels, [count, 224, 224, 3]);
    if (!kept.has(pixels)) kept.set(pixels, new ort.Tensor("float32", scaled(pixels), [count, 3, 224, 224]));
    return kept.get(pixels);
  };
  return {
    about: `onnxruntime-web ${ort.env.versions?.web ?? ""}`,
    async infer(pixels) {
      const made = await session.run({ [session.inputNames[0]]: tensor(pixels) });
      return (made.logits ?? made[session.outputNames[0]]).data;
    },
  };
}

/** The successor of MediaPipe's engine: TFLite with XNNPACK's kernels, relaxed SIMD where the browser has it. */
async function litert({ module, threads }, { network, variant }) {
  const { loadAndCompile, loadLiteRt, Tensor } = await import(`${module}/dist/index.js`);
  await loadLiteRt(`${module}/wasm/`, { threads: threads > 1 });
  const options = { accelerator: "wasm", cpuOptions: { numThreads: threads } };
  const model = await loadAndCompile(`/bench-models/${network}.${variant}.tflite`, options);
  return {
    about: "LiteRT.js 2.5.3",
    async infer(pixels) {
      // `tflite.py` says why the picture is turned; it takes 0.1 ms.
      const turned = new Uint8Array(pixels.length);
      for (let at = 0, from = pixels.length - 3; from >= 0; at += 3, from -= 3) {
        turned[at] = pixels[from];
        turned[at + 1] = pixels[from + 1];
        turned[at + 2] = pixels[from + 2];
      }
      const input = new Tensor(turned, [1, 224, 224, 3]);
      const [output] = await model.run(input);
      const logits = (await output.data()).slice();
      input.delete();
      output.delete();
      return logits;
    },
  };
}

const script = (url) =>
  new Promise((ready, failed) => {
    const element = Object.assign(document.createElement("script"), { src: url, onload: ready, onerror: failed });
    document.head.append(element);
  });

/** TensorFlow.js has no reader of ONNX: the layers are called one by one, each with its bias and activation fused. */
async function tfjs({ module, threads }, { network }) {
  for (const part of ["core", "backend-cpu", "backend-wasm"]) await script(`${module}/tfjs-${part}/dist/tf-${part}.min.js`);
  const { tf } = globalThis;
  tf.wasm.setWasmPaths(`${module}/tfjs-backend-wasm/dist/`);
  tf.wasm.setThreadsCount(threads);
  await tf.setBackend("wasm");
  const file = `/bench-models/${network}.f32.layers`;
  const { layers, output } = JSON.parse(new TextDecoder().decode(await fetched(`${file}.json`)));
  const numbers = new Float32Array((await fetched(`${file}.bin`)).buffer);
  const tensor = ({ at, shape }) => tf.tensor(numbers.subarray(at, at + shape.reduce((a, b) => a * b, 1)), shape);
  for (const layer of layers.filter(({ kind }) => kind !== "add")) {
    layer.filter = tensor(layer.kernel);
    layer.offset = tensor(layer.bias);
  }
  const run = (pixels) => {
    const image = tf.tensor(pixels, [pixels.length / PATCH, 224, 224, 3], "int32");
    const made = { input: tf.mul(tf.sub(tf.cast(image, "float32"), 127), 1 / 128) };
    for (const { kind, input, inputs, output: name, filter, offset: bias, stride: strides, pad, activation } of layers) {
      if (kind === "add") made[name] = tf.add(made[inputs[0]], made[inputs[1]]);
      else {
        const conv = kind === "depthwise" ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
        made[name] = conv({ x: made[input], filter, strides, pad, bias, activation });
      }
    }
    return tf.mean(made[output], [1, 2]);
  };
  return {
    about: `tfjs ${tf.version_core}`,
    async infer(pixels) {
      const logits = tf.tidy(() => run(pixels));
      const numbers = await logits.data();
      logits.dispose();
      return numbers;
    },
  };
}

const KINDS = { histoscope, tract, onnxruntime, litert, tfjs };

/** Noise with the colours of a stained section: every engine gets the same. */
export function patches(count) {
  const pixels = new Uint8Array(count * PATCH);
  let state = 1;
  for (let at = 0; at < pixels.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels[at] = [150, 90, 140][at % 3] + ((state >>> 24) % 90);
  }
  return pixels;
}

/**
 * The arithmetic ceiling: thousand million multiply-accumulates a second of each form of the dot product, with its
 * operands in registers and nothing else. `url` is the relaxed build of `benches/kernels`; the best of many calls.
 */
export async function ceiling(url) {
  const { instance } = await WebAssembly.instantiateStreaming(fetch(url), {});
  const DOTS = 40;
  const ROUNDS = 20000;
  const rates = {};
  for (const [form, perDot] of [["pairs", 8], ["fused", 16], ["split", 16]]) {
    let least = Number.POSITIVE_INFINITY;
    for (let call = 0; call < 200; call++) {
      const start = performance.now();
      instance.exports[`ceiling_${form}`](ROUNDS);
      least = Math.min(least, performance.now() - start);
    }
    rates[form] = (DOTS * perDot * ROUNDS) / least / 1e6;
  }
  return rates;
}

/** @param {Engine} engine @param {Model} model @returns {Promise<Loaded>} */
export const load = (engine, model, batch) => KINDS[engine.kind](engine, model, batch);

/** Milliseconds a patch of each call, for about `ms` milliseconds and at least two calls. */
export async function time(loaded, pixels, ms) {
  const count = pixels.length / PATCH;
  const times = [];
  const end = performance.now() + ms;
  let now = performance.now();
  do {
    await loaded.infer(pixels);
    const before = now;
    now = performance.now();
    times.push((now - before) / count);
  } while (now < end || times.length < 2);
  return times;
}
