// What the network said of images is kept, so that nothing runs again when another head is to judge; but only so much.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Entry, Said } from "../study/entry.ts";
import type { Study } from "../study/study.ts";

/** Of all images together, in bytes: some six thousand images of 25 patches and 400 features. */
export const MOST_SAID_BYTES = 256 * 2 ** 20;

export class SaidMemory {
  readonly #most: number;
  readonly #sizes = new Map<Entry, number>();
  readonly #full = signal(false);
  #total = 0;

  constructor(study: Pick<Study, "watch">, most = MOST_SAID_BYTES) {
    this.#most = most;
    study.watch((entry, _, after) =>
      this.#count(entry, after === null ? 0 : sizeOf(entry.said) + sizeOf(entry.saidAside)),
    );
  }

  /** Whether there was no more room for an image. */
  get full(): ReadonlySignal<boolean> {
    return this.#full;
  }

  /** What may be kept of an image: all, or nothing. `beside`: what else is kept of it. */
  admit(entry: Entry, said: Said, beside: Said | null = entry.saidAside): Said | null {
    const others = this.#total - (this.#sizes.get(entry) ?? 0) + sizeOf(beside);
    if (others + sizeOf(said) <= this.#most) return said;
    this.#full.value = true;
    return null;
  }

  /** Likewise of what is put aside. */
  readonly admitAside = (entry: Entry, said: Said): Said | null => this.admit(entry, said, entry.said);

  #count(entry: Entry, size: number): void {
    this.#total += size - (this.#sizes.get(entry) ?? 0);
    if (size > 0) this.#sizes.set(entry, size);
    else this.#sizes.delete(entry);
    if (this.#total === 0) this.#full.value = false;
  }
}

const sizeOf = (said: Said | null): number =>
  said === null ? 0 : said.features.byteLength + said.logits.byteLength;
