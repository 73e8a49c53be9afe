// Files from wherever a person brings them: chosen, dropped, in folders, pasted. What cannot be read is named, and keeps
// nothing else from being read.

import { limited } from "../base/limited.ts";
import { beginsAsDicom } from "../slide/heads.ts";
import type { Say } from "../words/words.ts";

export interface Found {
  /** Where the file lies below what was chosen, with slashes; the bare name where that is not known. */
  readonly path: string;
  readonly file: File;
  /** All files of one slide, where it is in several: this one and the others. */
  readonly parts?: readonly File[];
  /** What a viewer must know of the picture. */
  readonly remark?: Say;
  /** Drawn by a program: it is shown, and votes only among the drawings of a drawn patient. */
  readonly demo?: boolean;
  /** What is known of a drawing; of other images their paths tell. */
  readonly truth?: { readonly patient: string; readonly label: string };
}

export interface Intake {
  readonly found: Found[];
  /** Tables that lay among the pictures of a folder: perhaps they say whose those are. */
  readonly tables?: readonly Found[];
  /** Files of a folder that are no pictures. */
  readonly skipped: number;
  /** Paths of files and folders that the browser could not read. */
  readonly unreadable: readonly string[];
}

/** Told how many files were found so far. */
export type Progress = (files: number) => void;

/** Names of pictures. Other files of a folder are looked into, for their content decides; a chosen file is tried. */
const PICTURE_NAME = /\.(png|jpe?g|jpe|jfif|tiff?|bmp|dib|webp)$/i;

/** What the pictures that we read begin with; a dot stands for any byte. */
const BEGINNINGS = [
  "\x89PNG\r\n\x1a\n",
  "\xff\xd8\xff",
  "II*\0",
  "MM\0*",
  // BigTIFF
  "II+\0",
  "MM\0+",
  "RIFF....WEBP",
  // DICOM, behind what it leaves free.
  `${".".repeat(128)}DICM`,
] as const;
const LONGEST = Math.max(...BEGINNINGS.map(({ length }) => length));

/** So many folders and files are asked for at once: a network share answers slowly, but several at a time. */
const AT_ONCE = 16;

/** Models that this program reads, and those of other programs: of these it says what to do. */
const MODEL_NAME =
  /\.(onnx|ort|pt|pth|pt2|ckpt|pkl|h5|hdf5|keras|tflite|safetensors|gguf|onnx\.(gz|zip|bz2|xz|zst|gpg|enc))$/i;

/** Whether a file is to be read as a model rather than as an image. */
export const isModelFile = ({ name }: { name: string }): boolean => MODEL_NAME.test(name);

/** Whether a file that comes with a model may belong to it: by its name it is no picture, text or table. */
export const isNoPicture = (file: { name: string }): boolean =>
  !PICTURE_NAME.test(file.name) && !/\.json$/i.test(file.name) && !isTableFile(file) && !isModelFile(file);

/** Whether a file is to be read as a table of patients and labels. */
export const isTableFile = ({ name }: { name: string }): boolean => /\.(csv|tsv)$/i.test(name);

function byPath(a: Found, b: Found): number {
  return a.path.localeCompare(b.path, "en", { numeric: true });
}

/** Whether the content says that it is a picture. Rejects if the file cannot be read. */
async function looksLikePicture(file: File): Promise<boolean> {
  const bytes = new Uint8Array(await file.slice(0, LONGEST).arrayBuffer());
  return BEGINNINGS.some((beginning) =>
    [...beginning].every((wanted, index) => wanted === "." || wanted.charCodeAt(0) === bytes[index]),
  );
}

/** Tells of each file the series of the whole slide that it is an instance of, or null. */
export type SeriesOf = (files: readonly File[]) => Promise<readonly (string | null)[]>;

/** Files of folders: the pictures among them in the order of their paths. */
async function sorted(all: readonly Found[], unreadable: string[], seriesOf: SeriesOf): Promise<Intake> {
  const tables = all.filter(({ file }) => isTableFile(file) && !file.name.startsWith("."));
  const files = all.filter((found) => !tables.includes(found));
  const inTurn = limited(AT_ONCE);
  const kept = await Promise.all(
    files.map(async (found) => {
      const { file, path } = found;
      if (file.name.startsWith(".")) return false;
      if (PICTURE_NAME.test(file.name)) return true;
      try {
        return await inTurn(() => looksLikePicture(file));
      } catch {
        unreadable.push(path);
        return false;
      }
    }),
  );
  const pictures = files.filter((_, index) => kept[index]).sort(byPath);
  const found = await joined(pictures, seriesOf);
  const lost = new Set(unreadable);
  const skipped = files.filter(({ path }, index) => !kept[index] && !lost.has(path)).length;
  return { found, ...(tables.length > 0 && { tables }), skipped, unreadable };
}

/** With the instances of a whole slide that lie in one folder as one: a scanner writes a level, or more, into each. */
async function joined(all: readonly Found[], seriesOf: SeriesOf): Promise<Found[]> {
  // What has a picture's name is none.
  const asked = await Promise.all(
    all.map(async ({ file }) => !PICTURE_NAME.test(file.name) && (await beginsAsDicom(file))),
  );
  const instances = all.filter((_, index) => asked[index]);
  if (instances.length === 0) return [...all];
  const series = await seriesOf(instances.map(({ file }) => file));
  const folderOf = ({ path }: Found) => path.slice(0, path.lastIndexOf("/") + 1);
  const together = new Map<string, Found[]>();
  instances.forEach((found, index) => {
    const name = series[index] ?? null;
    if (name === null) return;
    const slide = JSON.stringify([folderOf(found), name]);
    together.set(slide, [...(together.get(slide) ?? []), found]);
  });
  const parts = new Map(
    [...together.values()].flatMap((some) =>
      some.map((found, place) => [found, place === 0 ? some.map(({ file }) => file) : null] as const),
    ),
  );
  return all.flatMap((found) => {
    const files = parts.get(found);
    if (files === undefined) return [found];
    return files === null ? [] : [{ ...found, parts: files }];
  });
}

/** Pasted: in the order given. */
export function fromList(files: Iterable<File>): Intake {
  return { found: [...files].map((file) => ({ path: file.name, file })), skipped: 0, unreadable: [] };
}

/** From a file picker likewise. */
export async function fromChosen(files: Iterable<File>, seriesOf: SeriesOf): Promise<Intake> {
  const { found, ...rest } = fromList(files);
  return { ...rest, found: await joined(found, seriesOf) };
}

/** From a folder picker. */
export function fromFolder(files: Iterable<File>, seriesOf: SeriesOf): Promise<Intake> {
  return sorted(
    [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })),
    [],
    seriesOf,
  );
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

const pathOf = ({ fullPath }: EntryLike): string => fullPath.replace(/^\//, "");

/** From dropped entries; folders are walked to the bottom, past whatever cannot be read. */
export async function fromEntries(
  entries: readonly EntryLike[],
  seriesOf: SeriesOf,
  onProgress: Progress = () => {},
): Promise<Intake> {
  const unreadable: string[] = [];
  const inTurn = limited(AT_ONCE);
  let files = 0;

  async function read(entry: EntryLike): Promise<Found[]> {
    const path = pathOf(entry);
    try {
      const file = await inTurn(() => new Promise<File>((resolve, reject) => entry.file?.(resolve, reject)));
      onProgress(++files);
      return [{ path, file }];
    } catch {
      unreadable.push(path);
      return [];
    }
  }

  async function walk(folder: EntryLike): Promise<Found[]> {
    const reader = folder.createReader?.();
    const inner: Promise<Found[]>[] = [];
    try {
      for (;;) {
        // A reader gives at most a hundred entries at a time, and none when it is done.
        const some = await inTurn(
          () => new Promise<EntryLike[]>((resolve, reject) => reader?.readEntries(resolve, reject)),
        );
        if (some.length === 0) break;
        for (const entry of some) inner.push(entry.isFile ? read(entry) : walk(entry));
      }
    } catch {
      unreadable.push(pathOf(folder));
    }
    return (await Promise.all(inner)).flat();
  }

  const all = await Promise.all(entries.map((entry) => (entry.isFile ? read(entry) : walk(entry))));
  const loose = all.filter((_, index) => entries[index]?.isFile).flat();
  const inFolders = all.filter((_, index) => !entries[index]?.isFile).flat();
  const { found, ...rest } = await sorted(inFolders, unreadable, seriesOf);
  return { ...rest, found: [...(await joined(loose, seriesOf)), ...found] };
}

/** From a drop. The entries must be taken before the first wait: the browser empties the list after the event. */
export function fromDrop(data: DataTransfer, seriesOf: SeriesOf, onProgress?: Progress): Promise<Intake> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return fromChosen(data.files, seriesOf);
  return fromEntries(entries as unknown as EntryLike[], seriesOf, onProgress);
}
