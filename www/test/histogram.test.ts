// The histogram of patch probabilities: its bins and its words.

import { describe, expect, it } from "vitest";
import { BINS, histogram, histogramWords } from "../src/study/histogram.ts";

describe("histogram", () => {
  it("counts each value once", () => {
    const values = Array.from({ length: 1001 }, (_, index) => index / 1000);
    const counts = histogram(values);
    expect(counts).toHaveLength(BINS);
    expect(counts).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 100, 101]);
  });

  it.each([
    [0, 0],
    [0.0999, 0],
    [0.1, 1],
    [0.3, 3],
    [0.7, 7],
    [0.95, 9],
    [1, 9],
  ])("%s lies in bin %s", (value, bin) => {
    expect(histogram([value]).indexOf(1)).toBe(bin);
  });

  it("is told in words, without what is empty", () => {
    expect(histogramWords(histogram([0.42, 0.44, 1]))).toBe("0.4 to 0.5: 2 patches; 0.9 to 1.0: 1 patch.");
    expect(histogramWords(histogram([]))).toBe("No patches.");
  });
});
