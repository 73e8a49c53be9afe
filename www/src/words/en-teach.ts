// The words about judging and teaching in English, the source of truth: other languages have the same keys.

import { numbersOf } from "./numbers.ts";

const { integer, plural } = numbersOf("en");

export const teach = {
  title: "Judged by the labels",
  count: (images: number, patients: number) =>
    `${plural(images, "labelled image")} of ${plural(patients, "patient")}`,
  howToLabel:
    "Say what images truly show, by folders called benign and malignant, by a table, or image by image with B and M: then it can be told how good the verdicts are, and it can learn from them.",
  otherClasses:
    "These labels are none of the classes that are told apart now, so verdicts cannot be compared with them. Taught these labels, it tells them apart.",
  wayOut: "Teach it",
  wayOutWhy: "With a few labelled images of this laboratory it can learn to know it, here on this machine.",
  working: "Calculating …",
  nothing: "Nothing can be said yet.",
  failed: "The labels could not be compared with the verdicts.",

  /** What was said of images that were taught, each while it was left out. */
  leftOut: {
    title: "Verdicts on what was left out",
    patients: "Each image as a lesson judged it that had not seen its patient.",
    images: "Each image as a lesson judged it that had not seen it; others of its patient it had.",
    image: "Image",
    patient: "Patient",
    label: "Label",
    said: "Said",
    wrong: "(not so)",
    more: (count: number) => `and ${integer(count)} more, which the file has`,
    save: "Download these (CSV)",
    /** In the list. */
    brief: "Taught",
    note: (said: string) =>
      `The lesson that judges was taught this image. While it was left out, it was judged: ${said}.`,
  },

  /** The network that is fetched when somebody wants to learn more than the usual one can. */
  deeper: {
    choice: "Look deeper",
    /** `size`: "2.7 MB". */
    once: (size: string) => `A deeper network is fetched for it, once (${size}).`,
    here: "The deeper network is on this machine.",
    /** `times`: "2.1", or empty where nobody knows. */
    cost: (times: string) =>
      `It takes ${times === "" ? "longer" : `about ${times} times as long`} for an image: the labelled ones are looked at anew now, all others once its lesson judges.`,
    worth:
      "Of another laboratory it learns more: on 574 fields of oral mucosa, taught on one half and tested on the other, the AUC was 0.90 instead of 0.85. On breast tissue in other stains it learned a little less.",
    stays:
      "Every verdict stays until its lesson is used, and comes back, on this visit, when the lesson is put down.",
    fetching: (received: string, total: string) => `Fetching the deeper network: ${received} of ${total} …`,
    looking: (done: number, total: number) =>
      `Looking deeper: ${integer(done)} of ${plural(total, "image")} …`,
    notInFile: (file: string) =>
      `A deeper network learns more of another laboratory. It is not in this file, which would be larger by a third: drop ${file} here, which lies beside the page's other models and in its source.`,
    taken: "The deeper network is at hand.",
    of: "On the deeper network, which takes longer for an image.",
    missing: (name: string) =>
      `The lesson ${name} was taught on the deeper network, which is not on this machine.`,
    fetch: (size: string) => `Fetch it (${size}) and use the lesson`,
    drop: (file: string) => `It is not in this file: drop ${file} here.`,
    notNow: "Not now",
    cancel: "Cancel",
    precision: "The deeper network, on which the lesson was taught, comes in one precision.",
  },

  /** What a lesson says whose classes are not benign and malignant. */
  classes: {
    /** Heads a column: the probability of the class that is said. */
    share: "Share",
    shareHint: "Probability of the class that is said",
    /** "4 normal, 2 in situ": how patches or images voted */
    /** Where not all have the same classes. */
    mixed: "by class",
    votes: (counts: string, leftOut: string) => `${counts}.${leftOut === "" ? "" : ` Left out: ${leftOut}.`}`,
    listed: (counts: string, leftOut: number) => `${counts || "none"}, ${leftOut} left out`,
    histogram: "Patches by class",
    most: (label: string) => `Most ${label}`,
    none: (label: string) => `No patch votes ${label}.`,
    /** In the legend, of classes that share a colour */
    others: (count: number) => `${integer(count)} others`,
    meanOver: (images: number) => `Mean over ${plural(images, "image")}.`,
  },

  /** What is kept and in force. */
  lessons: {
    label: "Lesson",
    inForce: (name: string) => `The lesson ${name} judges.`,
    /** What it was taught with: "12 benign, 12 malignant" */
    taughtOn: (what: string) => `Taught with ${what}.`,
    part: (images: number, label: string) => `${integer(images)} ${label}`,
    proof: (auc: string) => `AUC ${auc} on patients left out.`,
    unproven: "Nothing proves that it is any good.",
    back: "Back to the model as it came",
    save: "Download it",
    onnx: "Download as ONNX",
    onnxHint: "The model with this lesson in one file, for ONNX Runtime and programs like it",
    notExported: (why: string) => `The lesson could not be saved as ONNX. ${why}`,
    kept: "Lessons on this machine",
    use: "Use",
    remove: "Remove",
    useOf: (name: string) => `Use the lesson ${name}`,
    removeOf: (name: string) => `Remove the lesson ${name}`,
    saveOf: (name: string) => `Download the lesson ${name}`,
    notKept: (why: string) => `The lesson could not be kept for the next visit (${why}). Download it.`,
    refused: "The lesson cannot be used",
    judging: "Judging everything anew …",
    judged: (name: string) => `Everything was judged anew by the lesson ${name}.`,
    judgedBack: "Everything was judged anew by the model as it came.",
    fact: "Lesson",
  },
};

export type TeachWords = typeof teach;
