// Measures how much of a picture a reader still sees under its map: the built page in Chromium, its two canvases.
//
//   npm run bench:veil -- [--out FILE] [PICTURE...]
//
// Of each picture (the drawn demos, if none is named) with each kind of map: the share of pixels that are as they were,
// the local contrast that is left (the standard deviation of luminance in blocks of 8 x 8 pixels of the screen, against
// that of the picture alone, over blocks with any), and SSIM (Wang et al. 2004, on the same blocks).

import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { machine, openPage, VERDICT, WWW, withSite } from "./site.mjs";

const DEMOS = ["synthetic-nests.jpg", "synthetic-ducts.jpg", "synthetic-fat.jpg"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: "string", default: join(WWW, "..", "benches", "results", "veil.json") } },
});
const pictures =
  positionals.length > 0 ? positionals : DEMOS.map((name) => join(WWW, "public", "demo", name));

/** Every patch votes, so that maps are as full as they get. */
const KINDS = {
  "outline (default)": "?screen=off&map=outline",
  "colour, default opacity": "?screen=off&map=patches",
  "colour at 50 %, as it was": "?screen=off&map=patches&opacity=0.5",
  "within patches": "?screen=off&map=detail",
};

/** What is left of the picture in the viewer. Runs in the page. */
function seen() {
  const SIDE = 8;
  const [base, map] = ["picture", "map"].map((name) => document.querySelector(`.stage-${name}`));
  if (!(base instanceof HTMLCanvasElement) || !(map instanceof HTMLCanvasElement)) throw new Error("none");
  const { width, height } = base;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("no canvas");
  const pixels = () => context.getImageData(0, 0, width, height).data;
  context.drawImage(base, 0, 0);
  const plain = pixels();
  context.drawImage(map, 0, 0);
  const shown = pixels();
  const light = (/** @type {Uint8ClampedArray} */ from, /** @type {number} */ at) =>
    0.299 * (from[at] ?? 0) + 0.587 * (from[at + 1] ?? 0) + 0.114 * (from[at + 2] ?? 0);
  let [same, all, contrast, textured, ssim, blocks] = [0, 0, 0, 0, 0, 0];
  for (let top = 0; top + SIDE <= height; top += SIDE) {
    for (let left = 0; left + SIDE <= width; left += SIDE) {
      let [a, b, aa, bb, ab, inside] = [0, 0, 0, 0, 0, 0];
      for (let row = 0; row < SIDE; row++) {
        for (let column = 0; column < SIDE; column++) {
          const at = 4 * ((top + row) * width + left + column);
          if (plain[at + 3] !== 255) continue;
          inside++;
          const [x, y] = [light(plain, at), light(shown, at)];
          if ([0, 1, 2].every((channel) => plain[at + channel] === shown[at + channel])) same++;
          a += x;
          b += y;
          aa += x * x;
          bb += y * y;
          ab += x * y;
        }
      }
      all += inside;
      // Beside the picture there is nothing to see.
      if (inside < SIDE * SIDE) continue;
      const [x, y] = [a / inside, b / inside];
      const [vx, vy, vxy] = [aa / inside - x * x, bb / inside - y * y, ab / inside - x * y];
      blocks++;
      ssim += ((2 * x * y + 6.5025) * (2 * vxy + 58.5225)) / ((x * x + y * y + 6.5025) * (vx + vy + 58.5225));
      // Bare glass has no contrast that could be lost.
      if (vx < 4) continue;
      textured++;
      contrast += Math.min(1, Math.sqrt(Math.max(0, vy) / vx));
    }
  }
  const round = (/** @type {number} */ share) => Math.round(1000 * share) / 1000;
  return { same: round(same / all), contrast: round(contrast / textured), ssim: round(ssim / blocks) };
}

await withSite(async (site) => {
  const rows = [];
  for (const [kind, query] of Object.entries(KINDS)) {
    const page = await openPage(site, query);
    for (const picture of pictures) {
      await page.getByLabel("Image files").setInputFiles(picture);
      await page.locator(VERDICT).waitFor();
      // The picture is decoded and the map painted by then, each in a frame of its own.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 500))));
      const row = { picture: basename(picture), kind, ...(await page.evaluate(seen)) };
      rows.push(row);
      console.log(JSON.stringify(row));
      await page.getByRole("button", { name: "Clear" }).click();
    }
    await page.close();
  }
  const text = JSON.stringify({ machine: machine(site), rows }, null, 1);
  await writeFile(values.out, `${text}\n`);
});
