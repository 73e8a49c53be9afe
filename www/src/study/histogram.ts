// How the patches of an image spread between benign and malignant.

import { resultWords } from "../words/result.ts";
import { decimal } from "../words/words.ts";

export const BINS = 10;

/** How many values lie in each tenth from 0 to 1; a bin holds its lower edge, and the last one 1 as well. */
export function histogram(values: readonly number[]): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) {
    // A tenth has no exact binary form: 0.3 * 10 and 0.7 * 10 must not fall below 3 and 7.
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(value * BINS + 1e-9)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** For those who do not see it: "0.4 to 0.5: 2 patches; 0.9 to 1.0: 1 patch." Empty bins are left out. */
export function histogramWords(counts: readonly number[]): string {
  const { bin: say, none } = resultWords.value.histogram;
  const edge = (bin: number) => decimal(bin / BINS, 1);
  const filled = counts.flatMap((count, bin) => (count === 0 ? [] : [say(edge(bin), edge(bin + 1), count)]));
  return filled.length === 0 ? none : `${filled.join("; ")}.`;
}
