// The words about how good verdicts are, and about making a lesson, in English, the source of truth: other languages have the same keys.

import type { Measure, Subject } from "../teach/evaluation.ts";
import { numbersOf } from "./numbers.ts";

const { integer, plural } = numbersOf("en");

const measures: Readonly<Record<Measure, { readonly name: string; readonly hint: string }>> = {
  accuracy: { name: "Right", hint: "Share of right leanings" },
  balanced_accuracy: { name: "Balanced", hint: "The classes' shares of right leanings, averaged" },
  sensitivity: { name: "Sensitivity", hint: "Of the malignant, leaning so" },
  specificity: { name: "Specificity", hint: "Of the benign, leaning so" },
  auc: {
    name: "AUC",
    hint: "How often a malignant one has the higher probability; one half is chance",
  },
  calibration_error: {
    name: "Calibration error",
    hint: "How far confidence and the share that is right lie apart on average",
  },
};

/** What the classes may differ by. */
const differences = {
  folder: "the folders in which their images lie",
  size: "the size of their images",
  format: "the format of their files",
  scale: "their scale",
};

export const judgedWords = {
  scores: {
    caption: "By image and by patient, with 95 % intervals over patients",
    measure: "Measure",
    image: "By image",
    patient: "By patient",
    measures,
    /** "83 % (71 to 92)" */
    estimate: (value: string, low: string, high: string) => `${value} (${low} to ${high})`,
    none: "not known",
    confusion: { image: "Images: truth and leaning", patient: "Patients: truth and leaning" },
    truth: "Truth",
    /** The class with the greatest probability, also of what is uncertain or unfamiliar. */
    leans: (label: string) => `leans to ${label}`,
    verdicts: (counts: string) => `Verdicts on images: ${counts}`,
  },

  plots: {
    table: "As a table",
    save: "SVG",
    saveLabel: (plot: string) => `Save as SVG: ${plot}`,
    /** What the curves are of. */
    of: "Curves",
    subjects: { image: "By image", patient: "By patient" } satisfies Readonly<Record<Subject, string>>,
    /** Heads a plot where it is not said beside it. */
    ofSubject: (title: string, subject: Subject) =>
      subject === "image" ? `${title}, by image` : `${title}, by patient`,
    band: "In 95 of 100 draws of patients the curve lies within the shaded band, or the bars.",
    /** These two head columns of a table: the ends of the interval. */
    low: (what: string) => `${what}, at least`,
    high: (what: string) => `${what}, at most`,
    roc: {
      title: "Sensitivity against false alarms (ROC)",
      x: "False alarms",
      y: "Sensitivity",
      about: (auc: string) => `AUC ${auc}. The diagonal is chance.`,
      threshold: "Threshold",
    },
    calibration: {
      title: "Confidence against what is right",
      x: "Confidence",
      y: "Right",
      about: (ece: string) => `Calibration error ${ece}. On the diagonal, confidence means what it says.`,
      range: "Confidence from",
      to: "to",
      count: { image: "Images", patient: "Patients" } satisfies Readonly<Record<Subject, string>>,
    },
    coverage: {
      title: "What is left if only sure verdicts count",
      x: "Kept",
      y: "Right",
      about: "Each point is a threshold of confidence.",
      threshold: "Threshold of confidence",
      at: (threshold: string, kept: string, right: string, subject: Subject) =>
        `From a confidence of ${threshold} on, ${kept} of the ${subject}s are left, and ${right} of them are right.`,
      none: (threshold: string, subject: Subject) => `No ${subject} has a confidence of ${threshold}.`,
      use: "Be uncertain below this",
    },
  },

  worst: {
    title: "Confident but wrong",
    hint: "Either the leaning is wrong or the label is.",
    /** "labelled benign, leans to malignant with 97 %" */
    wrong: (label: string, other: string, share: string) =>
      `labelled ${label}, leans to ${other} with ${share}`,
    none: "No leaning is wrong.",
    more: (count: number) => `and ${integer(count)} more`,
  },

  warnings: "Caution",
  /** By the core's code: why nothing can be said, or what to be wary of. Values stand in braces. */
  remarks: {
    classes: "There must be two to twelve kinds of labels.",
    too_many: "There are more images than can be compared at once.",
    unknown_label: "The label {label} is none of the classes that are told apart here.",
    no_probabilities: "The result of {image} cannot be used. Run it again.",
    too_few:
      "Too little with the label {class}: images {images}, patients {patients}; {least_images} and {least_patients} are needed.",
    patient_on_both_sides: "Patient {patient} has images of more than one label.",
    same_image_on_both_sides: "Identical images have different labels: {images}.",
    taught:
      "Images that do not count here, as they or others of their patients were taught to the lesson that judges: {count}.",
    all_taught:
      "All labelled images ({count}), or others of their patients, were taught to the lesson that judges. What it did on patients left out stands above; images of other patients would tell more.",
    copies: "Copies of other images, which count once: {count}.",
    patients_unknown:
      "Of some images nobody said whose they are. Each counts as a patient of its own, so the figures look better than they are.",
    classes_differ_by: "The classes can be told apart by {what} alone: perhaps that is all that was learned.",
    not_better: "On patients left out it is not surely better than the model was before.",
    not_better_than_chance: "On patients left out it is not surely better than chance.",
    forced: "There were too few patients: nothing is proven.",
  },
  differences,
  other: (code: string) => `The reason has no words here (${code}).`,

  /** Making a lesson. */
  panel: {
    title: "Teach it these",
    what: "From labelled images it can learn how this laboratory's images look, by two to twelve labels of any name. It takes seconds, here on this machine, and no image leaves it.",
    counts: "What there is to learn from",
    label: "Label",
    images: "Images",
    patients: "Patients",
    enough: "enough",
    /** What a class lacks. */
    lacks: (images: number, patients: number) =>
      `${[images > 0 && plural(images, "image"), patients > 0 && plural(patients, "patient")]
        .filter((text) => text !== false)
        .join(" and ")} more`,
    without: (count: number) =>
      `${plural(count, "labelled image")} ${count === 1 ? "was" : "were"} not looked at on this visit, so there is nothing to learn from ${count === 1 ? "it" : "them"} yet.`,
    runThem: (count: number) => `Run ${integer(count)} again`,
    full: "There is no more room for what was seen of further images. Fewer patches for each leave more.",
    name: "Name of the lesson",
    usualName: "My laboratory",
    teach: "Teach it these",
    teaching: (count: number) =>
      `Learning from ${plural(count, "image")}, and leaving patients out to see how well …`,
    cancel: "Cancel",
    force: "Teach it anyway",
    forceWhy: "With so few it cannot be shown whether it learned anything.",
    failed: "Nothing was learned.",
    result: "What it has learned",
    leftOut: "Each patient was judged by a lesson that had not seen that patient's images.",
    notByPatient: "There were too few patients to leave any out.",
    measure: "Measure",
    before: "Before",
    after: "With the lesson",
    difference: "Difference",
    /** "+0.31 (0.20 to 0.42)" */
    change: (value: string, low: string, high: string) => `${value} (${low} to ${high})`,
    use: "Use it",
    discard: "Discard it",
    details: "All figures on patients left out",
  },

  save: {
    json: "Download (JSON)",
    csv: "Download (CSV)",
  },
};

export type JudgedWords = typeof judgedWords;
