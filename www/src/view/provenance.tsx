// How a result came about: model, engine, patches and times, so that it can be told of and done again.

import { hasVoted } from "../study/classes.ts";
import type { ImageReport } from "../study/report.ts";
import { resultWords } from "../words/result.ts";
import { duration, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { familiarityWords, scaleWords, thresholdWords } from "./result-wording.ts";

export function Provenance({ report }: { report: ImageReport }) {
  const { thresholds } = useWorkbench().study;
  const { model, grid, image, options, timings_ms: timings } = report;
  const side = report.patches[0]?.width ?? 0;
  const unchecked = report.screen.unchecked > 0;
  const { facts } = words.value;
  const { provenance: said } = resultWords.value;
  const familiar = familiarityWords(report);
  const most = typeof options["max_patches"] === "number" ? options["max_patches"] : null;
  return (
    <details class="provenance">
      <summary>{said.title}</summary>
      <p>
        {said.how(report.num_patches, side, grid.columns, grid.rows, !unchecked)}{" "}
        {hasVoted(report) ? said.mean : said.noVote}
      </p>
      <dl class="facts">
        <dt>{facts.model}</dt>
        <dd>
          {model.name} {model.version}
        </dd>
        {report.taught?.lesson && (
          <>
            <dt>{words.value.teach.lessons.fact}</dt>
            <dd>
              {report.taught.lesson.name} <span class="hash">{report.taught.lesson.sha256}</span>
            </dd>
          </>
        )}
        <dt>{facts.precision}</dt>
        <dd>{model.variant}</dd>
        <dt>{facts.sha256}</dt>
        <dd class="hash">{model.sha256}</dd>
        <dt>{facts.engine}</dt>
        <dd>
          {report.engine.name} {report.engine.version}
        </dd>
        {report.engine.runtime !== undefined && (
          <>
            <dt>{facts.runtime}</dt>
            <dd>
              {said.runtimes[report.engine.runtime]}
              {report.engine.fallback !== undefined && said.fallback(report.engine.fallback)}
            </dd>
          </>
        )}
        {report.engine.kernels !== undefined && (
          <>
            <dt>{facts.kernels}</dt>
            <dd>{report.engine.kernels}</dd>
          </>
        )}
        <dt>{facts.image}</dt>
        <dd>{said.imageSize(image.width, image.height)}</dd>
        <dt>{facts.scale}</dt>
        <dd>{report.scale === undefined ? resultWords.value.scale.unknown : scaleWords(report.scale)}</dd>
        <dt>{facts.patches}</dt>
        <dd>{said.patches(side, grid.stride, report.num_patches, grid.total_patches, most)}</dd>
        {typeof options["batch_size"] === "number" && (
          <>
            <dt>{facts.batches}</dt>
            <dd>{said.batches(options["batch_size"])}</dd>
          </>
        )}
        <dt>{facts.check}</dt>
        <dd>{unchecked ? said.unchecked : said.checked}</dd>
        {familiar !== null && (
          <>
            <dt>{facts.familiar}</dt>
            <dd>{familiar}</dd>
          </>
        )}
        <dt>{facts.uncertain}</dt>
        <dd>{thresholdWords(report, thresholds.told)}</dd>
        <dt>{facts.time}</dt>
        <dd>
          {said.times(
            duration(timings.decode),
            duration(timings.screen),
            duration(timings.inference),
            duration(timings.total),
          )}
        </dd>
      </dl>
    </details>
  );
}
