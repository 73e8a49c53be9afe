// What is to be taken away as tables: an evaluation's measures with their intervals and the points of its curves, and what
// was said of images while they were left out of a lesson.

import { type CsvForm, type CsvLine, csv, PLAIN_FORM } from "../study/csv.ts";
import { type Curves, type Estimate, MEASURES, type Sound } from "./evaluation.ts";
import type { Said } from "./teaching.ts";

/** A line for each image, with the probability of each class. */
export function leftOutCsv({ lesson, leftOut }: Said, form: CsvForm = PLAIN_FORM): string {
  const shares = lesson.facts.classes.map((name) => `probability_${name}`);
  const lines = leftOut.map(
    ({ name, patient, label, prediction, verdict, probabilities }): CsvLine => ({
      path: name,
      patient,
      label,
      prediction,
      verdict,
      ...Object.fromEntries(shares.map((share, place) => [share, probabilities[place] ?? null])),
      lesson: lesson.facts.name,
    }),
  );
  const columns = ["path", "patient", "label", "prediction", "verdict", ...shares, "lesson"];
  return csv(columns, lines, form);
}

const COLUMNS = [
  "table",
  "of",
  "name",
  "label",
  "leaning",
  "value",
  "low",
  "high",
  "count",
  "x",
  "y",
  "y_low",
  "y_high",
];

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
  for (const [of, { curves }] of Object.entries(sets)) lines.push(...curveLines(of, curves));
  return csv(COLUMNS, lines, form);
}

const upwards = (estimate: Estimate | null): CsvLine =>
  estimate === null ? {} : { y: estimate.value, y_low: estimate.low, y_high: estimate.high };

function curveLines(of: string, { calibration, coverage, roc, roc_band }: Curves): CsvLine[] {
  return [
    ...calibration.map(({ from, to, count, confidence, right }) => ({
      table: "calibration",
      of,
      low: from,
      high: to,
      count,
      x: confidence,
      ...upwards(right),
    })),
    ...roc.map(({ threshold, sensitivity, specificity }) => ({
      table: "roc",
      of,
      value: threshold,
      x: 1 - specificity,
      y: sensitivity,
    })),
    ...roc_band.map(({ false_alarms, sensitivity }) => ({
      table: "roc_band",
      of,
      x: false_alarms,
      ...upwards(sensitivity),
    })),
    ...coverage.map(({ threshold, kept, right }) => ({
      table: "coverage",
      of,
      value: threshold,
      x: kept,
      ...upwards(right),
    })),
  ];
}
