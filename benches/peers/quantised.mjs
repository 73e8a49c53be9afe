// Measures our engine and onnxruntime-web on the same quantised files, as other people's quantisers write them.
//
//   node quantised.mjs --models DIR [--rounds 6] [--out FILE]
//
// DIR holds ONNX files that read float32 [N, 3, 224, 224], each with its manifest (.json): `tests/exporters/generate.py`
// makes some. Files whose name has "q-" or "qdq" are measured, in turns, each engine in a page of its own on one thread;
// ours opens them as the page does, in the int8 edition where that runs them.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { here, launch, loadNow, machineOf, open, quantile, round, serve, turn } from "./contest.mjs";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: join(import.meta.dirname, "models") },
    rounds: { type: "string", default: "6" },
    out: { type: "string", default: join(import.meta.dirname, "..", "results", "quantised.json") },
  },
});

const BATCH = 16;
const ENGINES = [
  { name: "Histoscope", kind: "histoscope", module: "/www/pkg-relaxed", general: "/www/pkg-general", batches: [1] },
  {
    name: "onnxruntime-web",
    kind: "onnxruntime",
    module: `/${here}/node_modules/onnxruntime-web/dist`,
    threads: 1,
    batches: [1, BATCH],
  },
];

async function models() {
  const files = await readdir(values.models);
  const networks = files.filter((file) => /(^|\.)(q-|qdq).*\.onnx$/.test(file)).map((file) => file.slice(0, -5));
  const known = networks.filter((network) => existsSync(join(values.models, `${network}.json`)));
  return Promise.all(
    known.sort().map(async (network) => {
      const manifest = await readFile(join(values.models, `${network}.json`), "utf8");
      const [variant] = Object.keys(JSON.parse(manifest).variants);
      return { network, variant, url: `/bench-models/${network}.onnx`, manifest, floats: true };
    }),
  );
}

async function measure(browser, origin, model) {
  const contenders = [];
  for (const engine of ENGINES) {
    for (const batch of engine.batches) contenders.push(await open(browser, origin, engine, model, batch));
  }
  for (let index = 0; index < Number(values.rounds); index++) {
    for (const contender of contenders) contender.times.push(...(await turn(contender.page)));
  }
  for (const { page } of contenders) await page.close();
  const [ours, ...theirs] = contenders.map(({ times }) => quantile(times, 0.5));
  const best = Math.min(...theirs);
  const [{ logits }, other] = contenders;
  return {
    network: model.network,
    ours_ms: round(ours),
    ort_web_ms: round(best),
    times_as_fast: round(best / ours),
    logits,
    ort_web_logits: other.logits,
    about: contenders.map(({ about }) => about),
  };
}

const server = await serve(values.models);
const origin = `http://127.0.0.1:${server.address().port}/`;
const browser = await launch();
try {
  const load = loadNow();
  const results = [];
  for (const model of await models()) {
    results.push(await measure(browser, origin, model));
    const { network, ours_ms: ours, ort_web_ms: theirs, times_as_fast: ratio } = results.at(-1);
    console.log(`${network.padEnd(32)} ${ours} ms, onnxruntime-web ${theirs} ms: ${ratio} times as fast`);
  }
  const date = new Date().toISOString().slice(0, 10);
  await mkdir(dirname(values.out), { recursive: true });
  await writeFile(values.out, `${JSON.stringify({ date, machine: machineOf(browser, load), results }, null, 1)}\n`);
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
