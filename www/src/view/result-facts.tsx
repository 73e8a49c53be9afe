// A finished image in words and figures.

import { cssColour } from "../colours.ts";
import { duration, integer, plural, sentence } from "../format.ts";
import type { ImageReport } from "../report.ts";
import {
  ALL_THE_SAME,
  notAssessableWhy,
  RESEARCH_USE,
  remedies,
  repeatsScreen,
  votesWords,
} from "../wording.ts";
import { useWorkbench } from "./context.ts";
import { JudgementBlock, NotAssessable } from "./judgement.tsx";

const BINS = 20;

export function ResultFacts({ report }: { report: ImageReport }) {
  const warnings = report.warnings.filter((warning) => !repeatsScreen(warning));
  return (
    <section class="facts-block">
      {report.prediction === null ? (
        <NotAssessable why={notAssessableWhy(report.screen)}>
          <ul class="remedies">
            {remedies(report.screen).map((remedy) => (
              <li key={remedy}>{remedy}</li>
            ))}
          </ul>
          <p class="judgement-why">{ALL_THE_SAME}</p>
        </NotAssessable>
      ) : (
        <JudgementBlock judgement={report} />
      )}
      <p class="research-line">{RESEARCH_USE}</p>
      {report.prediction !== null && <Votes report={report} />}
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map((warning) => (
            <li key={warning}>{sentence(warning)}</li>
          ))}
        </ul>
      )}
      <Provenance report={report} />
    </section>
  );
}

function Votes({ report }: { report: ImageReport }) {
  const { patches, screen, timings_ms: timings } = report;
  return (
    <>
      <p>
        {votesWords(report)} {screen.unchecked > 0 && "Tissue, focus and stain were not checked. "}
        <span class="muted">Took {duration(timings.total)}.</span>
      </p>
      <Histogram
        values={patches.flatMap(({ probabilities }) =>
          probabilities === null ? [] : [probabilities.malignant],
        )}
      />
    </>
  );
}

/** How the patches spread between benign and malignant. */
function Histogram({ values }: { values: number[] }) {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor(value * BINS));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(1, ...counts);
  return (
    <figure class="histogram">
      <figcaption>Patches by probability of malignant</figcaption>
      <div class="bars" aria-hidden="true">
        {counts.map((count, bin) => (
          <span
            key={bin}
            class={count === 0 ? "bar bar-none" : "bar"}
            style={{ height: `${(100 * count) / most}%`, background: cssColour((bin + 0.5) / BINS) }}
            title={plural(count, "patch", "patches")}
          />
        ))}
      </div>
      <div class="bars-axis" aria-hidden="true">
        <span>0</span>
        <span>0.5</span>
        <span>1</span>
      </div>
    </figure>
  );
}

function Provenance({ report }: { report: ImageReport }) {
  const engine = useWorkbench().engine.value;
  const { model, grid, image, timings_ms: timings } = report;
  return (
    <details class="provenance">
      <summary>How this was computed</summary>
      <p>
        {plural(report.num_patches, "patch", "patches")} of {report.patches[0]?.width ?? 0} pixels, spread
        evenly over a grid of {grid.columns} by {grid.rows}
        {report.screen.unchecked > 0 ? " and not checked" : ", were checked for tissue, stain and focus"}.{" "}
        {report.prediction === null
          ? "At least one must pass, and a quarter of those that hold anything; so none went through the network."
          : "Those that vote went through the network, and the image's probability is the mean over them."}
      </p>
      <dl class="facts">
        <dt>Model</dt>
        <dd>
          {model.name} {model.version}, {model.variant}
        </dd>
        <dt>SHA-256</dt>
        <dd class="hash">{model.sha256}</dd>
        <dt>Engine</dt>
        <dd>
          {report.engine.name} {report.engine.version}
          {engine.kind === "ready" && `, ${engine.engine.build.kernels}`}
        </dd>
        <dt>Image</dt>
        <dd>
          {integer(image.width)} × {integer(image.height)} pixels
        </dd>
        <dt>Time</dt>
        <dd>
          reading {duration(timings.decode)}, check {duration(timings.screen)}, network{" "}
          {duration(timings.inference)}, all {duration(timings.total)}
        </dd>
      </dl>
    </details>
  );
}
