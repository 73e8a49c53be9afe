// What is taken away: names of files, and tiles that a library of GeoJSON takes.

import { check } from "@placemarkio/check-geojson";
import { unzipSync, Zip, ZipPassThrough } from "fflate";
import { expect, it } from "vitest";
import { patientsCsv } from "../src/study/csv.ts";
import { Entry } from "../src/study/entry.ts";
import { commonFolder, exported, exportedFolder, patientsOf } from "../src/study/exports.ts";
import { tilesOf } from "../src/study/geojson.ts";
import { partOf, selectionOf } from "../src/study/selection.ts";
import { Study } from "../src/study/study.ts";
import { PLAIN_VIEW } from "../src/study/table.ts";
import { dated } from "../src/view/download.ts";
import { zipOfTiles } from "../src/view/zip.ts";
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

/** Two images of Ada, of which one is malignant, and one of Ben. */
function studied(): Study {
  const study = new Study();
  const images = [
    ["s/ada/1.png", "Ada", 0.9],
    ["s/ada/2.png", "Ada", 0.2],
    ["s/ben/1.png", "Ben", 0.1],
  ] as const;
  study.add(
    images.map(([path, patient, malignant]) => {
      const entry = Entry.of(path, imageReport(path, malignant));
      entry.assign(patient);
      return entry;
    }),
  );
  return study;
}

it("a filter leaves the patients of whom an image is shown, each over all images of theirs", () => {
  const study = studied();
  const lines = () =>
    patientsCsv(patientsOf(study, study.listedEntries()), exported(study)).trimEnd().split("\r\n");
  const [, ...all] = lines();
  expect(all.map((line) => line.split(",")[0])).toEqual(["Ada", "Ben"]);
  study.view.value = { ...PLAIN_VIEW, shown: "malignant" };
  expect(study.listed.value).toBe(1);
  expect(lines().slice(1)).toEqual(all.slice(0, 1));
});

it("results are those that the filter shows, say so, and have no verdict together", () => {
  const study = studied();
  study.remove(study.entries.value.slice(2));
  const whole = exportedFolder(study, null);
  expect(whole).not.toHaveProperty("filter");
  expect([whole.num_images, whole.aggregated_diagnosis?.prediction]).toEqual([2, "malignant"]);
  study.view.value = { ...PLAIN_VIEW, text: " ADA ", shown: "malignant", label: "" };
  const part = exportedFolder(study, null);
  expect(part.filter).toEqual({ images: 1, of: 2, text: "ADA", shown: "malignant", label: "" });
  expect(part.paths).toEqual(["s/ada/1.png"]);
  expect(part.individual_results).toHaveLength(1);
  expect([part.num_images, part.verdict, part.aggregated_diagnosis]).toEqual([1, null, null]);
  expect(part.no_verdict).toBe("part of a study");
  // Ada speaks for both of hers.
  expect(part.patients.map(({ num_images, images }) => [num_images, images])).toEqual([[2, [0]]]);
  // A filter that lets every image through is none.
  study.view.value = { ...PLAIN_VIEW, text: "ada" };
  expect(selectionOf(study)).toEqual({ entries: study.entries.value, filter: null });
});

it("is of a part where a filter shows a part, or where not every image has come to an end", () => {
  const study = studied();
  const of = study.total.value;
  expect(partOf(study)).toBeNull();
  study.add([new Entry({ path: "s/new.png", file: new File([], "new.png") })]);
  expect(partOf(study)).toEqual({ images: of, of: of + 1 });
  study.view.value = { ...PLAIN_VIEW, shown: "malignant" };
  expect(partOf(study)).toMatchObject({ images: 1, of: of + 1 });
});

it("tiles of all images are one archive, with a file for each that has a result", async () => {
  const study = studied();
  study.add([new Entry({ path: "s/new.png", file: new File([], "new.png") })]);
  const told: number[] = [];
  const progress = { signal: new AbortController().signal, onDone: (done: number) => told.push(done) };
  const zip = await zipOfTiles(study.listedEntries(), progress);
  const files = unzipSync(new Uint8Array(await zip.arrayBuffer()));
  expect(Object.keys(files).sort()).toEqual(
    ["ada/1", "ada/2", "ben/1"].map((name) => `s/${name}.histoscope.geojson`),
  );
  const first = new TextDecoder().decode(files["s/ada/1.histoscope.geojson"]);
  expect(check(first)).toEqual(tilesOf(imageReport("s/ada/1.png", 0.9)));
  expect(told).toEqual([1, 2, 3, 4]);
  const stopped = { ...progress, signal: AbortSignal.abort(new Error("stopped")) };
  await expect(zipOfTiles(study.listedEntries(), stopped)).rejects.toThrow("stopped");
});
