// Class-activation maps: what the network says of places within an image's voters. Most are never looked at, and wait in a
// quarter of the memory until one is.

export interface Cam {
  readonly width: number;
  readonly height: number;
  /** `[voters, height, width, classes]`, scores; NaN where no result has come yet. */
  readonly values: Float32Array;
}

/** Benign and malignant, of which the map shows the difference alone. */
const CLASSES = 2;

/** Of a packed difference there are so many steps to one: half a step changes a probability by at most 0.0002. */
const STEPS = 1024;
/** In steps: 32, where one class has all to fourteen places. */
const MOST = 32767;
/** Where no result has come. */
const NONE = -32768;

/** That of the model's own head, which can be packed. */
export class OwnCam implements Cam {
  /** Null while it is packed. */
  #values: Float32Array<ArrayBuffer> | null;
  /** Of malignant less benign, in steps. */
  #packed = new Int16Array(0);

  constructor(
    readonly width: number,
    readonly height: number,
    voters: number,
  ) {
    this.#values = new Float32Array(voters * height * width * CLASSES).fill(Number.NaN);
  }

  /** Of what is packed a copy, to be kept by whoever reads it often: benign is 0 there. */
  get values(): Float32Array<ArrayBuffer> {
    return this.#values ?? unpacked(this.#packed);
  }

  /** All results have come: from now on they lie in a quarter of the memory. */
  pack(): void {
    if (this.#values === null) return;
    this.#packed = packed(this.#values);
    this.#values = null;
  }
}

function packed(values: Float32Array): Int16Array<ArrayBuffer> {
  const packed = new Int16Array(values.length / CLASSES);
  for (let cell = 0; cell < packed.length; cell++) {
    const difference = (values[CLASSES * cell + 1] ?? 0) - (values[CLASSES * cell] ?? 0);
    packed[cell] = Number.isNaN(difference)
      ? NONE
      : Math.max(-MOST, Math.min(MOST, Math.round(STEPS * difference)));
  }
  return packed;
}

function unpacked(packed: Int16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(CLASSES * packed.length);
  packed.forEach((steps, cell) => {
    if (steps === NONE) values.fill(Number.NaN, CLASSES * cell, CLASSES * (cell + 1));
    else values[CLASSES * cell + 1] = steps / STEPS;
  });
  return values;
}
