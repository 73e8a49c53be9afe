// The colour map of patch probabilities: blue for benign through a pale middle to orange for malignant, a pair that
// people with any of the common colour-vision deficiencies tell apart, with lightness falling towards both ends. The command
// line's maps mix them alike (`histoscope-colours`); a fixture says of both what is right.

import { greatest, isOwn, type Rgb, toneOf } from "../study/classes.ts";
import { STOPS } from "../study/core-types.ts";

/** The pale middle, which says nothing. */
const PALE: Rgb = STOPS[2];

/** The colour of a probability of malignant, 0 to 1; what is outside counts as the nearer end. */
export function colourOf(probability: number): Rgb {
  const place = Math.min(1, Math.max(0, probability)) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(place));
  const [from = PALE, to = PALE] = STOPS.slice(low);
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(from[channel] + (to[channel] - from[channel]) * (place - low));
  return [mix(0), mix(1), mix(2)];
}

export function cssColour(probability: number): string {
  return `rgb(${colourOf(probability).join(" ")})`;
}

/** The colour of shares by class: of benign and malignant as above, else the greatest's, paler the less sure it is. */
export const sharesColour = (classes: readonly string[], shares: ArrayLike<number>): string =>
  `rgb(${sharesTone(classes, shares).join(" ")})`;

/** The same as numbers. */
export function sharesTone(classes: readonly string[], shares: ArrayLike<number>): Rgb {
  if (isOwn(classes)) return colourOf(shares[1] ?? 0.5);
  const place = greatest(Array.from(shares));
  const least = 1 / classes.length;
  const sure = 0.25 + (0.75 * Math.max(0, (shares[place] ?? 0) - least)) / (1 - least);
  const tone = toneOf(classes, place);
  const mix = (channel: 0 | 1 | 2) => Math.round(PALE[channel] + (tone[channel] - PALE[channel]) * sure);
  return [mix(0), mix(1), mix(2)];
}

/** The full colour of a class. */
export const classColour = (classes: readonly string[], place: number): string =>
  `rgb(${toneOf(classes, place).join(" ")})`;
