// Which patient an image is of.

import { describe, expect, it } from "vitest";
import names from "../../tests/fixtures/breakhis_names.json";
import folders from "../../tests/fixtures/patient_folders.json";
import { comparePatients, flatFolder, patientOf, tidyPatient, toldApart } from "../src/study/patients.ts";

describe("the patient", () => {
  // The core is held to the same tables (src/patients.rs, src/labels.rs).
  it.each(folders)("of $path is $patient", ({ path, patient }) => {
    expect(patientOf(path)).toBe(patient ?? "");
  });

  it.each(names)("of $file is what the core says, $patient", ({ file, patient }) => {
    expect(patientOf(file)).toBe(patient ?? "");
  });

  it("as typed loses what nobody sees", () => {
    expect(tidyPatient("  a \n b  ")).toBe("a b");
    expect(tidyPatient("x".repeat(500))).toHaveLength(60);
  });
});

it("patients stand as a person would sort them, those unknown last", () => {
  const names = ["case-10", "", "case-2", "Case-1"];
  expect(names.sort(comparePatients)).toEqual(["Case-1", "case-2", "case-10", ""]);
});

it.each([
  [
    ["a/case-1", "b/case-1"],
    ["a/case-1", "b/case-1"],
  ],
  [
    ["x/a/s/case-1", "x/b/s/case-1"],
    ["a/s/case-1", "b/s/case-1"],
  ],
  [
    ["case-1", "b/case-1"],
    ["case-1", "b/case-1"],
  ],
  // Of a long path the middle is left out, unless that is what differs.
  [
    [`${"x".repeat(70)}/p1/s`, "y/p1/s"],
    [`${"x".repeat(29)}…${"x".repeat(25)}/p1/s`, "y/p1/s"],
  ],
  [
    [`a/${"x".repeat(40)}1${"x".repeat(40)}/s`, `a/${"x".repeat(40)}2${"x".repeat(40)}/s`],
    [`${"x".repeat(40)}1${"x".repeat(40)}/s`, `${"x".repeat(40)}2${"x".repeat(40)}/s`],
  ],
])("folders %j are told apart as %j", (folders, names) => {
  expect(toldApart(folders)).toEqual(names);
});

describe("one folder for all", () => {
  const images = (...paths: string[]) =>
    paths.map((path) => ({ path, patient: { peek: () => patientOf(path) } }));

  it.each<[string[], string | null]>([
    [["fields/a.png", "fields/b.png"], "fields"],
    [["fields/a.png"], null],
    [["fields/a.png", "b.png"], null],
    [["study/case-1/a.png", "study/case-1/b.png"], null],
    [["fields/a.png", "fields/40x/b.png"], null],
    [["fields/SOB_M_DC-14-2523-400-001.png", "fields/SOB_M_DC-14-2523-400-002.png"], null],
    [["a.png", "b.png"], null],
  ])("of %j is %j", (paths, folder) => {
    expect(flatFolder(images(...paths))).toBe(folder);
  });
});
