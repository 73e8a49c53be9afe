// Saved reports in the worker: the core reads them, and what it found goes to the page a portion at a time, so that no
// portion keeps the page from answering.

import { ofCore } from "./core-error.ts";
import type { SavedContent, SavedEvent } from "./protocol.ts";

/** Characters of JSON that the page takes at once: some ten milliseconds. */
const PORTION = 2 ** 18;

/** `read` is the core's, of one file. */
export function readSaved(
  contents: readonly SavedContent[],
  read: (json: Uint8Array) => string[],
  tell: (event: SavedEvent) => void,
): void {
  for (const [place, content] of contents.entries()) {
    let images: string[];
    try {
      images = read(bytesOf(content));
    } catch (thrown) {
      const error = ofCore(thrown);
      if (error === null) throw thrown;
      tell({ place, error });
      continue;
    }
    for (const saved of portions(images)) tell({ place, saved });
  }
}

const bytesOf = (content: SavedContent): Uint8Array =>
  content instanceof ArrayBuffer
    ? new Uint8Array(content)
    : new TextEncoder().encode(JSON.stringify(content));

/** JSON arrays of some of them each. */
function* portions(images: readonly string[]): Generator<string> {
  let portion: string[] = [];
  let length = 0;
  for (const image of images) {
    portion.push(image);
    length += image.length;
    if (length < PORTION) continue;
    yield `[${portion.join()}]`;
    portion = [];
    length = 0;
  }
  if (portion.length > 0) yield `[${portion.join()}]`;
}
