// What the benchmark of a study does in the page and asks of the browser: pictures, long tasks, processor time, memory.

import { readFile } from "node:fs/promises";

/** @typedef {import("@playwright/test").Page} Page */

/** An argument of Chromium. */
export const EXPOSE_GC = "--js-flags=--expose-gc";

/**
 * A field of the demo, tiled to a size, as the base64 of a JPEG. Runs in the page.
 * @param {{ from: string, width: number, height: number }} wanted
 */
export async function makePicture({ from, width, height }) {
  const bitmap = await createImageBitmap(await (await fetch(from)).blob());
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.fillStyle = context.createPattern(bitmap, "repeat") ?? "";
  context.fillRect(0, 0, width, height);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
  return new Promise((/** @type {(base64: string) => void} */ resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.readAsDataURL(blob);
  });
}

/**
 * Makes a folder of fields, eighty patients, no two files alike, to be dropped. Runs in the page.
 * @param {{ count: number, side: number, from: string }} wanted
 */
export async function fieldFiles({ count, side, from }) {
  const bitmap = await createImageBitmap(await (await fetch(from)).blob());
  const height = Math.min(side, 1150);
  const views = await Promise.all(
    Array.from({ length: 16 }, async (_, index) => {
      const canvas = new OffscreenCanvas(side, height);
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("no canvas");
      context.fillStyle = context.createPattern(bitmap, "repeat") ?? "";
      context.translate(-40 * index, -30 * index);
      context.fillRect(40 * index, 30 * index, side, height);
      const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
      return blob.arrayBuffer();
    }),
  );
  const data = new DataTransfer();
  for (let index = 0; index < count; index++) {
    // What follows a JPEG's end is no part of the picture.
    const parts = [views[index % views.length] ?? "", `copy ${index}`];
    data.items.add(new File(parts, `case-${index % 80}-field-${index}.jpg`, { type: "image/jpeg" }));
  }
  Object.assign(globalThis, { folder: data });
}

/** Drops what was made. Runs in the page. */
export function dropFolder() {
  const { folder } = /** @type {{ folder?: DataTransfer }} */ (globalThis);
  document.body.dispatchEvent(
    new DragEvent("drop", { dataTransfer: folder ?? null, bubbles: true, cancelable: true }),
  );
}

/**
 * Drops what was made and waits until all images have come to an end; in the page, so that no call of ours is measured.
 * Returns milliseconds. Runs in the page.
 */
export function dropAndWait() {
  const { folder } = /** @type {{ folder?: DataTransfer }} */ (globalThis);
  const start = performance.now();
  let begun = false;
  const done = new Promise((/** @type {(ms: number) => void} */ resolve) => {
    const observer = new MutationObserver(() => {
      const going = document.querySelector(".summary-progress") !== null;
      begun ||= going;
      if (!begun || going) return;
      observer.disconnect();
      resolve(performance.now() - start);
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
  document.body.dispatchEvent(
    new DragEvent("drop", { dataTransfer: folder ?? null, bubbles: true, cancelable: true }),
  );
  return done;
}

/** Begins to note tasks of the page that take more than 50 ms. Runs in the page. */
export function startWatch() {
  /** @type {number[]} */
  const tasks = [];
  Object.assign(globalThis, { longTasks: tasks });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  }).observe({ type: "longtask" });
}

/** Runs in the page. */
export function longTasks() {
  const tasks = /** @type {{ longTasks?: number[] }} */ (globalThis).longTasks ?? [];
  return { count: tasks.length, longest: Math.max(0, ...tasks) };
}

/**
 * A clock of the processor time of the page's own thread, in seconds.
 * @param {Page} page
 */
export async function threadClock(page) {
  const tab = await page.context().newCDPSession(page);
  await tab.send("Performance.enable");
  return async () => {
    const { metrics } = await tab.send("Performance.getMetrics");
    const found = metrics.find(({ name }) => name === "ThreadTime");
    if (found === undefined) throw new Error("this Chromium does not tell its threads' time");
    return found.value;
  };
}

/**
 * Bytes that the browser's renderers hold, workers and pictures included.
 * @param {import("@playwright/test").Browser} browser
 * @param {Page} page
 * @param {boolean} [tidy] after a collection of garbage, in workers where the browser was started with `EXPOSE_GC`
 */
export async function heldBytes(browser, page, tidy = true) {
  if (tidy) {
    const tab = await page.context().newCDPSession(page);
    await tab.send("HeapProfiler.collectGarbage");
    await tab.detach();
    const collect = () => /** @type {{ gc?(): void }} */ (globalThis).gc?.();
    await Promise.all(page.workers().map((worker) => worker.evaluate(collect)));
  }
  const whole = await browser.newBrowserCDPSession();
  const { processInfo } = await whole.send("SystemInfo.getProcessInfo");
  await whole.detach();
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(async ({ id }) => {
      const [, resident = "0"] = (await readFile(`/proc/${id}/statm`, "utf8")).split(" ");
      return Number(resident) * 4096;
    });
  return (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
}
