// A frame as a file of the study: a PNG that loses nothing, named by the moment and the objective, with its scale in it.

import type { Objective } from "./objectives.ts";
import { withScale } from "./png-scale.ts";

/** `field-2026-11-27-13-05-22-345-40x.png`, by the clock of the machine. */
export function fieldName(when: Date, objective: Objective | null): string {
  const part = (value: number, digits = 2) => String(value).padStart(digits, "0");
  const day = [when.getFullYear(), part(when.getMonth() + 1), part(when.getDate())];
  const time = [part(when.getHours()), part(when.getMinutes()), part(when.getSeconds())];
  const moment = [...day, ...time, part(when.getMilliseconds(), 3)].join("-");
  const under = (objective?.name ?? "")
    .replace(/×/g, "x")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return `field-${moment}${under === "" ? "" : `-${under}`}.png`;
}

/** `umPerPixel`: null where it is not known. */
export async function fieldFile(
  picture: ImageBitmap,
  when: Date,
  objective: Objective | null,
  umPerPixel: number | null,
): Promise<File> {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  const png = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
  const bytes = umPerPixel === null ? png : withScale(png, umPerPixel);
  const name = fieldName(when, umPerPixel === null ? null : objective);
  return new File([bytes], name, { type: "image/png", lastModified: when.getTime() });
}
