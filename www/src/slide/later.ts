// What slides need, out of a file of its own: few studies have any.

import { part } from "../page/parts.ts";

const SLIDES = part(async () => await import("./slides.ts"));
export const slides = () => SLIDES.load();

/**
 * The series of each file that is an instance of a whole slide in DICOM, or null. Where the reader of slides cannot be
 * fetched, too: then each file is tried by itself, and says so.
 */
export async function wholeSlideSeries(files: readonly File[]): Promise<readonly (string | null)[]> {
  try {
    return await (await slides()).wholeSlideSeries(files);
  } catch {
    return files.map(() => null);
  }
}
