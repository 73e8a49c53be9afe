// Class-activation maps: what is said of places within an image's voters. Each voter has some hundred of them, and most are
// never looked at, so those of the network lie in a quarter of the memory that its scores would take.

import type { LessonMap } from "../engine/protocol.ts";

export interface Cam {
  /** In cells, of one voter. */
  readonly width: number;
  readonly height: number;
  /**
   * Of the class at `place`, at a cell: they are counted through all voters, row by row. Only differences between classes mean
   * something. NaN where no result has come yet.
   */
  score(cell: number, place: number): number;
}

/** The model's own: benign and malignant. */
const CLASSES = 2;

/** A difference has so many steps to one: half a step changes a probability by at most 0.00013, which no colour shows. */
const STEPS = 1024;
/** In steps: beyond 32 one class has all to fourteen places. */
const MOST = 32767;
/** Where no result has come. */
const NONE = -32768;

/** That of the model's own head: of each cell the score of malignant less that of benign. */
export class OwnCam implements Cam {
  /** `[voters, height, width]` */
  readonly #steps: Int16Array;

  constructor(
    readonly width: number,
    readonly height: number,
    voters: number,
  ) {
    this.#steps = new Int16Array(voters * height * width).fill(NONE);
  }

  /** Takes scores `[voters, height, width, 2]` of consecutive voters from `first` on. */
  place(first: number, scores: Float32Array): void {
    const start = first * this.height * this.width;
    for (let cell = 0; cell < scores.length / CLASSES; cell++) {
      const difference = (scores[CLASSES * cell + 1] ?? 0) - (scores[CLASSES * cell] ?? 0);
      this.#steps[start + cell] = Math.max(-MOST, Math.min(MOST, Math.round(STEPS * difference)));
    }
  }

  score(cell: number, place: number): number {
    const steps = this.#steps[cell] ?? NONE;
    if (steps === NONE) return Number.NaN;
    return place === 0 ? 0 : steps / STEPS;
  }
}

/** That of a lesson, by its own classes. */
export class LessonCam implements Cam {
  readonly width: number;
  readonly height: number;
  readonly #values: Float32Array;

  constructor(
    { width, height, values }: LessonMap,
    readonly classes: number,
  ) {
    this.width = width;
    this.height = height;
    this.#values = values;
  }

  score(cell: number, place: number): number {
    return this.#values[this.classes * cell + place] ?? Number.NaN;
  }
}
