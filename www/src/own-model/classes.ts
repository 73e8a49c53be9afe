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

/** Asked in this order: "phyllodes tumour" is benign, and so is "no tumour". */
const NAMES: readonly (readonly [RegExp, Label])[] = [
  [/^(non?|not) ?(tumou?r|cancer|idc|malignan|metasta)|^(negative|healthy)$/, "benign"],
  [/benign|normal|adenosis|fibroadenoma|phyllodes|tubular adenoma/, "benign"],
  [/malignan|carcinoma|cancer|tumou?r|metasta|in ?situ|invasive|^(idc|dcis|ilc|lcis|positive)$/, "malignant"],
];

export function usuallyCounts(label: string): Label | undefined {
  const plain = label
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
