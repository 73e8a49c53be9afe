// One image from file to report, over whichever workers are free: decode -> batches -> fold -> report.

import { InternalError } from "./errors.ts";
import { Fold } from "./fold.ts";
import type { AnalysisOptions } from "./options.ts";
import type { Pool } from "./pool.ts";
import type { DecodeEvent } from "./protocol.ts";
import type { ImageReport, Plan } from "./report.ts";

export interface AnalysisWatcher {
  /** A worker has taken the image up. */
  onStart?(): void;
  onPlan?(plan: Plan): void;
  onPreview?(picture: Blob): void;
  /** A batch has been placed in `fold`. */
  onBatch?(fold: Fold): void;
}

/**
 * Rejects with the first error of any part; the parts that are still under way are then cancelled, as they are when
 * `signal` aborts.
 */
export async function analyse(
  pool: Pick<Pool, "call">,
  file: File,
  options: AnalysisOptions,
  signal: AbortSignal,
  watcher: AnalysisWatcher = {},
): Promise<ImageReport> {
  const parts = new AbortController();
  const cancel = () => parts.abort();
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await run(pool, file, options, parts.signal, watcher);
  } finally {
    signal.removeEventListener("abort", cancel);
    parts.abort();
  }
}

async function run(
  pool: Pick<Pool, "call">,
  file: File,
  { variant, maxPatches }: AnalysisOptions,
  signal: AbortSignal,
  watcher: AnalysisWatcher,
): Promise<ImageReport> {
  let planText = "";
  let fold: Fold | null = null;
  let decodeMs = 0;
  let planned = 0;
  let firstBatch = 0;
  const batches: Promise<void>[] = [];

  const infer = async (index: number, pixels: ArrayBuffer) => {
    const result = await pool.call("infer", { pixels }, { variant, signal, transfer: [pixels] });
    fold?.place(index, result);
    if (fold !== null) watcher.onBatch?.(fold);
  };

  const onEvent = (event: DecodeEvent) => {
    switch (event.kind) {
      case "plan": {
        planText = event.plan;
        const plan = JSON.parse(event.plan) as Plan;
        fold = new Fold(plan.patches.length, plan.options.batch_size);
        decodeMs = event.milliseconds;
        planned = performance.now();
        watcher.onPlan?.(plan);
        return;
      }
      case "preview":
        watcher.onPreview?.(event.picture);
        return;
      case "batch": {
        firstBatch ||= performance.now();
        const batch = infer(event.index, event.pixels);
        // Rejections are collected below; until then they are not unhandled.
        batch.catch(() => {});
        batches.push(batch);
        return;
      }
      default:
        event satisfies never;
    }
  };

  const request = {
    file,
    filename: file.name,
    options: JSON.stringify({ max_patches: maxPatches }),
  };
  const decoded = pool.call("decode", request, {
    variant,
    signal,
    onEvent,
    ...(watcher.onStart && { onStart: () => watcher.onStart?.() }),
  });
  await decoded;
  await Promise.all(batches);

  const finished = performance.now();
  const logits = completeLogits(fold);
  const timings = {
    decode: decodeMs,
    inference: finished - firstBatch,
    // From the start of decoding: the time in the queue says nothing about the image.
    total: finished - planned + decodeMs,
  };
  const report = await pool.call("report", { plan: planText, logits, timings }, { variant, signal });
  return JSON.parse(report) as ImageReport;
}

function completeLogits(fold: Fold | null): Float32Array {
  if (fold?.complete) return fold.logits;
  throw new InternalError(
    "result_incomplete",
    `Only ${fold?.done ?? 0} of ${fold?.patches ?? 0} patches were answered.`,
    "Reload the page and try again.",
  );
}
