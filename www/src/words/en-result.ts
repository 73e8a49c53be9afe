// The words about results in English, the source of truth: other languages have the same keys. They come with the parts of
// the page that show results.

import type { MapKind } from "../run/options.ts";
import type { Label } from "../study/report.ts";
import type { Column, SHOWN } from "../study/table.ts";
import { commonEn } from "./common.ts";
import { numbersOf } from "./numbers.ts";

const { integer, plural, percent, roundPercent } = numbersOf("en");

const patches = (count: number): string => plural(count, "patch", "patches");

interface Named {
  readonly name: string;
  readonly hint: string;
}

const shown: Readonly<Record<(typeof SHOWN)[number] | Label, string>> = {
  ...commonEn.verdicts,
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

export const resultWords = {
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
      `${integer(malignant)} lean to malignant, ${integer(benign)} to benign.`,
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
};

export type ResultWords = typeof resultWords;
