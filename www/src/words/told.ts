// What comes in English, from the core or out of a saved report, in the language of the page: the template that an
// English text was made of is looked for among the words, and its translation filled with the same values.

import { clauses, errors, remedies, warnings } from "./en-errors.ts";
import { language } from "./language.ts";
import { fill, valuesIn } from "./template.ts";
import { decimal, words } from "./words.ts";

/** A stretch of text. What nobody translated stays as it came, and is marked so that it is read out rightly. */
export interface Piece {
  readonly text: string;
  readonly english: boolean;
}

export type Phrase = readonly Piece[];

export const plain = (phrase: Phrase): string => phrase.map(({ text }) => text).join("");

/** Names of values that are prose: if no clause says the same, they are English. */
const PROSE = new Set(["detail", "problem", "reason", "what", "wanted", "why"]);

/** "20000" as "20.000", "67.1 MB" as "67,1 MB"; anything else as it is. */
function localised(value: string): string {
  const [, number, fraction = "", unit = ""] = /^(\d{1,15}(?:\.(\d+))?)( [kM]B)?$/.exec(value) ?? [];
  return number === undefined ? value : decimal(Number(number), fraction.length) + unit;
}

function clause(text: string): string | null {
  for (const [name, template] of Object.entries(clauses)) {
    const values = valuesIn(template, text);
    if (values !== null) return fill(words.value.clauses[name as keyof typeof clauses], values);
  }
  return null;
}

/** A clause of an error by itself. */
export const toldClause = (text: string): string => clause(text) ?? text;

/** The translation of a template with the values of the English text in it. */
function translate(template: string, values: Readonly<Record<string, string>>): Phrase {
  return template.split(/(\{\w+\})/).flatMap((part): Piece[] => {
    const value = part.startsWith("{") ? values[part.slice(1, -1)] : undefined;
    if (value === undefined) return part === "" ? [] : [{ text: part, english: false }];
    const known = clause(value);
    if (known !== null) return [{ text: known, english: false }];
    return [{ text: localised(value), english: PROSE.has(part.slice(1, -1)) }];
  });
}

/** A text that begins small or ends open, as a sentence. */
function sentence(phrase: Phrase): Phrase {
  const last = phrase.at(-1);
  return phrase.map((piece, index) => {
    const begun = index === 0 ? piece.text.charAt(0).toUpperCase() + piece.text.slice(1) : piece.text;
    const closed = piece === last && !/[.!?]$/.test(begun) ? `${begun}.` : begun;
    return { ...piece, text: closed };
  });
}

const asIs = (text: string): Phrase => (text === "" ? [] : [{ text, english: language.value !== "en" }]);

type Templates = Readonly<Record<string, Readonly<Record<string, { message: string; remedy: string }>>>>;

/** An error as the person is to read it: what happened, as a sentence, and what to do. */
export function told(error: { readonly code: string; readonly message: string; readonly remedy: string }): {
  readonly message: Phrase;
  readonly remedy: Phrase;
} {
  if (language.value === "en") return { message: sentence(asIs(error.message)), remedy: asIs(error.remedy) };
  const ours = (words.value.errors as Templates)[error.code];
  for (const [name, { message, remedy }] of Object.entries((errors as Templates)[error.code] ?? {})) {
    const values = valuesIn(message, error.message);
    const theirs = ours?.[name];
    if (values === null || theirs === undefined) continue;
    return {
      message: sentence(translate(theirs.message, values)),
      remedy: error.remedy === remedy ? [{ text: theirs.remedy, english: false }] : asIs(error.remedy),
    };
  }
  const known = error.remedy === remedies.tryAgain;
  return {
    message: sentence(asIs(error.message)),
    remedy: known ? [{ text: words.value.remedies.tryAgain, english: false }] : asIs(error.remedy),
  };
}

/** A warning of a report. */
export function toldWarning(warning: string): Phrase {
  if (language.value === "en") return sentence(asIs(warning));
  for (const [name, template] of Object.entries(warnings)) {
    const values = valuesIn(template, warning);
    if (values !== null) return translate(words.value.warnings[name as keyof typeof warnings], values);
  }
  return sentence(asIs(warning));
}
