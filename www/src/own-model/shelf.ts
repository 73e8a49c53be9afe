// Where a person's own model lies from visit to visit: one, in the browser's database.

import type { Variant } from "../engine/protocol.ts";
import { database } from "../offline/database.ts";

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

const DATABASE = database("histoscope", (fresh) => void fresh.createObjectStore(STORE));

/** Puts a model in the place of the one before. Rejects where the browser keeps nothing, or not that much. */
export const keep = (about: Kept, file: Uint8Array): Promise<void> =>
  DATABASE.use(async (database) => {
    const transaction = database.transaction(STORE, "readwrite");
    await Promise.all([
      transaction.store.put(about, ABOUT),
      transaction.store.put(file, FILE),
      transaction.done,
    ]);
  });

/** Null where none is kept, or the browser keeps nothing for this page. */
export const kept = (): Promise<Kept | null> =>
  DATABASE.use((database) => database.get(STORE, ABOUT)).then(
    (about: Kept | undefined) => about ?? null,
    () => null,
  );

export const keptFile = (): Promise<Uint8Array | undefined> =>
  DATABASE.use((database) => database.get(STORE, FILE));

export const remove = (): Promise<void> => DATABASE.remove().catch(() => {});
