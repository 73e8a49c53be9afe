// The page in another language: changed at once and without losing anything, remembered, and in order for everyone.

import type { Page } from "@playwright/test";
import { findingsInBothSchemes, NOTHING } from "./axe.ts";
import {
  choose,
  downloadReport,
  expect,
  fixture,
  knowingNothing,
  look,
  open,
  rows,
  SMALL,
  test,
} from "./site.ts";

async function speakGerman(page: Page): Promise<void> {
  await page.getByLabel("Language", { exact: true }).selectOption("Deutsch");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
}

test("results on the screen change with the language, and nothing is lost or run again", async ({
  page,
  site,
}) => {
  await knowingNothing(page);
  await open(page, site);
  await choose(page, SMALL, fixture("bad/size_1x1.png"), fixture("good/grid_448x224.jpg"));
  await expect(page.getByText("Mean over 2 images:")).toBeVisible();
  const before = await downloadReport(page);

  await speakGerman(page);
  await expect(page.getByText("Mittel über 2 Bilder:")).toBeVisible();
  await expect(page.locator(".detail .verdict-word")).toHaveText(/^(Gutartig|Bösartig|Unsicher)$/);
  await expect(page.locator(".detail .verdict-share")).toHaveText(/\d,\d\u00a0%$/);
  await expect(page.getByText("Nur für Forschungszwecke.").first()).toBeVisible();
  await expect(page).toHaveTitle(/Brust/);
  // The bar is as long as before: its CSS has no comma.
  const share = await page.locator(".detail .split-benign").evaluate((element) => element.style.width);
  expect(Number.parseFloat(share) / 100).toBeCloseTo(before.probabilities?.benign ?? Number.NaN, 3);
  await rows(page, "Bilder").nth(1).getByRole("button").first().click();
  await expect(page.getByRole("alert")).toContainText("Das Bild hat 1 × 1 Pixel");
  await rows(page, "Bilder").first().getByRole("button").first().click();

  // What is saved is for programs, and stays as it was.
  expect(await downloadReport(page, "Bericht herunterladen (JSON)")).toEqual(before);
});

test("the choice outlives a reload and the options; an address with a language counts first", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  await speakGerman(page);
  await page.getByText("Optionen").click();
  await page.getByLabel("Ausschnitte je Bild").selectOption("all");
  expect(new URL(page.url()).search).toBe("?max_patches=all&count_unfamiliar=on");
  await page.reload();
  await expect(page.getByText("Bereit, alles geladen")).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");

  await page.goto(`${site.url}?lang=en`);
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  // The language alone is no word on options: those that are remembered hold.
  await expect(page.getByText("all patches")).toBeVisible();
  await page.getByText("Options").click();
  await page.getByLabel("Patches per image").selectOption("10");
  expect(new URL(page.url()).search).toBe("?max_patches=10&count_unfamiliar=on&lang=en");
  await speakGerman(page);
  expect(new URL(page.url()).search).toBe("?max_patches=10&count_unfamiliar=on&lang=de");
});

test.describe("with a browser that prefers German", () => {
  test.use({ locale: "de-AT" });

  test("the page speaks it from the start, and the list of images too", async ({ page, site }) => {
    await page.goto(site.url);
    await expect(page.getByText("Bereit, alles geladen")).toBeVisible();
    await expect(page.getByRole("button", { name: "Beispiel" })).toHaveCount(3);
    await page.getByRole("button", { name: "Beispiel" }).first().click();
    await expect(page.getByText("Synthetisch: von einem Programm")).toBeVisible();
  });
});

async function germanResults(page: Page): Promise<void> {
  await page
    .getByLabel("Bilddateien")
    .setInputFiles([SMALL, fixture("bad/text.png"), fixture("good/grid_448x224.jpg")]);
  await expect(page.getByText("Mittel über 2 Bilder:")).toBeVisible();
  await page.getByText("Wie das berechnet wurde").click();
  await page.locator("summary", { hasText: "Optionen" }).click();
}

test("axe finds nothing wrong in German", { tag: "@slow" }, async ({ page, site }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(`${site.url}?lang=de&count_unfamiliar=on`);
  await expect(page.getByText("Bereit, alles geladen")).toBeVisible();
  await look(page, "empty.png");
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
  await germanResults(page);
  await look(page, "desktop.png");
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
});

/** Whether anything sticks out of the window, on either side. */
async function sticksOut(page: Page): Promise<number> {
  return page.evaluate(() => {
    const boxes = [...document.querySelectorAll("body *:not(.visually-hidden)")].map((element) =>
      element.getBoundingClientRect(),
    );
    return Math.max(
      ...boxes.map(({ right }) => right - document.documentElement.clientWidth),
      ...boxes.map(({ left }) => -left),
    );
  });
}

for (const direction of ["ltr", "rtl"] as const) {
  test(`German fits a phone 360 pixels wide, ${direction}`, { tag: "@slow" }, async ({ page, site }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${site.url}?lang=de&count_unfamiliar=on`);
    await expect(page.getByText("Bereit, alles geladen")).toBeVisible();
    await page.evaluate((dir) => {
      document.documentElement.dir = dir;
    }, direction);
    await look(page, "phone-empty.png");
    expect(await sticksOut(page)).toBeLessThanOrEqual(0);
    await germanResults(page);
    await look(page, "phone.png");
    expect(await sticksOut(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1280, height: 860 });
    await look(page, "desktop.png");
    expect(await sticksOut(page)).toBeLessThanOrEqual(0);
  });
}
