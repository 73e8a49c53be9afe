/** Gets a file. Rejects with an `Error` whose message is a clause without a full stop. */
export type Get = (url: string | URL, signal?: AbortSignal) => Promise<Response>;
/** Gets a file from its server. */
export declare const fetched: Get;
/**
 * Gets a file that is run: the browser itself refuses one that is not, byte for byte, the one of this digest, which is
 * SHA-256 in the form of subresource integrity. Without a digest nothing is fetched. `what`, one of
 * the words' clauses, names the file in errors.
 */
export declare function fetchedVerified(url: string | URL, integrity: string | undefined, what: string, signal?: AbortSignal): Promise<Response>;
export declare function reason(thrown: unknown): string;
