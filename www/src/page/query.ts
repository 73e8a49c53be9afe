// The query of the page's address, which tells options and language. WebKit lets a page change its address a hundred times
// in ten seconds, then it throws; a key held on a slider asks for more. What was refused is tried again.

/** What of a window it takes; given from outside so that a test can refuse. */
export interface AddressBar {
  readonly location: Pick<Location, "pathname" | "search" | "hash">;
  readonly history: Pick<History, "replaceState">;
}

/** How long a refused change waits, in milliseconds. */
const AGAIN_MS = 1000;
/** Older WebKits count over half a minute. An address that can't be changed at all is let be after that. */
const TRIES = 40;

export class Query {
  readonly #bar: AddressBar;
  /** What shall stand there and does not yet. */
  #wanted: string | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(bar: AddressBar) {
    this.#bar = bar;
  }

  /** With its question mark, or empty. */
  get text(): string {
    return this.#wanted ?? this.#bar.location.search;
  }

  set text(text: string) {
    this.#try(text, TRIES);
  }

  #try(text: string, tries: number): void {
    clearTimeout(this.#again);
    this.#wanted = this.#write(text) ? null : text;
    if (this.#wanted === null || tries === 1) return;
    this.#again = setTimeout(() => this.#try(text, tries - 1), AGAIN_MS);
  }

  /** Whether it stands there now. */
  #write(text: string): boolean {
    const { location, history } = this.#bar;
    try {
      history.replaceState(null, "", location.pathname + text + location.hash);
    } catch {
      return false;
    }
    return true;
  }
}

export const query = new Query(globalThis);
