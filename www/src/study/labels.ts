// The truth about an image, as far as somebody says it: read off its name or its folders, or given by a person. A label
// is any text; the two classes of the built-in model are only the usual ones.

import type { Label } from "./report.ts";

/** A BreakHis name says what was found: `SOB_M_DC-14-2523-400-001` is malignant. */
const BREAKHIS = /^SOB_([BM])_/i;

/** Folders that are called like a class, in the languages of the page. */
const CLASS_FOLDERS: ReadonlyMap<string, Label> = new Map([
  ["benign", "benign"],
  ["malignant", "malignant"],
  ["gutartig", "benign"],
  ["bösartig", "malignant"],
  ["boesartig", "malignant"],
]);

/** Those that a person can give by a key before there are any. */
export const USUAL_LABELS: readonly Label[] = ["benign", "malignant"];

/** Longer labels are cut: they are names of classes, no place for a text. */
export const LABEL_LENGTH = 40;

/** The class that a folder is called like; null where it is called otherwise. */
export const classOfFolder = (folder: string): Label | null =>
  CLASS_FOLDERS.get(folder.normalize("NFC").trim().toLowerCase()) ?? null;

/** The label that the path of an image tells of, its name before its innermost folder; empty where nothing tells. */
export function labelOf(path: string): string {
  const parts = path.split("/");
  const letter = BREAKHIS.exec(parts.pop() ?? "")?.[1]?.toUpperCase();
  if (letter !== undefined) return letter === "B" ? "benign" : "malignant";
  for (const folder of parts.reverse()) {
    const found = classOfFolder(folder);
    if (found !== null) return found;
  }
  return "";
}

/** What a person or a table says, without blanks that nobody sees; a class in whichever way it is written. */
export function tidyLabel(text: string): string {
  const tidy = text.replace(/\s+/g, " ").trim().slice(0, LABEL_LENGTH).trim();
  return classOfFolder(tidy) ?? tidy;
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** As a person would sort them; the images without a label last. */
export function compareLabels(a: string, b: string): number {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  return collator.compare(a, b) || (a < b ? -1 : Number(a > b));
}

/** Takes a label away. */
export const NO_LABEL_KEY = "x";
/** Keys that a picture has other uses for. */
const TAKEN = new Set([NO_LABEL_KEY, "h", "f"]);

/** A key for each label: the first letter or digit of its name that no other has; none where all are taken. */
export function labelKeys(labels: readonly string[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const label of labels) {
    const letters = [...label.toLowerCase()].filter((letter) => /^[\p{L}]$/u.test(letter));
    const key = [...letters, ..."23456789"].find((letter) => !keys.has(letter) && !TAKEN.has(letter));
    if (key !== undefined) keys.set(key, label);
  }
  return keys;
}
