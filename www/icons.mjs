// Draws the icons of the installed page from the logo in index.html, in a Chromium: `node icons.mjs`, after a change of
// the logo. Its results are kept in public/icons.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { chromiumLaunch } from "./e2e/chromium.mjs";

const GROUND = "#1b2330";
const FOLDER = join(import.meta.dirname, "public", "icons");

const html = readFileSync(join(import.meta.dirname, "index.html"), "utf8");
const [, encoded = ""] = html.match(/href="data:image\/svg\+xml,([^"]+)"/) ?? [];
const logo = decodeURIComponent(encoded);
if (!logo.startsWith("<svg")) throw new Error("there is no logo in index.html");

mkdirSync(FOLDER, { recursive: true });
writeFileSync(join(FOLDER, "icon.svg"), `${logo}\n`);

const browser = await chromium.launch(chromiumLaunch());
const page = await browser.newPage();

/**
 * @param {string} name
 * @param {number} side in pixels
 * @param {number} share how much of a side the logo takes
 */
async function draw(name, side, share) {
  await page.setViewportSize({ width: side, height: side });
  const ground = share < 1 ? GROUND : "transparent";
  await page.setContent(
    `<style>body{margin:0;height:100vh;display:grid;place-items:center;background:${ground}}svg{width:${100 * share}vw}</style>${logo}`,
  );
  await page.screenshot({ path: join(FOLDER, `${name}.png`), omitBackground: true });
}

await draw("192", 192, 1);
await draw("512", 512, 1);
// A system may cut a maskable icon down to a circle of four fifths of its side.
await draw("maskable-512", 512, 0.75);
await browser.close();
