// Every word of the page in English, the source of truth: other languages have the same keys.
//
// What has a value or a number in it is a function.

import type { MapKind } from "../run/options.ts";
import type { Label, Reason } from "../study/report.ts";
import type { Column, SHOWN } from "../study/table.ts";
import { commonEn } from "./common.ts";
import { errorWords } from "./en-errors.ts";
import { ownModel } from "./en-own.ts";
import { teach } from "./en-teach.ts";
import { numbersOf } from "./numbers.ts";

const { integer, percent, roundPercent, ago } = numbersOf("en");

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${integer(count)} ${count === 1 ? one : many}`;
const patches = (count: number): string => plural(count, "patch", "patches");

interface Named {
  readonly name: string;
  readonly hint: string;
}

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

const shown: Readonly<Record<(typeof SHOWN)[number] | Label, string>> = {
  ...verdicts,
  all: "All",
  open: "Still to do",
  failed: "Failed",
  cancelled: "Cancelled",
  same: "Same as another",
};

const columns: Readonly<Record<Column, Named>> = {
  image: { name: "Image", hint: "Path" },
  verdict: { name: "Verdict", hint: "Verdict" },
  malignant: { name: "Malignant", hint: "Probability of malignant" },
  patches: { name: "Patches", hint: "Benign / malignant / left out" },
  patient: { name: "Patient", hint: "Patient" },
  label: { name: "Label", hint: "What the image truly shows, where it is known" },
  state: { name: "State", hint: "State" },
};

const mapKinds: Readonly<Record<MapKind, Named>> = {
  outline: { name: "Frames", hint: "What the network says of each patch, as a frame around it" },
  patches: { name: "Patches", hint: "What the network says of each patch" },
  detail: {
    name: "Within patches",
    hint: "Class-activation map: what the network says of each part of a patch",
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

  /** By the file of the demo picture. */
  demos: {
    "synthetic-ducts.jpg": {
      title: "Ducts in fibrous stroma",
      note: "Synthetic: drawn by a program to look like tissue. It is no patient's and its result means nothing.",
    },
    "synthetic-nests.jpg": {
      title: "Crowded nests, 30 patches",
      note: "Synthetic, with more than 25 patches, so that sampling shows. It is no patient's and its result means nothing.",
    },
    "synthetic-fat.jpg": {
      title: "Fat, a vessel and bare glass",
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

  toolbar: {
    pause: "Pause",
    resume: "Resume",
    cancel: "Cancel",
    cancelAll: (count: number) => `Cancel all ${count}`,
    retry: (count: number) => `Retry ${count} failed`,
    runCancelled: (count: number) => `Run ${count} cancelled`,
    clear: "Clear",
    outdated: (count: number) =>
      `${plural(count, "result")} ${count === 1 ? "was" : "were"} made with other options.`,
    runAgain: "Run again with these",
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

  list: {
    label: "All images",
    grid: "Images",
    none: "No image matches the filter.",
    search: "Name or patient",
    searchLabel: "Filter by name or patient",
    show: "Show",
    shown,
    byPatient: "By patient",
    sortBy: "Sort by",
    demo: "Drawing",
    count: (listed: number, total: number) => `${integer(listed)} of ${integer(total)}`,
    columns,
    remove: "Remove",
    cancel: "Cancel",
    dismiss: (what: string, file: string) => `${what} ${file}`,
    votes: (malignant: number, benign: number, leftOut: number) =>
      `${malignant} malignant, ${benign} benign, ${leftOut} left out`,
    noPatient: "No patient",
    images: (count: number) => plural(count, "image"),
    patientVerdict: (verdict: string, share: string) => `${verdict}, ${share} malignant`,
  },

  patients: {
    label: "Patients",
    patient: "Patient",
    verdict: "Verdict",
    malignant: "Malignant",
    images: "Images",
    /** "benign / malignant / left out" */
    parts: (classes: string) => `${classes} / left out`,
    notKnown: "not known",
    setForAll: (count: number) => `Set for all ${integer(count)} shown`,
    /** `others`: how many other patients these images have now, and some of their names. */
    question: (count: number, patient: string, others: number, names: string) =>
      `${plural(count, "image")}${others === 0 ? "" : ` of ${plural(others, "patient")} (${names})`} will ${
        patient === "" ? "belong to no known patient" : `belong to patient ${patient}`
      }.`,
    setAll: (count: number) => `Set all ${integer(count)}`,
    setNone: "Cancel",
    leaveOut: "Leave out of the patient's mean",
    /** In place of a verdict. */
    partial: (done: number, total: number) => `${integer(done)} of ${integer(total)} done`,
    mixed: (models: number) => `${integer(models)} models, no mean`,
  },

  /** What an image truly shows, as somebody says. */
  truth: {
    label: "Label (truth)",
    keys: (keys: readonly string[]) =>
      `In the list and in the picture by keys: ${keys.join(", ")}, X takes it away.`,
    setForAll: (count: number) => `Label all ${integer(count)} shown`,
    question: (count: number, label: string, others: number, names: string) =>
      `${plural(count, "image")}${others === 0 ? "" : `, labelled ${names} now,`} will ${
        label === "" ? "have no label" : `have the label ${label}`
      }.`,
    filter: "Label",
    any: "Any label",
    none: "Without a label",
  },

  /** The dialog that tells many images at once. */
  assign: {
    open: "Patients and labels",
    title: "Which patients are the images from, and what do they show?",
    intro: (count: number) => `For ${plural(count, "image")}. You see every change before it is made.`,
    introListed: (count: number) =>
      `For the ${plural(count, "image")} that are shown, the selected one among them. You see every change before it is made.`,
    source: "Where this is written",
    sources: {
      names: "In the names of files and folders, as when they came",
      level: "In the names of folders of one level",
      pattern: "In the paths, by a pattern",
      table: "In a table (CSV)",
    },
    part: "A folder names",
    parts: { patient: "the patient", label: "the label" },
    level: "Folder",
    levelOption: (level: number, names: string, count: number) => `${level}: ${names} (${integer(count)})`,
    noFolders: "These images lie in no folder.",
    apart: "Keep folders of one name in different places apart",
    pattern: "Pattern of the end of the path",
    patternHint:
      "{patient} and {label} mark what is to be read, * stands for anything. For example {label}/{patient}_*",
    patternInvalid: "A pattern needs {patient} or {label}, each once, and at most four * beside them.",
    choose: "Choose a table",
    tableFile: "Table of patients and labels",
    tableHint:
      "With a first line such as: file, patient, label. A table that was exported here can be edited and read again.",
    tableOf: (name: string, rows: number) => `${name}, ${plural(rows, "line")}`,
    found: (count: number, patients: number, labels: number) =>
      `${plural(count, "image")}: ${plural(patients, "patient")}, ${plural(labels, "label")}.`,
    silent: (count: number) =>
      `${plural(count, "image")} ${count === 1 ? "is not mentioned and stays as it is" : "are not mentioned and stay as they are"}.`,
    onePatient: (patient: string) =>
      `All of them would be of one patient, ${patient}. Is that so, or is it only the folder they lie in?`,
    branching: (name: string, folders: string) =>
      `Folders called ${name} lie in different places: ${folders}.`,
    unmatched: (count: number, names: string) =>
      `${plural(count, "line")} of the table ${count === 1 ? "names" : "name"} no image here: ${names}.`,
    ambiguous: (count: number, names: string) =>
      `${plural(count, "line")} could mean several images, so none is changed: ${names}. Write more of the path.`,
    contradictory: (count: number, names: string) =>
      `The table contradicts itself about ${plural(count, "image")}, so ${count === 1 ? "it stays as it is" : "they stay as they are"}: ${names}.`,
    preview: "What would change",
    more: (count: number) => `and ${integer(count)} more`,
    apply: (count: number) => `Set ${plural(count, "image")}`,
    nothing: "Nothing would change.",
    cancel: "Cancel",
  },

  scale: {
    label: "Scale (µm per pixel)",
    unknown: "not known",
    told: (length: string, objective: number | null, source: string) =>
      `${length} per pixel${objective === null ? "" : `, objective ${objective}×`}, ${source}`,
    sources: {
      set: "set by hand",
      imagej: "from ImageJ",
      ome: "from OME-XML",
      aperio: "from Aperio",
      breakhis: "from the BreakHis name",
      resolution: "from the file's resolution",
    } as Readonly<Record<string, string>>,
    setForAll: (count: number) => `Scale all ${integer(count)} shown`,
    question: (count: number, scale: string, others: number, names: string) =>
      `${plural(count, "image")}${others === 0 ? "" : `, of ${names} now,`} will be of ${
        scale === "" ? "the scale that their files tell" : `${scale} µm per pixel`
      }.`,
    invalid: (least: string, most: string) =>
      `A scale is a number of micrometres per pixel from ${least} to ${most}.`,
    beyond: (length: string, least: string, most: string) =>
      `A pixel is ${length} here. The model has learned from images of ${least} to ${most} per pixel: do not rely on the result.`,
  },

  summary: {
    progress: "Progress of all images",
    done: (done: number, total: number) => `${integer(done)} of ${integer(total)} images`,
    doneLabel: (done: number, total: number) => `${done} of ${total} images done`,
    paused: "paused",
    toGo: (time: string) => `about ${time} to go`,
    soFar: "Patients so far",
    title: "All images together",
    meanOver: (count: number) => `Mean over ${plural(count, "image")}:`,
    votes: (malignant: number, benign: number) =>
      `${integer(malignant)} malignant, ${integer(benign)} benign.`,
    patient: "Patient",
    patients: (patients: number, count: number) =>
      `${plural(patients, "patient")}, ${plural(count, "image")}`,
    unknown: (count: number) => `${plural(count, "image")} of no known patient`,
    /** "3 malignant" */
    withVerdict: (count: number, verdict: string) => `${integer(count)} ${verdict.toLowerCase()}`,
    partial: (done: number, total: number) => `${integer(done)} of ${plural(total, "image")} analysed.`,
    partialWhy: "There is no verdict until all images are done.",
    runCancelled: (count: number) => `Run the ${integer(count)} cancelled`,
    dropAgain: (count: number) =>
      `Choose the folder again to analyse ${count === 1 ? "the one that is" : `the ${integer(count)} that are`} missing.`,
    same: (count: number) =>
      count === 1
        ? "1 image has the same bytes as another, which counts for both."
        : `${integer(count)} images have the same bytes as others, which count for them.`,
    demos: (count: number) =>
      count === 1 ? "1 drawing does not count." : `${integer(count)} drawings do not count.`,
    leftByHand: (count: number) => `${plural(count, "image")} left out by hand.`,
    noVote: "No image could vote.",
    nothing: "No image could be analysed, so there is no result to show.",
    otherOptions: `These images were not all analysed alike, but with different options: compare their figures with care. Each image's "How this was computed" says with which.`,
    otherModels: (count: number) =>
      `These images were not all analysed alike, but by ${integer(count)} different models: compare their figures with care. Each image's "How this was computed" says with which.`,
    /** Images that are no part of it, and how the sentence goes on. */
    unfamiliar: (count: number) =>
      count === 1
        ? "1 image is unfamiliar to the model"
        : `${integer(count)} images are unfamiliar to the model`,
    unfamiliarCounted: (count: number) =>
      `${plural(count, "unfamiliar image")} counted anyway, as set in the options.`,
    notAssessable: (count: number) =>
      count === 1 ? "1 image is not assessable" : `${integer(count)} images are not assessable`,
    failed: (count: number) => `${plural(count, "image")} failed`,
    leftOut: (count: number) => `, so ${count === 1 ? "it is" : "they are"} left out:`,
  },

  /** For a class: names, maps and verdicts are hidden until they are revealed. */
  quiz: {
    title: "Quiz",
    hint: "For a class: hides names, maps and verdicts until you reveal them",
    end: "End the quiz",
    image: (place: number, total: number) => `Image ${integer(place)} of ${integer(total)}`,
    question: "What do you see? Count the votes, then reveal.",
    less: (label: string) => `One vote less for ${label}`,
    reveal: "Reveal",
    class: "The class:",
  },

  /** A notification by the system. */
  tellMe: {
    ask: "Tell me when it is done",
    will: "You will be told when it is done.",
    title: "Histoscope is done",
    body: (done: number, failed: number) =>
      `${plural(done, "image")} analysed${failed === 0 ? "" : `, ${integer(failed)} failed`}.`,
  },

  detail: {
    download: "Download report (JSON)",
    failed: "This image could not be analysed",
    tryAgain: "Try again",
    cancelled: "Cancelled",
    runAgain: "Run again",
    chooseAgain: "Choose the file again",
    fileOf: (file: string) => `File in place of ${file}`,
    stayed: "Running it again failed, so the earlier result stands.",
    same: "Same as another image",
    sameAs: (path: string) => `It has the same bytes as ${path}, which counts for both.`,
    showOther: "Show that one",
    progress: (file: string) => `Progress of ${file}`,
    cancel: "Cancel this image",
  },

  judgement: {
    leans: (label: string, share: string) => `leans ${label}, ${share}`,
    part: (label: string, share: string) => `${label} ${share}`,
    /** "Malignant, 87.0%" */
    sure: (verdict: string, share: string) => `${verdict}, ${share}`,
    /** "Uncertain, 55.0% malignant" */
    open: (verdict: string, share: string, label: string) => `${verdict}, ${share} ${label}`,
    because: (verdict: string, why: string) => `${verdict}: ${why}`,
    uncertainAdvice:
      "The network is not confident enough for a verdict, and its leaning is no answer: check tissue, focus and stain, or add more fields of the same patient.",
    unfamiliar:
      "This image is unlike everything that the model has learned from, so its answer would be a guess.",
    unfamiliarBy: (distance: string, limit: string) => `Distance ${distance}, limit ${limit}.`,
    unfamiliarAdvice:
      "Another scanner, stain, organ or magnification can be the reason, or a picture that is no micrograph.",
    saysNothing: "This says nothing about the tissue, neither benign nor malignant.",
    notClassified: (assessable: number, total: number, leftOut: string) =>
      `The image was not classified: ${
        assessable === 0
          ? `none of its ${patches(total)} can`
          : `only ${integer(assessable)} of its ${patches(total)} can`
      } be assessed (${leftOut}).`,
    allTheSame: "To classify it anyway, switch off the patch check in the options and run it again.",
  },

  votes: {
    /** `of`: how many the grid has, null where all were looked at. */
    all: (count: number, of: number | null, malignant: number, benign: number) =>
      `${patches(count)}${of === null ? "" : ` of ${integer(of)}`}: ${integer(malignant)} malignant, ${integer(benign)} benign.`,
    some: (voted: number, count: number, malignant: number, benign: number, leftOut: string) =>
      `${integer(voted)} of ${patches(count)} voted: ${integer(malignant)} malignant, ${integer(benign)} benign. Left out: ${leftOut}.`,
    leftOut: (count: number, reason: string) => `${integer(count)} ${reason}`,
    unchecked: "Tissue, focus and stain were not checked.",
    took: (time: string) => `Took ${time}.`,
  },

  histogram: {
    title: "Patches by probability of malignant",
    mean: "(▲ mean)",
    label: (bins: string, mean: string) =>
      `Histogram of patches by their probability of malignant. ${bins} Mean ${mean}.`,
    bin: (from: string, to: string, count: number) => `${from} to ${to}: ${patches(count)}`,
    none: "No patches.",
  },

  provenance: {
    title: "How this was computed",
    how: (count: number, side: number, columns: number, rows: number, checked: boolean) =>
      `${patches(count)} of ${side} pixels, spread evenly over a grid of ${columns} by ${rows}${
        checked ? ", were checked for tissue, stain and focus" : " and not checked"
      }.`,
    noVote:
      "At least two must pass, an eighth of all, and a quarter of those that hold anything; so none went through the network.",
    mean: "Those that vote went through the network, and the image's probability is the mean over them.",
    imageSize: (width: number, height: number) => `${integer(width)} × ${integer(height)} pixels`,
    patches: (side: number, apart: number, count: number, total: number, most: number | null) =>
      `${side} × ${side} pixels, ${integer(apart)} apart; ${integer(count)} of ${integer(total)}${
        most === null ? "" : `, at most ${integer(most)}`
      }`,
    batches: (size: number) => `of ${integer(size)}`,
    never: "never",
    /** `of`: a confidence; null where it is not known, or there is none. */
    ownThreshold: (of: number | null) =>
      `below the model's own threshold${of === null ? "" : ` (${roundPercent(of)})`}`,
    lessonThreshold: (of: number | null) =>
      `below the lesson's own threshold${of === null ? "" : ` (${percent(of)})`}`,
    below: (confidence: number) => `below a confidence of ${roundPercent(confidence)}`,
    unchecked: "switched off",
    checked: "tissue, stain and focus",
    familiar: (is: boolean, distance: string, limit: string) =>
      `${is ? "yes" : "no"}; distance ${distance}, limit ${limit}`,
    /** Why nobody knows whether it is. */
    familiarUnknown: {
      no_statistics: "not known; the model came without what would tell it",
      no_features: "not known; only a network whose int8 layers are all fused can tell",
      no_voters: "not known; no patch voted",
    },
    runtimes: {
      fused: "fused int8 layers",
      mixed: "fused int8 layers, and tract for the others",
      tract: "tract alone",
    },
    fallback: (why: string) => `; its fused layers were left out, which is slower: ${why}`,
    times: (decode: string, screen: string, network: string, all: string) =>
      `reading ${decode}, check ${screen}, network ${network}, all ${all}`,
  },

  looked: {
    title: "Patches with the strongest vote",
    most: { benign: "Most benign", malignant: "Most malignant" },
    none: { benign: "No patch votes benign.", malignant: "No patch votes malignant." },
    patch: (patch: number, label: string, share: string) =>
      `Patch ${patch}, ${label} ${share}: show it in the picture`,
  },

  viewer: {
    map: "Picture with the map of patches. Arrow keys move from patch to patch, plus and minus zoom.",
    picture: "Picture. Plus and minus zoom.",
    original: "The original",
    noPicture: "No picture to show",
    notYet: "The picture appears once it is read",
    fromReport: "From a saved report, which holds no picture.",
    bar: "View of the picture",
    zoomOut: "Zoom out",
    zoomOutHint: "Zoom out (-)",
    zoomIn: "Zoom in",
    zoomInHint: "Zoom in (+)",
    ratio: "Pixels of the screen for a pixel of the image",
    fit: "Fit",
    fitLabel: "Fit: the whole picture",
    fitHint: "The whole picture (0)",
    actualLabel: "1:1, a pixel of the image on a pixel of the screen",
    actualHint: "A pixel of the image on a pixel of the screen (1)",
    previous: "Previous image",
    previousHint: "Previous image (Page Up)",
    next: "Next image",
    nextHint: "Next image (Page Down)",
    fullScreen: "Full screen",
    fullScreenHint: "The whole screen, and back (F)",
    sideBySide: "Side by side",
    sideBySideHint: "The original beside the map; both move together",
    hold: "Hold to hide the map",
    holdHint: "Hides the map as long as it is held (H)",
  },

  readout: {
    none: (count: number) => `${patches(count)}: point at one, or use the arrow keys.`,
    patch: (patch: number, count: number, x: number, y: number, what: string) =>
      `Patch ${patch} of ${count} at ${x}, ${y}: ${what}`,
    shares: (malignant: string, benign: string) => `malignant ${malignant}, benign ${benign}`,
    uncheckedShares: (malignant: string, benign: string) =>
      `malignant ${malignant}, benign ${benign}, not checked`,
    notYet: "not yet",
    leftOut: (reason: string, why: string) => `did not vote, ${reason} (${why})`,
    tooFew: "could be assessed, but too few like it",
  },

  map: {
    opacity: "Map",
    opacityLabel: "Opacity of the map",
    kind: "What the map shows",
    kinds: mapKinds,
    caveat:
      "Class-activation map: what each part of a patch would say by itself. At the edges of a patch the network sees no surroundings, so a frame of one colour there means nothing. Patches closer together (in the options) avoid it.",
    leftOut: "Did not vote:",
    idle: (count: number) => `${integer(count)} assessable, but too few to vote`,
    gettingAbout: "Ctrl + wheel or a pinch zooms, dragging moves; more by keys",
    gettingAboutMore:
      "Once the picture was clicked or tabbed to, the wheel zooms without Ctrl, and these keys work. A double-click comes closer, with Shift it goes back.",
    /** Each key with what it does. */
    keys: {
      arrows: { name: "Arrows, Home, End", hint: "from patch to patch" },
      enter: { name: "Enter", hint: "close up on the patch" },
      zoom: { name: "+ and -", hint: "larger, smaller" },
      fit: { name: "0", hint: "the whole picture" },
      actual: { name: "1", hint: "pixel for pixel" },
      pan: { name: "Shift + arrows", hint: "move the picture" },
      step: { name: "Page Down, Page Up", hint: "next image, previous image" },
      screen: { name: "F", hint: "the whole screen, and back" },
      hide: { name: "H, held", hint: "hides the map" },
      none: { name: "Escape", hint: "no patch" },
    },
  },

  exports: {
    title: "Export",
    all: { name: "Results (JSON)", hint: "Every report and patient; can be opened here again" },
    patients: { name: "Patients (CSV)", hint: "One line for each patient" },
    listed: (count: number, total: number) =>
      `Only the ${integer(count)} of ${plural(total, "image")} that the filter shows`,
    patientsListed: "Their patients, each over all images of theirs",
    allTiles: {
      name: "Patches of each image (ZIP of GeoJSON)",
      hint: "A file for each image, in its folder",
    },
    tiles: { name: "Selected image's patches (GeoJSON)", hint: "For QuPath, where they become tiles" },
    images: { name: "Images (CSV)", hint: "One line for each image" },
    patches: { name: "Patches (CSV)", hint: "One line for each patch" },
    picture: { name: "Selected image with map (PNG)", hint: "With legend and verdict" },
    pictures: { name: "Images with maps (ZIP)", hint: "A PNG for each image, in its folder" },
    print: { name: "Print a report", hint: "On paper, or as PDF by the browser" },
    /** In the picture: where it comes from and whose it is. */
    from: (path: string, patient: string, votes: string) =>
      `${path}${patient === "" ? "" : `, patient ${patient}`}. ${votes}`,
  },

  print: {
    title: (count: number) => `Histoscope: report on ${plural(count, "image")}`,
    titleOfPart: (count: number, total: number) =>
      `Histoscope: report on ${integer(count)} of ${plural(total, "image")}`,
    filteredBy: (by: readonly string[]) =>
      `Chosen by a filter: ${by.join("; ")}. Patients speak for all of their images; together these have no verdict.`,
    by: {
      text: (text: string) => `path, patient or label has “${text}”`,
      shown: (what: string) => `shown is “${what}”`,
      label: (label: string) => (label === "" ? "without a label" : `labelled “${label}”`),
    },
    when: (time: Date) => time.toLocaleString("en-GB"),
    limits: "The network has seen few patients and can be wrong about any image, and sure of it.",
    together: "All images together:",
    mean: (share: string) => `, mean probability of malignant ${share}.`,
    patients: "Patients",
    selected: "Selected image",
    pictures: "Pictures",
    dialog: "Print a report",
    caseNumber: "Case number",
    caseHint: "It stands at the top. Left empty, there is a line to write it on.",
    allPictures: (count: number) => `A picture with its map for each image (${integer(count)})`,
    allHint: "Two on a sheet. Without it, that of the selected image alone.",
    tooMany: (most: number) =>
      `At most ${integer(most)} pictures are printed at once. Save them as a ZIP instead.`,
    go: "Print",
    checked: "patches checked for tissue, stain and focus",
    uncertain: (when: string) => `uncertain ${when}`,
    place: "Place and date",
    name: "Name",
    signature: "Signature",
    mapOver: (path: string) => `The map over ${path}`,
    images: "Images",
    failed: (message: string, code: string) => `Failed: ${message} (${code})`,
    notYet: "Not analysed yet",
    training: (images: number, patients: number) =>
      `${integer(images)} images of ${integer(patients)} patients`,
    or: "; or ",
    times: (median: string, least: string, most: string, all: string) =>
      `an image ${median} in the median, ${least} to ${most}; all ${all}`,
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
