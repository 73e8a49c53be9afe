// Where a person's own model lies from visit to visit: one, in the browser's database.

import { deleteDB, type IDBPDatabase, openDB } from "idb";
import type { Variant } from "../engine/protocol.ts";

/** What is known of a kept model without reading its file. */
export interface Kept {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly manifest: string;
  readonly variant: Variant;
}

const STORE = "own-model";
const ABOUT = "about";
const FILE = "file";

/** With the page's folder, as the caches have it: other copies of the page on this host keep their own. */
const databaseName = () => `histoscope ${new URL(".", document.baseURI).href}`;

async function withStore<T>(use: (database: IDBPDatabase) => Promise<T>): Promise<T> {
  const database = await openDB(databaseName(), 1, {
    upgrade: (fresh) => void fresh.createObjectStore(STORE),
    // Another tab removes it.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
  });
  try {
    return await use(database);
  } finally {
    database.close();
  }
}

/** Puts a model in the place of the one before. Rejects where the browser keeps nothing, or not that much. */
export const keep = (about: Kept, file: Uint8Array): Promise<void> =>
  withStore(async (database) => {
    const transaction = database.transaction(STORE, "readwrite");
    await Promise.all([
      transaction.store.put(about, ABOUT),
      transaction.store.put(file, FILE),
      transaction.done,
    ]);
  });

/** Null where none is kept, or the browser keeps nothing for this page. */
export const kept = (): Promise<Kept | null> =>
  withStore((database) => database.get(STORE, ABOUT)).then(
    (about: Kept | undefined) => about ?? null,
    () => null,
  );

export const keptFile = (): Promise<Uint8Array | undefined> =>
  withStore((database) => database.get(STORE, FILE));

export const remove = (): Promise<void> => deleteDB(databaseName()).catch(() => {});
