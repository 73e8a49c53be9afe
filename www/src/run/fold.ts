// Puts results, which come in any order, into their places: a row for each voter of the plan, in the plan's order.
// The report is made from what lies here, so it cannot depend on which worker was faster or how many there were.

import { InternalError } from "../base/errors.ts";
import type { BatchResult } from "../engine/protocol.ts";
import { said } from "../words/said.ts";
import { type Cam, OwnCam } from "./cam.ts";

/** Values for each patch in each output. */
const CLASSES = 2;

export class Fold {
  /** `[voters, 2]`; NaN where no result has come yet. */
  readonly logits: Float32Array<ArrayBuffer>;
  readonly probabilities: Float32Array<ArrayBuffer>;
  #features = new Float32Array(0);
  #cam: OwnCam | null = null;
  #done = 0;

  constructor(readonly voters: number) {
    this.logits = new Float32Array(voters * CLASSES).fill(Number.NaN);
    this.probabilities = new Float32Array(voters * CLASSES).fill(Number.NaN);
  }

  /** Voters whose results have come. */
  get done(): number {
    return this.#done;
  }

  get complete(): boolean {
    return this.#done === this.voters;
  }

  /** `[voters, features]`, from the first result on; empty where the model gives none. */
  get features(): Float32Array<ArrayBuffer> {
    return this.#features;
  }

  /** The class-activation maps, from the first result on. */
  get cam(): OwnCam | null {
    return this.#cam;
  }

  /** What of it is shown: the rest of what the network said is kept by whoever needs it. */
  get shown(): { readonly probabilities: Float32Array; readonly cam: Cam | null } {
    return { probabilities: this.probabilities, cam: this.#cam };
  }

  /** Places the results of consecutive voters from `first` on. Each comes once. */
  place(first: number, result: BatchResult): void {
    const rows = result.logits.length / CLASSES;
    const places = this.logits.subarray(first * CLASSES, (first + rows) * CLASSES);
    if (places.length !== result.logits.length || !places.every(Number.isNaN)) {
      throw new InternalError(...said("result_misplaced", "call", { rows, first }));
    }
    this.logits.set(result.logits, first * CLASSES);
    this.probabilities.set(result.probabilities, first * CLASSES);
    this.#placeFeatures(first, rows, result);
    this.#placeCam(first, result);
    this.#done += rows;
  }

  #placeFeatures(first: number, rows: number, { features }: BatchResult): void {
    // What comes all at once needs no other place.
    if (rows === this.voters) {
      this.#features = features;
      return;
    }
    const each = features.length / rows;
    if (this.#features.length === 0) this.#features = new Float32Array(this.voters * each).fill(Number.NaN);
    this.#features.set(features, first * each);
  }

  #placeCam(first: number, { cam, camWidth: width, camHeight: height }: BatchResult): void {
    // Of a slide's thousands of patches none are kept.
    if (cam.length === 0) return;
    this.#cam ??= new OwnCam(width, height, this.voters);
    this.#cam.place(first, cam);
  }
}
