// The words of the page in the language that it speaks now. What reads `words.value` while it renders is rendered anew
// when the language changes.

import { computed, signal } from "@preact/signals";
import { en, type Words } from "./en.ts";
import { type Language, language } from "./language.ts";
import { type Numbers, numbersOf } from "./numbers.ts";
import { type Translation, UNTRANSLATED } from "./phrase.ts";

export type { Words };

/** A language of the page: its words, and what it makes of English ones. */
export interface Spoken {
  readonly words: Words;
  readonly translation: Translation;
}

/** English comes with the page; every other language is a file of its own, fetched when somebody speaks it. */
const FILES: Readonly<Record<Exclude<Language, "en">, () => Promise<Spoken>>> = {
  de: async () => (await import("./de.ts")).german,
};

const loaded = signal<Readonly<Partial<Record<Language, Spoken>>>>({
  en: { words: en, translation: UNTRANSLATED },
});

/** Has the words of a language at hand; rejects where they cannot be fetched. */
export async function loadWords(tag: Language): Promise<void> {
  if (loaded.value[tag] !== undefined || tag === "en") return;
  loaded.value = { ...loaded.value, [tag]: await FILES[tag]() };
}

/** Has every language at hand, as far as they can be fetched, so that speaking another needs no network. */
export async function loadAllWords(): Promise<void> {
  await Promise.allSettled((Object.keys(FILES) as Language[]).map(loadWords));
}

const spoken = computed(() => loaded.value[language.value]);

export const words = computed(() => spoken.value?.words ?? en);
export const translation = computed(() => spoken.value?.translation ?? UNTRANSLATED);

/** What an image truly is, in these words: the usual classes have one in each language, others are called as they are. */
export const labelIn = ({ labels }: Words, label: string): string =>
  (labels as Readonly<Record<string, string>>)[label] ?? label;

/** Something to be said in whichever language is spoken when it is shown. */
export type Say = (words: Words) => string;

const numbers = computed((): Numbers => numbersOf(language.value));

export const integer = (value: number): string => numbers.value.integer(value);
export const decimal = (value: number, digits: number): string => numbers.value.decimal(value, digits);
export const percent = (share: number): string => numbers.value.percent(share);
export const duration = (milliseconds: number): string => numbers.value.duration(milliseconds);
export const length = (micrometres: number): string => numbers.value.length(micrometres);
export const bytes = (size: number): string => numbers.value.bytes(size);
