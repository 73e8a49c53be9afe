// The lessons of this machine: which are kept, which one judges now, and how they come in and go out.

import { type ReadonlySignal, signal } from "@preact/signals";
import { asHistoscopeError, CancelledError, type HistoscopeError } from "../base/errors.ts";
import { reason } from "../engine/fetching.ts";
import type { Say } from "../words/words.ts";
import type { TeachCore } from "./core.ts";
import { baseOf, digestBy, type Lesson, type LessonFacts } from "./lesson.ts";
import type { Progress } from "./networks.ts";
import type { KeptLesson, LessonShelf } from "./shelf.ts";

export interface LessonsSettings {
  readonly shelf: LessonShelf;
  /** Has the core read a lesson for the network that it was taught on; gives its digest. Rejects with what is wrong with it. */
  readonly check: (text: string) => Promise<string>;
  /** Whether nothing has to be fetched for a lesson that was taught on the network of this digest. */
  readonly isHere?: (network: string) => Promise<boolean>;
  /** Fetches that network. */
  readonly bring?: (network: string, signal: AbortSignal, onProgress: Progress) => Promise<void>;
  /** Has every result judged anew by a lesson, or by the model itself. */
  readonly judge: (lesson: Lesson | null) => Promise<void>;
  /** Told when what is kept in the browser has changed. */
  readonly onKept?: () => void;
  readonly now?: () => number;
}

/** A lesson whose network has to be fetched before it can judge; a person decides. */
export interface Wanting {
  readonly text: string;
  readonly name: string;
  /** In bytes; null while nobody has asked for it. */
  readonly progress: { readonly received: number; readonly total: number } | null;
}

export class Lessons {
  readonly #settings: LessonsSettings;
  readonly #kept = signal<readonly KeptLesson[]>([]);
  readonly #inForce = signal<Lesson | null>(null);
  readonly #trouble = signal<HistoscopeError | null>(null);
  readonly #notice = signal<Say | null>(null);
  readonly #wanting = signal<Wanting | null>(null);
  #asked = new AbortController();

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

  /** The lesson that waits for its network. */
  get wanting(): ReadonlySignal<Wanting | null> {
    return this.#wanting;
  }

  /** Looks what is kept from earlier visits. */
  async look(): Promise<void> {
    this.#kept.value = await this.#settings.shelf.lessons();
  }

  /** Reads a lesson for its network, or with a core that has it open. Rejects with what is wrong with it. */
  async read(text: string, core?: TeachCore): Promise<Lesson> {
    const sha256 = core === undefined ? await this.#settings.check(text) : await digestBy(core, text);
    return { text, sha256, facts: JSON.parse(text) as LessonFacts };
  }

  /**
   * Reads a lesson and has it judge from now on; it is kept, too. False where it cannot be used, or waits for its network.
   */
  async take(text: string): Promise<boolean> {
    this.decline();
    const { signal } = this.#asked;
    this.#trouble.value = null;
    const base = baseOf(text);
    const { isHere = async () => true } = this.#settings;
    if (base !== null && !(await isHere(base))) {
      if (!signal.aborted) this.#wanting.value = { text, name: nameOf(text), progress: null };
      return false;
    }
    return this.#take(text, signal);
  }

  /** To read it an engine may have to start, which takes seconds: what somebody has asked for meanwhile stands. */
  async #take(text: string, signal: AbortSignal): Promise<boolean> {
    try {
      const lesson = await this.read(text);
      if (signal.aborted) return false;
      await this.#use(lesson);
      return true;
    } catch (error) {
      if (!signal.aborted) this.#trouble.value = asHistoscopeError(error);
      return false;
    }
  }

  /** Fetches what the waiting lesson needs, and has it judge. */
  async fetchWanted(): Promise<void> {
    const wanting = this.#wanting.peek();
    const base = wanting && baseOf(wanting.text);
    if (wanting === null || base === null) return;
    this.#stop();
    const { signal } = this.#asked;
    this.#trouble.value = null;
    try {
      await this.#settings.bring?.(base, signal, (received, total) => {
        if (!signal.aborted) this.#wanting.value = { ...wanting, progress: { received, total } };
      });
    } catch (error) {
      if (signal.aborted) return;
      this.#trouble.value = asHistoscopeError(error);
      this.#wanting.value = { ...wanting, progress: null };
      return;
    }
    if (signal.aborted) return;
    this.#wanting.value = null;
    await this.#take(wanting.text, signal);
  }

  /** The waiting lesson is not to judge; what is on its way for it is stopped. */
  decline(): void {
    this.#stop();
    this.#wanting.value = null;
  }

  /** Stops what is on its way. */
  #stop(): void {
    this.#asked.abort(new CancelledError());
    this.#asked = new AbortController();
  }

  /** Has a lesson judge that was read, on its own network; it is kept, too. */
  async use(lesson: Lesson): Promise<void> {
    this.decline();
    await this.#use(lesson);
  }

  async #use(lesson: Lesson): Promise<void> {
    this.#inForce.value = lesson;
    // Beside the judging, which may fail, or be overtaken: the lesson was made all the same.
    const kept = this.#keep(lesson);
    await this.#settings.judge(lesson);
    await kept;
  }

  /** Back to the model itself; what is kept stays. */
  async leave(): Promise<void> {
    this.decline();
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

/** As its file has it: nobody has read that yet. */
function nameOf(text: string): string {
  const { name } = JSON.parse(text) as { readonly name?: unknown };
  return typeof name === "string" ? name : "";
}
