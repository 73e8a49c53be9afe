// A quiz for a class: what an image is called, shows and is said to be stays hidden until it is revealed; before that the
// class votes. Nothing of it is kept.

import { signal } from "@preact/signals";
import type { Entry } from "./entry.ts";

/** How often each label was chosen, in the order of the labels. */
export type Votes = ReadonlyMap<string, number>;

export class Quiz {
  readonly on = signal(false);
  readonly #revealed = signal<ReadonlySet<Entry>>(new Set());
  readonly #votes = signal<ReadonlyMap<Entry, Votes>>(new Map());

  /** Everything is hidden again, and every vote forgotten. */
  begin(): void {
    this.#revealed.value = new Set();
    this.#votes.value = new Map();
    this.on.value = true;
  }

  end(): void {
    this.on.value = false;
  }

  /** Whether nothing may be said of this image yet. */
  hides(entry: Entry): boolean {
    return this.on.value && !this.#revealed.value.has(entry);
  }

  reveal(entry: Entry): void {
    this.#revealed.value = new Set([...this.#revealed.peek(), entry]);
  }

  votesOf(entry: Entry): Votes {
    return this.#votes.value.get(entry) ?? new Map();
  }

  /** One more for a label, or, with -1, one less. */
  vote(entry: Entry, label: string, by: 1 | -1 = 1): void {
    const votes = new Map(this.votesOf(entry));
    votes.set(label, Math.max(0, (votes.get(label) ?? 0) + by));
    this.#votes.value = new Map([...this.#votes.peek(), [entry, votes]]);
  }
}
