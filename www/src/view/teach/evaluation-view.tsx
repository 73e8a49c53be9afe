// An evaluation as a whole: warnings, measures, curves, and the images that were judged most wrongly.

import { useId, useState } from "preact/hooks";
import { evaluationCsv } from "../../teach/csv.ts";
import {
  type Evaluation,
  isSound,
  type Remark,
  type Sound,
  SUBJECTS,
  type Subject,
  scoresOf,
} from "../../teach/evaluation.ts";
import { judgedWords } from "../../words/judged.ts";
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
      <Curves evaluation={evaluation} threshold={threshold} onThreshold={onThreshold} />
      <Worst worst={worst} />
      <div class="actions evaluation-save">
        <button
          type="button"
          class="button button-small"
          onClick={() => downloadJson(dated("evaluation", "json"), evaluation)}
        >
          {judgedWords.value.save.json}
        </button>
        <button
          type="button"
          class="button button-small"
          onClick={() => downloadCsv(dated("evaluation", "csv"), evaluationCsv(evaluation, csvForm()))}
        >
          {judgedWords.value.save.csv}
        </button>
      </div>
    </div>
  );
}

/** Of the images, or of the patients, as a person chooses. The threshold is that of images' verdicts. */
function Curves({ evaluation, threshold, onThreshold }: EvaluationViewProps & { evaluation: Sound }) {
  const [subject, setSubject] = useState<Subject>("image");
  const group = useId();
  const { plots } = judgedWords.value;
  const of = { scores: scoresOf(evaluation, subject), subject };
  return (
    <section class="curves" aria-label={plots.of}>
      <fieldset class="segments curves-of">
        <legend class="visually-hidden">{plots.of}</legend>
        {SUBJECTS.map((choice) => (
          <label key={choice}>
            <input
              type="radio"
              name={group}
              checked={choice === subject}
              onChange={() => setSubject(choice)}
            />
            <span>{plots.subjects[choice]}</span>
          </label>
        ))}
      </fieldset>
      <div class="plots">
        <Roc {...of} />
        <Calibration {...of} />
        <Coverage
          key={subject}
          {...of}
          threshold={threshold}
          onUse={subject === "image" ? onThreshold : null}
        />
      </div>
      <p class="muted plot-about">{plots.band}</p>
    </section>
  );
}

export function Warnings({ warnings }: { warnings: readonly Remark[] }) {
  if (warnings.length === 0) return null;
  return (
    <section class="notice notice-caution" aria-label={judgedWords.value.warnings}>
      <ul class="warnings">
        {warnings.map((warning, index) => (
          <li key={index}>{remarkWords(warning)}</li>
        ))}
      </ul>
    </section>
  );
}
