// One image of the study: its file, its picture and how far it has come. What a line of the table says of it is kept,
// and whoever keeps books on images is told when that changes.

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { fromWire, type HistoscopeError, isForGood } from "../base/errors.ts";
import type { Cam } from "../run/cam.ts";
import type { Fold } from "../run/fold.ts";
import type { AnalysisOptions } from "../run/options.ts";
import type { Slide } from "../slide/slide.ts";
import type { Say } from "../words/words.ts";
import { isOwn, OWN_CLASSES, type Spoken, spokenOf } from "./classes.ts";
import type { Found } from "./intake.ts";
import type { Stamp } from "./kept.ts";
import { labelOf } from "./labels.ts";
import { patientOf } from "./patients.ts";
import { replay } from "./replay.ts";
import { type FailureReport, failureReport, type ImageReport, type Plan } from "./report.ts";
import { withScale } from "./scales.ts";
import { type Line, patchCounts } from "./table.ts";

export type State =
  | { readonly kind: "waiting" }
  | { readonly kind: "decoding" }
  | { readonly kind: "classifying"; readonly done: number; readonly total: number }
  | { readonly kind: "done"; readonly report: ImageReport }
  | { readonly kind: "failed"; readonly error: HistoscopeError }
  | { readonly kind: "cancelled" }
  /** Another image of the study has the same bytes, and counts for both. */
  | { readonly kind: "same"; readonly as: Entry };

/** What the network said of an image's voters, in their order: all that another head needs to judge it. */
export interface Said {
  /** `[voters, classes]` */
  readonly logits: Float32Array;
  /** `[voters, features]`; empty where the model gives none. */
  readonly features: Float32Array;
}

/** Results as they are shown: a fold, or what is left of it; those that were read from a report have no map within patches. */
interface Shown {
  readonly probabilities: Float32Array;
  readonly cam: Cam | null;
  /** Those of the probabilities; the model's own, where it is left out. */
  readonly classes?: readonly string[];
}

export interface EntryLine extends Line {
  readonly entry: Entry;
  /** What goes into a download; null while there is nothing. */
  readonly outcome: ImageReport | FailureReport | null;
  /** Whether the outcome, once there is one, counts among those of other images. */
  readonly counts: boolean;
  /** Micrometres per pixel, as a person has set them. */
  readonly scaleSet: number | null;
  /** Whether it can be run again. */
  readonly hasFile: boolean;
  /** Whether it failed, and another try with the same file may do better. */
  readonly retriable: boolean;
  /** The image that counts for it, too. */
  readonly as: Entry | null;
}

/** Told of each change of an entry's line. */
export type Watcher = (before: EntryLine, after: EntryLine) => void;

/** A result with all that belongs to it, to be put back. */
interface Result {
  readonly state: State;
  readonly plan: Plan | null;
  readonly results: { readonly fold: Shown } | null;
  readonly options: AnalysisOptions | null;
  readonly model: string;
  readonly original: ImageReport | null;
  readonly said: Said | null;
  readonly cam: Cam | null;
  readonly analysed: number | null;
}

/** What another network than the one that judges has seen of an image. */
export interface Seen {
  readonly report: ImageReport;
  readonly options: AnalysisOptions;
  /** As `Entry.model` has it. */
  readonly model: string;
  /** Null where nothing voted. */
  readonly fold: Fold | null;
}

/** What a network found, as another head needs it. */
export type Heard = Pick<Result, "said" | "options"> & { readonly original: ImageReport };

/** Of an image of which nothing voted. */
const NOTHING: Said = { logits: new Float32Array(0), features: new Float32Array(0) };

export const saidIn = (fold: Fold | null): Said =>
  fold === null ? NOTHING : { logits: fold.logits, features: fold.features };

/** Made once: each blob is a message to the browser's own process, and a folder has thousands of images. */
const NO_PICTURE = new Blob();

let made = 0;

export class Entry {
  /** Later ones have greater numbers. */
  readonly number = ++made;
  readonly id = `image-${this.number}`;
  readonly path: string;
  /** That of the file, without folders. */
  readonly name: string;
  /** What a viewer must know of the picture. */
  readonly remark: Say | null;
  readonly demo: boolean;
  /** All files of a slide that is in several. */
  readonly parts: readonly File[] | null;
  readonly plan = signal<Plan | null>(null);
  /** The results so far; a new object with each batch, so that the map is drawn again. */
  readonly results = signal<{ readonly fold: Shown } | null>(null);
  /** What a browser can show of it: the file, or the preview of one that is too large or that browsers do not know. */
  readonly picture = signal<Blob>(NO_PICTURE);
  /** Why it could not be run again, where an earlier result is still shown. */
  readonly trouble = signal<HistoscopeError | null>(null);
  /** What is known of it as a slide; null where it is an ordinary picture, or nobody has looked yet. */
  readonly slide = signal<Slide | null>(null);
  /** Of the file, in hexadecimal; null while it is not known. */
  sha256: string | null = null;
  /** With what it was, or is being, analysed; null where only a report says so. */
  options: AnalysisOptions | null = null;
  /** The manifest of the person's own model with which that was; empty for the built-in one. */
  model = "";
  /** When its result came, in milliseconds since 1970; null where nobody knows. */
  analysed: number | null = null;
  /** The report as the model gave it, whatever threshold was asked for since. */
  original: ImageReport | null = null;
  /** Null where that is not at hand: in results that were read from a report, or found on an earlier visit. */
  said: Said | null = null;
  /** Whether its folder tells whose it is; false where a person does, null where nobody has looked yet. */
  byFolder: boolean | null = null;
  watcher: Watcher | null = null;

  readonly #state = signal<State>({ kind: "waiting" });
  readonly #patient = signal("");
  readonly #label = signal("");
  readonly #leftOut = signal(false);
  /** Micrometres per pixel as a person has set them. */
  #scale: number | null = null;
  #stamp: Stamp | null = null;
  readonly #file: Signal<File | null>;
  /** Whether `picture` has fewer pixels than the file. */
  #coarse = false;
  readonly #line: Signal<EntryLine>;
  /** As the model's own head has it. */
  #cam: Cam | null = null;
  /** The result before the present run. */
  #before: Result | null = null;
  /** What another network made of it, to be shown when that one judges. */
  #aside: Result | null = null;

  /** `file`: null where only results are known. */
  constructor(
    { path, file, parts, remark, demo, truth }: Omit<Found, "file"> & { readonly file: File | null },
    name?: string,
  ) {
    this.path = path;
    this.name = name ?? file?.name ?? path.slice(path.lastIndexOf("/") + 1);
    this.remark = remark ?? null;
    this.parts = parts ?? null;
    this.demo = demo ?? false;
    this.#file = signal(file);
    if (file !== null) this.picture.value = file;
    this.#patient.value = this.demo ? (truth?.patient ?? "") : patientOf(path);
    this.#label.value = this.demo ? (truth?.label ?? "") : labelOf(path);
    this.#line = signal(this.#describe());
  }

  /** A result that was saved earlier: its verdict and its map, without the picture. */
  static of(path: string, report: ImageReport | FailureReport, demo = false): Entry {
    const entry = new Entry({ path, file: null, demo }, report.filename);
    if (report.success) {
      // The report of a slide has the scale of its patches, and what is set is that of its finest level.
      const finer = report.slide?.source.downsample ?? 1;
      if (report.scale?.source === "set") entry.#scale = report.scale.um_per_pixel / finer;
      const { plan, probabilities, classes } = replay(report);
      entry.plan.value = plan;
      entry.results.value = { fold: { probabilities, classes, cam: null } };
      entry.original = report;
      entry.become({ kind: "done", report });
    } else {
      entry.become({ kind: "failed", error: fromWire(report.error) });
    }
    return entry;
  }

  get state(): ReadonlySignal<State> {
    return this.#state;
  }

  /** Empty where it is not known. */
  get patient(): ReadonlySignal<string> {
    return this.#patient;
  }

  /** The truth about it, as somebody says; empty where it is not known. */
  get label(): ReadonlySignal<string> {
    return this.#label;
  }

  /** Whether a person took it out of what is taken together. */
  get leftOut(): ReadonlySignal<boolean> {
    return this.#leftOut;
  }

  /** Null for results that were read from a report: there is nothing to show or to run again. */
  get file(): File | null {
    return this.#file.value;
  }

  /** The file where a browser shows it with at least the pixels of `picture`, else null. */
  get closeUp(): File | null {
    return this.#coarse || this.picture.value === this.file ? this.file : null;
  }

  /** Of the file, also where it was known on an earlier visit. */
  get stamp(): Stamp | null {
    const file = this.#file.peek();
    return file === null ? this.#stamp : { size: file.size, modified: file.lastModified };
  }

  /** That of the file which it had on an earlier visit. */
  remember(stamp: Stamp | null): void {
    this.#stamp = stamp;
  }

  get hasFile(): boolean {
    return this.#file.value !== null;
  }

  /** As a line of the table of images. */
  get line(): ReadonlySignal<EntryLine> {
    return this.#line;
  }

  /** Neither waiting nor at work. */
  get settled(): boolean {
    return isSettled(this.#state.value);
  }

  become(state: State): void {
    batch(() => {
      const before = this.#state.peek();
      this.#state.value = this.#scaled(state);
      // Most changes are of how many patches are done, of which no line tells.
      if (state.kind !== before.kind || isSettled(state)) this.#tell();
    });
  }

  /** Micrometres per pixel, whatever the file says; null takes the file's word. */
  setScale(scale: number | null): void {
    this.#scale = scale;
    const state = this.#state.peek();
    if (state.kind === "done")
      this.become({ kind: "done", report: withScale(state.report, null, this.original) });
    else this.#tell();
  }

  /** As a person has set it. */
  get scaleSet(): number | null {
    return this.#scale;
  }

  /** Null where nobody knows, and before there is a report. */
  get umPerPixel(): number | null {
    const state = this.#state.value;
    return state.kind === "done" ? (state.report.scale?.um_per_pixel ?? null) : this.#scale;
  }

  #scaled(state: State): State {
    // What is set of a slide is the scale of its finest level, and its report has that of the patches.
    if (state.kind !== "done" || this.#scale === null || state.report.slide !== undefined) return state;
    return { kind: "done", report: withScale(state.report, this.#scale, null) };
  }

  /** Begins anew. A result that there is already is put aside, for `putBack`. */
  restart(): void {
    batch(() => {
      if (this.#state.peek().kind === "done") this.#before = this.#result();
      this.trouble.value = null;
      this.plan.value = null;
      this.results.value = null;
      this.become({ kind: "waiting" });
    });
  }

  /** Shows the result again that was there before, and says why it stayed; false where there was none. */
  putBack(trouble: HistoscopeError | null): boolean {
    const before = this.#before;
    if (before === null) return false;
    batch(() => {
      this.#before = null;
      this.trouble.value = trouble;
      this.#show(before);
    });
    return true;
  }

  #result(): Result {
    const { options, model, original, said, analysed } = this;
    const [state, plan, results] = [this.#state.peek(), this.plan.peek(), this.results.peek()];
    return { state, plan, results, options, model, original, said, cam: this.#cam, analysed };
  }

  #show({ state, plan, results, options, model, original, said, cam, analysed }: Result): void {
    batch(() => {
      this.plan.value = plan;
      this.results.value = results;
      this.options = options;
      this.model = model;
      this.original = original;
      this.analysed = analysed;
      this.hear(said, cam);
      this.become(state);
    });
  }

  /** Whether a result of the network of this digest is shown. */
  shows(sha256: string): boolean {
    return this.#state.peek().kind === "done" && this.original?.model.sha256 === sha256;
  }

  /** Whether a result of that network is being found anew. */
  wasOf(sha256: string): boolean {
    return this.#before?.original?.model.sha256 === sha256;
  }

  /** What the network of this digest found, whether it is shown or put aside; null where it has not seen the image. */
  resultOf(sha256: string): Heard | null {
    const all = this.#state.peek().kind === "done" ? [this.#result(), this.#aside] : [this.#aside];
    for (const result of all) {
      const original = result?.original ?? null;
      if (result !== null && original?.model.sha256 === sha256) return { ...result, original };
    }
    return null;
  }

  /** Keeps what another network has seen, as far as it is admitted; what is shown stays. */
  putAside({ report, options, model, fold }: Seen, admit: (entry: Entry, said: Said) => Said | null): void {
    const { plan, probabilities, classes } = replay(report);
    const cam = fold?.cam ?? null;
    this.#aside = {
      state: { kind: "done", report },
      plan,
      results: { fold: { probabilities, classes, cam } },
      options,
      model,
      original: report,
      said: admit(this, saidIn(fold)),
      cam,
      analysed: Date.now(),
    };
    this.#tell();
  }

  /** What was said of it that is put aside. */
  get saidAside(): Said | null {
    return this.#aside?.said ?? null;
  }

  /** Shows what the network of this digest found, and puts aside what was shown; false where it has found nothing. */
  turnTo(sha256: string): boolean {
    if (this.shows(sha256)) return true;
    const aside = this.#aside;
    if (this.#state.peek().kind !== "done" || aside?.original?.model.sha256 !== sha256) return false;
    this.#aside = this.#result();
    this.#show(aside);
    return true;
  }

  /** What is worth keeping: the result that is being found anew, as long as there is no other. */
  get lasting(): Pick<Result, "state" | "options" | "model" | "original"> {
    return this.#before ?? this.#result();
  }

  /** A report came. */
  finish(report: ImageReport, analysed: number | null = Date.now()): void {
    this.#replaced(report);
    this.analysed = analysed;
    this.original = report;
    this.become({ kind: "done", report });
  }

  /** What the network said, before the result that was made of it. */
  hear(said: Said | null, cam: Cam | null): void {
    this.said = said;
    this.#cam = cam;
  }

  /** As another image of the same bytes did. */
  hearFrom(other: Entry): void {
    this.hear(other.said, other.#cam);
  }

  /** Another head judged it, a lesson's or the model's own. Within patches a lesson's map is drawn when it is asked for. */
  judged(report: ImageReport): void {
    const { probabilities, classes } = replay(report);
    batch(() => {
      this.results.value = {
        fold: { probabilities, classes, cam: report.taught?.lesson ? null : this.#cam },
      };
      this.original = report;
      this.become({ kind: "done", report });
    });
  }

  /** What the lesson that judged says of places within patches. */
  drawn(cam: Cam): void {
    const shown = this.results.peek();
    if (shown !== null) this.results.value = { fold: { ...shown.fold, cam } };
  }

  /** A report came that another head has judged at once. */
  finishJudged(report: ImageReport): void {
    this.#replaced(report);
    this.analysed = Date.now();
    this.judged(report);
  }

  /** There is a new result. That of another network stays at hand. */
  #replaced({ model }: ImageReport): void {
    const before = this.#before;
    this.#before = null;
    const earlier = before?.original?.model.sha256 ?? model.sha256;
    if (earlier !== model.sha256) this.#aside = before;
  }

  /** Takes the result of another image with the same bytes; false where that has none. */
  inherit(from: Entry): boolean {
    const result = from.#before ?? from.#result();
    const { state, original } = result;
    if (state.kind !== "done" || original === null) return false;
    const own = (report: ImageReport): ImageReport => ({ ...report, filename: this.name });
    // A scale that was set is that of the one image.
    const report = own(withScale(state.report, null, original));
    batch(() => {
      this.#before = null;
      this.#aside = from.#aside;
      this.#show({ ...result, state: { kind: "done", report }, original: own(original) });
    });
    return true;
  }

  assign(patient: string): void {
    batch(() => {
      this.#patient.value = patient;
      this.#tell();
    });
  }

  /** Says what it truly is. */
  tag(label: string): void {
    batch(() => {
      this.#label.value = label;
      this.#tell();
    });
  }

  leaveOut(leftOut: boolean): void {
    batch(() => {
      this.#leftOut.value = leftOut;
      this.#tell();
    });
  }

  /** Gives it a file: the picture of a result that had none, or one in place of a file that is gone. */
  attach(file: File): void {
    batch(() => {
      this.#file.value = file;
      this.depict(file, false);
      this.#tell();
    });
  }

  /** As what a browser shows it. `coarse`: the file shows the same with more pixels. */
  depict(picture: Blob, coarse: boolean): void {
    this.#coarse = coarse;
    this.picture.value = picture;
  }

  /** Takes over the file and the picture of another entry of the same image. */
  depictAs(other: Entry): void {
    batch(() => {
      this.#file.value = other.file;
      this.depict(other.picture.peek(), other.#coarse);
      this.#tell();
    });
  }

  #tell(): void {
    const before = this.#line.peek();
    const after = this.#describe();
    this.#line.value = after;
    this.watcher?.(before, after);
  }

  /** A drawing has a voice only among those of its own drawn patient: no tissue can be of that. */
  #votes(): boolean {
    return !this.demo || this.#patient.peek() !== "";
  }

  #describe(): EntryLine {
    const state = this.#state.peek();
    const report = state.kind === "done" ? state.report : null;
    const spoken = report && spokenOf(report);
    const hasFile = this.#file.peek() !== null;
    return {
      entry: this,
      id: this.id,
      path: this.path,
      patient: this.#patient.peek(),
      label: this.#label.peek(),
      state: state.kind,
      classes: spoken?.classes ?? OWN_CLASSES,
      verdict: spoken?.verdict ?? null,
      // Of what it does not know nothing is claimed.
      share: spoken === null || spoken.verdict === "unfamiliar" ? null : leadingShare(spoken),
      patches: report && patchCounts(report),
      scaleSet: this.#scale,
      hasFile,
      retriable: state.kind === "failed" && hasFile && !isForGood(state.error),
      as: state.kind === "same" ? state.as : null,
      counts: this.#votes() && !this.#leftOut.peek() && state.kind !== "same",
      outcome: state.kind === "failed" ? failureReport(this.name, state.error) : report,
    };
  }
}

/** The probability of malignant; of other classes that of the one that is said. */
const leadingShare = ({ classes, shares, confidence }: Spoken): number | null =>
  isOwn(classes) ? (shares?.[1] ?? null) : confidence;

export const isSettled = ({ kind }: Pick<State, "kind">): boolean =>
  kind !== "waiting" && kind !== "decoding" && kind !== "classifying";
