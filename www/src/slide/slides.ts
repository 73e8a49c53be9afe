// Which files are slides, and the slides that are open: a few at a time, the others are opened again when they are wanted.

import { asHistoscopeError } from "../base/errors.ts";
import { keepSlideFiles, slideParts } from "../page/slide-files.ts";
import type { Entry } from "../study/entry.ts";
import { isPicture, WHOLE_PIXELS } from "./picture.ts";
import { Slide } from "./slide.ts";

/** Each has a worker with some tens of megabytes. */
const MOST_OPEN = 3;

export { keepSlideFiles };

const known = new WeakMap<File, Promise<Slide | null>>();
/** The one that was used last comes last. */
const open = new Set<Slide>();

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
  open.delete(slide);
  open.add(slide);
  for (const other of open) {
    if (open.size <= MOST_OPEN) break;
    if (other.busy || other === slide) continue;
    open.delete(other);
    other.close();
  }
  entry.slide.value = slide;
  return slide;
}

async function look(files: readonly File[]): Promise<Slide | null> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const isDicom = files[0] !== undefined && (await beginsAsDicom(files[0]));
  let slide: Slide;
  try {
    slide = await Slide.open(files, slideParts());
  } catch (error) {
    // What the reader of slides cannot read may still be a picture that the reader of images can.
    const foreign = asHistoscopeError(error).code === "slide_foreign_format";
    if (isDicom || foreign || bytes > WHOLE_PIXELS) throw error;
    return null;
  }
  if (isPicture(slide.facts)) {
    slide.close();
    return null;
  }
  return slide;
}

async function beginsAsDicom(file: File): Promise<boolean> {
  const bytes = new Uint8Array(await file.slice(128, 132).arrayBuffer());
  return String.fromCharCode(...bytes) === "DICM";
}
