// The logo: nine patches in the colours of the map.

import { cssColour } from "./colours.ts";

const PATCHES = [0.25, 0.5, 0.75, 0.5, 0.75, 0.95, 0.08, 0.25, 0.5];

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="mark-ground" width="32" height="32" rx="7" />
      {PATCHES.map((probability, index) => (
        <rect
          key={index}
          x={6 + 7 * (index % 3)}
          y={6 + 7 * Math.floor(index / 3)}
          width="6"
          height="6"
          rx="1"
          fill={cssColour(probability)}
        />
      ))}
    </svg>
  );
}
