// The words about slides in English, the source of truth: other languages have the same keys. They come with the part of the
// page that needs them.

import type { Tool } from "../slide/regions.ts";
import { numbersOf } from "./numbers.ts";

const { integer, length } = numbersOf("en");

const tools: Readonly<Record<Tool, { readonly name: string; readonly hint: string }>> = {
  rectangle: { name: "Rectangle", hint: "Drag from corner to corner." },
  polygon: {
    name: "Polygon",
    hint: "Click corner after corner; a double-click, or a click on the first, closes it.",
  },
  freehand: { name: "Freehand", hint: "Draw around what you mean; letting go closes it." },
};

export const slideWords = {
  slide: "Slide",
  facts: (format: string, width: number, height: number, um: number | null) =>
    `${format}, ${integer(width)} × ${integer(height)} pixels, ${um === null ? "scale unknown: set it below" : `${length(um)} per pixel`}.`,
  tissue: (share: string) => `Tissue: ${share} of it.`,
  showTissue: "Show where tissue was found",
  lookAtMany: (patches: number) => `Look at ${integer(patches)} patches`,
  lookAtAll: (patches: number) => `Look at all ${integer(patches)} patches`,
  outline: "Regions",
  tools,
  outlineView: "Outline what is in view",
  read: "Read GeoJSON",
  regionsFile: "Regions as GeoJSON",
  region: "Region",
  nameOf: (number: number) => `Name of region ${number}`,
  remove: "Remove",
  removeOf: (name: string) => `Remove ${name}`,
  judge: "Judge what is outlined",
  judged: "Verdicts of the regions",
  verdict: "Verdict",
  malignant: "Malignant",
  patches: "Patches",
  voted: (voters: number, patches: number) => `${integer(voters)} of ${integer(patches)}`,
  save: "Save map and regions (GeoJSON)",
};

export type SlideWords = typeof slideWords;
