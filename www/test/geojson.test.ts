// Patches as GeoJSON: what RFC 7946 asks of a polygon, and what QuPath asks of a tile.

import { expect, it } from "vitest";
import { tilesOf } from "../src/study/geojson.ts";
import { imageReport } from "./reports.ts";

const report = imageReport("a.png", 0.75);
// Read back from the text that is saved.
const { type, features } = JSON.parse(JSON.stringify(tilesOf(report))) as ReturnType<typeof tilesOf>;

it("has a closed rectangle for each patch, where the patch lies", () => {
  expect(type).toBe("FeatureCollection");
  expect(features).toHaveLength(report.patches.length);
  features.forEach(({ type, geometry }, index) => {
    const { x, y, width, height } = report.patches[index] as (typeof report.patches)[number];
    expect([type, geometry.type]).toEqual(["Feature", "Polygon"]);
    const [ring = []] = geometry.coordinates;
    expect(ring).toHaveLength(5);
    expect(ring[4]).toEqual(ring[0]);
    const [xs, ys] = [0, 1].map((axis) => ring.map((point) => point[axis] ?? Number.NaN)) as [
      number[],
      number[],
    ];
    expect([Math.min(...xs), Math.max(...xs)]).toEqual([x, x + width]);
    expect([Math.min(...ys), Math.max(...ys)]).toEqual([y, y + height]);
    // No hole, and no crossing of itself: the area is that of the patch.
    const area = ring
      .slice(0, 4)
      .reduce(
        (sum, [px = 0, py = 0], at) => sum + px * (ring[at + 1]?.[1] ?? 0) - (ring[at + 1]?.[0] ?? 0) * py,
        0,
      );
    expect(Math.abs(area) / 2).toBe(width * height);
  });
});

it("says what the network said, and of those left out why", () => {
  expect(features.map(({ properties }) => properties.classification.name)).toEqual([
    "malignant",
    "malignant",
    "left out: blurred",
  ]);
  expect(features[0]?.properties).toMatchObject({
    objectType: "tile",
    isLocked: false,
    name: "1",
    measurements: { probability_benign: 0.25, probability_malignant: 0.75 },
  });
  expect(features[2]?.properties.measurements).toEqual({});
  for (const { properties } of features) {
    expect(properties.classification.color).toHaveLength(3);
    for (const part of properties.classification.color) expect(part).toBeLessThanOrEqual(255);
  }
});

it("says of an image what it truly is, and that a program drew it", () => {
  const metadata = (...of: [string, boolean]) =>
    tilesOf(imageReport("a.png"), ...of).features[0]?.properties.metadata;
  expect(metadata("benign", false)).toEqual({ label: "benign" });
  expect(metadata("", true)).toEqual({ drawn: "yes" });
  expect(metadata("", false)).toBeUndefined();
});
