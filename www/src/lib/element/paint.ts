// The picture on a canvas, its patches over it as the page has them: a canvas needs no address, so no policy has to allow one.

import type { PatchReport } from "../../study/report.ts";
import { drawMap, type PatchMap, paintedAreas } from "../../view/patch-map.ts";

/** Of the hatchings; the frames of patches are twice as strong. */
const OPACITY = 0.5;
/** About as wide as the picture is shown, in CSS pixels. */
const SHOWN_WIDTH = 400;

/** What was found of patches, by classes. */
export interface Shares {
  readonly classes: readonly string[];
  readonly shares: readonly (readonly number[] | null)[];
}

/**
 * Paints the whole picture in its own pixels, and over it a frame around each patch that has a result, in its colour, and
 * each that may not vote in its hatching. `patches` count in pixels of an image `width` wide, of which `picture` may be a
 * smaller copy; `found` is theirs by class, null where there is no result.
 */
export function paint(
  canvas: HTMLCanvasElement,
  picture: ImageBitmap,
  width: number,
  patches: readonly PatchReport[],
  found: Shares,
): void {
  canvas.width = picture.width;
  canvas.height = picture.height;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.drawImage(picture, 0, 0);
  const scale = picture.width / width;
  const map = mapOf(width, picture.height / scale, patches, found);
  const density = picture.width / SHOWN_WIDTH;
  const style = { areas: paintedAreas(map), within: null, outlined: true, opacity: OPACITY, density };
  drawMap(context, map, { x: 0, y: 0, scale }, style);
}

function mapOf(
  width: number,
  height: number,
  patches: readonly PatchReport[],
  { classes, shares }: Shares,
): PatchMap {
  const probabilities = new Float32Array(classes.length * patches.length).fill(Number.NaN);
  for (const index of patches.keys()) {
    const own = shares[index] ?? null;
    if (own !== null) probabilities.set(own, classes.length * index);
  }
  const patchSize = patches[0]?.width ?? 0;
  return {
    width,
    height,
    patchSize,
    stride: strideOf(patches) || patchSize,
    patches: patches.map(({ x, y, screen }, row) => ({ x, y, screen, row })),
    classes,
    probabilities,
    cam: null,
  };
}

/** The distance of which those of all patches are multiples; 0 of one patch. */
const strideOf = ([first, ...others]: readonly PatchReport[]): number =>
  first === undefined
    ? 0
    : others.reduce((stride, { x, y }) => commonOf(commonOf(stride, x - first.x), y - first.y), 0);

/** The greatest number of which both are multiples. */
const commonOf = (a: number, b: number): number => (b === 0 ? Math.abs(a) : commonOf(b, a % b));
