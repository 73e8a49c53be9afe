// The images that something can be learned or judged from: those whose truth is known and that have a result, and what of
// them is missing.

import { hasVoted } from "../study/classes.ts";
import type { Entry } from "../study/entry.ts";
import { compareLabels } from "../study/labels.ts";
import type { ImageReport, Label } from "../study/report.ts";

/** Of each class there must be so many of both; the core has the same limits. */
export const LEAST_IMAGES = 5;
export const LEAST_PATIENTS = 2;
/** The core learns no more classes at once. */
export const MOST_CLASSES = 12;

const USUAL: readonly Label[] = ["benign", "malignant"];

/** A labelled image with its result. */
export interface Sample {
  readonly entry: Entry;
  readonly label: string;
  /** Empty where it is not known. */
  readonly patient: string;
  readonly report: ImageReport;
}

/** How many labelled images there are of a class, and of how many patients. */
export interface ClassCount {
  readonly label: string;
  readonly images: number;
  /** Each image of no known patient counts as one of its own, as the core counts it. */
  readonly patients: number;
}

/**
 * Labelled images whose patches voted. Drawings are among them only where nothing else is: nobody wants to mix them with
 * tissue.
 */
export function samplesOf(entries: readonly Entry[]): Sample[] {
  const all = entries.flatMap((entry): Sample[] => {
    const { label, patient, counts, outcome } = entry.line.peek();
    if (label === "" || !counts || !outcome?.success || !hasVoted(outcome)) return [];
    return [{ entry, label, patient, report: outcome }];
  });
  const real = all.filter(({ entry }) => !entry.demo);
  return real.length > 0 ? real : all;
}

/** Benign before malignant, others by name. */
export function classCounts(samples: readonly Pick<Sample, "label" | "patient">[]): ClassCount[] {
  const classes = new Map<string, { images: number; patients: Set<string>; alone: number }>();
  for (const { label, patient } of samples) {
    const known = classes.get(label) ?? { images: 0, patients: new Set(), alone: 0 };
    known.images++;
    if (patient === "") known.alone++;
    else known.patients.add(patient);
    classes.set(label, known);
  }
  return [...classes]
    .map(([label, { images, patients, alone }]) => ({ label, images, patients: patients.size + alone }))
    .sort((a, b) => compareLabels(a.label, b.label));
}

/**
 * The classes of labels: both usual ones if there is no other, even where one is missing. By their characters' numbers, as
 * the core has them, whatever the language: the same labels make the same lesson from the command line.
 */
export function classesOf(counts: readonly ClassCount[]): string[] {
  const labels = counts.map(({ label }) => label);
  return labels.every((label) => USUAL.includes(label as Label)) ? [...USUAL] : labels.sort();
}

/** What a class lacks before anything can be learned from it; zeros where it has enough. */
export function lacking({ images, patients }: Pick<ClassCount, "images" | "patients">) {
  return {
    images: Math.max(0, LEAST_IMAGES - images),
    patients: Math.max(0, LEAST_PATIENTS - patients),
  };
}

/**
 * Whether the core can be asked to learn: there are two classes at least, not too many, and of each enough images. Where it
 * lacks patients the core says so, and a person may want it all the same.
 */
export function mayBeTaught(counts: readonly ClassCount[]): boolean {
  return (
    counts.length >= 2 &&
    counts.length <= MOST_CLASSES &&
    counts.every((count) => lacking(count).images === 0)
  );
}
