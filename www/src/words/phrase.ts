// What is told, piece by piece: of which language each is. English comes as it is, and is only made whole sentences.

import type { Cause, WireError } from "../engine/protocol.ts";
import { inEnglish, type Value } from "./said.ts";

/** A stretch of text. What nobody translated stays as it came, and is marked so that it is read out rightly. */
export interface Piece {
  readonly text: string;
  readonly english: boolean;
}

export type Phrase = readonly Piece[];

export const plain = (phrase: Phrase): string => phrase.map(({ text }) => text).join("");

/** What of an error is told. */
export type Told = Omit<WireError, "fault" | "cause"> & { readonly cause?: Cause | undefined };

export interface Translation {
  /** An error as the person is to read it: what happened, as a sentence, and what to do. */
  error(error: Told): { readonly message: Phrase; readonly remedy: Phrase };
  /** A warning of a report: its sentence, and which it is, where the report says so. */
  warning(sentence: string, cause?: Cause): Phrase;
  /** A value of an error by itself. */
  clause(value: Value): Phrase;
}

/** A text that begins small or ends open, as a sentence. */
export function sentence(phrase: Phrase): Phrase {
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
  clause: (value) => asIs(inEnglish(value), false),
};

export function asIs(text: string, english: boolean): Phrase {
  return text === "" ? [] : [{ text, english }];
}
