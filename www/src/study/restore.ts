// A kept study on its way back: what was written on an earlier visit is checked as what comes from outside.

import { Entry, type State } from "./entry.ts";
import { checkedReport } from "./exchange.ts";
import type { KeptImage } from "./kept.ts";
import { tidyLabel } from "./labels.ts";

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
