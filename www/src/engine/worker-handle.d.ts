import type { EngineStore } from "./assets.ts";
import type { CallName, Calls, ProtocolVersion, Request, Response } from "./protocol.ts";
export declare const PROTOCOL: ProtocolVersion;
/** What a handle needs of a `Worker`; the unit tests give it something smaller. */
export interface WorkerPort {
    onmessage: ((event: MessageEvent<Response>) => void) | null;
    onmessageerror: ((event: MessageEvent) => void) | null;
    onerror: ((event: ErrorEvent) => void) | null;
    postMessage(message: Request, transfer: Transferable[]): void;
    terminate(): void;
}
/** What it takes to start workers of the engine. */
export interface EngineParts {
    /** The compiled editions of the engine. */
    readonly modules: Pick<EngineStore, "compiled" | "keep">;
    /** Starts a worker, whose own name is to be `name`. */
    readonly spawn: (name: string) => WorkerPort;
    readonly watch: DeathWatch;
    /** Lets go of the worker's script. */
    release(): void;
}
/** Settles when the worker of this name has ended; without a way to tell, never. */
export type DeathWatch = (name: string, stop: AbortSignal) => Promise<void>;
/** Waits for the Web Lock that a worker holds under its own name for as long as it lives. */
export declare const watchLock: DeathWatch;
export interface CallOptions<K extends CallName> {
    readonly transfer?: Transferable[];
    readonly onEvent?: ((event: Calls[K]["event"]) => void) | undefined;
}
export declare class WorkerHandle {
    #private;
    /** Resolves after the handshake; rejects if the worker dies before it or speaks another protocol. */
    readonly ready: Promise<void>;
    /** `onDeath` is told, once, why the worker is no more: before the calls that it had reject. */
    constructor(port: WorkerPort, name: string, watch: DeathWatch, onDeath: (reason: Error) => void);
    /** Whether the worker can read files; known once it is ready. */
    get reads(): boolean;
    /**
     * Asks the worker. It takes a call up when the ones before are done, unless one of those waits for something outside
     * the worker, as `open` and `decode` do. Rejects with a typed error if the worker refuses, traps or dies.
     */
    call<K extends CallName>(name: K, request: Calls[K]["request"], options?: CallOptions<K>): Promise<Calls[K]["result"]>;
    /** Ends the worker. The calls that it had reject with `reason`. */
    discard(reason: Error): void;
}
