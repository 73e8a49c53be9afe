// The words of the page in English, the source of truth: other languages have the same keys. What only some parts of the
// page say stands in the files beside this one, and comes with those parts.
//
// What has a value or a number in it is a function.

import type { Reason } from "../study/report.ts";
import { commonEn } from "./common.ts";
import { errorWords } from "./en-errors.ts";
import { ownModel } from "./en-own.ts";
import { teach } from "./en-teach.ts";
import { numbersOf } from "./numbers.ts";

const { integer, plural, roundPercent, ago } = numbersOf("en");

interface ReasonWords {
  /** In counts and in the legend. */
  readonly name: string;
  /** For those to whom the name says nothing. */
  readonly why: string;
  readonly remedy: string;
}

const { verdicts, labels, researchUse } = commonEn;

const reasons: Readonly<Record<Reason, ReasonWords>> = {
  background: {
    name: commonEn.reasons.background,
    why: "hardly any tissue",
    remedy: "Choose a field that holds more tissue.",
  },
  blurred: {
    name: commonEn.reasons.blurred,
    why: "not in focus",
    remedy: "Focus again, or use the image at its original resolution.",
  },
  not_he: {
    name: commonEn.reasons.not_he,
    why: "colours unlike H&E",
    remedy: "Use a bright-field image of a section stained with haematoxylin and eosin (H&E).",
  },
};

export const en = {
  page: {
    title: "Histoscope: breast micrographs, classified in your browser",
    description:
      "Classifies breast-histopathology micrographs as benign or malignant in the browser tab. No image leaves the machine. Research use only.",
    language: "Language",
    drop: "Drop to analyse",
  },

  researchUse,

  verdicts,
  /** Within a sentence. */
  labels,
  reasons,
  failed: "Failed",

  frame: {
    loading: (share: string) => `Loading the model${share === "" ? "" : ` ${share}`}`,
    loadingHint: "Images can be added already.",
    ready: "Ready",
    readyAll: "Ready, all loaded",
    rest: {
      here: "Everything is loaded: the network is not needed any more.",
      loading: "What the other precision needs is still loading.",
      failed: "What the other precision needs could not be loaded; choosing it tries again.",
    },
    couldNotStart: "Could not start",
    unsupported: "Browser not supported",
    limits:
      "The network has seen few patients and only one laboratory's slides. It can be wrong about any image, and sure of it.",
    modelCard: "What it was trained on, how good it is, and its limits",
    /** Follows the name of the kernels. */
    withoutRelaxed: "this browser lacks relaxed SIMD, so images take longer; the results are the same",
    model: (name: string, version: string, engine: string) => `Model ${name} ${version}, engine ${engine}`,
    trainedOn: "Trained on",
    stays: "Your images stay on this machine: no upload, no cookies, no third party.",
    privacy: "How to check that yourself",
  },

  facts: {
    architecture: "Architecture",
    kernels: "Kernels",
    runtime: "Computed by",
    licence: "Licence",
    model: "Model",
    precision: "Precision",
    sha256: "SHA-256",
    engine: "Engine",
    image: "Image",
    scale: "Scale",
    patches: "Patches",
    batches: "Batches",
    check: "Check",
    time: "Time",
    options: "Options",
    familiar: "Familiar",
    uncertain: "Uncertain",
    trainedOn: "Trained on",
    measured: "Measured",
  },

  welcome: {
    title: "Benign or malignant? Ask a small neural network, on your own machine.",
    what: "Drop breast-tissue micrographs stained with haematoxylin and eosin. Histoscope looks at patches of each, says benign or malignant with a probability, and paints over the picture where it saw what.",
    here: "It all runs in this tab.",
    noUpload: "No image leaves your computer:",
    policy: "its security policy lets the page talk to no other server, and to its own it sends nothing.",
    drop: "Drop images or a folder here",
    formats:
      "PNG, JPEG, TIFF, BMP or WebP, at least 224 pixels on each side; whole slides (SVS, NDPI, DICOM). Paste works too. A report saved here (JSON) shows its results again.",
    nothing: "No images yet? Try an example",
    try: (title: string) => `Try: ${title}`,
    synthetic: "Synthetic",
    noTissue: "These were drawn by a program and show no tissue, so their verdict means nothing.",
    real: "Real micrographs, from 82 patients:",
    breakhis: "the BreakHis data set",
  },

  /** By the file of the demo picture; `what` stands beside it, where it is said of all of them what they are. */
  demos: {
    "synthetic-ducts.jpg": {
      title: "Ducts in fibrous stroma",
      what: "Drawn to look like tissue.",
      note: "Synthetic: drawn by a program to look like tissue. It is no patient's and its result means nothing.",
    },
    "synthetic-nests.jpg": {
      title: "Crowded nests, 30 patches",
      what: "More than 25 of them, so that sampling shows.",
      note: "Synthetic, with more than 25 patches, so that sampling shows. It is no patient's and its result means nothing.",
    },
    "synthetic-fat.jpg": {
      title: "Fat, a vessel and bare glass",
      what: "Some patches hold too little tissue to vote.",
      note: "Synthetic, with patches that hold little tissue. It is no patient's and its result means nothing.",
    },
  },

  /** A drawn study to try teaching with. */
  demoStudy: {
    open: "Try a study of 24 fields",
    opening: "Fetching the fields …",
    what: "Six patients of an imaginary laboratory, with labels: how a study looks, and how good its verdicts are.",
    note: "Synthetic: drawn by a program, of an imaginary laboratory. Patients and labels are invented, too.",
    patient: (number: number) => `Drawn ${number}`,
    notOpened: (why: string) => `The study could not be fetched: ${why}.`,
  },

  pickers: {
    chooseImages: "Choose images",
    chooseFolder: "Choose a folder",
    addImages: "Add images",
    addFolder: "Add folder",
    live: "Live from a camera",
    files: "Image files",
    folder: "Folder of images",
    noFolder: "This browser cannot choose a folder; the images in it can be chosen all at once.",
  },

  /** Remarks on what was just done. */
  notices: {
    skipped: (count: number) =>
      `${plural(count, "file")} skipped: ${count === 1 ? "not an image" : "not images"}.`,
    unreadable: (count: number, names: string) =>
      `${plural(count, "file or folder", "files or folders")} could not be read: ${names}.`,
    reading: (count: number) => `Reading the folder: ${plural(count, "file")} so far.`,
    recognised: (count: number) =>
      `${plural(count, "image")} ${count === 1 ? "was" : "were"} in the study already: ${count === 1 ? "its result was" : "their results were"} kept.`,
    apart: (name: string, names: string) =>
      `Folders called ${name} lie in different places. They are kept apart as ${names}.`,
    samePatient: "They are one patient",
    flat: (count: number, patient: string) =>
      `All ${plural(count, "image")} lie in one folder and count as one patient, ${patient}.`,
    notOnePatient: "They are of different patients",
    removed: (count: number) => `${plural(count, "image")} removed.`,
    patientSet: (count: number, patient: string) =>
      patient === ""
        ? `${plural(count, "image")} now of no known patient.`
        : `${plural(count, "image")} now of patient ${patient}.`,
    labelSet: (count: number, label: string) =>
      label === ""
        ? `${plural(count, "image")} now without a label.`
        : `${plural(count, "image")} now labelled ${label}.`,
    /** `lasts`: whether it is that of later images, too. */
    scaleSet: (count: number, scale: string, lasts: boolean) =>
      scale === ""
        ? `Scale of ${plural(count, "image")} now as the files tell.`
        : `Scale of ${plural(count, "image")} now ${scale} µm per pixel.${lasts ? " Images that you add later get it, too." : ""}`,
    scaleInvalid: (least: string, most: string) =>
      `A scale is a number of micrometres per pixel from ${least} to ${most}.`,
    assigned: (count: number) => `Patients and labels of ${plural(count, "image")} set.`,
    table: (path: string) =>
      `The folder contains a table, ${path}. It may name the patients and what the images show.`,
    tableFirst: (file: string) => `${file} is a table about images: add the images first.`,
    readTable: "Open the table",
    packing: (done: number, total: number) =>
      `Making the files: ${integer(done)} of ${plural(total, "image")}.`,
    undo: "Undo",
    /** `changed`: milliseconds since 1970. */
    earlier: (results: number, images: number, changed: number) =>
      `${plural(results, "result")}${results < images ? ` of ${plural(images, "image")}` : ""} ${results === 1 ? "is" : "are"} kept on this machine (${ago(changed)}).`,
    older: (count: number) => `${plural(count, "older study", "older studies")} on this machine`,
    goOn: "Go on with them",
    forget: "Delete them",
    forgetQuestion: (results: number, images: number, changed: number) =>
      `Delete ${plural(results, "result")} of ${plural(images, "image")} (${ago(changed)}) from this machine? This cannot be undone.`,
    keep: "Keep them",
    forgetForGood: "Delete for good",
    notKept: (why: string) =>
      `The study cannot be kept on this machine (${why}). Download it before you leave the page.`,
    notFound: (why: string) => `What was kept could not be read: ${why}.`,
    noFile: "There was no file in that.",
    dropUnreadable: "The browser could not read what was dropped. Choose the files instead.",
    workerReplaced: (why: string) => `A background worker stopped (${why}) and was replaced.`,
    notSaved: (why: string) => `Nothing was saved. ${why}`,
    added: (count: number) => `${plural(count, "image")} added.`,
    read: (count: number, file: string) => `${plural(count, "result")} read from ${file}.`,
    cancelled: (count: number) => `${plural(count, "image")} cancelled.`,
    paused: "Paused. Images that were already started will finish.",
    resumed: "Resumed.",
  },

  options: {
    title: "Options",
    now: {
      allPatches: "all patches",
      upTo: (count: number) => `up to ${count} patches`,
      precise: "full precision",
      stride: (pixels: number) => `every ${pixels} pixels`,
      unchecked: "patches not checked",
      neverUncertain: "never uncertain",
      uncertainBelow: (confidence: number) => `uncertain below ${roundPercent(confidence)}`,
      unfamiliarCount: "unfamiliar images count",
    },
    advanced: "Advanced",
    maxPatches: "Patches per image",
    maxPatchesHint: "Spread evenly over the image. More takes longer.",
    allOfThem: "All of them",
    atMost: (count: number) => `At most ${count}`,
    stride: "Distance between patches",
    strideHint: "Closer together, patches overlap and the map is finer. Raise their number, too.",
    touching: "Side by side",
    pixels: (count: number) => `${count} pixels`,
    precision: "Precision",
    int8: "int8, fast",
    f32: "f32, full precision",
    precisionHint: "The same network; f32 is slower and hardly ever differs.",
    check: "Patch check",
    checkOn: "Only assessable patches vote",
    checkHint: "Leaves out what is empty, blurred or not stained with H&E.",
    uncertain: "Uncertain below",
    uncertainHint:
      "Below this confidence the verdict stays open. Verdicts change at once; nothing is run again.",
    /** `confidence`: the model's own, null while it is not known. */
    ownThreshold: (confidence: number | null) =>
      confidence === null ? "The model's own" : `The model's own (${roundPercent(confidence)})`,
    never: "Never uncertain",
    confidence: (confidence: number) => `A confidence of ${roundPercent(confidence)}`,
    unfamiliar: "Unfamiliar images",
    unfamiliarCount: "Include them in means anyway",
    unfamiliarHint:
      "The model was trained on nothing like them: their probabilities are guesses. Nothing is run again.",
    workers: "Workers",
    workersHint: "Side by side on your processor. Never changes a result.",
    batchSize: "Patches per batch",
    batchSizeHint: "Smaller batches show the map sooner. Never changes a result.",
  },

  states: {
    waiting: "Waiting",
    waitingForModel: "Waiting for the model",
    decoding: "Reading",
    classifying: (done: number, total: number) => `${done} of ${total} patches`,
    failed: (message: string) => `Failed: ${message}`,
    failedAloud: (message: string) => `failed. ${message}`,
    cancelled: "Cancelled",
    same: (path: string) => `Same as ${path}`,
    noModel: "Cannot be analysed: the classifier has not started.",
    done: "Done",
    fromReport: "Report",
    demo: "Drawing: does not count",
    leftOut: "Left out",
    stayed: "Done; running it again failed",
  },

  judgement: {
    /** "Malignant, 87.0%" */
    sure: (verdict: string, share: string) => `${verdict}, ${share}`,
    /** "Uncertain, 55.0% malignant" */
    open: (verdict: string, share: string, label: string) => `${verdict}, ${share} ${label}`,
    because: (verdict: string, why: string) => `${verdict}: ${why}`,
  },

  offline: {
    singleFile:
      "This is the edition in a single file: it needs no server, and its policy allows no connection.",
    impossible: (why: string) => `This page cannot be kept for use without a network: ${why}.`,
    why: {
      refused: "the browser refuses it, as in private windows",
      development: "it comes from the development server",
      insecure: "its address is neither HTTPS nor this machine",
      unsupported: "the browser has no service workers, or not in private windows",
    },
    saving: "Saving the page for use without a network.",
    saved: "Saved on this machine: the page opens without a network.",
    mayGo:
      "The browser may remove it again: when it needs the space, in Safari also after a week without a visit.",
    failed: "The page could not be saved for use without a network; reload it to try again.",
    removed: "Removed from this machine. The next visit saves it again.",
    usage: (size: string) => `This site takes ${size} of storage.`,
    keepStudies: "Keep results on this machine, never pictures",
    remove: "Remove from this machine",
    saveAgain: "Save again",
    update: "A new version is ready.",
    reload: "Reload",
    busy: "Possible when the analysis is done.",
    takesAway: "Reloading discards the images and results below.",
  },

  trouble: {
    engine: "The classifier could not start",
    part: "This cannot be shown",
    import: (file: string) => `${file} could not be read as a report`,
    tryAgain: "Try again",
    close: "Close",
    code: "Error code",
    copy: "Copy details",
    copied: "Copied",
    unsupported: "This browser cannot run Histoscope",
    lacks: "It lacks:",
    update: "Use a current Chrome, Edge, Firefox or Safari (16.4 or later).",
    /** What the page needs of a browser. */
    capabilities: {
      wasm: {
        name: "WebAssembly",
        why: "the classifier is compiled to it; Apple's Lockdown Mode switches it off",
      },
      simd: { name: "WebAssembly SIMD", why: "the network would be too slow without it" },
      workers: { name: "workers", why: "images are analysed beside the page, so that it never freezes" },
      canvas: { name: "OffscreenCanvas", why: "pictures are drawn with it" },
    },
  },

  ownModel,

  teach,

  ...errorWords,
};

export type Words = typeof en;
