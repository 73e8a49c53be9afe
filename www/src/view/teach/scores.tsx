// The measures of an evaluation with their intervals, by image beside by patient, and what leans to what.

import type { Estimate, Measure, Scores, Sound } from "../../teach/evaluation.ts";
import { MEASURES } from "../../teach/evaluation.ts";
import { judgedWords } from "../../words/judged.ts";
import { decimal, integer, percent } from "../../words/words.ts";
import { labelWord, verdictWord } from "../wording.ts";

/** "83.0% (71.0% to 92.0%)"; the area under a curve is no share. */
export function estimateWords(measure: Measure, estimate: Estimate | null): string {
  const said = judgedWords.value.scores;
  if (estimate === null) return said.none;
  const show = measure === "auc" ? (value: number) => decimal(value, 2) : percent;
  return said.estimate(show(estimate.value), show(estimate.low), show(estimate.high));
}

export function ScoreTable({ evaluation: { by_image, by_patient } }: EvaluationProps) {
  const said = judgedWords.value.scores;
  const known = MEASURES.filter((measure) => by_image[measure] !== null || by_patient[measure] !== null);
  return (
    <table class="scores">
      <caption>{said.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{said.measure}</th>
          <th scope="col">{said.image}</th>
          <th scope="col">{said.patient}</th>
        </tr>
      </thead>
      <tbody>
        {known.map((measure) => (
          <tr key={measure}>
            <th scope="row" title={said.measures[measure].hint}>
              {said.measures[measure].name}
            </th>
            <td>{estimateWords(measure, by_image[measure])}</td>
            <td>{estimateWords(measure, by_patient[measure])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Confusions({ evaluation }: EvaluationProps) {
  const { classes } = evaluation;
  const { confusion, verdicts } = judgedWords.value.scores;
  const counts = Object.entries(evaluation.verdicts).map(
    ([verdict, count]) => `${verdictWord(verdict)} ${integer(count)}`,
  );
  return (
    <div class="confusions">
      <Confusion caption={confusion.image} scores={evaluation.by_image} classes={classes} />
      <Confusion caption={confusion.patient} scores={evaluation.by_patient} classes={classes} />
      {counts.length > 0 && <p class="muted">{verdicts(counts.join(", "))}</p>}
    </div>
  );
}

interface EvaluationProps {
  evaluation: Sound;
}

interface ConfusionProps {
  caption: string;
  scores: Scores;
  classes: readonly string[];
}

function Confusion({ caption, scores: { confusion }, classes }: ConfusionProps) {
  const said = judgedWords.value.scores;
  return (
    <table class="confusion">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{said.truth}</th>
          {classes.map((label) => (
            <th key={label} scope="col">
              {said.leans(labelWord(label))}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {classes.map((label, truth) => (
          <tr key={label}>
            <th scope="row">{labelWord(label)}</th>
            {classes.map((other, leaning) => (
              <td key={other} class={truth === leaning ? "confusion-right" : undefined}>
                {integer(confusion[truth]?.[leaning] ?? 0)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
