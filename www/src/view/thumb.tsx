// A thumbnail, or a neutral place for one.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Entry } from "../study/entry.ts";
import { smallPicture } from "./thumbnails.ts";

/** Rows that only fly past while the list is scrolled are not worth a picture: it waits so long, in milliseconds. */
const LINGER_MS = 80;

/** So far above and below what is seen of the list pictures are made ahead; older browsers make none. */
const AHEAD = { scrollMargin: "200px" };

export function Thumb({ entry }: { entry: Entry }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [near, setNear] = useState(false);
  const [small, setSmall] = useState<ImageBitmap | null>(null);
  const picture = entry.picture.value;
  // A short list is in the document as a whole, however little of it is seen: the workers need the processor more.
  useEffect(() => {
    if (canvas.current === null) return;
    const observer = new IntersectionObserver((seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      setNear(true);
    }, AHEAD);
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, []);
  // Once the workers are done with the image: it is decoded again for this.
  const wanted = near && entry.settled && entry.hasFile;
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    const timer = setTimeout(async () => {
      if (!current) return;
      const bitmap = await smallPicture(picture);
      if (current) setSmall(bitmap);
    }, LINGER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [picture, wanted]);
  // With the rows, whose pace is that of the run: a frame for each picture would take its time from the workers.
  useLayoutEffect(() => {
    if (canvas.current === null || small === null) return;
    // One that was put away meanwhile is closed, and has no width.
    if (small.width === 0) {
      setSmall(null);
      return;
    }
    canvas.current.width = small.width;
    canvas.current.height = small.height;
    canvas.current.getContext("2d")?.drawImage(small, 0, 0);
  }, [small]);
  return <canvas ref={canvas} class={small === null ? "thumb thumb-none" : "thumb"} />;
}
