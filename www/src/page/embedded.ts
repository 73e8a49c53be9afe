// The files that the single-file edition carries in itself, as gzip in base64 in script elements that are no scripts.
// `single-file.mjs` writes them; the page on a server has none.

const MARK = "script[data-file]";

/** Whether this is the edition that is one file. */
export function isSingleFile(): boolean {
  return "document" in globalThis && document.querySelector(MARK) !== null;
}

function elementOf(name: string): HTMLElement | null {
  if (!("document" in globalThis)) return null;
  return document.querySelector<HTMLElement>(`${MARK}[data-file="${CSS.escape(name)}"]`);
}

/** Whether a file of this name is embedded. */
export const isEmbedded = (name: string): boolean => elementOf(name) !== null;

/** The embedded file of this name, as a server would answer; null if it is not embedded. */
export function embedded(name: string): Response | null {
  const element = elementOf(name);
  if (element === null) return null;
  const packed = Uint8Array.from(atob(element.textContent ?? ""), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream, { headers: { "content-type": element.dataset["type"] ?? "" } });
}
