// The diagnosis of each patient: who is asked for, and who is not asked for again.

import { expect, it } from "vitest";
import { type Ask, origins, PatientAggregates } from "../src/study/aggregation.ts";
import type { FolderReport } from "../src/study/report.ts";
import { failedReport, imageReport } from "./reports.ts";

function asked() {
  const calls: string[] = [];
  const ask: Ask = async (reports) => {
    calls.push(reports.map(({ filename }) => filename).join(" "));
    for (const report of reports) if (report.success) expect(report.patches).toEqual([]);
    return {
      schema_version: 2,
      num_images: reports.length,
      individual_results: reports,
    } as Partial<FolderReport> as FolderReport;
  };
  return { calls, aggregates: new PatientAggregates(ask) };
}

it("asks once for each patient, and again only for those whose images changed", async () => {
  const { calls, aggregates } = asked();
  const a = { patient: "p", report: imageReport("a") };
  const b = { patient: "q", report: failedReport("b") };
  const c = { patient: "", report: imageReport("c") };
  const first = await aggregates.of([a, b, c]);
  expect(first.map(({ patient, num_images }) => [patient, num_images])).toEqual([
    ["p", 1],
    ["q", 1],
  ]);
  expect(first[0]).not.toHaveProperty("individual_results");
  expect(calls).toEqual(["a", "b"]);

  await aggregates.of([a, b, { ...c, patient: "q" }]);
  expect(calls).toEqual(["a", "b", "b c"]);

  await aggregates.of([a]);
  await aggregates.of([a, b]);
  expect(calls).toEqual(["a", "b", "b c", "b"]);
});

it("counts the models and options that results came from, failures aside", () => {
  const plain = imageReport("a");
  const other = { ...plain, model: { ...plain.model, sha256: "cd".repeat(32) } };
  const more = { ...plain, options: { ...plain.options, max_patches: 100 } };
  const batched = { ...plain, options: { ...plain.options, batch_size: 4 } };
  expect(origins([plain, plain, failedReport("b")])).toEqual({ models: 1, options: 1 });
  expect(origins([plain, other, more])).toEqual({ models: 2, options: 2 });
  const own = { ...plain, options: { uncertain_below: null, ...plain.options } };
  const surer = { ...plain, options: { ...plain.options, uncertain_below: 0.8 } };
  // A report of an earlier version has no threshold in it: it was the model's.
  expect(origins([plain, own]).options).toBe(1);
  expect(origins([plain, surer]).options).toBe(2);
  expect(origins([batched, { ...batched, options: { ...batched.options, batch_size: 8 } }]).options).toBe(1);
});
