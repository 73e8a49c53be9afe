// What a person has set: where it comes from, and what the address and the browser keep of it.

import { expect, it } from "vitest";
import { type Place, Preferences } from "../src/page/preferences.ts";
import { defaultSettings } from "../src/run/options.ts";

const defaults = defaultSettings(4, "relaxed");

function place(query = "", remembered = "") {
  const written: string[] = [];
  const made = { written, remembered };
  const place: Place = {
    query: () => written.at(-1) ?? query,
    rewrite: (text) => {
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

it("stands in the address with the language, and is remembered without the engine", () => {
  const there = place("?lang=de&kernels=simd128&engine=tract");
  const preferences = new Preferences(defaults, there.place);
  preferences.set({ workers: 2 });
  expect(there.written).toEqual(["?workers=2&kernels=simd128&engine=tract&lang=de"]);
  expect(there.remembered).toBe("?workers=2");
});
