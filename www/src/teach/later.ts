// What of teaching few visits need, out of files of their own: most judge nothing anew, and fewer look deeper.

import { part } from "../page/parts.ts";

const JUDGING = part(async () => await import("./judging.ts"));
/** What has another head judge results that are there. */
export const judging = () => JUDGING.load();

const DEEPER = part(async () => await import("./deeper.ts"));
/** The deeper network, and what looks with it. */
export const deeperParts = () => DEEPER.load();
