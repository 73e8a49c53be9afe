// An evaluation as a whole: warnings, measures, curves, and the images that were judged most wrongly.

import { evaluationCsv } from "../../teach/csv.ts";
import { type Evaluation, isSound, type Remark } from "../../teach/evaluation.ts";
import { words } from "../../words/words.ts";
import { csvForm } from "../csv-form.ts";
import { dated, downloadCsv, downloadJson } from "../download.ts";
import { Calibration, Coverage, Roc } from "./curves.tsx";
import { remarkWords } from "./remarks.ts";
import { Confusions, ScoreTable } from "./scores.tsx";
import { Worst } from "./worst.tsx";

interface EvaluationViewProps {
  evaluation: Evaluation;
  /** That of the verdicts of now; null where they have none. */
  threshold: number | null;
  onThreshold: ((threshold: number) => void) | null;
}

export function EvaluationView({ evaluation, threshold, onThreshold }: EvaluationViewProps) {
  const { teach } = words.value;
  const { images, patients, refused, warnings, worst } = evaluation;
  if (!isSound(evaluation)) {
    return (
      <p class="evaluation-refused">
        <strong>{teach.nothing}</strong> {refused !== null && remarkWords(refused)}
      </p>
    );
  }
  return (
    <div class="evaluation">
      <p>{teach.count(images, patients)}</p>
      <Warnings warnings={warnings} />
      <div class="evaluation-numbers">
        <ScoreTable evaluation={evaluation} />
        <Confusions evaluation={evaluation} />
      </div>
      <div class="plots">
        <Roc evaluation={evaluation} />
        <Calibration evaluation={evaluation} />
        <Coverage evaluation={evaluation} threshold={threshold} onUse={onThreshold} />
      </div>
      <Worst worst={worst} />
      <div class="actions evaluation-save">
        <button
          type="button"
          class="button button-small"
          onClick={() => downloadJson(dated("evaluation", "json"), evaluation)}
        >
          {teach.save.json}
        </button>
        <button
          type="button"
          class="button button-small"
          onClick={() => downloadCsv(dated("evaluation", "csv"), evaluationCsv(evaluation, csvForm()))}
        >
          {teach.save.csv}
        </button>
      </div>
    </div>
  );
}

export function Warnings({ warnings }: { warnings: readonly Remark[] }) {
  if (warnings.length === 0) return null;
  return (
    <section class="notice notice-caution" aria-label={words.value.teach.warnings}>
      <ul class="warnings">
        {warnings.map((warning, index) => (
          <li key={index}>{remarkWords(warning)}</li>
        ))}
      </ul>
    </section>
  );
}
