// The table of images: what is shown, in what order, under which patient, and which rows are in the document.

import { describe, expect, it } from "vitest";
import { OWN_CLASSES } from "../src/study/classes.ts";
import { Listing } from "../src/study/listing.ts";
import {
  COLUMNS,
  type Item,
  type Line,
  nextSort,
  PLAIN_VIEW,
  type View,
  WINDOW_FROM,
  windowOf,
} from "../src/study/table.ts";

function line(path: string, change: Partial<Line> = {}): Line {
  return {
    id: path,
    path,
    patient: "",
    label: "",
    state: "done",
    verdict: "benign",
    classes: OWN_CLASSES,
    share: 0.2,
    patches: { votes: [5, 1], leftOut: 0 },
    ...change,
  };
}

const unfinished = { verdict: null, share: null, patches: null } as const;
const LINES = [
  line("img-10.png", { patient: "b", share: 0.1 }),
  line("img-9.png", {
    patient: "a",
    verdict: "malignant",
    share: 0.9,
    patches: { votes: [0, 6], leftOut: 0 },
  }),
  line("wait.png", { ...unfinished, state: "waiting" }),
  line("glass.png", {
    patient: "a",
    verdict: "not assessable",
    share: null,
    patches: { votes: [0, 0], leftOut: 6 },
  }),
  line("bad.png", { ...unfinished, state: "failed", patient: "b" }),
];

function arrange(lines: readonly Line[], view: View): Item<Line>[] {
  const listing = new Listing<Line>((one) => lines.findIndex(({ id }) => id === one.id));
  listing.show(view);
  for (const one of lines) listing.put(one);
  return listing.items();
}

const say = (item: Item<Line>) =>
  item.kind === "line" ? item.line.path.replace(".png", "") : `[${item.patient}: ${item.count}]`;
const rows = (view: Partial<View>) =>
  arrange(LINES, { ...PLAIN_VIEW, ...view })
    .map(say)
    .join(" ");

describe("order", () => {
  it.each<[View["sort"], boolean, string]>([
    [null, false, "img-10 img-9 wait glass bad"],
    ["image", false, "bad glass img-9 img-10 wait"],
    ["image", true, "wait img-10 img-9 glass bad"],
    ["verdict", false, "img-9 img-10 glass wait bad"],
    ["malignant", true, "img-9 img-10 wait glass bad"],
    ["malignant", false, "img-10 img-9 wait glass bad"],
    ["patches", true, "img-9 img-10 glass wait bad"],
    ["patient", false, "img-9 glass img-10 bad wait"],
    ["patient", true, "img-10 bad img-9 glass wait"],
    ["state", false, "wait bad img-10 img-9 glass"],
  ])("by %s, descending %s", (sort, descending, expected) => {
    expect(rows({ sort, descending })).toBe(expected);
  });

  it("turns from the useful way to the other to none", () => {
    for (const column of COLUMNS) {
      const first = nextSort(PLAIN_VIEW, column);
      const second = nextSort(first, column);
      expect([first.sort, second.sort]).toEqual([column, column]);
      expect(second.descending).toBe(!first.descending);
      expect(nextSort(second, column)).toEqual(PLAIN_VIEW);
    }
    expect(nextSort(PLAIN_VIEW, "malignant").descending).toBe(true);
  });
});

describe("filter", () => {
  it.each<[Partial<View>, string]>([
    [{ text: "IMG" }, "img-10 img-9"],
    [{ text: "img 9" }, "img-9"],
    [{ text: "nowhere" }, ""],
    [{ shown: "malignant" }, "img-9"],
    [{ shown: "not assessable" }, "glass"],
    [{ shown: "open" }, "wait"],
    [{ shown: "failed" }, "bad"],
    [{ shown: "benign", text: "img" }, "img-10"],
  ])("%j", (view, expected) => {
    expect(rows(view)).toBe(expected);
  });
});

describe("groups", () => {
  it("head each patient's images with how many are shown", () => {
    expect(rows({ grouped: true })).toBe("[a: 2] img-9 glass [b: 2] img-10 bad [: 1] wait");
    expect(rows({ grouped: true, shown: "failed" })).toBe("[b: 1] bad");
  });

  it("are sorted within, and turn round when sorted by patient", () => {
    expect(rows({ grouped: true, sort: "image" })).toBe("[a: 2] glass img-9 [b: 2] bad img-10 [: 1] wait");
    expect(rows({ grouped: true, sort: "patient", descending: true })).toBe(
      "[b: 2] img-10 bad [a: 2] img-9 glass [: 1] wait",
    );
  });
});

it("leaves the lines that it was given as they are", () => {
  const before = [...LINES];
  rows({ sort: "image", descending: true, grouped: true });
  expect(LINES).toEqual(before);
});

describe("the window", () => {
  const sizes = { height: 500, row: 50 };

  it("holds all of a short list", () => {
    expect(windowOf(WINDOW_FROM, { ...sizes, scroll: 0 })).toEqual({ start: 0, end: WINDOW_FROM });
  });

  it("covers what is seen, everywhere, with a bounded number of rows", () => {
    for (let scroll = 0; scroll <= 1000 * 50 - 500; scroll += 333) {
      const { start, end } = windowOf(1000, { ...sizes, scroll });
      expect(start * 50).toBeLessThanOrEqual(scroll);
      expect(end * 50).toBeGreaterThanOrEqual(Math.min(50_000, scroll + 500));
      expect(end - start).toBeLessThan(30);
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(1000);
    }
  });
});
