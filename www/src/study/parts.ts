// Images as they lie on the machine: those that were written together are one part, for each record costs the page as much
// as the images in it. What is written later holds; a part of which nothing holds any more goes.

import type { KeptImage } from "./kept.ts";

export interface Part {
  readonly images: readonly KeptImage[];
  /** Numbers of images that are there no more. */
  readonly gone: readonly number[];
}

/** A part as it lies there: its images are one text, which costs the page a fraction of what objects cost to be copied. */
export interface WrittenPart extends Omit<Part, "images"> {
  /** As JSON. */
  readonly images: string;
}

export const toWrite = ({ images, gone }: Part): WrittenPart => ({ images: JSON.stringify(images), gone });

const numbersOf = ({ images, gone }: Part): number[] => [...images.map(({ number }) => number), ...gone];

/** The parts of one study, as far as this visit has written them. */
export class Parts {
  /** Where the next part is written. */
  #next = 0;
  /** The part that holds for each image. */
  readonly #places = new Map<number, number>();
  /** For how many each part holds. */
  readonly #holding = new Map<number, number>();

  get next(): number {
    return this.#next;
  }

  /** These images as a part, and of those that went the ones that an earlier part may have. */
  part(images: readonly KeptImage[], gone: readonly number[]): Part {
    return { images, gone: gone.filter((number) => this.#places.has(number)) };
  }

  /** The places of parts that hold for nothing once this one is written. */
  spent(part: Part): number[] {
    const released = new Map<number, number>();
    for (const number of numbersOf(part)) {
      const earlier = this.#places.get(number);
      if (earlier !== undefined) released.set(earlier, (released.get(earlier) ?? 0) + 1);
    }
    return [...released].flatMap(([place, count]) => (count === this.#holding.get(place) ? [place] : []));
  }

  /** The part is written: a write that failed changes nothing. */
  wrote(part: Part): void {
    const place = this.#next++;
    const numbers = numbersOf(part);
    for (const number of numbers) {
      const earlier = this.#places.get(number);
      if (earlier !== undefined) this.#holding.set(earlier, (this.#holding.get(earlier) ?? 0) - 1);
      this.#places.set(number, place);
    }
    this.#holding.set(place, numbers.length);
  }
}

/** What may lie there: earlier versions of the page wrote images as objects, the first each by itself. */
export type AnyPart = WrittenPart | Part | KeptImage;

/** The images of a study by its parts in order. */
export function imagesOf(parts: readonly AnyPart[]): KeptImage[] {
  const images = new Map<number, KeptImage>();
  for (const part of parts) {
    const { images: some, gone } = "images" in part ? part : { images: [part], gone: [] };
    for (const image of typeof some === "string" ? (JSON.parse(some) as KeptImage[]) : some)
      images.set(image.number, image);
    for (const number of gone) images.delete(number);
  }
  return [...images.values()];
}
