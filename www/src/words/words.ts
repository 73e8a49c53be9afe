// The words of the page in the language that it speaks now. What reads `words.value` while it renders is rendered anew
// when the language changes.

import { computed } from "@preact/signals";
import { de } from "./de.ts";
import { en, type Words } from "./en.ts";
import { type Language, language } from "./language.ts";
import { type Numbers, numbersOf } from "./numbers.ts";

export type { Words };

export const ALL: Readonly<Record<Language, Words>> = { en, de };

export const words = computed(() => ALL[language.value]);

/** Something to be said in whichever language is spoken when it is shown. */
export type Say = (words: Words) => string;

const numbers = computed((): Numbers => numbersOf(language.value));

export const integer = (value: number): string => numbers.value.integer(value);
export const decimal = (value: number, digits: number): string => numbers.value.decimal(value, digits);
export const percent = (share: number): string => numbers.value.percent(share);
export const duration = (milliseconds: number): string => numbers.value.duration(milliseconds);
export const bytes = (size: number): string => numbers.value.bytes(size);
