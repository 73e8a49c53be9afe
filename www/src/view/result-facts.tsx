// A finished image in words and figures.

import { cssColour } from "../colours.ts";
import { duration, integer, plural, sentence } from "../format.ts";
import type { ImageReport } from "../report.ts";
import { RESEARCH_USE } from "../wording.ts";
import { useWorkbench } from "./context.ts";
import { JudgementBlock } from "./judgement.tsx";

const BINS = 20;

export function ResultFacts({ report }: { report: ImageReport }) {
  const { benign_patches: benign, malignant_patches: malignant } = report.patch_breakdown;
  const { total_patches: total } = report.grid;
  return (
    <section class="facts-block">
      <JudgementBlock judgement={report} />
      <p class="research-line">{RESEARCH_USE}</p>
      <p>
        {plural(report.num_patches, "patch", "patches")}
        {total > report.num_patches && ` of ${integer(total)}`}: {integer(malignant)} malignant,{" "}
        {integer(benign)} benign. <span class="muted">Took {duration(report.timings_ms.total)}.</span>
      </p>
      <Histogram values={report.patches.map((patch) => patch.probabilities.malignant)} />
      {report.warnings.length > 0 && (
        <ul class="warnings">
          {report.warnings.map((warning) => (
            <li key={warning}>{sentence(warning)}</li>
          ))}
        </ul>
      )}
      <Provenance report={report} />
    </section>
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
        evenly over a grid of {grid.columns} by {grid.rows}, each went through the network. The image's
        probability is the mean over them.
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
          reading {duration(timings.decode)}, network {duration(timings.inference)}, all{" "}
          {duration(timings.total)}
        </dd>
      </dl>
    </details>
  );
}
