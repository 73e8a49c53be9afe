// One image on the page: its file, its picture and how far it has come.

import { signal } from "@preact/signals";
import type { HistoscopeError } from "./errors.ts";
import type { Fold } from "./fold.ts";
import type { Found } from "./intake.ts";
import type { AnalysisOptions } from "./options.ts";
import { thumbnail } from "./pictures.ts";
import { type FailureReport, failureReport, type ImageReport, type Plan } from "./report.ts";

export type State =
  | { readonly kind: "waiting" }
  | { readonly kind: "decoding" }
  | { readonly kind: "classifying"; readonly done: number; readonly total: number }
  | { readonly kind: "done"; readonly report: ImageReport }
  | { readonly kind: "failed"; readonly error: HistoscopeError }
  | { readonly kind: "cancelled" };

let ids = 0;

export class Entry {
  readonly id = `image-${++ids}`;
  readonly path: string;
  readonly file: File;
  readonly remark: string;
  readonly state = signal<State>({ kind: "waiting" });
  readonly plan = signal<Plan | null>(null);
  /** The results so far; a new object with each batch, so that the map is drawn again. */
  readonly results = signal<{ readonly fold: Fold } | null>(null);
  /** What a browser can show of it: the file, or the preview of a format that browsers do not know. */
  readonly picture = signal<Blob>(new Blob());
  /** Null until there is one. */
  readonly thumbnail = signal<ImageBitmap | null>(null);
  /** With what it was, or is being, analysed. */
  options: AnalysisOptions | null = null;
  cancel = new AbortController();
  /** When it was last done, failed or cancelled, on the clock of `performance.now()`. */
  finishedAt = 0;

  /** Of which picture the thumbnail is. */
  #shrunk: Blob | null = null;

  constructor({ path, file, remark = "" }: Found) {
    this.path = path;
    this.remark = remark;
    this.file = file;
    this.picture.value = file;
  }

  /** Makes the thumbnail, once. Meant for when the workers are done with the image: it is decoded again for this. */
  async shrink(): Promise<void> {
    if (this.#shrunk === this.picture.value) return;
    this.#shrunk = this.picture.value;
    const bitmap = await thumbnail(this.picture.value);
    if (bitmap === null) return;
    this.thumbnail.value?.close();
    this.thumbnail.value = bitmap;
  }

  /** Neither waiting nor at work. */
  get settled(): boolean {
    const { kind } = this.state.value;
    return kind === "done" || kind === "failed" || kind === "cancelled";
  }

  /** The report that goes into the aggregate and into a download; null while there is none. */
  get report(): ImageReport | FailureReport | null {
    const state = this.state.value;
    if (state.kind === "done") return state.report;
    if (state.kind === "failed") return failureReport(this.file.name, state.error);
    return null;
  }
}
