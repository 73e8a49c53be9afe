// A Firefox that is installed, driven by WebDriver BiDi: Playwright's own build of it cannot be had everywhere.

import type { TestType } from "@playwright/test";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
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

export async function shows(page: Page, text: string): Promise<void> {
  await page.waitForFunction((wanted) => document.body.innerText.includes(wanted), {}, text);
}

export async function chooseInFirefox(page: Page, ...files: string[]): Promise<void> {
  const input = await page.$('input[aria-label="Image files"]');
  await (input as unknown as { uploadFile(...paths: string[]): Promise<void> }).uploadFile(...files);
}
