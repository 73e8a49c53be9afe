// Takes the README's pictures of the built page, with the synthetic demo fields: `node screenshots.mjs`.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { withSite } from "./bench/site.mjs";

const DOCS = join(import.meta.dirname, "..", "docs");
const DEMO = join(import.meta.dirname, "public", "demo");
const WIDTH = 1280;

/** @typedef {{ name: string, scheme: "light" | "dark", height: number, files: [string, string][] }} Picture */

/** In folders, which are taken for patients; the fields themselves are drawn by a program. */
const TABLE = /** @type {[string, string][]} */ ([
  ["synthetic-ducts.jpg", "demo-a/field-1.jpg"],
  ["synthetic-fat.jpg", "demo-a/field-2.jpg"],
  ["synthetic-nests.jpg", "demo-b/field-1.jpg"],
]);

/** @type {Picture[]} */
const PICTURES = [
  { name: "screenshot.png", scheme: "light", height: 1000, files: TABLE.slice(2) },
  { name: "screenshot-table.png", scheme: "dark", height: 900, files: TABLE },
];

await withSite(async ({ browser, url }) => {
  for (const { name, scheme, height, files } of PICTURES) {
    const page = await browser.newPage({
      viewport: { width: WIDTH, height },
      colorScheme: scheme,
      locale: "en",
    });
    await page.goto(url);
    await page.getByText("Ready, offline too").waitFor();
    const folder = mkdtempSync(join(tmpdir(), "histoscope-"));
    const chosen = join(folder, "fields");
    for (const [file, path] of files) {
      mkdirSync(join(chosen, dirname(path)), { recursive: true });
      copyFileSync(join(DEMO, file), join(chosen, path));
    }
    await page.getByLabel("Folder of images").setInputFiles(chosen);
    await page.getByText("How this was computed").waitFor();
    await page.waitForTimeout(1000);
    await page.screenshot({ path: join(DOCS, name) });
    await page.close();
    rmSync(folder, { recursive: true });
  }
});
