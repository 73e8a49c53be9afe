// An image of the study as it is kept on this machine: results and what a person said of it, never a pixel.

import type { AnalysisOptions } from "../run/options.ts";
import { Entry, type State } from "./entry.ts";
import { checkedReport } from "./exchange.ts";
import { tidyLabel } from "./labels.ts";
import { type FailureReport, failureReport, type ImageReport } from "./report.ts";
import type { StateKind } from "./table.ts";

/** Tells a file that was chosen again from one that was changed, without reading it. */
export interface Stamp {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export interface KeptImage {
  /** Its place; only the order means something. */
  readonly number: number;
  readonly path: string;
  readonly name: string;
  readonly patient: string;
  /** Studies of earlier versions have none. */
  readonly label?: string;
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
  const { number, path, name, demo, sha256, analysed, stamp } = entry;
  const { state, original, options, model } = entry.lasting;
  const report =
    state.kind === "done" ? state.report : state.kind === "failed" ? failureReport(name, state.error) : null;
  return {
    number,
    path,
    name,
    patient: entry.patient.peek(),
    label: entry.label.peek(),
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

/** Images again, in their old order; what is damaged is left out. Without files: those come when they are chosen again. */
export function fromKept(kept: readonly KeptImage[]): Entry[] {
  const made = new Map<number, Entry>();
  for (const image of [...kept].sort((a, b) => a.number - b.number)) {
    try {
      made.set(image.number, restored(image));
    } catch {
      // Written by another version, or spoilt: the others are worth having.
    }
  }
  for (const { number, as } of kept) {
    const original = as === null ? undefined : made.get(as);
    if (original !== undefined) made.get(number)?.become({ kind: "same", as: original });
  }
  return [...made.values()];
}

function restored(image: KeptImage): Entry {
  const { path, name, demo, report, original, options, model, sha256, analysed, stamp } = image;
  const entry =
    report === null
      ? new Entry({ path, file: null, demo }, name)
      : Entry.of(path, checkedReport(report), demo);
  if (original !== null) {
    const checked = checkedReport(original);
    if (checked.success) entry.original = checked;
  }
  if (report === null) entry.become(STILL_TO_DO);
  entry.options = options;
  entry.model = model;
  entry.sha256 = sha256;
  entry.analysed = analysed;
  entry.remember(stamp);
  entry.assign(image.patient);
  if (image.label !== undefined) entry.tag(tidyLabel(image.label));
  if (image.leftOut) entry.leaveOut(true);
  return entry;
}

/** What was waiting, at work or cancelled: without its file it can only wait for it. */
const STILL_TO_DO: State = { kind: "cancelled" };
