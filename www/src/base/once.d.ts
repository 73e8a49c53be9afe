/** What `make` resolves to, made once for each key. A failure is not kept: the next call tries again. */
export declare function once<K, V>(made: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V>;
