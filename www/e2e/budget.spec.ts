// What the page may weigh, how soon it shows something, and that memory does not grow with the images.

import { readFile, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import type { CDPSession } from "@playwright/test";
import { choose, differing, expect, open, SMALL, test } from "./site.ts";

const PAINT_MS = 1000;
/** Before anybody has done anything: what the page itself names, and the worker's. Parts come after that. */
const SCRIPT_BYTES = 75_000;
/** Images of a round; the first round fills caches and pools, the other two must add next to nothing. */
const ROUND = 100;
/** What the rounds after the first may add: a fifth of what their decoded pixels alone would. Readings vary by 40 MB. */
const GROWTH_BYTES = 50e6;

test("the page shows itself within a second, and its scripts are small", { tag: "@alone" }, async ({
  page,
  site,
}) => {
  // Without the digests, which name every script.
  const html = (await (await fetch(site.url)).text()).replace(/<script type="application\/json".*/, "");
  const scripts: Promise<Buffer>[] = [];
  page.on("response", (response) => {
    const [file = ""] = new URL(response.url()).pathname.split("/").slice(-1);
    if (!file.endsWith(".js")) return;
    if (html.includes(file) || file.startsWith("worker-")) scripts.push(response.body());
  });
  await open(page, site);
  const paint = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  );
  expect(paint).toBeLessThan(PAINT_MS);
  const sizes = (await Promise.all(scripts)).map((script) => brotliCompressSync(script).length);
  // The page's own and the worker's.
  expect(sizes.length).toBeGreaterThanOrEqual(2);
  const sum = sizes.reduce((a, b) => a + b, 0);
  console.log(`first paint after ${Math.round(paint ?? 0)} ms; ${sum} bytes of script in brotli`);
  expect(sum).toBeLessThanOrEqual(SCRIPT_BYTES);
});

/** Bytes that the browser's renderers hold, workers and pictures included. */
async function held(browser: CDPSession, page: CDPSession): Promise<number> {
  await page.send("HeapProfiler.collectGarbage");
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  const sizes = renderers.map(async ({ id }) => {
    const [, resident = "0"] = (await promisify(readFile)(`/proc/${id}/statm`, "utf8")).split(" ");
    return Number(resident) * 4096;
  });
  return (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
}

test("memory is flat over two hundred images", { tag: ["@slow", "@alone"] }, async ({
  page,
  site,
  browser,
  context,
}) => {
  test.skip(process.platform !== "linux", "MEMORY NOT MEASURED: it is read from /proc");
  await open(page, site);
  const whole = await browser.newBrowserCDPSession();
  const tab = await context.newCDPSession(page);
  const buffer = readFileSync(SMALL);
  let made = 0;
  const round = async (name: string) => {
    const files = Array.from({ length: ROUND }, (_, index) => ({
      name: `${name}-${index}.jpg`,
      mimeType: "image/jpeg",
      buffer: differing(buffer, ++made),
    }));
    await page.getByLabel("Image files").setInputFiles(files);
  };
  await choose(page, SMALL);
  const sizes: number[] = [];
  for (const [index, name] of ["a", "b", "c"].entries()) {
    await round(name);
    await expect(page.getByText(`Mean over ${1 + ROUND * (index + 1)} images:`)).toBeVisible();
    sizes.push(await held(whole, tab));
  }
  console.log(
    `memory after each ${ROUND} images: ${sizes.map((size) => Math.round(size / 1e6)).join(", ")} MB`,
  );
  const [first = 0, , last = Number.POSITIVE_INFINITY] = sizes;
  expect(last - first).toBeLessThan(GROWTH_BYTES);
});
