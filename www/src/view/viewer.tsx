// The picture with the map of patch probabilities over it, painted as the batches come in: to zoom, to move, to
// compare with the original, and to ask of each patch what was found.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Point, Rect, Size } from "../base/geometry.ts";
import type { Entry } from "../study/entry.ts";
import { resultWords } from "../words/result.ts";
import {
  actualSize,
  type Camera,
  clamp,
  FIT,
  frame,
  panBy,
  reveal,
  STEP,
  toPicture,
  type View,
  zoomBy,
} from "./camera.ts";
import { useWorkbench } from "./context.ts";
import { Flight } from "./flight.ts";
import { toggleFullScreen } from "./full-screen.ts";
import { SlideOverlay, SlidePanel } from "./later.tsx";
import { Looked } from "./looked.tsx";
import { GettingAbout, MapControls } from "./map-controls.tsx";
import { nextPatch, patchAt } from "./patch-map.ts";
import { useBitmap, useBox, useLessonMap, useMap, useWithin } from "./picture-hooks.ts";
import { VIEW_SIDE } from "./pictures.ts";
import { readout } from "./readout.ts";
import { ScaleBar } from "./scale-bar.tsx";
import { useSharp } from "./sharp.ts";
import { Stage } from "./stage.tsx";
import { ViewBar } from "./view-bar.tsx";

/** Kept from image to image while the page is open. */
const remembered = { sideBySide: false, focus: false };

/** What is drawn of a map that is hidden for a moment, or beside the original: nothing. */
const UNPAINTED = { within: null, outlined: false, opacity: 0 };
const NO_OUTLINES = { chosen: null, hovered: null };

/** Of the box's side, for one press of an arrow key with Shift. */
const PAN_STEP = 0.15;

const PANS: Readonly<Record<string, Point>> = {
  ArrowRight: { x: -PAN_STEP, y: 0 },
  ArrowLeft: { x: PAN_STEP, y: 0 },
  ArrowDown: { x: 0, y: -PAN_STEP },
  ArrowUp: { x: 0, y: PAN_STEP },
};

interface ViewerProps {
  entry: Entry;
  /** What is said of the image: beside the picture, or below it where it is narrow, but before the crops. */
  children: ComponentChildren;
}

export function Viewer({ entry, children }: ViewerProps) {
  const workbench = useWorkbench();
  const { map: kind, opacity: kept } = workbench.settings.value;
  /** While the slider is dragged. The address is written when it is let go: browsers limit how often it may be. */
  const [dragged, setDragged] = useState<number | null>(null);
  const opacity = dragged ?? kept;
  const said = resultWords.value.viewer;
  const [sideBySide, setSideBySide] = useState(remembered.sideBySide);
  // Apart: pressing the button takes the focus from the picture, which lets the key go.
  const [keyHeld, setKeyHeld] = useState(false);
  const [buttonHeld, setButtonHeld] = useState(false);
  const hidden = keyHeld || buttonHeld;
  const [chosen, setChosen] = useState<number | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const flight = useMemo(() => new Flight(), []);
  const main = useRef<HTMLElement>(null);
  const beside = useRef<HTMLElement>(null);

  const found = useMap(entry);
  // In a quiz it would tell.
  const hides = workbench.quiz.hides(entry);
  const map = hides ? null : found;
  const bitmap = useBitmap(entry);
  // The picture's own size until the plan is there; both have the same shape.
  const shape: Size | null = found ?? bitmap;
  const box = useBox(main, shape !== null);
  const view = useMemo<View | null>(
    () =>
      box === null || shape === null
        ? null
        : {
            box,
            picture: { width: shape.width, height: shape.height },
            screenPixel: box.screenPixel,
          },
    [box, shape?.width, shape?.height],
  );
  const file = entry.closeUp;
  const sharp = useSharp(file, bitmap, view, flight);
  const within = useWithin(kind === "detail" ? map : null);
  const drawable = useLessonMap(entry, kind === "detail" && !hides);

  useLayoutEffect(() => {
    if (view !== null) flight.jump(clamp(view, flight.target));
  }, [view]);
  useEffect(() => () => flight.stop(), []);

  // Another image has another viewer: it takes over what had the focus.
  useLayoutEffect(() => {
    if (!remembered.focus || main.current === null) return;
    remembered.focus = false;
    main.current.focus({ preventScroll: true });
  });
  const step = (by: 1 | -1) => {
    remembered.focus = main.current === document.activeElement;
    if (!workbench.step(by)) remembered.focus = false;
  };

  const glide = (change: (view: View, camera: Camera) => Camera) => {
    if (view !== null) flight.glide(change(view, flight.target));
  };
  const area = (patch: number): Rect | null => {
    const at = map?.patches[patch];
    if (map === null || at === undefined) return null;
    return { x: at.x, y: at.y, width: map.patchSize, height: map.patchSize };
  };
  const closeUp = (patch: number) => {
    const rect = area(patch);
    if (rect !== null) glide((on) => frame(on, rect));
  };
  const patchUnder = (point: Point): number | null => {
    if (map === null || view === null) return null;
    const { x, y } = toPicture(view, flight.camera.peek(), point);
    return patchAt(map, x, y);
  };

  const gestures = {
    flight,
    view: () => view,
    wheelIsOurs: () => main.current === document.activeElement,
    onHover: (point: Point | null) => setHovered(point === null ? null : patchUnder(point)),
    onTap: (point: Point) => {
      main.current?.focus({ preventScroll: true });
      setChosen(patchUnder(point));
    },
  };

  /** Whether the key was one of ours. */
  const press = ({ key, shiftKey }: KeyboardEvent): boolean => {
    const pan = shiftKey ? PANS[key] : undefined;
    if (pan !== undefined) {
      glide((on, at) => panBy(on, at, { x: pan.x * on.box.width, y: pan.y * on.box.height }));
    } else if (key === "+" || key === "=") glide((on, at) => zoomBy(on, at, STEP));
    else if (key === "-" || key === "_") glide((on, at) => zoomBy(on, at, 1 / STEP));
    else if (key === "0") glide(() => FIT);
    else if (key === "1") glide(actualSize);
    else if (key === "PageDown" || key === "PageUp") step(key === "PageDown" ? 1 : -1);
    else if (key === "f" || key === "F") toggleFullScreen();
    else if (key === "h" || key === "H") setKeyHeld(true);
    else if (key === "Escape") setChosen(null);
    else if (key === "Enter" && chosen !== null) closeUp(chosen);
    else {
      const next = map === null ? undefined : nextPatch(map, chosen, key);
      if (next === undefined) return false;
      setChosen(next);
      setHovered(null);
      const rect = area(next);
      if (rect !== null) glide((on, at) => reveal(on, at, rect));
    }
    return true;
  };

  const keys = {
    onKeyDown: (event: KeyboardEvent) => {
      // With these the keys are the browser's.
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (press(event) || workbench.deeds.labelByKey(entry, event)) event.preventDefault();
    },
    onKeyUp: ({ key }: KeyboardEvent) => {
      if (key === "h" || key === "H") setKeyHeld(false);
    },
    onBlur: () => setKeyHeld(false),
  };

  if (shape === null) {
    return (
      <>
        <div class="viewer">
          <div class="stage stage-none">
            <p class="muted">{entry.settled ? said.noPicture : said.notYet}</p>
          </div>
        </div>
        {children}
      </>
    );
  }

  const width = bitmap?.width ?? Math.min(shape.width, VIEW_SIDE);
  const pointed = hovered ?? chosen;
  const painted = hidden
    ? { ...UNPAINTED, ...NO_OUTLINES }
    : { within, outlined: kind === "outline", opacity };
  const slide = entry.slide.value;
  const shown = { bitmap, sharp, slide, map, chosen, hovered };
  const two = sideBySide && map !== null;
  const { umPerPixel } = entry;
  // Of what the model does not know nothing is claimed, unless a person lets it vote.
  const claims = entry.line.value.verdict !== "unfamiliar" || workbench.study.countsUnfamiliar.value;
  return (
    <>
      <div class="viewer">
        <ViewBar
          flight={flight}
          view={view}
          compare={
            map && {
              sideBySide,
              onSideBySide: (on) => {
                remembered.sideBySide = on;
                setSideBySide(on);
              },
            }
          }
          hidden={hidden}
          onHidden={setButtonHeld}
          onZoom={(factor) => glide((on, at) => zoomBy(on, at, factor))}
          onFit={() => glide(() => FIT)}
          onActual={() => glide(actualSize)}
          onStep={workbench.study.listed.value > 1 ? step : null}
        />
        <div
          class={two ? "stages stages-two" : "stages"}
          style={{
            "--shape": `${shape.width / shape.height}`,
            // A small picture blown up further shows nothing more.
            "--widest": `${2 * width}px`,
          }}
        >
          {two && (
            <Stage
              key="beside"
              box={beside}
              label={said.original}
              view={view}
              gestures={gestures}
              {...shown}
              {...UNPAINTED}
            />
          )}
          <Stage
            key="main"
            box={main}
            label={map === null ? said.picture : said.map}
            view={view}
            gestures={gestures}
            keys={keys}
            {...shown}
            {...painted}
          >
            {view !== null && umPerPixel !== null && (
              <ScaleBar flight={flight} view={view} umPerPixel={umPerPixel} />
            )}
            {slide !== null && view !== null && <SlideOverlay slide={slide} view={view} flight={flight} />}
          </Stage>
        </div>
        {map !== null && (
          <>
            {!entry.hasFile && <p class="hint">{said.fromReport}</p>}
            <p class="readout" role="status">
              {readout(map, pointed)}
            </p>
            <MapControls
              map={map}
              detailed={map.cam !== null || drawable}
              opacity={opacity}
              onOpacity={setDragged}
              onOpacityKept={(value) => {
                setDragged(null);
                workbench.set({ opacity: value });
              }}
              kind={kind}
              onKind={(value) => workbench.set({ map: value })}
            />
          </>
        )}
        <GettingAbout />
      </div>
      {children}
      {/* Behind the verdict: where it is narrow, that comes first. */}
      {(map !== null || (slide !== null && !hides)) && (
        <div class="viewer-below">
          {slide !== null && view !== null && !hides && (
            <SlidePanel entry={entry} slide={slide} view={view} flight={flight} />
          )}
          {map !== null && entry.state.value.kind === "done" && claims && (
            <Looked
              map={map}
              bitmap={bitmap}
              file={file}
              slide={slide}
              chosen={chosen}
              onChoose={(patch) => {
                setChosen(patch);
                closeUp(patch);
                main.current?.scrollIntoView({ block: "nearest" });
              }}
            />
          )}
        </div>
      )}
    </>
  );
}
