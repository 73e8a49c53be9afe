// Measures the built page: milliseconds from dropping an image on it to its final report.
//
//   npm run bench -- [--runs 7] [--image PATH] [--out FILE]
//
// The image has more than 25 patches, of which 25 are looked at. Prints one JSON line: for each precision, with 1 and
// with 2 workers, the first image after a second of rest, then median, least and greatest of the runs with the medians
// of the report's own times for decoding, screen and inference, and the time of an image in a folder of twelve; with
// them browser, processor and load, without which the figures say little. Fails if a run gives another report than the
// first.

import { strict as assert } from "node:assert";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { drop, machine, openPage, spread, takeReport, VERDICT, WWW, withSite } from "./site.mjs";

/** Images of a folder, whose diagnosis over all of them is waited for. */
const FOLDER = 12;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "7" },
    image: { type: "string", default: join(WWW, "public", "demo", "synthetic-nests.jpg") },
    out: { type: "string" },
  },
});

/**
 * @param {import("./site.mjs").Site} site
 * @param {{ base64: string, name: string }} image
 * @param {string} precision
 * @param {number} workers
 */
async function measure(site, image, precision, workers) {
  const page = await openPage(site, `?precision=${precision}&workers=${workers}`);
  /** @type {number[]} */
  const times = [];
  /** @type {Record<"decode" | "screen" | "inference", number[]>} */
  const stages = { decode: [], screen: [], inference: [] };
  let first = "";
  let firstTime = 0;
  for (let run = 0; run <= Number(values.runs); run++) {
    const time = await page.evaluate(drop, { ...image, copies: 1, shown: VERDICT });
    const { timings_ms: timings, ...report } = await takeReport(page);
    assert.equal(report.num_patches, 25);
    first ||= JSON.stringify(report);
    assert.equal(JSON.stringify(report), first, "every run gives the same report");
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

await withSite(async (site) => {
  const image = { base64: (await readFile(values.image)).toString("base64"), name: basename(values.image) };
  const before = machine(site);
  /** @type {Record<string, object>} */
  const milliseconds = {};
  for (const precision of ["int8", "f32"]) {
    for (const workers of [1, 2]) {
      const what = `${precision}, ${workers} worker${workers > 1 ? "s" : ""}`;
      milliseconds[what] = await measure(site, image, precision, workers);
    }
  }
  const result = {
    image: image.name,
    patches: 25,
    runs: Number(values.runs),
    milliseconds,
    machine: before,
  };
  if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify(result, null, 1)}\n`);
  console.log(JSON.stringify(result));
});
