// Every sentence about a person's own model.

import { bytes, integer } from "../words/words.ts";

const plural = (count: number, one: string): string => `${integer(count)} ${one}${count === 1 ? "" : "s"}`;

interface Told {
  readonly message: string;
  readonly remedy: string;
}

export const OWN_MODEL = {
  // Where it is offered.
  welcome: "Your own classifier (ONNX) can be dropped, too.",
  choose: "Choose an ONNX file",
  pickerLabel: "Model file",
  builtIn: (name: string) => `${name}, built in`,
  fieldName: "Model",
  fieldHint:
    "Your own classifier, as ONNX, with its manifest (JSON) if it has one. It stays on this machine. Dropping it works, too.",
  precisionHint: "Your own model comes in one precision.",

  // The dialog.
  title: (name: string) => `Use ${name}?`,
  reading: "Reading the model, in a worker of its own.",
  trying: "Trying it on one patch, in a worker of its own.",
  refused: (name: string) => `${name} cannot be used`,
  cancel: "Cancel",
  close: "Close",
  use: "Use this model",
  unknownQuality:
    'Nothing is known of how good this model is, nor whether its probabilities mean what they say. It never answers "uncertain" unless its manifest says when. Results are the model\'s own, for research only.',
  beginAnew: "Images that are at work begin anew with it.",
  why: "Why",
  facts: {
    file: "File",
    hash: "SHA-256",
    writtenBy: "Written by",
    input: "Reads",
    scores: "Scores",
    layers: "Layers",
    manifest: "Manifest",
  },
  madeBy: (operator: string) => `made by ${operator}`,
  opset: (version: number) => `ONNX operators ${version}`,
  layers: (nodes: number, lowered: number, fused: number) =>
    fused === 0
      ? `${plural(nodes, "node")}; none runs in the fast int8 kernels`
      : `${plural(nodes, "node")}, of which ${integer(lowered)} run as ${plural(fused, "fast int8 layer")}`,
  withManifest: "came with the file",
  withoutManifest: "none; the questions below take its place",

  // The questions.
  select: "Choose",
  firstLabel: {
    two: "The first of the two scores is",
    one: "A high score means",
    benign: "benign",
    malignant: "malignant",
    hint: 'The order of the classes in training. With folders "benign" and "malignant" it is the alphabet\'s.',
    hintOne: "In training it is the class with the number 1.",
  },
  scores: {
    name: "The scores are",
    logits: "logits, before the softmax",
    logitsOne: "logits, before the sigmoid",
    probabilities: "probabilities, 0 to 1",
    hint: "Most exports end before the softmax.",
  },
  normalisation: {
    name: "Pixels are scaled",
    hint: "As in training. With another scaling the results mean nothing.",
    imagenet: "ImageNet mean and deviation (torchvision)",
    zeroToOne: "0 to 1",
    minusOneToOne: "−1 to 1",
    raw: "not at all, 0 to 255",
    custom: "otherwise",
    divisor: "Mean and deviation are in units of",
    unitsOne: "0 to 1",
    unitsRaw: "0 to 255",
    mean: "Mean",
    std: "Standard deviation",
    colours: ["red", "green", "blue"],
  },
  channels: {
    name: "Colours are in the order",
    rgb: "red, green, blue",
    bgr: "blue, green, red (OpenCV)",
    hint: "The file does not tell. Most are red, green, blue.",
  },
  layout: {
    name: "The axes are",
    nchw: "colours, rows, columns (NCHW)",
    nhwc: "rows, columns, colours (NHWC)",
    hint: "The file does not tell. PyTorch has colours first, TensorFlow last.",
  },
  patchSize: {
    name: "Side of a patch, in pixels",
    hint: (most: number) => `The file takes any. As in training, at most ${integer(most)}.`,
  },

  // What is in use, and what is kept.
  ownModel: "Own model",
  inUse: (name: string) => `Your own model, ${name}, is in use.`,
  inUseWarning: "Nothing is known of its quality and calibration.",
  keptWords: (name: string, size: number) =>
    `Your own model ${name}, ${bytes(size)}, is kept in this browser.`,
  useKept: "Use it",
  remove: "Remove it",
  back: "Back to the built-in model",
  notKept: (why: string) => `It could not be kept for the next visit: ${why}.`,
  outdated: (count: number) =>
    `${plural(count, "result")} ${count === 1 ? "was" : "were"} made with another model.`,
  again: "Run again with this one",
  footer:
    "Your own model is in use, not the built-in one. Nothing is known here of what it was trained on and how often it is wrong.",
  announced: (name: string) => `${name} is in use now.`,
  announcedBack: "The built-in model is in use again.",

  // What can go wrong.
  oneAtATime: {
    message: "More than one model, or more than one manifest, came at once.",
    remedy: "Drop one ONNX file, with at most one JSON file beside it.",
  } satisfies Told,
  tooLarge: (size: number, most: number): Told => ({
    message: `The file has ${bytes(size)}; models are read up to ${bytes(most)}.`,
    remedy: "Export a smaller network, or the same with half the precision or quantised.",
  }),
  problem: (problems: readonly string[]): Told => ({
    message: `The model cannot be used: ${problems.join("; ")}.`,
    remedy: "Export the classifier with one picture as input and the scores of two classes as output.",
  }),
  tooSlow: (seconds: number): Told => ({
    message: `The model was not ready after ${seconds} seconds, and was stopped.`,
    remedy: "Use a smaller network, or try again while nothing else keeps the machine busy.",
  }),
  failedTheEngine: (why: string): Told => ({
    message: `The model made the engine fail, in a worker that only tried it: ${why}.`,
    remedy: "The file is damaged, or has a form that the engine does not know. Export it again.",
  }),
  gone: {
    message: "The model is no longer kept in this browser.",
    remedy: "Drop its file again.",
  } satisfies Told,
} as const;
