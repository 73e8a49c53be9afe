// The built page in Firefox: the same reports as in Chromium, and what Chromium's tests see to at greater length.

import { rm, writeFile } from "node:fs/promises";
import type { Browser, Page } from "puppeteer-core";
import type { ImageReport } from "../src/study/report.ts";
import { findingsInFirefox } from "./axe.ts";
import {
  chooseInFirefox,
  firefoxPage,
  keepSaved,
  launchFirefox,
  press,
  reportInFirefox,
  saved,
  shows,
} from "./firefox.ts";
import { linear } from "./onnx.ts";
import { chooseSeries } from "./pictures.ts";
import { ownSite, publishAnother, refusal, singleFile } from "./published.ts";
import { servePython } from "./servers.ts";
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
  await keepSaved(opened.page);
  await opened.page.goto(url);
  await shows(opened.page, "Ready, offline too");
  return opened;
}

test("gives Chromium's reports, to the last digit", async ({ page, site }) => {
  // Two browsers side by side on what may be two cores.
  test.slow();
  await open(page, site);
  const { page: other, complaints } = await openInFirefox(`${site.url}?workers=2`);
  for (const file of [SMALL, LARGE, fixture("good/tiff_rgb16.tif"), demo("synthetic-fat.jpg")]) {
    const here = await report(page, file);
    await page.getByRole("button", { name: "Clear" }).click();
    const there = await reportInFirefox(other, file);
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
  const { model } = await reportInFirefox(page, SMALL);
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

/** A row of the table, counted from 0 as images were chosen. */
const row = (index: number) => `[data-entry][aria-rowindex="${index + 2}"]`;

test("two hundred images: all of them analysed, few rows in the document", async ({ site }) => {
  test.slow();
  const { page, complaints } = await openInFirefox(site.url);
  await chooseSeries(page, 200);
  await page.waitForSelector('[role="grid"][aria-rowcount="201"]');
  await shows(page, "Mean over 200 images:", "body", 240_000);
  const drawn = () => page.$$eval("[data-entry]", (lines) => lines.length);
  expect(await drawn()).toBeLessThan(50);
  await page.focus(`${row(0)} .line-main`);
  await page.keyboard.press("End");
  await page.waitForSelector(`${row(199)} .line-main:focus`);
  await shows(page, "-199.jpg", "article");
  expect(await drawn()).toBeLessThan(50);
  expect(complaints).toEqual([]);
});

test("one image can be cancelled while the others go on", async ({ site }) => {
  const { page, complaints } = await openInFirefox(`${site.url}?workers=1&max_patches=all`);
  await chooseInFirefox(page, LARGE, LARGE, SMALL);
  await page.locator(`${row(1)} .line-dismiss`).click();
  await shows(page, "Cancelled", row(1));
  await shows(page, "Mean over 2 images:");
  expect(complaints).toEqual([]);
});

/** Gives the page work for a while, and waits until it is under way. */
async function begin(page: Page): Promise<void> {
  await chooseInFirefox(page, ...Array.from({ length: 12 }, () => LARGE));
  await shows(page, "of 30 patches", row(0));
}

const LONG = "?workers=2&max_patches=all&precision=f32";

test("everything can be cancelled at once, and the page is ready for more", async ({ site }) => {
  const { page, complaints } = await openInFirefox(site.url + LONG);
  await begin(page);
  await page.locator('::-p-xpath(//button[starts-with(., "Cancel all")])').click();
  await page.waitForFunction(() => {
    const buttons = [...document.querySelectorAll("button")];
    return !buttons.some((button) => /^Cancel/.test(button.ariaLabel ?? button.textContent ?? ""));
  });
  await shows(page, "Cancelled", row(11));
  await press(page, "Clear");
  await reportInFirefox(page, SMALL);
  expect(complaints).toEqual([]);
});

test("a reload in the middle of a run gives an empty page that works", async ({ site }) => {
  const { page, complaints } = await openInFirefox(site.url + LONG);
  await begin(page);
  await page.reload();
  await shows(page, "Ready, offline too");
  expect(await page.$("[data-entry]")).toBeNull();
  const { num_patches } = await reportInFirefox(page, SMALL);
  expect(num_patches).toBe(6);
  expect(complaints).toEqual([]);
});

test("a new version waits for a click, and never reloads in the middle of an analysis", async () => {
  const { folder, site, remove } = await ownSite();
  try {
    const { page, complaints } = await openInFirefox(`${site.url}?workers=1`);
    await shows(page, "Saved on this machine");
    await publishAnother(folder);
    await page.reload();
    await shows(page, "A new version is ready.");
    // Until then everything is of the old version.
    await shows(page, "Try: Ducts", ".demo");
    await chooseInFirefox(page, ...Array.from({ length: 6 }, () => LARGE));
    await page.waitForSelector(".update-notice button:disabled");
    await shows(page, "Mean over 6 images:");
    await page.waitForSelector(".update-notice button:enabled");
    await press(page, "Reload");
    await shows(page, "Try: Fat", ".demo");
    // Firefox complains of what a reload cuts off.
    await shows(page, "Ready, offline too");
    await site.stop();
    await page.reload();
    await shows(page, "Try: Fat", ".demo");
    expect(await page.$(".update-notice")).toBeNull();
    await reportInFirefox(page, SMALL);
    expect(complaints).toEqual([]);
  } finally {
    await remove();
  }
});

/** The addresses that the page asks for from now on; `data:` and `blob:` ask nobody. */
function asked(page: Page): string[] {
  const urls: string[] = [];
  page.on("request", (request) => {
    if (/^\w+:\/\//.test(request.url())) urls.push(request.url());
  });
  return urls;
}

test("under a sub-path of Python's plain file server it asks for nothing else", async () => {
  const site = await servePython();
  try {
    const { page, complaints } = await openInFirefox(site.url);
    await shows(page, "Saved on this machine");
    const urls = asked(page);
    await page.reload();
    await reportInFirefox(page, SMALL);
    expect(urls).toContain(site.url);
    expect(urls.filter((url) => !url.startsWith(site.url))).toEqual([]);
    await shows(page, "Ready, offline too");
    await site.stop();
    await page.reload();
    await shows(page, "Ready, offline too");
    await reportInFirefox(page, SMALL);
    expect(complaints).toEqual([]);
  } finally {
    await site.stop();
  }
});

test("the single file gives the report of the hosted page, and can connect to nothing", async ({ site }) => {
  const { folder, address } = await singleFile();
  try {
    const { page, complaints } = await openInFirefox(site.url);
    const hosted = await reportInFirefox(page, SMALL);
    await page.goto(address);
    await shows(page, "Ready, offline too");
    await shows(page, "This is the edition in a single file");
    const alone = await reportInFirefox(page, SMALL);
    expect(withoutTimings(alone)).toEqual(withoutTimings(hosted));
    await press(page, "Clear");
    await page.locator(".demo").click();
    await page.waitForSelector(".verdict-word");
    expect(await page.evaluate(refusal)).toBe("connect-src");
    expect(complaints).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("axe finds nothing wrong, empty and with a result", async ({ site }) => {
  const { page, complaints } = await openInFirefox(site.url);
  expect(await findingsInFirefox(page)).toEqual([]);
  await reportInFirefox(page, SMALL);
  expect(await findingsInFirefox(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

test("results on the screen change with the language, which the next visit remembers", async ({ site }) => {
  const { page, complaints } = await openInFirefox(site.url);
  await chooseInFirefox(page, SMALL, fixture("good/grid_448x224.jpg"));
  await shows(page, "Mean over 2 images:");
  const before = JSON.parse(await saved(page, "Download report (JSON)")) as ImageReport;
  await page.select('select[aria-label="Language"]', "de");
  await page.waitForSelector('html[lang="de"]');
  await shows(page, "Mittel über 2 Bilder:");
  expect(await page.title()).toContain("Brust");
  // What is saved is for programs, and stays as it was.
  expect(JSON.parse(await saved(page, "Bericht herunterladen (JSON)"))).toEqual(before);
  await page.reload();
  await shows(page, "Bereit, auch offline");
  expect(complaints).toEqual([]);
});
