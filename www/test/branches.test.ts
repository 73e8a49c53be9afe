// Folders of one name in different places: two patients, whatever the order in which they come.

import { expect, it } from "vitest";
import { Entry } from "../src/study/entry.ts";
import { Study } from "../src/study/study.ts";

const entries = (...paths: string[]) => paths.map((path) => new Entry({ path, file: null }));
const patients = (study: Study) => study.entries.value.map(({ patient }) => patient.value);

it("are told apart by as much of the path as that takes", () => {
  const study = new Study();
  expect(study.add(entries("a/case-9/1.png", "a/case-9/2.png", "a/case-8/1.png"))).toEqual([]);
  expect(patients(study)).toEqual(["case-9", "case-9", "case-8"]);
  expect(study.add(entries("b/case-9/1.png"))).toEqual([{ name: "case-9", names: ["a/case-9", "b/case-9"] }]);
  expect(patients(study)).toEqual(["a/case-9", "a/case-9", "case-8", "b/case-9"]);
  // What comes later joins its own.
  study.add(entries("b/case-9/2.png"));
  expect(patients(study).at(-1)).toBe("b/case-9");
});

it("are what a person says they are, from then on", () => {
  const study = new Study();
  study.add(entries("a/case-9/1.png", "b/case-9/1.png"));
  study.setPatient(study.entries.value, "case-9");
  expect(patients(study)).toEqual(["case-9", "case-9"]);
  study.add(entries("c/case-8/1.png"));
  expect(patients(study)).toEqual(["case-9", "case-9", "case-8"]);
});

it("are no matter for names that say whose they are", () => {
  const study = new Study();
  const name = "SOB_M_DC-14-2523-400-001.png";
  expect(study.add(entries(`a/x/${name}`, `b/x/${name}`))).toEqual([]);
  expect(patients(study)).toEqual(["14-2523", "14-2523"]);
});

it("are one again when one of them has left the study", () => {
  const study = new Study();
  study.add(entries("a/case-9/1.png", "b/case-9/1.png"));
  study.remove(study.entries.value.slice(0, 1));
  expect(study.add(entries("b/case-9/2.png"))).toEqual([]);
  expect(new Set(patients(study)).size).toBe(1);
});
