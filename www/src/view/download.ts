// Saves what the page made as a file.

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

export function downloadJson(name: string, content: unknown): void {
  download(name, new Blob([`${JSON.stringify(content, null, 2)}\n`], { type: "application/json" }));
}

export function downloadCsv(name: string, content: string): void {
  download(name, new Blob([content], { type: "text/csv;charset=utf-8" }));
}

export function downloadPicture(name: string, content: Blob): void {
  download(name, content);
}

const stem = (filename: string): string => filename.replace(/\.[^.]*$/, "");

/** `slide.png` gives `slide.histoscope.json`. */
export const reportName = (filename: string): string => `${stem(filename)}.histoscope.json`;

/** `slide.tif` gives `slide.histoscope.png`. */
export const pictureName = (filename: string): string => `${stem(filename)}.histoscope.png`;
