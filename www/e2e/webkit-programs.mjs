// Where the programs are with which the page is tried in WebKit: WebKitGTK's WebDriver, the small browser that comes with
// its library, and an X server without a screen.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isDebian, isProgram, onPath } from "./chromium.mjs";

/** Where distributions keep the programs that belong to a library; Debian has a folder for each architecture there. */
const LIBRARIES = ["/usr/lib", "/usr/libexec", "/usr/lib64"];
/** Folders of WebKitGTK, the newest first. */
const WEBKIT = /^webkit2?gtk-\d/;

/** @param {string} folder */
const entries = (folder) => (existsSync(folder) ? readdirSync(folder).sort().reverse() : []);

function miniBrowser() {
  for (const library of LIBRARIES) {
    const folders = [
      library,
      ...entries(library)
        .filter((name) => name.endsWith("-linux-gnu"))
        .map((name) => join(library, name)),
    ];
    for (const folder of folders) {
      const found = entries(folder)
        .filter((name) => WEBKIT.test(name))
        .map((name) => join(folder, name, "MiniBrowser"))
        .find(isProgram);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/**
 * @typedef {{ readonly driver: string, readonly browser: string, readonly screen: string }} Programs
 * @returns {{ readonly programs: Programs } | { readonly missing: readonly string[] }}
 */
export function webkitPrograms() {
  const found = {
    driver: onPath(["WebKitWebDriver"]),
    browser: process.env["WEBKIT_MINIBROWSER"] || miniBrowser(),
    screen: onPath(["Xvfb"]),
  };
  const names = { driver: "WebKitWebDriver", browser: "MiniBrowser", screen: "Xvfb" };
  const missing = Object.entries(names).flatMap(([part, name]) =>
    found[/** @type {keyof Programs} */ (part)] ? [] : [name],
  );
  return missing.length > 0 ? { missing } : { programs: /** @type {Programs} */ (found) };
}

/** CI on Debian can install all of it: there, what is missing is a failure. */
export const webkitMustBeTried = () => Boolean(process.env["CI"]) && isDebian();
