// The slides that hold a worker: a few at a time, and the others are opened again when they are wanted.

/** What holds something that it can let go of, and is able to open again by itself. */
export interface Holder {
  /** Whether it must not be interrupted. */
  readonly busy: boolean;
  close(): void;
}

export class Held {
  #most: number;
  /** The one that was used last comes last. */
  readonly #open = new Set<Holder>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a holder as open, for whatever it is used, and closes those that were used longest ago. */
  use(holder: Holder): void {
    this.#open.delete(holder);
    this.#open.add(holder);
    this.#trim(this.#most, holder);
  }

  /** From now on one holder at a time, and none now: another is about to hold much. */
  makeRoom(): void {
    this.#most = 1;
    this.#trim(0, null);
  }

  #trim(most: number, spared: Holder | null): void {
    for (const other of this.#open) {
      if (this.#open.size <= most) break;
      if (other.busy || other === spared) continue;
      this.#open.delete(other);
      other.close();
    }
  }

  /** It holds nothing any more. */
  left(holder: Holder): void {
    this.#open.delete(holder);
  }
}
