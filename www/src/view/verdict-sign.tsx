// What stands before the word of a verdict: a square in the colour of its label, or a sign where there is none.

import { isOwn } from "../study/classes.ts";
import { classColour } from "./colours.ts";

const SIGNS: Readonly<Partial<Record<string, string>>> = {
  uncertain: "M5.6 6.2a2.4 2.4 0 1 1 3.4 2.2c-.7.3-1 .7-1 1.5M8 12.1v.1",
  unfamiliar: "M8 4.4v4.4M8 11.5v.1",
  "not assessable": "M3.4 12.6 12.6 3.4",
};

interface VerdictSignProps {
  verdict: string;
  /** Those that were told apart. */
  classes: readonly string[];
}

export function VerdictSign({ verdict, classes }: VerdictSignProps) {
  const sign = SIGNS[verdict];
  if (sign === undefined) {
    // Benign and malignant have theirs by the style sheet, in the dark too.
    const colour = isOwn(classes) ? undefined : classColour(classes, Math.max(0, classes.indexOf(verdict)));
    return <span class="chip" style={{ background: colour }} aria-hidden="true" />;
  }
  return (
    <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6.5" />
      <path d={sign} />
    </svg>
  );
}
