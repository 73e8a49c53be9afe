// What a person has set: where it comes from, and what the address and the browser keep of it.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Place, Preferences } from "../src/page/preferences.ts";
import { defaultSettings } from "../src/run/options.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const defaults = defaultSettings(4, "relaxed");

function place(query = "", remembered = "") {
  const written: string[] = [];
  const made = { written, refuses: false, remembered };
  const place: Place = {
    query: () => written.at(-1) ?? query,
    rewrite: (text) => {
      if (made.refuses) throw new DOMException("too often", "SecurityError");
      written.push(text);
    },
    remembered: () => made.remembered,
    remember: (text) => {
      made.remembered = text;
    },
  };
  return Object.assign(made, { place });
}

it("comes from the address, which counts alone, or from the last visit", () => {
  expect(new Preferences(defaults, place("?stride=56", "?workers=2").place).settings.value).toMatchObject({
    stride: 56,
    workers: 4,
  });
  expect(new Preferences(defaults, place("?lang=de", "?workers=2").place).settings.value.workers).toBe(2);
});

it("stands in the address with the language, and is remembered without the kernels", () => {
  const there = place("?lang=de&kernels=simd128");
  const preferences = new Preferences(defaults, there.place);
  preferences.set({ workers: 2 });
  expect(there.written).toEqual(["?workers=2&kernels=simd128&lang=de"]);
  expect(there.remembered).toBe("?workers=2");
});

it("rewrites the address at once, not too often in a row, and in the end as it is", () => {
  const there = place();
  const preferences = new Preferences(defaults, there.place);
  for (let step = 0; step <= 400; step++) {
    preferences.set({ opacity: step / 400 });
    vi.advanceTimersByTime(20);
  }
  vi.runAllTimers();
  // In eight seconds.
  expect(there.written.length).toBeLessThan(60);
  expect(there.written.at(-1)).toBe("?opacity=1");
  expect(there.remembered).toBe("?opacity=1");
});

it("holds where the browser refuses to rewrite the address, and is written when it may be", () => {
  const there = place();
  const preferences = new Preferences(defaults, there.place);
  there.refuses = true;
  preferences.set({ workers: 2 });
  expect(preferences.settings.value.workers).toBe(2);
  expect(there.remembered).toBe("?workers=2");
  there.refuses = false;
  vi.advanceTimersByTime(1000);
  expect(there.written).toEqual(["?workers=2"]);
});
