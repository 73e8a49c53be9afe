// <histoscope-classifier>: choose or drop an image, see its verdict. Importing this module defines the element.

import { Follower, unlessAborted } from "../base/abort.ts";
import { asHistoscopeError, CancelledError, type HistoscopeError } from "../base/errors.ts";
import { isOwn, legendNames, OWN_CLASSES, patchShares, spokenOf, votesOf } from "../study/classes.ts";
import { type ImageReport, type PatchReport, REASONS, type Verdict } from "../study/report.ts";
import { classColour } from "../view/colours.ts";
import { viewPicture } from "../view/pictures.ts";
import type { Piece } from "../words/phrase.ts";
import { paint, type Shares } from "./element/paint.ts";
import { chip, Parts } from "./element/parts.ts";
import { styles } from "./element/styles.ts";
import { type Words, wordsFor } from "./element/words.ts";
import {
  type Classifier,
  type ClassifierOptions,
  type ClassifyOptions,
  createClassifier,
  type Progress,
} from "./index.ts";
import { fetchLesson } from "./lesson.ts";

export const TAG = "histoscope-classifier";

/** The picture is painted anew no oftener than this, in milliseconds: painting takes time from the workers. */
const REDRAW_MS = 100;

type State =
  | { readonly kind: "empty" }
  | { readonly kind: "loading"; readonly received: number; readonly total: number }
  | { readonly kind: "working"; readonly progress: Progress | null }
  | { readonly kind: "done"; readonly report: ImageReport }
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly error: HistoscopeError };

/** What is shown: a file, and its picture as soon as that is decoded. */
interface Shown {
  readonly file: Blob;
  picture: ImageBitmap | null;
}

// So that the module can be imported, though not used, where there is no document.
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/**
 * Attributes: `model-url` (a model's manifest), `lesson` (the address of a lesson's file, which judges in the place of the
 * model), `workers` (1 to 8), `max-patches` (from 1, or "all"), `lang` (`de`, else English; without it that of the
 * surroundings counts). The classifier and the lesson are fetched when the first image comes, and ended when the element
 * leaves the document, or `model-url`, `lesson` or `workers` change.
 *
 * Events, both bubbling and composed: `histoscope-report`, whose `detail` is the `ImageReport`, and `histoscope-error`,
 * whose `detail` is the `HistoscopeError`. An analysis that was cancelled gives neither.
 */
export class HistoscopeClassifierElement extends Base {
  static readonly observedAttributes = ["model-url", "lesson", "workers", "max-patches", "lang"];

  /** What `createClassifier` takes beyond the attributes; counts for the next start. */
  // It may have been set before the element was defined.
  options: ClassifierOptions = Reflect.get(this, "options") ?? {};

  readonly #parts = new Parts();
  #state: State = { kind: "empty" };
  #shown: Shown | null = null;
  #task: AbortController | null = null;
  #classifier: Promise<Classifier> | null = null;
  #starting: AbortController | null = null;
  #remark = "";

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles()];
    root.append(this.#parts.box);
    this.#listen();
    this.#render();
  }

  connectedCallback(): void {
    // The language of the surroundings is known only now.
    this.#render();
  }

  disconnectedCallback(): void {
    // An element that is moved within its document is taken out and put back at once; it keeps what it has.
    queueMicrotask(() => {
      if (!this.isConnected) this.#end();
    });
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now) return;
    if (name === "model-url" || name === "lesson" || name === "workers") this.#end();
    this.#render();
  }

  /** Of the image shown; null while there is none. */
  get report(): ImageReport | null {
    return this.#state.kind === "done" ? this.#state.report : null;
  }

  /**
   * Shows and classifies an image as if it had been chosen, in place of the one before, whose analysis ends with
   * `CancelledError`. Rejects as `createClassifier` and `Classifier.classify` do; the element shows the error, too.
   */
  async classify(image: Blob, { signal }: Pick<ClassifyOptions, "signal"> = {}): Promise<ImageReport> {
    this.cancel();
    const task = new Follower(signal);
    this.#task = task;
    this.#remark = "";
    this.#shown?.picture?.close();
    this.#shown = { file: image, picture: null };
    void this.#depict(this.#shown, image);
    try {
      const report = await this.#analyse(image, task.signal);
      this.#become({ kind: "done", report });
      this.#announce("histoscope-report", report);
      return report;
    } catch (thrown) {
      const error = asHistoscopeError(thrown);
      // Of an image that another has taken the place of, nothing is shown.
      if (this.#task === task) {
        if (error instanceof CancelledError) this.#become({ kind: "cancelled" });
        else {
          this.#become({ kind: "failed", error });
          this.#announce("histoscope-error", error);
        }
      }
      throw error;
    } finally {
      task.letGo();
      if (this.#task === task) this.#task = null;
    }
  }

  /** Ends the analysis that is under way, if there is one. */
  cancel(): void {
    this.#task?.abort();
  }

  async #analyse(image: Blob, signal: AbortSignal): Promise<ImageReport> {
    this.#become({ kind: "loading", received: 0, total: 0 });
    const classifier = await unlessAborted(signal, this.#ready());
    this.#become({ kind: "working", progress: null });
    const wanted = this.getAttribute("max-patches");
    const shown = this.#shown;
    let shownUntil = 0;
    return classifier.classify(image, {
      // The core says what is wrong with a number that is none.
      ...(wanted !== null && { maxPatches: wanted === "all" ? wanted : Number(wanted) }),
      signal,
      onProgress: (progress) => {
        const now = performance.now();
        if (signal.aborted || (now < shownUntil && progress.done < progress.total)) return;
        shownUntil = now + REDRAW_MS;
        this.#become({ kind: "working", progress });
      },
      onPreview: (picture) => {
        if (shown !== null) void this.#depict(shown, picture);
      },
    });
  }

  /** The classifier, which is started if it is not there. A failed start is forgotten, so that the next image tries again. */
  #ready(): Promise<Classifier> {
    if (this.#classifier !== null) return this.#classifier;
    const starting = new AbortController();
    const workers = this.getAttribute("workers");
    const start = async () => {
      const address = this.getAttribute("lesson");
      const lesson = address === null ? null : await fetchLesson(address, starting.signal);
      return createClassifier({
        ...this.options,
        ...(this.hasAttribute("model-url") && { modelUrl: this.getAttribute("model-url") ?? "" }),
        ...(lesson !== null && { lesson }),
        ...(workers !== null && { workers: Number(workers) }),
        signal: starting.signal,
        onProgress: (received, total) => {
          this.options.onProgress?.(received, total);
          if (this.#state.kind === "loading") this.#become({ kind: "loading", received, total });
        },
      });
    };
    const classifier = start();
    this.#starting = starting;
    this.#classifier = classifier;
    classifier.catch(() => {
      if (this.#classifier === classifier) this.#classifier = null;
    });
    return classifier;
  }

  /** Ends classifier and start, whichever there is. */
  #end(): void {
    this.cancel();
    this.#starting?.abort();
    this.#classifier?.then(
      (classifier) => classifier.dispose(),
      () => {},
    );
    this.#classifier = this.#starting = null;
  }

  async #depict(shown: Shown, source: Blob): Promise<void> {
    const picture = await viewPicture(source);
    if (picture === null) return;
    if (this.#shown !== shown) {
      picture.close();
      return;
    }
    shown.picture?.close();
    shown.picture = picture;
    this.#render();
  }

  #announce(type: string, detail: ImageReport | HistoscopeError): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #listen(): void {
    const { choose, file, cancel, retry, shown } = this.#parts;
    choose.addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      this.#take(file.files);
      // Else the same file could not be chosen again.
      file.value = "";
    });
    cancel.addEventListener("click", () => {
      this.cancel();
      choose.focus();
    });
    retry.addEventListener("click", () => {
      if (this.#shown !== null) this.classify(this.#shown.file).catch(() => {});
      choose.focus();
    });
    shown.addEventListener("change", () => this.#render());
    // Leaving the element, not merely a part of it: what is entered next is told before what is left. WebKit does not say
    // in `relatedTarget` where a drag goes to.
    let entered: EventTarget | undefined;
    this.addEventListener("dragenter", (event) => {
      entered = event.composedPath()[0];
    });
    this.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.#parts.box.classList.add("over");
    });
    this.addEventListener("dragleave", (event) => {
      if (event.composedPath()[0] === entered) this.#parts.box.classList.remove("over");
    });
    this.addEventListener("drop", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.#parts.box.classList.remove("over");
      this.#take(event.dataTransfer.files);
    });
  }

  #take(files: FileList | null | undefined): void {
    const [first] = files ?? [];
    if (first === undefined) return;
    // What goes wrong is shown already.
    this.classify(first).catch(() => {});
    if ((files?.length ?? 0) > 1) this.#remark = this.#words.onlyFirst;
  }

  get #language(): string {
    const near = this.closest<HTMLElement>("[lang]");
    return near?.lang || document.documentElement.lang || "en";
  }

  get #words(): Words {
    return wordsFor(this.#language);
  }

  #become(state: State): void {
    const step = (one: State) => one.kind + (one.kind === "working" ? one.progress?.stage : "");
    const news = step(state) !== step(this.#state);
    this.#state = state;
    this.#render();
    // Each step once, not each patch.
    if (news) this.#parts.live.textContent = this.#spoken();
  }

  #spoken(): string {
    const { kind } = this.#state;
    const { name, verdict, probabilityWords, percent, probability, step } = this.#parts;
    if (kind === "done") {
      const share = probability.hidden ? "" : ` ${probabilityWords.textContent} ${percent.textContent}.`;
      return `${name.textContent}: ${verdict.textContent}.${share} ${this.#remark}`.trim();
    }
    // What failed is an alert already.
    if (kind === "failed" || kind === "empty") return "";
    return kind === "cancelled" ? this.#words.cancelled : (step.textContent ?? "");
  }

  /** Writes the state into the parts. */
  #render(): void {
    const words = this.#words;
    const state = this.#state;
    const parts = this.#parts;
    const { kind } = state;
    const atWork = kind === "loading" || kind === "working";
    parts.box.lang = words.language;
    parts.box.classList.toggle("empty", kind === "empty");
    parts.choose.textContent = kind === "empty" ? words.choose : words.another;
    parts.or.textContent = words.drop;
    parts.formats.textContent = words.formats;
    parts.formats.hidden = kind !== "empty";
    parts.notice.textContent = words.researchUse;
    parts.cancel.textContent = words.cancel;
    parts.retry.textContent = words.retry;
    parts.toggleWords.textContent = words.map;
    parts.benign.textContent = words.labels.benign;
    parts.malignant.textContent = words.labels.malignant;

    parts.work.hidden = !atWork && kind !== "cancelled";
    parts.cancel.hidden = parts.progress.hidden = !atWork;
    this.#renderStep(words);
    this.#renderPicture(words);
    parts.result.hidden = kind !== "done";
    if (kind === "done") this.#renderResult(words, state.report);
    parts.finding.hidden = parts.result.hidden && parts.picture.hidden;
    parts.error.hidden = kind !== "failed";
    if (kind === "failed") this.#renderError(words, state.error);
  }

  #renderStep(words: Words): void {
    const { step, progress } = this.#parts;
    const state = this.#state;
    let [text, value, total] = [words.cancelled, 0, 0];
    if (state.kind === "loading") [text, value, total] = [words.loading, state.received, state.total];
    if (state.kind === "working") {
      const { done = 0, total: all = 0 } = state.progress ?? {};
      [text, value, total] = [all > 0 ? words.classifying(done, all) : words.reading, done, all];
    }
    step.textContent = text;
    progress.setAttribute("aria-label", text);
    // Without a value the bar says only that something goes on.
    if (total > 0) {
      progress.max = total;
      progress.value = value;
    } else progress.removeAttribute("value");
  }

  #renderPicture(words: Words): void {
    const { picture, canvas, shown: toggle } = this.#parts;
    const state = this.#state;
    const bitmap = this.#shown?.picture ?? null;
    picture.hidden = bitmap === null || state.kind === "failed";
    if (bitmap === null || picture.hidden) return;
    let [patches, width]: [readonly PatchReport[], number] = [[], bitmap.width];
    let found: Shares = { classes: OWN_CLASSES, shares: [] };
    if (state.kind === "done") {
      const { report } = state;
      [patches, width] = [report.patches, report.image.width];
      found = { classes: spokenOf(report).classes, shares: patchShares(report) };
    }
    if (state.kind === "working" && state.progress?.image) {
      [patches, width] = [state.progress.patches(), state.progress.image.width];
      // What the model itself says on the way is not what a lesson will say.
      const taught = this.hasAttribute("lesson") || this.options.lesson !== undefined;
      const own = ({ probabilities: p }: PatchReport) => p && [p.benign, p.malignant];
      found = { classes: OWN_CLASSES, shares: taught ? [] : patches.map(own) };
    }
    paint(canvas, bitmap, width, toggle.checked ? patches : [], found);
    this.#renderLegend(found.classes);
    canvas.setAttribute("aria-label", words.picture(nameOf(this.#shown?.file)));
  }

  /** Of benign and malignant the scale between them, else each class by its colour. */
  #renderLegend(names: readonly string[]): void {
    const { benign, ramp, malignant, classes } = this.#parts;
    const own = isOwn(names);
    benign.hidden = ramp.hidden = malignant.hidden = !own;
    classes.hidden = own;
    const told = legendNames(names, (count) => `+${count}`);
    classes.replaceChildren(...told.map((name, place) => chip(name, classColour(names, place))));
  }

  #renderResult(words: Words, report: ImageReport): void {
    const { name, verdict, probability, probabilityWords, percent, share, advice, patches } = this.#parts;
    const said = spokenOf(report);
    const own = isOwn(said.classes);
    const known = words.verdicts[said.verdict as Verdict];
    name.textContent = report.filename;
    verdict.textContent = known ?? said.verdict;
    verdict.className = known === undefined ? "verdict" : `verdict ${said.verdict}`;
    // Of what it does not know the model claims nothing.
    probability.hidden = said.shares === null || said.verdict === "unfamiliar";
    const number = (own ? said.shares?.[1] : said.confidence) ?? 0;
    probabilityWords.textContent = own ? words.probability : words.probabilityOf(said.prediction ?? "");
    percent.textContent = words.numbers.percent(number);
    share.style.inlineSize = `${100 * number}%`;
    share.style.background = own
      ? ""
      : classColour(said.classes, said.classes.indexOf(said.prediction ?? ""));
    const advices: Readonly<Record<string, string>> = {
      uncertain: words.uncertain,
      unfamiliar: words.unfamiliar,
      "not assessable": words.notAssessable,
    };
    advice.textContent = advices[said.verdict] ?? "";
    advice.hidden = advice.textContent === "";
    const votes = votesOf(report);
    const [benign = 0, malignant = 0] = votes;
    const voted = said.classes.flatMap((name, place) => (votes[place] ? [`${votes[place]} ${name}`] : []));
    const left = REASONS.filter((reason) => report.screen[reason] > 0);
    patches.textContent = [
      probability.hidden ? "" : own ? words.votes(malignant, benign) : words.votesOf(voted.join(", ")),
      left.length === 0
        ? ""
        : words.leftOut(left.map((reason) => `${report.screen[reason]} ${words.reasons[reason]}`).join(", ")),
      this.#remark,
    ].join(" ");
  }

  #renderError(words: Words, error: HistoscopeError): void {
    const { title, message, remedy, code, retry } = this.#parts;
    title.textContent = words.failed[error.fault] ?? words.failed.internal;
    const told = words.translation.error(error);
    message.replaceChildren(...told.message.map(spoken));
    remedy.replaceChildren(...told.remedy.map(spoken));
    code.textContent = error.code;
    // The same image would fail in the same way.
    retry.hidden = error.fault === "image" || error.fault === "limits" || this.#shown === null;
  }
}

/** What nobody translated is marked as English. */
function spoken({ text, english }: Piece): Node | string {
  if (!english) return text;
  const piece = document.createElement("span");
  piece.lang = "en";
  piece.textContent = text;
  return piece;
}

const nameOf = (file: Blob | undefined): string => (file instanceof File ? file.name : "image");

if ("customElements" in globalThis && !customElements.get(TAG)) {
  customElements.define(TAG, HistoscopeClassifierElement);
}

declare global {
  interface HTMLElementTagNameMap {
    "histoscope-classifier": HistoscopeClassifierElement;
  }
  interface HTMLElementEventMap {
    "histoscope-report": CustomEvent<ImageReport>;
    "histoscope-error": CustomEvent<HistoscopeError>;
  }
}
