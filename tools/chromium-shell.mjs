// Finds Chromium's headless shell, installs it on Debian where there is none, and prints the path of its program: most tests
// of the page run in it for half of the processor's time. Where there is none they run in the whole browser: said on stderr.

import { onPath } from "../www/e2e/chromium.mjs";
import { aptInstall } from "./apt.mjs";

const PACKAGE = "chromium-headless-shell";

const find = () => process.env.CHROMIUM_SHELL_PATH || onPath([PACKAGE]);

const found = find() ?? (aptInstall(PACKAGE) ? find() : undefined);
if (found) console.log(found);
else console.error(`There is no ${PACKAGE}: all tests run in the whole browser, which takes longer.`);
