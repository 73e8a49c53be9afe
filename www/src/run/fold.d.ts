import type { BatchResult } from "../engine/protocol.ts";
export interface Cam {
    readonly width: number;
    readonly height: number;
    /** `[voters, height, width, 2]`; NaN where no result has come yet. */
    readonly values: Float32Array;
}
export declare class Fold {
    #private;
    readonly voters: number;
    /** `[voters, 2]`; NaN where no result has come yet. */
    readonly logits: Float32Array<ArrayBuffer>;
    readonly probabilities: Float32Array<ArrayBuffer>;
    constructor(voters: number);
    /** Voters whose results have come. */
    get done(): number;
    get complete(): boolean;
    /** The class-activation maps, from the first result on. */
    get cam(): Cam | null;
    /** Places the results of consecutive voters from `first` on. Each comes once. */
    place(first: number, result: BatchResult): void;
}
