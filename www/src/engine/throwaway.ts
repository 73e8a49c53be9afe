// A worker for one matter, thrown away after it: whatever a file does there ends that worker alone.

import { unlessAborted } from "../base/abort.ts";
import { CancelledError, type HistoscopeError } from "../base/errors.ts";
import { type EngineParts, WorkerHandle } from "./worker-handle.ts";

/** How long it may take, in milliseconds, and what is wrong where it takes longer. */
export interface TimeLimit {
  readonly ms: number;
  readonly error: () => HistoscopeError;
}

let names = 0;

/** Rejects as its calls do, with `CancelledError` after an abort. */
export async function inThrowaway<T>(
  { spawn, watch }: EngineParts,
  use: (worker: WorkerHandle) => Promise<T>,
  { signal, limit }: { readonly signal?: AbortSignal; readonly limit?: TimeLimit } = {},
): Promise<T> {
  const name = `histoscope-throwaway-${++names}-${Math.random().toString(36).slice(2)}`;
  const worker = new WorkerHandle(spawn(name), name, watch, () => {});
  const timer = limit && setTimeout(() => worker.discard(limit.error()), limit.ms);
  try {
    const used = worker.ready.then(() => use(worker));
    return await (signal === undefined ? used : unlessAborted(signal, used));
  } finally {
    clearTimeout(timer);
    worker.discard(new CancelledError());
  }
}
