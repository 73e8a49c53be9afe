// The pixels that the picture for the screen lacks: a large image is held scaled down, and what is seen of it close up
// is cut out of the file once the camera rests.

import { effect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Rect } from "../base/geometry.ts";
import { newest } from "../base/newest.ts";
import { ratioOf, seen, type View } from "./camera.ts";
import type { Flight } from "./flight.ts";
import { cutOut } from "./pictures.ts";

export interface Sharp {
  readonly bitmap: ImageBitmap;
  /** Of the picture, in its pixels. */
  readonly area: Rect;
}

/** Cutting out decodes the whole file, so it waits for the camera to rest, in milliseconds. */
const REST = 250;

/** Each decodes all of a large file: never two at once. */
const inTurn = newest();

/** Null where the bitmap has every pixel that the screen can show. `file` is null where nothing has more of them. */
export function useSharp(
  file: Blob | null,
  bitmap: ImageBitmap | null,
  view: View | null,
  flight: Flight,
): Sharp | null {
  const [sharp, setSharp] = useState<Sharp | null>(null);

  useEffect(() => {
    if (file === null || bitmap === null || view === null) return;
    const { picture, box, screenPixel } = view;
    const held = bitmap.width / picture.width;
    if (held >= 1) return;
    let wanted = 0;
    let timer = 0;
    const cut = async () => {
      const mine = ++wanted;
      const at = seen(view, flight.camera.peek());
      const x = Math.floor(at.x);
      const y = Math.floor(at.y);
      // Whole pixels, so that the piece lies exactly on the rest.
      const area = {
        x,
        y,
        width: Math.min(picture.width, Math.ceil(at.x + at.width)) - x,
        height: Math.min(picture.height, Math.ceil(at.y + at.height)) - y,
      };
      const most = Math.ceil(Math.max(box.width, box.height) / screenPixel);
      const [cutting] = (await inTurn(() => cutOut(file, picture.width, [area], most))) ?? [];
      if (cutting === undefined) return;
      if (mine === wanted) setSharp({ bitmap: cutting, area });
      else cutting.close();
    };
    const stop = effect(() => {
      const lacking = ratioOf(view, flight.camera.value) > held;
      clearTimeout(timer);
      if (lacking) timer = window.setTimeout(() => void cut(), REST);
    });
    return () => {
      stop();
      clearTimeout(timer);
      wanted = -1;
    };
  }, [file, bitmap, view, flight]);

  useEffect(() => () => sharp?.bitmap.close(), [sharp]);
  return sharp;
}
