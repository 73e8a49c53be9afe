// Options from one visit to the next, in the browser's storage: the query that the page's address would have.

const KEY = "histoscope.options";

/** Empty where nothing is kept, or the browser keeps nothing for this page. */
export function rememberedOptions(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function rememberOptions(query: string): void {
  try {
    if (query === "") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, query);
  } catch {
    // A browser that keeps nothing takes only this comfort away.
  }
}
