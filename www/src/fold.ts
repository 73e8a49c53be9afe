// Puts the results of batches, which come in any order, into their places by patch index. The report is made from
// what lies here, so it cannot depend on which worker was faster or how many there were.

import { InternalError } from "./errors.ts";
import type { BatchResult } from "./protocol.ts";

/** Values for each patch in each output. */
const CLASSES = 2;

export interface Cam {
  readonly width: number;
  readonly height: number;
  /** `[patches, height, width, 2]`; NaN where no result has come yet. */
  readonly values: Float32Array;
}

export class Fold {
  /** `[patches, 2]`; NaN where no result has come yet. */
  readonly logits: Float32Array<ArrayBuffer>;
  readonly probabilities: Float32Array<ArrayBuffer>;
  readonly #batchSize: number;
  readonly #placed = new Set<number>();
  #cam: Cam | null = null;
  #done = 0;

  constructor(
    readonly patches: number,
    batchSize: number,
  ) {
    this.#batchSize = batchSize;
    this.logits = new Float32Array(patches * CLASSES).fill(Number.NaN);
    this.probabilities = new Float32Array(patches * CLASSES).fill(Number.NaN);
  }

  /** Patches whose results have come. */
  get done(): number {
    return this.#done;
  }

  get complete(): boolean {
    return this.#done === this.patches;
  }

  /** The class-activation maps, from the first result on. */
  get cam(): Cam | null {
    return this.#cam;
  }

  /** Places the result of one batch. Each batch comes once and has as many rows as the plan says. */
  place(batch: number, result: BatchResult): void {
    const first = batch * this.#batchSize;
    const rows = Math.min(this.#batchSize, this.patches - first);
    if (this.#placed.has(batch) || rows <= 0 || result.logits.length !== rows * CLASSES) {
      throw new InternalError(
        "result_misplaced",
        `Batch ${batch} came with ${result.logits.length / CLASSES} patches where the plan has ${Math.max(0, rows)} left.`,
        "Reload the page and try again.",
      );
    }
    this.#placed.add(batch);
    this.logits.set(result.logits, first * CLASSES);
    this.probabilities.set(result.probabilities, first * CLASSES);
    this.#placeCam(first, result);
    this.#done += rows;
  }

  #placeCam(first: number, { cam, camWidth: width, camHeight: height }: BatchResult): void {
    const size = width * height * CLASSES;
    this.#cam ??= { width, height, values: new Float32Array(this.patches * size).fill(Number.NaN) };
    this.#cam.values.set(cam, first * size);
  }
}
