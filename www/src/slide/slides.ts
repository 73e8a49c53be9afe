// Which files are slides, and the slides that are open: a few at a time, the others are opened again when they are wanted.

import { asHistoscopeError } from "../base/errors.ts";
import { keepSlideFiles, slideParts } from "../page/slide-files.ts";
import type { Entry } from "../study/entry.ts";
import { beginsAsDicom } from "./heads.ts";
import { Held } from "./held.ts";
import { SlideReader } from "./reader.ts";
import { Slide } from "./slide.ts";

/** Each has a worker with some tens of megabytes; where it holds the bytes of the slide, there is one. */
const MOST_OPEN = 3;

export { keepSlideFiles };

const known = new WeakMap<File, Promise<Slide | null>>();
/** No picture that is read as a whole has more, in bytes. */
const MOST_BYTES = 100e6;

const held = new Held(MOST_OPEN);

/**
 * The slide that an image of the study is; null where it is an ordinary picture. Rejects with what is wrong with a file that
 * can be nothing but a slide.
 */
export async function slideOf(entry: Entry, file: File): Promise<Slide | null> {
  let found = known.get(file);
  if (found === undefined) {
    found = look(entry.parts ?? [file]);
    known.set(file, found);
    found.catch(() => known.delete(file));
  }
  const slide = await found;
  if (slide === null) return null;
  held.use(slide);
  if (entry.slide.peek() !== slide) slide.restoreStrokes(entry.original?.slide?.strokes ?? []);
  entry.slide.value = slide;
  return slide;
}

/** The series of each file that is an instance of a whole slide in DICOM; null of others, and where nobody can tell. */
export async function wholeSlideSeries(files: readonly File[]): Promise<readonly (string | null)[]> {
  const reader = await SlideReader.start(slideParts());
  try {
    return await reader.series(files);
  } finally {
    reader.close();
  }
}

async function look(files: readonly File[]): Promise<Slide | null> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const isDicom = files[0] !== undefined && (await beginsAsDicom(files[0]));
  let slide: Slide;
  try {
    slide = await Slide.open(files, slideParts(), held);
  } catch (error) {
    // What the reader of slides cannot read may still be a picture that the reader of images can.
    const foreign = asHistoscopeError(error).code === "slide_foreign_format";
    if (isDicom || foreign || bytes > MOST_BYTES) throw error;
    return null;
  }
  if (slide.facts.is_picture) {
    slide.close();
    return null;
  }
  return slide;
}
