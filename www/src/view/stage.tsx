// One box with the picture in it and what is painted over it. Two of them may share a camera.

import { effect } from "@preact/signals";
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Slide } from "../slide/slide.ts";
import type { CamPainting } from "./cam-map.ts";
import { placement, ratioOf, type View } from "./camera.ts";
import type { Flight } from "./flight.ts";
import { type Gestures, watchGestures } from "./gestures.ts";
import { drawMap, outlinePatch, type PatchMap, paintedAreas } from "./patch-map.ts";
import type { Sharp } from "./sharp.ts";

/** More pixels of the screen than this for one of the picture, and it is painted as the squares that it is made of. */
const SQUARES_ABOVE = 4;

export interface Shown {
  readonly bitmap: ImageBitmap | null;
  readonly sharp: Sharp | null;
  /** Of a slide, whose pixels lie in tiles. */
  readonly slide: Slide | null;
  readonly map: PatchMap | null;
  readonly within: Pick<CamPainting, "canvas" | "scale"> | null;
  /** Frames in place of colours all over. */
  readonly outlined: boolean;
  readonly opacity: number;
  /** Patches with an outline: the one that was chosen, and the one under the mouse. */
  readonly chosen: number | null;
  readonly hovered: number | null;
}

interface StageProps extends Shown {
  readonly box: RefObject<HTMLElement | null>;
  readonly label: string;
  /** Over the picture. */
  readonly children?: ComponentChildren;
  readonly view: View | null;
  readonly gestures: Gestures;
  /** Only with these can it have the focus. */
  readonly keys?: {
    onKeyDown(event: KeyboardEvent): void;
    onKeyUp(event: KeyboardEvent): void;
    onBlur(): void;
  };
}

export function Stage({ box, label, view, gestures, keys, children, ...shown }: StageProps) {
  const base = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const { flight } = gestures;
  const { bitmap, sharp, slide, map, within, outlined, opacity, chosen, hovered } = shown;

  // The listeners stay; what they call changes with every render.
  const latest = useRef(gestures);
  latest.current = gestures;
  useEffect(() => {
    if (box.current === null) return;
    return watchGestures(box.current, {
      flight,
      view: () => latest.current.view(),
      wheelIsOurs: () => latest.current.wheelIsOurs(),
      onHover: (point) => latest.current.onHover(point),
      onTap: (point) => latest.current.onTap(point),
    });
  }, [flight]);

  useEffect(() => {
    if (view === null) return;
    return effect(() => {
      const context = prepare(base.current, view);
      if (context !== null) paintPicture(context, view, flight, bitmap, sharp);
      if (context !== null && slide !== null) paintTiles(context, view, flight, bitmap, slide);
      // While all of it is seen, a finger that moves up or down scrolls the page.
      box.current?.classList.toggle("stage-zoomed", flight.camera.value.zoom > 1.001);
    });
  }, [view, flight, bitmap, sharp, slide]);

  useEffect(() => {
    if (view === null) return;
    const areas = map === null ? [] : paintedAreas(map);
    return effect(() => {
      const context = prepare(overlay.current, view);
      if (context === null || map === null) return;
      const ground = groundOf(context, view, flight);
      const density = 1 / view.screenPixel;
      if (opacity > 0) drawMap(context, map, ground, { areas, within, outlined, opacity, density });
      if (hovered !== null && hovered !== chosen) outlinePatch(context, map, ground, hovered, density);
      if (chosen !== null) outlinePatch(context, map, ground, chosen, 2 * density);
    });
  }, [view, flight, map, within, outlined, opacity, chosen, hovered]);

  return (
    <section ref={box} class="stage" aria-label={label} {...(keys && { tabIndex: 0, ...keys })}>
      <canvas ref={base} class="stage-picture" />
      <canvas ref={overlay} class="stage-map" />
      {children}
    </section>
  );
}

/** A canvas with a pixel for each of the screen, empty. */
function prepare(canvas: HTMLCanvasElement | null, { box, screenPixel }: View) {
  const context = canvas?.getContext("2d") ?? null;
  if (canvas === null || context === null) return null;
  const width = Math.max(1, Math.round(box.width / screenPixel));
  const height = Math.max(1, Math.round(box.height / screenPixel));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  } else context.clearRect(0, 0, width, height);
  return context;
}

function groundOf({ canvas }: CanvasRenderingContext2D, view: View, flight: Flight) {
  const { x, y, scale } = placement(view, flight.camera.value);
  const density = canvas.width / view.box.width;
  return { x: x * density, y: y * density, scale: scale * density };
}

function paintPicture(
  context: CanvasRenderingContext2D,
  view: View,
  flight: Flight,
  bitmap: ImageBitmap | null,
  sharp: Sharp | null,
): void {
  // A bitmap that was closed has no width.
  if (bitmap === null || bitmap.width === 0) return;
  const ratio = ratioOf(view, flight.camera.value);
  const { x, y, scale } = groundOf(context, view, flight);
  const { width, height } = view.picture;
  context.imageSmoothingEnabled = ratio <= SQUARES_ABOVE;
  context.imageSmoothingQuality = ratio < 1 ? "high" : "low";
  context.drawImage(bitmap, x, y, width * scale, height * scale);
  if (sharp === null || sharp.bitmap.width === 0) return;
  const { area } = sharp;
  context.drawImage(
    sharp.bitmap,
    x + area.x * scale,
    y + area.y * scale,
    area.width * scale,
    area.height * scale,
  );
}

/** What the picture of the whole slide lacks, as far as it has been read; painted again when there is more. */
function paintTiles(
  context: CanvasRenderingContext2D,
  view: View,
  flight: Flight,
  bitmap: ImageBitmap | null,
  { tiles, facts: { levels } }: Slide,
): void {
  void tiles.changed.value;
  const { x, y, scale } = groundOf(context, view, flight);
  const finest = levels[0]?.width ?? view.picture.width;
  const held = bitmap === null || bitmap.width === 0 ? Number.POSITIVE_INFINITY : finest / bitmap.width;
  context.imageSmoothingEnabled = true;
  tiles.paint(context, { x, y, scale: (scale * view.picture.width) / finest }, held);
}
