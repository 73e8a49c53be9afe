// Patches of any classes as GeoJSON, on a slide's map and by their colours: as the command line writes them, which has the same
// fixture (`tests/it/tiles.rs`).

import { expect, it } from "vitest";
import cases from "../../tests/fixtures/tiles.json";
import { mapOf } from "../src/slide/map.ts";
import { patchShares, type Rgb, spokenOf } from "../src/study/classes.ts";
import { type Tile, tilesOf } from "../src/study/geojson.ts";
import type { ImageReport } from "../src/study/report.ts";
import { sharesTone } from "../src/view/colours.ts";

interface Case {
  readonly name: string;
  readonly report: ImageReport;
  readonly tiles: readonly Tile[];
  readonly colours: readonly (Rgb | null)[];
}

const CASES = cases as unknown as readonly Case[];

it.each(CASES)("of $name are those of the command line", ({ report, tiles, colours }) => {
  expect(tilesOf(report).features).toEqual(tiles);
  const { classes } = spokenOf(report);
  const tone = (shares: readonly number[] | null) => shares && sharesTone(classes, shares);
  expect(patchShares(report).map(tone)).toEqual(colours);
  // What the reader's module draws is told by the same shares.
  const map = mapOf(report);
  expect(map === null).toBe(report.slide === undefined);
  if (map === null) return;
  expect(map.classes).toEqual(classes);
  expect(map.squares.map(({ shares }) => tone(shares))).toEqual(colours);
  const corner = tiles.map(({ geometry }) => geometry.coordinates[0]?.[0]);
  expect(map.squares.map(({ x, y }) => [x, y])).toEqual(corner);
});
