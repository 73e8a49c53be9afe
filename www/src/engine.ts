// Brings the engine up: capabilities, then model, wasm and worker side by side, then a pool that has answered once.

import simd128Url from "../pkg/histoscope_bg.wasm?url";
import relaxedUrl from "../pkg-relaxed/histoscope_bg.wasm?url";
import { loadEngine, loadWorkerScript } from "./assets.ts";
import type { Kernels } from "./capabilities.ts";
import { loadManifest, type Manifest, type ModelSource, ModelStore } from "./model-store.ts";
import { MANIFEST_PATH } from "./paths.ts";
import { Pool } from "./pool.ts";
import type { Variant } from "./protocol.ts";
import workerUrl from "./worker.ts?worker&url";
import { type EngineParts, watchLock } from "./worker-handle.ts";

/** One source, two modules with the same glue. */
const MODULES: Readonly<Record<Kernels, string>> = { simd128: simd128Url, relaxed: relaxedUrl };

export interface Engine {
  readonly pool: Pool;
  readonly models: ModelSource;
  readonly manifest: Manifest;
  /** The core's own words on its version and kernels. */
  readonly build: { readonly version: string; readonly kernels: string };
}

export interface EngineSettings {
  readonly workers: number;
  /** Which build of the engine. */
  readonly kernels: Kernels;
  /** Null fetches the built-in one. */
  readonly models: ModelSource | null;
  readonly variant: () => Variant;
  readonly onProgress: (variant: Variant, received: number, total: number) => void;
  readonly onWorkerDeath: (reason: Error) => void;
}

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

/** The second time out of memory, so that another model needs no network. */
export async function engineParts(kernels: Kernels): Promise<EngineParts> {
  const [module, script] = await Promise.all([loadEngine(MODULES[kernels]), loadWorkerScript(workerUrl)]);
  return { module, spawn: (name) => new Worker(script, { name }), watch: watchLock };
}

/** Resolves when a worker has the model open; rejects with a `HistoscopeError` that says what is missing. */
export async function startEngine(settings: EngineSettings): Promise<Engine> {
  const manifestUrl = new URL(MANIFEST_PATH, document.baseURI).href;
  const wanted = settings.variant();
  const fetched = async () => {
    const models = new ModelStore(await loadManifest(manifestUrl), manifestUrl, settings.onProgress);
    // Begun before the pool asks, so that it arrives beside the engine and not after it.
    models.load(wanted).catch(() => {});
    return models;
  };
  const [models, { module, spawn, watch }] = await Promise.all([
    settings.models ?? fetched(),
    engineParts(settings.kernels),
  ]);
  const pool = new Pool({
    source: { module, manifest: models.manifestText, model: (variant) => models.load(variant) },
    spawn,
    watch,
    // One first, with the processor to itself: it decides when the page is ready.
    size: 1,
    variant: settings.variant,
    onDeath: settings.onWorkerDeath,
  });
  try {
    const { engine } = await pool.call("describe", {}, { variant: wanted });
    pool.resize(settings.workers);
    return { pool, models, manifest: models.manifest, build: JSON.parse(engine) };
  } catch (error) {
    pool.dispose();
    throw error;
  }
}
