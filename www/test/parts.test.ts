// The parts in which a study lies on the machine: whatever was written, what is read is what was said last.

import { describe, expect, it } from "vitest";
import type { KeptImage } from "../src/study/kept.ts";
import { imagesOf, Parts, toWrite, type WrittenPart } from "../src/study/parts.ts";

const image = (number: number, label = ""): KeptImage => ({ number, label }) as unknown as KeptImage;

/** A database that does as it is told. */
class Records {
  readonly #parts = new Parts();
  readonly records = new Map<number, WrittenPart>();

  /** `fails`: nothing of it is done. */
  write(images: readonly KeptImage[], gone: readonly number[] = [], fails = false): void {
    const part = this.#parts.part(images, gone);
    const spent = this.#parts.spent(part);
    if (fails) return;
    this.records.set(this.#parts.next, toWrite(part));
    for (const one of spent) this.records.delete(one);
    this.#parts.wrote(part);
  }

  read(): Record<number, string | undefined> {
    const ordered = [...this.records].sort(([a], [b]) => a - b).map(([, part]) => part);
    return Object.fromEntries(imagesOf(ordered).map(({ number, label }) => [number, label]));
  }
}

describe("parts", () => {
  it("give each image as it was written last", () => {
    const records = new Records();
    records.write([image(1), image(2), image(3)]);
    records.write([image(2, "benign")]);
    expect(records.read()).toEqual({ 1: "", 2: "benign", 3: "" });
  });

  it("go once nothing of them holds", () => {
    const records = new Records();
    records.write([image(1), image(2)]);
    records.write([image(1, "a")]);
    expect(records.records.size).toBe(2);
    records.write([image(2, "b")]);
    expect([...records.records.keys()]).toEqual([1, 2]);
    records.write([image(1, "c"), image(2, "d")]);
    expect([...records.records.keys()]).toEqual([3]);
    expect(records.read()).toEqual({ 1: "c", 2: "d" });
  });

  it("forget what is gone, also where an earlier part stays, and take it back", () => {
    const records = new Records();
    records.write([image(1), image(2)]);
    records.write([], [1]);
    expect(records.read()).toEqual({ 2: "" });
    records.write([image(1, "again")]);
    expect(records.read()).toEqual({ 1: "again", 2: "" });
    records.write([], [1, 2]);
    expect(records.read()).toEqual({});
    expect(records.records.size).toBe(1);
  });

  it("are as one map of images after any changes", () => {
    const records = new Records();
    const there = new Map<number, string>();
    // A generator of our own, so that a failure comes again.
    let seed = 1;
    const draw = (most: number) => {
      seed = (seed * 16807) % 2147483647;
      return seed % most;
    };
    for (let step = 0; step < 500; step++) {
      const touched = [...new Set(Array.from({ length: 1 + draw(6) }, () => draw(30)))];
      const gone = touched.filter(() => draw(4) === 0);
      const changed = touched.filter((number) => !gone.includes(number));
      const images = changed.map((number) => image(number, `${step}`));
      records.write(images, gone, true);
      records.write(images, gone);
      for (const number of changed) there.set(number, `${step}`);
      for (const number of gone) there.delete(number);
      expect(records.read()).toEqual(Object.fromEntries(there));
      // Each but those of which all is gone before it was written holds for an image, there or gone.
      const empty = [...records.records.values()].filter(
        ({ images, gone }) => images === "[]" && gone.length === 0,
      );
      expect(records.records.size - empty.length).toBeLessThanOrEqual(30);
    }
  });

  it("say nothing of images that were never written", () => {
    const records = new Records();
    records.write([image(1)], [2]);
    expect(records.records.get(0)).toEqual({ images: JSON.stringify([image(1)]), gone: [] });
  });

  it("are read beside what earlier versions wrote: images by themselves, and as objects", () => {
    const parts = [image(4), { images: [image(7)], gone: [4] }, toWrite({ images: [image(9)], gone: [] })];
    expect(imagesOf(parts).map(({ number }) => number)).toEqual([7, 9]);
  });
});
