// How long a picture takes when 1, 4 or 16 of them pass each layer together, in headless Chromium.
//   node batches.mjs name=module.wasm ...      (CHROMIUM_PATH: of the browser; BATCHES: others than 1,4,16)
// Processor time of the page's process, not time on the clock: what else the machine does then counts only by what it
// evicts from the caches. Batches and builds take turns; the least and the median of the rounds are printed.
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const { chromium } = createRequire(join(import.meta.dirname, "..", "..", "www", "package.json"))("@playwright/test");
const PICTURES = 48, ROUNDS = 8;
const batches = (process.env.BATCHES ?? "1,4,16").split(",").map(Number);

/** Whether a process was started by this one, or by one that it started. */
async function isOurs(pid) {
  for (let ancestor = pid; ancestor > 1;) {
    if (ancestor === process.pid) return true;
    // Behind the name, which may have blanks: state, parent.
    ancestor = Number((await readFile(`/proc/${ancestor}/stat`, "utf8")).split(") ").at(-1).split(" ")[1]);
  }
  return false;
}

/** Seconds that the threads of our busiest renderer have run. */
async function processorTime() {
  let most = 0;
  for (const pid of (await readdir("/proc")).map(Number).filter(Number.isInteger)) {
    try {
      const isRenderer = (await readFile(`/proc/${pid}/cmdline`, "utf8")).includes("--type=renderer");
      if (!isRenderer || !(await isOurs(pid))) continue;
      let sum = 0;
      for (const thread of await readdir(`/proc/${pid}/task`))
        sum += Number((await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8")).split(" ")[0]);
      most = Math.max(most, sum);
    } catch {
      // It has ended meanwhile.
    }
  }
  return most / 1e9;
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
const runs = [];
for (const arg of process.argv.slice(2)) {
  const [name, path] = arg.split("=");
  const base64 = (await readFile(path)).toString("base64");
  for (const batch of batches) {
    const index = await page.evaluate(async ({ base64, batch }) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const { instance: { exports } } = await WebAssembly.instantiate(bytes, {});
      if (exports.choose_batch) exports.choose_batch(batch);
      for (let i = 0; i < 24 / batch; i++) exports.run_network(1);      // tier up
      globalThis.instances = [...(globalThis.instances ?? []), exports];
      return globalThis.instances.length - 1;
    }, { base64, batch });
    runs.push({ name, batch, index, ms: [] });
  }
}
for (let round = 0; round < ROUNDS; round++) for (const run of runs) {
  const before = await processorTime();
  const times = PICTURES / run.batch;
  run.logit = await page.evaluate(({ index, times }) => globalThis.instances[index].run_network(times), { ...run, times });
  run.ms.push((1000 * (await processorTime() - before)) / PICTURES);
}
console.log(`Chromium ${browser.version()}, ms a picture, least and median of ${ROUNDS} rounds`);
for (const { name, batch, ms, logit } of runs) {
  const sorted = ms.toSorted((a, b) => a - b);
  console.log(`${name.padEnd(16)} x${String(batch).padEnd(3)} ${sorted[0].toFixed(2)} ${sorted[ROUNDS >> 1].toFixed(2)}  logit ${logit}`);
}
await browser.close();
