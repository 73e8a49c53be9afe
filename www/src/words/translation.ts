// What comes in English, from the core or out of a saved report, in another language: the template that an English text
// was made of is looked for among the words, and its translation filled with the same values.

import { clauses, type ErrorWords, errors, remedies, warnings } from "./en-errors.ts";
import type { Numbers } from "./numbers.ts";
import { fill, valuesIn } from "./template.ts";

/** A stretch of text. What nobody translated stays as it came, and is marked so that it is read out rightly. */
export interface Piece {
  readonly text: string;
  readonly english: boolean;
}

export type Phrase = readonly Piece[];

export const plain = (phrase: Phrase): string => phrase.map(({ text }) => text).join("");

export interface Translation {
  /** An error as the person is to read it: what happened, as a sentence, and what to do. */
  error(error: { readonly code: string; readonly message: string; readonly remedy: string }): {
    readonly message: Phrase;
    readonly remedy: Phrase;
  };
  /** A warning of a report. */
  warning(warning: string): Phrase;
  /** A clause of an error by itself. */
  clause(text: string): string;
}

/** Names of values that are prose: if no clause says the same, they are English. */
const PROSE = new Set(["detail", "problem", "reason", "what", "wanted", "why"]);

/** A text that begins small or ends open, as a sentence. */
function sentence(phrase: Phrase): Phrase {
  const last = phrase.at(-1);
  return phrase.map((piece, index) => {
    const begun = index === 0 ? piece.text.charAt(0).toUpperCase() + piece.text.slice(1) : piece.text;
    const closed = piece === last && !/[.!?]$/.test(begun) ? `${begun}.` : begun;
    return { ...piece, text: closed };
  });
}

/** English is not translated, but made whole sentences. */
export const UNTRANSLATED: Translation = {
  error: ({ message, remedy }) => ({
    message: sentence(asIs(message, false)),
    remedy: asIs(remedy, false),
  }),
  warning: (warning) => sentence(asIs(warning, false)),
  clause: (text) => text,
};

function asIs(text: string, english: boolean): Phrase {
  return text === "" ? [] : [{ text, english }];
}

type Templates = Readonly<Record<string, Readonly<Record<string, { message: string; remedy: string }>>>>;

/** Into the language of `words`, whose numbers `decimal` writes. */
export function translationInto(words: ErrorWords, { decimal }: Pick<Numbers, "decimal">): Translation {
  /** "20000" as "20.000", "67.1 MB" as "67,1 MB"; anything else as it is. */
  function localised(value: string): string {
    const [, number, fraction = "", unit = ""] = /^(\d{1,15}(?:\.(\d+))?)( [kM]B)?$/.exec(value) ?? [];
    return number === undefined ? value : decimal(Number(number), fraction.length) + unit;
  }

  function clause(text: string): string | null {
    for (const [name, template] of Object.entries(clauses)) {
      const values = valuesIn(template, text);
      if (values !== null) return fill(words.clauses[name as keyof typeof clauses], values);
    }
    return null;
  }

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

  return {
    error(error) {
      const ours = (words.errors as Templates)[error.code];
      // Several remedies may belong to one message.
      const all = Object.entries((errors as Templates)[error.code] ?? {});
      const likely = all.sort(
        ([, a], [, b]) => Number(b.remedy === error.remedy) - Number(a.remedy === error.remedy),
      );
      for (const [name, { message, remedy }] of likely) {
        const values = valuesIn(message, error.message);
        const theirs = ours?.[name];
        if (values === null || theirs === undefined) continue;
        return {
          message: sentence(translate(theirs.message, values)),
          remedy: error.remedy === remedy ? asIs(theirs.remedy, false) : asIs(error.remedy, true),
        };
      }
      const known = error.remedy === remedies.tryAgain;
      return {
        message: sentence(asIs(error.message, true)),
        remedy: known ? asIs(words.remedies.tryAgain, false) : asIs(error.remedy, true),
      };
    },
    warning(warning) {
      for (const [name, template] of Object.entries(warnings)) {
        const values = valuesIn(template, warning);
        if (values !== null) return translate(words.warnings[name as keyof typeof warnings], values);
      }
      return sentence(asIs(warning, true));
    },
    clause: (text) => clause(text) ?? text,
  };
}
