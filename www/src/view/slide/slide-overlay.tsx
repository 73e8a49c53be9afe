// Over a slide: its tissue, what is outlined, what is being drawn, and where in the whole the view lies.

import { useEffect, useState } from "preact/hooks";
import type { Point } from "../../base/geometry.ts";
import type { Region } from "../../slide/protocol.ts";
import { between, freeName, rectangle, regionOf, thinned } from "../../slide/regions.ts";
import type { Slide } from "../../slide/slide.ts";
import { slideWords } from "../../words/slide.ts";
import { type Camera, seen, type View } from "../camera.ts";
import type { Flight } from "../flight.ts";
import { Brush } from "./brush.tsx";
import { drawing } from "./drawing.ts";
import { groundOf, rounded } from "./ground.ts";

interface SlideOverlayProps {
  slide: Slide;
  view: View;
  flight: Flight;
}

/** Points of a drawn line are no nearer to each other, in CSS pixels. */
const LEAST = 3;
/** A click so near to the first point closes a polygon, in CSS pixels. */
const NEAR = 12;

export function SlideOverlay({ slide, view, flight }: SlideOverlayProps) {
  const [camera, setCamera] = useState<Camera>(flight.camera.peek());
  useEffect(() => flight.camera.subscribe(setCamera), [flight]);
  /** In pixels of the finest level. */
  const [points, setPoints] = useState<readonly Point[]>([]);
  const [pressed, setPressed] = useState(false);
  const tool = drawing.tool.value;
  const brush = slide.regions.value.length === 0 ? drawing.brush.value : null;
  const finest = slide.facts.levels[0] ?? { width: 1, height: 1 };
  const { size, toBox, pointOf } = groundOf(finest, view, camera);
  const said = slideWords.value;

  useEffect(() => setPoints([]), [tool]);
  const finish = (outline: readonly Point[]) => {
    const region = regionOf(outline, freeName(said.region, slide.regions.peek()));
    if (region !== null) slide.regions.value = [...slide.regions.peek(), region];
    setPoints([]);
    drawing.tool.value = null;
  };

  const press = (event: PointerEvent) => {
    event.stopPropagation();
    if (event.button !== 0) return;
    const point = pointOf(event);
    if (tool === "polygon") {
      const [first] = points;
      const closes =
        first !== undefined &&
        points.length > 2 &&
        Math.hypot(point.x - first.x, point.y - first.y) * size < NEAR;
      if (closes) finish(points);
      else setPoints([...points, point]);
      return;
    }
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    setPressed(true);
    setPoints([point]);
  };
  const drag = (event: PointerEvent) => {
    event.stopPropagation();
    if (!pressed) return;
    const point = pointOf(event);
    const [first = point] = points;
    setPoints(tool === "rectangle" ? [first, point] : [...points, point]);
  };
  const release = (event: PointerEvent) => {
    event.stopPropagation();
    if (!pressed) return;
    setPressed(false);
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) return;
    if (tool === "rectangle") finish(rectangle(between(first, last)).map(([x, y]) => ({ x, y })));
    else finish(thinned(points, LEAST / size));
  };

  const drawn: Region[] =
    points.length < 2
      ? []
      : [
          {
            name: "",
            rings: [
              tool === "rectangle"
                ? rectangle(between(points[0] ?? { x: 0, y: 0 }, points.at(-1) ?? { x: 0, y: 0 }))
                : points.map(({ x, y }) => [x, y] as const),
            ],
          },
        ];
  const pathOf = ({ rings }: Pick<Region, "rings">): string =>
    rings.map((ring) => `M${ring.map(([x, y]) => rounded(toBox({ x, y }))).join("L")}Z`).join("");
  const { width, height } = view.box;
  return (
    <>
      <svg class="slide-outlines" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {drawing.tissue.value && slide.tissue.value !== null && (
          <path class="slide-tissue" fill-rule="evenodd" d={pathOf(slide.tissue.value)} />
        )}
        {[...slide.regions.value, ...drawn].map((region, index) => (
          <g key={index}>
            <path class="slide-region slide-region-under" d={pathOf(region)} />
            <path class="slide-region" d={pathOf(region)} />
          </g>
        ))}
      </svg>
      {tool !== null && (
        <section
          aria-label={said.tools[tool].name}
          class="slide-plane"
          onPointerDown={press}
          onPointerMove={drag}
          onPointerUp={release}
          onPointerCancel={release}
          onDblClick={(event) => {
            event.stopPropagation();
            if (tool === "polygon") finish(points);
          }}
        />
      )}
      {brush !== null && (
        <Brush key={brush} slide={slide} view={view} camera={camera} adds={brush === "adds"} />
      )}
      {camera.zoom > 1.05 && <Overview view={view} camera={camera} />}
    </>
  );
}

/** Where in the slide the view lies. */
function Overview({ view, camera }: { view: View; camera: Camera }) {
  const { width, height } = view.picture;
  const at = seen(view, camera);
  return (
    <svg class="slide-overview" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <rect class="slide-overview-whole" width={width} height={height} />
      <rect class="slide-overview-seen" {...at} />
    </svg>
  );
}
