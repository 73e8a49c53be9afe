// Files from wherever a person brings them: chosen, dropped, in folders, pasted.

import type { Say } from "../words/words.ts";

export interface Found {
  /** Where the file lies below what was chosen, with slashes; the bare name where that is not known. */
  readonly path: string;
  readonly file: File;
  /** What a viewer must know of the picture. */
  readonly remark?: Say;
}

export interface Intake {
  readonly found: Found[];
  /** Files of a folder that are no pictures by their name. */
  readonly skipped: number;
}

/** Names that may hold a picture we read. Only files of folders are sorted out by it: a chosen file is tried. */
const PICTURE_NAME = /\.(png|jpe?g|jpe|jfif|tiff?|bmp|dib|webp)$/i;

/** Whether a file is to be read as a model rather than as an image. */
export const isModelFile = ({ name }: { name: string }): boolean => /\.onnx$/i.test(name);

function byPath(a: Found, b: Found): number {
  return a.path.localeCompare(b.path, "en", { numeric: true });
}

/** Files of a folder: the pictures among them in the order of their paths. */
function sorted(files: Found[]): Intake {
  const found = files.filter(({ file }) => PICTURE_NAME.test(file.name) && !file.name.startsWith("."));
  return { found: found.sort(byPath), skipped: files.length - found.length };
}

/** From a file picker, or pasted: in the order given. */
export function fromList(files: Iterable<File>): Intake {
  return { found: [...files].map((file) => ({ path: file.name, file })), skipped: 0 };
}

/** From a folder picker. */
export function fromFolder(files: Iterable<File>): Intake {
  return sorted([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
}

/** The parts of the file system API that are used, so that a test needs no browser. */
export interface EntryLike {
  readonly isFile: boolean;
  readonly fullPath: string;
  file?(resolve: (file: File) => void, reject: (error: unknown) => void): void;
  createReader?(): {
    readEntries(resolve: (entries: EntryLike[]) => void, reject: (error: unknown) => void): void;
  };
}

async function walk(entry: EntryLike, into: Found[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => entry.file?.(resolve, reject));
    into.push({ path: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = entry.createReader?.();
  for (;;) {
    // A reader gives at most a hundred entries at a time, and none when it is done.
    const entries = await new Promise<EntryLike[]>((resolve, reject) => reader?.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const inner of entries) await walk(inner, into);
  }
}

/** From dropped entries; folders are walked to the bottom. */
export async function fromEntries(entries: readonly EntryLike[]): Promise<Intake> {
  const loose: Found[] = [];
  const inFolders: Found[] = [];
  for (const entry of entries) await walk(entry, entry.isFile ? loose : inFolders);
  const { found, skipped } = sorted(inFolders);
  return { found: [...loose, ...found], skipped };
}

/** From a drop. The entries must be taken before the first wait: the browser empties the list after the event. */
export function fromDrop(data: DataTransfer): Promise<Intake> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return Promise.resolve(fromList(data.files));
  return fromEntries(entries as unknown as EntryLike[]);
}
