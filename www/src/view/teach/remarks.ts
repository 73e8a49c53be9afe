// What the core says by a code, in the words of the page.

import type { Remark } from "../../teach/evaluation.ts";
import { judgedWords } from "../../words/judged.ts";
import { fill } from "../../words/template.ts";
import { labelWord } from "../wording.ts";

export function remarkWords({ code, params }: Remark): string {
  const { remarks, differences, other } = judgedWords.value;
  const template = (remarks as Readonly<Record<string, string>>)[code];
  if (template === undefined) return other(code);
  const values = Object.entries(params).map(([name, value]) => {
    if (name === "class" || name === "label") return [name, labelWord(value)];
    const known = (differences as Readonly<Record<string, string>>)[value];
    return [name, name === "what" ? (known ?? value) : value];
  });
  return fill(template, Object.fromEntries(values));
}
