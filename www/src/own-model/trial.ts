// Looks at a model, and tries it, in a worker that is thrown away: whatever a file does there ends that worker alone.

import { asHistoscopeError, ModelError, WorkerDiedError } from "../base/errors.ts";
import { needsGeneral } from "../engine/opening.ts";
import type { Calls, DataFile, Edition, Variant } from "../engine/protocol.ts";
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
  /** Of the engine, that opened it. */
  readonly edition: Edition;
}

const LIMIT = { ms: TRIAL_MS, error: tooSlow };

/** The module that is to answer a call, as the call takes it. */
type Engine = Pick<Calls["inspect"]["request"], "protocol" | "edition" | "module">;

/** What came of a trial, and in which edition. */
interface Tried<T> {
  readonly edition: Edition;
  readonly answer: T;
}

/**
 * Has a worker do something in one edition, and another worker in the general one where the int8 edition says that it
 * cannot: the general one is large, and may have to be fetched. Whatever ends a worker is the model's fault.
 */
async function tried<T>(
  parts: EngineParts,
  first: Edition,
  signal: AbortSignal,
  use: (worker: WorkerHandle, engine: Engine) => Promise<T>,
): Promise<Tried<T>> {
  const triedIn = async (edition: Edition): Promise<Tried<T>> => {
    const engine: Engine = { protocol: PROTOCOL, edition, module: await parts.modules.compiled(edition) };
    const used = inThrowaway(parts, (worker) => use(worker, engine), { signal, limit: LIMIT });
    const answer = await used.catch((error): never => {
      throw error instanceof WorkerDiedError ? failedTheEngine(error) : asHistoscopeError(error);
    });
    return { edition, answer };
  };
  try {
    return await triedIn(first);
  } catch (error) {
    if (first === "general" || !needsGeneral(error)) throw error;
    return triedIn("general");
  }
}

/** What the core says of a file, and what it made of it. */
export interface Inspected {
  readonly inspection: Inspection;
  /** Of the file itself, without what lies beside it. */
  readonly sha256: string;
  /** The model in one file, where its weights lay in others. */
  readonly joined: Uint8Array | null;
  /** Of the engine, that could tell. */
  readonly edition: Edition;
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
  const { edition, answer } = await tried(parts, "int8", signal, (worker, engine) =>
    worker.call("inspect", { ...engine, model, data }),
  );
  return { ...answer, inspection: JSON.parse(answer.inspection) as Inspection, edition };
}

/** What the core says of the scaling of a model's pixels; the Rust type `scaling::Advice`. */
export interface Advice {
  readonly suggested: Preset | null;
  /** What speaks against the manifest's, and for that one. */
  readonly doubt: "told" | "saturated" | null;
}

/** Tries how the model's pixels are scaled, in the edition that opened it; null of a model that reads raw bytes. */
export async function adviseScaling(
  parts: EngineParts,
  model: Uint8Array,
  manifest: string,
  opened: Edition,
  signal: AbortSignal,
): Promise<Advice | null> {
  const { answer } = await tried(parts, opened, signal, (worker, engine) =>
    worker.call("advise", { ...engine, model, manifest }),
  );
  return JSON.parse(answer.advice) as Advice | null;
}

/** Opens the model, in the edition `first` if that one can, and runs it on one patch. */
export async function tryOut(
  parts: EngineParts,
  model: Uint8Array,
  manifest: string,
  variant: Variant,
  first: Edition,
  signal: AbortSignal,
): Promise<Opened> {
  const { edition, answer } = await tried(parts, first, signal, async (worker, engine) => {
    await worker.call("open", { ...engine, model, manifest, variant, runtime: "fused", familiarity: null });
    await worker.call("warmUp", {});
    return worker.call("describe", {});
  });
  return { ...(JSON.parse(answer.model) as Omit<Opened, "edition">), edition };
}

function tooSlow(): ModelError {
  const values = { seconds: TRIAL_MS / 1000 };
  return new ModelError(...said("model_too_slow", "trial", values));
}

function failedTheEngine({ why }: WorkerDiedError): ModelError {
  return new ModelError(...said("model_invalid", "trial", { why }));
}
