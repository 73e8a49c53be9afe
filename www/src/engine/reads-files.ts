// Whether this worker can read files: WebKit lets those of a page that was opened as a file read none.

/** To be asked only where there is no origin: it costs the start some time. */
export async function readsFiles(): Promise<boolean> {
  if (globalThis.origin !== "null") return true;
  return new Blob(["?"]).arrayBuffer().then(
    () => true,
    () => false,
  );
}
