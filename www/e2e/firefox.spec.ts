// The built page in Firefox: the main flow, the same reports as in Chromium, keys alone, and no server after a visit.

import { writeFile } from "node:fs/promises";
import type { Browser, Page } from "puppeteer-core";
import type { ImageReport } from "../src/report.ts";
import { chooseInFirefox, firefoxPage, launchFirefox, shows } from "./firefox.ts";
import { linear } from "./onnx.ts";
import {
  demo,
  expect,
  fixture,
  LARGE,
  open,
  report,
  SMALL,
  serveSite,
  test,
  withoutTimings,
} from "./site.ts";

let firefox: Browser | undefined;

test.beforeEach(async () => {
  firefox = await launchFirefox(test);
});

test.afterEach(async () => {
  await firefox?.close();
  firefox = undefined;
});

async function openInFirefox(url: string): Promise<{ page: Page; complaints: string[] }> {
  if (firefox === undefined) throw new Error("Firefox was not started");
  const opened = await firefoxPage(firefox);
  await opened.page.evaluateOnNewDocument(() => {
    // What the page would save is read where it is made: a download goes to a folder that no test should know.
    const made: Blob[] = [];
    const create = URL.createObjectURL.bind(URL);
    Object.assign(globalThis, { made });
    URL.createObjectURL = (content: Blob) => {
      made.push(content);
      return create(content);
    };
  });
  await opened.page.goto(url);
  await shows(opened.page, "Ready, offline too");
  return opened;
}

async function press(page: Page, name: string): Promise<void> {
  await page.locator(`::-p-aria([name="${name}"][role="button"])`).click();
}

/** What pressing a button saves. */
async function saved(page: Page, name: string): Promise<string> {
  await page.evaluate(() => (globalThis as unknown as { made: Blob[] }).made.splice(0));
  await press(page, name);
  await page.waitForFunction(() => (globalThis as unknown as { made: Blob[] }).made.length > 0);
  return page.evaluate(async () => (globalThis as unknown as { made: Blob[] }).made[0]?.text() ?? "");
}

test("gives Chromium's reports, to the last digit", async ({ page, site }) => {
  // Two browsers side by side on what may be two cores.
  test.slow();
  await open(page, site);
  const { page: other, complaints } = await openInFirefox(`${site.url}?workers=2`);
  for (const file of [SMALL, LARGE, fixture("good/tiff_rgb16.tif"), demo("synthetic-fat.jpg")]) {
    const here = await report(page, file);
    await page.getByRole("button", { name: "Clear" }).click();
    await chooseInFirefox(other, file);
    await other.waitForSelector(".verdict-word");
    const there = JSON.parse(await saved(other, "Download report (JSON)")) as ImageReport;
    expect(withoutTimings(there)).toEqual(withoutTimings(here));
    await press(other, "Clear");
  }
  expect(complaints).toEqual([]);
});

test("several images, one of them broken; saved, and shown again", async ({ site }) => {
  const { page, complaints } = await openInFirefox(site.url);
  await chooseInFirefox(page, SMALL, fixture("bad/text.png"), demo("synthetic-ducts.jpg"));
  await shows(page, "Mean over 2 images:");
  await shows(page, "1 image failed");
  await page.click("details.menu > summary");
  const folder = await saved(page, "Download all (JSON)");
  expect(JSON.parse(folder).num_images).toBe(3);
  await press(page, "Clear");
  const path = test.info().outputPath("folder.json");
  await writeFile(path, folder);
  await chooseInFirefox(page, path);
  await shows(page, "Mean over 2 images:");
  await shows(page, "From a saved report, which holds no picture.");
  expect(complaints).toEqual([]);
});

test("keys alone: from the demo to a patch's probability and back", async ({ site }) => {
  const { page, complaints } = await openInFirefox(site.url);
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  for (let step = 0; step < 12 && !(await focused()).startsWith("Try: Ducts"); step++) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.waitForSelector(".verdict-word");
  const label = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
  for (let step = 0; step < 24 && !(await label()).startsWith("Picture with the map"); step++) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("End");
  await page.waitForFunction(() =>
    /Patch 6 of 6 at \d+, \d+: malignant \d/.test(document.querySelector(".readout")?.textContent ?? ""),
  );
  expect(complaints).toEqual([]);
});

test("a person's own model is asked about, used, and offered at the next visit", async ({ site }) => {
  const { page, complaints } = await openInFirefox(`${site.url}?screen=off`);
  const path = test.info().outputPath("linear.onnx");
  await writeFile(path, linear({ weights: [1, -2, 0.5, -0.25, 0.75, 3], bias: [0.1, -0.2] }));
  await chooseInFirefox(page, path);
  await page.waitForSelector("dialog select");
  await page.select('select[name="first_label"]', "benign");
  await page.select('select[name="scores"]', "logits");
  await page.select('select[name="normalisation"]', "imagenet");
  await press(page, "Use this model");
  await shows(page, "Your own model, linear, is in use.");
  await page.reload();
  await shows(page, "Your own model linear, ");
  await press(page, "Use it");
  await shows(page, "Your own model, linear, is in use.");
  await chooseInFirefox(page, SMALL);
  await page.waitForSelector(".verdict-word");
  const { model } = JSON.parse(await saved(page, "Download report (JSON)")) as ImageReport;
  expect(model).toMatchObject({ name: "linear", version: "own", variant: "f32" });
  expect(complaints).toEqual([]);
});

test("after one visit it needs no server", async () => {
  const site = await serveSite();
  const { page, complaints } = await openInFirefox(site.url);
  await shows(page, "Saved on this machine");
  await site.stop();
  await page.reload();
  await shows(page, "Ready, offline too");
  await chooseInFirefox(page, SMALL);
  await page.waitForSelector(".verdict-word");
  expect(complaints).toEqual([]);
});
