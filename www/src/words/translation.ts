// Errors and warnings in another language. Each says which it is and with which values: the words of that one are filled
// with them. What says no more than a sentence, as in reports of earlier versions, stays English and is marked so.

import type { Cause } from "../engine/protocol.ts";
import { errors, remedies } from "./en-errors.ts";
import type { ErrorWords } from "./en-problems.ts";
import type { Numbers } from "./numbers.ts";
import { asIs, type Phrase, sentence, type Told, type Translation } from "./phrase.ts";
import { inEnglish, type Value } from "./said.ts";

/** Names of values that are prose, which is English. */
const PROSE = new Set(["detail", "kind", "place", "problem", "reason", "what", "wanted", "why"]);

interface Words {
  readonly message: string;
  readonly remedy: string;
}

type Templates = Readonly<Record<string, Readonly<Record<string, Words>>>>;
type Clauses = Readonly<Record<string, Readonly<Record<string, string>>>>;
type Values = NonNullable<Cause["params"]>;

/** An entry of a table; names come from files, and "constructor" is none. */
function entryOf<T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Where the words of an error stand below its code: some have others for each kind of what came in place of a file. */
function keyOf(code: string, { kind, params = {} }: Cause): string {
  const known = entryOf(errors as Templates, code) ?? {};
  const nested = Object.values(params).flatMap((value) => (typeof value === "object" ? value.kind : []));
  return [kind, ...nested].find((key) => Object.hasOwn(known, key)) ?? "core";
}

/** Into the language of `words`, whose numbers `decimal` writes. */
export function translationInto(words: ErrorWords, { decimal }: Pick<Numbers, "decimal">): Translation {
  /** "20000" as "20.000", "67.1 MB" as "67,1 MB"; anything else as it is. */
  function localised(value: string): string {
    const [, number, fraction = "", unit = ""] = /^(\d{1,15}(?:\.(\d+))?)( [kM]B)?$/.exec(value) ?? [];
    return number === undefined ? value : decimal(Number(number), fraction.length) + unit;
  }

  /** A value of an error of this code: a clause that is known, a number, or as it came. */
  function piece(name: string, value: Value, code: string): Phrase {
    if (typeof value === "object") {
      const template =
        entryOf(entryOf(words.problems as Clauses, code), value.kind) ??
        entryOf(words.clauses as Clauses[string], value.kind);
      if (template !== undefined) return translate(template, value.params ?? {}, code);
      return asIs(inEnglish(value), true);
    }
    return [{ text: localised(String(value)), english: PROSE.has(name) }];
  }

  /** A template with these values in it. */
  function translate(template: string, values: Values, code = ""): Phrase {
    return template.split(/(\{\w+\})/).flatMap((part): Phrase => {
      const name = part.startsWith("{") ? part.slice(1, -1) : "";
      const value = entryOf(values, name);
      if (value !== undefined) return piece(name, value, code);
      return part === "" ? [] : [{ text: part, english: false }];
    });
  }

  /** By what an error says of itself; null where that is nothing that is known. */
  function byCause({ code, remedy, cause }: Told) {
    if (cause === undefined) return null;
    const key = keyOf(code, cause);
    const theirs = entryOf(entryOf(words.errors as Templates, code), key);
    if (theirs === undefined) return null;
    const known = entryOf(entryOf(errors as Templates, code), key)?.remedy === remedy;
    return {
      message: sentence(translate(theirs.message, cause.params ?? {}, code)),
      remedy: known ? asIs(theirs.remedy, false) : asIs(remedy, true),
    };
  }

  return {
    error(error) {
      const told = byCause(error);
      if (told !== null) return told;
      const known = error.remedy === remedies.tryAgain;
      return {
        message: sentence(asIs(error.message, true)),
        remedy: known ? asIs(words.remedies.tryAgain, false) : asIs(error.remedy, true),
      };
    },
    warning(said, cause) {
      const theirs = cause && entryOf(words.warnings as Readonly<Record<string, string>>, cause.kind);
      return sentence(theirs === undefined ? asIs(said, true) : translate(theirs, cause?.params ?? {}));
    },
    clause: (value) => piece("why", value, ""),
  };
}
