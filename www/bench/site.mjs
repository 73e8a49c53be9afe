// What the benchmarks of the built page share: the site, a page of it, dropping images, taking the report.

import { readFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { chromiumLaunch } from "../e2e/chromium.mjs";
import { staticServer } from "../serve.mjs";

export const WWW = join(import.meta.dirname, "..");

/** Nobody drops an image in the first second; the page uses it to warm up. */
const PAUSE_MS = 1000;

/** @typedef {{ browser: import("@playwright/test").Browser, url: string }} Site */

/**
 * Serves the built page, opens a browser, and closes both.
 * @param {(site: Site) => Promise<void>} work
 */
export async function withSite(work, launch = chromiumLaunch()) {
  const server = staticServer(join(WWW, "dist"));
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  const address = server.address();
  const browser = await chromium.launch(launch);
  try {
    await work({ browser, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/` });
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}

/** @param {Site} site */
export const machine = ({ browser }) => ({
  browser: browser.version(),
  processor: cpus()[0]?.model,
  cores: cpus().length,
  load: loadavg()[0],
});

/**
 * A page with these options that needs nothing more from the network and has warmed up.
 * @param {Site} site
 * @param {string} query
 * @param {(page: import("@playwright/test").Page) => Promise<unknown>} [prepare] before it is opened
 */
export async function openPage({ browser, url }, query, prepare) {
  // Saving the page for later would run beside what is measured.
  const page = await browser.newPage({ serviceWorkers: "block", locale: "en" });
  await prepare?.(page);
  await page.goto(url + query);
  await page.getByText("Ready, all loaded").waitFor();
  await page.waitForTimeout(PAUSE_MS);
  return page;
}

/**
 * Drops copies of the image and waits for what `shown` selects; in the page, so that no call of ours is measured.
 * Returns milliseconds. Runs in the page.
 * @param {{ base64: string, name: string, copies: number, shown: string }} image
 */
export async function drop({ base64, name, copies, shown: selector }) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const data = new DataTransfer();
  for (let copy = 0; copy < copies; copy++) data.items.add(new File([bytes], name));
  const shown = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector(selector) === null) return;
      observer.disconnect();
      resolve(performance.now());
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
  const start = performance.now();
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  return Number(await shown) - start;
}

/** What a verdict looks like when it is there. */
export const VERDICT = ".verdict-word";

/**
 * The report of the only image, which is then taken away.
 * @param {import("@playwright/test").Page} page
 */
export async function takeReport(page) {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download report (JSON)" }).click();
  const report = JSON.parse(await readFile(await (await download).path(), "utf8"));
  await page.getByRole("button", { name: "Clear" }).click();
  return report;
}

/**
 * Middle and ends of what was measured, rounded to so many decimals.
 * @param {number[]} numbers
 * @param {number} [decimals]
 */
export function spread(numbers, decimals = 0) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) =>
    Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(decimals));
  return { median: at(0.5), least: at(0), greatest: at(1) };
}
