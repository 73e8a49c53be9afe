// How a result came about: model, engine, patches and times, so that it can be told of and done again.

import { duration, integer, plural } from "../format.ts";
import type { ImageReport } from "../report.ts";
import { useWorkbench } from "./context.ts";

export function Provenance({ report }: { report: ImageReport }) {
  const engine = useWorkbench().engine.value;
  const { model, grid, image, options, timings_ms: timings } = report;
  const side = report.patches[0]?.width ?? 0;
  const unchecked = report.screen.unchecked > 0;
  return (
    <details class="provenance">
      <summary>How this was computed</summary>
      <p>
        {plural(report.num_patches, "patch", "patches")} of {side} pixels, spread evenly over a grid of{" "}
        {grid.columns} by {grid.rows}
        {unchecked ? " and not checked" : ", were checked for tissue, stain and focus"}.{" "}
        {report.prediction === null
          ? "At least one must pass, and a quarter of those that hold anything; so none went through the network."
          : "Those that vote went through the network, and the image's probability is the mean over them."}
      </p>
      <dl class="facts">
        <dt>Model</dt>
        <dd>
          {model.name} {model.version}
        </dd>
        <dt>Precision</dt>
        <dd>{model.variant}</dd>
        <dt>SHA-256</dt>
        <dd class="hash">{model.sha256}</dd>
        <dt>Engine</dt>
        <dd>
          {report.engine.name} {report.engine.version}
        </dd>
        {engine.kind === "ready" && (
          <>
            <dt>Kernels</dt>
            <dd>{engine.engine.build.kernels}</dd>
          </>
        )}
        <dt>Image</dt>
        <dd>
          {integer(image.width)} × {integer(image.height)} pixels
        </dd>
        <dt>Patches</dt>
        <dd>
          {side} × {side} pixels, {integer(grid.stride)} apart; {integer(report.num_patches)} of{" "}
          {integer(grid.total_patches)}
          {typeof options["max_patches"] === "number" && `, at most ${integer(options["max_patches"])}`}
        </dd>
        {typeof options["batch_size"] === "number" && (
          <>
            <dt>Batches</dt>
            <dd>of {integer(options["batch_size"])}</dd>
          </>
        )}
        <dt>Check</dt>
        <dd>{unchecked ? "switched off" : "tissue, stain and focus"}</dd>
        <dt>Time</dt>
        <dd>
          reading {duration(timings.decode)}, check {duration(timings.screen)}, network{" "}
          {duration(timings.inference)}, all {duration(timings.total)}
        </dd>
      </dl>
    </details>
  );
}
