// What reads saved results, in a file of its own: most visits have none.

import { importReport } from "./imports.ts";
import { readingWith } from "./reading.ts";
import { fromKept } from "./restore.ts";

export const readers = { importReport, fromKept, readingWith };
