// What of teaching few visits need, out of a file of its own: most judge nothing anew.

import { part } from "../page/parts.ts";

const JUDGING = part("judging", async () => await import("./judging.ts"));
/** What has another head judge results that are there. */
export const judging = () => JUDGING.load();
