// How the browser is found and started, for the tests and for the bench.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * $CHROMIUM_PATH, else the first Chromium on PATH, else Playwright's own.
 * @returns {import("@playwright/test").LaunchOptions}
 */
export function chromiumLaunch() {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const onPath = folders.flatMap((folder) => PROGRAMS.map((name) => join(folder, name)));
  const executablePath = process.env["CHROMIUM_PATH"] || onPath.find(isProgram);
  return { args: ARGUMENTS, ...(executablePath && { executablePath }) };
}
