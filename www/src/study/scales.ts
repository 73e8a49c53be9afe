// How large a pixel is: read as a person writes it, and compared with what a model has learned from.

import type { ImageReport, Scale } from "./report.ts";

/** What anybody may say, in micrometres per pixel; the core's own bounds. */
export const [LEAST_SCALE, MOST_SCALE] = [0.01, 100] as const;

/** How far beyond the scales that a model has seen another one is still like them, as in the core. */
const MARGIN = 1.25;

/** Whether a value from outside is a scale that anybody may say. */
export const isScale = (value: unknown): value is number =>
  typeof value === "number" && value >= LEAST_SCALE && value <= MOST_SCALE;

/** "0.25" and "0,25"; null where it is empty, NaN where it is no scale. */
export function parseScale(text: string): number | null {
  const plain = text.replace(/\s|µm|\u03bcm/g, "").replace(",", ".");
  if (plain === "") return null;
  const value = /^\d*\.?\d+$/.test(plain) ? Number(plain) : Number.NaN;
  return isScale(value) ? value : Number.NaN;
}

/** Whether an image is unlike what a model has learned from, `seen` being least and most micrometres per pixel. */
export const isBeyond = ({ um_per_pixel }: Scale, [least, most]: readonly [number, number]): boolean =>
  um_per_pixel < least / MARGIN || um_per_pixel > most * MARGIN;

/** A report with the scale that a person has set, null being that of the model's own report. */
export function withScale(
  report: ImageReport,
  set: number | null,
  original: ImageReport | null,
): ImageReport {
  if (report.slide !== undefined) return report;
  const { scale: _, ...rest } = report;
  if (set !== null) return { ...rest, scale: { um_per_pixel: set, source: "set" } } as ImageReport;
  const found = original?.scale;
  return (found === undefined || found.source === "set" ? rest : { ...rest, scale: found }) as ImageReport;
}
