// What the page knows of judging and teaching, put together: verdicts judged by labels, lessons made and kept, and every
// result judged by the lesson in force.

import { computed, type ReadonlySignal } from "@preact/signals";
import { asHistoscopeError, CancelledError } from "../base/errors.ts";
import { forCore } from "../run/analysis.ts";
import { LessonCam } from "../run/cam.ts";
import type { Fold } from "../run/fold.ts";
import { type Entry, type Said, saidIn } from "../study/entry.ts";
import type { ImageReport } from "../study/report.ts";
import type { Study } from "../study/study.ts";
import { Evaluating } from "./evaluating.ts";
import { judging } from "./later.ts";
import { baseOf, digestBy, type LeftOut, type Lesson, MOST_LESSON_BYTES } from "./lesson.ts";
import { Lessons } from "./lessons.ts";
import { SaidMemory } from "./memory.ts";
import type { Networks } from "./networks.ts";
import type { LessonShelf } from "./shelf.ts";
import { Teaching } from "./teaching.ts";

export interface ClassroomSettings {
  readonly study: Study;
  readonly shelf: LessonShelf;
  readonly networks: Networks;
  /** Runs images again, by the network that judges now. */
  readonly again: (entries: readonly Entry[]) => void;
  /** Takes images out of the run; each has the result back that it had. */
  readonly cancel: (entries: readonly Entry[]) => void;
  /** The classes that the model in use tells apart itself. */
  readonly ofModel: () => readonly string[];
  /** That of verdicts, as a person wants it; null is the head's own. */
  readonly threshold: () => number | null;
  readonly onKept: () => void;
  /** Told when everything has been judged anew, by a lesson or by the model itself. */
  readonly onJudged: (lesson: Lesson | null) => void;
}

export class Classroom {
  readonly memory: SaidMemory;
  readonly evaluating: Evaluating;
  readonly lessons: Lessons;
  readonly teaching: Teaching;
  /** The lesson that judges what runs now; null where the model's own head does. A lesson judges its own network alone. */
  readonly inForce: ReadonlySignal<Lesson | null>;
  /** Its digest; undefined where there is none. */
  readonly lesson: ReadonlySignal<string | undefined>;
  /** Those that are told apart now. */
  readonly classes: ReadonlySignal<readonly string[]>;
  /** What was said of images while they were left out, by path: of the lesson that judges, if it was made on this visit. */
  readonly leftOut: ReadonlySignal<ReadonlyMap<string, LeftOut>>;
  readonly #settings: ClassroomSettings;
  /**
   * The networks that gave way to another whose turn has not come to its end yet, each by all of its precisions: whoever
   * comes to the end has what they have seen looked at anew, for the call that started the engine may have been overtaken.
   */
  #left: (readonly string[])[] = [];

  constructor(settings: ClassroomSettings) {
    const { study, networks } = settings;
    const { core } = networks;
    this.#settings = settings;
    this.memory = new SaidMemory(study);
    this.evaluating = new Evaluating({
      study,
      core,
      classes: () => this.classes.peek(),
      taught: () => this.inForce.peek()?.facts.images ?? [],
    });
    this.lessons = new Lessons({
      shelf: settings.shelf,
      check: (text) => this.#check(text),
      bring: async (base, signal, onProgress) => {
        const deeper = networks.deeper();
        if (deeper?.sha256 !== base) return;
        // At once, so that nobody can ask for it twice.
        onProgress(0, deeper.bytes);
        await deeper.bring(signal, onProgress);
      },
      isHere: async (base) => {
        const deeper = networks.deeper();
        return deeper?.sha256 !== base || (await deeper.look());
      },
      judge: (lesson) => this.#judgeAll(lesson),
      onKept: settings.onKept,
    });
    this.teaching = new Teaching({
      study,
      networks,
      read: (text, by) => this.lessons.read(text, by),
      use: (lesson) => this.lessons.use(lesson),
    });
    this.inForce = computed(() => {
      const lesson = this.lessons.inForce.value;
      return lesson !== null && lesson.facts.model.sha256 === networks.now() ? lesson : null;
    });
    this.classes = computed(() => this.inForce.value?.facts.classes ?? settings.ofModel());
    this.leftOut = computed(() => {
      const said = this.teaching.used.value;
      const judges = said !== null && said.lesson.sha256 === this.lesson.value;
      return new Map(judges ? said.leftOut.map((one) => [one.name, one]) : []);
    });
    this.lesson = computed(() => this.inForce.value?.sha256);
  }

  /** Keeps what the network said of an image, as far as there is room, and gives its report by the head in force. */
  async hear(entry: Entry, report: ImageReport, fold: Fold | null): Promise<ImageReport> {
    const said = saidIn(fold);
    for (;;) {
      const lesson = this.inForce.peek();
      const mine = lesson?.facts.model.sha256 === report.model.sha256;
      const [judged] = lesson !== null && mine ? await this.#judgedBy(report, said, lesson) : [report];
      // Meanwhile another lesson may have come into force.
      if (mine && lesson !== this.inForce.peek()) continue;
      entry.hear(this.memory.admit(entry, said), fold?.cam ?? null);
      return judged ?? report;
    }
  }

  async #judgedBy(original: ImageReport, said: Said, lesson: Lesson): Promise<ImageReport[]> {
    const { judgedBy } = await judging();
    return judgedBy(await this.#settings.networks.core(), [{ original, said }], lesson);
  }

  /** Whether the map within an image's patches is still to be drawn, and can be: the lesson in force has judged it. */
  canDraw(entry: Entry): boolean {
    const state = entry.state.value;
    const lesson = this.lesson.value;
    const cam = entry.results.value?.fold.cam ?? null;
    if (state.kind !== "done" || lesson === undefined || cam !== null) return false;
    const { taught, slide, verdict } = state.report;
    return (
      taught?.lesson?.sha256 === lesson &&
      slide === undefined &&
      verdict !== "not assessable" &&
      entry.hasFile &&
      entry.options !== null
    );
  }

  /** Draws it, unless that is not to be. What goes wrong stands at the image; a call that was stopped says nothing. */
  async draw(entry: Entry, signal: AbortSignal): Promise<void> {
    const { file, options } = entry;
    const lesson = this.inForce.peek();
    if (!this.canDraw(entry) || file === null || options === null || lesson === null) return;
    const { original } = entry;
    try {
      const core = await this.#settings.networks.core();
      const map = await core.map({ file, options: forCore(options) }, lesson.text, signal);
      const { length: classes } = lesson.facts.classes;
      // Meanwhile it may have been run again, or judged by another head.
      if (entry.original === original && map.width > 0) entry.drawn(new LessonCam(map, classes));
    } catch (error) {
      if (!(error instanceof CancelledError)) entry.trouble.value = asHistoscopeError(error);
    }
  }

  /** A lesson's model as an ONNX file. */
  async exported(lesson: Lesson): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#settings.networks.core()).exportLesson(lesson.text);
  }

  /** Reads a lesson's file and has it judge. False where it cannot be used; `lessons.trouble` says why. */
  async take(file: File): Promise<boolean> {
    return this.lessons.take(file.size > MOST_LESSON_BYTES ? "" : await file.text());
  }

  /**
   * Has the core read a lesson over the network that it was taught on, which may have to be started for it: one that cannot
   * be used is refused before anything has changed. Gives its digest.
   */
  async #check(text: string): Promise<string> {
    const { networks } = this.#settings;
    const base = baseOf(text);
    const { signal } = new AbortController();
    const beside = base === null || base === networks.now() ? null : await networks.beside(base, signal);
    try {
      return await digestBy(beside?.core ?? (await networks.core()), text);
    } finally {
      beside?.close();
    }
  }

  /** Judges all anew by the head in force, on its own network. What that one has not seen it looks at now. */
  async #judgeAll(lesson: Lesson | null): Promise<void> {
    const { study, networks, threshold, again, cancel, onJudged } = this.#settings;
    const network = networks.now();
    const stale = () => lesson !== this.lessons.inForce.peek() || network !== networks.now();
    const { from, up } = networks.turn();
    if (from.length > 0) this.#left.push(from);
    if (network === null) return;
    // What was on its way to the other network has a result of this one.
    if (from.length > 0) cancel(study.openEntries().filter((entry) => entry.wasOf(network)));
    try {
      const { judgeAll } = await judging();
      await up;
      if (stale()) return;
      const core = await networks.core();
      // The core is that of the engine that is up now, which may be another network's.
      if (stale()) return;
      await judgeAll(study, core, { network, lesson: this.inForce.peek(), threshold, stale });
    } catch (error) {
      // Whoever asked for another network has ended the engine of this one, and its calls with it.
      if (stale()) return;
      throw error;
    }
    if (stale()) return;
    const left = this.#left.filter((precisions) => !precisions.includes(network)).flat();
    this.#left = [];
    again(study.entries.peek().filter((entry) => left.some((other) => entry.shows(other))));
    // One that waits behind another model judges nothing yet.
    if (lesson === this.inForce.peek()) onJudged(lesson);
  }
}
