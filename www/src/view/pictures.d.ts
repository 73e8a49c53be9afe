import type { Rect } from "../base/geometry.ts";
/** Larger pictures are scaled down to this longer side, which is all that a screen shows of the whole. */
export declare const VIEW_SIDE = 1600;
/** A small picture, or null where the browser can't read the file. */
export declare function thumbnail(picture: Blob): Promise<ImageBitmap | null>;
/** The picture for the screen, or null where the browser can't read the file. */
export declare function viewPicture(picture: Blob): Promise<ImageBitmap | null>;
/**
 * Parts cut out of a picture, each scaled down to a longer side of at most `most` pixels; none where the browser can't
 * read it. `width` is that of the picture whose pixels the areas count in: `source` may be a smaller copy of it.
 */
export declare function cutOut(source: Blob | ImageBitmap, width: number, areas: readonly Rect[], most: number): Promise<ImageBitmap[]>;
