// A kept study on its way back: what was written on an earlier visit is read as what comes from outside.

import { HistoscopeError } from "../base/errors.ts";
import { Entry, type State } from "./entry.ts";
import type { KeptImage } from "./kept.ts";
import { tidyLabel } from "./labels.ts";
import type { ReadSaved } from "./reading.ts";
import type { FailureReport, ImageReport } from "./report.ts";
import { isScale } from "./scales.ts";

/** So many images are read at once: what is handed to the worker must not keep the page from answering. */
const AT_ONCE = 250;

type Outcome = ImageReport | FailureReport;

/** The reports of an image as they were read; undefined where one is damaged. */
interface Read {
  readonly report: Outcome | null | undefined;
  readonly original: Outcome | null | undefined;
}

/** Images again, in their old order; what is damaged is left out. Without files: those come when they are chosen again. */
export async function fromKept(kept: readonly KeptImage[], read: ReadSaved): Promise<Entry[]> {
  const made = new Map<number, Entry>();
  const ordered = [...kept].sort((a, b) => a.number - b.number);
  for (let first = 0; first < ordered.length; first += AT_ONCE) {
    const some = ordered.slice(first, first + AT_ONCE);
    const reports = await readAll(
      some.flatMap(({ report, original }) => [report, original]),
      read,
    );
    some.forEach((image, index) => {
      const [report, original] = reports.slice(2 * index, 2 * index + 2);
      const entry = restored(image, { report, original });
      if (entry !== null) made.set(image.number, entry);
    });
  }
  const copies = new Set(kept.flatMap(({ number, as }) => (as === null ? [] : [number])));
  for (const { number, as } of kept) {
    // A copy counts for no other: who says so is damaged.
    const original = as === null || copies.has(as) ? undefined : made.get(as);
    if (original !== undefined) made.get(number)?.become({ kind: "same", as: original });
  }
  return [...made.values()];
}

/** Each as it was read: null where there is none, undefined where it is damaged. */
async function readAll(
  reports: readonly (Outcome | null)[],
  read: ReadSaved,
): Promise<(Outcome | null | undefined)[]> {
  const there = reports.flatMap((report, place) => (report === null ? [] : [{ report, place }]));
  const found: (Outcome | null | undefined)[] = reports.map((report) => report && undefined);
  if (there.length === 0) return found;
  await read(
    there.map(({ report }) => report),
    (index, saved) => {
      const place = there[index]?.place;
      if (place !== undefined && !(saved instanceof HistoscopeError)) found[place] = saved[0]?.report;
    },
  );
  return found;
}

/** Null where it was written by another version, or is spoilt: the others are worth having. */
function restored(image: KeptImage, { report, original }: Read): Entry | null {
  if (report === undefined || original === undefined) return null;
  const { path, name, demo, options, model, sha256, analysed, stamp, scale, byFolder } = image;
  const entry = report === null ? new Entry({ path, file: null, demo }, name) : Entry.of(path, report, demo);
  if (original?.success) entry.original = original;
  if (report === null) entry.become(STILL_TO_DO);
  entry.options = options;
  entry.model = model;
  entry.sha256 = sha256;
  entry.analysed = analysed;
  entry.remember(stamp);
  entry.assign(image.patient);
  entry.byFolder = typeof byFolder === "boolean" ? byFolder : null;
  if (isScale(scale)) entry.setScale(scale);
  if (image.label !== undefined) entry.tag(tidyLabel(image.label));
  if (image.leftOut) entry.leaveOut(true);
  return entry;
}

/** What was waiting, at work or cancelled: without its file it can only wait for it. */
const STILL_TO_DO: State = { kind: "cancelled" };
