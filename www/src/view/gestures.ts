// Mouse, pen and fingers on a picture: drag, pinch, wheel and double-click, turned into movements of the camera.

import type { Point } from "../base/geometry.ts";
import { type Camera, panBy, pinch, sameCamera, type View, zoomBy } from "./camera.ts";
import type { Flight } from "./flight.ts";

export interface Gestures {
  readonly flight: Flight;
  /** Null while there is nothing to move. */
  view(): View | null;
  /** Whether the wheel is the picture's even without the control key. */
  wheelIsOurs(): boolean;
  /** The mouse is at a point of the box, or null if it left. */
  onHover(point: Point | null): void;
  /** A click or a tap that was no drag. */
  onTap(point: Point): void;
}

/** A press that moves less than this, in CSS pixels, is a click. */
const SLACK = 4;

/** The wheel's steps in pixels come in other units too: lines and pages. */
const WHEEL_UNITS = [1, 16, 240] as const;
/** Pixels of the wheel that double the size, or halve it. */
const WHEEL_OCTAVE = 300;
/** A pinch on a touchpad arrives as a wheel with the control key, in far smaller steps. */
const PINCH_OCTAVE = 70;
/** One event never does more than this, whatever the device says. */
const WHEEL_MOST = 0.6;
/** Until the wheel has rested so long, in milliseconds, it goes on belonging to the picture. */
const WHEEL_REST = 300;

/** Begins to listen; the result ends it. */
export function watchGestures(element: HTMLElement, gestures: Gestures): () => void {
  const { flight } = gestures;
  const ending = new AbortController();
  const pressed = new Map<number, Point>();
  let dragged = false;
  let pressedAt: Point = { x: 0, y: 0 };
  let wheeledAt = Number.NEGATIVE_INFINITY;

  const place = ({ clientX, clientY }: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  };
  const move = (change: (view: View, camera: Camera) => Camera): boolean => {
    const view = gestures.view();
    if (view === null) return false;
    const before = flight.camera.peek();
    const after = change(view, before);
    if (sameCamera(before, after)) return false;
    flight.jump(after);
    return true;
  };

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    const point = place(event);
    if (pressed.size === 0) {
      dragged = false;
      pressedAt = point;
    } else dragged = true;
    pressed.set(event.pointerId, point);
  };

  const moved = (event: PointerEvent) => {
    const point = place(event);
    const before = pressed.get(event.pointerId);
    if (event.pointerType === "mouse") gestures.onHover(point);
    if (before === undefined) return;
    dragged ||= Math.hypot(point.x - pressedAt.x, point.y - pressedAt.y) > SLACK;
    const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
    pressed.set(event.pointerId, point);
    if (other !== undefined) {
      move((view, camera) => pinch(view, camera, [before, other], [point, other]));
    } else if (dragged) {
      move((view, camera) => panBy(view, camera, { x: point.x - before.x, y: point.y - before.y }));
    }
  };

  const up = (event: PointerEvent) => {
    if (!pressed.delete(event.pointerId)) return;
    if (pressed.size === 0 && !dragged && event.type === "pointerup") gestures.onTap(place(event));
  };

  const wheel = (event: WheelEvent) => {
    const asked = event.ctrlKey || event.metaKey;
    if (!asked && !gestures.wheelIsOurs()) return;
    const delta = event.deltaY * (WHEEL_UNITS[event.deltaMode] ?? 1);
    const octaves = -delta / (event.ctrlKey && Math.abs(delta) < 40 ? PINCH_OCTAVE : WHEEL_OCTAVE);
    const factor = 2 ** Math.min(WHEEL_MOST, Math.max(-WHEEL_MOST, octaves));
    const point = place(event);
    const changed = move((view, camera) => zoomBy(view, camera, factor, point));
    // At either end the page may scroll on, but not in the same sweep that led there.
    if (!changed && !asked && event.timeStamp - wheeledAt > WHEEL_REST) return;
    wheeledAt = event.timeStamp;
    event.preventDefault();
  };

  const twice = (event: MouseEvent) => {
    const view = gestures.view();
    if (view !== null) flight.glide(zoomBy(view, flight.target, event.shiftKey ? 0.5 : 2, place(event)));
  };

  // Two fingers are a pinch from the start, before the browser makes a scroll of them.
  const touch = (event: TouchEvent) => {
    if (event.touches.length > 1) event.preventDefault();
  };

  const { signal } = ending;
  element.addEventListener("pointerdown", down, { signal });
  element.addEventListener("pointermove", moved, { signal });
  element.addEventListener("pointerup", up, { signal });
  element.addEventListener("pointercancel", up, { signal });
  element.addEventListener("pointerleave", () => gestures.onHover(null), { signal });
  element.addEventListener("dblclick", twice, { signal });
  element.addEventListener("wheel", wheel, { signal, passive: false });
  element.addEventListener("touchstart", touch, { signal, passive: false });
  return () => ending.abort();
}
