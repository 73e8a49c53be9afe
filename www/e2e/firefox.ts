// A Firefox that is installed, driven by WebDriver BiDi: Playwright's own build of it cannot be had everywhere.

import puppeteer, { type ElementHandle, type Page } from "puppeteer-core";
import { firefoxMustBeTried, firefoxProgram } from "./firefox-program.mjs";
import { NOWHERE } from "./published.ts";
import { test } from "./site.ts";
import { type Key, type Launched, PATIENCE_MS, type Tab } from "./tab.ts";

class FirefoxTab implements Tab {
  readonly #complaints: string[] = [];

  /** `page` is for what only Firefox's driver tells. */
  constructor(readonly page: Page) {
    // On a loaded machine an address alone may take longer than the driver would wait.
    page.setDefaultTimeout(PATIENCE_MS);
    // The page asks before it is left while results are not kept: whoever presses "Reload" means it.
    page.on("dialog", (dialog) => void dialog.accept());
    page.on("pageerror", (error) => {
      // Firefox calls it an error what a test provokes, too: that the page's policy refuses this address.
      if (!String(error).includes(NOWHERE)) this.#complaints.push(String(error));
    });
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url);
  }

  async reload(): Promise<void> {
    await this.page.reload();
  }

  evaluate<A extends unknown[], T>(run: (...args: A) => T | Promise<T>, ...args: A): Promise<T> {
    return this.page.evaluate(run as (...args: unknown[]) => unknown, ...args) as Promise<T>;
  }

  async inject(script: string): Promise<void> {
    // What it defines is no message.
    await this.page.evaluate(`${script};undefined`);
  }

  async click(selector: string): Promise<void> {
    await this.page.locator(selector.startsWith("/") ? `::-p-xpath(${selector})` : selector).click();
  }

  async press(...keys: Key[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async upload(selector: string, files: readonly string[]): Promise<void> {
    const input = (await this.page.$(selector)) as ElementHandle<HTMLInputElement> | null;
    if (input === null) throw new Error(`${selector} finds nothing`);
    await input.uploadFile(...files);
  }

  async complaints(): Promise<readonly string[]> {
    return this.#complaints;
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}

/** A fresh Firefox; skips the test loudly where there is none. */
export async function launchFirefox(): Promise<Launched<FirefoxTab>> {
  const executablePath = firefoxProgram();
  if (executablePath === undefined) {
    if (firefoxMustBeTried()) throw new Error("There is no Firefox. Run: node tools/firefox.mjs");
    console.warn("NOT TESTED in Firefox: there is none. Install one, or name it: FIREFOX_PATH=...");
    test.skip(true, "there is no Firefox");
    throw new Error("skipped");
  }
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath,
    timeout: PATIENCE_MS,
    // As in Chromium.
    defaultViewport: { width: 1280, height: 860 },
    // The page speaks what the browser prefers, which need not be English on this machine.
    extraPrefsFirefox: { "intl.accept_languages": "en" },
  });
  return {
    open: async () => new FirefoxTab(await browser.newPage()),
    close: () => browser.close(),
  };
}
