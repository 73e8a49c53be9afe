// Images with the same bytes: one counts, the others say which. Known by the SHA-256 of their files.

import type { Entry } from "./entry.ts";

export class Copies {
  /** The image that counts, by its digest. */
  readonly #originals = new Map<string, Entry>();
  readonly #copies = new Map<Entry, Set<Entry>>();

  /** The image that counts for these bytes, if it is another one. */
  original(sha256: string, entry: Entry): Entry | null {
    const known = this.#originals.get(sha256) ?? null;
    return known === entry ? null : known;
  }

  /** From now on it counts for its bytes. */
  enter(entry: Entry): void {
    if (entry.sha256 !== null) this.#originals.set(entry.sha256, entry);
  }

  copiesOf(entry: Entry): readonly Entry[] {
    return [...(this.#copies.get(entry) ?? [])];
  }

  /** An image has become a copy. */
  join(copy: Entry, original: Entry): void {
    const copies = this.#copies.get(original) ?? new Set();
    this.#copies.set(original, copies.add(copy));
  }

  /** An image is a copy no more. */
  part(copy: Entry, original: Entry): void {
    const copies = this.#copies.get(original);
    copies?.delete(copy);
    if (copies?.size === 0) this.#copies.delete(original);
  }

  /** An image has left the study. */
  leave(entry: Entry): void {
    if (entry.sha256 !== null && this.#originals.get(entry.sha256) === entry) {
      this.#originals.delete(entry.sha256);
    }
  }
}
