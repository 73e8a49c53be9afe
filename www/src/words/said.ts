// An error of our own in words: English, as reports and programs have it, and what it takes to tell it in any language.

import { errors } from "./en-errors.ts";
import { fill } from "./template.ts";

type Errors = typeof errors;

/** Code, message, remedy and cause of an error, for its constructor. */
export function said<C extends keyof Errors, K extends keyof Errors[C] & string>(
  code: C,
  kind: K,
  params: Readonly<Record<string, string | number>> = {},
) {
  const { message, remedy } = errors[code][kind] as { readonly message: string; readonly remedy: string };
  return [code, fill(message, params), remedy, { kind, params }] as const;
}
