// Saves what the page made as a file.

/** In characters. */
const INDENTED_BELOW = 1_000_000;
const MOST_OF_FOLDER = 40;

/** Of the download before. */
let address: string | undefined;

function download(name: string, content: Blob): void {
  // Not by the clock: Safari asks first whether the page may save files, and whoever thinks about it must not get nothing.
  if (address !== undefined) URL.revokeObjectURL(address);
  address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

/** Indented for people, but not where so many patches make it several times as large as it need be. */
export function downloadJson(name: string, content: unknown, type = "application/json"): void {
  const compact = JSON.stringify(content);
  const text = compact.length > INDENTED_BELOW ? compact : JSON.stringify(content, null, 2);
  download(name, new Blob([`${text}\n`], { type }));
}

/** To the letter. */
export function downloadText(name: string, content: string, type: string): void {
  download(name, new Blob([content], { type }));
}

export function downloadBytes(name: string, content: Uint8Array<ArrayBuffer>, type: string): void {
  download(name, new Blob([content], { type }));
}

export function downloadCsv(name: string, content: string): void {
  download(name, new Blob([content], { type: "text/csv;charset=utf-8" }));
}

/** `roc` gives `histoscope-roc-2026-11-27.svg`. */
export function downloadSvg(what: string, content: string): void {
  download(dated(what, "svg"), new Blob([content], { type: "image/svg+xml" }));
}

export function downloadPicture(name: string, content: Blob): void {
  download(name, content);
}

const stem = (filename: string): string => filename.replace(/\.[^.]*$/, "");

/** `slide.png` gives `slide.histoscope.json`. */
export const reportName = (filename: string): string => `${stem(filename)}.histoscope.json`;

/** `slide.tif` gives `slide.histoscope.png`. */
export const pictureName = (filename: string): string => `${stem(filename)}.histoscope.png`;

/** `slide.tif` gives `slide.histoscope.geojson`. */
export const tilesName = (filename: string): string => `${stem(filename)}.histoscope.geojson`;

/** `slide.svs` gives `slide.histoscope-map.tif`. */
export const mapName = (filename: string, extension: string): string =>
  `${stem(filename)}.histoscope-map.${extension}`;

/**
 * `histoscope-images-north-2026-11-27.csv`, by the clock of the machine; `folder` is left out where it is empty. */
export function dated(what: string, extension: string, folder = "", now = new Date()): string {
  const part = (value: number) => String(value).padStart(2, "0");
  const date = `${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())}`;
  const named = folder
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, MOST_OF_FOLDER);
  return `histoscope-${what}-${named === "" ? "" : `${named}-`}${date}.${extension}`;
}
