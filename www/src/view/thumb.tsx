// A thumbnail, or a neutral place for one.

import { useEffect, useRef } from "preact/hooks";
import type { Entry } from "../entry.ts";

export function Thumb({ entry }: { entry: Entry }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const bitmap = entry.thumbnail.value;
  useEffect(() => {
    if (canvas.current === null || bitmap === null) return;
    canvas.current.width = bitmap.width;
    canvas.current.height = bitmap.height;
    canvas.current.getContext("2d")?.drawImage(bitmap, 0, 0);
  }, [bitmap]);
  return bitmap === null ? (
    <span class="thumb thumb-none" aria-hidden="true" />
  ) : (
    <canvas ref={canvas} class="thumb" />
  );
}
