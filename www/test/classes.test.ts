// What a lesson, or a model, of other classes than benign and malignant says: in rows, means, CSV, GeoJSON, colours, and read
// from a file.

import { describe, expect, it } from "vitest";
import {
  legendNames,
  MOST_TOLD,
  patchShares,
  spokenOf,
  spokenOfRegion,
  type Taught,
  toldPlaces,
  toneOf,
  votesOf,
} from "../src/study/classes.ts";
import { type Exported, imagesCsv, patchesCsv, patientsCsv } from "../src/study/csv.ts";
import { diagnose, rejudged } from "../src/study/diagnosis.ts";
import { Entry } from "../src/study/entry.ts";
import { tilesOf } from "../src/study/geojson.ts";
import { replay } from "../src/study/replay.ts";
import type { ImageReport } from "../src/study/report.ts";
import { PLAIN_VIEW, passes, shownOf } from "../src/study/table.ts";
import { sharesColour } from "../src/view/colours.ts";
import { votesWords } from "../src/view/result-wording.ts";
import { reportWords } from "../src/view/wording.ts";
import { imageReport } from "./reports.ts";

const CLASSES = ["normal", "in situ", "invasive"];

/** Of three patches, of which the last did not vote; the model itself calls it malignant. */
function taughtReport(filename: string, mean: readonly number[], verdict?: string): ImageReport {
  const place = mean.indexOf(Math.max(...mean));
  const [first = 0, second = 0, third = 0] = mean;
  const confidence = mean[place] as number;
  return {
    ...imageReport(filename),
    taught: {
      lesson: { name: "ours", sha256: "cd".repeat(32) },
      classes: CLASSES,
      prediction: CLASSES[place] as string,
      prediction_idx: place,
      confidence,
      probabilities: [...mean],
      voters: [[...mean], [first, second, third]],
      familiarity: { distance: 1, limit: 2, familiar: true },
      verdict: verdict ?? (CLASSES[place] as string),
    },
  };
}

const report = taughtReport("a.png", [0.2, 0.7, 0.1]);

/** The same of a model that has these classes, and no benign and malignant. */
function ownReport(filename: string, mean: readonly number[]): ImageReport {
  const { taught, patches, ...rest } = taughtReport(filename, mean);
  const { lesson: _, ...said } = taught as Taught;
  return {
    ...rest,
    prediction: null,
    prediction_idx: null,
    confidence: null,
    probabilities: null,
    verdict: "uncertain",
    patch_breakdown: { benign_patches: 0, malignant_patches: 0 },
    patches: patches.map((patch) => ({ ...patch, probabilities: null })),
    taught: said,
  } as ImageReport;
}

function exported(path: string, of: ImageReport): Exported {
  const plain = { sha256: null, sameAs: null, demo: false, silent: false, leftOut: false, mute: false };
  return { path, patient: "p", label: "", state: "done", report: of, analysed: null, ...plain };
}

function table(csv: string): Record<string, string>[] {
  const [head = [], ...lines] = csv
    .slice(1)
    .trimEnd()
    .split("\r\n")
    .map((text) => text.split(","));
  return lines.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ""])));
}

it("it speaks in the place of the model, which a lesson of benign and malignant leaves to the fields of the report", () => {
  expect(spokenOf(report)).toMatchObject({ classes: CLASSES, prediction: "in situ", confidence: 0.7 });
  expect(votesOf(report)).toEqual([0, 2, 0]);
  expect(patchShares(report)).toEqual([[0.2, 0.7, 0.1], [0.2, 0.7, 0.1], null]);
  const own = { ...report, taught: { ...report.taught, classes: ["benign", "malignant"] } } as ImageReport;
  expect(spokenOf(own)).toMatchObject({ prediction: "malignant", shares: [0.25, 0.75] });
  expect(reportWords(report)).toBe("in situ, 70.0%");
  expect(votesWords(report)).toBe("2 in situ. Left out: 1 blurred.");
});

it("speaks of what was outlined on a slide; older files say of it what the model itself does", () => {
  const shares = [0.1, 0.2, 0.7];
  const region = {
    name: "left",
    patches: [0, 1],
    voters: 2,
    probabilities: { benign: 0.75, malignant: 0.25 },
    verdict: "benign",
    taught: {
      prediction: "invasive",
      confidence: 0.7,
      probabilities: shares,
      familiarity: null,
      verdict: "uncertain",
    },
  } as const;
  const said = { prediction: "invasive", confidence: 0.7, shares, verdict: "uncertain", familiarity: null };
  expect(spokenOfRegion(report, region)).toEqual({ classes: CLASSES, ...said });
  const { taught: _, ...older } = region;
  const own = { classes: ["benign", "malignant"], prediction: "benign", confidence: 0.75, verdict: "benign" };
  expect(spokenOfRegion(report, older)).toMatchObject({ ...own, shares: [0.75, 0.25] });
  expect(spokenOfRegion(imageReport("a.png"), older)).toMatchObject(own);
  const glass = { ...older, voters: 0, probabilities: null, verdict: "not assessable" } as const;
  expect(spokenOfRegion(report, glass)).toMatchObject({ prediction: null, verdict: "not assessable" });
});

it("of a slide under another threshold regions are uncertain as the image is", () => {
  const region = {
    name: "left",
    patches: [0, 1],
    voters: 2,
    probabilities: { benign: 0.25, malignant: 0.75 },
    verdict: "malignant",
    taught: {
      prediction: "in situ",
      confidence: 0.7,
      probabilities: [0.2, 0.7, 0.1],
      familiarity: null,
      verdict: "in situ",
    },
  } as const;
  const glass = {
    ...region,
    voters: 0,
    probabilities: null,
    verdict: "not assessable",
    taught: undefined,
  } as const;
  const source = { format: "SVS", width: 700, height: 230, downsample: 1, candidates: 3 };
  const of = { ...report, slide: { source, regions: [region, glass] } } as unknown as ImageReport;
  const told = ({ slide }: ImageReport) =>
    slide?.regions.map(({ verdict, taught }) => [verdict, taught?.verdict]);
  const strict = rejudged(of, 0.72, () => null);
  expect(told(strict)).toEqual([
    ["malignant", "uncertain"],
    ["not assessable", undefined],
  ]);
  expect(told(rejudged(of, 0.8, () => null))?.[0]).toEqual(["uncertain", "uncertain"]);
  expect(told(rejudged(strict, null, () => null))).toEqual(told(of));
});

it("a row has its verdict and its share, and a filter finds it", () => {
  const line = Entry.of("a.png", report).line.peek();
  expect(line).toMatchObject({ verdict: "in situ", share: 0.7, patches: { votes: [0, 2, 0], leftOut: 1 } });
  expect(shownOf(CLASSES).slice(0, 4)).toEqual(["all", "invasive", "in situ", "normal"]);
  expect(passes({ ...PLAIN_VIEW, shown: "in situ" })(line)).toBe(true);
  expect(passes({ ...PLAIN_VIEW, shown: "malignant" })(line)).toBe(false);
});

describe("several images", () => {
  const others = [
    report,
    taughtReport("b.png", [0.4, 0.1, 0.5]),
    taughtReport("c.png", [0, 0, 1], "unfamiliar"),
  ];

  it("have the mean by class; what is unfamiliar has no voice", () => {
    const { taught } = diagnose(others, () => null);
    expect(taught).toMatchObject({ prediction: "in situ", verdict: "in situ", images: [0, 1, 1] });
    expect(taught?.probabilities?.map((share) => share.toFixed(2))).toEqual(["0.30", "0.40", "0.30"]);
    expect(diagnose(others, () => null, true).taught?.prediction).toBe("invasive");
    expect(diagnose([others[2] as ImageReport], () => null).taught?.verdict).toBe("unfamiliar");
  });

  it("that other heads judged have none", () => {
    const mixed = diagnose([report, imageReport("b.png")], () => null);
    expect(mixed).toMatchObject({ models: 2, aggregated_diagnosis: null });
    expect(mixed.taught).toBeUndefined();
  });

  it("are uncertain below a threshold, each and together", () => {
    const again = others.slice(0, 2).map((each) => rejudged(each, 0.6, () => null));
    expect(again.map((each) => spokenOf(each).verdict)).toEqual(["in situ", "uncertain"]);
    expect(diagnose(again, () => null).taught?.verdict).toBe("uncertain");
  });

  it("have the lesson's own threshold, and never the model's", () => {
    const asking = (least: number | undefined, of: ImageReport): ImageReport => ({
      ...of,
      taught: {
        ...(of.taught as Taught),
        lesson: { name: "ours", sha256: "cd".repeat(32), ...(least && { uncertain_below: least }) },
      },
    });
    const three = (least?: number) => [asking(least, report), asking(least, report)];
    expect(diagnose(three(0.75), () => null).taught?.verdict).toBe("uncertain");
    expect(diagnose(three(), () => 1).taught?.verdict).toBe("in situ");
    const strict = rejudged(asking(0.6, report), 0.9, () => null);
    expect(spokenOf(strict).verdict).toBe("uncertain");
    expect(spokenOf(rejudged(strict, null, () => 1)).verdict, "back to its own").toBe("in situ");

    const own = { ...(report.taught as Taught), classes: ["benign", "malignant"] };
    const two = (least?: number) => [asking(least, { ...imageReport("a.png", 0.7), taught: own })];
    expect(diagnose(two(0.8), () => 0.6).verdict).toBe("uncertain");
    expect(diagnose(two(), () => 0.8).verdict).toBe("malignant");
    const [bold = report] = two(0.8).map((each) => rejudged(each, 0.5, () => null));
    expect(bold.verdict).toBe("malignant");
    expect(rejudged(bold, null, () => null).verdict, "back to its own").toBe("uncertain");
  });
});

it("CSV has a column for each class, and says which lesson judged", () => {
  const [line] = table(imagesCsv([exported("a.png", report)]));
  expect(line).toMatchObject({
    verdict: "in situ",
    confidence: "0.7",
    probability_malignant: "",
    "probability_in situ": "0.7",
    probability_invasive: "0.1",
    lesson: "ours",
    lesson_sha256: "cd".repeat(32),
    distance_limit: "2",
  });
  const patches = table(patchesCsv([exported("a.png", report)]));
  expect(patches.map((patch) => patch["probability_normal"])).toEqual(["0.2", "0.2", ""]);
  const [patient] = table(patientsCsv([{ patient: "p", ...diagnose([report], () => null), missing: 0 }], []));
  expect(patient).toMatchObject({
    prediction: "in situ",
    "in situ_images": "1",
    "probability_in situ": "0.7",
  });
});

it("GeoJSON and the map have its colours", () => {
  const [tile] = tilesOf(report).features;
  expect(tile?.properties.classification).toEqual({ name: "in situ", color: toneOf(CLASSES, 1) });
  expect(tile?.properties.measurements).toEqual({
    probability_normal: 0.2,
    "probability_in situ": 0.7,
    probability_invasive: 0.1,
  });
  const { classes, probabilities } = replay(report);
  expect([classes, probabilities.length]).toEqual([CLASSES, 6]);
  expect(sharesColour(CLASSES, [0, 0, 1])).toBe(`rgb(${toneOf(CLASSES, 2).join(" ")})`);
});

/** In the space of what eyes without one kind of cones see (Viénot, Brettel and Mollon 1999), and of those with all. */
const VISIONS: Readonly<Record<string, readonly (readonly number[])[]>> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "no red": [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  "no green": [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
};

it.each(Object.entries(VISIONS))("twelve colours are apart for eyes with %s", (_, matrix) => {
  const twelve = Array.from({ length: 12 }, (_, place) => `class ${place}`);
  const seen = twelve.map((_, place) => {
    const linear = toneOf(twelve, place).map((channel) => (channel / 255) ** 2.2);
    return matrix.map(
      (row) => row.reduce((sum, weight, channel) => sum + weight * (linear[channel] ?? 0), 0) ** (1 / 2.2),
    );
  });
  const distances = seen.flatMap((a, at) =>
    seen.slice(at + 1).map((b) => Math.hypot(...a.map((value, channel) => value - (b[channel] ?? 0)))),
  );
  expect(Math.min(...distances)).toBeGreaterThan(0.04);
});

describe("a model of classes of its own", () => {
  const two = [ownReport("a.png", [0.2, 0.7, 0.1]), ownReport("b.png", [0.4, 0.1, 0.5])];
  const [first = report] = two;

  it("speaks as a lesson of these does", () => {
    expect(spokenOf(first)).toEqual(spokenOf(report));
    expect(patchShares(first)).toEqual(patchShares(report));
    expect(votesOf(first)).toEqual([0, 2, 0]);
    expect(reportWords(first)).toBe("in situ, 70.0%");
    const { classes, probabilities } = replay(first);
    expect([classes, probabilities.length]).toEqual([CLASSES, 6]);
    expect(Entry.of("a.png", first).line.peek()).toMatchObject({ verdict: "in situ", share: 0.7 });
  });

  it("says of several images what their mean is, and nothing of benign and malignant", () => {
    const together = diagnose(two, () => null);
    expect(together).toMatchObject({ success: true, num_not_assessable: 0, models: 1 });
    expect(together).toMatchObject({
      verdict: "uncertain",
      aggregated_diagnosis: null,
      image_breakdown: null,
    });
    expect(together.taught).toMatchObject({ prediction: "in situ", images: [0, 1, 1] });
    const mixed = diagnose([first, imageReport("c.png")], () => null);
    expect(mixed.taught, "another head has judged").toBeUndefined();
  });

  it("is uncertain below its own threshold, and below another that is asked for", () => {
    expect(diagnose(two, () => 0.6).taught?.verdict).toBe("uncertain");
    const strict = rejudged(first, 0.9, () => 0.6);
    expect(spokenOf(strict).verdict).toBe("uncertain");
    expect(spokenOf(rejudged(strict, null, () => 0.6)).verdict, "back to its own").toBe("in situ");
  });

  it("has lines in tables, and votes", () => {
    const [line] = table(imagesCsv([exported("a.png", first)]));
    expect(line).toMatchObject({
      counts: "yes",
      verdict: "in situ",
      "probability_in situ": "0.7",
      lesson: "",
    });
    const patches = table(patchesCsv([exported("a.png", first)]));
    expect(patches.map((patch) => patch["probability_normal"])).toEqual(["0.2", "0.2", ""]);
    expect(tilesOf(first).features[0]?.properties.classification.name).toBe("in situ");
  });
});

it("of more classes than there are colours the first have one, and the greatest are told", () => {
  const names = Array.from({ length: 100 }, (_, place) => `class ${place}`);
  const tones = new Set(names.map((_, place) => toneOf(names, place).join()));
  expect(tones.size).toBe(MOST_TOLD);
  expect(toneOf(names, 99)).toEqual(toneOf(names, MOST_TOLD - 1));
  const others = (count: number) => `${count} others`;
  expect(legendNames(names.slice(0, 3), others)).toEqual(names.slice(0, 3));
  expect(legendNames(names, others).slice(-2)).toEqual(["class 10", "89 others"]);
  expect(toldPlaces([3, 0, 1]), "all of a few").toEqual([0, 1, 2]);
  const votes = names.map((_, place) => (place % 7 === 0 ? place : 0));
  expect(toldPlaces(votes)).toEqual([21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98]);
  expect(toldPlaces(names.map((_, place) => Number(place === 50)))).toEqual([50]);
});
