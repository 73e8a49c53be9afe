// The three curves of an evaluation: ROC, calibration, and what is left above a threshold of confidence.

import { useState } from "preact/hooks";
import { coverageAt, type Sound } from "../../teach/evaluation.ts";
import { decimal, integer, percent, words } from "../../words/words.ts";
import { across, Plot, pathOf, SIDE, up } from "./plot.tsx";

const shares = (values: readonly number[]): string[] => values.map(percent);

export function Roc({ evaluation: { roc, by_image } }: { evaluation: Sound }) {
  if (roc.length === 0) return null;
  const said = words.value.teach.plots.roc;
  const auc = by_image.auc === null ? "" : decimal(by_image.auc.value, 2);
  return (
    <Plot
      name="roc"
      title={said.title}
      about={said.about(auc)}
      x={said.x}
      y={said.y}
      table={[
        { name: said.threshold, cells: roc.map(({ threshold }) => decimal(threshold, 3)) },
        { name: said.x, cells: shares(roc.map(({ specificity }) => 1 - specificity)) },
        { name: said.y, cells: shares(roc.map(({ sensitivity }) => sensitivity)) },
      ]}
      below={<p class="plot-about">{said.about(auc)}</p>}
    >
      <Diagonal />
      <path
        class="plot-line"
        d={pathOf(roc.map(({ specificity, sensitivity }) => [1 - specificity, sensitivity]))}
      />
    </Plot>
  );
}

export function Calibration({ evaluation }: { evaluation: Sound }) {
  const { ece, bins } = evaluation.calibration;
  const filled = bins.flatMap(({ confidence, right, ...bin }) =>
    confidence === null || right === null ? [] : [{ ...bin, confidence, right }],
  );
  const most = Math.max(1, ...filled.map(({ count }) => count));
  const said = words.value.teach.plots.calibration;
  if (filled.length === 0) return null;
  return (
    <Plot
      name="calibration"
      title={said.title}
      about={said.about(percent(ece))}
      x={said.x}
      y={said.y}
      table={[
        { name: said.range, cells: filled.map(({ from }) => percent(from)) },
        { name: said.to, cells: filled.map(({ to }) => percent(to)) },
        { name: said.count, cells: filled.map(({ count }) => integer(count)) },
        { name: said.x, cells: shares(filled.map(({ confidence }) => confidence)) },
        { name: said.y, cells: shares(filled.map(({ right }) => right)) },
      ]}
      below={<p class="plot-about">{said.about(percent(ece))}</p>}
    >
      <Diagonal />
      <path class="plot-line" d={pathOf(filled.map(({ confidence, right }) => [confidence, right]))} />
      {filled.map(({ from, count, confidence, right }) => (
        // Its area says how many images it stands for.
        <circle
          key={from}
          class="plot-point"
          cx={across(confidence)}
          cy={up(right)}
          r={2 + 5 * Math.sqrt(count / most)}
        />
      ))}
    </Plot>
  );
}

interface CoverageProps {
  evaluation: Sound;
  /** The threshold of now; null where the verdicts have none. */
  threshold: number | null;
  /** Makes it the threshold of every verdict; null where it cannot be. */
  onUse: ((threshold: number) => void) | null;
}

/** Thresholds below a half are below every confidence of two classes; steps of a hundredth. */
const LEAST = 50;
const MOST = 100;

export function Coverage({ evaluation: { coverage }, threshold, onUse }: CoverageProps) {
  const [dragged, setDragged] = useState<number | null>(null);
  const points = coverage.flatMap(({ right, ...point }) => (right === null ? [] : [{ ...point, right }]));
  if (points.length === 0) return null;
  const now = dragged ?? Math.min(MOST, Math.max(LEAST, Math.round(100 * (threshold ?? 0))));
  const point = coverageAt(points, now / 100);
  const said = words.value.teach.plots.coverage;
  const at = percent(now / 100);
  return (
    <Plot
      name="coverage"
      title={said.title}
      about={said.about}
      x={said.x}
      y={said.y}
      table={[
        { name: said.threshold, cells: points.map(({ threshold: from }) => decimal(from, 3)) },
        { name: said.x, cells: shares(points.map(({ kept }) => kept)) },
        { name: said.y, cells: shares(points.map(({ right }) => right)) },
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
            {point === null ? said.none(at) : said.at(at, percent(point.kept), percent(point.right))}
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
      <path class="plot-line" d={pathOf(points.map(({ kept, right }) => [kept, right]))} />
      {point !== null && (
        <>
          <path class="plot-mark" d={`M${across(point.kept)} ${up(0)}v${-SIDE}`} />
          <circle class="plot-point" cx={across(point.kept)} cy={up(point.right)} r="5" />
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
