// Thumbnails of the images in sight: the last few megabytes of them are kept, the others are made again.

import { thumbnail } from "./pictures.ts";

/** About three screens of a long list; a thumbnail takes some 60 kB. */
const KEPT = 120;

const kept = new Map<Blob, Promise<ImageBitmap | null>>();

/** Null where the browser can't read the picture. Whoever gets a bitmap draws it once, soon, and never closes it. */
export function smallPicture(picture: Blob): Promise<ImageBitmap | null> {
  const known = kept.get(picture);
  // Put last again: the one that nobody asked for longest goes first.
  kept.delete(picture);
  const small = known ?? thumbnail(picture);
  kept.set(picture, small);
  for (const [oldest, bitmap] of kept) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
    void bitmap.then((made) => made?.close());
  }
  return small;
}
