import type { CallName, Calls, Edition, Variant } from "./protocol.ts";
import { type DeathWatch, type WorkerPort } from "./worker-handle.ts";
/** What every worker is started with. */
export interface EngineSource {
    /** The model's manifest, as text; may have to be fetched first. */
    manifest(): Promise<string>;
    /** The compiled module of one edition; may have to be fetched first. */
    module(edition: Edition): Promise<WebAssembly.Module>;
    /** The bytes of one variant's model file; may have to be fetched first. */
    model(variant: Variant): Promise<Uint8Array>;
}
/** What a variant is tried in first: a float model is never fused from end to end, an int8 one as a rule is. */
export declare const usualEdition: (variant: Variant) => Edition;
export interface PoolSettings {
    readonly source: EngineSource;
    /** Starts a worker, whose own name is to be `name`. */
    readonly spawn: (name: string) => WorkerPort;
    readonly watch: DeathWatch;
    readonly size: number;
    /** Opened in each new worker before any call asks for it. */
    readonly variant: () => Variant;
    /** Told of each worker's death that was not our own wish. */
    readonly onDeath?: (reason: Error) => void;
}
/** A call that the pool takes; `open` it makes itself, and no worker of it inspects. */
export type PoolCall = Exclude<CallName, "open" | "inspect">;
export interface CallSettings<K extends PoolCall> {
    readonly variant: Variant;
    readonly signal?: AbortSignal | undefined;
    readonly transfer?: Transferable[];
    readonly onEvent?: (event: Calls[K]["event"]) => void;
    /** Told when a worker takes the call up. */
    readonly onStart?: () => void;
}
/** How many times in a row a worker may die by itself without having answered a call. */
export declare const MAX_DEATHS = 3;
/** How long a worker may go on with a cancelled call before it is ended, in ms: about the price of a new one. */
export declare const ABORT_GRACE_MS = 400;
export declare class Pool {
    #private;
    constructor(settings: PoolSettings);
    /** How many workers there are, those being started included and those given up not. */
    get size(): number;
    /** Queues a call. Rejects with `CancelledError` after an abort, else with what the worker or its death said. */
    call<K extends PoolCall>(name: K, request: Calls[K]["request"], settings: CallSettings<K>): Promise<Calls[K]["result"]>;
    /** While it holds, no further image is taken up; those that were are finished. */
    hold(held: boolean): void;
    /** Grows or shrinks the pool; workers that are in the middle of a call finish it first. */
    resize(size: number): void;
    /** Starts new workers in place of those given up. */
    revive(): void;
    /** Ends every worker; every call rejects with `CancelledError`. */
    dispose(): void;
}
