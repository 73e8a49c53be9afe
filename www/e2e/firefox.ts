// A Firefox that is installed, driven by WebDriver BiDi: Playwright's own build of it cannot be had everywhere.

import type { TestType } from "@playwright/test";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import type { ImageReport } from "../src/study/report.ts";
import { onPath } from "./chromium.mjs";

/** A fresh Firefox, $FIREFOX_PATH or else the first on PATH; skips the test loudly where there is none. */
export async function launchFirefox(test: TestType<object, object>): Promise<Browser> {
  const executablePath = process.env["FIREFOX_PATH"] ?? onPath(["firefox", "firefox-esr"]);
  if (executablePath === undefined) {
    console.warn("NOT TESTED in Firefox: there is none. Install one, or name it: FIREFOX_PATH=...");
  }
  test.skip(executablePath === undefined, "there is no Firefox");
  return puppeteer.launch({
    browser: "firefox",
    executablePath: executablePath ?? "",
    // As in Chromium.
    defaultViewport: { width: 1280, height: 860 },
    // The page speaks what the browser prefers, which need not be English on this machine.
    extraPrefsFirefox: { "intl.accept_languages": "en" },
  });
}

/** A page whose uncaught errors are collected. */
export async function firefoxPage(browser: Browser): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, complaints };
}

/** Waits until what the selector finds first shows the text. */
export async function shows(page: Page, text: string, selector = "body", timeout = 40_000): Promise<void> {
  await page.waitForFunction(
    (selector, text) => document.querySelector<HTMLElement>(selector)?.innerText.includes(text),
    { timeout },
    selector,
    text,
  );
}

export async function chooseInFirefox(page: Page, ...files: string[]): Promise<void> {
  const input = await page.$("[data-picker=files]");
  await (input as unknown as { uploadFile(...paths: string[]): Promise<void> }).uploadFile(...files);
}

export async function press(page: Page, name: string): Promise<void> {
  await page.locator(`::-p-aria([name="${name}"][role="button"])`).click();
}

/** Has the page keep what it would save: a download goes to a folder that no test should know. */
export async function keepSaved(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(() => {
    const made: Blob[] = [];
    const create = URL.createObjectURL.bind(URL);
    Object.assign(globalThis, { made });
    URL.createObjectURL = (content: Blob) => {
      made.push(content);
      return create(content);
    };
  });
}

/** What pressing a button saves. */
export async function saved(page: Page, name: string): Promise<string> {
  await page.evaluate(() => (globalThis as unknown as { made: Blob[] }).made.splice(0));
  await press(page, name);
  await page.waitForFunction(() => (globalThis as unknown as { made: Blob[] }).made.length > 0);
  return page.evaluate(async () => (globalThis as unknown as { made: Blob[] }).made[0]?.text() ?? "");
}

/** Chooses one image and gives its report. */
export async function reportInFirefox(page: Page, file: string): Promise<ImageReport> {
  await chooseInFirefox(page, file);
  await page.waitForSelector(".verdict-word");
  return JSON.parse(await saved(page, "Download report (JSON)")) as ImageReport;
}
