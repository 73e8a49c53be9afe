// The table of images as data: what a line says, which lines are shown, in what order and under which patient.

import { isOwn, votesOf } from "./classes.ts";
import { compareLabels } from "./labels.ts";
import { comparePatients } from "./patients.ts";
import type { ImageReport } from "./report.ts";

export type StateKind = "waiting" | "decoding" | "classifying" | "done" | "failed" | "cancelled" | "same";

/** How an image's sampled patches voted. */
export interface PatchCounts {
  /** By class. */
  readonly votes: readonly number[];
  readonly leftOut: number;
}

export interface Line {
  readonly id: string;
  readonly path: string;
  readonly patient: string;
  /** The truth, as somebody says; empty where it is not known. */
  readonly label: string;
  readonly state: StateKind;
  /** Those that were told apart; the model's own without a report. */
  readonly classes: readonly string[];
  /** A class, or another verdict. This and the next two are null without a report. */
  readonly verdict: string | null;
  /** Of malignant, or of other classes that of the one that is said; null also where nothing voted or is claimed. */
  readonly share: number | null;
  readonly patches: PatchCounts | null;
}

export const COLUMNS = ["image", "verdict", "malignant", "patches", "patient", "label", "state"] as const;
export type Column = (typeof COLUMNS)[number];

/** What a filter can ask for besides a text and a class: another verdict, or a state without one. */
export const SHOWN = [
  "all",
  "uncertain",
  "unfamiliar",
  "not assessable",
  "open",
  "failed",
  "cancelled",
  "same",
] as const;
/** One of these, or a class. */
export type Shown = (typeof SHOWN)[number] | (string & {});

/** What a filter can ask for where these classes are told apart: all, the classes, what is looked for first, the rest. */
export const shownOf = (classes: readonly string[]): readonly Shown[] => {
  const [all, ...rest] = SHOWN;
  return [all, ...[...classes].reverse(), ...rest];
};

export interface View {
  /** Null: in the order in which they were added. */
  readonly sort: Column | null;
  readonly descending: boolean;
  readonly text: string;
  readonly shown: Shown;
  /** Only images of this label, or only those without one if it is empty; null for all. */
  readonly label: string | null;
  readonly grouped: boolean;
}

export const PLAIN_VIEW: View = {
  sort: null,
  descending: false,
  text: "",
  shown: "all",
  label: null,
  grouped: false,
};

export type Item<T extends Line> =
  | { readonly kind: "line"; readonly line: T }
  | { readonly kind: "patient"; readonly patient: string; readonly count: number };

export function patchCounts(report: ImageReport): PatchCounts {
  const votes = votesOf(report);
  return { votes, leftOut: report.num_patches - votes.reduce((sum, count) => sum + count, 0) };
}

const names = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const OPEN_VERDICTS: readonly (string | null)[] = ["uncertain", "unfamiliar", "not assessable", null];

/** What is looked for first: the classes from the last on, then what is open; of two classes what is uncertain between. */
function verdictPlace({ classes, verdict }: Line): number {
  if (verdict === "uncertain" && isOwn(classes)) return 0.5;
  const place = verdict === null ? -1 : classes.indexOf(verdict);
  return place >= 0 ? classes.length - 1 - place : classes.length + OPEN_VERDICTS.indexOf(verdict);
}
const STATE_ORDER: readonly StateKind[] = [
  "classifying",
  "decoding",
  "waiting",
  "failed",
  "cancelled",
  "same",
  "done",
];

type Compare = (a: Line, b: Line) => number;

/** Numbers by size. What has none compares as equal here and is put last by `sorted`. */
const number =
  (of: (line: Line) => number | null): Compare =>
  (a, b) =>
    (of(a) ?? 0) - (of(b) ?? 0);

/** Of malignant, or of the last of other classes. */
const lastVotes = ({ patches }: Line): number | null => patches?.votes.at(-1) ?? null;

const patchTotal = ({ patches }: Line): number | null =>
  patches?.votes.reduce((sum, count) => sum + count, patches.leftOut) ?? null;

const COMPARE: Readonly<Record<Column, Compare>> = {
  image: (a, b) => names.compare(a.path, b.path),
  verdict: (a, b) => verdictPlace(a) - verdictPlace(b),
  malignant: number(({ share }) => share),
  patches: (a, b) => number(lastVotes)(a, b) || number(patchTotal)(a, b),
  patient: (a, b) => comparePatients(a.patient, b.patient),
  label: (a, b) => compareLabels(a.label, b.label),
  state: (a, b) => STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state),
};

/** Lines that have nothing in a column stand last, whichever way it is sorted. */
const LACKS: Readonly<Record<Column, (line: Line) => boolean>> = {
  image: () => false,
  verdict: ({ verdict }) => verdict === null,
  malignant: ({ share }) => share === null,
  patches: ({ patches }) => patches === null,
  patient: ({ patient }) => patient === "",
  label: ({ label }) => label === "",
  state: () => false,
};

/** How two lines stand to each other in a view; zero where it makes no difference. */
export function comparator({ sort, descending, grouped }: View): Compare {
  const turn = descending ? -1 : 1;
  const compare: Compare = (a, b) => {
    if (sort === null) return 0;
    const lacks = LACKS[sort];
    return Number(lacks(a)) - Number(lacks(b)) || turn * COMPARE[sort](a, b);
  };
  if (!grouped) return compare;
  // Sorted by patient, the groups themselves turn round; those of no patient stay last.
  const groups = sort === "patient" ? turn : 1;
  return (a, b) => {
    const open = a.patient === "" || b.patient === "";
    return (open ? 1 : groups) * comparePatients(a.patient, b.patient) || compare(a, b);
  };
}

function matches({ path, patient, label }: Line, words: readonly string[]): boolean {
  const text = `${path} ${patient} ${label}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function isShown({ verdict, state }: Line, shown: Shown): boolean {
  if (shown === "all") return true;
  if (shown === "open") return state === "waiting" || state === "decoding" || state === "classifying";
  if (shown === "failed" || shown === "cancelled" || shown === "same") return state === shown;
  return verdict === shown;
}

/**
 * Whether a line is let through by a view. Every word of its text must occur in the path, the patient or the label.
 */
export function passes({ text, shown, label }: View): (line: Line) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (line) =>
    isShown(line, shown) &&
    (label === null || line.label === label) &&
    (words.length === 0 || matches(line, words));
}

/** What a click on a column's head makes of the order: first the useful way, then the other, then none. */
export function nextSort(view: View, column: Column): View {
  const first = column === "malignant" || column === "patches";
  if (view.sort !== column) return { ...view, sort: column, descending: first };
  if (view.descending === first) return { ...view, descending: !first };
  return { ...view, sort: null, descending: false };
}

/** Up to so many rows all of them are in the document: a browser's own search finds them. */
export const WINDOW_FROM = 60;
/** Rows kept above and below what is seen, so that scrolling does not show gaps. */
export const OVERSCAN = 6;

/** Which of `count` rows of one height are in the document: from `start` up to, not including, `end`. */
export function windowOf(
  count: number,
  { scroll, height, row }: { scroll: number; height: number; row: number },
): { start: number; end: number } {
  if (count <= WINDOW_FROM) return { start: 0, end: count };
  const first = Math.floor(scroll / row);
  const seen = Math.ceil(height / row) + 1;
  const start = Math.min(Math.max(0, first - OVERSCAN), Math.max(0, count - seen));
  return { start, end: Math.min(count, first + seen + OVERSCAN) };
}
