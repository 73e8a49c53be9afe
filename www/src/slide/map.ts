// The map of a slide as a picture that lies over it: what the reader's module makes it of.

import type { ImageReport } from "../study/report.ts";

/** As the core of the reader has it: in pixels of the finest level. */
export interface MapSource {
  readonly width: number;
  readonly height: number;
  readonly um_per_pixel: number;
  readonly squares: readonly {
    readonly x: number;
    readonly y: number;
    readonly side: number;
    /** Null of a patch that did not vote. */
    readonly malignant: number | null;
  }[];
}

export type MapFormat = "tiff" | "png";

/** Null of a report that is none of a slide, or tells no scale. */
export function mapOf({ slide, scale, patches }: ImageReport): MapSource | null {
  if (slide === undefined || scale === undefined) return null;
  const { width, height, downsample } = slide.source;
  return {
    width,
    height,
    um_per_pixel: scale.um_per_pixel / downsample,
    squares: patches.map(({ x, y, width: side, probabilities }) => ({
      x: x * downsample,
      y: y * downsample,
      side: side * downsample,
      malignant: probabilities?.malignant ?? null,
    })),
  };
}
