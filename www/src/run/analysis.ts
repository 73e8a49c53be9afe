// One image from file to report, over whichever workers are free: decode and screen -> batches -> fold -> report.
// Where the screen lets no patch vote there are no batches, and the report follows at once.

import { Follower } from "../base/abort.ts";
import { InternalError } from "../base/errors.ts";
import type { Pool } from "../engine/pool.ts";
import type { DecodeEvent } from "../engine/protocol.ts";
import type { ImageReport, Plan } from "../study/report.ts";
import { errors } from "../words/en-errors.ts";
import { english } from "../words/template.ts";
import { Fold } from "./fold.ts";
import type { AnalysisOptions } from "./options.ts";

/** Bytes of a pixel. */
const CHANNELS = 3;

export interface AnalysisWatcher {
  /** A worker has taken the image up. */
  onStart?(): void;
  /** `sha256`: of the file; null where it is not known. */
  onPlan?(plan: Plan, sha256: string | null): void;
  onPreview?(picture: Blob): void;
  /** More voters have been placed in `fold`. */
  onResults?(fold: Fold): void;
}

/**
 * Rejects with the first error of any part; the parts that are still under way are then cancelled, as they are when
 * `signal` aborts.
 */
export async function analyse(
  pool: Pick<Pool, "call" | "size">,
  file: File,
  options: AnalysisOptions,
  signal: AbortSignal,
  watcher: AnalysisWatcher = {},
): Promise<ImageReport> {
  const parts = new Follower(signal);
  try {
    return await run(pool, file, options, parts.signal, watcher);
  } finally {
    parts.letGo();
    parts.abort();
  }
}

async function run(
  pool: Pick<Pool, "call" | "size">,
  file: File,
  { variant, maxPatches, screen, stride, batchSize, uncertainBelow }: AnalysisOptions,
  signal: AbortSignal,
  watcher: AnalysisWatcher,
): Promise<ImageReport> {
  let planText = "";
  let plan: Plan | null = null;
  let fold: Fold | null = null;
  let openingMs = { decode: 0, screen: 0 };
  let planned = 0;
  let firstBatch: number | null = null;
  const portions: Promise<void>[] = [];

  const infer = async (first: number, pixels: ArrayBuffer) => {
    const result = await pool.call("infer", { pixels }, { variant, signal, transfer: [pixels] });
    fold?.place(first, result);
    if (fold !== null) watcher.onResults?.(fold);
  };

  const onEvent = (event: DecodeEvent) => {
    switch (event.kind) {
      case "plan": {
        planText = event.plan;
        plan = JSON.parse(event.plan) as Plan;
        fold = new Fold(plan.voters.length);
        openingMs = { decode: event.decodeMs, screen: event.screenMs };
        planned = performance.now();
        watcher.onPlan?.(plan, event.sha256);
        return;
      }
      case "preview":
        watcher.onPreview?.(event.picture);
        return;
      case "batch": {
        if (plan === null) return;
        firstBatch ??= performance.now();
        for (const { first, pixels } of divide(plan, event.index, event.pixels, pool.size)) {
          const portion = infer(first, pixels);
          // Rejections are collected below; until then they are not unhandled.
          portion.catch(() => {});
          portions.push(portion);
        }
        return;
      }
      default:
        event satisfies never;
    }
  };

  const request = {
    file,
    filename: file.name,
    options: JSON.stringify({
      max_patches: maxPatches,
      screen,
      batch_size: batchSize,
      ...(stride !== null && { stride }),
      ...(uncertainBelow !== null && { uncertain_below: uncertainBelow }),
    }),
  };
  const decoded = pool.call("decode", request, {
    variant,
    signal,
    onEvent,
    ...(watcher.onStart && { onStart: () => watcher.onStart?.() }),
  });
  await decoded;
  await Promise.all(portions);

  const finished = performance.now();
  const logits = completeLogits(fold);
  const timings = {
    ...openingMs,
    inference: finished - (firstBatch ?? finished),
    // From the start of decoding: the time in the queue says nothing about the image.
    total: finished - planned + openingMs.decode + openingMs.screen,
  };
  const report = await pool.call("report", { plan: planText, logits, timings }, { variant, signal });
  return JSON.parse(report) as ImageReport;
}

/**
 * Shares a batch, uint8 `[n, patch, patch, 3]`, out evenly over the workers, so that none is left with nothing to do
 * while another has a whole batch. `first` is the place of a portion's first patch among the voters. The network looks at each patch
 * alone, so how they are shared out changes no result.
 */
function* divide(plan: Plan, batch: number, pixels: ArrayBuffer, workers: number) {
  const patchBytes = plan.grid.patch_size ** 2 * CHANNELS;
  const rows = Math.ceil(pixels.byteLength / patchBytes / Math.max(1, workers));
  let first = batch * plan.options.batch_size;
  for (let start = 0; start < pixels.byteLength; start += rows * patchBytes) {
    yield { first, pixels: pixels.slice(start, start + rows * patchBytes) };
    first += rows;
  }
}

function completeLogits(fold: Fold | null): Float32Array {
  if (fold?.complete) return fold.logits;
  throw new InternalError(
    "result_incomplete",
    ...english(errors.result_incomplete.call, { done: fold?.done ?? 0, voters: fold?.voters ?? 0 }),
  );
}
