// What comes in English, in the language that the page speaks now.

import { asHistoscopeError } from "../base/errors.ts";
import { plain, type Translation } from "./phrase.ts";
import type { Value } from "./said.ts";
import { translation } from "./words.ts";

export { type Phrase, type Piece, plain } from "./phrase.ts";

/** An error as the person is to read it: what happened, as a sentence, and what to do. */
export const told: Translation["error"] = (error) => translation.value.error(error);

/** What happened, whatever was thrown. */
export const messageOf = (error: unknown): string => plain(told(asHistoscopeError(error)).message);

/** A warning of a report. */
export const toldWarning: Translation["warning"] = (sentence, cause) =>
  translation.value.warning(sentence, cause);

/** A value of an error by itself, such as a clause. */
export const toldClause = (value: Value): string => plain(translation.value.clause(value));
