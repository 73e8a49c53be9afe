// Which rows of a long list are in the document, by how far it is scrolled and how tall it and its rows are.

import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { windowOf } from "../study/table.ts";

export interface Windowed {
  readonly start: number;
  readonly end: number;
  /** Height of a row in pixels. */
  readonly row: number;
  onScroll(): void;
  /** Scrolls as little as shows the row. */
  reveal(index: number): void;
}

/** `ruler` is an element as tall as a row, so that styles alone say how tall rows are. */
export function useWindow(
  count: number,
  scroller: RefObject<HTMLElement | null>,
  ruler: RefObject<HTMLElement | null>,
): Windowed {
  const [sizes, setSizes] = useState({ height: 600, row: 56 });
  const [scroll, setScroll] = useState(0);
  const frame = useRef(0);

  useLayoutEffect(() => {
    if (scroller.current === null || ruler.current === null) return;
    const measure = () => {
      const row = ruler.current?.offsetHeight || 56;
      const height = scroller.current?.clientHeight || 600;
      setSizes((before) => (before.row === row && before.height === height ? before : { height, row }));
    };
    // Told of both when they have been laid out: to ask now would have it done in the middle of a rendering. In the frame after
    // that, for a rendering that changes sizes within the observer is an error to WebKit.
    let next = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(next);
      next = requestAnimationFrame(measure);
    });
    observer.observe(scroller.current);
    observer.observe(ruler.current);
    return () => {
      cancelAnimationFrame(next);
      observer.disconnect();
    };
  }, [scroller, ruler]);

  const { row, height } = sizes;
  return {
    // A list that has become shorter is scrolled back by the browser, which tells of it later.
    ...windowOf(count, { scroll: Math.min(scroll, Math.max(0, count * row - height)), height, row }),
    row,
    onScroll() {
      // One rendering for each frame, and none for less than a row.
      cancelAnimationFrame(frame.current);
      frame.current = requestAnimationFrame(() => {
        const top = scroller.current?.scrollTop ?? 0;
        setScroll(Math.floor(top / row) * row);
      });
    },
    reveal(index) {
      const element = scroller.current;
      if (element === null) return;
      const top = index * row;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + row > element.scrollTop + element.clientHeight) {
        element.scrollTop = top + row - element.clientHeight;
      }
    },
  };
}
