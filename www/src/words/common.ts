// The words that the page and the element that others embed have in common, in each language: what is said of an image is
// called alike wherever it is said.

import type { Label, Reason, Verdict } from "../study/report.ts";

export interface CommonWords {
  readonly verdicts: Readonly<Record<Verdict, string>>;
  /** Within a sentence. */
  readonly labels: Readonly<Record<Label, string>>;
  /** In counts and in the legend. */
  readonly reasons: Readonly<Record<Reason, string>>;
  readonly researchUse: string;
}

export const commonEn: CommonWords = {
  verdicts: {
    benign: "Benign",
    malignant: "Malignant",
    uncertain: "Uncertain",
    unfamiliar: "Unfamiliar",
    "not assessable": "Not assessable",
  },
  labels: { benign: "benign", malignant: "malignant" },
  reasons: { background: "background", blurred: "blurred", not_he: "not H&E" },
  researchUse: "Research use only. Not a medical device, not a diagnosis.",
};
