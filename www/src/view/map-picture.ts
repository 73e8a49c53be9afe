// The selected image as one picture to take away: the map over it, and below what the colours and hatchings mean.

import type { Settings } from "../run/options.ts";
import { isOwn, spokenOf } from "../study/classes.ts";
import type { Entry } from "../study/entry.ts";
import { REASONS } from "../study/report.ts";
import { resultWords } from "../words/result.ts";
import { length, words } from "../words/words.ts";
import type { Workbench } from "../workbench.ts";
import { CamPainting } from "./cam-map.ts";
import { classColour, cssColour, STOPS } from "./colours.ts";
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
  const facts = caption(entry);
  canvas.width = width;
  canvas.height = height + 2 * MARGIN + LINE * (facts.length + 1);
  const context = canvas.getContext("2d");
  if (context === null) return null;
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
  legend(context, map, top, width);
  for (const [index, line] of facts.entries()) {
    top += LINE;
    context.fillStyle = index === 0 ? INK : SOFT;
    context.font = `${index === 0 ? "600 20px" : "15px"} ${FONT}`;
    context.fillText(line, MARGIN, top + 16, width - 2 * MARGIN);
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

/** In one line: the scale of colours, then the hatchings that the map has, with how many patches wear them. */
function legend(context: CanvasRenderingContext2D, map: PatchMap, top: number, width: number): void {
  context.font = `15px ${FONT}`;
  context.textBaseline = "alphabetic";
  let left = MARGIN;
  const write = (text: string) => {
    context.fillStyle = INK;
    context.fillText(text, left, top + 14);
    left += context.measureText(text).width + 10;
  };
  const { labels } = words.value;
  const { votes } = resultWords.value;
  if (isOwn(map.classes)) {
    write(labels.benign);
    const scale = context.createLinearGradient(left, 0, left + 140, 0);
    STOPS.forEach((_, index) => {
      const at = index / (STOPS.length - 1);
      scale.addColorStop(at, cssColour(at));
    });
    context.fillStyle = scale;
    context.fillRect(left, top, 140, 18);
    left += 150;
    write(labels.malignant);
  } else {
    map.classes.forEach((name, place) => {
      context.fillStyle = classColour(map.classes, place);
      context.fillRect(left, top, 18, 18);
      left += 24;
      write(name);
    });
  }
  for (const reason of REASONS) {
    const patches = map.patches.filter(({ screen }) => screen === reason).length;
    if (patches === 0 || left > width - 3 * MARGIN) continue;
    left += 14;
    context.fillStyle = GROUND;
    context.fillRect(left, top, 30, 20);
    context.fillStyle = context.createPattern(hatchTile(reason, 12), "repeat") ?? GROUND;
    context.fillRect(left, top, 30, 20);
    left += 38;
    write(votes.leftOut(patches, reasonName(reason)));
  }
}
