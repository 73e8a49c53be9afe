type Rgb = readonly [number, number, number];
/** Stops at probabilities of malignant 0, 1/4, 1/2, 3/4, 1. */
export declare const STOPS: readonly Rgb[];
/** The colour of a probability of malignant, 0 to 1; what is outside counts as the nearer end. */
export declare function colourOf(probability: number): Rgb;
export declare function cssColour(probability: number): string;
export {};
