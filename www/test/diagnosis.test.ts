// What several images say together, under which threshold, and where they say nothing.

import { describe, expect, it } from "vitest";
import { diagnose, rejudged, Thresholds } from "../src/study/diagnosis.ts";
import type { ImageReport } from "../src/study/report.ts";
import { failedReport, imageReport } from "./reports.ts";

const none = () => null;
const under = (report: ImageReport, uncertain_below: number | null): ImageReport =>
  rejudged(report, uncertain_below, () => null);
const mute: ImageReport = {
  ...imageReport("mute"),
  prediction: null,
  prediction_idx: null,
  confidence: null,
  probabilities: null,
  verdict: "not assessable",
};

describe("several images", () => {
  it("give the mean of those that voted, and count the others", () => {
    const together = diagnose(
      [imageReport("a", 0.9), imageReport("b", 0.2), failedReport("c"), mute, imageReport("d", 0.7)],
      none,
    );
    expect(together).toMatchObject({
      success: true,
      num_images: 5,
      num_failed: 1,
      num_not_assessable: 1,
      verdict: "malignant",
      image_breakdown: { benign_images: 1, malignant_images: 2 },
      models: 1,
      options: 1,
    });
    expect(together.aggregated_diagnosis?.probabilities.malignant).toBe((0.9 + 0.2 + 0.7) / 3);
    expect(together.aggregated_diagnosis?.prediction_idx).toBe(1);
  });

  it("keep the model's own order of classes", () => {
    const turned = (malignant: number): ImageReport =>
      ({
        ...(imageReport("a", malignant) as ImageReport & { prediction: string }),
        prediction_idx: malignant > 0.5 ? 0 : 1,
      }) as ImageReport;
    expect(diagnose([turned(0.8)], none).aggregated_diagnosis?.prediction_idx).toBe(0);
    // Of equals the first in that order.
    expect(diagnose([turned(0.75), turned(0.25)], none).aggregated_diagnosis?.prediction).toBe("malignant");
    expect(
      diagnose([imageReport("a", 0.75), imageReport("b", 0.25)], none).aggregated_diagnosis?.prediction,
    ).toBe("benign");
  });

  it("have the threshold that all of them have, else the model's own", () => {
    const [bold, careful, own] = [0.5, 0.9, null].map((at) => under(imageReport("a", 0.8), at));
    const verdict = (...reports: (ImageReport | undefined)[]) =>
      diagnose(reports as ImageReport[], () => 0.85).verdict;
    expect(verdict(bold, bold)).toBe("malignant");
    expect(verdict(careful, careful)).toBe("uncertain");
    expect(verdict(bold, careful)).toBe("uncertain");
    expect(verdict(own, own)).toBe("uncertain");
    expect(diagnose([imageReport("a", 0.8)], none).verdict).toBe("malignant");
  });

  it("have no verdict over two models", () => {
    const plain = imageReport("a");
    const other = { ...plain, model: { ...plain.model, sha256: "cd".repeat(32) } };
    const together = diagnose([plain, other], none);
    expect(together).toMatchObject({ verdict: null, aggregated_diagnosis: null, models: 2 });
    expect(together.image_breakdown).toEqual({ benign_images: 0, malignant_images: 2 });
  });

  it("say nothing where none voted, and less where none could be read", () => {
    expect(diagnose([mute, failedReport("a")], none)).toMatchObject({
      success: false,
      verdict: "not assessable",
      aggregated_diagnosis: null,
      image_breakdown: null,
    });
    expect(diagnose([failedReport("a")], none).verdict).toBeNull();
    expect(diagnose([], none).verdict).toBeNull();
  });

  it("count their options, but not how large batches were", () => {
    const plain = imageReport("a");
    const more = { ...plain, options: { ...plain.options, max_patches: 100 } };
    const batched = { ...plain, options: { ...plain.options, batch_size: 4 } };
    // A report of an earlier version has no threshold in it: it was the model's.
    const told = { ...plain, options: { ...plain.options, uncertain_below: null } };
    expect(diagnose([plain, more], none).options).toBe(2);
    expect(diagnose([plain, batched, told], none).options).toBe(1);
    expect(diagnose([plain, under(plain, 0.8)], none).options).toBe(2);
  });
});

describe("another threshold", () => {
  it("opens and closes a verdict, and stands in the options", () => {
    const open = rejudged(imageReport("a", 0.75), 0.9, () => 0.6);
    expect(open).toMatchObject({
      verdict: "uncertain",
      prediction: "malignant",
      options: { uncertain_below: 0.9 },
    });
    expect(rejudged(open, 0.5, () => 0.6).verdict).toBe("malignant");
    expect(rejudged(open, null, () => 0.8).verdict).toBe("uncertain");
    expect(rejudged(open, null, () => null).verdict).toBe("malignant");
    // A confidence that equals it is enough.
    expect(rejudged(imageReport("a", 0.75), 0.75, () => null).verdict).toBe("malignant");
    expect(rejudged(mute, 0.9, () => null).verdict).toBe("not assessable");
  });

  it("is not guessed where nobody knows the model's own", () => {
    const open = rejudged(imageReport("a", 0.75), 0.9, () => undefined);
    expect(rejudged(open, null, () => undefined)).toBe(open);
  });
});

describe("a model's own threshold", () => {
  it("is what its manifest says", () => {
    const thresholds = new Thresholds();
    expect(thresholds.of("x")).toBeUndefined();
    thresholds.tell("x", 0.6);
    thresholds.tell("y", null);
    expect(thresholds.of("x")).toBe(0.6);
    expect(thresholds.of("y")).toBeNull();
  });

  it("is read off its results where there is no manifest", () => {
    const thresholds = new Thresholds();
    const open = { ...imageReport("a", 0.58), verdict: "uncertain" } as ImageReport;
    thresholds.see(imageReport("b", 0.9));
    thresholds.see(rejudged(imageReport("c", 0.85), 0.9, () => null));
    expect(thresholds.of(open.model.sha256)).toBeUndefined();
    thresholds.see(open);
    // Two images that were uncertain are not sure together.
    expect(diagnose([open, open], thresholds.of).verdict).toBe("uncertain");
    expect(diagnose([imageReport("d", 0.59)], thresholds.of).verdict).toBe("malignant");
  });
});
