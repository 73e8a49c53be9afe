// Parts of the page's script that few need at once: each is a file of its own, fetched when it is asked for, and after the
// start in any case, so that the page needs no network later.

export interface Part<T> {
  /** Rejects where it cannot be fetched; asking again tries again. */
  load(): Promise<T>;
  /** Null while it is not there. */
  readonly loaded: T | null;
}

const all: Part<unknown>[] = [];

export function part<T>(fetch: () => Promise<T>): Part<T> {
  let loaded: T | null = null;
  const made: Part<T> = {
    async load() {
      loaded ??= await fetch();
      return loaded;
    },
    get loaded() {
      return loaded;
    },
  };
  all.push(made);
  return made;
}

/** Has every part at hand, as far as they can be fetched. */
export async function loadAllParts(): Promise<void> {
  await Promise.allSettled(all.map((one) => one.load()));
}
