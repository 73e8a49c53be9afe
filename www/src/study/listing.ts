// The table of images, kept in order as its lines change: each change finds its place by halving, and nothing is
// sorted anew but when the view changes.

import { comparator, type Item, type Line, PLAIN_VIEW, passes, type View } from "./table.ts";

export class Listing<T extends Line> {
  readonly #order: (line: T) => number;
  #view: View = PLAIN_VIEW;
  #passes = passes(PLAIN_VIEW);
  #compare: (a: T, b: T) => number;
  readonly #all = new Map<string, T>();
  /** Those that the filter lets through, as the view has them. */
  #shown: T[] = [];

  /** `order`: a number for each line that none else has; where the view makes no difference the lesser is first. */
  constructor(order: (line: T) => number) {
    this.#order = order;
    this.#compare = this.#comparing(PLAIN_VIEW);
  }

  /** How many lines the filter lets through. */
  get count(): number {
    return this.#shown.length;
  }

  get lines(): readonly T[] {
    return this.#shown;
  }

  /** Whether the filter lets a line through. */
  shows(line: T): boolean {
    return this.#passes(line);
  }

  /** Takes another view. */
  show(view: View): void {
    if (view === this.#view) return;
    this.#view = view;
    this.#passes = passes(view);
    this.#compare = this.#comparing(view);
    this.#shown = [...this.#all.values()].filter(this.#passes).sort(this.#compare);
  }

  /** Adds a line, or puts it in the place of the one with its id. Says whether rows came, went or moved. */
  put(line: T): boolean {
    const before = this.#all.get(line.id);
    this.#all.set(line.id, line);
    const was = before !== undefined && this.#passes(before) ? this.#place(before) : null;
    const stays = this.#passes(line);
    if (was === null) {
      if (stays) this.#shown.splice(this.#place(line), 0, line);
      return stays;
    }
    if (stays && this.#fits(line, was)) {
      this.#shown[was] = line;
      return this.#view.grouped && before?.patient !== line.patient;
    }
    this.#shown.splice(was, 1);
    if (stays) this.#shown.splice(this.#place(line), 0, line);
    return true;
  }

  /** Says whether a row went. */
  delete(id: string): boolean {
    const line = this.#all.get(id);
    this.#all.delete(id);
    if (line === undefined || !this.#passes(line)) return false;
    this.#shown.splice(this.#place(line), 1);
    return true;
  }

  /** The rows from top to bottom. */
  items(): Item<T>[] {
    if (!this.#view.grouped) return this.#shown.map((line) => ({ kind: "line", line }));
    const items: Item<T>[] = [];
    for (let start = 0; start < this.#shown.length; ) {
      const patient = this.#shown[start]?.patient ?? "";
      let end = start;
      while (end < this.#shown.length && this.#shown[end]?.patient === patient) end++;
      items.push({ kind: "patient", patient, count: end - start });
      for (const line of this.#shown.slice(start, end)) items.push({ kind: "line", line });
      start = end;
    }
    return items;
  }

  #comparing(view: View): (a: T, b: T) => number {
    const compare = comparator(view);
    return (a, b) => compare(a, b) || this.#order(a) - this.#order(b);
  }

  /** Where a line stands, or would. */
  #place(line: T): number {
    let [low, high] = [0, this.#shown.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#shown[middle] as T;
      if (this.#compare(other, line) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #fits(line: T, at: number): boolean {
    const [above, below] = [this.#shown[at - 1], this.#shown[at + 1]];
    return (
      (above === undefined || this.#compare(above, line) < 0) &&
      (below === undefined || this.#compare(line, below) < 0)
    );
  }
}
