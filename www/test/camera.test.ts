// The viewer's camera: nothing under a finger slips, and the picture is never lost.

import { describe, expect, it } from "vitest";
import {
  actualSize,
  between,
  type Camera,
  clamp,
  FIT,
  frame,
  MOST,
  panBy,
  pinch,
  placement,
  ratioOf,
  reveal,
  scaleOf,
  seen,
  toPicture,
  type View,
  zoomBy,
} from "../src/view/camera.ts";

/** A picture shown at half its size, in a box of its shape. */
const view: View = {
  box: { width: 700, height: 460 },
  picture: { width: 1400, height: 920 },
  screenPixel: 1,
};
/** As wide as the box and lower. */
const low: View = { ...view, picture: { width: 1400, height: 300 } };
/** Smaller than the box. */
const small: View = { ...view, picture: { width: 350, height: 230 } };

const near = (camera: Camera, expected: Partial<Camera>) => {
  for (const [key, value] of Object.entries(expected)) {
    expect(camera[key as keyof Camera], key).toBeCloseTo(value, 6);
  }
};

describe("the whole picture", () => {
  it("fills a box of its shape and lies in the middle of another", () => {
    expect(placement(view, FIT)).toEqual({ x: 0, y: 0, scale: 0.5 });
    expect(placement(low, FIT)).toEqual({ x: 0, y: 155, scale: 0.5 });
    expect(seen(low, FIT)).toEqual({ x: 0, y: 0, width: 1400, height: 300 });
  });

  it("is the smallest view, unless the picture's own size is smaller", () => {
    near(zoomBy(view, FIT, 0.1), FIT);
    expect(ratioOf(small, FIT)).toBe(2);
    expect(ratioOf(small, zoomBy(small, FIT, 0.1))).toBe(1);
  });
});

describe("zooming", () => {
  it("keeps what is under the pointer there", () => {
    const pointer = { x: 500, y: 100 };
    const held = toPicture(view, FIT, pointer);
    const closer = zoomBy(view, FIT, 3, pointer);
    expect(closer.zoom).toBe(3);
    expect(toPicture(view, closer, pointer).x).toBeCloseTo(held.x, 6);
    expect(toPicture(view, closer, pointer).y).toBeCloseTo(held.y, 6);
  });

  it.each([
    [view, 1],
    [{ ...view, screenPixel: 0.5 }, 0.5],
  ])("ends at the most pixels of the screen for one of the picture", (on, screenPixel) => {
    const closest = zoomBy(on, FIT, 1e6);
    expect(ratioOf(on, closest)).toBeCloseTo(MOST, 6);
    expect(scaleOf(on, closest)).toBeCloseTo(MOST * screenPixel, 6);
  });

  it("out again comes back to the whole picture, from wherever", () => {
    const corner = panBy(view, zoomBy(view, FIT, 8), { x: -1e4, y: 1e4 });
    near(zoomBy(view, corner, 1 / 8, { x: 3, y: 4 }), FIT);
  });

  it("to the picture's own size takes the screen's pixels, not the page's", () => {
    expect(scaleOf(view, actualSize(view, FIT))).toBeCloseTo(1, 6);
    const fine = { ...view, screenPixel: 1 / 3 };
    expect(scaleOf(fine, actualSize(fine, FIT))).toBeCloseTo(1 / 3, 6);
  });
});

describe("moving", () => {
  it("goes with the hand", () => {
    const closer = zoomBy(view, FIT, 4);
    const moved = panBy(view, closer, { x: 30, y: -20 });
    expect(placement(view, moved).x).toBeCloseTo(placement(view, closer).x + 30, 6);
    expect(placement(view, moved).y).toBeCloseTo(placement(view, closer).y - 20, 6);
  });

  it.each([
    [1e5, 1e5],
    [-1e5, 1e5],
    [1e5, -1e5],
    [-1e5, -1e5],
  ])("stops at the picture's edges, towards %s, %s", (x, y) => {
    const moved = panBy(view, zoomBy(view, FIT, 4), { x, y });
    const { width, height } = seen(view, moved);
    expect(width).toBeCloseTo(350, 6);
    expect(height).toBeCloseTo(230, 6);
  });

  it("does nothing along a side that is all in sight", () => {
    near(panBy(view, FIT, { x: 50, y: 50 }), FIT);
    const closer = zoomBy(low, FIT, 1.5);
    near(panBy(low, closer, { x: 10, y: 50 }), { y: 0.5 });
  });
});

it("two fingers take along what lay under them", () => {
  const from = [
    { x: 200, y: 200 },
    { x: 300, y: 200 },
  ] as const;
  const to = [
    { x: 150, y: 260 },
    { x: 350, y: 260 },
  ] as const;
  const start = zoomBy(view, FIT, 2);
  const end = pinch(view, start, from, to);
  expect(end.zoom).toBeCloseTo(4, 6);
  for (const finger of [0, 1] as const) {
    const before = toPicture(view, start, from[finger]);
    const after = toPicture(view, end, to[finger]);
    expect(after.x).toBeCloseTo(before.x, 6);
    expect(after.y).toBeCloseTo(before.y, 6);
  }
});

describe("a patch", () => {
  const patch = { x: 224, y: 448, width: 224, height: 224 };

  it("that is zoomed to lies in the middle, and whole", () => {
    const camera = frame(view, patch);
    const sight = seen(view, camera);
    expect(sight.x + sight.width / 2).toBeCloseTo(336, 6);
    expect(sight.y + sight.height / 2).toBeCloseTo(560, 6);
    expect(sight.height).toBeGreaterThan(224);
    expect(scaleOf(view, camera) * 224).toBeCloseTo(0.8 * 460, 6);
  });

  it("in a corner is still whole", () => {
    const sight = seen(view, frame(view, { ...patch, x: 0, y: 0 }));
    expect(sight.x).toBeCloseTo(0, 6);
    expect(sight.y).toBeCloseTo(0, 6);
  });

  it("comes into sight with the least movement, and in sight moves nothing", () => {
    const away = panBy(view, zoomBy(view, FIT, 3), { x: -1e4, y: 1e4 });
    const sight = seen(view, reveal(view, away, patch));
    expect(sight.x).toBeCloseTo(224, 6);
    expect(sight.y + sight.height).toBeCloseTo(672, 6);
    near(reveal(view, FIT, patch), FIT);
  });

  it("that is larger than the box is shown by its middle", () => {
    const sight = seen(view, reveal(view, zoomBy(view, FIT, 30), patch));
    expect(sight.x + sight.width / 2).toBeCloseTo(336, 6);
    expect(sight.y + sight.height / 2).toBeCloseTo(560, 6);
  });
});

describe("on the way between two cameras", () => {
  const pointer = { x: 600, y: 50 };
  const to = zoomBy(view, FIT, 6, pointer);

  it("it starts at one and ends at the other", () => {
    near(between(FIT, to, 0), FIT);
    expect(between(FIT, to, 1)).toBe(to);
  });

  it("what is under the pointer stays there", () => {
    const held = toPicture(view, FIT, pointer);
    for (const share of [0.2, 0.5, 0.9]) {
      const now = toPicture(view, between(FIT, to, share), pointer);
      expect(now.x).toBeCloseTo(held.x, 6);
      expect(now.y).toBeCloseTo(held.y, 6);
    }
  });

  it("a mere move is even", () => {
    near(between({ x: 0.2, y: 0.5, zoom: 3 }, { x: 0.4, y: 0.5, zoom: 3 }, 0.5), { x: 0.3, zoom: 3 });
  });
});

it("a camera from another box is brought back to the picture", () => {
  near(clamp(view, { x: 7, y: -3, zoom: 2 }), { x: 0.75, y: 0.25, zoom: 2 });
  near(clamp(view, { x: 0.1, y: 0.9, zoom: 0.2 }), FIT);
});
