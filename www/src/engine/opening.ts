// Opens a variant of the model in a worker, in the edition of the engine that can run it.

import { asHistoscopeError } from "../base/errors.ts";
import type { Edition, Runtime, Variant } from "./protocol.ts";
import { PROTOCOL, type WorkerHandle } from "./worker-handle.ts";

/** What every worker is started with. */
export interface EngineSource {
  /** The model's manifest, as text; may have to be fetched first. */
  manifest(): Promise<string>;
  /** The compiled module of one edition; may have to be fetched first. */
  module(edition: Edition): Promise<WebAssembly.Module>;
  /** The bytes of one variant's model file; may have to be fetched first. */
  model(variant: Variant): Promise<Uint8Array>;
  /** What is familiar to the model, as the file that its manifest names; null where it names none. */
  familiarity(): Promise<Uint8Array | null>;
  /** In which a trial opened the model; absent where there was none. */
  readonly tried?: Edition | undefined;
}

/**
 * What a variant is tried in first: what a trial has shown, else a float model is never fused from end to end, an int8 one
 * as a rule is.
 */
export const usualEdition = (variant: Variant, runtime: Runtime, tried?: Edition): Edition =>
  runtime === "fused" ? (tried ?? (variant === "int8" ? "int8" : "general")) : "general";

/** Whether an error is what the int8 edition says of a model that it cannot run, and the general one may. */
export const needsGeneral = (error: unknown): boolean =>
  asHistoscopeError(error).code === "model_needs_tract";

export class Opening {
  /** Of the variants that were found to need another edition than usual. */
  readonly #editions = new Map<Variant, Edition>();

  constructor(
    readonly source: EngineSource,
    readonly runtime: Runtime,
  ) {}

  /**
   * Rejects with what the worker says of the model, or where something cannot be fetched. `onBegin`: told when all is
   * there, and the worker is about to let go of the model that it had.
   */
  async open(handle: WorkerHandle, variant: Variant, onBegin: () => void): Promise<void> {
    const { source, runtime } = this;
    const edition = this.#editions.get(variant) ?? usualEdition(variant, runtime, source.tried);
    const [manifest, model, familiarity, module] = await Promise.all([
      source.manifest(),
      source.model(variant),
      source.familiarity(),
      source.module(edition),
    ]);
    onBegin();
    try {
      const engine = { protocol: PROTOCOL, edition, module, runtime };
      await handle.call("open", { ...engine, model, manifest, variant, familiarity });
    } catch (error) {
      if (edition === "general" || !needsGeneral(error)) throw error;
      this.#editions.set(variant, "general");
      await this.open(handle, variant, onBegin);
    }
  }
}
