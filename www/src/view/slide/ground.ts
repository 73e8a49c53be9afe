// Where a slide lies in the box that shows it: between pixels of its finest level and those of the screen.

import type { Point, Size } from "../../base/geometry.ts";
import { type Camera, placement, type View } from "../camera.ts";

export interface Ground {
  /** CSS pixels of the box for a pixel of the finest level. */
  readonly size: number;
  /** A point of the finest level in CSS pixels of the box. */
  readonly toBox: (point: Point) => Point;
  /** The point of the finest level that an event in the box means, within the slide. */
  readonly pointOf: (event: PointerEvent) => Point;
}

export function groundOf(finest: Size, view: View, camera: Camera): Ground {
  const { x, y, scale } = placement(view, camera);
  const size = (scale * view.picture.width) / finest.width;
  return {
    size,
    toBox: (point) => ({ x: x + point.x * size, y: y + point.y * size }),
    pointOf: ({ clientX, clientY, currentTarget }) => {
      const { left, top } = (currentTarget as Element).getBoundingClientRect();
      return within(finest, { x: (clientX - left - x) / size, y: (clientY - top - y) / size });
    },
  };
}

export const within = ({ width, height }: Size, { x, y }: Point): Point => ({
  x: Math.min(width, Math.max(0, x)),
  y: Math.min(height, Math.max(0, y)),
});

/** For the path of an SVG. */
export const rounded = ({ x, y }: Point): string => `${Math.round(10 * x) / 10} ${Math.round(10 * y) / 10}`;
