// The map of a slide as a picture that lies over it: what the reader's module makes it of.

import { patchShares, spokenOf } from "../study/classes.ts";
import type { ImageReport } from "../study/report.ts";

/** As the core of the reader has it: in pixels of the finest level. */
export interface MapSource {
  readonly width: number;
  readonly height: number;
  readonly um_per_pixel: number;
  /** In the order of all shares. */
  readonly classes: readonly string[];
  readonly squares: readonly {
    readonly x: number;
    readonly y: number;
    readonly side: number;
    /** By class; null of a patch that did not vote. */
    readonly shares: readonly number[] | null;
  }[];
}

export type MapFormat = "tiff" | "png";

/** Null of a report that is none of a slide, or tells no scale. */
export function mapOf(report: ImageReport): MapSource | null {
  const { slide, scale, patches } = report;
  if (slide === undefined || scale === undefined) return null;
  const { width, height, downsample } = slide.source;
  const shares = patchShares(report);
  return {
    width,
    height,
    um_per_pixel: scale.um_per_pixel / downsample,
    classes: spokenOf(report).classes,
    squares: patches.map(({ x, y, width: side }, index) => ({
      x: x * downsample,
      y: y * downsample,
      side: side * downsample,
      shares: shares[index] ?? null,
    })),
  };
}
