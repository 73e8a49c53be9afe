// The classes of somebody's network, and what they count as by what pathologists call them.

import type { Label } from "../study/report.ts";

/**
 * A class of the network, as the person names it, and what it counts as; not chosen yet where nothing tells, and of no
 * class where they are its own.
 */
export interface OwnClass {
  readonly name: string;
  readonly counts: Label | undefined;
}

// The core tells them by the same rules (`usually_counts` in `src/configs.rs`), and both are held to one table.

/** Of growth that may be benign. */
const TUMOR = "tumou?r(?:s|al)?";
const ILL = "cancer(?:s|ous)?|malignan(?:t|cy|cies)|metasta(?:sis|ses|tic)";
const GRAVE = `${ILL}|(?:adeno)?carcinomas?|in ?situ|invasive`;
const DENIALS = "no|non|not|without|free|negative|absent|evidence";
const BENIGN = "benign|normal|adenosis|fibroadenomas?|phyllodes|tubular adenomas?";
const word = (words: string): string => String.raw`\b(?:${words})\b`;

/**
 * Asked in this order: "phyllodes tumour" is benign, and so is "no tumour". Only whole words tell, since "abnormal" is
 * not "normal", and nothing tells where words speak against each other: a wrong answer turns verdicts round.
 */
const NAMES: readonly (readonly [RegExp, Label | undefined])[] = [
  [/^(negative|healthy)$/, "benign"],
  [/^(idc|dcis|ilc|lcis|positive)$/, "malignant"],
  // What is near a tumour, or before one, is none itself.
  [/\bperi|\bpre\b| (associated|infiltrating|adjacent)\b/, undefined],
  // "Non-metastatic carcinoma" and "not tumour-free" are not benign.
  [
    new RegExp(
      `^(?:non?|not) ?(?:${TUMOR}|${ILL}|idc)\\b(?!.*${word(`${TUMOR}|${GRAVE}|idc|dcis|ilc|lcis|${DENIALS}`)})`,
    ),
    "benign",
  ],
  [new RegExp(word(DENIALS)), undefined],
  // "Malignant phyllodes tumour" is neither.
  [new RegExp(`^(?=.*${word(BENIGN)}).*${word(GRAVE)}`), undefined],
  [new RegExp(word(BENIGN)), "benign"],
  [new RegExp(word(`${TUMOR}|${GRAVE}`)), "malignant"],
];

export function usuallyCounts(label: string): Label | undefined {
  const plain = label
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[^a-z]+/g, " ")
    .trim();
  return NAMES.find(([pattern]) => pattern.test(plain))?.[1];
}

/** Whether it is known of all what they count as. */
export const areCounted = (classes: readonly OwnClass[]): boolean =>
  classes.every(({ counts }) => counts !== undefined);

/** As classes of the network's own. */
export const uncounted = (classes: readonly OwnClass[]): OwnClass[] =>
  classes.map(({ name }) => ({ name, counts: undefined }));

/** The classes of a network with so many scores, under the names that came with it or under numbers. */
export function ownClasses(names: readonly string[] | null, columns: number): OwnClass[] {
  const known = names?.length === columns ? names : [];
  return Array.from({ length: columns }, (_, index) => {
    const name = known[index] ?? String(index);
    return { name, counts: known[index] === undefined ? undefined : usuallyCounts(name) };
  });
}
