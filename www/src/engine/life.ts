// The life of the page's engine: started, started anew with another model, tried again after a failure. One is up at a
// time; a start that is overtaken by another is ended, and says so.

import { type ReadonlySignal, signal } from "@preact/signals";
import { deferred } from "../base/deferred.ts";
import { asHistoscopeError, type HistoscopeError } from "../base/errors.ts";
import { once } from "../base/once.ts";
import type { Capability, Kernels } from "./capabilities.ts";
import { type Engine, type EngineFiles, engineParts, startEngine, warmUp } from "./engine.ts";
import type { ModelSource } from "./model-store.ts";
import { usualEdition } from "./opening.ts";
import type { Runtime, Variant } from "./protocol.ts";
import type { EngineParts } from "./worker-handle.ts";

export type EngineState =
  | { readonly kind: "loading"; readonly received: number; readonly total: number }
  | { readonly kind: "unsupported"; readonly missing: Capability[] }
  | { readonly kind: "failed"; readonly error: HistoscopeError }
  /** `rest`: what the options that are not chosen now would need. */
  | { readonly kind: "ready"; readonly engine: Engine; readonly rest: "loading" | "here" | "failed" };

const LOADING: EngineState = { kind: "loading", received: 0, total: 0 };

export interface LifeSettings {
  readonly files: () => EngineFiles;
  /** What the browser lacks; then nothing is started. */
  readonly missing: () => Capability[];
  readonly kernels: () => Kernels;
  readonly runtime: () => Runtime;
  readonly workers: () => number;
  readonly variant: () => Variant;
  /** The model to be used in place of the built-in one; null for that. */
  readonly model: () => ModelSource | null;
  readonly onWorkerDeath: (reason: Error) => void;
  /** Told when an engine begins to come up; calls wait for it. */
  readonly onChange: () => void;
  /** Told of each engine that is up. */
  readonly onUp: (engine: Engine) => void;
  /** In place of the real ones, in tests. */
  readonly start?: typeof startEngine;
  readonly parts?: typeof engineParts;
}

/** What became of a start. */
export type Outcome = "up" | "failed" | "overtaken";

export class EngineLife {
  readonly state = signal<EngineState>(LOADING);
  readonly #settings: LifeSettings;
  #ready = deferred<Engine>();
  readonly #builtIn = signal<ModelSource | null>(null);
  readonly #parts = new Map<Kernels, Promise<EngineParts>>();
  /** Raised with each start. */
  #starts = 0;

  constructor(settings: LifeSettings) {
    this.#settings = settings;
  }

  /** Resolves when an engine is up. One that fails leaves this open: another try may do better. */
  get ready(): Promise<Engine> {
    return this.#ready.promise;
  }

  /** Kept while another model is in use, so that the way back needs no network; null until it was up. */
  get builtIn(): ReadonlySignal<ModelSource | null> {
    return this.#builtIn;
  }

  get engine(): Engine | null {
    const state = this.state.peek();
    return state.kind === "ready" ? state.engine : null;
  }

  /** Brings the engine up with the model in use. After a failure it may be called again. */
  async start(): Promise<Outcome> {
    const { missing, files, kernels, runtime, model, variant } = this.#settings;
    const { workers, onWorkerDeath, onUp } = this.#settings;
    const mine = ++this.#starts;
    const lacks = missing();
    if (lacks.length > 0) {
      this.state.value = { kind: "unsupported", missing: lacks };
      return "failed";
    }
    this.state.value = LOADING;
    this.#settings.onChange();
    const other = model();
    const wanted = variant();
    let engine: Engine;
    try {
      engine = await (this.#settings.start ?? startEngine)({
        files: files(),
        parts: this.parts(),
        workers: workers(),
        kernels: kernels(),
        runtime: runtime(),
        models: other ?? this.#builtIn.peek(),
        variant,
        onProgress: (loaded, received, total) => {
          if (mine === this.#starts && loaded === wanted && this.state.peek().kind === "loading") {
            this.state.value = { kind: "loading", received, total };
          }
        },
        onWorkerDeath,
      });
    } catch (error) {
      if (mine !== this.#starts) return "overtaken";
      this.state.value = { kind: "failed", error: asHistoscopeError(error) };
      return "failed";
    }
    if (other === null) this.#builtIn.value = engine.models;
    if (mine !== this.#starts) {
      engine.pool.dispose();
      return "overtaken";
    }
    this.state.value = { kind: "ready", engine, rest: "loading" };
    onUp(engine);
    this.#ready.resolve(engine);
    // If a worker dies of it, the first image finds out and says so.
    warmUp(engine.pool, wanted).catch(() => {});
    return "up";
  }

  /** Starts anew, with whatever model is in use by now. */
  async change(): Promise<Outcome> {
    const before = this.engine;
    const waiting = this.#ready;
    this.#ready = deferred();
    // Whoever has waited since before gets the one that comes up next.
    void this.#ready.promise.then(waiting.resolve);
    const outcome = this.start();
    // After the start, which calls back what is at work.
    before?.pool.dispose();
    return outcome;
  }

  /** What workers are started from: fetched once, whatever model they are to run. */
  parts(): Promise<EngineParts> {
    const { files, kernels, runtime, variant } = this.#settings;
    return once(this.#parts, kernels(), () =>
      (this.#settings.parts ?? engineParts)(files(), kernels(), usualEdition(variant(), runtime())),
    );
  }

  /** Fetches what the options that are not chosen now would need. */
  async fetchRest(): Promise<void> {
    const { engine } = this;
    if (engine === null) return;
    const fetched = Promise.all([
      ...engine.models.variants.map((variant) => engine.models.load(variant)),
      engine.parts.modules.keep("int8"),
      engine.parts.modules.keep("general"),
    ]);
    const rest = await fetched.then(
      () => "here" as const,
      // The page works without the other precision; choosing it fetches again and says what failed.
      () => "failed" as const,
    );
    // Meanwhile another model may have been chosen.
    if (this.engine === engine) this.state.value = { kind: "ready", engine, rest };
  }
}
