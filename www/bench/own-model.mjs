// Measures a person's own model in the built page: milliseconds from dropping an image to its final report.
//
//   npm run bench:own-model -- --model FILE.onnx --manifest FILE.json [--workers 2] [--runs 5]
//
// Both files are chosen in the page and confirmed there. The image has more than 25 patches, of which 25 are looked
// at. Prints one JSON line: what the page found in the file, how long it took until it was ready, the first image, then
// median, least and greatest of the runs. Fails if a run gives another report than the first.

import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { drop, machine, openPage, spread, takeReport, VERDICT, WWW, withSite } from "./site.mjs";

/** A model of a hundred megabytes is typed, packed and tried in each worker. */
const PATIENCE_MS = 180_000;

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    manifest: { type: "string" },
    workers: { type: "string", default: "2" },
    runs: { type: "string", default: "5" },
    image: { type: "string", default: join(WWW, "public", "demo", "synthetic-nests.jpg") },
  },
});
assert.ok(values.model !== undefined && values.manifest !== undefined, "give --model and --manifest");
const files = [values.model, values.manifest];

await withSite(async (site) => {
  const image = { base64: (await readFile(values.image)).toString("base64"), name: basename(values.image) };
  const page = await openPage(site, `?workers=${values.workers}`);
  page.setDefaultTimeout(PATIENCE_MS);
  const chosen = performance.now();
  await page.getByLabel("Image files").setInputFiles(files);
  const dialog = page.getByRole("dialog");
  const layers = await dialog.getByText(/fast int8/).innerText();
  await dialog.getByRole("button", { name: "Use this model" }).click();
  await page.getByText(/^Your own model, .* is in use\.$/).waitFor();
  await page.getByText("Ready, all loaded").waitFor();
  const ready = Math.round(performance.now() - chosen);

  /** @type {number[]} */
  const times = [];
  let first = "";
  for (let run = 0; run <= Number(values.runs); run++) {
    times.push(await page.evaluate(drop, { ...image, copies: 1, shown: VERDICT }));
    const { timings_ms: _, ...report } = await takeReport(page);
    assert.equal(report.num_patches, 25);
    first ||= JSON.stringify(report);
    assert.equal(JSON.stringify(report), first, "every run gives the same report");
  }
  const [cold, ...warm] = times;
  const result = {
    model: basename(files[0] ?? ""),
    layers,
    workers: Number(values.workers),
    patches: 25,
    ready,
    first: Math.round(cold ?? 0),
    ...spread(warm),
    machine: machine(site),
  };
  console.log(JSON.stringify(result));
});
