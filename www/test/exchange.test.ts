// Saved reports read back: what is accepted, what is refused and in which words.

import { describe, expect, it } from "vitest";
import { ImportError, readReports } from "../src/study/exchange.ts";
import { replay } from "../src/study/replay.ts";
import { isReportFile } from "../src/study/report.ts";
import { failedReport, imageReport } from "./reports.ts";

function folder(change: object = {}) {
  const individual_results = [imageReport("a.png"), failedReport("b.png"), imageReport("c.png", 0.2)];
  return { schema_version: 2, success: true, num_images: 3, individual_results, ...change };
}

function refusal(content: unknown): ImportError {
  try {
    readReports(typeof content === "string" ? content : JSON.stringify(content));
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

/** Of the brush that corrected the tissue of a slide. */
const STROKE = { adds: true, radius: 50, points: [[10, 20]] };

describe("accepted", () => {
  it("one image", () => {
    const report = imageReport("a.png");
    expect(readReports(JSON.stringify(report))).toEqual([
      { path: "a.png", patient: null, label: null, report, sha256: null, demo: false, leftOut: false },
    ]);
  });

  it("a slide with its regions, but not one that contradicts itself", () => {
    const { num_patches } = imageReport("a.svs");
    const source = { format: "SVS", width: 8000, height: 6000, downsample: 1.96, candidates: 90 };
    const region = {
      name: "tumour",
      patches: [0, num_patches - 1],
      voters: 2,
      probabilities: { benign: 0.25, malignant: 0.75 },
      verdict: "malignant",
    };
    const slide = {
      source,
      regions: [region, { ...region, probabilities: null, verdict: "not assessable" }],
    };
    const report = { ...imageReport("a.svs"), slide: { ...slide, strokes: [STROKE] } };
    expect(readReports(JSON.stringify(report))[0]?.report).toEqual(report);
    for (const [where, spoilt] of [
      ["slide.source.downsample", { ...slide, source: { ...source, downsample: 0 } }],
      ["slide.source.format", { ...slide, source: { ...source, format: 7 } }],
      ["slide.regions[0].patches[0]", { ...slide, regions: [{ ...region, patches: [num_patches] }] }],
      ["slide.regions[0].verdict", { ...slide, regions: [{ ...region, verdict: "bad" }] }],
      ["slide.regions", { source }],
      ["slide.strokes[0].adds", { ...slide, strokes: [{ ...STROKE, adds: 1 }] }],
      ["slide.strokes[0].radius", { ...slide, strokes: [{ ...STROKE, radius: "wide" }] }],
      ["slide.strokes[1].points[0][1]", { ...slide, strokes: [STROKE, { ...STROKE, points: [[1]] }] }],
    ] as const) {
      expect(refusal({ ...report, slide: spoilt }).message, where).toContain(where);
    }
  });

  it("a folder as the command line writes it, which knows neither patients nor paths", () => {
    const read = readReports(JSON.stringify(folder()));
    expect(read.map(({ path, patient }) => [path, patient])).toEqual([
      ["a.png", null],
      ["b.png", null],
      ["c.png", null],
    ]);
  });

  it("a folder with patients and paths", () => {
    const patients = [
      { patient: "p", images: [0] },
      { patient: " q ", images: [2] },
    ];
    const paths = ["x/a.png", "x/b.png", "y/c.png"];
    const read = readReports(JSON.stringify(folder({ patients, paths })));
    expect(read.map(({ path, patient }) => [path, patient])).toEqual([
      ["x/a.png", "p"],
      ["x/b.png", ""],
      ["y/c.png", "q"],
    ]);
  });

  it("a folder with digests, drawings and images that a person left out", () => {
    const sha256 = ["ab".repeat(32), null, null];
    const read = readReports(JSON.stringify(folder({ sha256, demos: [2], left_out: [0] })));
    expect(read.map((saved) => [saved.sha256, saved.demo, saved.leftOut])).toEqual([
      ["ab".repeat(32), false, true],
      [null, false, false],
      [null, true, false],
    ]);
  });

  it.each([undefined, null, 0.5, 0.8, 1])("an image with the threshold %s", (uncertain_below) => {
    const report = { ...imageReport("a.png"), options: { max_patches: 25, uncertain_below } };
    expect(readReports(JSON.stringify(report))).toHaveLength(1);
  });

  it("an image that was not assessable", () => {
    const nothing = { prediction: null, prediction_idx: null, confidence: null, probabilities: null };
    const report = { ...imageReport("a.png"), ...nothing, verdict: "not assessable" };
    expect(readReports(JSON.stringify(report))).toHaveLength(1);
  });
});

describe("refused", () => {
  const good = imageReport("a.png");
  const [patch] = good.patches;

  it.each<[string, unknown, string, RegExp]>([
    ["no JSON", "not { json", "report_not_json", /no JSON/],
    ["a file that is cut off", JSON.stringify(good).slice(0, -9), "report_not_json", /cut off/],
    ["a list", [good], "report_invalid", /the whole must be an object/],
    ["another JSON", { name: "npm" }, "report_invalid", /no report of Histoscope/],
    ["another version", { ...good, schema_version: 1 }, "report_schema_version", /version 1 .* version 2/],
    ["a later version", folder({ schema_version: 3 }), "report_schema_version", /version 3/],
    ["no verdict", { ...good, verdict: undefined }, "report_invalid", /verdict must be one of/],
    ["no filename", { ...good, filename: 7 }, "report_invalid", /filename must be a text/],
    [
      "a threshold that none can be",
      { ...good, options: { uncertain_below: 0.4 } },
      "report_invalid",
      /uncertain_below/,
    ],
    ["no patches", { ...good, patches: undefined }, "report_invalid", /patches must be a list/],
    ["a spoilt patch", { ...good, patches: [{ ...patch, x: -1 }] }, "report_invalid", /patches\[0\]\.x/],
    ["a patch without size", { ...good, patches: [{ ...patch, width: 0 }] }, "report_invalid", /a pixel/],
    // Drawing one of these would stop the page for seconds, or for ever.
    [
      "a patch larger than its image",
      { ...good, patches: [{ ...patch, width: 3e9 }] },
      "report_invalid",
      /patches\[0\] must be a rectangle within its image/,
    ],
    [
      "an image that nobody has",
      { ...good, image: { width: 9e15, height: 230 } },
      "report_invalid",
      /image\.width must be a number up to 1048576/,
    ],
    [
      "patches at no distance",
      { ...good, grid: { ...good.grid, stride: 1 } },
      "report_invalid",
      /grid\.stride must be a number from 16/,
    ],
    ["a digest that is none", folder({ sha256: ["x", null, null] }), "report_invalid", /sha256\[0\]/],
    ["drawings that are not there", folder({ demos: [3] }), "report_invalid", /demos must be places/],
    [
      "a probability beyond 1",
      { ...good, probabilities: { benign: 0, malignant: 1.5 } },
      "report_invalid",
      /probabilities\.malignant must be a number from 0 to 1/,
    ],
    [
      "probabilities without the sum 1",
      { ...good, probabilities: { benign: 0.25, malignant: 0.5 } },
      "report_invalid",
      /probabilities must be two shares with the sum 1/,
    ],
    [
      "a third class",
      { ...good, probabilities: { ...good.probabilities, other: 0 } },
      "report_invalid",
      /probabilities must be two shares/,
    ],
    [
      "a prediction that its probabilities deny",
      { ...good, probabilities: { malignant: 0.25, benign: 0.75 } },
      "report_invalid",
      /prediction must be the class with the greater share/,
    ],
    ["no model", { ...good, model: null }, "report_invalid", /model must be an object/],
    ["a folder without images", folder({ individual_results: [] }), "report_invalid", /at least one/],
    [
      "a spoilt image in a folder",
      folder({ individual_results: [good, { ...good, num_patches: "3" }] }),
      "report_invalid",
      /individual_results\[1\]\.num_patches/,
    ],
    ["a failure without its error", { ...failedReport("b.png"), error: null }, "report_invalid", /error/],
    [
      "patients of images that are not there",
      folder({ patients: [{ patient: "p", images: [3] }] }),
      "report_invalid",
      /patients\[0\]\.images/,
    ],
  ])("%s", (_, content, code, words) => {
    const error = refusal(content);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
    expect(error.remedy).not.toBe("");
  });
});

it("a report's patches become the plan and the rows of its map", () => {
  const { plan, probabilities } = replay(imageReport("a.png", 0.75));
  expect(plan).toMatchObject({ width: 700, height: 230, grid: { patch_size: 224 }, voters: [0, 1] });
  expect([...probabilities]).toEqual([0.25, 0.75, 0.25, 0.75]);
});

it.each([
  ["report.json", "", true],
  ["REPORT.JSON", "", true],
  ["report", "application/json", true],
  ["a.png", "image/png", false],
])("%s of type %j is a report: %s", (name, type, expected) => {
  expect(isReportFile({ name, type })).toBe(expected);
});
