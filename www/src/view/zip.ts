// A file for each of many images in one ZIP. Each is put behind the one before and let go of as soon as it is in.

import { Zip, ZipDeflate, ZipPassThrough } from "fflate";
import type { Settings } from "../run/options.ts";
import type { Entry } from "../study/entry.ts";
import { tilesOf } from "../study/geojson.ts";
import { pictureName, tilesName } from "./download.ts";
import { pictureOf } from "./map-picture.ts";
import type { Progress } from "./packing.ts";
import { zipNames } from "./zip-names.ts";

/** A PNG of each image with its map; pictures are compressed already. */
export const zipOfPictures = (
  entries: readonly Entry[],
  settings: Settings,
  progress: Progress,
): Promise<Blob> =>
  zipOf(
    entries,
    pictureName,
    (name) => new ZipPassThrough(name),
    async (entry) => {
      const picture = await pictureOf(entry, settings);
      return picture && new Uint8Array(await picture.arrayBuffer());
    },
    progress,
  );

/** The patches of each image that has a result, as GeoJSON. */
export const zipOfTiles = (entries: readonly Entry[], progress: Progress): Promise<Blob> =>
  zipOf(
    entries,
    tilesName,
    (name) => new ZipDeflate(name),
    async (entry) => {
      const state = entry.state.peek();
      if (state.kind !== "done") return null;
      return new TextEncoder().encode(JSON.stringify(tilesOf(state.report, entry.label.peek(), entry.demo)));
    },
    progress,
  );

/** Without those of which `contentOf` gives null. Stopped by the signal, it rejects with its reason. */
async function zipOf(
  entries: readonly Entry[],
  nameOf: (path: string) => string,
  fileOf: (name: string) => ZipPassThrough | ZipDeflate,
  contentOf: (entry: Entry) => Promise<Uint8Array | null>,
  { signal, onDone }: Progress,
): Promise<Blob> {
  const parts: Blob[] = [];
  let trouble: Error | null = null;
  const zip = new Zip((error, chunk) => {
    trouble ??= error;
    // Blobs lie outside of the page's memory where a browser can put them there.
    parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  });
  const names = zipNames(entries.map(({ path }) => nameOf(path)));
  for (const [index, entry] of entries.entries()) {
    signal.throwIfAborted();
    const content = await contentOf(entry);
    if (content !== null) {
      const file = fileOf(names[index] ?? String(index));
      zip.add(file);
      file.push(content, true);
    }
    onDone(index + 1);
  }
  zip.end();
  if (trouble !== null) throw trouble;
  return new Blob(parts, { type: "application/zip" });
}
