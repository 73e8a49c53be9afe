// Which of the files that the reader of slides can open are pictures like any other.

import type { SlideFacts } from "./protocol.ts";

/** Plain TIFF up to so many pixels is read as a whole, as other images are: its pages may be anything. */
export const WHOLE_PIXELS = 100e6;

/** Microscopes write fields as OME-TIFF, too, of one size. */
export function isPicture({ format, levels }: Pick<SlideFacts, "format" | "levels">): boolean {
  const [finest, ...others] = levels;
  const pixels = (finest?.width ?? 0) * (finest?.height ?? 0);
  const plain = format === "TIFF" || (format === "OME-TIFF" && others.length === 0);
  return plain && pixels <= WHOLE_PIXELS;
}
