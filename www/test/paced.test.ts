// What comes in crowds is done at once and then now and then, and the last of it is never left out.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { paced } from "../src/base/paced.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("does the first at once, what follows once when the time is over, and then is at rest", () => {
  const act = vi.fn();
  const ask = paced(100, act);
  ask();
  expect(act).toHaveBeenCalledTimes(1);
  for (let time = 0; time < 1000; time += 10) {
    ask();
    vi.advanceTimersByTime(10);
  }
  expect(act).toHaveBeenCalledTimes(11);
  vi.advanceTimersByTime(1000);
  expect(act).toHaveBeenCalledTimes(11);
  ask();
  expect(act).toHaveBeenCalledTimes(12);
});

it("asks again for what is asked while it is done", () => {
  let asked = 0;
  const ask = paced(100, () => {
    if (++asked < 3) ask();
  });
  ask();
  vi.advanceTimersByTime(1000);
  expect(asked).toBe(3);
});
