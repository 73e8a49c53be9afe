// CSV: what RFC 4180 asks for, and nothing that a spreadsheet would run.

import { describe, expect, it } from "vitest";
import commandLine from "../../crates/histoscope-cli/src/table.rs?raw";
import {
  csvCell,
  type Exported,
  IMAGE_COLUMNS,
  imagesCsv,
  PATCH_COLUMNS,
  PATIENT_COLUMNS,
  patchesCsv,
  patientsCsv,
} from "../src/study/csv.ts";
import { diagnose } from "../src/study/diagnosis.ts";
import { failedReport, imageReport } from "./reports.ts";

it.each([
  ["IMAGE", IMAGE_COLUMNS],
  ["PATIENT", PATIENT_COLUMNS],
  ["PATCH", PATCH_COLUMNS],
])("has the command line's %s_COLUMNS", (name, columns) => {
  const [, listed = ""] =
    new RegExp(`${name}_COLUMNS: \\[&str; \\d+\\] = \\[([^\\]]+)\\]`).exec(commandLine) ?? [];
  expect([...listed.matchAll(/"(\w+)"/g)].map(([, column]) => column)).toEqual(columns);
});

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

function exported(change: Partial<Exported> & Pick<Exported, "path">): Exported {
  const plain = {
    sha256: null,
    sameAs: null,
    demo: false,
    silent: false,
    leftOut: false,
    mute: false,
    analysed: null,
  };
  return { patient: "", label: "", state: "done", report: null, ...plain, ...change };
}

/** Cells by the names of their columns; for texts without quotes. */
function table(csv: string): Record<string, string>[] {
  expect(csv.endsWith("\r\n")).toBe(true);
  // Else a spreadsheet takes "ü" for two letters.
  expect(csv.charCodeAt(0)).toBe(0xfeff);
  const [head = [], ...lines] = csv
    .slice(1)
    .trimEnd()
    .split("\r\n")
    .map((text) => text.split(","));
  for (const cells of lines) expect(cells).toHaveLength(head.length);
  return lines.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ""])));
}

it("images have one line each, failed ones too", () => {
  const [good, bad] = table(
    imagesCsv([
      exported({
        path: "a/=x.png",
        patient: "-7",
        report: imageReport("=x.png", 0.75),
        sha256: "ab",
        analysed: Date.UTC(2026, 10, 27, 7, 5),
      }),
      exported({ path: "b.png", state: "failed", report: failedReport("b.png") }),
    ]),
  );
  expect(good).toMatchObject({
    path: "a/=x.png",
    filename: "'=x.png",
    patient: "'-7",
    state: "done",
    counts: "yes",
    file_sha256: "ab",
    analysed_utc: "2026-11-27 07:05:00",
    max_patches: "25",
    stride: "224",
    screened: "yes",
    uncertain_below: "model",
    model: "net",
    model_sha256: "ab".repeat(32),
    verdict: "malignant",
    confidence: "0.75",
    probability_malignant: "0.75",
    malignant_patches: "2",
    blurred: "1",
    total_ms: "6",
    error_code: "",
  });
  expect(bad).toMatchObject({
    path: "b.png",
    state: "failed",
    counts: "no",
    verdict: "",
    error_code: "bad_file",
  });
});

it("images without a result have their line, too, and say why they do not count", () => {
  const lines = table(
    imagesCsv([
      exported({ path: "a/waits.png", state: "waiting" }),
      exported({ path: "b.png", state: "cancelled" }),
      exported({ path: "c.png", state: "same", sameAs: "a/x.png" }),
      exported({ path: "d.png", demo: true, silent: true, report: imageReport("d.png") }),
      exported({ path: "e.png", leftOut: true, report: imageReport("e.png") }),
    ]),
  );
  expect(lines.map(({ state, counts, same_as }) => [state, counts, same_as])).toEqual([
    ["waiting", "no", ""],
    ["cancelled", "no", ""],
    ["same", "no", "a/x.png"],
    ["done", "no", ""],
    ["done", "no", ""],
  ]);
  expect(lines[0]).toMatchObject({ filename: "waits.png", verdict: "", error_code: "" });
});

it("patches have one line each; images without patches have none", () => {
  const lines = table(
    patchesCsv([
      exported({ path: "a.png", patient: "p", report: imageReport("a.png", 0.25) }),
      exported({ path: "waits.png", state: "waiting" }),
      exported({ path: "b.png", state: "failed", report: failedReport("b.png") }),
    ]),
  );
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatchObject({ patch: "2", x: "224", screen: "assessable", probability_benign: "0.75" });
  expect(lines[2]).toMatchObject({ patch: "3", screen: "blurred", probability_malignant: "" });
});

it("patients have one line each, without a verdict where images are missing", () => {
  const together = diagnose([imageReport("a.png", 0.9), failedReport("b.png")], () => null);
  const lines = table(
    patientsCsv(
      [
        { patient: "p", ...together, missing: 0 },
        { patient: "=q", ...together, missing: 2 },
      ],
      [],
    ),
  );
  expect(lines[0]).toMatchObject({
    patient: "p",
    verdict: "malignant",
    probability_malignant: "0.9",
    images: "2",
    malignant_images: "1",
    failed: "1",
    missing: "0",
  });
  expect(lines[1]).toMatchObject({ patient: "'=q", verdict: "", probability_malignant: "", missing: "2" });
});

it("patients say by what, with which options and when their images were judged", () => {
  const together = diagnose([], () => null);
  const of = (patient: string, path: string, change: Partial<Exported> = {}) =>
    exported({
      path,
      patient,
      report: imageReport(path, 0.9),
      analysed: Date.UTC(2026, 10, 27, 7),
      ...change,
    });
  const other = { ...imageReport("c.png", 0.9), options: { max_patches: 50, screen: true } };
  const [one, two, none] = table(
    patientsCsv(
      ["one", "two", "none"].map((patient) => ({ patient, ...together, missing: 0 })),
      [
        of("one", "a.png"),
        of("one", "b.png", { analysed: Date.UTC(2026, 10, 28, 7) }),
        // What does not count says nothing of how the patient was judged.
        of("one", "c.png", { report: other, leftOut: true }),
        of("two", "a.png"),
        of("two", "c.png", { report: other }),
      ],
    ),
  );
  expect(one).toMatchObject({ model: "net", max_patches: "25", analysed_utc: "2026-11-28 07:00:00" });
  expect(two).toMatchObject({ model: "net", max_patches: "25; 50" });
  expect(none).toMatchObject({ model: "", max_patches: "", analysed_utc: "" });
});

it("drawings are marked wherever there are some, and no other table has the column", () => {
  const drawing = exported({ path: "a.png", report: imageReport("a.png", 0.9), demo: true, silent: true });
  const tissue = exported({ path: "b.png", report: imageReport("b.png", 0.9) });
  for (const make of [imagesCsv, patchesCsv]) {
    expect(new Set(table(make([drawing, tissue])).map(({ path, drawn }) => `${path} ${drawn}`))).toEqual(
      new Set(["a.png yes", "b.png no"]),
    );
    expect(table(make([tissue]))[0]).not.toHaveProperty("drawn");
  }
});

it("patches say when they were judged", () => {
  const analysed = Date.UTC(2026, 10, 27, 7, 5);
  const [patch] = table(
    patchesCsv([exported({ path: "a.png", report: imageReport("a.png", 0.9), analysed })]),
  );
  expect(patch?.["analysed_utc"]).toBe("2026-11-27 07:05:00");
});

it("is written as spreadsheets read it where the decimal sign is a comma", () => {
  const german = { separator: ";", decimal: "," } as const;
  const text = imagesCsv([exported({ path: "a;b.png", report: imageReport("a,b.png", 0.75) })], german);
  expect(text).toMatch(/^\ufeffpath;filename;patient;/);
  expect(text).toContain('"a;b.png";a,b.png;');
  expect(text).toContain(";0,75;");
});
