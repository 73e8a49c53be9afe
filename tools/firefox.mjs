// Finds a Firefox to try the page in, installs one on Debian where there is none, and prints where it is.
//
// Elsewhere Firefox is not tried, which is said on stderr. On Debian, in CI, that is an error: exit 1.

import { firefoxMustBeTried, firefoxProgram } from "../www/e2e/firefox-program.mjs";
import { aptInstall } from "./apt.mjs";

const PACKAGE = "firefox-esr";

const found = firefoxProgram() ?? (aptInstall(PACKAGE) ? firefoxProgram() : undefined);
if (found) {
  console.log(found);
} else {
  console.error("THE PAGE IS NOT TRIED IN FIREFOX: there is none.");
  console.error(`Debian: apt-get install ${PACKAGE}. Another one is named by FIREFOX_PATH=...`);
  if (firefoxMustBeTried()) process.exit(1);
}
