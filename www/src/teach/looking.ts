// Images looked at with another network than the one that judges them. What it says is put aside at each image; nothing that
// is shown changes.

import { CancelledError } from "../base/errors.ts";
import type { Pool } from "../engine/pool.ts";
import type { Analysis } from "../run/analysis.ts";
import type { Fold } from "../run/fold.ts";
import { type AnalysisOptions, sameAnalysis } from "../run/options.ts";
import type { Entry, Said } from "../study/entry.ts";
import type { Progress } from "./networks.ts";

export interface LookSettings {
  readonly pool: Pick<Pool, "call" | "size">;
  readonly options: AnalysisOptions;
  /** The network, as `Entry.model` has it, and as reports name it. */
  readonly model: string;
  readonly sha256: string;
  readonly analysisOf: (entry: Entry, file: File) => Promise<Analysis>;
  /** How much of what it says may be kept. */
  readonly admit: (entry: Entry, said: Said) => Said | null;
  /** Told after each image. */
  readonly onProgress: Progress;
}

/**
 * Looks at images that this network has not seen with these options. One that fails has no result of it, and goes untaught.
 * Rejects with `CancelledError` after an abort; what was seen by then stays.
 */
export async function lookBeside(
  entries: readonly Entry[],
  settings: LookSettings,
  signal: AbortSignal,
): Promise<void> {
  const { pool, options, sha256, onProgress } = settings;
  const missing = entries.filter((entry) => {
    const { said = null, options: then = null } = entry.resultOf(sha256) ?? {};
    return said === null || then === null || !sameAnalysis(then, options);
  });
  const queue = missing.values();
  let done = 0;
  onProgress(done, missing.length);
  const lane = async () => {
    for (const entry of queue) {
      await look(entry, settings, signal);
      onProgress(++done, missing.length);
    }
  };
  // Two for each worker, so that the next image is at hand when one is done.
  await Promise.all(Array.from({ length: 2 * Math.max(1, pool.size) }, lane));
}

async function look(entry: Entry, settings: LookSettings, signal: AbortSignal): Promise<void> {
  const { pool, options, model, analysisOf, admit } = settings;
  const { file } = entry;
  if (signal.aborted) throw new CancelledError();
  if (file === null) return;
  let fold: Fold | null = null;
  try {
    const analysis = await analysisOf(entry, file);
    const report = await analysis(pool, file, options, signal, {
      onResults: (found) => {
        fold = found;
      },
    });
    entry.putAside({ report, options, model, fold }, admit);
  } catch (error) {
    if (signal.aborted || error instanceof CancelledError) throw new CancelledError();
  }
}
