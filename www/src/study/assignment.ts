// Who many images are of and what they truly show, told at once: by a level of their folders, by a pattern of their
// paths, or by a table. Nothing is changed here: a person sees first what would be.

import { grouped } from "../base/grouped.ts";
import type { Entry } from "./entry.ts";
import { labelOf, tidyLabel } from "./labels.ts";
import { patientFolder, patientOf, tidyPatient, toldApart } from "./patients.ts";
import type { FileTable, TableRow } from "./table-file.ts";

export type Part = "patient" | "label";

export type Source =
  /** As images are read when they come: by the names of BreakHis, else by the innermost folder that tells. */
  | { readonly kind: "names"; readonly apart: boolean }
  /** The folder of that level, from 1 for the outermost. `apart`: equal names in different places stay apart. */
  | { readonly kind: "level"; readonly part: Part; readonly level: number; readonly apart: boolean }
  /** As `template` has it. */
  | { readonly kind: "pattern"; readonly pattern: string }
  | { readonly kind: "table"; readonly table: FileTable };

/** What an image would be said to be; null is as it is now. */
export interface Change {
  readonly entry: Entry;
  readonly patient: string | null;
  readonly label: string | null;
}

/** Folders of one name in different places. */
export interface Branching {
  readonly name: string;
  readonly folders: readonly string[];
}

export interface Preview {
  /** Only images of which the source says something. */
  readonly changes: readonly Change[];
  /** How many the source says nothing of. */
  readonly silent: number;
  readonly patients: readonly string[];
  readonly labels: readonly string[];
  readonly branching: readonly Branching[];
  /** The one patient that all images would be of, where there are several of them. */
  readonly onePatient: string | null;
  /** Files of the table that are no image here, that may be several, and of which it says two things. */
  readonly unmatched: readonly string[];
  readonly ambiguous: readonly string[];
  readonly contradictory: readonly string[];
}

const stemOf = (name: string): string => name.replace(/\.[A-Za-z]{2,5}$/, "");
const foldersOf = (path: string): string[] => path.split("/").slice(0, -1);

/** How many levels of folders the images have, and what lies at each. */
export function levelsOf(entries: readonly Entry[]): (readonly string[])[] {
  const levels: Set<string>[] = [];
  for (const { path } of entries) {
    foldersOf(path).forEach((folder, level) => {
      levels[level] ??= new Set();
      levels[level].add(folder);
    });
  }
  return levels.map((folders) => [...folders]);
}

const HOLE = /(\{patient\}|\{label\}|\*)/;

/** What a pattern finds in a path. */
export type Template = (path: string) => Partial<Record<Part, string>> | null;

/**
 * A pattern of the end of paths: `{patient}` and `{label}` stand for what is wanted, `*` for anything but a slash. An
 * extension may be left out. Null where it is none: without a hole that is wanted, with one of them twice, or with two
 * holes side by side, between which nobody could tell.
 */
export function template(pattern: string): Template | null {
  const wanted = pattern.match(/\{(patient|label)\}/g) ?? [];
  const folders = pattern.split("/").map((folder) => folder.split(HOLE));
  const between = folders.flatMap((parts) => parts.slice(2, -2).filter((_, index) => index % 2 === 0));
  if (wanted.length === 0 || new Set(wanted).size < wanted.length || between.includes("")) return null;
  return (path) => {
    const there = path.split("/").slice(-folders.length);
    if (there.length < folders.length) return null;
    const found: Partial<Record<Part, string>> = {};
    const fits = folders.every((parts, index) => {
      const name = there[index] ?? "";
      const last = index === folders.length - 1;
      return (last && fills(parts, stemOf(name), found)) || fills(parts, name, found);
    });
    return fits ? found : null;
  };
}

/**
 * Whether a name is as these parts, texts and holes by turns; puts what the holes hold into `found`. Each hole ends where
 * the text after it is first found, and the last one at the end: no way back, so no name takes long.
 */
function fills(parts: readonly string[], name: string, found: Partial<Record<Part, string>>): boolean {
  const [first = ""] = parts;
  if (!name.startsWith(first)) return false;
  if (parts.length === 1) return name === first;
  let at = first.length;
  for (let hole = 1; hole < parts.length; hole += 2) {
    const [kind = "", text = ""] = parts.slice(hole, hole + 2);
    const least = at + Number(kind !== "*");
    const isLast = hole + 2 >= parts.length;
    const end = isLast ? name.length - text.length : name.indexOf(text, least);
    if (end < least || !name.startsWith(text, end)) return false;
    if (kind !== "*") found[kind === "{patient}" ? "patient" : "label"] = name.slice(at, end);
    at = end + text.length;
  }
  return true;
}

/** What the source says of these images. */
export function preview(entries: readonly Entry[], source: Source): Preview {
  const images = entries.filter(({ demo }) => !demo);
  switch (source.kind) {
    case "names":
      return byNames(images, source.apart);
    case "level":
      return byLevel(images, source);
    case "pattern":
      return byPattern(images, source.pattern);
    case "table":
      return byTable(images, source.table.rows);
    default:
      return source satisfies never;
  }
}

type Found = Pick<Preview, "branching" | "unmatched" | "ambiguous" | "contradictory">;
const NOTHING_AMISS: Found = { branching: [], unmatched: [], ambiguous: [], contradictory: [] };

function summed(images: readonly Entry[], changes: readonly Change[], found: Partial<Found> = {}): Preview {
  const distinct = (of: (change: Change) => string | null) => [
    ...new Set(changes.map(of).filter((value): value is string => value !== null && value !== "")),
  ];
  const patients = distinct(({ patient }) => patient);
  const [first] = patients;
  const one = first !== undefined && changes.length > 1 && changes.every(({ patient }) => patient === first);
  return {
    changes,
    silent: images.length - changes.length,
    patients,
    labels: distinct(({ label }) => label),
    onePatient: one ? first : null,
    ...NOTHING_AMISS,
    ...found,
  };
}

/** The name of each of these places, and those that several have; `apart` tells them from each other. */
function namesOfPlaces(places: ReadonlyMap<string, ReadonlySet<string>>, apart: boolean) {
  const names = new Map<string, string>();
  const branching: Branching[] = [];
  for (const [name, folders] of places) {
    const all = [...folders];
    if (all.length > 1) branching.push({ name, folders: all });
    const told = all.length > 1 && apart ? toldApart(all) : all.map(() => name);
    all.forEach((folder, index) => void names.set(folder, told[index] ?? name));
  }
  return { names, branching };
}

function byNames(images: readonly Entry[], apart: boolean): Preview {
  const places = new Map<string, Set<string>>();
  for (const { path } of images) {
    const folder = patientFolder(path);
    if (folder === null) continue;
    const name = patientOf(path);
    places.set(name, (places.get(name) ?? new Set()).add(folder));
  }
  const { names, branching } = namesOfPlaces(places, apart);
  const changes = images.flatMap((entry): Change[] => {
    const { path } = entry;
    const patient = names.get(patientFolder(path) ?? "") ?? patientOf(path);
    const label = labelOf(path) || null;
    return patient === "" && label === null ? [] : [{ entry, patient: patient || null, label }];
  });
  return summed(images, changes, { branching });
}

function byLevel(images: readonly Entry[], { part, level, apart }: Source & { kind: "level" }): Preview {
  const places = new Map<string, Set<string>>();
  const found = images.flatMap((entry) => {
    const folders = foldersOf(entry.path);
    const folder = folders[level - 1];
    if (folder === undefined) return [];
    const place = folders.slice(0, level).join("/");
    places.set(folder, (places.get(folder) ?? new Set()).add(place));
    return [{ entry, folder, place }];
  });
  // A label may stand in several branches.
  const isPatient = part === "patient";
  const { names, branching } = namesOfPlaces(places, apart && isPatient);
  const changes = found.map(({ entry, place }): Change => {
    const name = names.get(place) ?? "";
    return part === "patient"
      ? { entry, patient: tidyPatient(name), label: null }
      : { entry, patient: namedBy(entry, place) ? "" : null, label: tidyLabel(name) };
  });
  return summed(images, changes, { branching: isPatient ? branching : [] });
}

/**
 * Whether the patient of an image is only this folder's name, or the end of its path where two have one name: what is told
 * to be a label is no patient.
 */
function namedBy({ path, patient }: Entry, place: string): boolean {
  const now = patient.peek();
  return patientFolder(path) === place && (now === patientOf(path) || `/${place}`.endsWith(`/${now}`));
}

/** Likewise of a label that is the name of the folder. */
function fromFolder(entry: Entry, label: string | undefined): boolean {
  const place = patientFolder(entry.path);
  return place !== null && place.split("/").at(-1) === label && namedBy(entry, place);
}

function byPattern(images: readonly Entry[], pattern: string): Preview {
  const wanted = template(pattern);
  const changes = images.flatMap((entry): Change[] => {
    const found = wanted?.(entry.path) ?? null;
    if (found === null) return [];
    const { patient, label } = found;
    return [
      {
        entry,
        patient: patient === undefined ? (fromFolder(entry, label) ? "" : null) : tidyPatient(patient),
        label: label === undefined ? null : tidyLabel(label),
      },
    ];
  });
  return summed(images, changes);
}

/** Whether one of the paths is the end of the other; extensions count only where both have one. */
function sameEnd(a: string, b: string): boolean {
  const plain = stemOf(a) === a || stemOf(b) === b;
  const [one, two] = plain ? [stemOf(a), stemOf(b)] : [a, b];
  return one === two || one.endsWith(`/${two}`) || two.endsWith(`/${one}`);
}

/** A path without its extension, and every end of it: `a/b/c`, `b/c`, `c`. */
function endsOf(path: string): string[] {
  const parts = stemOf(path).split("/");
  return parts.map((_, first) => parts.slice(first).join("/"));
}

/** Finds the images that a row of a table may mean, without asking all of them. */
function finder(images: readonly Entry[]): (file: string) => { fitting: readonly Entry[]; exact: boolean } {
  const byPath = grouped(images.map((entry) => [entry.path, entry]));
  const byStem = grouped(images.map((entry) => [stemOf(entry.path), entry]));
  const byEnd = grouped(images.flatMap((entry) => endsOf(entry.path).map((end) => [end, entry] as const)));
  const known = new Map<string, readonly Entry[]>();
  return (file) => {
    const exact = byPath.get(file);
    if (exact !== undefined) return { fitting: exact, exact: true };
    let fitting = known.get(file);
    if (fitting === undefined) {
      const [whole = "", ...ends] = endsOf(file);
      const likely = [...(byEnd.get(whole) ?? []), ...ends.flatMap((end) => byStem.get(end) ?? [])];
      fitting = likely.filter(({ path }) => sameEnd(path, file));
      known.set(file, fitting);
    }
    return { fitting, exact: false };
  };
}

function byTable(images: readonly Entry[], rows: readonly TableRow[]): Preview {
  const find = finder(images);
  const said = new Map<Entry, TableRow>();
  const twice = new Map<Entry, string>();
  const unmatched: string[] = [];
  const ambiguous: string[] = [];
  for (const row of rows) {
    const { fitting, exact } = find(row.file);
    if (fitting.length === 0) unmatched.push(row.file);
    // The same path twice is the same file, added twice.
    else if (fitting.length > 1 && !exact) ambiguous.push(row.file);
    else
      for (const entry of fitting) {
        const before = said.get(entry);
        if (before !== undefined && (before.patient !== row.patient || before.label !== row.label)) {
          twice.set(entry, row.file);
        }
        said.set(entry, row);
      }
  }
  const changes = [...said]
    .filter(([entry]) => !twice.has(entry))
    .map(([entry, { patient, label }]): Change => ({ entry, patient, label }));
  return summed(images, changes, { unmatched, ambiguous, contradictory: [...twice.values()] });
}
