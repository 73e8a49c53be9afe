// What is taken away: names of files, and tiles that a library of GeoJSON takes.

import { check } from "@placemarkio/check-geojson";
import { unzipSync, Zip, ZipPassThrough } from "fflate";
import { expect, it } from "vitest";
import { Entry } from "../src/study/entry.ts";
import { commonFolder } from "../src/study/exports.ts";
import { tilesOf } from "../src/study/geojson.ts";
import { dated } from "../src/view/download.ts";
import { zipNames } from "../src/view/zip-names.ts";
import { imageReport } from "./reports.ts";

it("tiles are GeoJSON to a library that reads it strictly", () => {
  const tiles = tilesOf(imageReport("a.png"), "benign");
  const read = check(JSON.stringify(tiles));
  expect(read).toEqual(tiles);
  expect(tiles.features.every(({ properties }) => properties.metadata?.["label"] === "benign")).toBe(true);
  // It would not take anything.
  expect(() => check(JSON.stringify({ ...tiles, features: [{ type: "Feature" }] }))).toThrow();
});

it("a name has folder and date, and nothing that a file system refuses", () => {
  const day = new Date(2026, 10, 7);
  expect(dated("images", "csv", "", day)).toBe("histoscope-images-2026-11-07.csv");
  expect(dated("images", "csv", "north", day)).toBe("histoscope-images-north-2026-11-07.csv");
  expect(dated("maps", "zip", " a/b: Müller? ", day)).toBe("histoscope-maps-a-b-Müller-2026-11-07.zip");
  expect(dated("maps", "zip", "x".repeat(500), day)).toHaveLength(71);
});

it("the folder is the one in which all images lie", () => {
  const images = (...paths: string[]) => paths.map((path) => new Entry({ path, file: new File([], "x") }));
  expect(commonFolder(images("s/a/1.png", "s/2.png"))).toBe("s");
  expect(commonFolder(images("s/1.png", "t/2.png"))).toBe("");
  expect(commonFolder(images("s/1.png", "2.png"))).toBe("");
  expect(commonFolder([])).toBe("");
});

it("names in an archive stay within it, and none is there twice", () => {
  expect(
    zipNames([
      "a/x.png",
      "a/x.png",
      "A/X.png",
      "../../etc/x.png",
      "/c:/x.png",
      "..",
      "n\u0000l.histoscope.png",
    ]),
  ).toEqual([
    "a/x.png",
    "a/x (2).png",
    "A/X (3).png",
    "etc/x.png",
    "c_/x.png",
    "image.png",
    "n_l.histoscope.png",
  ]);
  expect(zipNames(["x.histoscope.png", "x.histoscope.png"])[1]).toBe("x (2).histoscope.png");
});

it("names of other scripts come back from an archive as they were", () => {
  const parts: Uint8Array[] = [];
  const zip = new Zip((_, chunk) => parts.push(chunk));
  for (const name of zipNames(["Müller/ü.png", "病理/1.png"])) {
    const file = new ZipPassThrough(name);
    zip.add(file);
    file.push(new Uint8Array([1, 2, 3]), true);
  }
  zip.end();
  const whole = new Uint8Array(Buffer.concat(parts));
  expect(Object.keys(unzipSync(whole))).toEqual(["Müller/ü.png", "病理/1.png"]);
});
