// How often the page renders while a crowd of images is at work: each that is done changes counters, bars and rows, and a
// render for each of them would cost the workers more than the eye can see. What a person does is shown at once.

import { options } from "preact";

/** Milliseconds between two renders that nobody asked for. */
const PACE_MS = 100;

const DEEDS = ["pointerdown", "pointerup", "click", "keydown", "input", "change", "drop"] as const;

/** `crowded`: whether so much goes on that renders are to be held back. */
export function paceRendering(crowded: () => boolean): void {
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
    if (!crowded() || now < freeUntil || now >= last + PACE_MS) queueMicrotask(render);
    else timer = window.setTimeout(render, last + PACE_MS - now);
  };
  const deed = () => {
    freeUntil = performance.now() + PACE_MS;
    if (waiting !== null) queueMicrotask(render);
  };
  for (const name of DEEDS) addEventListener(name, deed, { capture: true, passive: true });
}
