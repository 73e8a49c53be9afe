// What the page says of the screen and of verdicts.

import { describe, expect, it } from "vitest";
import { ImageError } from "../src/base/errors.ts";
import { Entry } from "../src/study/entry.ts";
import type { ImageReport, Screen, ScreenCounts } from "../src/study/report.ts";
import { silenceWords } from "../src/view/readout.ts";
import {
  familiarityWords,
  leftOutWords,
  notAssessableWhy,
  remedies,
  saidElsewhere,
  thresholdWords,
  votesWords,
} from "../src/view/result-wording.ts";
import { rowWords } from "../src/view/row-words.ts";
import { reportWords } from "../src/view/wording.ts";
import { imageReport } from "./reports.ts";

const none: ScreenCounts = { assessable: 0, background: 0, blurred: 0, not_he: 0, unchecked: 0 };

function total(counts: ScreenCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** A report of which only what words are made of is there. */
function unjudged(counts: Partial<ScreenCounts>): ImageReport {
  const screen = { ...none, ...counts };
  const report = { prediction: null, verdict: "not assessable", screen, num_patches: total(screen) };
  return report as Partial<ImageReport> as ImageReport;
}

function judged(counts: Partial<ScreenCounts>, malignant: number, benign: number, grid = 0): ImageReport {
  const screen = { ...none, ...counts };
  const report = {
    prediction: "malignant",
    confidence: 0.87,
    verdict: "malignant",
    screen,
    num_patches: total(screen),
    patch_breakdown: { malignant_patches: malignant, benign_patches: benign },
    grid: { columns: 1, rows: 1, stride: 224, total_patches: Math.max(grid, total(screen)) },
  };
  return report as Partial<ImageReport> as ImageReport;
}

describe("whether an image is familiar", () => {
  const report = (fields: Partial<ImageReport>): ImageReport =>
    ({ ...imageReport("a.png"), ...fields }) as object as ImageReport;

  it("is told with its figures", () => {
    const familiarity = { distance: 0.812, limit: 1.04, familiar: true };
    expect(familiarityWords(report({ familiarity }))).toBe("yes; distance 0.81, limit 1.04");
    const far = { distance: 3.2, limit: 1.04, familiar: false };
    expect(familiarityWords(report({ familiarity: far }))).toBe("no; distance 3.20, limit 1.04");
  });

  it("is told to be unknown with the reason, and of old reports nothing is said", () => {
    for (const [why, word] of [
      ["no_statistics", "came without"],
      ["no_features", "fused"],
      ["no_voters", "no patch voted"],
    ] as const) {
      expect(familiarityWords(report({ familiarity_unknown: why }))).toContain(word);
    }
    expect(familiarityWords(report({}))).toBeNull();
  });
});

describe("the threshold of a verdict", () => {
  const asked = (uncertain_below: number | null): ImageReport => ({
    ...imageReport("a.png"),
    options: { uncertain_below },
  });
  const taught = (uncertain_below?: number): ImageReport =>
    ({ ...asked(null), taught: { lesson: { uncertain_below } } }) as object as ImageReport;

  it("is told with its number, the model's and the lesson's own too", () => {
    const known = (sha256: string) => (sha256 === imageReport("").model.sha256 ? 0.88 : undefined);
    expect(thresholdWords(asked(null), known)).toBe("below the model's own threshold (88%)");
    expect(thresholdWords(asked(0.9), known)).toBe("below a confidence of 90%");
    expect(thresholdWords(taught(0.7), known)).toBe("below the lesson's own threshold (70.0%)");
  });

  it("is told without one where nobody knows it", () => {
    expect(thresholdWords(asked(null), () => undefined)).toBe("below the model's own threshold");
    expect(thresholdWords(taught(), () => 0.9)).toBe("below the lesson's own threshold");
  });
});

describe("votes", () => {
  it.each([
    [judged({ assessable: 6 }, 4, 2), "6 patches: 4 malignant, 2 benign."],
    [judged({ assessable: 25 }, 20, 5, 30), "25 patches of 30: 20 malignant, 5 benign."],
    [judged({ unchecked: 1 }, 1, 0), "1 patch: 1 malignant, 0 benign."],
    [
      judged({ assessable: 22, background: 2, blurred: 1 }, 18, 4, 30),
      "22 of 25 patches voted: 18 malignant, 4 benign. Left out: 2 background, 1 blurred.",
    ],
  ])("are counted, %#", (report, words) => {
    expect(votesWords(report)).toBe(words);
  });

  it("name every reason that there is", () => {
    expect(leftOutWords({ ...none, background: 1, blurred: 2, not_he: 3 })).toBe(
      "1 background, 2 blurred, 3 not H&E",
    );
    expect(leftOutWords({ ...none, assessable: 9 })).toBe("");
  });
});

describe("an image that is not assessable", () => {
  it.each([
    [{ background: 6 }, "Not assessable: hardly any tissue"],
    [{ background: 1, not_he: 5 }, "Not assessable: colours unlike H&E"],
    // Glass did not keep this one from being assessed.
    [{ assessable: 1, background: 20, blurred: 4 }, "Not assessable: not in focus"],
  ])("is told by what was most in the way: %j", (counts, words) => {
    expect(reportWords(unjudged(counts))).toBe(words);
  });

  it("says how much could have been assessed", () => {
    const why = (counts: Partial<ScreenCounts>) => notAssessableWhy({ ...none, ...counts });
    expect(why({ background: 6 })).toContain("none of its 6 patches can be assessed (6 background)");
    expect(why({ assessable: 1, blurred: 5 })).toContain(
      "only 1 of its 6 patches can be assessed (5 blurred)",
    );
  });

  it("has a remedy for each obstacle", () => {
    const said = remedies({ ...none, blurred: 2, not_he: 3 });
    expect(said).toHaveLength(2);
    expect(said[0]).toContain("haematoxylin");
    expect(said[1]).toContain("Focus");
  });
});

it("a judged image is told by its verdict and probability", () => {
  expect(reportWords(judged({ assessable: 6 }, 6, 0))).toBe("Malignant, 87.0%");
  const uncertain = { ...judged({ assessable: 6 }, 6, 0), verdict: "uncertain" } as ImageReport;
  expect(reportWords(uncertain)).toBe("Uncertain, 87.0% malignant");
});

it.each<[Screen, RegExp]>([
  ["background", /did not vote, background/],
  ["blurred", /did not vote, blurred/],
  ["not_he", /did not vote, not H&E/],
  ["assessable", /too few/],
])("a patch without a vote says why: %s", (screen, words) => {
  expect(silenceWords(screen)).toMatch(words);
});

it.each([
  ["patches_left_out", true],
  ["not_assessable", true],
  ["unseen_scale", true],
  ["several_pages", false],
])("the page's own words stand for the core's on screen and scale alone: %s", (kind, elsewhere) => {
  expect(saidElsewhere({ kind })).toBe(elsewhere);
  expect(saidElsewhere(undefined)).toBe(false);
});

describe("a row of the table", () => {
  const file = new File([], "a.jpg");
  const done = (demo = false) => {
    const entry = new Entry({ path: "a.jpg", file, demo });
    entry.finish(imageReport("a.jpg"));
    return entry;
  };

  it("says what was said of an image that was taught, where its result is there", () => {
    expect(rowWords(done(), null).brief).not.toBe(rowWords(done(), "Benign, 60.0%").brief);
    expect(rowWords(done(), "Benign, 60.0%").title).toContain("Benign, 60.0%");
  });

  it("says nothing of what was taught where it says something else", () => {
    const failed = new Entry({ path: "a.jpg", file });
    failed.become({ kind: "failed", error: new ImageError("image_empty", "the file is empty", "Mend it.") });
    const takenOut = done();
    takenOut.leaveOut(true);
    const stayed = done();
    stayed.trouble.value = new ImageError("image_empty", "the file is empty", "Mend it.");
    for (const entry of [failed, takenOut, stayed, done(true)]) {
      expect(rowWords(entry, "Benign, 60.0%")).toEqual(rowWords(entry, null));
    }
    expect(rowWords(failed, "Benign, 60.0%").title).toContain("The file is empty");
  });
});
