// CSV: what RFC 4180 asks for, and nothing that a spreadsheet would run.

import { describe, expect, it } from "vitest";
import { csvCell, imagesCsv, patchesCsv } from "../src/study/csv.ts";
import { failedReport, imageReport } from "./reports.ts";

describe("a cell", () => {
  it.each([
    ["plain", "plain"],
    ["a,b", '"a,b"'],
    ['say "a"', '"say ""a"""'],
    ["two\nlines", '"two\nlines"'],
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@cmd", "'@cmd"],
    ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
    ["a=1", "a=1"],
    [-1.5, "-1.5"],
    [null, ""],
    ["", ""],
  ])("of %j is %s", (value, expected) => {
    expect(csvCell(value)).toBe(expected);
  });
});

/** Cells by the names of their columns; for texts without quotes. */
function table(csv: string): Record<string, string>[] {
  expect(csv.endsWith("\r\n")).toBe(true);
  const [head = [], ...lines] = csv
    .trimEnd()
    .split("\r\n")
    .map((text) => text.split(","));
  for (const cells of lines) expect(cells).toHaveLength(head.length);
  return lines.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ""])));
}

it("images have one line each, failed ones too", () => {
  const [good, bad] = table(
    imagesCsv([
      { path: "a/=x.png", patient: "-7", report: imageReport("=x.png", 0.75) },
      { path: "b.png", patient: "", report: failedReport("b.png") },
    ]),
  );
  expect(good).toMatchObject({
    path: "a/=x.png",
    filename: "'=x.png",
    patient: "'-7",
    state: "done",
    verdict: "malignant",
    confidence: "0.75",
    probability_malignant: "0.75",
    malignant_patches: "2",
    blurred: "1",
    total_ms: "6",
    error_code: "",
  });
  expect(bad).toMatchObject({ path: "b.png", state: "failed", verdict: "", error_code: "bad_file" });
});

it("patches have one line each; images without patches have none", () => {
  const lines = table(
    patchesCsv([
      { path: "a.png", patient: "p", report: imageReport("a.png", 0.25) },
      { path: "b.png", patient: "", report: failedReport("b.png") },
    ]),
  );
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatchObject({ patch: "2", x: "224", screen: "assessable", probability_benign: "0.75" });
  expect(lines[2]).toMatchObject({ patch: "3", screen: "blurred", probability_malignant: "" });
});
