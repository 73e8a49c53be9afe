// The colour map of patch probabilities: blue for benign through a pale middle to orange for malignant, a pair that
// people with any of the common colour-vision deficiencies tell apart, with lightness falling towards both ends.

type Rgb = readonly [number, number, number];

/** Stops at probabilities of malignant 0, 1/4, 1/2, 3/4, 1. */
export const STOPS: readonly Rgb[] = [
  [12, 84, 158],
  [100, 160, 210],
  [244, 241, 232],
  [243, 158, 80],
  [186, 74, 0],
];

/** The colour of a probability of malignant, 0 to 1; what is outside counts as the nearer end. */
export function colourOf(probability: number): Rgb {
  const place = Math.min(1, Math.max(0, probability)) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(place));
  const from = STOPS[low] as Rgb;
  const to = STOPS[low + 1] as Rgb;
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(from[channel] + (to[channel] - from[channel]) * (place - low));
  return [mix(0), mix(1), mix(2)];
}

export function cssColour(probability: number): string {
  return `rgb(${colourOf(probability).join(" ")})`;
}
