// One image on the page: its file, its picture and how far it has come.

import { computed, signal } from "@preact/signals";
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

/** Results as they are shown; those that were read from a report have no logits. */
type Shown = Pick<Fold, "probabilities" | "cam"> & Partial<Pick<Fold, "logits">>;

export interface EntryLine extends Line {
  readonly entry: Entry;
}

let ids = 0;

export class Entry {
  readonly id = `image-${++ids}`;
  readonly path: string;
  readonly file: File;
  /** What a viewer must know of the picture. */
  readonly remark: Say | null;
  /** False for results that were read from a report: there is no file to show or to run again. */
  readonly hasFile: boolean;
  /** Empty where it is not known. */
  readonly patient = signal("");
  readonly state = signal<State>({ kind: "waiting" });
  readonly plan = signal<Plan | null>(null);
  /** The results so far; a new object with each batch, so that the map is drawn again. */
  readonly results = signal<{ readonly fold: Shown } | null>(null);
  /** What a browser can show of it: the file, or the preview of a format that browsers do not know. */
  readonly picture = signal<Blob>(new Blob());
  /** With what it was, or is being, analysed. */
  options: AnalysisOptions | null = null;
  /** The manifest of the person's own model with which that was; empty for the built-in one. */
  model = "";
  cancel = new AbortController();
  /** When it was last done, failed or cancelled, on the clock of `performance.now()`. */
  finishedAt = 0;

  /** Kept, so that whoever compares reports sees the same one as long as it is. */
  readonly #report = computed(() => {
    const state = this.state.value;
    if (state.kind === "done") return state.report;
    return state.kind === "failed" ? failureReport(this.file.name, state.error) : null;
  });

  /** As a line of the table of images. */
  readonly line = computed((): EntryLine => {
    const state = this.state.value;
    const report = state.kind === "done" ? state.report : null;
    return {
      entry: this,
      id: this.id,
      path: this.path,
      patient: this.patient.value,
      state: state.kind,
      verdict: report?.verdict ?? null,
      malignant: report?.probabilities?.malignant ?? null,
      patches: report && patchCounts(report),
    };
  });

  constructor({ path, file, remark }: Found, hasFile = true) {
    this.path = path;
    this.remark = remark ?? null;
    this.file = file;
    this.hasFile = hasFile;
    this.picture.value = file;
    this.patient.value = patientOf(path);
  }

  /** A result that was saved earlier: its verdict and its map, without the picture. */
  static of(path: string, report: ImageReport | FailureReport): Entry {
    const entry = new Entry({ path, file: new File([], report.filename) }, false);
    if (report.success) {
      const { plan, probabilities } = replay(report);
      entry.plan.value = plan;
      entry.results.value = { fold: { probabilities, cam: null } };
      entry.state.value = { kind: "done", report };
    } else {
      entry.state.value = { kind: "failed", error: fromWire(report.error) };
    }
    return entry;
  }

  /** What the network said, `[voters, 2]`; null where it is not, or no longer, known. */
  get logits(): Float32Array<ArrayBuffer> | null {
    if (this.plan.value?.voters.length === 0) return new Float32Array();
    return this.results.value?.fold.logits ?? null;
  }

  /** Neither waiting nor at work. */
  get settled(): boolean {
    const { kind } = this.state.value;
    return kind === "done" || kind === "failed" || kind === "cancelled";
  }

  /** The report that goes into the aggregate and into a download; null while there is none. */
  get report(): ImageReport | FailureReport | null {
    return this.#report.value;
  }
}
