// Which language the page speaks: asked for in the address, else chosen on an earlier visit, else one that the browser
// prefers, else English.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { query } from "../page/query.ts";
import { rememberedLanguage, rememberLanguage } from "../page/remembered.ts";

/** Each by its BCP 47 tag, named in itself, with the direction of its script. */
export const LANGUAGES = {
  en: { name: "English", dir: "ltr" },
  de: { name: "Deutsch", dir: "ltr" },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly dir: "ltr" | "rtl" }>>;

export type Language = keyof typeof LANGUAGES;

/** The parameter of the address. */
const PARAMETER = "lang";

/** `de-AT` is German; null for a language that the page does not speak. */
function spoken(tag: string | null): Language | null {
  const primary = (tag ?? "").toLowerCase().split("-")[0] ?? "";
  return Object.hasOwn(LANGUAGES, primary) ? (primary as Language) : null;
}

/** `query` is the address's, `preferred` the browser's list, the dearest first. */
export function detectLanguage(query: string, remembered: string, preferred: readonly string[]): Language {
  const tags = [new URLSearchParams(query).get(PARAMETER), remembered, ...preferred];
  return tags.map(spoken).find((language) => language !== null) ?? "en";
}

/** What of a query says something of options, and what of the language. */
export function partsOfQuery(query: string): { readonly options: string; readonly language: string } {
  const options = new URLSearchParams(query);
  const language = options.get(PARAMETER) ?? "";
  options.delete(PARAMETER);
  return { options: options.toString(), language };
}

/** A query of options with the language that the address asks for, if it does. */
export function withLanguage(options: string, language: string): string {
  const query = new URLSearchParams(options);
  if (language !== "") query.set(PARAMETER, language);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

export const language = signal<Language>(
  // Unit tests have neither an address nor, in all versions, a navigator.
  "location" in globalThis
    ? detectLanguage(location.search, rememberedLanguage(), navigator.languages)
    : "en",
);

/** Speaks another language from now on, and on the next visit. */
export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  rememberLanguage(chosen);
  const { options, language: asked } = partsOfQuery(query.text);
  // Else the address would bring the other one back.
  if (asked !== "") query.text = withLanguage(options, chosen);
}

/** Of a dictionary in each language, the one that the page speaks now. */
export const inLanguage = <W>(all: Readonly<Record<Language, W>>): ReadonlySignal<W> =>
  computed(() => all[language.value]);
