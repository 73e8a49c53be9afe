import type { Kernels } from "./capabilities.ts";
import type { Get } from "./fetching.ts";
import { type Manifest, type ModelSource } from "./model-store.ts";
import { Pool } from "./pool.ts";
import type { Edition, Variant } from "./protocol.ts";
import { type EngineParts } from "./worker-handle.ts";
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
    /** The core's own words on its version and kernels. */
    readonly build: {
        readonly version: string;
        readonly edition: Edition;
        readonly kernels: string;
    };
    /** Ends the workers, and lets go of their script unless the `parts` came from outside. */
    dispose(): void;
}
export interface EngineSettings {
    readonly files: EngineFiles;
    readonly workers: number;
    /** Which build of the engine. */
    readonly kernels: Kernels;
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
/**
 * Runs the network on nothing until the browser has compiled its fast code, which it does for what is called often.
 * Else the first image waits for it: with one worker a tenth longer. Each call is short, and every other call goes before it.
 */
export declare function warmUp(pool: Pool, variant: Variant): Promise<void>;
/**
 * What workers are started from. `first` is compiled at once, beside the worker's script; nothing is fetched twice, so
 * that another model needs no network.
 */
export declare function engineParts(files: EngineFiles, kernels: Kernels, first: Edition, signal?: AbortSignal): Promise<EngineParts>;
/**
 * Resolves when a worker has the model open; rejects with a `HistoscopeError` that says what is missing, after an abort
 * with `CancelledError`. Then no worker is left, and nothing is fetched any more.
 */
export declare function startEngine(settings: EngineSettings): Promise<Engine>;
