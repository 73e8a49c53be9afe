/** Runs at most so many of what it is given at once. */
export declare function limited(most: number): <T>(work: () => Promise<T>) => Promise<T>;
