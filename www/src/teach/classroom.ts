// What the page knows of judging and teaching, put together: verdicts judged by labels, lessons made and kept, and every
// result judged by the lesson in force.

import { computed, type ReadonlySignal } from "@preact/signals";
import { asHistoscopeError, CancelledError } from "../base/errors.ts";
import { forCore } from "../run/analysis.ts";
import { LessonCam } from "../run/cam.ts";
import type { Fold } from "../run/fold.ts";
import type { Entry, Said } from "../study/entry.ts";
import type { ImageReport } from "../study/report.ts";
import type { Study } from "../study/study.ts";
import type { TeachCore } from "./core.ts";
import { Evaluating } from "./evaluating.ts";
import { judging } from "./later.ts";
import { type LeftOut, type Lesson, MOST_LESSON_BYTES } from "./lesson.ts";
import { Lessons } from "./lessons.ts";
import { SaidMemory } from "./memory.ts";
import type { LessonShelf } from "./shelf.ts";
import { Teaching } from "./teaching.ts";

/** Of an image of which nothing voted. */
const NOTHING: Said = { logits: new Float32Array(0), features: new Float32Array(0) };

export interface ClassroomSettings {
  readonly study: Study;
  readonly shelf: LessonShelf;
  /** Resolves when the engine is up. */
  readonly core: () => Promise<TeachCore>;
  /** Whether what runs now is what lessons can judge: the built-in model in int8. */
  readonly applies: () => boolean;
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
  /** The digest of the lesson that judges what runs now; undefined where the model's own head does. */
  readonly lesson: ReadonlySignal<string | undefined>;
  /** Those that are told apart now. */
  readonly classes: ReadonlySignal<readonly string[]>;
  /** What was said of images while they were left out, by path: of the lesson that judges, if it was made on this visit. */
  readonly leftOut: ReadonlySignal<ReadonlyMap<string, LeftOut>>;
  readonly #settings: ClassroomSettings;

  constructor(settings: ClassroomSettings) {
    const { study, core } = settings;
    this.#settings = settings;
    this.memory = new SaidMemory(study);
    this.evaluating = new Evaluating({
      study,
      core,
      classes: () => this.classes.peek(),
      taught: () => (settings.applies() ? (this.lessons.inForce.peek()?.facts.images ?? []) : []),
    });
    this.lessons = new Lessons({
      shelf: settings.shelf,
      check: async (text) => (JSON.parse(await (await core()).check(text)) as { sha256: string }).sha256,
      judge: (lesson) => this.#judgeAll(lesson),
      onKept: settings.onKept,
    });
    this.teaching = new Teaching({
      study,
      core,
      read: (text) => this.lessons.read(text),
      use: (lesson) => this.lessons.use(lesson),
    });
    this.classes = computed(() => {
      const lesson = settings.applies() ? this.lessons.inForce.value : null;
      return lesson?.facts.classes ?? settings.ofModel();
    });
    this.leftOut = computed(() => {
      const said = this.teaching.used.value;
      const judges = said !== null && said.lesson.sha256 === this.lesson.value;
      return new Map(judges ? said.leftOut.map((one) => [one.name, one]) : []);
    });
    this.lesson = computed(() => (settings.applies() ? this.lessons.inForce.value?.sha256 : undefined));
  }

  /** Keeps what the network said of an image, as far as there is room, and gives its report by the head in force. */
  async hear(entry: Entry, report: ImageReport, fold: Fold | null): Promise<ImageReport> {
    const said: Said = fold === null ? NOTHING : { logits: fold.logits, features: fold.features };
    for (;;) {
      const lesson = this.#settings.applies() ? this.lessons.inForce.peek() : null;
      const [judged] = lesson === null ? [report] : await this.#judgedBy(report, said, lesson);
      // Meanwhile another lesson may have come into force.
      if (lesson !== null && lesson !== this.lessons.inForce.peek()) continue;
      entry.hear(this.memory.admit(entry, said), fold?.cam ?? null);
      return judged ?? report;
    }
  }

  async #judgedBy(original: ImageReport, said: Said, lesson: Lesson): Promise<ImageReport[]> {
    const { judgedBy } = await judging();
    return judgedBy(await this.#settings.core(), [{ original, said }], lesson);
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
    const lesson = this.lessons.inForce.peek();
    if (!this.canDraw(entry) || file === null || options === null || lesson === null) return;
    const { original } = entry;
    try {
      const core = await this.#settings.core();
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
    return (await this.#settings.core()).exportLesson(lesson.text);
  }

  /** Reads a lesson's file and has it judge. False where it cannot be used; `lessons.trouble` says why. */
  async take(file: File): Promise<boolean> {
    return this.lessons.take(file.size > MOST_LESSON_BYTES ? "" : await file.text());
  }

  async #judgeAll(lesson: Lesson | null): Promise<void> {
    const { study, core, threshold, onJudged } = this.#settings;
    const stale = () => lesson !== this.lessons.inForce.peek();
    const { judgeAll } = await judging();
    await judgeAll(study, await core(), lesson, threshold, stale);
    if (!stale()) onJudged(lesson);
  }
}
