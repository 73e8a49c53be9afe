// One image of the study: its file, its picture and how far it has come. What a line of the table says of it is kept,
// and whoever keeps books on images is told when that changes.

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { fromWire, type HistoscopeError } from "../base/errors.ts";
import type { Fold } from "../run/fold.ts";
import type { AnalysisOptions } from "../run/options.ts";
import type { Say } from "../words/words.ts";
import { replay } from "./exchange.ts";
import type { Found } from "./intake.ts";
import { patientOf } from "./patients.ts";
import { type FailureReport, failureReport, type ImageReport, type Plan } from "./report.ts";
import { type Line, patchCounts } from "./table.ts";

export type State =
  | { readonly kind: "waiting" }
  | { readonly kind: "decoding" }
  | { readonly kind: "classifying"; readonly done: number; readonly total: number }
  | { readonly kind: "done"; readonly report: ImageReport }
  | { readonly kind: "failed"; readonly error: HistoscopeError }
  | { readonly kind: "cancelled" };

/** Results as they are shown; those that were read from a report have no map within patches. */
type Shown = Pick<Fold, "probabilities" | "cam">;

export interface EntryLine extends Line {
  readonly entry: Entry;
  /** What goes into the aggregate and into a download; null while there is nothing. */
  readonly outcome: ImageReport | FailureReport | null;
  /** Whether it can be run again. */
  readonly hasFile: boolean;
}

/** Told of each change of an entry's line. */
export type Watcher = (before: EntryLine, after: EntryLine) => void;

let made = 0;

export class Entry {
  /** Later ones have greater numbers. */
  readonly number = ++made;
  readonly id = `image-${this.number}`;
  readonly path: string;
  readonly file: File;
  /** What a viewer must know of the picture. */
  readonly remark: Say | null;
  /** False for results that were read from a report: there is no file to show or to run again. */
  readonly hasFile: boolean;
  readonly plan = signal<Plan | null>(null);
  /** The results so far; a new object with each batch, so that the map is drawn again. */
  readonly results = signal<{ readonly fold: Shown } | null>(null);
  /** What a browser can show of it: the file, or the preview of a format that browsers do not know. */
  readonly picture = signal<Blob>(new Blob());
  /** With what it was, or is being, analysed; null where only a report says so. */
  options: AnalysisOptions | null = null;
  /** The manifest of the person's own model with which that was; empty for the built-in one. */
  model = "";
  /** The report as the model gave it, whatever threshold was asked for since. */
  original: ImageReport | null = null;
  cancel = new AbortController();
  watcher: Watcher | null = null;

  readonly #state = signal<State>({ kind: "waiting" });
  readonly #patient = signal("");
  readonly #line: Signal<EntryLine>;

  constructor({ path, file, remark }: Found, hasFile = true) {
    this.path = path;
    this.remark = remark ?? null;
    this.file = file;
    this.hasFile = hasFile;
    this.picture.value = file;
    this.#patient.value = patientOf(path);
    this.#line = signal(this.#describe());
  }

  /** A result that was saved earlier: its verdict and its map, without the picture. */
  static of(path: string, report: ImageReport | FailureReport): Entry {
    const entry = new Entry({ path, file: new File([], report.filename) }, false);
    if (report.success) {
      const { plan, probabilities } = replay(report);
      entry.plan.value = plan;
      entry.results.value = { fold: { probabilities, cam: null } };
      entry.original = report;
      entry.become({ kind: "done", report });
    } else {
      entry.become({ kind: "failed", error: fromWire(report.error) });
    }
    return entry;
  }

  get state(): ReadonlySignal<State> {
    return this.#state;
  }

  /** Empty where it is not known. */
  get patient(): ReadonlySignal<string> {
    return this.#patient;
  }

  /** As a line of the table of images. */
  get line(): ReadonlySignal<EntryLine> {
    return this.#line;
  }

  /** Neither waiting nor at work. */
  get settled(): boolean {
    return isSettled(this.#state.value);
  }

  become(state: State): void {
    batch(() => {
      const before = this.#state.peek();
      this.#state.value = state;
      // Most changes are of how many patches are done, of which no line tells.
      if (state.kind !== before.kind || state.kind === "done" || state.kind === "failed") this.#tell();
    });
  }

  assign(patient: string): void {
    batch(() => {
      this.#patient.value = patient;
      this.#tell();
    });
  }

  #tell(): void {
    const before = this.#line.peek();
    const after = this.#describe();
    this.#line.value = after;
    this.watcher?.(before, after);
  }

  #describe(): EntryLine {
    const state = this.#state.peek();
    const report = state.kind === "done" ? state.report : null;
    return {
      entry: this,
      id: this.id,
      path: this.path,
      patient: this.#patient.peek(),
      state: state.kind,
      verdict: report?.verdict ?? null,
      malignant: report?.probabilities?.malignant ?? null,
      patches: report && patchCounts(report),
      hasFile: this.hasFile,
      outcome: state.kind === "failed" ? failureReport(this.file.name, state.error) : report,
    };
  }
}

export const isSettled = ({ kind }: Pick<State, "kind">): boolean =>
  kind === "done" || kind === "failed" || kind === "cancelled";
