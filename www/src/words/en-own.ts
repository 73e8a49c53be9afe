// The words about a person's own model in English, the source of truth: other languages have the same keys.

import { numbersOf } from "./numbers.ts";

const { bytes, integer, percent, plural } = numbersOf("en");

export const ownModel = {
  // Where it is offered.
  welcome: "Your own classifier (ONNX) can be dropped, too.",
  choose: "Choose an ONNX file",
  pickerLabel: "Model file",
  builtIn: (name: string) => `${name}, built in`,
  fieldName: "Model",
  fieldHint:
    "Your own classifier, as ONNX, with its manifest or configuration (JSON) and its file of weights if it has them. It stays on this machine. Dropping them together works, too.",
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
    'Nothing is known of how good this model is, nor whether its probabilities mean what they say. It never answers "unfamiliar", and "uncertain" only where its manifest or the options say when. Results are the model\'s own, for research only.',
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
  /** A kind of numbers that the file does not tell. */
  unknownType: "unknown",
  madeBy: (operator: string) => `made by ${operator}`,
  opset: (version: number) => `ONNX operators ${version}`,
  layers: (nodes: number, lowered: number, fused: number) =>
    fused === 0
      ? `${plural(nodes, "node")}; none runs in the fast int8 kernels`
      : `${plural(nodes, "node")}, of which ${integer(lowered)} run as ${plural(fused, "fast int8 layer")}`,
  withManifest: "came with the file, or a configuration that says a part of it",
  withoutManifest: "none; the questions below take its place",

  // The questions.
  select: "Choose",
  firstLabel: {
    two: "The first of the two scores is",
    one: "A high score means",
    hint: 'The order of the classes in training. With folders "benign" and "malignant" it is the alphabet\'s.',
    hintOne: "In training it is the class with the number 1.",
  },
  classes: {
    name: (count: number) => `Its ${integer(count)} classes, in the order of the scores`,
    grouping: {
      name: "These classes",
      own: "stand for themselves",
      groups: "count as benign or malignant",
      hint: "The probabilities of all that count as one are added.",
      hintOwn: "Verdicts, map and tables have these names.",
    },
    label: (index: number) => `Name of class ${integer(index)}`,
    counts: (name: string) => `${name} counts as`,
  },
  scores: {
    name: "The scores are",
    logits: "logits, before the softmax",
    logitsOne: "logits, before the sigmoid",
    probabilities: "probabilities, 0 to 1",
    hint: "Most exports end before the softmax.",
  },
  normalisation: {
    name: "Pixel scaling",
    hint: "As in training. With any other scaling the results mean nothing.",
    imagenet: "ImageNet mean and deviation (torchvision)",
    zeroToOne: "0 to 1",
    minusOneToOne: "−1 to 1",
    raw: "none, 0 to 255",
    custom: "another mean and deviation",
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
  label: "Own model",
  inUse: (name: string) => `Your own model, ${name}, is in use.`,
  inUseWarning: "Nothing is known of its quality and calibration.",
  fusedShare: (share: number) =>
    share === 0
      ? "None of its arithmetic runs on the fast path, which is for quantised networks."
      : `${percent(share)} of its arithmetic runs on the fast path.`,
  /** Of a scaling of pixels that seems to be wrong. */
  scalingDoubt: {
    told: (likely: string) => `Its file says that pixels are scaled in another way: ${likely}.`,
    saturated: (likely: string) =>
      `With the present pixel scaling every picture, even plain grey, gets the same class with certainty. More likely: ${likely}.`,
  },
  fallback: (why: string) => `It runs without its fused int8 layers, and slower: ${why}.`,
  kept: (name: string, size: number) => `Your own model ${name}, ${bytes(size)}, is kept in this browser.`,
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
};

export type OwnModelWords = typeof ownModel;
