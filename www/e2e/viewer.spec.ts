// The picture of an image: larger and smaller, moved, compared with the original, and asked patch by patch.

import { writeFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import type { Size } from "../src/base/geometry.ts";
import { findingsInBothSchemes, NOTHING } from "./axe.ts";
import { field, PARTLY } from "./pictures.ts";
import { choose, demo, downloadReport, expect, fixture, open, type Site, SMALL, test } from "./site.ts";

const main = (page: Page) => page.getByRole("region", { name: /Picture with the map/ });
const original = (page: Page) => page.getByRole("region", { name: "The original" });
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const ratio = async (page: Page) => Number.parseFloat((await page.locator(".ratio").textContent()) ?? "");

/** An image and its report, without motion, so that nothing has to be waited for. */
async function show(page: Page, site: Site, file = SMALL) {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page, site);
  await choose(page, file);
  await expect(page.locator(".verdict-word")).toBeVisible();
  return downloadReport(page);
}

/** A number that changes with every pixel of the canvas. */
const fingerprint = (stage: Locator, layer: "picture" | "map") =>
  stage.locator(`.stage-${layer}`).evaluate((canvas: HTMLCanvasElement) => {
    const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let sum = 0;
    for (const value of data) sum = (Math.imul(sum, 31) + value) | 0;
    return sum;
  });

/** The picture in so few pixels that only what lies where is left of it. */
const coarse = (stage: Locator) =>
  stage.locator(".stage-picture").evaluate((canvas: HTMLCanvasElement) => {
    const small = new OffscreenCanvas(4, 4);
    const context = small.getContext("2d");
    context?.drawImage(canvas, 0, 0, 4, 4);
    return [...(context?.getImageData(0, 0, 4, 4).data ?? [])];
  });

async function boxOf(stage: Locator) {
  const box = await stage.boundingBox();
  if (box === null) throw new Error("the stage is not shown");
  return box;
}

test("keys make the picture larger and smaller, fit it, move it, and show it pixel for pixel", async ({
  page,
  site,
}) => {
  await show(page, site);
  const fit = await ratio(page);
  await main(page).focus();
  await page.keyboard.press("+");
  await expect.poll(() => ratio(page)).toBeCloseTo(1.5 * fit, 0);
  await page.keyboard.press("+");
  const larger = await fingerprint(main(page), "picture");
  await page.keyboard.press("Shift+ArrowRight");
  await expect.poll(() => fingerprint(main(page), "picture")).not.toBe(larger);
  await page.keyboard.press("Shift+ArrowLeft");
  await expect.poll(() => fingerprint(main(page), "picture")).toBe(larger);
  await page.keyboard.press("-");
  await expect.poll(() => ratio(page)).toBeCloseTo(1.5 * fit, 0);
  await page.keyboard.press("1");
  await expect(page.locator(".ratio")).toHaveText("1:1");
  await page.keyboard.press("+");
  await page.keyboard.press("0");
  await expect.poll(() => ratio(page)).toBe(fit);
  // Never beyond the least or the most.
  await page.keyboard.press("-");
  await page.keyboard.press("-");
  expect(await ratio(page)).toBeLessThanOrEqual(fit);
  for (let press = 0; press < 12; press++) await page.keyboard.press("+");
  await expect(page.locator(".ratio")).toHaveText("32:1");
});

test("buttons do the same, by name; H and its button hide the map; close up, pixels are squares", {
  tag: "@slow",
}, async ({ page, site }) => {
  await show(page, site);
  const fit = await ratio(page);
  await button(page, "Zoom in").click();
  await button(page, "Zoom in").click();
  await expect.poll(() => ratio(page)).toBeGreaterThan(2);
  await button(page, "Zoom out").click();
  await expect.poll(() => ratio(page)).toBeCloseTo(1.5 * fit, 0);
  await page.getByRole("button", { name: /^1:1/ }).click();
  await expect(page.locator(".ratio")).toHaveText("1:1");
  await button(page, "Zoom in").click();
  await page.getByRole("button", { name: /^Fit/ }).click();
  await expect.poll(() => ratio(page)).toBe(fit);

  const map = () => fingerprint(main(page), "map");
  const painted = await map();
  await main(page).focus();
  await page.keyboard.down("h");
  await expect.poll(map).toBe(0);
  await page.keyboard.up("h");
  await expect.poll(map).toBe(painted);

  const hold = button(page, "Hold to hide the map");
  await hold.hover();
  await page.mouse.down();
  await expect.poll(map).toBe(0);
  await expect(hold).toHaveAttribute("aria-pressed", "true");
  await page.mouse.up();
  await expect.poll(map).toBe(painted);

  await main(page).focus();
  for (let press = 0; press < 12; press++) await page.keyboard.press("+");
  await expect(page.locator(".ratio")).toHaveText("32:1");
  const colours = await main(page)
    .locator(".stage-picture")
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")?.getImageData(0, 100, 320, 1) ?? { data: [] };
      return new Set(Array.from({ length: 320 }, (_, at) => data.slice(4 * at, 4 * at + 3).join())).size;
    });
  expect(colours, "320 pixels of the screen are 10 or 11 of the picture").toBeLessThanOrEqual(11);
});

test("the wheel scrolls the page until the picture has the focus or Ctrl is held", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await page.setViewportSize({ width: 1280, height: 600 });
  await show(page, site);
  const fit = await ratio(page);
  await main(page).scrollIntoViewIfNeeded();
  const scrolled = () => page.evaluate(() => scrollY);
  const { x, y } = await boxOf(main(page));
  await page.mouse.move(x + 100, y + 100);
  const before = await scrolled();
  await page.mouse.wheel(0, 60);
  await expect.poll(scrolled).toBeGreaterThan(before);
  expect(await ratio(page)).toBe(fit);

  await main(page).scrollIntoViewIfNeeded();
  const at = await boxOf(main(page));
  const pointer = [at.x + 0.16 * at.width, at.y + 0.24 * at.height] as const;
  await page.mouse.move(...pointer);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -300);
  await page.keyboard.up("Control");
  await expect.poll(() => ratio(page)).toBeGreaterThan(1.3 * fit);
  await expect(page.getByText("Patch 1 of 6 at 0, 0:"), "what is under the pointer stays").toBeVisible();

  const closer = await ratio(page);
  const still = await scrolled();
  await page.mouse.click(...pointer);
  await expect(main(page)).toBeFocused();
  await page.mouse.wheel(0, -300);
  await expect.poll(() => ratio(page)).toBeGreaterThan(1.3 * closer);
  expect(await scrolled()).toBe(still);
});

test("dragging moves a picture that is larger than its box, and a click is no drag; two fingers pinch", {
  tag: "@slow",
}, async ({ page, site }) => {
  await show(page, site);
  const fit = await ratio(page);
  const { x, y, width, height } = await boxOf(main(page));
  await page.mouse.dblclick(x + 10, y + 10);
  await expect.poll(() => ratio(page)).toBeCloseTo(2, 0);
  await expect(page.getByText("Patch 1 of 6 at 0, 0:")).toBeVisible();
  const before = await fingerprint(main(page), "picture");
  await page.mouse.move(x + width - 20, y + height - 20);
  await page.mouse.down();
  await page.mouse.move(x + 20, y + 20, { steps: 5 });
  await page.mouse.up();
  await expect.poll(() => fingerprint(main(page), "picture")).not.toBe(before);
  // The far corner came, and no more than the picture has: what is right of the last patch has no patch.
  await page.mouse.move(x + width - 5, y + 20);
  await expect(page.getByText("Patch 1 of 6 at 0, 0:"), "a drag chooses nothing").toBeVisible();
  await page.mouse.click(x + width / 2, y + height / 2);
  await expect(page.getByText(/^Patch [56] of 6/)).toBeVisible();

  await page.getByRole("button", { name: /^Fit/ }).click();
  await expect.poll(() => ratio(page)).toBe(fit);
  const session = await page.context().newCDPSession(page);
  const fingers = (apart: number) => [
    { x: x + 300 - apart, y: y + 200, id: 1 },
    { x: x + 300 + apart, y: y + 200, id: 2 },
  ];
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(40) });
  for (const apart of [50, 70, 90, 120]) {
    await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: fingers(apart) });
  }
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await expect.poll(() => ratio(page)).toBeGreaterThan(2.5 * fit);
  expect(await ratio(page)).toBeLessThan(3.5 * fit);
});

/** Of an image too large to be held whole, what is seen close up is cut out of the file. */
async function seesLines(page: Page, site: Site, { width, height }: Size): Promise<void> {
  // Lines of one pixel: scaled down they are one grey.
  const drawn = async ({ width, height }: Size) => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    for (let x = 0; x < width; x += 2) context?.fillRect(x, 0, 1, height);
    if (context !== null) context.globalCompositeOperation = "destination-over";
    if (context !== null) context.fillStyle = "#fff";
    context?.fillRect(0, 0, width, height);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  };
  const base64 = await page.evaluate(drawn, { width, height });
  const path = test.info().outputPath("lines.png");
  await writeFile(path, Buffer.from(base64, "base64"));
  await show(page, site, path);
  await main(page).focus();
  await page.keyboard.press("1");
  await expect(page.locator(".ratio")).toHaveText("1:1");
  const contrast = () =>
    main(page)
      .locator(".stage-picture")
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext("2d")?.getImageData(200, 100, 20, 1) ?? { data: [0] };
        const reds = Array.from({ length: 20 }, (_, at) => data[4 * at] ?? 0);
        return Math.max(...reds) - Math.min(...reds);
      });
  await expect.poll(contrast).toBeGreaterThan(200);
}

test("close up, a large image is cut out of the file", ({ page, site }) =>
  seesLines(page, site, { width: 4000, height: 1500 }));

test("close up, so is one that is shown as the core's small picture", { tag: "@slow" }, ({ page, site }) =>
  seesLines(page, site, { width: 8000, height: 4100 }),
);

test("the original stands beside the map and moves with it", { tag: "@slow" }, async ({ page, site }) => {
  await show(page, site);
  await expect(original(page)).toHaveCount(0);
  await button(page, "Side by side").click();
  await expect(original(page)).toBeVisible();
  const left = await boxOf(original(page));
  const right = await boxOf(main(page));
  expect(right.x).toBeGreaterThan(left.x + left.width);
  expect(right.y).toBe(left.y);
  expect(right.width).toBeCloseTo(left.width, 0);

  const same = async () =>
    (await fingerprint(original(page), "picture")) === (await fingerprint(main(page), "picture"));
  await expect.poll(same).toBe(true);
  expect(await fingerprint(original(page), "map"), "nothing lies on the original").toBe(0);
  expect(await fingerprint(main(page), "map")).not.toBe(0);

  // Moved on the one, both move.
  const whole = await fingerprint(main(page), "picture");
  await page.mouse.dblclick(left.x + 50, left.y + 50);
  await expect.poll(() => fingerprint(main(page), "picture")).not.toBe(whole);
  await expect.poll(same).toBe(true);
  await page.mouse.move(left.x + 20, left.y + 20);
  await expect(page.getByText("Patch 1 of 6 at 0, 0:")).toBeVisible();

  await page.setViewportSize({ width: 360, height: 740 });
  await expect.poll(async () => (await boxOf(main(page))).y > (await boxOf(original(page))).y).toBe(true);
  await button(page, "Side by side").click();
  await expect(original(page)).toHaveCount(0);
});

test("keys walk over the patches, whose place, probabilities and reason are read out", async ({
  page,
  site,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page, site);
  await choose(page, await field(page, PARTLY));
  const { patches } = await downloadReport(page);
  const share = (of: "benign" | "malignant") =>
    `${of} ${(100 * (patches[2]?.probabilities?.[of] ?? Number.NaN)).toFixed(1)}%`;
  const readout = page.locator(".readout");
  await main(page).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await expect(readout).toHaveText("Patch 2 of 6 at 224, 0: did not vote, background (hardly any tissue)");
  await page.keyboard.press("ArrowRight");
  await expect(readout).toHaveText(`Patch 3 of 6 at 448, 0: ${share("malignant")}, ${share("benign")}`);

  // Close up, the next patch comes into sight.
  await page.keyboard.press("Enter");
  const there = await fingerprint(main(page), "picture");
  await page.keyboard.press("ArrowDown");
  await expect(readout).toHaveText(/^Patch 6 of 6 at 448, 224:/);
  await expect.poll(() => fingerprint(main(page), "picture")).not.toBe(there);
  await page.keyboard.press("Escape");
  await expect(readout).toHaveText("6 patches: point at one, or use the arrow keys.");
});

test("the patches that speak loudest are cut out, and lead to their place; all of it open is in order, on a phone too", {
  tag: "@slow",
}, async ({ page, site }) => {
  const { patches } = await show(page, site, demo("synthetic-nests.jpg"));
  const votes = patches.flatMap(({ probabilities }, patch) =>
    probabilities === null ? [] : [{ patch, malignant: probabilities.malignant }],
  );
  const strongest = votes.reduce((best, vote) => (vote.malignant > best.malignant ? vote : best));
  const side = (label: string) => page.getByRole("list", { name: `Most ${label}` }).getByRole("button");
  const count = (test: (malignant: number) => boolean) =>
    Math.min(5, votes.filter(({ malignant }) => test(malignant)).length);
  await expect(side("malignant")).toHaveCount(count((malignant) => malignant > 0.5));
  await expect(side("benign")).toHaveCount(count((malignant) => malignant <= 0.5));

  const first = side("malignant").first();
  await expect(first).toHaveAccessibleName(
    `Patch ${strongest.patch + 1}, malignant ${(100 * strongest.malignant).toFixed(1)}%: show it in the picture`,
  );
  const painted = () =>
    first.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {
        data: [0, 0, 0, 0],
      };
      return new Set(data).size;
    });
  await expect.poll(painted, "there is a picture in it").toBeGreaterThan(20);

  const fit = await ratio(page);
  await first.click();
  await expect(first).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator(".readout")).toHaveText(
    new RegExp(`^Patch ${strongest.patch + 1} of 25 at .*: malignant \\d`),
  );
  expect(await ratio(page)).toBeGreaterThan(2 * fit);

  // With all of it open.
  await button(page, "Side by side").click();
  await page.getByLabel("Within patches").check();
  await page.getByText("How this was computed").click();
  await page.locator(".about-keys summary").click();
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
  await page.setViewportSize({ width: 360, height: 740 });
  const widest = await page.evaluate(() =>
    Math.max(
      ...[...document.querySelectorAll("body *:not(.visually-hidden)")].map(
        (element) => element.getBoundingClientRect().right,
      ),
    ),
  );
  expect(widest).toBeLessThanOrEqual(360);
});

test("a TIFF's crops come from its preview, and of several pages the first is said to be shown", {
  tag: "@slow",
}, async ({ page, site }) => {
  const { warnings } = await show(page, site, fixture("good/tiff_two_pages.tif"));
  expect(warnings.join()).toContain("several pages");
  await expect(page.getByText("The TIFF file has several pages; only the first was read.")).toBeVisible();
  await expect(page.locator(".crop").first()).toBeVisible();
});

test("the histogram and how it was computed are there, and told", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  const report = await show(page, site);
  const values = report.patches.map(({ probabilities }) => probabilities?.malignant ?? Number.NaN);
  const chart = page.getByRole("img", { name: /^Histogram of patches by their probability of malignant/ });
  await expect(chart).toBeVisible();
  const words = (await chart.getAttribute("aria-label")) ?? "";
  const told = [...words.matchAll(/(0\.\d) to \d\.\d: (\d+) patch/g)].map(([, from, count]) => [
    Number(from),
    Number(count),
  ]);
  const counted = told.map(([from = 0]) => [
    from,
    values.filter((value) => Math.min(9, Math.floor(10 * value)) === Math.round(10 * from)).length,
  ]);
  expect(told.length).toBeGreaterThan(0);
  expect(told).toEqual(counted);
  expect(told.reduce((sum, [, count = 0]) => sum + count, 0)).toBe(values.length);

  await page.getByText("How this was computed").click();
  const facts = page.locator(".provenance .facts");
  for (const fact of [
    `${report.model.name} ${report.model.version}`,
    report.model.sha256,
    `${report.engine.name} ${report.engine.version}`,
    "224 × 224 pixels, 224 apart; 6 of 6, at most 25",
    "tissue, stain and focus",
    /reading \d+ m?s, check/,
  ]) {
    await expect(facts.getByText(fact, { exact: typeof fact === "string" })).toBeVisible();
  }
});

test("motion is shown unless it is not wanted", { tag: "@alone" }, async ({ page, site }) => {
  await show(page, site);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  const frames = () =>
    page.evaluate(async () => {
      const seen = new Set<string | null | undefined>();
      document.querySelector<HTMLElement>("[aria-label='Zoom in']")?.click();
      for (let frame = 0; frame < 30; frame++) {
        await new Promise(requestAnimationFrame);
        seen.add(document.querySelector(".ratio")?.textContent);
      }
      return seen.size;
    });
  expect(await frames()).toBeGreaterThan(3);
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await frames()).toBeLessThanOrEqual(2);
});

test("the map's opacity stands in the address and is remembered from visit to visit", {
  tag: "@slow",
}, async ({ page, site }) => {
  await show(page, site);
  const slider = page.getByLabel("Opacity of the map");
  const faint = await fingerprint(main(page), "map");
  await slider.fill("0.8");
  await expect.poll(() => fingerprint(main(page), "map")).not.toBe(faint);
  const strong = await fingerprint(main(page), "map");
  expect(new URL(page.url()).search).toBe("?count_unfamiliar=on&opacity=0.8");
  // Options in the address stand for all of them: what is remembered shows where there are none.
  await page.goto(site.url);
  await choose(page, SMALL);
  await expect(slider).toHaveValue("0.8");
  await expect.poll(() => fingerprint(main(page), "map")).toBe(strong);
});

test("a WebP that its EXIF data turn is shown as it was judged", { tag: "@slow" }, async ({ page, site }) => {
  await show(page, site, fixture("good/png_orientation_6.png"));
  const upright = await coarse(main(page));
  expect(new Set(upright).size).toBeGreaterThan(8);
  await page.getByRole("button", { name: "Clear" }).click();
  await choose(page, fixture("good/webp_orientation_6.webp"));
  await expect(page.locator(".verdict-word")).toBeVisible();
  const apart = async () => {
    const turned = await coarse(main(page));
    return Math.max(...upright.map((value, index) => Math.abs(value - (turned[index] ?? Infinity))));
  };
  await expect.poll(apart).toBeLessThan(12);
});
