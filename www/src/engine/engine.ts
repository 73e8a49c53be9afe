// Brings the engine up: model, wasm and worker side by side, then a pool that has answered once.

import { Follower, unlessAborted } from "../base/abort.ts";
import { CancelledError } from "../base/errors.ts";
import { EngineStore, loadWorkerScript } from "./assets.ts";
import type { Kernels } from "./capabilities.ts";
import type { Get } from "./fetching.ts";
import { loadManifest, type Manifest, type ModelSource, ModelStore } from "./model-store.ts";
import { type EngineSource, usualEdition } from "./opening.ts";
import { Pool } from "./pool.ts";
import type { Edition, Runtime, Variant } from "./protocol.ts";
import { pixelBudget } from "./room.ts";
import { type EngineParts, watchLock } from "./worker-handle.ts";

/** The modules of the engine: both builds of the int8 edition, by their kernels, and the general edition. */
export type EngineBuild = Kernels | "general";

/** Where the files are; the page and those who embed the classifier have them from different places. */
export interface EngineFiles {
  /** The model files lie beside it under the names it gives. */
  readonly manifestUrl: string;
  /** Gets the manifest and the model files. The engine itself compares the model with the manifest. */
  readonly get: Get;
  /** One of the builds of the engine; rejects if it is not the one that was built. */
  module(build: EngineBuild, signal?: AbortSignal): Promise<Response>;
  /** The worker's script; rejects if it is not the one that was built. */
  worker(signal?: AbortSignal): Promise<Response>;
}

export interface Engine {
  readonly pool: Pool;
  readonly models: ModelSource;
  readonly parts: EngineParts;
  readonly manifest: Manifest;
  /** Those that the model tells apart: benign and malignant, or its own. */
  readonly classes: readonly string[];
  /** The core's own words on its version and kernels. */
  readonly build: { readonly version: string; readonly edition: Edition; readonly kernels: string };
  /** Ends the workers, and lets go of their script unless the `parts` came from outside. */
  dispose(): void;
}

export interface EngineSettings {
  readonly files: EngineFiles;
  readonly workers: number;
  /** Which build of the engine. */
  readonly kernels: Kernels;
  /** Default: fused. */
  readonly runtime?: Runtime;
  /** Default: what `files` has. */
  readonly models?: ModelSource | null;
  /** Of an engine that was started before, with the same kernels; else they are made from `files`. */
  readonly parts?: Promise<EngineParts>;
  readonly variant: () => Variant;
  readonly onProgress: (variant: Variant, received: number, total: number) => void;
  readonly onWorkerDeath: (reason: Error) => void;
  /** Gives the start up; once the engine is there it means nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** Of the machine's memory; not every browser says so. */
const gigabytes = () =>
  (globalThis.navigator as { readonly deviceMemory?: number } | undefined)?.deviceMemory;

/** Passes for each worker after which Chromium runs its optimised code; other browsers were not measured. */
const WARM_UP_PASSES = 12;

/**
 * Runs the network on nothing until the browser has compiled its fast code, which it does for what is called often.
 * Else the first image waits for it: with one worker a tenth longer. Each call is short, and every other call goes before it.
 */
export async function warmUp(pool: Pool, variant: Variant): Promise<void> {
  for (let pass = 0; pass < WARM_UP_PASSES; pass++) {
    await Promise.all(Array.from({ length: pool.size }, () => pool.call("warmUp", {}, { variant })));
  }
}

/**
 * What workers are started from. `first` is compiled at once, beside the worker's script; nothing is fetched twice, so
 * that another model needs no network.
 */
export async function engineParts(
  files: EngineFiles,
  kernels: Kernels,
  first: Edition,
  signal?: AbortSignal,
): Promise<EngineParts> {
  const modules = new EngineStore((edition) => files.module(edition === "int8" ? kernels : edition, signal));
  // The small file first: a worker takes its time to come up.
  const fetched = files.worker(signal);
  modules.compiled(first).catch(() => {});
  const script = await fetched.then(loadWorkerScript);
  let url: string | null = null;
  return {
    modules,
    spawn: (name) => {
      url ??= URL.createObjectURL(script);
      return new Worker(url, { name });
    },
    watch: watchLock,
    release: () => {
      if (url !== null) URL.revokeObjectURL(url);
      url = null;
    },
  };
}

/**
 * Resolves when a worker has the model open; rejects with a `HistoscopeError` that says what is missing, after an abort
 * with `CancelledError`. Then no worker is left, and nothing is fetched any more.
 */
export async function startEngine(settings: EngineSettings): Promise<Engine> {
  const starting = new Follower(settings.signal);
  try {
    return await start(settings, starting.signal);
  } catch (error) {
    starting.abort();
    throw settings.signal?.aborted ? new CancelledError() : error;
  } finally {
    starting.letGo();
  }
}

async function start({ files, ...settings }: EngineSettings, signal: AbortSignal): Promise<Engine> {
  const wanted = settings.variant();
  const { runtime = "fused" } = settings;
  const fetchModels = async () => {
    const manifest = await loadManifest(files.manifestUrl, files.get, signal);
    const get: Get = (url) => files.get(url, signal);
    const models = new ModelStore(manifest, files.manifestUrl, settings.onProgress, get);
    // Begun before the pool asks, so that it arrives beside the engine and not after it.
    models.load(wanted).catch(() => {});
    return models;
  };
  const tried = settings.models?.edition;
  const first = usualEdition(wanted, runtime, tried);
  const models = Promise.resolve(settings.models ?? fetchModels());
  // A worker takes as long to come up as engine and model to arrive, so it does not wait for them.
  const workers = (settings.parts ?? engineParts(files, settings.kernels, first, signal)).then((parts) => {
    signal.throwIfAborted();
    const source: EngineSource = {
      manifest: async () => (await models).manifestText,
      module: (edition) => parts.modules.compiled(edition),
      model: async (variant) => (await models).load(variant),
      familiarity: async () => (await models).familiarity(),
      tried,
    };
    const { spawn, watch } = parts;
    const { variant, onWorkerDeath: onDeath } = settings;
    // One first, with the processor to itself: it decides when the page is ready.
    const pool = new Pool({
      source,
      spawn,
      watch,
      size: 1,
      pixels: pixelBudget(gigabytes()),
      variant,
      runtime,
      onDeath,
    });
    const dispose = () => {
      pool.dispose();
      // Others may be starting workers from parts that were handed in.
      if (settings.parts === undefined) parts.release();
    };
    return { pool, parts, dispose };
  });
  try {
    const compiled = workers.then(({ parts }) => parts.modules.compiled(first));
    const [up, source] = await unlessAborted(signal, Promise.all([workers, models, compiled]));
    const { model, engine } = await up.pool.call("describe", {}, { variant: wanted, signal });
    const { labels: classes } = JSON.parse(model) as { labels: readonly string[] };
    up.pool.resize(settings.workers);
    return { ...up, models: source, manifest: source.manifest, classes, build: JSON.parse(engine) };
  } catch (error) {
    workers.then(({ dispose }) => dispose()).catch(() => {});
    throw error;
  }
}
