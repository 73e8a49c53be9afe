// The words of the element, in English and German; those of errors, and what is said of an image, are the page's.

import type { Fault } from "../../engine/protocol.ts";
import { type CommonWords, commonEn } from "../../words/common.ts";
import { commonDe } from "../../words/common-de.ts";
import { errorWords } from "../../words/de-errors.ts";
import { type Numbers, numbersOf } from "../../words/numbers.ts";
import { type Translation, UNTRANSLATED } from "../../words/phrase.ts";
import { translationInto } from "../../words/translation.ts";

export interface Words extends CommonWords {
  readonly language: string;
  readonly numbers: Numbers;
  readonly translation: Translation;
  readonly choose: string;
  readonly another: string;
  readonly drop: string;
  readonly formats: string;
  readonly onlyFirst: string;
  readonly loading: string;
  readonly reading: string;
  classifying(done: number, total: number): string;
  readonly cancel: string;
  readonly cancelled: string;
  readonly retry: string;
  /** Before the number. */
  readonly probability: string;
  votes(malignant: number, benign: number): string;
  /** Before the number; `name` is a lesson's own class. */
  probabilityOf(name: string): string;
  /** `what`: counts by such classes. */
  votesOf(what: string): string;
  /** `what`: counts of `reasons`. */
  leftOut(what: string): string;
  readonly uncertain: string;
  readonly unfamiliar: string;
  readonly notAssessable: string;
  readonly map: string;
  picture(name: string): string;
  readonly failed: Readonly<Record<Fault, string>>;
}

const EN: Words = {
  ...commonEn,
  language: "en",
  numbers: numbersOf("en"),
  translation: UNTRANSLATED,
  choose: "Choose an image",
  another: "Choose another image",
  drop: "or drop it here",
  formats: "PNG, JPEG, TIFF, BMP or WebP, from 224\u00a0×\u00a0224 pixels. It does not leave this device.",
  onlyFirst: "Only the first image was taken.",
  loading: "Loading the classifier",
  reading: "Reading the image",
  classifying: (done, total) => `${done} of ${total} patches classified`,
  cancel: "Cancel",
  cancelled: "Cancelled.",
  retry: "Try again",
  probability: "Calibrated probability of malignant",
  votes: (malignant, benign) => `Votes of patches: ${malignant} malignant, ${benign} benign.`,
  probabilityOf: (name) => `Calibrated probability of ${name}`,
  votesOf: (what) => `Votes of patches: ${what}.`,
  leftOut: (what) => `Left out: ${what}.`,
  uncertain: "The network is not confident enough for a verdict. Do not treat its leaning as an answer.",
  unfamiliar: "It is unlike what the model has learned from. Any answer would be a guess.",
  notAssessable: "Too few patches hold tissue, in focus and stained with H&E. The image was not classified.",
  map: "Show the map",
  picture: (name) => `${name}, with what the network says of each patch`,
  failed: {
    image: "This image could not be analysed",
    limits: "This image is too large",
    options: "A setting is out of range",
    model: "The model could not be loaded",
    browser: "The classifier cannot run here",
    internal: "Something went wrong",
  },
};

const GERMAN = numbersOf("de");

const DE: Words = {
  ...commonDe,
  language: "de",
  numbers: GERMAN,
  translation: translationInto(errorWords, GERMAN),
  choose: "Bild auswählen",
  another: "Anderes Bild auswählen",
  drop: "oder hierher ziehen",
  formats: "PNG, JPEG, TIFF, BMP oder WebP, ab 224\u00a0×\u00a0224 Pixel. Es verlässt dieses Gerät nicht.",
  onlyFirst: "Nur das erste Bild wurde übernommen.",
  loading: "Der Klassifikator wird geladen",
  reading: "Das Bild wird gelesen",
  classifying: (done, total) => `${done} von ${total} Ausschnitten klassifiziert`,
  cancel: "Abbrechen",
  cancelled: "Abgebrochen.",
  retry: "Noch einmal versuchen",
  probability: "Kalibrierte Wahrscheinlichkeit für bösartig",
  votes: (malignant, benign) => `Stimmen der Ausschnitte: ${malignant} bösartig, ${benign} gutartig.`,
  probabilityOf: (name) => `Kalibrierte Wahrscheinlichkeit für ${name}`,
  votesOf: (what) => `Stimmen der Ausschnitte: ${what}.`,
  leftOut: (what) => `Ausgelassen: ${what}.`,
  uncertain: "Das Netz ist sich nicht sicher genug. Seine Neigung ist keine Antwort.",
  unfamiliar: "Es gleicht nichts, wovon das Modell gelernt hat. Jede Antwort wäre geraten.",
  notAssessable:
    "Zu wenige Ausschnitte zeigen scharfes, mit HE gefärbtes Gewebe. Das Bild wurde nicht klassifiziert.",
  map: "Karte zeigen",
  picture: (name) => `${name}, mit der Aussage des Netzes zu jedem Ausschnitt`,
  failed: {
    image: "Dieses Bild konnte nicht analysiert werden",
    limits: "Dieses Bild ist zu groß",
    options: "Eine Einstellung ist nicht erlaubt",
    model: "Das Modell konnte nicht geladen werden",
    browser: "Der Klassifikator läuft hier nicht",
    internal: "Etwas ist schiefgegangen",
  },
};

/** The words for a language tag; English for every language but German. */
export const wordsFor = (language: string): Words => (/^de\b/i.test(language) ? DE : EN);
