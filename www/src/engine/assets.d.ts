import type { Edition } from "./protocol.ts";
/** The worker's script in memory; who makes an address of it revokes that, too. */
export declare function loadWorkerScript(response: Response): Promise<Blob>;
/** The modules of the engine, each fetched and compiled at most once. */
export declare class EngineStore {
    #private;
    readonly fetch: (edition: Edition) => Promise<Response>;
    constructor(fetch: (edition: Edition) => Promise<Response>);
    compiled(edition: Edition): Promise<WebAssembly.Module>;
    /** Has the module at hand without a network, not yet compiled: it may never be needed. */
    keep(edition: Edition): Promise<void>;
}
