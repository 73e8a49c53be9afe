// Pictures for the eye: thumbnails and the picture under the map. Decoded by the browser, apart from the analysis.

import type { Rect } from "../base/geometry.ts";
import { limited } from "../base/limited.ts";

/** The longer side of a thumbnail is about this, in device pixels. */
const THUMBNAIL_WIDTH = 144;

/** Larger pictures are scaled down to this longer side, which is all that a screen shows of the whole. */
export const VIEW_SIDE = 1600;

/** Decoding in the browser competes with the workers for the processor, so only a little of it goes on at once. */
const AT_ONCE = 2;

const inTurn = limited(AT_ONCE);

/** A small picture, or null where the browser can't read the file. */
export async function thumbnail(picture: Blob): Promise<ImageBitmap | null> {
  try {
    return await inTurn(() =>
      createImageBitmap(picture, { resizeWidth: THUMBNAIL_WIDTH, resizeQuality: "medium" }),
    );
  } catch {
    return null;
  }
}

/** The picture for the screen, or null where the browser can't read the file. */
export async function viewPicture(picture: Blob): Promise<ImageBitmap | null> {
  try {
    const full = await createImageBitmap(picture);
    const shrink = VIEW_SIDE / Math.max(full.width, full.height);
    if (shrink >= 1) return full;
    const scaled = await createImageBitmap(full, {
      resizeWidth: Math.round(full.width * shrink),
      resizeHeight: Math.round(full.height * shrink),
      resizeQuality: "high",
    });
    full.close();
    return scaled;
  } catch {
    return null;
  }
}

/**
 * Parts cut out of a picture, each scaled down to a longer side of at most `most` pixels; none where the browser can't
 * read it. `width` is that of the picture whose pixels the areas count in: `source` may be a smaller copy of it.
 */
export async function cutOut(
  source: Blob | ImageBitmap,
  width: number,
  areas: readonly Rect[],
  most: number,
): Promise<ImageBitmap[]> {
  try {
    const full = source instanceof Blob ? await inTurn(() => createImageBitmap(source)) : source;
    try {
      const scale = full.width / width;
      return await Promise.all(
        areas.map((area) => {
          const wide = Math.max(1, Math.round(area.width * scale));
          const high = Math.max(1, Math.round(area.height * scale));
          const shrink = Math.min(1, most / Math.max(wide, high));
          return createImageBitmap(full, Math.round(area.x * scale), Math.round(area.y * scale), wide, high, {
            resizeWidth: Math.max(1, Math.round(wide * shrink)),
            resizeHeight: Math.max(1, Math.round(high * shrink)),
            resizeQuality: "high",
          });
        }),
      );
    } finally {
      if (full !== source) full.close();
    }
  } catch {
    return [];
  }
}
