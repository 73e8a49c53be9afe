// Finds what it takes to try the page in WebKit, installs it on Debian where it is missing, and prints where the browser is.
//
// Elsewhere WebKit is not tried, which is said on stderr, with what is missing. On Debian, in CI, that is an error: exit 1.

import { webkitMustBeTried, webkitPrograms } from "../www/e2e/webkit-programs.mjs";
import { aptInstall } from "./apt.mjs";

const PACKAGES = ["webkit2gtk-driver", "xvfb"];

let found = webkitPrograms();
if ("missing" in found) {
  console.error(`Not found: ${found.missing.join(", ")}.`);
  aptInstall(...PACKAGES);
  found = webkitPrograms();
}
if ("programs" in found) {
  console.log(found.programs.browser);
} else {
  console.error(`THE PAGE IS NOT TRIED IN WEBKIT: there is no ${found.missing.join(", ")}.`);
  console.error(`Debian: apt-get install ${PACKAGES.join(" ")}. Another MiniBrowser is named by WEBKIT_MINIBROWSER=...`);
  if (webkitMustBeTried()) process.exit(1);
}
