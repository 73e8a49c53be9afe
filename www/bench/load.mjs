// Measures how long the built page takes to be ready: from navigation to an engine that has the model open.
//
//   npm run bench:load -- [--runs 9]
//
// Each run has a browser context of its own, with nothing cached, and the local static server. Prints one JSON line:
// median, least and greatest milliseconds to the first paint and to ready.

import { strict as assert } from "node:assert";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { chromiumLaunch } from "../e2e/chromium.mjs";
import { staticServer } from "../serve.mjs";

const { values } = parseArgs({ options: { runs: { type: "string", default: "9" } } });

/** @param {number[]} numbers */
function spread(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b).map(Math.round);
  return { median: sorted[sorted.length >> 1], least: sorted[0], greatest: sorted.at(-1) };
}

/** Runs in the page, from before its own scripts on: notes when the badge says that the engine is ready. */
function watch() {
  new MutationObserver((_, observer) => {
    if (!/\bReady\b/.test(document.body?.textContent ?? "")) return;
    observer.disconnect();
    performance.mark("engine-ready");
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

const server = staticServer(join(import.meta.dirname, "..", "dist"));
await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
const address = server.address();
const browser = await chromium.launch(chromiumLaunch());
try {
  /** @type {{ paint: number, ready: number }[]} */
  const runs = [];
  // The first one warms the browser itself up and does not count.
  for (let run = 0; run <= Number(values.runs); run++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(watch);
    await page.goto(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`);
    await page.waitForFunction(() => performance.getEntriesByName("engine-ready").length > 0);
    const times = await page.evaluate(() => ({
      paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
      ready: performance.getEntriesByName("engine-ready")[0]?.startTime ?? Number.NaN,
    }));
    assert.ok(times.ready > 0);
    if (run > 0) runs.push(times);
    await context.close();
  }
  const machine = { browser: browser.version(), processor: cpus()[0]?.model, cores: cpus().length };
  console.log(
    JSON.stringify({
      runs: runs.length,
      first_paint_ms: spread(runs.map(({ paint }) => paint)),
      ready_ms: spread(runs.map(({ ready }) => ready)),
      machine,
    }),
  );
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
