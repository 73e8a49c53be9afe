// Drawings: those by themselves never count, those of a drawn study count among their own patients' alone.

import { expect, it } from "vitest";
import fields from "../public/demo-study/study.json";
import { imagesCsv } from "../src/study/csv.ts";
import { Entry } from "../src/study/entry.ts";
import { exported, exportedFolder } from "../src/study/exports.ts";
import { Study } from "../src/study/study.ts";
import { imageReport } from "./reports.ts";

function drawn(path: string, truth?: { patient: string; label: string }): Entry {
  const entry = new Entry({ path, file: new File([path], path), demo: true, ...(truth && { truth }) });
  entry.finish(imageReport(path, truth?.label === "benign" ? 0.1 : 0.9));
  return entry;
}

it("of the study there are enough to learn from: of each label more than two patients", () => {
  const patients = new Map(fields.map(({ patient, label }) => [patient, label]));
  expect(fields).toHaveLength(24);
  expect(patients.size).toBe(6);
  for (const label of ["benign", "malignant"]) {
    expect([...patients.values()].filter((one) => one === label)).toHaveLength(3);
  }
});

it("a drawing counts among those of its drawn patient, and nowhere else", () => {
  const study = new Study();
  const alone = drawn("ducts.jpg");
  const mine = drawn("drawn-1-1.jpg", { patient: "Drawn 1", label: "benign" });
  study.add([alone, mine]);
  expect([alone.line.value.counts, mine.line.value.counts]).toEqual([false, true]);
  expect([mine.patient.value, mine.label.value]).toEqual(["Drawn 1", "benign"]);
  expect(study.diagnoses().map(({ patient, num_images }) => [patient, num_images])).toEqual([["Drawn 1", 1]]);
  const [head = "", ...lines] = imagesCsv(exported(study)).slice(1).trimEnd().split("\r\n");
  const at = head.split(",").indexOf("counts");
  expect(lines.map((line) => line.split(",")[at])).toEqual(["no", "yes"]);
});

it("no drawing has a voice among images of tissue, even of a patient who is called like a drawn one", () => {
  const study = new Study();
  const mine = drawn("drawn-1-1.jpg", { patient: "Drawn 1", label: "benign" });
  const tissue = Entry.of("real.png", imageReport("real.png", 0.8));
  tissue.assign("Drawn 1");
  study.add([mine, tissue]);
  expect(study.diagnoses().map(({ num_images, verdict }) => [num_images, verdict])).toEqual([
    [1, "malignant"],
  ]);
  const saved = exportedFolder(study, null);
  expect(saved.num_images).toBe(1);
  expect(saved.aggregated_diagnosis?.probabilities.malignant).toBe(0.8);
  study.remove([tissue]);
  expect(exportedFolder(study, null)).toMatchObject({ num_images: 1, verdict: "benign" });
});

it("its label was drawn with it, and stays", () => {
  const study = new Study();
  const mine = drawn("drawn-1-1.jpg", { patient: "Drawn 1", label: "benign" });
  study.add([mine]);
  study.setLabel([mine], "malignant");
  expect(mine.label.value).toBe("benign");
});
