// The hatchings of patches that did not vote: told apart by their shape, drawn alike on the map and in the legend.

import type { Reason } from "../study/report.ts";

/** The side of the square that a hatching repeats, in its own units. */
export const TILE = 12;

/** Dark lines, inside lighter and wider ones so that they are seen on any picture. */
export const STROKES = [
  { colour: "#fff", width: 3.6 },
  { colour: "#1b2330", width: 1.4 },
] as const;

const RISING = "M-3 3 3-3M-3 15 15-3M9 15 15 9";
const FALLING = "M-3 9 3 15M-3-3 15 15M9-3 15 3";

export const HATCHES: Readonly<Record<Reason, string>> = {
  /** Small rings, far apart. */
  background: "M7.4 6a1.4 1.4 0 1 1-2.8 0a1.4 1.4 0 1 1 2.8 0",
  blurred: RISING,
  not_he: RISING + FALLING,
};

/** One square of a hatching, `side` pixels wide, to be repeated. */
export function hatchTile(reason: Reason, side: number): OffscreenCanvas {
  const tile = new OffscreenCanvas(side, side);
  const context = tile.getContext("2d");
  if (context === null) return tile;
  context.scale(side / TILE, side / TILE);
  // A veil: what is left out steps back behind what voted.
  context.fillStyle = "rgb(255 255 255 / 0.3)";
  context.fillRect(0, 0, TILE, TILE);
  context.lineCap = "round";
  for (const { colour, width } of STROKES) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke(new Path2D(HATCHES[reason]));
  }
  return tile;
}
