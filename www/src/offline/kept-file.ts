// Files that few need, kept in the browser once they were fetched. The service worker keeps what everybody needs, and knows
// nothing of them.

import { CACHE_PREFIX } from "./names.ts";

/** Where such files lie from visit to visit, so that a test needs no browser. */
export interface FileShelf {
  /** False where the browser keeps nothing for this page. */
  has(url: string): Promise<boolean>;
  /** Null where it is not kept. */
  get(url: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** All but `current` goes, for it is of an earlier version. What cannot be kept is fetched again on the next visit. */
  keep(url: string, bytes: Uint8Array<ArrayBuffer>, current: readonly string[]): Promise<void>;
  remove(url: string): Promise<void>;
}

/** A cache of this name in the page's folder; it goes with all others of ours (see `Offline.remove`). */
export function fileShelf(name: string): FileShelf {
  const cacheName = () => `${CACHE_PREFIX}-${name}-${new URL(".", document.baseURI).href}`;
  const make = async <T>(wish: (cache: Cache) => Promise<T>): Promise<T | null> => {
    try {
      return await wish(await caches.open(cacheName()));
    } catch {
      return null;
    }
  };
  // To open one makes it: what only looks leaves nothing on the machine.
  const use = async <T>(wish: (cache: Cache) => Promise<T>): Promise<T | null> => {
    const there = await Promise.resolve()
      .then(() => caches.has(cacheName()))
      .catch(() => false);
    return there ? make(wish) : null;
  };
  return {
    has: async (url) => (await use((cache) => cache.match(url))) instanceof Response,
    get: (url) =>
      use(async (cache) => {
        const kept = await cache.match(url);
        return kept === undefined ? null : new Uint8Array(await kept.arrayBuffer());
      }),
    keep: async (url, bytes, current) => {
      await make(async (cache) => {
        const old = (await cache.keys()).filter((request) => !current.includes(request.url));
        await Promise.all(old.map((request) => cache.delete(request)));
        await cache.put(url, new Response(bytes));
      });
    },
    remove: async (url) => {
      await use((cache) => cache.delete(url));
    },
  };
}
