// How browsers are found, and Chromium is started, for the tests and for the bench.

import { accessSync, constants, existsSync, readFileSync } from "node:fs";
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
export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The first program of one of these names on PATH.
 * @param {readonly string[]} names
 */
export function onPath(names) {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

/** Debian has a package of each browser. */
export function isDebian() {
  const file = "/etc/os-release";
  return existsSync(file) && /^ID=debian$/m.test(readFileSync(file, "utf8"));
}

/**
 * $CHROMIUM_PATH, else the first Chromium on PATH, else Playwright's own.
 * @returns {import("@playwright/test").LaunchOptions}
 */
export function chromiumLaunch() {
  const executablePath = process.env["CHROMIUM_PATH"] || onPath(PROGRAMS);
  return { args: ARGUMENTS, ...(executablePath && { executablePath }) };
}

/**
 * $CHROMIUM_SHELL_PATH, or Chromium's headless shell on PATH: the same engine without Chrome's window and services around it,
 * in which a page costs half of the processor's time. Else as above.
 * @returns {import("@playwright/test").LaunchOptions}
 */
export function shellLaunch() {
  const executablePath = process.env["CHROMIUM_SHELL_PATH"] || onPath(["chromium-headless-shell"]);
  return executablePath ? { args: ARGUMENTS, executablePath } : chromiumLaunch();
}
