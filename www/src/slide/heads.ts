// Which files may be slides, by their first bytes and names: before anything of the reader of slides is fetched.

/** What the files that may be slides begin with: TIFF and BigTIFF of either byte order. */
const TIFF = ["II*\0", "MM\0*", "II+\0", "MM\0+"];
/** Where DICOM says what it is, and what. */
const DICOM = { at: 128, mark: "DICM" } as const;
const HEAD = DICOM.at + DICOM.mark.length;

/** Names of pictures that are none, so that they are begun with at once. */
export const isNoSlide = ({ name }: File): boolean => /\.(png|jpe?g|jpe|jfif|bmp|dib|webp)$/i.test(name);

/** Formats of scanners that are refused by name, with what converts them. */
const FOREIGN = /\.(mrxs|czi|vsi|ets|lif|vms|vmu|svslide|bif|nd2|isyntax|kfb|sdpc|tmap|mds)$/i;

/**
 * Whether the content says that it may be a slide, or the name that it is one which is not read. False where the file
 * cannot be read: that is told elsewhere.
 */
export async function mayBeSlide(file: File): Promise<boolean> {
  if (FOREIGN.test(file.name)) return true;
  const head = await headOf(file);
  return TIFF.some((beginning) => head.startsWith(beginning)) || head.startsWith(DICOM.mark, DICOM.at);
}

/** False likewise. */
export const beginsAsDicom = async (file: File): Promise<boolean> =>
  (await headOf(file)).startsWith(DICOM.mark, DICOM.at);

/** A byte a character; empty where it cannot be read. */
async function headOf(file: File): Promise<string> {
  try {
    return String.fromCharCode(...new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
  } catch {
    return "";
  }
}
