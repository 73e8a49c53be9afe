// One image from file to report, as a call of the pool whose results are gathered on the way.

import type { Pool } from "../engine/pool.ts";
import type { ImageEvent } from "../engine/task.ts";
import type * as core from "../study/core-types.ts";
import type { ImageReport, Plan } from "../study/report.ts";
import { Fold } from "./fold.ts";
import type { AnalysisOptions } from "./options.ts";

export interface AnalysisWatcher {
  /** A worker has taken the image up. */
  onStart?(): void;
  /** `sha256`: of the file; empty where nobody knows it. */
  onPlan?(plan: Plan, sha256: string): void;
  /** `coarse`: the file shows the same with more pixels. */
  onPreview?(picture: Blob, coarse: boolean): void;
  /** More voters have been placed in `fold`. */
  onResults?(fold: Fold): void;
}

/** How an image, or a slide, becomes a report. */
export type Analysis = (
  pool: Pick<Pool, "call" | "size">,
  file: File,
  options: AnalysisOptions,
  signal: AbortSignal,
  watcher?: AnalysisWatcher,
) => Promise<ImageReport>;

/**
 * `lesson` is the text of one that judges. Rejects with what the worker says, or with what a result that does not fit means;
 * then the worker is stopped.
 */
export async function analyse(
  pool: Pick<Pool, "call">,
  file: File,
  options: AnalysisOptions,
  signal: AbortSignal,
  watcher: AnalysisWatcher = {},
  lesson?: string,
): Promise<ImageReport> {
  let fold = null as Fold | null;
  const onEvent = (event: ImageEvent) => {
    switch (event.kind) {
      case "plan": {
        const { sha256, ...plan } = JSON.parse(event.plan) as Plan & Pick<core.Plan, "sha256">;
        fold = new Fold(plan.voters.length);
        watcher.onPlan?.(plan, sha256);
        return;
      }
      case "preview":
        watcher.onPreview?.(event.picture, event.coarse);
        return;
      case "results":
        if (fold === null) return;
        fold.place(event.first, event.results);
        watcher.onResults?.(fold);
        return;
      default:
        event satisfies never;
    }
  };
  const judge = lesson === undefined ? {} : { lesson };
  const request = { file, filename: file.name, options: forCore(options), ...judge };
  const { report, features } = await pool.call("analyse", request, {
    variant: options.variant,
    signal,
    onEvent,
    ...(watcher.onStart && { onStart: () => watcher.onStart?.() }),
  });
  fold?.complement(features);
  return JSON.parse(report) as ImageReport;
}

/** As the core reads options: what has a default of the model's stays out, and a scale that nobody has set. */
export function forCore(
  { maxPatches, screen, stride, batchSize, uncertainBelow }: AnalysisOptions,
  umPerPixel: number | null = null,
): string {
  return JSON.stringify({
    max_patches: maxPatches,
    screen,
    batch_size: batchSize,
    ...(stride !== null && { stride }),
    ...(uncertainBelow !== null && { uncertain_below: uncertainBelow }),
    ...(umPerPixel !== null && { um_per_pixel: umPerPixel }),
  });
}
