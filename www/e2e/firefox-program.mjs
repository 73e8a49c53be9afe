// Where the Firefox is in which the page is tried.

import { isDebian, onPath } from "./chromium.mjs";

/** $FIREFOX_PATH, else the first on PATH. */
export const firefoxProgram = () => process.env["FIREFOX_PATH"] || onPath(["firefox", "firefox-esr"]);

/** CI on Debian can install it: there, its absence is a failure. */
export const firefoxMustBeTried = () => Boolean(process.env["CI"]) && isDebian();
