// A camera in motion: jumps with the hand, glides where a key or a button moved it, unless motion is not wanted.

import { type ReadonlySignal, signal } from "@preact/signals";
import { between, type Camera, FIT } from "./camera.ts";

/** Long enough for the eye to follow, in milliseconds. */
const DURATION = 220;

export class Flight {
  readonly #camera = signal(FIT);
  /** What is shown now. */
  readonly camera: ReadonlySignal<Camera> = this.#camera;
  #target = FIT;
  #frame = 0;

  /** Where it will come to rest: the next key press goes on from there. */
  get target(): Camera {
    return this.#target;
  }

  jump(to: Camera): void {
    this.stop();
    this.#target = to;
    this.#camera.value = to;
  }

  glide(to: Camera): void {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.jump(to);
      return;
    }
    this.stop();
    this.#target = to;
    const from = this.#camera.peek();
    const start = performance.now();
    const step = (now: number) => {
      const share = Math.min(1, Math.max(0, (now - start) / DURATION));
      this.#camera.value = between(from, to, 1 - (1 - share) ** 3);
      if (share < 1) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
  }
}
