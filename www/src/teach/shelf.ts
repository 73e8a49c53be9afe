// Where lessons lie from visit to visit: in the browser's database, each under its digest.

import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type { Lesson } from "./lesson.ts";

export interface KeptLesson extends Lesson {
  /** Milliseconds since 1970. */
  readonly kept: number;
}

interface Schema extends DBSchema {
  lessons: { key: string; value: KeptLesson };
}

/** What is needed of the shelf, so that a test needs no browser. */
export interface LessonShelf {
  /** Rejects where the browser keeps nothing, or no more. */
  keep(lesson: KeptLesson): Promise<void>;
  /** The newest first; none where the browser keeps nothing for this page. */
  lessons(): Promise<KeptLesson[]>;
  remove(sha256: string): Promise<void>;
  removeAll(): Promise<void>;
}

/** With the page's folder: other copies of the page on this host keep their own. */
const databaseName = () => `histoscope lessons ${new URL(".", document.baseURI).href}`;

async function withStore<T>(use: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const database = await openDB<Schema>(databaseName(), 1, {
    upgrade: (fresh) => void fresh.createObjectStore("lessons", { keyPath: "sha256" }),
    // Another tab removes it.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
  });
  try {
    return await use(database);
  } finally {
    database.close();
  }
}

export const LESSON_SHELF: LessonShelf = {
  keep: (lesson) =>
    withStore(async (database) => {
      await database.put("lessons", lesson);
    }),
  lessons: () =>
    withStore((database) => database.getAll("lessons")).then(
      (all) => all.sort((a, b) => b.kept - a.kept),
      () => [],
    ),
  remove: (sha256) => withStore((database) => database.delete("lessons", sha256)),
  removeAll: () => deleteDB(databaseName()).catch(() => {}),
};
