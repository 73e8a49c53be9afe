export interface Deferred<T> {
    readonly promise: Promise<T>;
    readonly resolve: (value: T | PromiseLike<T>) => void;
    readonly reject: (reason: unknown) => void;
}
export declare function deferred<T>(): Deferred<T>;
