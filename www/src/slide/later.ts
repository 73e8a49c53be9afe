// What slides need, out of a file of its own: few studies have any.

import { part } from "../page/parts.ts";

/** What the files that may be slides begin with: TIFF and BigTIFF of either byte order. */
const TIFF = ["II*\0", "MM\0*", "II+\0", "MM\0+"];
/** Where DICOM says what it is, and what. */
const DICOM = { at: 128, mark: "DICM" } as const;

const SLIDES = part("slides", async () => await import("./slides.ts"));
export const slides = () => SLIDES.load();

/** Names of pictures that are none, so that they are begun with at once. */
export const isNoSlide = ({ name }: File): boolean => /\.(png|jpe?g|jpe|jfif|bmp|dib|webp)$/i.test(name);

/** Formats of scanners that are refused by name, with what converts them. */
const FOREIGN = /\.(mrxs|czi|vsi|ets|lif|vms|vmu|svslide|bif|nd2|isyntax|kfb|sdpc|tmap|mds)$/i;

/** Whether the content says that it may be a slide, or the name that it is one which is not read. False where the file cannot be read: that is told elsewhere. */
export async function mayBeSlide(file: File): Promise<boolean> {
  if (FOREIGN.test(file.name)) return true;
  try {
    const bytes = new Uint8Array(await file.slice(0, DICOM.at + DICOM.mark.length).arrayBuffer());
    const text = (from: number, length: number) =>
      String.fromCharCode(...bytes.subarray(from, from + length));
    return TIFF.includes(text(0, 4)) || text(DICOM.at, DICOM.mark.length) === DICOM.mark;
  } catch {
    return false;
  }
}
