// An error of our own in words: English, as reports and programs have it, and what it takes to tell it in any language.

import type { Cause } from "../engine/protocol.ts";
import { clauses, errors } from "./en-errors.ts";
import { fill } from "./template.ts";

type Errors = typeof errors;

/** A value of an error: a number, a text that nobody translates, or a clause that every language has. */
export type Value = string | number | Cause;

/** One of the words' clauses, with its values. */
export const clause = (kind: keyof typeof clauses, params?: Readonly<Record<string, Value>>): Cause => ({
  kind,
  ...(params && { params }),
});

/** A value as English prose. */
export function inEnglish(value: Value): string {
  if (typeof value !== "object") return String(value);
  const template = (clauses as Readonly<Record<string, string>>)[value.kind] ?? value.kind;
  return filled(template, value.params ?? {});
}

function filled(template: string, params: Readonly<Record<string, Value>>): string {
  return fill(
    template,
    Object.fromEntries(Object.entries(params).map(([name, value]) => [name, inEnglish(value)])),
  );
}

/** Code, message, remedy and cause of an error, for its constructor. */
export function said<C extends keyof Errors, K extends keyof Errors[C] & string>(
  code: C,
  kind: K,
  params: Readonly<Record<string, Value>> = {},
) {
  const { message, remedy } = errors[code][kind] as { readonly message: string; readonly remedy: string };
  return [code, filled(message, params), remedy, { kind, params }] as const;
}
