// A study and its images as they are kept on this machine: results and what a person said of them, never a pixel.

import type { AnalysisOptions } from "../run/options.ts";
import type { Entry } from "./entry.ts";
import { type FailureReport, failureReport, type ImageReport } from "./report.ts";
import type { StateKind } from "./table.ts";

/** Tells a file that was chosen again from one that was changed, without reading it. */
export interface Stamp {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/**
 * Of the form in which a study is kept. The first had neither who tells a patient nor scales, no version, and each image
 * in a record of its own, the second objects in place of text; a study of a later form than this is another page's, and
 * left alone.
 */
export const KEPT_VERSION = 3;

/** What is known of a kept study without reading its images. */
export interface KeptStudy {
  readonly id: string;
  readonly version?: number;
  /** Milliseconds since 1970, of the last change. */
  readonly changed: number;
  readonly images: number;
  /** Of them, those with a result. */
  readonly results: number;
  /** Micrometres per pixel that were set for all images, so that later ones take them over; absent where none were. */
  readonly scale?: number;
}

export interface KeptImage {
  /** Its place; only the order means something. */
  readonly number: number;
  readonly path: string;
  readonly name: string;
  readonly patient: string;
  /** Studies of earlier versions have none; so with all that may be absent. */
  readonly label?: string;
  /** Whether the folder's name tells the patient; absent where nobody knows. */
  readonly byFolder?: boolean;
  /** Micrometres per pixel, as a person has set them; absent where nobody has. */
  readonly scale?: number;
  readonly demo: boolean;
  readonly leftOut: boolean;
  readonly state: StateKind;
  readonly report: ImageReport | FailureReport | null;
  /** As the model gave it; null where that is the report. */
  readonly original: ImageReport | null;
  readonly options: AnalysisOptions | null;
  readonly model: string;
  readonly sha256: string | null;
  readonly analysed: number | null;
  readonly stamp: Stamp | null;
  /** Place of the image with the same bytes that counts for it. */
  readonly as: number | null;
}

export function toKept(entry: Entry): KeptImage {
  const { number, path, name, demo, sha256, analysed, stamp, byFolder, scaleSet } = entry;
  const { state, original, options, model } = entry.lasting;
  const report =
    state.kind === "done" ? state.report : state.kind === "failed" ? failureReport(name, state.error) : null;
  return {
    number,
    path,
    name,
    patient: entry.patient.peek(),
    label: entry.label.peek(),
    ...(byFolder !== null && { byFolder }),
    ...(scaleSet !== null && { scale: scaleSet }),
    demo,
    leftOut: entry.leftOut.peek(),
    state: state.kind,
    report,
    original: original === report ? null : original,
    options,
    model,
    sha256,
    analysed,
    stamp,
    as: state.kind === "same" ? state.as.number : null,
  };
}
