// A database in the browser for each kind of what is kept from visit to visit. What speaks with it is a part of its own: it
// is waited for anyhow, and the page's first scripts are small.

import type { DBSchema, IDBPDatabase } from "idb";
import { part } from "../page/parts.ts";

const IDB = part(async () => await import("./idb.ts"));

export interface Database<Schema extends DBSchema | unknown> {
  /** Opens it for as long as `work` takes. Rejects where the browser keeps nothing for this page. */
  use<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T>;
  /** With all that is in it. */
  remove(): Promise<void>;
}

/** `make`: makes the stores of a new one. */
export function database<Schema extends DBSchema | unknown = unknown>(
  kind: string,
  make: (fresh: IDBPDatabase<Schema>) => void,
): Database<Schema> {
  // With the page's folder, as the caches have it: other copies of the page on this host keep their own.
  const name = () => `${kind} ${new URL(".", document.baseURI).href}`;
  return {
    async use(work) {
      const { openDB } = await IDB.load();
      const opened = await openDB<Schema>(name(), 1, {
        upgrade: (fresh) => make(fresh),
        // Another tab removes it.
        blocking: (_, __, event) => (event.target as IDBDatabase).close(),
      });
      try {
        return await work(opened);
      } finally {
        opened.close();
      }
    },
    async remove() {
      await (await IDB.load()).deleteDB(name());
    },
  };
}
