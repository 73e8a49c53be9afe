// A lesson: a head that a person taught, as its file has it. The core reads and checks it; here is what the page shows of it.

import type { TeachCore } from "./core.ts";
import type { Estimate, Evaluation, Remark } from "./evaluation.ts";

/** What the file says it is. */
const FORMAT = "histoscope-lesson";

/** Larger files are no lessons; the core has the same limit. */
export const MOST_LESSON_BYTES = 8 * 2 ** 20;

/** How it did on patients that were left out, and the model itself on the same images. */
export interface Proof {
  readonly by_patient: boolean;
  readonly folds: number;
  readonly auc: Estimate | null;
  readonly accuracy: Estimate | null;
  readonly balanced_accuracy: Estimate | null;
  readonly auc_before: Estimate | null;
  readonly accuracy_before: Estimate | null;
}

/** Of the file, the fields that are shown. */
export interface LessonFacts {
  readonly name: string;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly classes: readonly string[];
  /** Below this confidence its verdict is "uncertain"; where it is none, never. */
  readonly uncertain_below?: number | null;
  /** By class. */
  readonly taught: readonly { readonly images: number; readonly patients: number }[];
  /** Digests of what was taught. */
  readonly images: readonly string[];
  readonly proof: Proof;
}

/** A lesson that the core has read. */
export interface Lesson {
  /** The file to the letter: its digest is of these. */
  readonly text: string;
  /** In hexadecimal. */
  readonly sha256: string;
  readonly facts: LessonFacts;
}

/** What was said of an image by a head that was taught neither it nor others of its patient. */
export interface LeftOut {
  /** The image's path. */
  readonly name: string;
  readonly patient: string | null;
  /** The truth. */
  readonly label: string;
  readonly prediction: string;
  /** By class. */
  readonly probabilities: readonly number[];
  /** The prediction, or "uncertain". */
  readonly verdict: string;
}

/** What teaching gives: a lesson with what speaks for it and against, or the reason why there is none. */
export interface Taught {
  /** The file's text. */
  readonly lesson: string | null;
  /** Of every image that was taught. */
  readonly left_out: readonly LeftOut[];
  /** What the verdicts of now are worth, and those of the lesson on patients left out, on the same images. */
  readonly before: Evaluation | null;
  readonly after: Evaluation | null;
  /** After less before; like that null where the model itself tells other classes apart. */
  readonly difference: Readonly<Record<"auc" | "accuracy" | "balanced_accuracy", Estimate | null>> | null;
  readonly warnings: readonly Remark[];
  readonly refused: Remark | null;
}

/** The digest of the network that a lesson says it was taught on; null where it says nothing. */
export function baseOf(text: string): string | null {
  try {
    const { model } = JSON.parse(text) as Partial<Pick<LessonFacts, "model">>;
    return typeof model?.sha256 === "string" ? model.sha256 : null;
  } catch {
    return null;
  }
}

/** Has the core read a lesson; gives its digest, or rejects with what is wrong with it. */
export async function digestBy(core: Pick<TeachCore, "check">, text: string): Promise<string> {
  return (JSON.parse(await core.check(text)) as { readonly sha256: string }).sha256;
}

/** So much of a file is looked at: what it is, it says first. */
const HEAD_BYTES = 1024;

/** Whether a file says that it is a lesson, by its name or in its first fields, whatever else it may be. */
export async function isLesson(file: File): Promise<boolean> {
  if (/\.lesson\.json$/i.test(file.name)) return true;
  // A file that cannot be read is told of where it is to be one.
  const head = await file
    .slice(0, HEAD_BYTES)
    .text()
    .catch(() => "");
  return head.includes(`"${FORMAT}"`);
}

/** A file's name for a lesson: "Our laboratory" gives `our-laboratory.lesson.json`. */
export const lessonFileName = (lesson: Lesson): string => `${stemOf(lesson)}.lesson.json`;

/** And for the model with it: `our-laboratory.onnx`. */
export const onnxFileName = (lesson: Lesson): string => `${stemOf(lesson)}.onnx`;

function stemOf({ facts }: Lesson): string {
  const stem = facts.name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return stem || "histoscope";
}

/** In all classes together. */
export const taughtImages = ({ taught }: LessonFacts): number =>
  taught.reduce((sum, { images }) => sum + images, 0);
