// Runs the kernel micro-benchmark in headless Chromium and prints one table a build.
//   node run.mjs [--json out.json] name=module.wasm ...      (CHROMIUM_PATH: of the browser)
// Each call of a layer is timed alone; median and least are printed. All builds and layers take turns within a
// round, so that whatever else the machine does meets all of them alike. On a busy machine the least is the
// time that the code takes and the median tells how busy the machine was.
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";

// Playwright is the page's.
const { chromium } = createRequire(join(import.meta.dirname, "..", "..", "www", "package.json"))("@playwright/test");

const args = process.argv.slice(2);
const jsonAt = args.indexOf("--json");
const jsonPath = jsonAt < 0 ? null : args.splice(jsonAt, 2)[1];
const modules = await Promise.all(args.map(async (arg) => {
  const [name, path] = arg.split("=");
  return { name, base64: (await readFile(path)).toString("base64") };
}));

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
// Cross-origin isolation makes the clock's steps 5 microseconds instead of 100.
await page.route("http://localhost/", (route) => route.fulfill({
  contentType: "text/html",
  headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
  body: "<!doctype html><title>kernels</title>",
}));
await page.goto("http://localhost/");
const results = await page.evaluate(async (modules) => {
  const ROUNDS = 12, SLICE_MS = 8;
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const builds = [];
  for (const { name, base64 } of modules) {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const { instance: { exports } } = await WebAssembly.instantiate(bytes, {});
    const text = (at, length) => new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at, length));
    const tasks = Array.from({ length: exports.layers() }, (_, i) => ({
      name: text(exports.name_ptr(i), exports.name_len(i)), macs: exports.macs(i), run: (n) => exports.run_layer(i, n), ms: [],
    }));
    tasks.push({ name: "network", macs: tasks.reduce((sum, t) => sum + t.macs, 0), run: (n) => exports.run_network(n), ms: [] });
    for (const [key, perDot] of [["ceiling_pairs", 8], ["ceiling_fused", 16], ["ceiling_split", 16]])
      if (exports[key]) tasks.push({ name: key, macs: 40 * perDot * 20000, run: (n) => exports[key](n * 20000), ms: [] });
    builds.push({ name, tasks, logit: exports.run_network(1) });
    for (let i = 0; i < 20; i++) exports.run_network(1);      // tier up
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (let round = 0; round < ROUNDS; round++) for (const { tasks } of builds) for (const task of tasks) {
    const end = performance.now() + SLICE_MS;
    let now = performance.now();
    do {
      task.run(1);
      const before = now;
      now = performance.now();
      task.ms.push(now - before);
    } while (now < end);
  }
  return builds.map(({ name, logit, tasks }) => ({
    name, logit,
    tasks: tasks.map(({ name, macs, ms }) => ({ name, macs, ms: median(ms), least: ms.reduce((a, b) => Math.min(a, b)), calls: ms.length })),
  }));
}, modules);
const version = browser.version();
await browser.close();

for (const { name, logit, tasks } of results) {
  console.log(`\n${name}, Chromium ${version}, logit ${logit}`);
  const merged = new Map();
  for (const task of tasks) {
    const row = merged.get(task.name) ?? { count: 0, macs: 0, ms: 0, least: 0 };
    merged.set(task.name, { count: row.count + 1, macs: row.macs + task.macs, ms: row.ms + task.ms, least: row.least + task.least });
  }
  const total = tasks.find((task) => task.name === "network");
  for (const [layer, { count, macs, ms, least }] of merged) {
    const rate = (time) => (macs / time / 1e6).toFixed(1).padStart(6);
    console.log(`${layer.padEnd(24)} x${count} ${(macs / 1e6).toFixed(2).padStart(8)} MMAC ${ms.toFixed(3).padStart(8)} ms ${rate(ms)} GMAC/s  best ${least.toFixed(3).padStart(8)} ms ${rate(least)}`);
  }
  const layers = tasks.slice(0, tasks.indexOf(total));
  console.log(`sum of layers ${layers.reduce((sum, t) => sum + t.ms, 0).toFixed(2)} ms, best ${layers.reduce((sum, t) => sum + t.least, 0).toFixed(2)} ms; network ${total.ms.toFixed(2)} ms, best ${total.least.toFixed(2)} ms`);
}
if (jsonPath) {
  const machine = { processor: cpus()[0]?.model, cores: cpus().length, load: loadavg()[0], browser: version };
  await writeFile(jsonPath, `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), machine, builds: results }, null, 1)}\n`);
}
