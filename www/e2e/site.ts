// The built page on a plain static server under a sub-path, and what a person does on it.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { test as base, type Download, expect, type Page } from "@playwright/test";
import { staticServer } from "../serve.mjs";
import type { EngineSummary, FolderReport, ImageReport } from "../src/study/report.ts";

export const ROOT = join(import.meta.dirname, "..", "..");
export const DIST = join(import.meta.dirname, "..", "dist");
export const SHARED_IMAGES = join(ROOT, "..", "shared", "breakhis", "images");

/** A file of `tests/fixtures`. */
export const fixture = (name: string) => join(ROOT, "tests", "fixtures", name);
export const demo = (name: string) => join(DIST, "demo", name);

/** Six patches, and thirty. */
export const SMALL = fixture("good/grid_700x460.jpg");
export const LARGE = fixture("good/grid_1400x1150.jpg");

export interface Site {
  readonly url: string;
  stop(): Promise<void>;
}

export async function serveSite(path = "/some/where/", folder = DIST, policies = {}): Promise<Site> {
  const server = staticServer(folder, path, policies);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

/** A test with a site of its own, whose page may log no error. */
export const test = base.extend<{ site: Site }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures it needs off the pattern
  site: async ({}, use) => {
    const site = await serveSite();
    await use(site);
    await site.stop();
  },
  page: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    await use(page);
    expect(complaints, "uncaught errors in the page").toEqual([]);
  },
});

export { expect };

/** Keeps a picture in the test's own folder, for people: nothing compares it. Only if asked for by LOOK=1. */
export async function look(page: Page, name: string): Promise<void> {
  if (process.env["LOOK"]) await page.screenshot({ path: base.info().outputPath(name), fullPage: true });
}

/**
 * Opens the page and waits until it needs nothing more from the network. The pictures of most tests were drawn, and so they
 * are unfamiliar: here they vote all the same, unless `query` says otherwise.
 */
export async function open(page: Page, site: Site, query = ""): Promise<void> {
  const given = new URLSearchParams(query);
  if (!given.has("count_unfamiliar")) given.set("count_unfamiliar", "on");
  await page.goto(`${site.url}?${given}`);
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
}

/** From the next load on, the model knows no strangers and asks for this certainty: 1 is more than any network has. */
export async function askForCertainty(page: Page, least = 1): Promise<void> {
  await withManifest(page, ({ familiarity: _, calibration, ...manifest }) => ({
    ...manifest,
    calibration: { ...(calibration as object), uncertain_below: least },
  }));
}

/**
 * From the next load on, the model does not know what it knows: pictures that were drawn are judged as those of tissue
 * are that it has learned from.
 */
export const knowingNothing = (page: Page): Promise<void> =>
  withManifest(page, ({ familiarity: _, ...manifest }) => manifest);

type Fields = Readonly<Record<string, unknown>>;

async function withManifest(page: Page, change: (manifest: Fields) => Fields): Promise<void> {
  await page.route("**/models/histoscope-v0.json", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: change(await response.json()) });
  });
}

export async function choose(page: Page, ...files: string[]): Promise<void> {
  await page.getByLabel("Image files").setInputFiles(files);
}

/** The same picture in files that differ: what follows a JPEG's end is no part of it. In the test's own folder. */
export async function copies(path: string, count: number): Promise<string[]> {
  const bytes = await readFile(path);
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const copy = test.info().outputPath(`copy-${index}-of-${basename(path)}`);
      await writeFile(copy, differing(bytes, index));
      return copy;
    }),
  );
}

/** A JPEG's bytes, told from others by a number. */
export const differing = (jpeg: Buffer, number: number): Buffer =>
  Buffer.concat([jpeg, Buffer.from(`copy ${number}`)]);

/** Pictures at these paths in a folder of the test's own; no two are the same. */
export async function folderOf(...paths: string[]): Promise<string> {
  const folder = base.info().outputPath("study");
  const bytes = await readFile(SMALL);
  for (const [index, path] of paths.entries()) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, differing(bytes, index));
  }
  return folder;
}

/** What the page says of all images when they are done: of one patient, or of several. */
export const allOf = (images: number): RegExp =>
  new RegExp(`^Mean over ${images} images?:|^\\d+ patients?, ${images} images?$`);

/** Drops files on the window as a file manager does. */
export async function drop(page: Page, ...files: string[]): Promise<void> {
  const contents = await Promise.all(
    files.map(async (path) => ({ name: basename(path), base64: (await readFile(path)).toString("base64") })),
  );
  await page.evaluate((dropped) => {
    const data = new DataTransfer();
    for (const { name, base64 } of dropped) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      data.items.add(new File([bytes], name));
    }
    for (const type of ["dragenter", "dragover", "drop"]) {
      document.body.dispatchEvent(
        new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
      );
    }
  }, contents);
}

async function content<T>(download: Download): Promise<T> {
  return JSON.parse(await readFile(await download.path(), "utf8")) as T;
}

/** The selected image's report, through the button that a person would use. */
export async function downloadReport(page: Page, name = "Download report (JSON)"): Promise<ImageReport> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name }).click();
  return content(await download);
}

export async function downloadFolder(page: Page): Promise<FolderReport> {
  const download = page.waitForEvent("download");
  await page.getByText("Export", { exact: true }).click();
  await page.getByRole("button", { name: "Results (JSON)" }).click();
  return content(await download);
}

/** Chooses one image and gives its report. */
export async function report(page: Page, file: string): Promise<ImageReport> {
  await choose(page, file);
  return downloadReport(page);
}

/** What is the same wherever a report was made: not the times, and not which kernels of which edition ran. */
export function withoutTimings<T extends { timings_ms: unknown; engine: EngineSummary }>({
  timings_ms: _,
  engine: { kernels: __, edition: ___, ...engine },
  ...rest
}: T) {
  return { ...rest, engine };
}

/** The images in the table, without the row of heads and those of patients. */
export const rows = (page: Page, name = "Images") => page.getByRole("grid", { name }).locator("[data-entry]");
