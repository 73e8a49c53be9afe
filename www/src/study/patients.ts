// Which patient an image is of: read off its name or its folder, and how many of a list each patient has.

/** A BreakHis name, `SOB_M_DC-14-2523-400-001`: year and slide make the patient, a letter after them the block. */
const BREAKHIS = /^SOB_[BM]_[A-Z]+[-_](\d{2}-\d+)[A-Z]*-\d+-\d+\b/i;

/** Folders that name a magnification, as BreakHis has below each patient: they tell nothing of a patient. */
const MAGNIFICATION = /^\d+x$/i;

/** Longer names than this are cut; a patient's label is no place for a text. */
export const PATIENT_LENGTH = 60;

/** The patient of an image by its path below what was chosen; empty where nothing tells. */
export function patientOf(path: string): string {
  const [name = "", ...folders] = path.split("/").reverse();
  const inName = BREAKHIS.exec(name)?.[1];
  if (inName !== undefined) return inName;
  return tidyPatient(folders.find((folder) => folder !== "" && !MAGNIFICATION.test(folder)) ?? "");
}

/** What a person typed as a patient, without blanks that nobody sees. */
export function tidyPatient(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, PATIENT_LENGTH).trim();
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** As a person would sort them, `case-2` before `case-10`; those without a patient last. */
export function comparePatients(a: string, b: string): number {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  return collator.compare(a, b) || (a < b ? -1 : Number(a > b));
}

/** Items by patient, patients in order, each one's items in the order given. Without a patient: under "". */
export function byPatient<T>(items: readonly T[], patient: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = patient(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return new Map([...groups].sort(([a], [b]) => comparePatients(a, b)));
}
