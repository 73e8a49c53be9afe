// Saves a report as a file.

export function downloadJson(name: string, content: unknown): void {
  const url = URL.createObjectURL(
    new Blob([`${JSON.stringify(content, null, 2)}\n`], { type: "application/json" }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the blob once it has begun, which is a moment after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** `slide.png` gives `slide.histoscope.json`. */
export function reportName(filename: string): string {
  return `${filename.replace(/\.[^.]*$/, "")}.histoscope.json`;
}
