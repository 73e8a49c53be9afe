// Room for decoded pixels: what all workers together may hold of large images at one time.
//
// A decoded image lies in the engine's memory with its decoder's buffers, some six to nine bytes a pixel. Each worker may take so many
// pixels unasked; the other half of the budget is handed out here, first come, first served. An image that is larger
// than all of it gets it alone.

/** Pixels for each gigabyte of the machine's memory. */
const PER_GIGABYTE = 16e6;
/** Where a browser does not say how much memory there is. */
const USUAL_GIGABYTES = 4;

/** How many pixels all workers together may hold; browsers say no more than 8 gigabytes. */
export const pixelBudget = (gigabytes = USUAL_GIGABYTES): number =>
  PER_GIGABYTE * Math.min(8, Math.max(2, gigabytes));

interface Waiting {
  readonly pixels: number;
  readonly enter: () => void;
}

export class Room {
  readonly #whole: number;
  #free: number;
  #waiting: Waiting[] = [];

  constructor(readonly budget: number) {
    this.#whole = Math.floor(budget / 2);
    this.#free = this.#whole;
  }

  /** What each of so many workers may take without asking. */
  unasked(workers: number): number {
    return Math.floor(this.budget / 2 / Math.max(1, workers));
  }

  /** Calls `enter` once there is room. What it returns gives the room back, or the place in the queue. */
  enter(pixels: number, enter: () => void): () => void {
    const place = { pixels: Math.min(pixels, this.#whole), enter };
    this.#waiting.push(place);
    this.#admit();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const waits = this.#waiting.includes(place);
      if (waits) this.#waiting = this.#waiting.filter((other) => other !== place);
      else this.#free += place.pixels;
      this.#admit();
    };
  }

  #admit(): void {
    for (
      let [first] = this.#waiting;
      first !== undefined && first.pixels <= this.#free;
      [first] = this.#waiting
    ) {
      this.#waiting.shift();
      this.#free -= first.pixels;
      first.enter();
    }
  }
}
