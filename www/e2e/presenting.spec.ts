// For a class: a quiz that tells nothing before it is revealed, from image to image in the picture, the whole screen; and
// the maps of all images as one archive.

import { readFile } from "node:fs/promises";
import { unzipSync } from "fflate";
import { findingsInBothSchemes, NOTHING } from "./axe.ts";
import { allOf, choose, copies, expect, open, SMALL, test } from "./site.ts";

test("a quiz hides names, map and verdict until they are revealed", async ({ page, site }) => {
  await open(page, site);
  await choose(page, ...(await copies(SMALL, 3)));
  await expect(page.getByText(allOf(3))).toBeVisible();
  // What was said of an image would tell, and so would what a screen reader hears.
  await page.locator(".line-main").first().focus();
  await page.keyboard.press("b");
  await expect(page.locator(".notice").getByText("1 image now labelled benign.")).toBeVisible();
  await page.getByRole("button", { name: "Quiz" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Image 1 of 3" })).toBeVisible();
  await expect(page.getByText("now labelled")).toHaveCount(0);
  // What had the focus is gone, and what stands in its place has it.
  await expect(page.getByRole("button", { name: "End the quiz" })).toBeFocused();
  const main = page.getByRole("main");
  for (const secret of [/copy-/, /Malignant,|Benign,/, /Most malignant/, /Mean over/]) {
    await expect(main.getByText(secret)).toHaveCount(0);
  }
  await expect(page.locator(".stage")).toHaveCount(1);
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);

  await page.getByRole("button", { name: /^benign/ }).click();
  await page.locator(".stage").focus();
  await page.keyboard.press("m");
  await page.keyboard.press("m");
  await page.getByRole("button", { name: "One vote less for malignant" }).click();
  await page.getByRole("button", { name: "Reveal" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("The class: 1 benign, 1 malignant")).toBeVisible();
  await expect(page.getByRole("heading", { name: /copy-0/ })).toBeFocused();

  // The next one, from the picture, which keeps the focus.
  await page.locator(".stage").focus();
  await page.keyboard.press("PageDown");
  await expect(page.getByRole("heading", { name: "Image 2 of 3" })).toBeVisible();
  await expect(page.locator(".stage")).toBeFocused();
  await page.getByRole("button", { name: "End the quiz" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: /copy-1/ })).toBeVisible();
  await expect(page.getByRole("button", { name: "Add images" })).toBeFocused();
  await expect(page.getByText(allOf(3))).toBeVisible();
});

test("the picture fills the screen, from image to image", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  await choose(page, ...(await copies(SMALL, 2)));
  await expect(page.getByText(allOf(2))).toBeVisible();
  await page.locator(".stage").focus();
  await page.keyboard.press("f");
  const full = () => page.evaluate(() => document.fullscreenElement?.className ?? "");
  await expect.poll(full).toBe("detail-frame");
  await page.getByRole("button", { name: "Next image" }).click();
  await expect(page.getByRole("heading", { name: /copy-1/ })).toBeVisible();
  expect(await full()).toBe("detail-frame");
  await page.locator(".stage").focus();
  await page.keyboard.press("f");
  await expect.poll(full).toBe("");
});

test("the maps of all images are one archive, and the title says how far a run is", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, "?workers=1");
  await choose(page, ...(await copies(SMALL, 4)));
  await expect(page).toHaveTitle(/^\(\d\/4\) Histoscope/);
  await expect(page.getByText(allOf(4))).toBeVisible();
  await expect(page).toHaveTitle(/^Histoscope/);
  const download = page.waitForEvent("download");
  await page.getByText("Export", { exact: true }).click();
  await page.getByRole("button", { name: "Images with maps (ZIP)" }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toMatch(/^histoscope-maps-\d{4}-\d\d-\d\d\.zip$/);
  const files = unzipSync(new Uint8Array(await readFile(await saved.path())));
  expect(Object.keys(files)).toHaveLength(4);
  for (const content of Object.values(files)) {
    expect(Buffer.from(content.subarray(1, 4)).toString()).toBe("PNG");
  }
});
