// How many images there are, in each state and with each label: kept as they change, never counted anew.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { isOwn } from "./classes.ts";
import { type EntryLine, isSettled } from "./entry.ts";
import { compareLabels } from "./labels.ts";
import type { StateKind } from "./table.ts";

/** How many images there are, and of them in each state. */
export type Counts = Readonly<Record<StateKind, number>> & {
  readonly total: number;
  /** Waiting or at work. */
  readonly open: number;
  /** Failed, and may do better. */
  readonly retriable: number;
  /** Cancelled, and there is a file to run; the others wait for theirs. */
  readonly runnable: number;
  /** Judged by a lesson of other classes than the model's own. */
  readonly otherClasses: number;
};

const NOTHING: Counts = {
  total: 0,
  open: 0,
  retriable: 0,
  runnable: 0,
  otherClasses: 0,
  waiting: 0,
  decoding: 0,
  classifying: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
  same: 0,
};

export class Tally {
  readonly #counts = signal(NOTHING);
  readonly #drawings = signal(0);
  /** How many images have each label. */
  readonly #labelled = new Map<string, number>();
  /** Raised when a label comes or goes. */
  readonly #labelComings = signal(0);

  readonly counts: ReadonlySignal<Counts> = this.#counts;
  readonly drawings: ReadonlySignal<number> = this.#drawings;
  /** Every label that an image has, in order. */
  readonly labels = computed((): readonly string[] => {
    this.#labelComings.value;
    return [...this.#labelled.keys()].sort(compareLabels);
  });

  /** `before` is no longer so, `after` is; null where an image came, or went. */
  book(before: EntryLine | null, after: EntryLine | null): void {
    const counts = { ...this.#counts.peek() };
    for (const [line, by] of [[before, -1] as const, [after, 1] as const]) {
      if (line === null) continue;
      counts.total += by;
      counts[line.state] += by;
      if (!isSettled({ kind: line.state })) counts.open += by;
      if (line.retriable) counts.retriable += by;
      if (line.state === "cancelled" && line.hasFile) counts.runnable += by;
      if (!isOwn(line.classes)) counts.otherClasses += by;
      if (line.entry.demo) this.#drawings.value += by;
    }
    this.#counts.value = counts;
    this.#bookLabel(before?.label ?? "", after?.label ?? "");
  }

  #bookLabel(before: string, after: string): void {
    if (before === after) return;
    const labelled = this.#labelled;
    const left = (labelled.get(before) ?? 0) - 1;
    if (left > 0) labelled.set(before, left);
    const went = left === 0 && labelled.delete(before);
    const came = after !== "" && !labelled.has(after);
    if (after !== "") labelled.set(after, (labelled.get(after) ?? 0) + 1);
    if (went || came) this.#labelComings.value++;
  }
}
