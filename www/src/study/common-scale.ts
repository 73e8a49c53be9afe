// The scale that was set for all images at once is that of the study: images that come later take it over, until that is
// undone or another study begins.

import type { Entry } from "./entry.ts";

export class CommonScale {
  /** In micrometres per pixel, and the later images that took it over. */
  #common: { readonly scale: number; readonly heirs: Entry[] } | null = null;

  get scale(): number | null {
    return this.#common?.scale ?? null;
  }

  /** Another study begins. */
  forget(): void {
    this.#common = null;
  }

  /** Images come. What is set of one by itself stands, and of drawings all is known. */
  give(entries: readonly Entry[]): void {
    if (this.#common === null) return;
    const { scale, heirs } = this.#common;
    for (const entry of entries) {
      if (entry.demo || entry.scaleSet !== null) continue;
      heirs.push(entry);
      entry.setScale(scale);
    }
  }

  /** It was set for all images; null takes the files' word. Gives what takes that back from those that came later. */
  set(scale: number | null): () => void {
    const before = this.#common;
    const heirs: Entry[] = [];
    this.#common = scale === null ? null : { scale, heirs };
    return () => {
      this.#common = before;
      for (const entry of heirs) entry.setScale(null);
      this.give(heirs);
    };
  }
}
