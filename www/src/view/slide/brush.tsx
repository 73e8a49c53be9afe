// The brush that corrects the tissue of a slide: by mouse, pen or finger, and by the keys of the arrows.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Point } from "../../base/geometry.ts";
import { thinned } from "../../slide/regions.ts";
import type { Slide } from "../../slide/slide.ts";
import { slideWords } from "../../words/slide.ts";
import { type Camera, seen, type View } from "../camera.ts";
import { drawing } from "./drawing.ts";
import { groundOf, rounded, within } from "./ground.ts";

interface BrushProps {
  slide: Slide;
  view: View;
  camera: Camera;
  /** Which of the two. */
  adds: boolean;
}

/** Points of a stroke are no nearer to each other than this part of the brush's radius. */
const LEAST = 0.25;

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

export function Brush({ slide, view, camera, adds }: BrushProps) {
  const plane = useRef<HTMLElement>(null);
  const [points, setPoints] = useState<readonly Point[]>([]);
  /** Where it would paint; null while nobody knows. In pixels of the finest level, as are the points. */
  const [at, setAt] = useState<Point | null>(null);
  const finest = slide.facts.levels[0] ?? { width: 1, height: 1 };
  const { size, toBox, pointOf } = groundOf(finest, view, camera);
  const across = drawing.brushSize.value;
  const radius = across / 2 / size;
  const { brushes } = slideWords.value;

  useEffect(() => plane.current?.focus({ preventScroll: true }), []);

  const paint = (stroke: readonly Point[]) => {
    const kept = thinned(stroke, LEAST * radius).map(({ x, y }): [number, number] => [
      Math.round(x),
      Math.round(y),
    ]);
    if (kept.length === 0) return;
    // Where its outline cannot be made now, the stroke counts all the same: planning tells what is wrong.
    slide.correct({ adds, radius: Math.max(1, Math.round(radius)), points: kept }).catch(() => {});
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    const shown = seen(view, camera);
    const factor = finest.width / view.picture.width;
    const middle = { x: (shown.x + shown.width / 2) * factor, y: (shown.y + shown.height / 2) * factor };
    const from = at ?? middle;
    if (arrow !== undefined) {
      const step = event.shiftKey ? 4 * radius : radius;
      setAt(within(finest, { x: from.x + arrow.x * step, y: from.y + arrow.y * step }));
    } else if (event.key === " " || event.key === "Enter") {
      // A key that is held down is one dab.
      if (!event.repeat) {
        setAt(from);
        paint([from]);
      }
    } else if (event.key === "Escape") {
      // Back to the picture, which the keys move again.
      plane.current?.closest<HTMLElement>(".stage")?.focus({ preventScroll: true });
      drawing.brush.value = null;
    } else return;
    // The picture stays where it is.
    event.preventDefault();
    event.stopPropagation();
  };
  const keys = { tabIndex: 0, onKeyDown };
  const line = points.map((point) => rounded(toBox(point))).join("L");
  const shownAt = at === null ? null : toBox(at);
  const { width, height } = view.box;
  return (
    <>
      <svg class="slide-outlines" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {points.length > 0 && (
          // Twice the point, so that a dab is seen.
          <path
            class={adds ? "slide-stroke" : "slide-stroke slide-stroke-rubs"}
            stroke-width={across}
            d={`M${line}L${rounded(toBox(points.at(-1) ?? { x: 0, y: 0 }))}`}
          />
        )}
        {shownAt !== null && (
          <>
            <circle class="slide-region slide-region-under" cx={shownAt.x} cy={shownAt.y} r={across / 2} />
            <circle class="slide-region" cx={shownAt.x} cy={shownAt.y} r={across / 2} />
          </>
        )}
      </svg>
      <section
        ref={plane}
        class="slide-plane"
        role="application"
        aria-label={adds ? brushes.adds.name : brushes.rubs.name}
        aria-describedby="slide-brush-hint"
        {...keys}
        onPointerDown={(event) => {
          event.stopPropagation();
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setPoints([pointOf(event)]);
        }}
        onPointerMove={(event) => {
          event.stopPropagation();
          const point = pointOf(event);
          setAt(point);
          if (points.length > 0) setPoints([...points, point]);
        }}
        onPointerUp={(event) => {
          event.stopPropagation();
          paint(points);
          setPoints([]);
        }}
        onPointerCancel={(event) => {
          event.stopPropagation();
          setPoints([]);
        }}
        onPointerLeave={() => setAt(null)}
        onDblClick={(event) => event.stopPropagation()}
      />
    </>
  );
}
