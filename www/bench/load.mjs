// Measures how long the built page takes to be ready: from navigation to an engine that has the model open.
//
//   npm run bench:load -- [--runs 9]
//
// Each run has a browser context of its own, with nothing cached, and the local static server. Prints one JSON line:
// median, least and greatest milliseconds to the first paint, to ready, which is when an image would be looked at, and to
// the moment from which the page needs no network.

import { strict as assert } from "node:assert";
import { parseArgs } from "node:util";
import { machine, spread, withSite } from "./site.mjs";

const { values } = parseArgs({ options: { runs: { type: "string", default: "9" } } });

/** Runs in the page, from before its own scripts on: notes when the badge says that the engine is ready. */
function watch() {
  new MutationObserver((_, observer) => {
    // Of the badge alone: in the text of the page its words run into those that follow.
    const badge = document.querySelector(".status")?.textContent ?? "";
    if (/^Ready/.test(badge) && performance.getEntriesByName("engine-ready").length === 0) {
      performance.mark("engine-ready");
    }
    if (!badge.startsWith("Ready, all loaded")) return;
    observer.disconnect();
    performance.mark("offline-ready");
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

await withSite(async (site) => {
  /** @type {{ paint: number, ready: number, offline: number }[]} */
  const runs = [];
  // The first one warms the browser itself up and does not count.
  for (let run = 0; run <= Number(values.runs); run++) {
    const context = await site.browser.newContext({ locale: "en" });
    const page = await context.newPage();
    await page.addInitScript(watch);
    await page.goto(site.url);
    await page.waitForFunction(() => performance.getEntriesByName("offline-ready").length > 0);
    const times = await page.evaluate(() => ({
      paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
      ready: performance.getEntriesByName("engine-ready")[0]?.startTime ?? Number.NaN,
      offline: performance.getEntriesByName("offline-ready")[0]?.startTime ?? Number.NaN,
    }));
    assert.ok(times.ready > 0);
    if (run > 0) runs.push(times);
    await context.close();
  }
  console.log(
    JSON.stringify({
      runs: runs.length,
      first_paint_ms: spread(runs.map(({ paint }) => paint)),
      ready_ms: spread(runs.map(({ ready }) => ready)),
      offline_ms: spread(runs.map(({ offline }) => offline)),
      machine: machine(site),
    }),
  );
});
