// Draws how the time of an image grows: with patches, with workers, with megapixels, with the size of a batch.
//
//   npm run bench:curves -- [--runs 3] [--out FOLDER]
//
// Images are the demo field, tiled in the browser to the size that is wanted and saved as JPEG. Writes curves.json and one
// SVG a curve. Each point is the median of the runs after one that does not count, and every report has to have the
// patches that were asked for.

import { strict as assert } from "node:assert";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drop, machine, openPage, spread, takeReport, VERDICT, WWW, withSite } from "./site.mjs";
import { makePicture } from "./study-page.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    out: { type: "string", default: join(WWW, "..", "benches", "results") },
  },
});

/** @typedef {{ x: number, median: number, least: number, greatest: number }} Point */
/** @typedef {{ title: string, unit: string, logarithmic: boolean, lines: Record<string, Point[]> }} Curve */

const PATCHES = [1, 5, 10, 25, 50, 100, 200];
const MEGAPIXELS = [0.3, 1, 3, 10, 30, 100];
const BATCHES = [1, 2, 4, 8, 16, 32];
const WORKERS = Array.from({ length: cpus().length }, (_, index) => index + 1);

/**
 * @param {import("./site.mjs").Site} site
 * @param {number} width
 * @param {number} height
 */
async function picture(site, width, height) {
  const page = await site.browser.newPage();
  await page.goto(site.url);
  const base64 = String(
    await page.evaluate(makePicture, { from: "demo/synthetic-nests.jpg", width, height }),
  );
  await page.close();
  return { base64, name: `tiled-${width}x${height}.jpg`, copies: 1, shown: VERDICT };
}

/**
 * @param {import("./site.mjs").Site} site
 * @param {Awaited<ReturnType<typeof picture>>} image
 * @param {number} patches
 * @param {number} workers
 * @param {number} x
 * @param {number} [batch]
 * @returns {Promise<Point>}
 */
async function point(site, image, patches, workers, x, batch = 16) {
  const page = await openPage(site, `?max_patches=${patches}&workers=${workers}&batch_size=${batch}`);
  const times = [];
  for (let run = 0; run <= Number(values.runs); run++) {
    const time = await page.evaluate(drop, image);
    const report = await takeReport(page);
    assert.equal(report.num_patches, Math.min(patches, report.grid.total_patches));
    if (run > 0) times.push(time);
  }
  await page.close();
  return { x, ...spread(times) };
}

/** @param {number} number */
const label = (number) => (number >= 1000 ? `${number / 1000} s` : `${number} ms`);

/**
 * A plain line chart: logarithmic time, a legend in the lines' colours.
 * @param {Curve} curve
 */
function svg({ title, unit, logarithmic, lines }) {
  const [width, height, left, bottom, top, right] = [640, 360, 64, 48, 40, 24];
  const points = Object.values(lines).flat();
  const scale = (/** @type {number} */ value) => (logarithmic ? Math.log10(value) : value);
  const xs = points.map(({ x }) => scale(x));
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const ys = points.map(({ median }) => Math.log10(median));
  const [floor, ceiling] = [Math.floor(Math.min(...ys) * 3) / 3, Math.ceil(Math.max(...ys) * 3) / 3];
  const px = (/** @type {number} */ x) =>
    left + ((scale(x) - low) / (high - low || 1)) * (width - left - right);
  const py = (/** @type {number} */ ms) =>
    height - bottom - ((Math.log10(ms) - floor) / (ceiling - floor || 1)) * (height - top - bottom);
  const colours = ["#1f6fb4", "#d9691a", "#2e8540", "#7a3e9d"];
  const ticks = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].filter(
    (ms) => Math.log10(ms) >= floor && Math.log10(ms) <= ceiling,
  );
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${title}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${left}" y="22" font-size="14" font-weight="600">${title}</text>`,
    ...ticks.flatMap((ms) => [
      `<line x1="${left}" x2="${width - right}" y1="${py(ms).toFixed(1)}" y2="${py(ms).toFixed(1)}" stroke="#ddd"/>`,
      `<text x="${left - 8}" y="${(py(ms) + 4).toFixed(1)}" text-anchor="end">${label(ms)}</text>`,
    ]),
    ...[...new Set(points.map(({ x }) => x))].map(
      (x) => `<text x="${px(x).toFixed(1)}" y="${height - bottom + 20}" text-anchor="middle">${x}</text>`,
    ),
    `<text x="${width - right}" y="${height - 8}" text-anchor="end">${unit}</text>`,
  ];
  Object.entries(lines).forEach(([name, line], index) => {
    const colour = colours[index % colours.length];
    const path = line.map(({ x, median }) => `${px(x).toFixed(1)},${py(median).toFixed(1)}`).join(" ");
    parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const { x, median, least, greatest } of line) {
      parts.push(
        `<line x1="${px(x).toFixed(1)}" x2="${px(x).toFixed(1)}" y1="${py(least).toFixed(1)}" y2="${py(greatest).toFixed(1)}" stroke="${colour}"/>`,
        `<circle cx="${px(x).toFixed(1)}" cy="${py(median).toFixed(1)}" r="3" fill="${colour}"/>`,
      );
    }
    const last = line.at(-1);
    if (last === undefined) return;
    parts.push(
      `<text x="${px(last.x).toFixed(1)}" y="${(py(last.greatest) - 8).toFixed(1)}" text-anchor="end" fill="${colour}">${name}</text>`,
    );
  });
  return `${parts.join("\n")}\n</svg>\n`;
}

await withSite(async (site) => {
  const before = machine(site);
  const workerName = (/** @type {number} */ workers) => `${workers} worker${workers > 1 ? "s" : ""}`;
  /** @type {Record<"patches" | "workers" | "megapixels" | "batches", Curve>} */
  const curves = {
    patches: { title: "Drop to report, 10 megapixels", unit: "patches", logarithmic: true, lines: {} },
    workers: { title: "Drop to report, 10 megapixels", unit: "workers", logarithmic: false, lines: {} },
    megapixels: { title: "Drop to report, 25 patches", unit: "megapixels", logarithmic: true, lines: {} },
    batches: {
      title: "Drop to report, 10 megapixels, 100 patches",
      unit: "patches in a batch",
      logarithmic: true,
      lines: {},
    },
  };
  const add = (/** @type {Curve} */ { lines }, /** @type {string} */ line, /** @type {Point} */ measured) => {
    lines[line] = [...(lines[line] ?? []), measured];
  };
  const large = await picture(site, 4480, 2240);
  for (const patches of PATCHES) {
    for (const workers of WORKERS) {
      const measured = await point(site, large, patches, workers, patches);
      add(curves.patches, workerName(workers), measured);
      if (patches === 25 || patches === 200) {
        add(curves.workers, `${patches} patches`, { ...measured, x: workers });
      }
    }
  }
  const most = WORKERS.at(-1) ?? 1;
  for (const megapixels of MEGAPIXELS) {
    const height = Math.round(Math.sqrt((megapixels * 1e6) / 1.5));
    const image = await picture(site, Math.round(1.5 * height), height);
    add(curves.megapixels, workerName(most), await point(site, image, 25, most, megapixels));
  }
  for (const batch of BATCHES) {
    for (const workers of WORKERS) {
      add(curves.batches, workerName(workers), await point(site, large, 100, workers, batch, batch));
    }
  }
  await mkdir(values.out, { recursive: true });
  await writeFile(
    join(values.out, "curves.json"),
    `${JSON.stringify({ machine: before, curves }, null, 1)}\n`,
  );
  for (const [name, curve] of Object.entries(curves))
    await writeFile(join(values.out, `${name}.svg`), svg(curve));
  for (const { unit, lines } of Object.values(curves)) {
    for (const [name, line] of Object.entries(lines)) {
      console.log(`${unit}, ${name}: ${line.map(({ x, median }) => `${x}: ${median} ms`).join(", ")}`);
    }
  }
});
