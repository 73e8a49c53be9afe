// Measures the built page: milliseconds from dropping an image on it to its final report.
//
//   npm run bench -- [--runs 7] [--image PATH]
//
// The image has more than 25 patches, of which 25 are looked at. Prints one JSON line: for each precision, with 1 and
// with 2 workers, the median, least and greatest of the runs and the median of the report's own inference time; with
// them browser, processor and load, without which the figures say little. Fails if a run gives another report than
// the first.

import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { chromiumLaunch } from "../e2e/chromium.mjs";
import { staticServer } from "../serve.mjs";

const WWW = join(import.meta.dirname, "..");

const PAUSE_MS = 1000;
/** Images of a folder, whose diagnosis over all of them is waited for. */
const FOLDER = 12;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "7" },
    image: { type: "string", default: join(WWW, "public", "demo", "synthetic-nests.jpg") },
  },
});

/** @param {number[]} numbers */
function spread(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) =>
    Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return { median: at(0.5), least: at(0), greatest: at(1) };
}

/**
 * Drops copies of the image and waits for what `shown` selects; in the page, so that no call of ours is measured.
 * @param {{ base64: string, name: string, copies: number, shown: string }} image
 */
async function drop({ base64, name, copies, shown: selector }) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const data = new DataTransfer();
  for (let copy = 0; copy < copies; copy++) data.items.add(new File([bytes], name));
  const shown = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector(selector) === null) return;
      observer.disconnect();
      resolve(performance.now());
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
  const start = performance.now();
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  return Number(await shown) - start;
}

/**
 * @param {import("@playwright/test").Browser} browser
 * @param {string} url
 * @param {{ base64: string, name: string }} image
 * @param {string} precision
 * @param {number} workers
 */
async function measure(browser, url, image, precision, workers) {
  const page = await browser.newPage();
  await page.goto(`${url}?precision=${precision}&workers=${workers}`);
  await page.getByText("Ready, offline too").waitFor();
  // Nobody drops an image in the first second; the page uses it to warm up.
  await page.waitForTimeout(PAUSE_MS);
  /** @type {number[]} */
  const times = [];
  /** @type {Record<"decode" | "screen" | "inference", number[]>} */
  const stages = { decode: [], screen: [], inference: [] };
  let first = "";
  let firstTime = 0;
  for (let run = 0; run <= Number(values.runs); run++) {
    const time = await page.evaluate(drop, { ...image, copies: 1, shown: ".verdict-word" });
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download report (JSON)" }).click();
    const { timings_ms: timings, ...report } = JSON.parse(
      await readFile(await (await download).path(), "utf8"),
    );
    assert.equal(report.num_patches, 25);
    first ||= JSON.stringify(report);
    assert.equal(JSON.stringify(report), first, "every run gives the same report");
    await page.getByRole("button", { name: "Clear" }).click();
    // The first run is a time of its own: the browser may still compile the engine's faster code.
    if (run === 0) firstTime = Math.round(time);
    else {
      times.push(time);
      stages.decode.push(timings.decode);
      stages.screen.push(timings.screen);
      stages.inference.push(timings.inference);
    }
  }
  /** @type {number[]} */
  const folders = [];
  for (let run = 0; run < 3; run++) {
    folders.push(await page.evaluate(drop, { ...image, copies: FOLDER, shown: "#together-title" }));
    await page.getByRole("button", { name: "Clear" }).click();
  }
  await page.close();
  return {
    first: firstTime,
    ...spread(times),
    decode: spread(stages.decode).median,
    screen: spread(stages.screen).median,
    inference: spread(stages.inference).median,
    of_folder: Math.round(spread(folders).median / FOLDER),
  };
}

const server = staticServer(join(WWW, "dist"));
await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
const address = server.address();
const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
const browser = await chromium.launch(chromiumLaunch());
try {
  const image = { base64: (await readFile(values.image)).toString("base64"), name: basename(values.image) };
  const load = loadavg()[0];
  /** @type {Record<string, object>} */
  const milliseconds = {};
  for (const precision of ["int8", "f32"]) {
    for (const workers of [1, 2]) {
      milliseconds[`${precision}, ${workers} worker${workers > 1 ? "s" : ""}`] = await measure(
        browser,
        url,
        image,
        precision,
        workers,
      );
    }
  }
  const machine = { browser: browser.version(), processor: cpus()[0]?.model, cores: cpus().length, load };
  console.log(
    JSON.stringify({ image: image.name, patches: 25, runs: Number(values.runs), milliseconds, machine }),
  );
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
