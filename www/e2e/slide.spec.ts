// Whole slides: opened without being read as a whole, looked at from coarse to fine, outlined, and judged.

import { readFile, writeFile } from "node:fs/promises";
import { check } from "@placemarkio/check-geojson";
import type { Page } from "@playwright/test";
import { findings, findingsInBothSchemes, NOTHING } from "./axe.ts";
import { choose, downloadReport, expect, fixture, look, open, rows, SMALL, test } from "./site.ts";
import { type SlideSpec, slide } from "./slides.ts";

const SVS: SlideSpec = { name: "drawn.svs", width: 8000, height: 6000, um: 0.25 };

const panel = (page: Page) => page.getByRole("region", { name: "Slide", exact: true });
const stage = (page: Page) => page.getByRole("region", { name: /Picture with the map/ });

test("a slide gets a first verdict, its map refines, and it is one image of its patient", async ({
  page,
  site,
}) => {
  await open(page, site);
  const path = await slide(page, SVS);
  await choose(page, path);
  await expect(panel(page).getByText(/^SVS, 8,000 × 6,000 pixels, 0\.25\sµm per pixel\./)).toBeVisible();
  const first = await downloadReport(page);
  expect(first).toMatchObject({
    filename: "drawn.svs",
    num_patches: 25,
    slide: { source: { format: "SVS", width: 8000, height: 6000 }, regions: [] },
  });
  // Where there is glass nothing was looked at.
  const { downsample = 0, candidates = 0 } = first.slide?.source ?? {};
  for (const { x, y, width } of first.patches) {
    const [middleX, middleY] = [x, y].map((place) => (place + width / 2) * downsample) as [number, number];
    expect(middleX).toBeGreaterThan(1900);
    expect(middleX).toBeLessThan(6100);
    expect(middleY).toBeGreaterThan(1400);
    expect(middleY).toBeLessThan(4600);
  }
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
  await look(page, "slide.png");

  await panel(page)
    .getByRole("button", { name: /^Look at all/ })
    .click();
  await expect(panel(page).getByRole("button", { name: /^Look at all/ })).toHaveCount(0);
  const all = await downloadReport(page);
  expect(all.num_patches).toBe(candidates);
  expect(all.sha256).toBe(first.sha256);
  await look(page, "slide-all.png");

  await choose(page, SMALL);
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByText("Mean over 2 images:")).toBeVisible();
});

test("close up there are tiles, a scale bar, and where in the slide that is", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  await choose(page, await slide(page, SVS));
  await expect(panel(page)).toBeVisible();
  await stage(page).focus();
  await page.keyboard.press("1");
  await expect(stage(page).locator(".slide-overview")).toBeVisible();
  await expect(stage(page).locator(".scale-bar")).toBeVisible();
  await expect.poll(() => sharpness(page)).toBeGreaterThan(SHARP);
  await look(page, "slide-close.png");
});

/**
 * Sharpness of the slide itself, 6 to 16 by what lies in the middle. Of the thumbnail, whose pixels stand for five of the
 * slide each, neighbours differ a fifth as much.
 */
const SHARP = 4;

/** Mean difference of neighbours, in levels of 255, in the middle of the picture. */
const sharpness = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>(".stage-picture");
    const context = canvas?.getContext("2d");
    if (canvas === null || !context) return 0;
    const { data } = context.getImageData(canvas.width / 2 - 64, canvas.height / 2 - 64, 128, 128);
    let sum = 0;
    for (let at = 0; at + 4 < data.length; at += 4) sum += Math.abs((data[at] ?? 0) - (data[at + 4] ?? 0));
    return sum / (128 * 128);
  });

/** Where the picture is, in sight: what is below it was clicked before. */
async function boxOf(page: Page) {
  await stage(page).scrollIntoViewIfNeeded();
  const box = await stage(page).boundingBox();
  if (box === null) throw new Error("no picture");
  return box;
}

test("what is outlined is judged by itself, goes to QuPath and comes back", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  const NAMES = ["Region 1", "stroma", "Region 3"];
  await open(page, site);
  await choose(page, await slide(page, SVS));
  await panel(page).getByRole("button", { name: "Rectangle" }).click();
  let box = await boxOf(page);
  await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.3 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.6 * box.height, { steps: 5 });
  await page.mouse.up();
  await panel(page).getByRole("button", { name: "Polygon" }).click();
  box = await boxOf(page);
  for (const [x, y] of [
    [0.55, 0.3],
    [0.7, 0.3],
    [0.7, 0.6],
  ] as const) {
    await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
  }
  await page.mouse.dblclick(box.x + 0.56 * box.width, box.y + 0.55 * box.height);
  await panel(page).getByRole("button", { name: "Freehand" }).click();
  box = await boxOf(page);
  const around = (turn: number): [number, number] => [
    box.x + (0.4 + 0.1 * Math.cos(turn)) * box.width,
    box.y + (0.5 + 0.15 * Math.sin(turn)) * box.height,
  ];
  await page.mouse.move(...around(0));
  await page.mouse.down();
  for (let turn = 0.3; turn < 6.2; turn += 0.3) await page.mouse.move(...around(turn));
  await page.mouse.up();
  await panel(page).getByLabel("Name of region 2").fill("stroma");
  await panel(page).getByLabel("Name of region 2").blur();
  await panel(page).getByRole("button", { name: "Judge what is outlined" }).click();
  const table = panel(page).getByRole("table", { name: "Verdicts of the regions" });
  await expect(table.getByRole("rowheader")).toHaveText(NAMES);
  await look(page, "slide-regions.png");
  expect(await findings(page)).toEqual([]);
  const report = await downloadReport(page);
  expect(report.slide?.regions.map(({ name }) => name)).toEqual(NAMES);
  expect(report.slide?.regions.every(({ voters }) => voters > 0)).toBe(true);

  const download = page.waitForEvent("download");
  await panel(page).getByRole("button", { name: "Save map and regions (GeoJSON)" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  const { features } = check(text) as {
    features: { properties: { objectType: string; name: string } | null }[];
  };
  expect(features.filter(({ properties }) => properties?.objectType === "annotation")).toHaveLength(3);
  expect(features.filter(({ properties }) => properties?.objectType === "tile")).toHaveLength(
    report.num_patches,
  );

  // Back again, without the tiles, and as somebody has named one meanwhile.
  for (const name of NAMES) {
    await panel(page)
      .getByRole("button", { name: `Remove ${name}` })
      .click();
  }
  const back = test.info().outputPath("back.geojson");
  const annotations = features.filter(({ properties }) => properties?.objectType === "annotation");
  const renamed = (name: string) => (name === "stroma" ? "tumour" : name);
  for (const { properties } of annotations) if (properties) properties.name = renamed(properties.name);
  await writeFile(back, JSON.stringify({ type: "FeatureCollection", features: annotations }));
  await panel(page).getByLabel("Regions as GeoJSON").setInputFiles(back);
  await expect(panel(page).getByLabel(/^Name of region/)).toHaveCount(3);
  await panel(page).getByRole("button", { name: "Judge what is outlined" }).click();
  await expect(table.getByRole("rowheader")).toHaveText(NAMES.map(renamed));
  const again = await downloadReport(page);
  expect(again.slide?.regions).toEqual(
    report.slide?.regions.map((region) => ({ ...region, name: renamed(region.name) })),
  );
});

test("the tissue is corrected with a brush and by keys, and the patches follow", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, "max_patches=all");
  await choose(page, await slide(page, SVS));
  const before = await downloadReport(page);
  expect(before.slide?.strokes).toBeUndefined();

  await panel(page).getByRole("button", { name: "Rub out" }).click();
  await expect(stage(page).locator(".slide-tissue")).toBeVisible();
  await panel(page).getByLabel("Brush").fill("120");
  const rub = async () => {
    const box = await boxOf(page);
    await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.15 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.85 * box.height, { steps: 8 });
    await page.mouse.up();
  };
  await rub();
  const corrected = panel(page).getByText(/Corrected by hand/);
  await expect(corrected).toHaveText(/with 1 stroke\./);
  await panel(page).getByRole("button", { name: "Undo" }).click();
  await expect(corrected).toHaveCount(0);
  await rub();
  await expect(corrected).toHaveText(/with 1 stroke\./);

  // From the middle of the view to above the tissue.
  await panel(page).getByRole("button", { name: "Add tissue" }).click();
  const plane = page.getByRole("application", { name: "Add tissue" });
  await expect(plane).toBeFocused();
  await page.keyboard.press("Shift+ArrowUp");
  await page.keyboard.press("Space");
  await expect(corrected).toHaveText(/with 2 strokes\./);
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
  await look(page, "slide-tissue.png");
  await plane.press("Escape");
  await expect(plane).toHaveCount(0);
  await expect(stage(page)).toBeFocused();

  await panel(page).getByRole("button", { name: "Judge the corrected tissue" }).click();
  await expect(panel(page).getByRole("button", { name: "Judge the corrected tissue" })).toHaveCount(0);
  const after = await downloadReport(page);
  expect(after.slide?.strokes?.map(({ adds }) => adds)).toEqual([false, true]);
  const { downsample = 0 } = after.slide?.source ?? {};
  const middles = after.patches.map(({ x, y, width }) => [x, y].map((at) => (at + width / 2) * downsample));
  const rubbed = (x = 0) => Math.abs(x - 0.3 * SVS.width) < 0.03 * SVS.width;
  expect(middles.filter(([x]) => rubbed(x))).toEqual([]);
  expect(before.patches.some(({ x, width }) => rubbed((x + width / 2) * downsample))).toBe(true);
  expect(middles.some(([, y = 0]) => y < 1400)).toBe(true);

  await panel(page).getByRole("button", { name: "As it was found" }).click();
  await expect(corrected).toHaveCount(0);
  await expect(panel(page).getByRole("button", { name: "Judge the corrected tissue" })).toBeVisible();
});

test("a slide in the middle of its patches is cancelled and goes on", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, "max_patches=all&workers=1");
  await choose(page, await slide(page, { ...SVS, width: 16000, height: 12000 }));
  await page.getByRole("button", { name: "Cancel" }).first().click();
  await expect(page.getByRole("button", { name: "Run again" })).toBeVisible();
  await choose(page, SMALL);
  await expect(rows(page).nth(1)).toContainText(/Benign|Malignant|Uncertain|Unfamiliar/);
});

test("slides and fields of a patient are taken together, more slides than are held open", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site, "max_patches=10");
  const slides = [];
  for (const number of [1, 2, 3, 4, 5]) {
    // No two are the same slide.
    slides.push(
      await slide(page, { name: `slide-${number}.svs`, width: 3000 + 100 * number, height: 3000, um: 0.5 }),
    );
  }
  await choose(page, ...slides, SMALL, fixture("good/grid_448x224.jpg"));
  await expect(page.getByText("Mean over 7 images:")).toBeVisible();
  // The first one's worker is gone by now; it is opened again where it is looked at.
  await rows(page).nth(0).click();
  await stage(page).focus();
  await page.keyboard.press("1");
  await expect.poll(() => sharpness(page)).toBeGreaterThan(SHARP);
});

test("instances of a slide that are chosen one by one are one slide", async ({ page, site }) => {
  await open(page, site);
  const names = ["dicom-level-0.dcm", "dicom-level-1.dcm", "dicom-label.dcm"];
  await choose(page, ...names.map((name) => fixture(`slides/${name}`)), SMALL);
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByRole("alert").locator("code"), "smaller than a patch").toHaveText(
    "slide_no_patches",
  );
});

test("a slide that does not say its scale asks for it", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  await choose(page, await slide(page, { name: "bare.svs", width: 4000, height: 3000 }));
  await expect(page.getByRole("alert").locator("code")).toHaveText("slide_no_scale");
  await page.getByLabel("Scale (µm per pixel)").fill("0.25");
  await page.getByLabel("Scale (µm per pixel)").press("Enter");
  await page.getByRole("button", { name: "Try again" }).click();
  const report = await downloadReport(page);
  expect(report.slide?.source.width).toBe(4000);
  expect(report.scale).toMatchObject({ source: "set" });
});

/** What the generator of slides spoiled, and what is said of it. */
const SPOILT = {
  "bad-czi.czi": "slide_foreign_format",
  "bad-zero-scale.svs": "slide_no_scale",
  "bad-loop.svs": "slide_no_patches",
  "bad-billion-tiles.tif": "image_too_large",
  "bad-text.svs": "image_not_recognised",
} as const;

test("what cannot be read is told by name, and the next slide goes on", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  for (const [name, code] of Object.entries(SPOILT)) {
    await choose(page, fixture(`slides/${name}`));
    await expect(page.getByRole("alert").locator("code"), name).toHaveText(code);
    await page.getByRole("button", { name: "Clear" }).click();
  }
  const whole = await readFile(await slide(page, SVS));
  const path = test.info().outputPath("cut.svs");
  await writeFile(path, whole.subarray(0, 4000));
  await choose(page, path);
  await expect(page.getByRole("alert").locator("code")).toHaveText(/^(slide|image)_/);
  await choose(page, await slide(page, SVS));
  await expect(rows(page).nth(1)).toHaveAttribute("data-state", "done");
});
