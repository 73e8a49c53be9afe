// The three curves of an evaluation, of its images or of its patients: ROC, calibration, and what is left above a threshold
// of confidence. Each has its interval over draws of patients.

import { useState } from "preact/hooks";
import { coverageAt, type Estimate, type Scores, type Subject } from "../../teach/evaluation.ts";
import { judgedWords } from "../../words/judged.ts";
import { decimal, integer, percent } from "../../words/words.ts";
import { across, type Column, Plot, pathOf, ribbonOf, SIDE, up } from "./plot.tsx";

interface CurveProps {
  scores: Scores;
  /** What they are of. */
  subject: Subject;
  /** Where nothing beside the plot says what it is of. */
  named?: boolean;
}

/** Title of a plot and name of its file. */
function titled(name: string, title: string, { subject, named }: Omit<CurveProps, "scores">) {
  return {
    name: subject === "image" ? name : `${name}-${subject}s`,
    title: named === true ? judgedWords.value.plots.ofSubject(title, subject) : title,
  };
}

const shares = (values: readonly number[]): string[] => values.map(percent);

/** Columns of a table: shares, and where each lies. */
function estimates(name: string, values: readonly Estimate[]): Column[] {
  const { low, high } = judgedWords.value.plots;
  return [
    { name, cells: shares(values.map(({ value }) => value)) },
    { name: low(name), cells: shares(values.map((value) => value.low)) },
    { name: high(name), cells: shares(values.map((value) => value.high)) },
  ];
}

export function Roc({ scores: { curves, auc }, ...of }: CurveProps) {
  const { roc, roc_band } = curves;
  if (roc.length === 0) return null;
  const said = judgedWords.value.plots.roc;
  const about = said.about(auc === null ? "" : decimal(auc.value, 2));
  return (
    <Plot
      {...titled("roc", said.title, of)}
      about={about}
      x={said.x}
      y={said.y}
      table={[
        { name: said.threshold, cells: roc.map(({ threshold }) => decimal(threshold, 3)) },
        { name: said.x, cells: shares(roc.map(({ specificity }) => 1 - specificity)) },
        { name: said.y, cells: shares(roc.map(({ sensitivity }) => sensitivity)) },
      ]}
      below={<p class="plot-about">{about}</p>}
    >
      <path
        class="plot-band"
        d={ribbonOf(roc_band.map(({ false_alarms, sensitivity }) => ({ x: false_alarms, ...sensitivity })))}
      />
      <Diagonal />
      <path
        class="plot-line"
        d={pathOf(roc.map(({ specificity, sensitivity }) => [1 - specificity, sensitivity]))}
      />
    </Plot>
  );
}

export function Calibration({ scores: { curves, calibration_error }, ...of }: CurveProps) {
  const filled = curves.calibration.flatMap(({ confidence, right, ...bin }) =>
    confidence === null || right === null ? [] : [{ ...bin, confidence, right }],
  );
  const most = Math.max(1, ...filled.map(({ count }) => count));
  const said = judgedWords.value.plots.calibration;
  if (filled.length === 0 || calibration_error === null) return null;
  const about = said.about(percent(calibration_error.value));
  return (
    <Plot
      {...titled("calibration", said.title, of)}
      about={about}
      x={said.x}
      y={said.y}
      table={[
        { name: said.range, cells: filled.map(({ from }) => percent(from)) },
        { name: said.to, cells: filled.map(({ to }) => percent(to)) },
        { name: said.count[of.subject], cells: filled.map(({ count }) => integer(count)) },
        { name: said.x, cells: shares(filled.map(({ confidence }) => confidence)) },
        ...estimates(
          said.y,
          filled.map(({ right }) => right),
        ),
      ]}
      below={<p class="plot-about">{about}</p>}
    >
      <Diagonal />
      {filled.map(({ from, confidence, right }) => (
        <path key={from} class="plot-bar" d={bar(confidence, right)} />
      ))}
      <path class="plot-line" d={pathOf(filled.map(({ confidence, right }) => [confidence, right.value]))} />
      {filled.map(({ from, count, confidence, right }) => (
        // Its area says how many it stands for.
        <circle
          key={from}
          class="plot-point"
          cx={across(confidence)}
          cy={up(right.value)}
          r={2 + 5 * Math.sqrt(count / most)}
        />
      ))}
    </Plot>
  );
}

/** An upright line. */
const bar = (x: number, { low, high }: Estimate): string =>
  pathOf([
    [x, low],
    [x, high],
  ]);

interface CoverageProps extends CurveProps {
  /** The threshold of now; null where the verdicts have none. */
  threshold: number | null;
  /** Makes it the threshold of every verdict; null where it cannot be. */
  onUse: ((threshold: number) => void) | null;
}

/** Thresholds below a half are below every confidence of two classes; steps of a hundredth. */
const LEAST = 50;
const MOST = 100;

export function Coverage({ scores: { curves }, threshold, onUse, ...of }: CoverageProps) {
  const [dragged, setDragged] = useState<number | null>(null);
  const points = curves.coverage.flatMap(({ right, ...point }) =>
    right === null ? [] : [{ ...point, right }],
  );
  if (points.length === 0) return null;
  const now = dragged ?? Math.min(MOST, Math.max(LEAST, Math.round(100 * (threshold ?? 0))));
  const point = coverageAt(points, now / 100);
  const said = judgedWords.value.plots.coverage;
  const at = percent(now / 100);
  return (
    <Plot
      {...titled("coverage", said.title, of)}
      about={said.about}
      x={said.x}
      y={said.y}
      table={[
        { name: said.threshold, cells: points.map(({ threshold: from }) => decimal(from, 3)) },
        { name: said.x, cells: shares(points.map(({ kept }) => kept)) },
        ...estimates(
          said.y,
          points.map(({ right }) => right),
        ),
      ]}
      below={
        <div class="plot-threshold">
          <label>
            {said.threshold}{" "}
            <input
              type="range"
              min={LEAST}
              max={MOST}
              value={now}
              aria-valuetext={at}
              onInput={({ currentTarget }) => setDragged(currentTarget.valueAsNumber)}
            />{" "}
            <output>{at}</output>
          </label>
          <p role="status">
            {point === null
              ? said.none(at, of.subject)
              : said.at(at, percent(point.kept), percent(point.right.value), of.subject)}
          </p>
          {onUse !== null && dragged !== null && now / 100 !== threshold && (
            <button
              type="button"
              class="button button-small"
              onClick={() => {
                onUse(now / 100);
                setDragged(null);
              }}
            >
              {said.use}
            </button>
          )}
        </div>
      }
    >
      <path class="plot-band" d={ribbonOf(points.map(({ kept, right }) => ({ x: kept, ...right })))} />
      <path class="plot-line" d={pathOf(points.map(({ kept, right }) => [kept, right.value]))} />
      {point !== null && (
        <>
          <path class="plot-mark" d={`M${across(point.kept)} ${up(0)}v${-SIDE}`} />
          <circle class="plot-point" cx={across(point.kept)} cy={up(point.right.value)} r="5" />
        </>
      )}
    </Plot>
  );
}

/** Chance, or a confidence that means what it says. */
function Diagonal() {
  return (
    <path
      class="plot-diagonal"
      d={pathOf([
        [0, 0],
        [1, 1],
      ])}
    />
  );
}
