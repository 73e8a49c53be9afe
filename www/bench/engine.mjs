// Measures one instance of the engine, without the page: how long it takes to be there, a patch, and its memory.
//
//   npm run bench:engine -- [--images 1000] [--image PATH] [--model histoscope-teaching]
//
// Prints one JSON line for each build: milliseconds to compile the module and to load the session (verify, parse, lower,
// pack), least and median milliseconds a patch once the browser runs its optimised code, and the megabytes of the
// instance's memory after the first, tenth, hundredth and last image, each decoded, screened, classified and reported.
// Fails if the memory still grows after the tenth.

import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { cpus } from "node:os";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { chromiumLaunch } from "../e2e/chromium.mjs";

const ROOT = join(import.meta.dirname, "..", "..");
const { values } = parseArgs({
  options: {
    images: { type: "string", default: "1000" },
    image: { type: "string", default: "www/public/demo/synthetic-nests.jpg" },
    model: { type: "string", default: "histoscope-v0" },
  },
});
const TYPES = new Map([
  [".js", "text/javascript"],
  [".wasm", "application/wasm"],
]);

/**
 * Runs in the page.
 * @param {{ build: string, model: string, image: string, images: number }} settings
 */
async function run({ build, model: name, image, images }) {
  const bytes = async (/** @type {string} */ path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const engine = await import(`/www/${build}/histoscope.js`);
  const compiling = performance.now();
  const module = await WebAssembly.compileStreaming(fetch(`/www/${build}/histoscope_bg.wasm`));
  const compiled = performance.now();
  const { memory } = await engine.default({ module_or_path: module });
  const manifest = new TextDecoder().decode(await bytes(`/models/${name}.json`));
  const model = await bytes(`/models/${name}.int8.onnx`);
  const loading = performance.now();
  const session = new engine.Session(model, manifest, "int8");
  const loaded = performance.now();

  const file = await bytes(image);
  const megabytes = () => memory.buffer.byteLength / 2 ** 20;
  /** @type {Record<string, number>} */
  const memoryAfter = {};
  const times = [];
  for (let done = 1; done <= images; done++) {
    const micrograph = session.decode(file, "image", "{}");
    const logits = [];
    const features = [];
    for (let voter = 0; voter < micrograph.voter_count; voter++) {
      const start = performance.now();
      const output = session.infer_voters(micrograph, voter, 1);
      times.push(performance.now() - start);
      logits.push(...output.logits);
      features.push(...output.features);
      output.free();
    }
    const timings = JSON.stringify({ decode: 0, screen: 0, inference: 0, total: 0 });
    // Takes the image and frees it.
    session.report(micrograph, new Float32Array(logits), new Float32Array(features), "", timings);
    if ([1, 10, 100, images].includes(done)) memoryAfter[done] = megabytes();
  }
  const steady = times.slice(times.length >> 1).sort((a, b) => a - b);
  return {
    kernels: JSON.parse(engine.engine_info()).kernels,
    compile: compiled - compiling,
    session: loaded - loading,
    patch: { first: times[0], least: steady[0], median: steady[steady.length >> 1] },
    memoryAfter,
  };
}

const server = createServer(async ({ url = "/" }, response) => {
  const { pathname } = new URL(url, "http://localhost");
  // The clock's steps are 100 microseconds without these, 5 with them.
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  if (pathname === "/") {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>engine</title>");
    return;
  }
  try {
    const body = await readFile(join(ROOT, pathname));
    response.setHeader("content-type", TYPES.get(extname(pathname)) ?? "application/octet-stream").end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
const address = server.address();
const browser = await chromium.launch(chromiumLaunch());
try {
  for (const build of ["pkg-relaxed", "pkg"]) {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`);
    const { model } = values;
    const settings = { build, model, image: `/${values.image}`, images: Number(values.images) };
    const result = await page.evaluate(run, settings);
    const { memoryAfter: memory } = result;
    const late = [...new Set([10, 100, settings.images].map((count) => memory[count]))].filter(Boolean);
    assert.ok(late.length <= 1, `the memory grows: ${JSON.stringify(memory)} MiB`);
    const machine = { browser: browser.version(), processor: cpus()[0]?.model, cores: cpus().length };
    console.log(JSON.stringify({ model, ...result, machine }));
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
