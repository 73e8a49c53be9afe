// Looks at a model, and tries it, in a worker that is thrown away: whatever a file does there ends that worker alone.

import { asHistoscopeError, ModelError, WorkerDiedError } from "../base/errors.ts";
import type { DataFile, Variant } from "../engine/protocol.ts";
import { inThrowaway } from "../engine/throwaway.ts";
import { type EngineParts, PROTOCOL, type WorkerHandle } from "../engine/worker-handle.ts";
import { said } from "../words/said.ts";
import type { Inspection } from "./inspection.ts";
import type { Preset } from "./manifest.ts";

/** How long a model may take to be read, or to be opened and to look at one patch. */
export const TRIAL_MS = 60_000;

/** What the core says of a model that it has opened. */
export interface Opened {
  readonly fused_layers: number;
  /** The part of the arithmetic that runs in them, 0 to 1. */
  readonly fused_share: number;
  /** Why none is although some could be. */
  readonly fallback: string | null;
  /** Fused ones and others. */
  readonly layers: number;
  readonly patch_size: number;
}

const LIMIT = { ms: TRIAL_MS, error: tooSlow };

/** Whatever ends the worker is the model's fault. */
const tried = <T>(parts: EngineParts, signal: AbortSignal, use: (worker: WorkerHandle) => Promise<T>) =>
  inThrowaway(parts, use, { signal, limit: LIMIT }).catch((error): never => {
    throw error instanceof WorkerDiedError ? failedTheEngine(error) : asHistoscopeError(error);
  });

/** The edition that runs any model, as a call takes it. */
const generalEngine = async ({ modules }: EngineParts) => ({
  protocol: PROTOCOL,
  edition: "general" as const,
  module: await modules.compiled("general"),
});

/** What the core says of a file, and what it made of it. */
export interface Inspected {
  readonly inspection: Inspection;
  /** Of the file itself, without what lies beside it. */
  readonly sha256: string;
  /** The model in one file, where its weights lay in others. */
  readonly joined: Uint8Array | null;
}

/**
 * Looks at a model with the files of weights that came with it. Rejects with `ModelError` if it cannot be read, whatever
 * it does to the engine.
 */
export async function inspect(
  parts: EngineParts,
  model: Uint8Array,
  data: readonly DataFile[],
  signal: AbortSignal,
): Promise<Inspected> {
  const engine = await generalEngine(parts);
  const answer = await tried(parts, signal, (worker) => worker.call("inspect", { ...engine, model, data }));
  return { ...answer, inspection: JSON.parse(answer.inspection) as Inspection };
}

/** What the core says of the scaling of a model's pixels; the Rust type `scaling::Advice`. */
export interface Advice {
  readonly suggested: Preset | null;
  /** What speaks against the manifest's, and for that one. */
  readonly doubt: "told" | "saturated" | null;
}

/** Tries how the model's pixels are scaled; null of a model that reads raw bytes. */
export async function adviseScaling(
  parts: EngineParts,
  model: Uint8Array,
  manifest: string,
  signal: AbortSignal,
): Promise<Advice | null> {
  const engine = await generalEngine(parts);
  const { advice } = await tried(parts, signal, (worker) =>
    worker.call("advise", { ...engine, model, manifest }),
  );
  return JSON.parse(advice) as Advice | null;
}

/** Opens the model and runs it on one patch. */
export async function tryOut(
  parts: EngineParts,
  model: Uint8Array,
  manifest: string,
  variant: Variant,
  signal: AbortSignal,
): Promise<Opened> {
  const engine = await generalEngine(parts);
  const { model: opened } = await tried(parts, signal, async (worker) => {
    await worker.call("open", { ...engine, model, manifest, variant, runtime: "fused", familiarity: null });
    await worker.call("warmUp", {});
    return worker.call("describe", {});
  });
  return JSON.parse(opened) as Opened;
}

function tooSlow(): ModelError {
  const values = { seconds: TRIAL_MS / 1000 };
  return new ModelError(...said("model_too_slow", "trial", values));
}

function failedTheEngine({ why }: WorkerDiedError): ModelError {
  return new ModelError(...said("model_invalid", "trial", { why }));
}
