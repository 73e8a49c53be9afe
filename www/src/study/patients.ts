// Which patient an image is of: read off its name or its folder, and told apart where two folders have one name.

import { classOfFolder } from "./labels.ts";

/** A BreakHis name, `SOB_M_DC-14-2523-400-001`: year and slide make the patient, a letter after them the block. */
const BREAKHIS = /^SOB_[BM]_[A-Z]+[-_](\d{2}-\d+)[A-Z]*-\d+-\d+\b/i;

/**
 * Folders that name a magnification or a stain, as they lie below each patient: they tell nothing of a patient. "400X",
 * "x 20", "HE", "H&E".
 */
const NO_PATIENT = /^(\d+([.,]\d+)?\s*x|x\s*\d+([.,]\d+)?|h\s*[&+_-]?\s*e)$/i;

/** Whether a folder is none of a patient: a magnification, a stain, or a class such as "benign". */
const tellsNothing = (folder: string): boolean =>
  folder === "" || NO_PATIENT.test(folder) || classOfFolder(folder) !== null;

/** Longer names than this are cut; a patient's label is no place for a text. */
export const PATIENT_LENGTH = 60;

/** The folder that names the patient of an image, as the path down to it; null where the name or nothing tells. */
export function patientFolder(path: string): string | null {
  const parts = path.split("/");
  const name = parts.pop() ?? "";
  if (BREAKHIS.test(name)) return null;
  while (parts.length > 0) {
    const last = parts.at(-1) ?? "";
    if (!tellsNothing(last.trim())) return parts.join("/");
    parts.pop();
  }
  return null;
}

/** The patient of an image by its path below what was chosen; empty where nothing tells. */
export function patientOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const inName = BREAKHIS.exec(name)?.[1];
  if (inName !== undefined) return inName;
  return tidyPatient(patientFolder(path)?.split("/").at(-1) ?? "");
}

/** What a person typed as a patient, without blanks that nobody sees. */
export function tidyPatient(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, PATIENT_LENGTH).trim();
}

/** A long name without its middle: its beginning tells branches apart, its end patients. */
function cutAmid(name: string): string {
  const half = PATIENT_LENGTH / 2;
  return name.length > PATIENT_LENGTH ? `${name.slice(0, half - 1)}…${name.slice(-half)}` : name;
}

/**
 * Names for folders that end in the same one, each with as much of its path as tells it from the others: `a/case-1` and
 * `b/case-1`. In the order given.
 */
export function toldApart(folders: readonly string[]): string[] {
  const parts = folders.map((folder) => folder.split("/"));
  const deepest = Math.max(...parts.map(({ length }) => length));
  for (let depth = 1; ; depth++) {
    const names = parts.map((folder) => folder.slice(-depth).join("/"));
    if (new Set(names).size === names.length || depth >= deepest) {
      const cut = names.map(cutAmid);
      return new Set(cut).size === cut.length ? cut : names;
    }
  }
}

/**
 * The one folder in which all of these lie, where it alone makes one patient of them all: perhaps it is a patient's, and
 * perhaps it is a heap. Null where there are less than two, or names or folders tell more.
 */
export function flatFolder(
  images: readonly { readonly path: string; readonly patient: { peek(): string } }[],
): string | null {
  const [first] = images;
  const folder = first === undefined ? null : patientFolder(first.path);
  if (first === undefined || folder === null || folder.includes("/") || images.length < 2) return null;
  const patient = first.patient.peek();
  // Folders of classes below it do not tell patients apart either.
  const heap = (path: string) =>
    path.startsWith(`${folder}/`) &&
    path
      .slice(folder.length + 1)
      .split("/")
      .slice(0, -1)
      .every((part) => classOfFolder(part) !== null);
  const same = images.every((image) => heap(image.path) && image.patient.peek() === patient);
  return same && patient !== "" ? patient : null;
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** As a person would sort them, `case-2` before `case-10`; those without a patient last. */
export function comparePatients(a: string, b: string): number {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  return collator.compare(a, b) || (a < b ? -1 : Number(a > b));
}
