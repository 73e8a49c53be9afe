// Puts results, which come in any order, into their places: a row for each voter of the plan, in the plan's order.
// The report is made from what lies here, so it cannot depend on which worker was faster or how many there were.

import { InternalError } from "../base/errors.ts";
import type { BatchResult, SoFar } from "../engine/protocol.ts";
import { isOwn, OWN_CLASSES } from "../study/classes.ts";
import { said } from "../words/said.ts";
import { type Cam, OwnCam } from "./cam.ts";

export class Fold {
  #classes: readonly string[] = OWN_CLASSES;
  #logits = new Float32Array(0);
  #probabilities = new Float32Array(0);
  #features = new Float32Array(0);
  #cam: OwnCam | null = null;
  #done = 0;

  constructor(readonly voters: number) {}

  /** Those of all columns: the model's own from the first result on, if it has such. */
  get classes(): readonly string[] {
    return this.#classes;
  }

  /** `[voters, classes]`, from the first result on; NaN where none has come yet. */
  get logits(): Float32Array<ArrayBuffer> {
    return this.#logits;
  }

  /** Likewise. */
  get probabilities(): Float32Array<ArrayBuffer> {
    return this.#probabilities;
  }

  /** Voters whose results have come. */
  get done(): number {
    return this.#done;
  }

  get complete(): boolean {
    return this.#done === this.voters;
  }

  /** `[voters, features]`, once they have come; empty where the model gives none. */
  get features(): Float32Array<ArrayBuffer> {
    return this.#features;
  }

  /** Takes those of all voters. */
  complement(features: Float32Array<ArrayBuffer>): void {
    this.#features = features;
  }

  /** The class-activation maps, from the first result on. */
  get cam(): Cam | null {
    return this.#cam;
  }

  /** What of it is shown: the rest of what the network said is kept by whoever needs it. */
  get shown(): Pick<Fold, "classes" | "probabilities" | "cam"> {
    const { classes, probabilities, cam } = this;
    return { classes, probabilities, cam };
  }

  /** Places the results of consecutive voters from `first` on. Each comes once. */
  place(first: number, result: SoFar & Partial<BatchResult>): void {
    const { length: columns } = result.classes;
    const rows = result.logits.length / columns;
    if (this.#logits.length === 0) {
      this.#classes = result.classes;
      this.#logits = new Float32Array(this.voters * columns).fill(Number.NaN);
      this.#probabilities = new Float32Array(this.voters * columns).fill(Number.NaN);
    }
    const places = this.#logits.subarray(first * columns, (first + rows) * columns);
    if (places.length !== result.logits.length || !places.every(Number.isNaN)) {
      throw new InternalError(...said("result_misplaced", "call", { rows, first }));
    }
    places.set(result.logits);
    this.#probabilities.set(result.probabilities, first * columns);
    if (result.features !== undefined) this.#placeFeatures(first, rows, result.features);
    this.#placeCam(first, result);
    this.#done += rows;
  }

  #placeFeatures(first: number, rows: number, features: Float32Array<ArrayBuffer>): void {
    // What comes all at once needs no other place.
    if (rows === this.voters) {
      this.#features = features;
      return;
    }
    const each = features.length / rows;
    if (this.#features.length === 0) this.#features = new Float32Array(this.voters * each).fill(Number.NaN);
    this.#features.set(features, first * each);
  }

  #placeCam(first: number, { classes, cam, camWidth: width, camHeight: height }: SoFar): void {
    // Of a slide's thousands of patches none are kept, and of other classes there is none that is drawn.
    if (cam.length === 0 || !isOwn(classes)) return;
    this.#cam ??= new OwnCam(width, height, this.voters);
    this.#cam.place(first, cam);
  }
}
