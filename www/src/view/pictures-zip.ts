// Many images with their maps in one ZIP. Pictures are compressed already, so they are only put one after the other, and
// each is let go of as soon as it is in.

import { Zip, ZipPassThrough } from "fflate";
import type { Settings } from "../run/options.ts";
import type { Entry } from "../study/entry.ts";
import { pictureName } from "./download.ts";
import { pictureOf } from "./map-picture.ts";
import { zipNames } from "./zip-names.ts";

/** `onDone` is told after each picture; stopped by `signal`, it rejects with its reason. */
export async function zipOfPictures(
  entries: readonly Entry[],
  settings: Settings,
  signal: AbortSignal,
  onDone: (done: number) => void,
): Promise<Blob> {
  const parts: Blob[] = [];
  let trouble: Error | null = null;
  const zip = new Zip((error, chunk) => {
    trouble ??= error;
    // Blobs lie outside of the page's memory where a browser can put them there.
    parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  });
  const names = zipNames(entries.map(({ path }) => pictureName(path)));
  for (const [index, entry] of entries.entries()) {
    signal.throwIfAborted();
    const picture = await pictureOf(entry, settings);
    if (picture !== null) {
      const file = new ZipPassThrough(names[index] ?? `${index}.png`);
      zip.add(file);
      file.push(new Uint8Array(await picture.arrayBuffer()), true);
    }
    onDone(index + 1);
  }
  zip.end();
  if (trouble !== null) throw trouble;
  return new Blob(parts, { type: "application/zip" });
}
