// What a viewer has to show: the map as it grows, the picture, and the box for both.

import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { Size } from "../base/geometry.ts";
import { newest } from "../base/newest.ts";
import { FIRST_DRAW_MS } from "../run/run.ts";
import type { Entry } from "../study/entry.ts";
import { CamPainting } from "./cam-map.ts";
import { useWorkbench } from "./context.ts";
import { mapPatches, type PatchMap, patchMap } from "./patch-map.ts";
import { viewPicture } from "./pictures.ts";

/** The map as far as it has come; null before the plan. */
export function useMap(entry: Entry): PatchMap | null {
  const plan = entry.plan.value;
  const results = entry.results.value;
  const patches = useMemo(() => plan && mapPatches(plan), [plan]);
  return useMemo(
    () => (plan === null || patches === null ? null : patchMap(plan, patches, results?.fold)),
    [plan, patches, results],
  );
}

/** While somebody leafs through large pictures, each decoding takes a tenth of a second and the memory of its pixels. */
const inTurn = newest();

/** A file of fewer bytes hardly holds so many pixels that decoding it twice at a time is too much. */
const LARGE_FILE = 8e6;

/** Milliseconds that painting within patches may take at once; the rest follows when the page has drawn a frame. */
const PAINT_MS = 20;

/** The map within patches as far as it is painted; a new object when there is more of it. Null without a map. */
export function useWithin(map: PatchMap | null): Pick<CamPainting, "canvas" | "scale"> | null {
  const [turn, setTurn] = useState(0);
  const [patches, cam] = [map?.patches ?? null, map?.cam ?? null];
  const painting = useMemo(
    () => (map === null || cam === null ? null : new CamPainting(map, cam)),
    [patches, cam],
  );
  const painted = useMemo(() => {
    if (map === null || painting === null) return null;
    const whole = painting.update(map, PAINT_MS);
    return { whole, canvas: painting.canvas, scale: painting.scale };
  }, [map, painting, turn]);
  const whole = painted?.whole ?? true;
  useEffect(() => {
    if (whole) return;
    const frame = requestAnimationFrame(() => setTurn((turn) => turn + 1));
    return () => cancelAnimationFrame(frame);
  }, [whole, turn]);
  return painted;
}

/** Whether a lesson's map within patches is still to be drawn; draws it where it is wanted. */
export function useLessonMap(entry: Entry, wanted: boolean): boolean {
  const { classroom } = useWorkbench();
  const drawable = classroom.canDraw(entry);
  useEffect(() => {
    if (!wanted || !drawable) return;
    const stop = new AbortController();
    void classroom.draw(entry, stop.signal);
    return () => stop.abort();
  }, [entry, wanted, drawable]);
  return drawable;
}

/** The picture for the screen; null until it is decoded, and where the browser can't. */
export function useBitmap(entry: Entry): ImageBitmap | null {
  const [bitmap, setBitmap] = useState<ImageBitmap | null>(null);
  const [waited, setWaited] = useState(false);
  const picture = entry.picture.value;
  const { settled } = entry;
  // A worker holds the pixels of a large image by then, and sends a small picture of it.
  const soon = entry.state.value.kind === "decoding" && picture.size >= LARGE_FILE;
  useEffect(() => setWaited(false), [entry]);
  useEffect(() => {
    if (settled || soon) return;
    // The browser decodes the picture once more, on a processor that the workers need.
    const timer = setTimeout(() => setWaited(true), FIRST_DRAW_MS);
    return () => clearTimeout(timer);
  }, [entry, settled, soon]);
  const wanted = settled || waited;
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    let shown: ImageBitmap | null = null;
    void inTurn(() => viewPicture(picture)).then((result) => {
      shown = result;
      if (current) setBitmap(result);
      else result?.close();
    });
    return () => {
      current = false;
      shown?.close();
      setBitmap(null);
    };
  }, [picture, wanted]);
  return bitmap;
}

/** The box of an element and what a CSS pixel is worth; null until it is laid out. */
export function useBox(element: { current: HTMLElement | null }, there: boolean) {
  const [box, setBox] = useState<(Size & { readonly screenPixel: number }) | null>(null);
  useLayoutEffect(() => {
    if (element.current === null) return;
    const measure = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      setBox(width > 0 && height > 0 ? { width, height, screenPixel: 1 / devicePixelRatio } : null);
    });
    measure.observe(element.current);
    return () => measure.disconnect();
  }, [there]);
  return box;
}
