// Measures our engine and others on one network in one run of one browser, each in a page of its own.
//
//   node run.mjs --models DIR [--rounds 8] [--out FILE]
//
// DIR holds lite0-whole.{int8,f32}.onnx (`make bench-models`); the shipped model is measured beside it. All engines
// take turns within a round, so that whatever else the machine does meets all of them alike. Before it is timed, every
// engine's logits are held against those of the others. Prints one line an engine, writes one JSON file, and ends with
//   ms_per_patch=… vs_ort_web=… vs_tract=… vs_mediapipe=… peak_fraction=…
// for the whole network on one thread: how many times faster than each peer's best variant (null: not measured), and
// its share, at its fastest, of the machine's arithmetic ceiling, which is measured in the same run.

import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { here, launch, loadNow, machineOf, open, quantile, ROOT, round, serve, turn } from "./contest.mjs";

const { values } = parseArgs({
  options: {
    models: { type: "string", default: join(import.meta.dirname, "models") },
    rounds: { type: "string", default: "8" },
    out: { type: "string", default: join(import.meta.dirname, "..", "results", "peers.json") },
  },
});

/** Patches that an engine is given at once where it takes several; the better of 1 and this counts. */
const BATCH = 16;
/** Multiply-accumulates of one patch, as the exporter counts them. */
const MACS = { "lite0-whole": 384_032_992, "histoscope-v0": shipped().macs_per_patch };

function shipped() {
  return JSON.parse(readFileSync(join(ROOT, "models", "histoscope-v0.json"), "utf8"));
}

const pkg = `/${here}/tract/pkg`;
const ENGINES = [
  { name: "Histoscope, relaxed", kind: "histoscope", module: "/www/pkg-relaxed", variants: ["int8"] },
  { name: "Histoscope, simd128", kind: "histoscope", module: "/www/pkg", variants: ["int8"] },
  // What runs what is not fused from end to end.
  { name: "Histoscope, general edition", kind: "histoscope", module: "/www/pkg-general", variants: ["f32"] },
  { name: "onnxruntime-web, 1 thread", kind: "onnxruntime", module: `/${here}/node_modules/onnxruntime-web/dist`, threads: 1, batches: true },
  { name: `onnxruntime-web, ${cpus().length} threads`, kind: "onnxruntime", module: `/${here}/node_modules/onnxruntime-web/dist`, threads: cpus().length, batches: true },
  { name: "LiteRT.js, 1 thread", kind: "litert", module: `/${here}/node_modules/@litertjs/core`, threads: 1, variants: ["int8"], form: "tflite" },
  ...[1, cpus().length].map((threads) => ({
    name: `tfjs, ${threads} thread${threads > 1 ? "s" : ""}`,
    kind: "tfjs",
    module: `/${here}/node_modules/@tensorflow`,
    threads,
    batches: true,
    variants: ["f32"],
    form: "layers.json",
  })),
  { name: "tract", kind: "tract", module: pkg, batches: true },
];

/** A manifest under which our engine opens any classifier of two classes. */
async function manifestOf(file, variant) {
  const manifest = shipped();
  const bytes = await readFile(file);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  manifest.variants[variant] = { ...manifest.variants[variant], bytes: bytes.length, sha256 };
  return JSON.stringify(manifest);
}

async function models() {
  const found = [];
  for (const [network, folder] of [
    ["lite0-whole", values.models],
    ["histoscope-v0", join(ROOT, "models")],
  ]) {
    for (const variant of ["int8", "f32"]) {
      const file = join(folder, `${network}.${variant}.onnx`);
      if (!existsSync(file)) {
        console.log(`SKIPPED ${network} ${variant}: there is no ${relative(ROOT, file)}; make bench-models makes it`);
        continue;
      }
      const url = `/${folder === values.models ? "bench-models" : "models"}/${network}.${variant}.onnx`;
      found.push({ network, variant, url, manifest: await manifestOf(file, variant) });
    }
  }
  return found;
}

/**
 * Engines agree on a network with ONNX Runtime, or else with the first: float ones to rounding, quantised ones to the
 * steps of the quantisation.
 */
function check(contenders) {
  for (const variant of ["f32", "int8"]) {
    const its = contenders.filter(({ model, batch }) => model.variant === variant && batch === 1);
    const reference = its.find(({ engine }) => engine.kind === "onnxruntime") ?? its[0];
    if (reference === undefined) continue;
    const scale = Math.max(...reference.logits.map(Math.abs), 0.1);
    const tolerance = variant === "f32" ? 1e-3 * scale : 0.05 * scale;
    for (const { engine, model, logits } of contenders.filter(({ model }) => model.variant === variant)) {
      const difference = Math.max(...reference.logits.map((logit, at) => Math.abs(logit - logits[at])));
      assert.ok(
        difference <= tolerance,
        `${engine.name}, ${model.network} ${variant}: logits ${logits.slice(0, 2)}, not ${reference.logits}`,
      );
    }
  }
}

async function measure(browser, origin, network, models) {
  const contenders = [];
  for (const model of models) {
    for (const engine of ENGINES) {
      if (engine.variants !== undefined && !engine.variants.includes(model.variant)) continue;
      const file = join(values.models, `${network}.${model.variant}.${engine.form}`);
      if (engine.form !== undefined && !existsSync(file)) {
        console.log(`SKIPPED ${engine.name}, ${network}: there is no ${relative(ROOT, file)}; make bench-models makes it`);
        continue;
      }
      if (!existsSync(join(ROOT, engine.module))) {
        console.log(`SKIPPED ${engine.name}: ${engine.module.slice(1)} is not there; benches/peers/README.md`);
        continue;
      }
      for (const batch of engine.batches ? [1, BATCH] : [1]) {
        contenders.push(await open(browser, origin, engine, model, batch));
      }
    }
  }
  check(contenders);
  for (let index = 0; index < Number(values.rounds); index++) {
    for (const contender of contenders) contender.times.push(...(await turn(contender.page)));
  }
  const results = contenders.map(({ engine, model, batch, about, times }) => ({
    engine: engine.name,
    about,
    network,
    variant: model.variant,
    threads: engine.threads ?? 1,
    batch,
    ms_per_patch: round(quantile(times, 0.5)),
    least: round(quantile(times, 0)),
    quartiles: [round(quantile(times, 0.25)), round(quantile(times, 0.75))],
    gmac_per_s: round(MACS[network] / quantile(times, 0.5) / 1e6),
    calls: times.length,
  }));
  for (const { page } of contenders) await page.close();
  return results;
}

/** How many times faster ours is than the best that `others` selects. */
function ratio(results, ours, others) {
  const best = Math.min(...results.filter(others).map(({ ms_per_patch: ms }) => ms));
  return Number.isFinite(best) ? round(best / ours.ms_per_patch) : null;
}

/** The best form of the dot product, in GMAC/s; null where `make bench-peers` has not built it. */
async function measureCeiling(browser, origin) {
  const url = "/target/bench-kernels/wasm32-unknown-unknown/release/kernel_bench.wasm";
  if (!existsSync(join(ROOT, url))) {
    console.log("SKIPPED the ceiling: benches/kernels is not built");
    return null;
  }
  const page = await browser.newPage();
  await page.goto(origin);
  const rates = await page.evaluate(async ({ url, module }) => (await import(module)).ceiling(url), {
    url,
    module: `/${here}/engines.mjs`,
  });
  await page.close();
  return round(Math.max(...Object.values(rates)));
}

const server = await serve(values.models);
const origin = `http://127.0.0.1:${server.address().port}/`;
const browser = await launch();
try {
  const load = loadNow();
  const all = await models();
  const results = [];
  const ceiling = await measureCeiling(browser, origin);
  for (const network of Object.keys(MACS)) {
    const its = all.filter((model) => model.network === network);
    if (its.length > 0) results.push(...(await measure(browser, origin, network, its)));
  }
  for (const { engine, network, variant, batch, ms_per_patch: ms, quartiles, gmac_per_s: rate } of results) {
    const what = `${network} ${variant}`.padEnd(20);
    console.log(`${what} ${engine.padEnd(28)} batch ${String(batch).padEnd(2)} ${ms} ms (${quartiles.join("–")}), ${rate} GMAC/s`);
  }
  const summary = {};
  for (const network of new Set(results.map((result) => result.network))) {
    const its = results.filter((result) => result.network === network && result.threads === 1);
    for (const build of ["relaxed", "simd128"]) {
      const ours = its.find(({ engine, variant }) => engine === `Histoscope, ${build}` && variant === "int8");
      if (ours === undefined) continue;
      summary[`${network} ${build}`] = {
        ms_per_patch: ours.ms_per_patch,
        vs_ort_web: ratio(its, ours, ({ engine }) => engine.startsWith("onnxruntime")),
        vs_tract: ratio(its, ours, ({ engine }) => engine === "tract"),
        vs_mediapipe: ratio(its, ours, ({ engine }) => engine.startsWith("LiteRT")),
        // The ceiling is the best of many calls, and so is this: both on a processor that nobody else uses.
        peak_fraction: ceiling && round(MACS[network] / ours.least / 1e6 / ceiling),
      };
    }
  }
  const machine = machineOf(browser, load);
  await mkdir(dirname(values.out), { recursive: true });
  await writeFile(values.out, `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), machine, ceiling_gmac_per_s: ceiling, summary, results }, null, 1)}\n`);
  const line = summary["lite0-whole relaxed"] ?? summary["histoscope-v0 relaxed"];
  assert.ok(line !== undefined, "no build of Histoscope was measured: make wasm");
  console.log(Object.entries(line).map(([key, value]) => `${key}=${value}`).join(" "));
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
