// What a person does to images of the study: says whose they are, what they show and how large their pixels are, and takes
// them out. Whatever hits many, and whatever is gone, can be undone.

import { batch, type Signal } from "@preact/signals";
import type { Change } from "../study/assignment.ts";
import type { Entry } from "../study/entry.ts";
import { labelKeys, NO_LABEL_KEY, USUAL_LABELS } from "../study/labels.ts";
import type { Quiz } from "../study/quiz.ts";
import { LEAST_SCALE, MOST_SCALE, parseScale } from "../study/scales.ts";
import type { Study } from "../study/study.ts";
import { labelIn, type Say } from "../words/words.ts";
import type { Notices } from "./notices.ts";

type KeyStroke = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">;

export interface DeedsSettings {
  readonly study: Study;
  readonly quiz: Quiz;
  readonly notices: Notices;
  /** What a screen reader is told next. */
  readonly announcement: Signal<Say | null>;
  /** Stops work on these. */
  readonly cancel: (entries: readonly Entry[]) => void;
  /** Told when the last image is taken out. */
  readonly onEmpty: () => void;
}

export class Deeds {
  readonly #settings: DeedsSettings;

  constructor(settings: DeedsSettings) {
    this.#settings = settings;
  }

  remove(entries: readonly Entry[]): void {
    const { study, cancel, onEmpty } = this.#settings;
    cancel(entries.filter((entry) => !entry.settled));
    // Its worker goes; it is opened again if that is undone.
    for (const entry of entries) entry.slide.peek()?.close();
    const selected = study.selected.peek();
    const bringBack = study.remove(entries);
    if (study.total.peek() === 0) onEmpty();
    this.#offerUndo(
      ({ notices }) => notices.removed(entries.length),
      () => {
        bringBack();
        study.selected.value = selected;
      },
    );
  }

  /** Says whose images these are. For more than one it can be undone. */
  setPatient(entries: readonly Entry[], text: string): void {
    const takeBack = this.#settings.study.setPatient(entries, text);
    if (entries.length < 2) return;
    const patient = entries[0]?.patient.peek() ?? "";
    this.#offerUndo(({ notices }) => notices.patientSet(entries.length, patient), takeBack);
  }

  /** Says what these images truly are. For more than one, or by a key, it can be undone. */
  setLabel(entries: readonly Entry[], text: string, byKey = false): void {
    const takeBack = this.#settings.study.setLabel(entries, text);
    if (entries.length < 2 && !byKey) return;
    const label = entries[0]?.label.peek() ?? "";
    this.#tellAndOfferUndo(
      (words) => words.notices.labelSet(entries.length, labelIn(words, label)),
      takeBack,
    );
  }

  /** Tells many images' patients and labels at once. */
  assign(changes: readonly Change[]): void {
    const { study, notices } = this.#settings;
    const takeBack = study.assign(changes);
    notices.drop("patients", "table");
    this.#tellAndOfferUndo(({ notices }) => notices.assigned(changes.length), takeBack);
  }

  /** Says how large a pixel of these images is; empty takes the files' word. For more than one it can be undone. */
  setScale(entries: readonly Entry[], text: string): void {
    const { study, notices } = this.#settings;
    const scale = parseScale(text);
    if (Number.isNaN(scale)) {
      notices.tell("intake", (words) => words.notices.scaleInvalid(String(LEAST_SCALE), String(MOST_SCALE)));
      return;
    }
    const takeBack = study.setScale(entries, scale);
    if (entries.length < 2) return;
    const lasts = study.isAll(entries);
    this.#offerUndo(
      ({ notices }) => notices.scaleSet(entries.length, scale?.toString() ?? "", lasts),
      takeBack,
    );
  }

  /** Labels an image by the key of a label, or in a quiz counts a vote for it; false where the key is none. */
  labelByKey(entry: Entry, { key, ctrlKey, metaKey, altKey }: KeyStroke): boolean {
    if (ctrlKey || metaKey || altKey || entry.demo) return false;
    const { study, quiz } = this.#settings;
    const known = study.labels.peek();
    const label =
      key.toLowerCase() === NO_LABEL_KEY
        ? ""
        : labelKeys([...new Set([...known, ...USUAL_LABELS])]).get(key.toLowerCase());
    if (label === undefined) return false;
    if (quiz.hides(entry)) {
      if (label === "") return false;
      quiz.vote(entry, label);
      return true;
    }
    this.setLabel([entry], label, true);
    return true;
  }

  #tellAndOfferUndo(say: Say, undo: () => void): void {
    this.#settings.announcement.value = say;
    this.#offerUndo(say, undo);
  }

  /** Of the last deed: the offer on the one before goes. */
  #offerUndo(say: Say, undo: () => void): void {
    this.#settings.notices.tell(
      "undo",
      say,
      { say: ({ notices }) => notices.undo, act: () => batch(undo) },
      { say: ({ trouble }) => trouble.close, act: () => {} },
    );
  }
}
