// Saves what the page made as a file.

function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the blob once it has begun, which is a moment after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
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
