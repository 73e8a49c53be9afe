// For everyone: by keyboard alone, on a narrow phone, in light and dark, for a screen reader.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { findingsInBothSchemes, NOTHING } from "./axe.ts";
import { chooseSeries, field, GLASS, PARTLY } from "./pictures.ts";
import {
  allOf,
  askForCertainty,
  choose,
  copies,
  differing,
  expect,
  fixture,
  LARGE,
  look,
  open,
  rows,
  SMALL,
  test,
} from "./site.ts";

/** Tabs on until the named control has the focus. */
async function tabTo(page: Page, name: string | RegExp, role: "button" | "region" = "button"): Promise<void> {
  const target = page.getByRole(role, { name }).first();
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press("Tab");
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${name} cannot be reached with the Tab key`);
}

test("the whole way from choosing to the report goes by keyboard", async ({ page, site }) => {
  await open(page, site);
  // Before the way there: the browser has to know in time that it opens no window of its own.
  const chooser = page.waitForEvent("filechooser");
  await tabTo(page, "Choose images");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles([SMALL, fixture("good/grid_448x224.jpg"), fixture("bad/text.png")]);
  await expect(page.getByText("Mean over 2 images:")).toBeVisible();

  await tabTo(page, /^grid_700x460\.jpg/);
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("article", { name: "grid_448x224.jpg" })).toBeVisible();
  await page.keyboard.press("End");
  await expect(page.getByRole("alert").locator("code")).toHaveText("image_not_recognised");
  await page.keyboard.press("Home");

  await tabTo(page, "Download report (JSON)");
  const download = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  expect((await download).suggestedFilename()).toBe("grid_700x460.histoscope.json");

  await tabTo(page, /Picture with the map/, "region");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByText(/^Patch 2 of 6 at 224, 0: malignant \d/)).toBeVisible();
});

test("a thousand images go by keyboard", { tag: "@slow" }, async ({ page, site }) => {
  test.setTimeout(600_000);
  await open(page, site, "?max_patches=1");
  await chooseSeries(page, 1000);
  await expect(page.getByText(/^50 patients, 1,000 images$/)).toBeVisible({ timeout: 500_000 });

  // The list is one stop of the Tab key.
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest(".line")?.getAttribute("aria-rowindex"));
  const first = page.locator(".lines .line-main").first();
  await first.focus();
  await page.keyboard.press("Home");
  await expect.poll(focused).toBe("2");
  await page.keyboard.press("End");
  await expect.poll(focused).toBe("1001");
  await expect(page.getByRole("heading", { name: /-999\.jpg$/ })).toBeVisible();
  await page.keyboard.press("m");
  await page.keyboard.press("PageUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("m");
  // Only what is near is in the document.
  expect(await page.locator(".lines .line").count()).toBeLessThan(80);

  // The names say benign; two images say malignant now.
  const filter = page.getByLabel("Label", { exact: true });
  await filter.focus();
  await filter.selectOption("malignant");
  await expect(page.getByText("2 of 1,000", { exact: true })).toBeVisible();

  const download = page.waitForEvent("download");
  await page.getByText("Export", { exact: true }).press("Enter");
  await page.getByRole("button", { name: "Images (CSV)" }).press("Enter");
  const csv = await readFile(await (await download).path(), "utf8");
  expect(csv.trim().split("\r\n")).toHaveLength(3);
});

test("Delete cancels or removes the image that has the focus", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  await choose(page, SMALL, fixture("good/grid_448x224.jpg"), fixture("good/grid_470x260.jpg"));
  await expect(page.getByText("Mean over 3 images:")).toBeVisible();
  await rows(page).first().getByRole("button").first().focus();
  await page.keyboard.press("Delete");
  await expect(page.getByText("Mean over 2 images:")).toBeVisible();
  await expect(page.getByRole("article", { name: "grid_448x224.jpg" })).toBeVisible();
  // The row that took its place has the focus: the next key means that one.
  await page.keyboard.press("Delete");
  await expect(page.getByRole("article", { name: "grid_470x260.jpg" })).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Mean over 2 images:")).toBeVisible();
});

test("the focus goes to what is near when a button goes with what it did", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, "?workers=1&max_patches=all&precision=f32");
  await choose(page, ...(await copies(LARGE, 4)));
  await page.getByRole("button", { name: "Cancel all" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /^Run \d cancelled$/ })).toBeFocused();
});

test("progress and results are announced", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  const live = page.locator("[role=status][aria-live=polite]").last();
  await choose(page, SMALL);
  await expect(live).toHaveText(/^grid_700x460\.jpg: (Unfamiliar$|(Benign|Malignant|Uncertain), )/);
});

async function empty(_page: Page): Promise<void> {}

async function result(page: Page): Promise<void> {
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
  await page.getByText("How this was computed").click();
  await page.getByText("Options").click();
}

async function many(page: Page): Promise<void> {
  await choose(page, SMALL, fixture("bad/text.png"), fixture("good/grid_448x224.jpg"));
  await expect(page.getByText("Mean over 2 images:")).toBeVisible();
}

/** Nothing to break a line at, as instruments like to name their files. */
async function longName(page: Page): Promise<void> {
  const buffer = readFileSync(SMALL);
  const name = `${"SOB_B_A-14-22549AB_100_".repeat(6)}.jpg`;
  await page.getByLabel("Image files").setInputFiles([
    { name, mimeType: "image/jpeg", buffer },
    { name: `${"x".repeat(200)}.jpg`, mimeType: "image/jpeg", buffer: Buffer.from("no image") },
  ]);
  await expect(page.getByText("Mean over 1 image:")).toBeVisible();
}

async function failed(page: Page): Promise<void> {
  await choose(page, fixture("bad/size_1x1.png"));
  await expect(page.getByRole("alert")).toBeVisible();
}

async function notAssessable(page: Page): Promise<void> {
  await choose(page, await field(page, GLASS));
  await expect(page.locator(".verdict-word")).toHaveText("Not assessable");
}

async function partly(page: Page): Promise<void> {
  await choose(page, await field(page, PARTLY), await field(page, GLASS));
  await expect(page.getByText("1 image is not assessable")).toBeVisible();
  await expect(page.getByText("Did not vote:")).toBeVisible();
}

async function uncertain(page: Page): Promise<void> {
  await askForCertainty(page);
  await page.reload();
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toHaveText("Uncertain");
}

/** Patients' heads in the table, their own table, and the menu of exports. */
async function grouped(page: Page): Promise<void> {
  const buffer = readFileSync(SMALL);
  const files = ["14-2523-400-001", "14-2523-400-002", "14-22549AB-100-001"].map((slide, number) => ({
    name: `SOB_M_DC-${slide}.jpg`,
    mimeType: "image/jpeg",
    buffer: differing(buffer, number),
  }));
  await page.getByLabel("Image files").setInputFiles(files);
  await expect(page.getByText(allOf(3))).toBeVisible();
  await page.getByLabel("By patient").check();
  await page.getByRole("button", { name: "Malignant", exact: true }).click();
  await page.getByText("Export", { exact: true }).click();
}

/** Results without their images, and a file that is none. */
async function saved(page: Page): Promise<void> {
  await grouped(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Results (JSON)" }).click();
  const path = test.info().outputPath("saved.json");
  await (await download).saveAs(path);
  await page.getByRole("button", { name: "Clear" }).click();
  await choose(page, path);
  await expect(page.getByText("From a saved report")).toBeVisible();
  await expect(page.getByText(allOf(3))).toBeVisible();
  const bad = { name: "bad.json", mimeType: "application/json", buffer: Buffer.from("{}") };
  await page.getByLabel("Image files").setInputFiles([bad]);
  await expect(page.getByRole("alert")).toBeVisible();
}

/** States of one page after the other; the first row is quick. What leaves panels open comes last. */
const states = [
  { grouped },
  { empty, failed, longName },
  { many, result },
  { notAssessable, partly, uncertain },
  { saved },
];

for (const [row, reaches] of states.entries()) {
  const names = Object.keys(reaches).join(", ");
  test(`axe finds nothing wrong, and nothing sticks out of a phone 360 pixels wide: ${names}`, {
    tag: row === 0 ? [] : "@slow",
  }, async ({ page, site }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await open(page, site);
    for (const [name, reach] of Object.entries(reaches)) {
      await test.step(name, async () => {
        await reach(page);
        await look(page, `${name}-desktop.png`);
        expect(await findingsInBothSchemes(page), name).toEqual(NOTHING);

        await page.setViewportSize({ width: 360, height: 740 });
        await look(page, `${name}-phone.png`);
        const widest = await page.evaluate(() => {
          const all = [...document.querySelectorAll("body *:not(.visually-hidden)")];
          return Math.max(
            document.documentElement.scrollWidth,
            ...all.map((element) => element.getBoundingClientRect().right),
          );
        });
        expect(widest, name).toBeLessThanOrEqual(360);

        await page.setViewportSize({ width: 1280, height: 860 });
        const clear = page.getByRole("button", { name: "Clear" });
        if (await clear.isVisible()) await clear.click();
      });
    }
  });
}

for (const document of ["privacy", "model-card"]) {
  test(`${document}.html is in order, on a phone too`, { tag: "@slow" }, async ({ page, site }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${site.url}${document}.html`);
    await look(page, "phone.png");
    expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
    expect(await page.evaluate(() => globalThis.document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      360,
    );
    await page.getByRole("link", { name: "Histoscope" }).first().click();
    await expect(page.getByText("Ready, all loaded")).toBeVisible();
  });
}

test("the model card is one click away, whole, with its plots", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  // Beside the page, which holds results.
  const opened = page.waitForEvent("popup");
  await page.getByRole("link", { name: /What it was trained on/ }).click();
  const beside = await opened;
  await expect(beside.getByRole("heading", { level: 1, name: /^histoscope-lite0/ })).toBeVisible();
  const card = readFileSync(join(import.meta.dirname, "..", "..", "models", "MODEL_CARD.md"), "utf8");
  const headings = [...card.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(await beside.getByRole("heading", { level: 2 }).allTextContents()).toEqual(headings);
  for (const plot of await beside.locator("img").all()) {
    await plot.scrollIntoViewIfNeeded();
    await expect
      .poll(() => plot.evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0);
  }
});
