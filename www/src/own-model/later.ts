// What only a model that is dropped needs, out of a file of its own: few visits have one.

import { part } from "../page/parts.ts";

const CONFIGS = part(async () => await import("./configs.ts"));
/** What reads the files that exporters write beside a model, and makes its manifest. */
export const configs = () => CONFIGS.load();
