// What of a study few visits need, out of a file of its own.

import { part } from "../page/parts.ts";

const SAVED = part(async () => (await import("./saved.ts")).readers);
/** What reads saved results. */
export const savedReaders = () => SAVED.load();
