// An evaluation as tables to take away: its measures with their intervals, and the points of its curves.

import { type CsvForm, type CsvLine, csv, PLAIN_FORM } from "../study/csv.ts";
import { MEASURES, type Sound } from "./evaluation.ts";

const COLUMNS = ["table", "of", "name", "label", "leaning", "value", "low", "high", "count", "x", "y"];

/** Everything in one table: the column `table` says which part of the evaluation a line is of. */
export function evaluationCsv(evaluation: Sound, form: CsvForm = PLAIN_FORM): string {
  const lines: CsvLine[] = [];
  const { classes } = evaluation;
  const sets = { images: evaluation.by_image, patients: evaluation.by_patient };
  for (const [of, scores] of Object.entries(sets)) {
    for (const name of MEASURES) {
      const estimate = scores[name];
      if (estimate !== null) lines.push({ table: "measure", of, name, ...estimate });
    }
    scores.confusion.forEach((row, truth) => {
      row.forEach((count, said) => {
        lines.push({
          table: "confusion",
          of,
          label: classes[truth] ?? null,
          leaning: classes[said] ?? null,
          count,
        });
      });
    });
  }
  for (const { from, to, count, confidence, right } of evaluation.calibration.bins) {
    lines.push({ table: "calibration", of: "images", low: from, high: to, count, x: confidence, y: right });
  }
  for (const { threshold, sensitivity, specificity } of evaluation.roc) {
    lines.push({ table: "roc", of: "images", value: threshold, x: 1 - specificity, y: sensitivity });
  }
  for (const { threshold, kept, right } of evaluation.coverage) {
    lines.push({ table: "coverage", of: "images", value: threshold, x: kept, y: right });
  }
  return csv(COLUMNS, lines, form);
}
