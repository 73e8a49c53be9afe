// Finds a Chromium for the browser tests, installs one where there is none, and prints the path of its program.
//
// In order: $CHROMIUM_PATH; a browser on PATH or in its usual place; the one that Playwright keeps; then installation, by
// Debian's package where we may, else by Playwright. Everything but the path goes to stderr. Exits 1 with a remedy.

import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { aptInstall, run } from "./apt.mjs";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const www = new URL("../www/package.json", import.meta.url);
const playwright = createRequire(www)("@playwright/test").chromium;

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a browser that answers, or undefined. (Ubuntu's `chromium-browser` may be a stub that does not.) */
function find() {
  const onPath = (process.env.PATH ?? "").split(delimiter).flatMap((dir) => PROGRAMS.map((name) => join(dir, name)));
  const candidates = [...onPath, ...PLACES, playwright.executablePath()].filter(executable);
  return candidates.find((path) => spawnSync(path, ["--version"], { timeout: 20_000 }).status === 0);
}

function install() {
  if (!aptInstall("chromium")) run("npx", "--prefix", new URL(".", www).pathname, "playwright", "install", "chromium");
}

function main() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    if (executable(chosen)) return chosen;
    console.error(`CHROMIUM_PATH names ${chosen}, which is no program.`);
    return undefined;
  }
  const found = find();
  if (found) return found;
  console.error("There is no Chromium here; installing one.");
  install();
  const installed = find();
  if (!installed) console.error("Install Chromium or Chrome by hand, or name its program in CHROMIUM_PATH.");
  return installed;
}

const path = main();
if (!path) process.exit(1);
console.log(path);
