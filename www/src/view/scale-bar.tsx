// A bar of a round length over the picture, where it is known how large a pixel is.

import { useEffect, useState } from "preact/hooks";
import { length } from "../words/words.ts";
import { type Camera, scaleOf, type View } from "./camera.ts";
import type { Flight } from "./flight.ts";
import { barOf } from "./scale-bars.ts";

/** In CSS pixels. */
const WIDEST = 160;

interface ScaleBarProps {
  flight: Flight;
  view: View;
  umPerPixel: number;
}

/** Apart, so that a camera in motion renders no more than this anew. */
export function ScaleBar({ flight, view, umPerPixel }: ScaleBarProps) {
  const [camera, setCamera] = useState<Camera>(flight.camera.peek());
  useEffect(() => flight.camera.subscribe(setCamera), [flight]);
  const { um, pixels } = barOf(umPerPixel / scaleOf(view, camera), Math.min(WIDEST, view.box.width / 3));
  return (
    <span class="scale-bar">
      <span>{length(um)}</span>
      <span class="scale-bar-line" style={{ width: `${pixels}px` }} />
    </span>
  );
}
