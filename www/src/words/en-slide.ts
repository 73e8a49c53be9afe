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

const brushes: Readonly<Record<"adds" | "rubs", { readonly name: string; readonly hint: string }>> = {
  adds: { name: "Add tissue", hint: "Draw over tissue that was missed." },
  rubs: { name: "Rub out", hint: "Draw over what is no tissue, or none of interest." },
};

export const slideWords = {
  slide: "Slide",
  facts: (format: string, width: number, height: number, um: number | null) =>
    `${format}, ${integer(width)} × ${integer(height)} pixels, ${um === null ? "scale unknown: set it below" : `${length(um)} per pixel`}.`,
  tissue: (share: string) => `Tissue: ${share} of it.`,
  tissueTools: "Tissue",
  showTissue: "Show where tissue was found",
  brushes,
  brushKeys: "By keyboard: arrows move the brush (with Shift four times as far), space paints, Escape ends.",
  brushSize: "Brush",
  undo: "Undo",
  asFound: "As it was found",
  corrected: (strokes: number) =>
    strokes === 1
      ? "Corrected by hand with 1 stroke."
      : `Corrected by hand with ${integer(strokes)} strokes.`,
  judgeTissue: "Judge the corrected tissue",
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
  saveMap: (format: string) => `Save map (${format})`,
};

export type SlideWords = typeof slideWords;
