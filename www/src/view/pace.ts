// How often the page renders while a crowd of images is at work: each that is done changes counters, bars and rows, and a
// render for each of them would cost the workers more than the eye can see. What a person does is shown at once.

import { options } from "preact";

/** So long after a person's deed, in milliseconds, whatever follows from it is shown at once. */
const DEED_MS = 100;

const DEEDS = ["pointerdown", "pointerup", "click", "keydown", "input", "change", "drop"] as const;

/** `pace`: milliseconds between two renders that nobody asked for; 0 where so little goes on that none is held back. */
export function paceRendering(pace: () => number): void {
  let waiting: (() => void) | null = null;
  let timer = 0;
  let last = 0;
  /** Renders that follow a person's deed are not held back. */
  let freeUntil = 0;
  const render = () => {
    const work = waiting;
    waiting = null;
    clearTimeout(timer);
    last = performance.now();
    work?.();
  };
  options.debounceRendering = (work) => {
    waiting = work;
    const now = performance.now();
    const next = last + pace();
    if (now < freeUntil || now >= next) queueMicrotask(render);
    else timer = window.setTimeout(render, next - now);
  };
  const deed = () => {
    freeUntil = performance.now() + DEED_MS;
    if (waiting !== null) queueMicrotask(render);
  };
  for (const name of DEEDS) addEventListener(name, deed, { capture: true, passive: true });
}
