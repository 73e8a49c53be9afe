// The picture on a canvas, its patches over it: a canvas needs no address, so no policy has to allow one.

import { isReason, type PatchReport } from "../../study/report.ts";
import { sharesColour } from "../../view/colours.ts";
import { hatchTile } from "../../view/hatch.ts";

/** Of the colours over the picture. */
const OPACITY = 0.5;
/** About as wide as the picture is shown, in CSS pixels. */
const SHOWN_WIDTH = 400;
/** The hatching repeats so many times along a patch. */
const HATCHES_PER_SIDE = 7;

/** What was found of patches, by classes. */
export interface Shares {
  readonly classes: readonly string[];
  readonly shares: readonly (readonly number[] | null)[];
}

/**
 * Paints the whole picture in its own pixels, and over it each patch that has a result in its colour, each that may not
 * vote in its hatching. `patches` count in pixels of an image `width` wide, of which `picture` may be a smaller copy;
 * `shares` are theirs by class, null where there is no result.
 */
export function paint(
  canvas: HTMLCanvasElement,
  picture: ImageBitmap,
  width: number,
  patches: readonly PatchReport[],
  { classes, shares }: Shares,
): void {
  canvas.width = picture.width;
  canvas.height = picture.height;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.drawImage(picture, 0, 0);
  const scale = picture.width / width;
  // A hair's breadth between neighbours, so that patches stay countable where the picture is shown small.
  const gap = Math.max(1, Math.round(picture.width / SHOWN_WIDTH));
  for (const [index, { screen, ...patch }] of patches.entries()) {
    const own = shares[index] ?? null;
    const left = Math.round(patch.x * scale);
    const top = Math.round(patch.y * scale);
    const across = Math.round((patch.x + patch.width) * scale) - left - gap;
    const down = Math.round((patch.y + patch.height) * scale) - top - gap;
    if (own !== null) {
      context.globalAlpha = OPACITY;
      context.fillStyle = sharesColour(classes, own);
    } else if (isReason(screen)) {
      context.globalAlpha = 1;
      const side = Math.max(6, Math.round(across / HATCHES_PER_SIDE));
      context.fillStyle = context.createPattern(hatchTile(screen, side), "repeat") ?? "transparent";
    } else continue;
    context.fillRect(left, top, across, down);
  }
}
