// Where a viewer looks: the transform between a picture and the box on the screen that shows it. Pure.

import type { Point, Rect, Size } from "../base/geometry.ts";

/**
 * The middle of the view as shares of the picture's sides, and how many times larger than "all of it" the picture is.
 * Free of pixels, so that it outlives a change of the box and serves any number of boxes of one shape.
 */
export interface Camera extends Point {
  readonly zoom: number;
}

export interface View {
  /** In CSS pixels. */
  readonly box: Size;
  /** In its own pixels. */
  readonly picture: Size;
  /** CSS pixels that make one pixel of the screen. */
  readonly screenPixel: number;
}

/** The whole picture. */
export const FIT: Camera = { x: 0.5, y: 0.5, zoom: 1 };

/** At most so many pixels of the screen for one of the picture. */
export const MOST = 32;

/** One press of a button or a key. */
export const STEP = 1.5;

/** CSS pixels for a pixel of the picture when all of it is shown. */
const fitScale = ({ box, picture }: View): number =>
  Math.min(box.width / picture.width, box.height / picture.height);

/** CSS pixels for a pixel of the picture. */
export const scaleOf = (view: View, { zoom }: Camera): number => fitScale(view) * zoom;

/** Pixels of the screen for a pixel of the picture. */
export const ratioOf = (view: View, camera: Camera): number => scaleOf(view, camera) / view.screenPixel;

/** From the whole picture, or from its own size where that is smaller, to the most. */
function clampZoom(view: View, zoom: number): number {
  const actual = view.screenPixel / fitScale(view);
  return Math.min(Math.max(1, MOST * actual), Math.max(Math.min(1, actual), zoom));
}

/** The nearest camera that shows no more beside the picture than it must: the picture is never lost. */
export function clamp(view: View, camera: Camera): Camera {
  const zoom = clampZoom(view, camera.zoom);
  const scale = fitScale(view) * zoom;
  const middle = (at: number, box: number, picture: number) => {
    const half = box / (2 * scale * picture);
    return half >= 0.5 ? 0.5 : Math.min(1 - half, Math.max(half, at));
  };
  return {
    x: middle(camera.x, view.box.width, view.picture.width),
    y: middle(camera.y, view.box.height, view.picture.height),
    zoom,
  };
}

/** Where the picture's top left corner lies in the box, and its scale, in CSS pixels. */
export function placement(view: View, camera: Camera): Point & { readonly scale: number } {
  const scale = scaleOf(view, camera);
  return {
    x: view.box.width / 2 - camera.x * view.picture.width * scale,
    y: view.box.height / 2 - camera.y * view.picture.height * scale,
    scale,
  };
}

/** The pixel of the picture under a point of the box. */
export function toPicture(view: View, camera: Camera, point: Point): Point {
  const { x, y, scale } = placement(view, camera);
  return { x: (point.x - x) / scale, y: (point.y - y) / scale };
}

/** What of the picture is seen, in its pixels. */
export function seen(view: View, camera: Camera): Rect {
  const from = toPicture(view, camera, { x: 0, y: 0 });
  const to = toPicture(view, camera, { x: view.box.width, y: view.box.height });
  const x = Math.max(0, from.x);
  const y = Math.max(0, from.y);
  return {
    x,
    y,
    width: Math.min(view.picture.width, to.x) - x,
    height: Math.min(view.picture.height, to.y) - y,
  };
}

const middleOf = ({ box }: View): Point => ({ x: box.width / 2, y: box.height / 2 });

/** Enlarges by a factor; what is under the point of the box stays there. */
export function zoomBy(view: View, camera: Camera, factor: number, point: Point = middleOf(view)): Camera {
  const zoom = clampZoom(view, camera.zoom * factor);
  const held = toPicture(view, camera, point);
  const scale = fitScale(view) * zoom;
  return clamp(view, {
    x: (held.x + (view.box.width / 2 - point.x) / scale) / view.picture.width,
    y: (held.y + (view.box.height / 2 - point.y) / scale) / view.picture.height,
    zoom,
  });
}

/** One pixel of the picture on one of the screen. */
export const actualSize = (view: View, camera: Camera): Camera =>
  zoomBy(view, camera, 1 / ratioOf(view, camera));

/** Moves the picture by CSS pixels. */
export function panBy(view: View, camera: Camera, { x, y }: Point): Camera {
  const scale = scaleOf(view, camera);
  return clamp(view, {
    ...camera,
    x: camera.x - x / (scale * view.picture.width),
    y: camera.y - y / (scale * view.picture.height),
  });
}

/** Two fingers go from two places of the box to two others, and what lay under them goes with them. */
export function pinch(
  view: View,
  camera: Camera,
  from: readonly [Point, Point],
  to: readonly [Point, Point],
): Camera {
  const between = ([a, b]: readonly [Point, Point]): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const apart = ([a, b]: readonly [Point, Point]): number => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
  const start = between(from);
  const end = between(to);
  const moved = panBy(view, camera, { x: end.x - start.x, y: end.y - start.y });
  return zoomBy(view, moved, apart(to) / apart(from), end);
}

/** How much of the box a rectangle takes that is zoomed to: its surroundings tell where it lies. */
const SHARE = 0.8;

/** Shows a rectangle of the picture, with some of what is around it. */
export function frame(view: View, rect: Rect): Camera {
  const scale = SHARE * Math.min(view.box.width / rect.width, view.box.height / rect.height);
  return clamp(view, {
    x: (rect.x + rect.width / 2) / view.picture.width,
    y: (rect.y + rect.height / 2) / view.picture.height,
    zoom: scale / fitScale(view),
  });
}

/** Moves no more than it takes to have a rectangle of the picture in sight, or if it is too large, its middle. */
export function reveal(view: View, camera: Camera, rect: Rect): Camera {
  const { x, y, scale } = placement(view, camera);
  const shift = (from: number, length: number, box: number) => {
    if (length > box) return box / 2 - (from + length / 2);
    return from < 0 ? -from : Math.min(0, box - (from + length));
  };
  return panBy(view, camera, {
    x: shift(x + rect.x * scale, rect.width * scale, view.box.width),
    y: shift(y + rect.y * scale, rect.height * scale, view.box.height),
  });
}

/** A camera on the way from one to another, `share` 0 to 1. What both show at one place stays at that place. */
export function between(from: Camera, to: Camera, share: number): Camera {
  if (share >= 1) return to;
  const zoom = from.zoom * (to.zoom / from.zoom) ** share;
  // A point that stays in place while the zoom changes makes the middle linear in 1 / zoom.
  const span = 1 / to.zoom - 1 / from.zoom;
  const way = Math.abs(span) < 1e-9 ? share : (1 / zoom - 1 / from.zoom) / span;
  return { x: from.x + (to.x - from.x) * way, y: from.y + (to.y - from.y) * way, zoom };
}

export const sameCamera = (a: Camera, b: Camera): boolean =>
  Math.abs(a.zoom / b.zoom - 1) < 1e-6 && Math.abs(a.x - b.x) < 1e-6 && Math.abs(a.y - b.y) < 1e-6;
