// What each result depends on, and how many results have each such origin: few do, whatever the number of images.

import { signal } from "@preact/signals";
import { type AnalysisOptions, sameAnalysis } from "../run/options.ts";
import type { Entry, EntryLine } from "./entry.ts";

/** What a result depends on: the model, as `Entry.model` has it, and the options. */
export interface Origin {
  readonly model: string;
  /** The digest of the lesson that judged; absent where the model's own head did. */
  readonly lesson?: string;
  readonly options: AnalysisOptions;
}

const isSame = (a: Origin, b: Origin): boolean =>
  a.model === b.model && a.lesson === b.lesson && sameAnalysis(a.options, b.options);

/** None where a report says all that is known, or there is no result. */
function originOf({ options, model, original, state }: Entry): Origin | null {
  if (state.peek().kind !== "done" || options === null) return null;
  const lesson = original?.taught?.lesson?.sha256;
  return { model, options, ...(lesson !== undefined && { lesson }) };
}

export class Origins {
  readonly #known: { readonly origin: Origin; count: number }[] = [];
  readonly #changed = signal(0);
  /** Under which origin each entry was counted: its own may have changed since. */
  readonly #counted = new WeakMap<Entry, Origin>();

  /** An image came (`before` null), went (`after` null) or changed. */
  book(before: EntryLine | null, after: EntryLine | null): void {
    if (before !== null) this.#leave(before.entry);
    if (after !== null) this.#enter(after.entry);
  }

  /** How many results another model or other options gave, and whether a model was the reason for any. */
  outdated(now: Origin): { readonly count: number; readonly otherModel: boolean } {
    this.#changed.value;
    const others = this.#known.filter(({ origin, count }) => count > 0 && !isSame(origin, now));
    return {
      count: others.reduce((sum, { count }) => sum + count, 0),
      otherModel: others.some(({ origin }) => origin.model !== now.model),
    };
  }

  /** Whether an image has a result, of another origin. */
  isOutdated(entry: Entry, now: Origin): boolean {
    const origin = originOf(entry);
    return origin !== null && !isSame(origin, now);
  }

  #leave(entry: Entry): void {
    const origin = this.#counted.get(entry);
    if (origin === undefined) return;
    this.#counted.delete(entry);
    this.#add(origin, -1);
  }

  #enter(entry: Entry): void {
    const origin = originOf(entry);
    if (origin === null) return;
    this.#counted.set(entry, origin);
    this.#add(origin, 1);
  }

  #add(origin: Origin, by: 1 | -1): void {
    let known = this.#known.find((one) => isSame(one.origin, origin));
    if (known === undefined) {
      known = { origin, count: 0 };
      this.#known.push(known);
    }
    known.count += by;
    this.#changed.value++;
  }
}
