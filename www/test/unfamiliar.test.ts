// An image that is unlike what the model has learned from: no verdict of it, no vote, and its figures kept.

import { describe, expect, it } from "vitest";
import { imagesCsv, patientsCsv } from "../src/study/csv.ts";
import { diagnose, rejudged } from "../src/study/diagnosis.ts";
import { Entry } from "../src/study/entry.ts";
import { exported } from "../src/study/exports.ts";
import type { ImageReport } from "../src/study/report.ts";
import { Study } from "../src/study/study.ts";
import { PLAIN_VIEW, passes } from "../src/study/table.ts";
import { unfamiliarWhy } from "../src/view/result-wording.ts";
import { reportWords } from "../src/view/wording.ts";
import { imageReport } from "./reports.ts";

const none = () => null;

function strange(filename: string, malignant = 0.9): ImageReport {
  const familiarity = { distance: 3.25, limit: 1.5, familiar: false };
  return {
    ...(imageReport(filename, malignant) as ImageReport),
    verdict: "unfamiliar",
    familiarity,
  } as ImageReport;
}

const studyOf = (...reports: ImageReport[]): Study => {
  const study = new Study();
  study.add(reports.map((report) => Entry.of(`p/${report.filename}`, report)));
  return study;
};

describe("several images", () => {
  it("are taken together without those that are unfamiliar", () => {
    const together = diagnose([imageReport("a", 0.2), strange("b"), strange("c")], none);
    expect(together).toMatchObject({
      num_images: 3,
      num_unfamiliar: 2,
      num_not_assessable: 0,
      verdict: "benign",
      image_breakdown: { benign_images: 1, malignant_images: 0 },
    });
    expect(together.aggregated_diagnosis?.probabilities.malignant).toBe(0.2);
  });

  it("are taken together with them where a person wants it", () => {
    const together = diagnose([imageReport("a", 0.2), strange("b", 1)], none, true);
    expect(together.aggregated_diagnosis?.probabilities.malignant).toBeCloseTo(0.6, 12);
    expect(together).toMatchObject({ num_unfamiliar: 1, verdict: "malignant" });
  });

  it("are unfamiliar where none of them is familiar", () => {
    expect(diagnose([strange("a")], none)).toMatchObject({ success: false, verdict: "unfamiliar" });
    expect("num_unfamiliar" in diagnose([imageReport("a")], none)).toBe(false);
  });

  it("follow the switch at once, patients too", () => {
    const study = studyOf(imageReport("a", 0.2), strange("b", 1));
    const malignant = () => study.diagnoses()[0]?.aggregated_diagnosis?.probabilities.malignant;
    expect(malignant()).toBe(0.2);
    study.countUnfamiliar(true);
    expect(malignant()).toBeCloseTo(0.6, 12);
    expect(study.together().aggregated_diagnosis?.probabilities.malignant).toBeCloseTo(0.6, 12);
    study.countUnfamiliar(false);
    expect(malignant()).toBe(0.2);
  });
});

it("no threshold makes it familiar", () => {
  expect(rejudged(strange("a", 1), 0.5, () => 0.6)).toMatchObject({
    verdict: "unfamiliar",
    options: { uncertain_below: 0.5 },
  });
});

describe("in words", () => {
  it("neither class is named, and why", () => {
    expect(reportWords(strange("a"))).toBe("Unfamiliar");
    expect(unfamiliarWhy(strange("a").familiarity)).toMatch(
      /would be a guess\. Distance 3\.3, limit 1\.5\.$/,
    );
  });
});

describe("in tables", () => {
  it("it has a filter, and no probability beside it", () => {
    const line = Entry.of("b", strange("b")).line.value;
    expect(line).toMatchObject({ verdict: "unfamiliar", share: null });
    expect(passes({ ...PLAIN_VIEW, shown: "unfamiliar" })(line)).toBe(true);
    expect(passes({ ...PLAIN_VIEW, shown: "malignant" })(line)).toBe(false);
  });

  it("the exports have its figures, and say that it does not count", () => {
    const study = studyOf(strange("b"));
    const cells = () => {
      const [head = "", line = ""] = imagesCsv(exported(study)).slice(1).split("\r\n");
      return Object.fromEntries(head.split(",").map((name, index) => [name, line.split(",")[index]]));
    };
    expect(cells()).toMatchObject({
      verdict: "unfamiliar",
      probability_malignant: "0.9",
      distance: "3.25",
      distance_limit: "1.5",
      counts: "no",
    });
    study.countUnfamiliar(true);
    expect(cells()).toMatchObject({ counts: "yes" });
    const [head = "", line = ""] = patientsCsv(study.diagnoses(), exported(study)).slice(1).split("\r\n");
    expect(line.split(",")[head.split(",").indexOf("unfamiliar")]).toBe("1");
  });
});
