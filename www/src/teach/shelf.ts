// Where lessons lie from visit to visit: in the browser's database, each under its digest.

import type { DBSchema } from "idb";
import { database } from "../offline/database.ts";
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

const DATABASE = database<Schema>("histoscope lessons", (fresh) => {
  fresh.createObjectStore("lessons", { keyPath: "sha256" });
});

export const LESSON_SHELF: LessonShelf = {
  keep: (lesson) =>
    DATABASE.use(async (database) => {
      await database.put("lessons", lesson);
    }),
  lessons: () =>
    DATABASE.use((database) => database.getAll("lessons")).then(
      (all) => all.sort((a, b) => b.kept - a.kept),
      () => [],
    ),
  remove: (sha256) => DATABASE.use((database) => database.delete("lessons", sha256)),
  removeAll: () => DATABASE.remove().catch(() => {}),
};
