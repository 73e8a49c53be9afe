// Pictures for the eye: thumbnails and the picture under the map. Decoded by the browser, apart from the analysis.

/** The longer side of a thumbnail is about this, in device pixels. */
const THUMBNAIL_WIDTH = 144;

/** Larger pictures are scaled down to this longer side, which is all that a screen shows. */
export const VIEW_SIDE = 1600;

/** Decoding in the browser competes with the workers for the processor, so only a little of it goes on at once. */
const AT_ONCE = 2;

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

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
