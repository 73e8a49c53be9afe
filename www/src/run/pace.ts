// How long the rest of a run will take, by how long what is done took. Only what was looked at to the end counts:
// images that failed or were cancelled say nothing of the others.

export class Pace {
  readonly #now: () => number;
  #began = 0;
  #done = 0;
  /** How long the run has been held in all, and since when it is; null while it goes on. */
  #heldMs = 0;
  #heldSince: number | null = null;

  /** `now`: milliseconds from any fixed moment. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  begin(held: boolean): void {
    this.#began = this.#now();
    this.#done = 0;
    this.#heldMs = 0;
    this.#heldSince = held ? this.#began : null;
  }

  done(): void {
    this.#done++;
  }

  hold(held: boolean): void {
    if (held) this.#heldSince = this.#now();
    else if (this.#heldSince !== null) {
      this.#heldMs += this.#now() - this.#heldSince;
      this.#heldSince = null;
    }
  }

  /** Milliseconds that `left` images will take; null before there is a pace, and while the run is held. */
  remaining(left: number): number | null {
    if (this.#done === 0 || left === 0 || this.#heldSince !== null) return null;
    return ((this.#now() - this.#began - this.#heldMs) / this.#done) * left;
  }
}
