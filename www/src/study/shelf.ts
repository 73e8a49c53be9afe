// Where studies lie from visit to visit: in the browser's database, each under an id of its own.

import type { DBSchema } from "idb";
import { database } from "../offline/database.ts";
import type { KeptImage, KeptStudy } from "./kept.ts";
import { type AnyPart, imagesOf, Parts, toWrite } from "./parts.ts";

interface Schema extends DBSchema {
  studies: { key: string; value: KeptStudy };
  /** By study and place. */
  images: { key: [string, number]; value: AnyPart };
}

/** What a keeper needs of the shelf, so that a test needs no browser. */
export interface Shelf {
  /** Rejects where the browser keeps nothing, or no more. */
  keep(about: KeptStudy, changed: readonly KeptImage[], gone: readonly number[]): Promise<void>;
  /** The newest first. None where the browser keeps nothing for this page. */
  studies(): Promise<KeptStudy[]>;
  images(id: string): Promise<KeptImage[]>;
  remove(id: string): Promise<void>;
  removeAll(): Promise<void>;
}

const DATABASE = database<Schema>("histoscope studies", (fresh) => {
  fresh.createObjectStore("studies", { keyPath: "id" });
  fresh.createObjectStore("images");
});

/** Every image of a study: arrays are greater than numbers. */
const allOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

/** Of the studies that this visit writes. */
const written = new Map<string, Parts>();

export const SHELF: Shelf = {
  keep: (about, images, gone) =>
    DATABASE.use(async (database) => {
      const parts = written.get(about.id) ?? new Parts();
      written.set(about.id, parts);
      const part = parts.part(images, gone);
      const transaction = database.transaction(["studies", "images"], "readwrite");
      const store = transaction.objectStore("images");
      await Promise.all([
        transaction.objectStore("studies").put(about),
        store.put(toWrite(part), [about.id, parts.next]),
        ...parts.spent(part).map((place) => store.delete([about.id, place])),
        transaction.done,
      ]);
      parts.wrote(part);
    }),
  studies: () =>
    DATABASE.use((database) => database.getAll("studies")).then(
      (all) => all.sort((a, b) => b.changed - a.changed),
      () => [],
    ),
  images: (id) => DATABASE.use(async (database) => imagesOf(await database.getAll("images", allOf(id)))),
  remove: (id) =>
    DATABASE.use(async (database) => {
      const transaction = database.transaction(["studies", "images"], "readwrite");
      await Promise.all([
        transaction.objectStore("studies").delete(id),
        transaction.objectStore("images").delete(allOf(id)),
        transaction.done,
      ]);
    }),
  removeAll: () => DATABASE.remove(),
};
