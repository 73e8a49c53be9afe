// The selected image as one picture to take away: the map over it, and below what the colours and hatchings mean.

import type { Settings } from "../run/options.ts";
import { isOwn, legendNames, spokenOf } from "../study/classes.ts";
import { STOPS } from "../study/core-types.ts";
import type { Entry } from "../study/entry.ts";
import { REASONS } from "../study/report.ts";
import { resultWords } from "../words/result.ts";
import { length, words } from "../words/words.ts";
import type { Workbench } from "../workbench.ts";
import { CamPainting } from "./cam-map.ts";
import { classColour, cssColour } from "./colours.ts";
import { hatchTile } from "./hatch.ts";
import { drawMap, mapPatches, type PatchMap, paintedAreas, patchMap } from "./patch-map.ts";
import { VIEW_SIDE, viewPicture } from "./pictures.ts";
import { reasonName, votesWords } from "./result-wording.ts";
import { barOf } from "./scale-bars.ts";
import { reportWords } from "./wording.ts";

const INK = "#1b2330";
const SOFT = "#515c6b";
const PAPER = "#ffffff";
/** Under the map where there is no picture, and under the hatchings of the legend. */
const GROUND = "#d9cfd6";
const FONT = 'system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';

const LEGEND_FONT = `15px ${FONT}`;

/** Smaller pictures are blown up to this width, in pixels, so that the legend has room. */
const LEAST_WIDTH = 900;
const MARGIN = 24;
const LINE = 30;

/** The selected image as a PNG, its map painted as on the screen; null without an image or a map. */
export async function selectedPicture({ study, settings }: Workbench): Promise<Blob | null> {
  const entry = study.selected.value;
  return entry === null ? null : pictureOf(entry, settings.value);
}

/** An image likewise. */
export async function pictureOf(entry: Entry, settings: Settings): Promise<Blob | null> {
  const plan = entry.plan.value;
  if (plan === null) return null;
  const map = patchMap(plan, mapPatches(plan), entry.results.value?.fold);
  const shrink = Math.min(1, VIEW_SIDE / Math.max(map.width, map.height));
  const width = Math.max(LEAST_WIDTH, Math.round(map.width * shrink));
  const height = Math.round((width * map.height) / map.width);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (context === null) return null;
  const facts = caption(entry);
  const lines = broken(legend(context, map), width - 2 * MARGIN);
  canvas.width = width;
  canvas.height = height + 2 * MARGIN + LINE * (lines.length + facts.length);
  context.fillStyle = PAPER;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = GROUND;
  context.fillRect(0, 0, width, height);
  const bitmap = await viewPicture(entry.picture.value);
  if (bitmap !== null) context.drawImage(bitmap, 0, 0, width, height);
  bitmap?.close();
  const overlay = document.createElement("canvas");
  overlay.width = width;
  overlay.height = height;
  const over = overlay.getContext("2d");
  if (over === null) return null;
  drawMap(
    over,
    map,
    { x: 0, y: 0, scale: width / map.width },
    {
      areas: paintedAreas(map),
      within: settings.map === "detail" ? withinPatches(map) : null,
      outlined: settings.map === "outline",
      opacity: settings.opacity,
      density: width / LEAST_WIDTH,
    },
  );
  context.drawImage(overlay, 0, 0);
  if (bitmap === null) noPicture(context, entry);
  if (entry.umPerPixel !== null) scaleBar(context, (entry.umPerPixel * map.width) / width, width, height);
  let top = height + MARGIN;
  for (const line of lines) {
    let left = MARGIN;
    for (const { width: wide, paint } of line) {
      paint(left, top);
      left += wide;
    }
    top += LINE;
  }
  for (const [index, line] of facts.entries()) {
    context.fillStyle = index === 0 ? INK : SOFT;
    context.font = `${index === 0 ? "600 20px" : "15px"} ${FONT}`;
    context.fillText(line, MARGIN, top + 16, width - 2 * MARGIN);
    top += LINE;
  }
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function withinPatches(map: PatchMap): CamPainting | null {
  const painting = map.cam === null ? null : new CamPainting(map, map.cam);
  painting?.update(map, Number.POSITIVE_INFINITY);
  return painting;
}

/** Why the ground is empty, at the upper left. */
function noPicture(context: CanvasRenderingContext2D, { hasFile }: Entry): void {
  const { viewer } = resultWords.value;
  const text = hasFile ? viewer.noPicture : viewer.fromReport;
  context.font = `600 18px ${FONT}`;
  context.fillStyle = "rgb(255 255 255 / 0.85)";
  context.fillRect(12, 12, context.measureText(text).width + MARGIN, 36);
  context.fillStyle = INK;
  context.fillText(text, 12 + MARGIN / 2, 36);
}

/** At the lower right, dark on light, so that it is seen on any tissue. `um`: micrometres that a pixel shows. */
function scaleBar(context: CanvasRenderingContext2D, um: number, width: number, height: number): void {
  const bar = barOf(um, width / 4);
  const text = length(bar.um);
  context.font = `600 18px ${FONT}`;
  const wide = Math.max(bar.pixels, context.measureText(text).width) + MARGIN;
  const [left, top] = [width - wide - 12, height - 56];
  context.fillStyle = "rgb(255 255 255 / 0.85)";
  context.fillRect(left, top, wide, 44);
  context.fillStyle = INK;
  context.textAlign = "center";
  context.fillText(text, left + wide / 2, top + 20);
  context.textAlign = "start";
  context.fillRect(left + (wide - bar.pixels) / 2, top + 30, bar.pixels, 5);
}

/** What stands over the map: of whom it is, what was found, by which model, and that a program drew it. */
export function caption({ path, patient, state, demo, remark }: Entry): string[] {
  const current = state.value;
  const { researchUse } = words.value;
  const { exports, list } = resultWords.value;
  const drawn = demo ? [remark?.(words.value) ?? list.demo] : [];
  if (current.kind !== "done") return [path, ...drawn, researchUse];
  const { report } = current;
  const { name, version, variant, sha256 } = report.model;
  return [
    reportWords(report),
    exports.from(path, patient.value, spokenOf(report).verdict === "unfamiliar" ? "" : votesWords(report)),
    ...drawn,
    `${name} ${version}, ${variant}, SHA-256 ${sha256.slice(0, 16)}…`,
    researchUse,
  ];
}

/** A part of the legend that is not broken. */
interface Piece {
  /** In pixels, with what lies between it and the next. */
  readonly width: number;
  readonly paint: (left: number, top: number) => void;
}

/** The scale of colours, or each class with its own, then the hatchings that the map has, with how many patches wear them. */
function legend(context: CanvasRenderingContext2D, map: PatchMap): Piece[] {
  const { labels } = words.value;
  const { votes } = resultWords.value;
  context.font = LEGEND_FONT;
  const wide = (text: string) => context.measureText(text).width;
  const write = (text: string, left: number, top: number) => {
    context.font = LEGEND_FONT;
    context.textBaseline = "alphabetic";
    context.fillStyle = INK;
    context.fillText(text, left, top + 14);
  };
  const block = (fill: string | CanvasPattern | CanvasGradient, left: number, top: number, width: number) => {
    context.fillStyle = fill;
    context.fillRect(left, top, width, 18);
  };
  const named = (text: string, side: number, swatch: (left: number, top: number) => void): Piece => ({
    width: side + 8 + wide(text) + MARGIN,
    paint: (left, top) => {
      swatch(left, top);
      write(text, left + side + 8, top);
    },
  });
  const scale = (): Piece => {
    const begin = wide(labels.benign) + 10;
    return {
      width: begin + 150 + wide(labels.malignant) + MARGIN,
      paint: (left, top) => {
        write(labels.benign, left, top);
        const ramp = context.createLinearGradient(left + begin, 0, left + begin + 140, 0);
        STOPS.forEach((_, index) => {
          const at = index / (STOPS.length - 1);
          ramp.addColorStop(at, cssColour(at));
        });
        block(ramp, left + begin, top, 140);
        write(labels.malignant, left + begin + 150, top);
      },
    };
  };
  const classes = () =>
    legendNames(map.classes, words.value.teach.classes.others).map((name, place) =>
      named(name, 18, (left, top) => block(classColour(map.classes, place), left, top, 18)),
    );
  const hatchings = REASONS.flatMap((reason) => {
    const patches = map.patches.filter(({ screen }) => screen === reason).length;
    if (patches === 0) return [];
    const swatch = (left: number, top: number) => {
      block(GROUND, left, top, 30);
      block(context.createPattern(hatchTile(reason, 12), "repeat") ?? GROUND, left, top, 30);
    };
    return [named(votes.leftOut(patches, reasonName(reason)), 30, swatch)];
  });
  return [...(isOwn(map.classes) ? [scale()] : classes()), ...hatchings];
}

/** In lines that are no longer than this, unless a piece alone is. */
function broken(pieces: readonly Piece[], width: number): Piece[][] {
  const lines: Piece[][] = [];
  let left = 0;
  for (const piece of pieces) {
    const line = lines.at(-1);
    if (line === undefined || left + piece.width > width) {
      lines.push([piece]);
      left = piece.width;
    } else {
      line.push(piece);
      left += piece.width;
    }
  }
  return lines;
}
