/** A controller of its own that also aborts with another signal, until it lets go of that. */
export declare class Follower extends AbortController {
    #private;
    constructor(leader: AbortSignal | undefined);
    letGo(): void;
}
/** The same result; an abort is not waited out but rejects with `CancelledError`, whatever becomes of the work. */
export declare function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T>;
