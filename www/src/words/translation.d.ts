import { type ErrorWords } from "./en-errors.ts";
import type { Numbers } from "./numbers.ts";
/** A stretch of text. What nobody translated stays as it came, and is marked so that it is read out rightly. */
export interface Piece {
    readonly text: string;
    readonly english: boolean;
}
export type Phrase = readonly Piece[];
export declare const plain: (phrase: Phrase) => string;
export interface Translation {
    /** An error as the person is to read it: what happened, as a sentence, and what to do. */
    error(error: {
        readonly code: string;
        readonly message: string;
        readonly remedy: string;
    }): {
        readonly message: Phrase;
        readonly remedy: Phrase;
    };
    /** A warning of a report. */
    warning(warning: string): Phrase;
    /** A clause of an error by itself. */
    clause(text: string): string;
}
/** English is not translated, but made whole sentences. */
export declare const UNTRANSLATED: Translation;
/** Into the language of `words`, whose numbers `decimal` writes. */
export declare function translationInto(words: ErrorWords, { decimal }: Pick<Numbers, "decimal">): Translation;
