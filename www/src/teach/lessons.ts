// The lessons of this machine: which are kept, which one judges now, and how they come in and go out.

import { type ReadonlySignal, signal } from "@preact/signals";
import { asHistoscopeError, type HistoscopeError } from "../base/errors.ts";
import { reason } from "../engine/fetching.ts";
import type { Say } from "../words/words.ts";
import type { Lesson, LessonFacts } from "./lesson.ts";
import type { KeptLesson, LessonShelf } from "./shelf.ts";

export interface LessonsSettings {
  readonly shelf: LessonShelf;
  /** Has the core read a lesson for the model of now; gives its digest. Rejects with what is wrong with it. */
  readonly check: (text: string) => Promise<string>;
  /** Has every result judged anew by a lesson, or by the model itself. */
  readonly judge: (lesson: Lesson | null) => Promise<void>;
  /** Told when what is kept in the browser has changed. */
  readonly onKept?: () => void;
  readonly now?: () => number;
}

export class Lessons {
  readonly #settings: LessonsSettings;
  readonly #kept = signal<readonly KeptLesson[]>([]);
  readonly #inForce = signal<Lesson | null>(null);
  readonly #trouble = signal<HistoscopeError | null>(null);
  readonly #notice = signal<Say | null>(null);

  constructor(settings: LessonsSettings) {
    this.#settings = settings;
  }

  /** The newest first. */
  get kept(): ReadonlySignal<readonly KeptLesson[]> {
    return this.#kept;
  }

  /** The lesson that judges; null where the model itself does. */
  get inForce(): ReadonlySignal<Lesson | null> {
    return this.#inForce;
  }

  /** Why the last lesson could not be used. */
  get trouble(): ReadonlySignal<HistoscopeError | null> {
    return this.#trouble;
  }

  /** A remark, such as that a lesson could not be kept. */
  get notice(): ReadonlySignal<Say | null> {
    return this.#notice;
  }

  /** Looks what is kept from earlier visits. */
  async look(): Promise<void> {
    this.#kept.value = await this.#settings.shelf.lessons();
  }

  /** Reads a lesson for the model of now. Rejects with what is wrong with it. */
  async read(text: string): Promise<Lesson> {
    const sha256 = await this.#settings.check(text);
    return { text, sha256, facts: JSON.parse(text) as LessonFacts };
  }

  /** Reads a lesson and has it judge from now on; it is kept, too. False where it cannot be used. */
  async take(text: string): Promise<boolean> {
    this.#trouble.value = null;
    try {
      await this.use(await this.read(text));
      return true;
    } catch (error) {
      this.#trouble.value = asHistoscopeError(error);
      return false;
    }
  }

  /** Has a lesson judge that was read for the model of now. */
  async use(lesson: Lesson): Promise<void> {
    this.#inForce.value = lesson;
    await this.#settings.judge(lesson);
    await this.#keep(lesson);
  }

  /** Back to the model itself; what is kept stays. */
  async leave(): Promise<void> {
    if (this.#inForce.peek() === null) return;
    this.#inForce.value = null;
    await this.#settings.judge(null);
  }

  /** Removes a lesson from this machine; one that judges goes on doing so until another does. */
  async remove(sha256: string): Promise<void> {
    await this.#settings.shelf.remove(sha256);
    await this.look();
    this.#settings.onKept?.();
  }

  async removeAll(): Promise<void> {
    await this.#settings.shelf.removeAll();
    this.#kept.value = [];
  }

  /** The trouble has been read. */
  dismiss(): void {
    this.#trouble.value = null;
    this.#notice.value = null;
  }

  async #keep(lesson: Lesson): Promise<void> {
    const { shelf, now = Date.now, onKept } = this.#settings;
    try {
      await shelf.keep({ ...lesson, kept: now() });
      await this.look();
      this.#notice.value = null;
      onKept?.();
    } catch (error) {
      const why = reason(error);
      this.#notice.value = ({ teach }) => teach.lessons.notKept(why);
    }
  }
}
