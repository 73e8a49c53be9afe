// Which patient an image is of.

import { describe, expect, it } from "vitest";
import { byPatient, comparePatients, patientOf, tidyPatient } from "../src/study/patients.ts";

describe("the patient", () => {
  it.each([
    ["SOB_M_DC-14-2523-400-001.png", "14-2523"],
    ["SOB_B_A-14-22549AB-100-001.webp", "14-22549"],
    ["SOB_B_A-14-22549G-40-012.png", "14-22549"],
    ["sob_m_lc-14-13412-100-003.png", "14-13412"],
    ["anything/at/all/SOB_M_DC-14-2523-400-001.png", "14-2523"],
    ["SOB_B_A_14-22549AB/100X/SOB_B_A-14-22549AB-100-001.png", "14-22549"],
    ["study/case-2/b.jpg", "case-2"],
    ["study/case-2/400X/b.jpg", "case-2"],
    ["b.jpg", ""],
    ["", ""],
    ["SOB_M_DC-14.png", ""],
  ])("of %s is %j", (path, patient) => {
    expect(patientOf(path)).toBe(patient);
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

it("a group keeps the order of its images", () => {
  const groups = byPatient(["b1", "a1", "1", "b2"], (name) => name.replace(/\d/, ""));
  expect([...groups]).toEqual([
    ["a", ["a1"]],
    ["b", ["b1", "b2"]],
    ["", ["1"]],
  ]);
});
