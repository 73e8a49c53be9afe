// The class-activation map without seams: between the cells of a patch, and of neighbouring patches, it is
// interpolated as numbers and only then coloured, so that every colour is one of the legend. Of benign and malignant one
// number is enough, their difference; of other classes each has its own.
//
// It is painted once into a picture of its own, patch by patch as results come, and that is drawn wherever the camera is.
// Of patches that overlap only so much is painted as is seen, so a dense map costs no more than a sparse one.

import type { Cam } from "../run/cam.ts";
import { isOwn, type Rgb } from "../study/classes.ts";
import { colourOf, sharesTone } from "./colours.ts";
import { type Area, type PatchMap, paintedAreas, placeKey } from "./patch-map.ts";

/** Points painted along a cell, */
const FINE = 4;
/** as long as the whole has no more than so many. */
const MOST_POINTS = 4e6;

/** Rows of the results by the place of their patch. */
export function rowsByPlace(map: PatchMap): Map<number, number> {
  return new Map(map.patches.flatMap(({ x, y, row }) => (row === null ? [] : [[placeKey(x, y), row]])));
}

/** The number of a cell that is interpolated. */
export type Reading = (cam: Cam, cell: number) => number;

/** For malignant less for benign, so that 0 is neither. */
const difference: Reading = (cam, cell) => cam.score(cell, 1) - cam.score(cell, 0);

const scoreOf =
  (place: number): Reading =>
  (cam, cell) =>
    cam.score(cell, place);

/**
 * The cells of a patch, with one more beyond each of its edges.
 * Beyond an edge a neighbour counts that lies edge to edge; where none has a result, the patch's own outermost cell is
 * repeated.
 */
function cellsAround(
  map: PatchMap,
  cam: Cam,
  rows: ReadonlyMap<number, number>,
  patch: number,
  reading: Reading,
): Float32Array {
  const { width, height } = cam;
  const here = map.patches[patch];
  const cells = new Float32Array((width + 2) * (height + 2)).fill(Number.NaN);
  if (here === undefined || here.row === null) return cells;
  const own = here.row;
  const inside = (at: number, length: number) => Math.min(length - 1, Math.max(0, at));
  const cell = (row: number | undefined, column: number, line: number) => {
    if (row === undefined) return Number.NaN;
    return reading(cam, (row * height + inside(line, height)) * width + inside(column, width));
  };
  const neighbour = (x: number, y: number) =>
    x === 0 && y === 0
      ? undefined
      : rows.get(placeKey(here.x + x * map.patchSize, here.y + y * map.patchSize));
  const beyond = (column: number, line: number) => {
    const x = Math.floor(column / width);
    const y = Math.floor(line / height);
    // Where nothing lies beyond a corner, the neighbour along either edge will do.
    const found = [
      [x, y],
      [x, 0],
      [0, y],
    ].map(([x = 0, y = 0]) => cell(neighbour(x, y), column - x * width, line - y * height));
    return found.find((value) => !Number.isNaN(value)) ?? cell(own, column, line);
  };
  for (let line = -1; line <= height; line++) {
    for (let column = -1; column <= width; column++) {
      const within = column >= 0 && column < width && line >= 0 && line < height;
      cells[(line + 1) * (width + 2) + column + 1] = within ? cell(own, column, line) : beyond(column, line);
    }
  }
  return cells;
}

/** Bilinear between the middles of cells that have one more beyond each edge; `x` and `y` in cells from the patch's corner. */
function between(cells: Float32Array, columns: number, x: number, y: number): number {
  const left = Math.floor(x + 0.5);
  const top = Math.floor(y + 0.5);
  const [across, down] = [x + 0.5 - left, y + 0.5 - top];
  const first = top * (columns + 2) + left;
  const second = first + columns + 2;
  const at = (index: number) => cells[index] ?? Number.NaN;
  const upper = at(first) + (at(first + 1) - at(first)) * across;
  const lower = at(second) + (at(second + 1) - at(second)) * across;
  return upper + (lower - upper) * down;
}

/** Where points lie in a patch, in cells from its corner: the first of a row, the first row, and the step to the next. */
export interface Points {
  readonly x: number;
  readonly y: number;
  readonly step: number;
  readonly columns: number;
  readonly lines: number;
}

/** The smooth numbers of one patch at these points, row by row; all NaN if it has no result. */
export function smoothPatch(
  map: PatchMap,
  cam: Cam,
  rows: ReadonlyMap<number, number>,
  patch: number,
  { x, y, step, columns, lines }: Points,
  reading = difference,
): Float32Array {
  const cells = cellsAround(map, cam, rows, patch, reading);
  const values = new Float32Array(columns * lines);
  for (let line = 0; line < lines; line++) {
    for (let column = 0; column < columns; column++) {
      values[line * columns + column] = between(cells, cam.width, x + column * step, y + line * step);
    }
  }
  return values;
}

/** So many colours stand for all: more than the eye tells apart. */
const SHADES = 512;

/** The colours as pixels. */
function makeShades(): Uint32Array {
  const bytes = Array.from({ length: SHADES + 1 }, (_, shade) => [...colourOf(shade / SHADES), 255]);
  return new Uint32Array(Uint8Array.from(bytes.flat()).buffer);
}

export class CamPainting {
  readonly canvas: OffscreenCanvas;
  /** Points of the canvas for a pixel of the image. */
  readonly scale: number;
  readonly #cam: Cam;
  readonly #rows: ReadonlyMap<number, number>;
  /** Patches by their place. */
  readonly #places: ReadonlyMap<number, number>;
  readonly #areas: readonly Area[];
  readonly #context: OffscreenCanvasRenderingContext2D | null;
  readonly #shades = makeShades();
  readonly #painted: Uint8Array;
  /** Those whose result has come, or that of a neighbour, since they were painted. */
  readonly #stale = new Set<number>();

  /** Of a map in which the first results have come. */
  constructor(map: PatchMap, cam: Cam) {
    const { width, height, patches, patchSize } = map;
    this.#cam = cam;
    this.scale = Math.min((cam.width * FINE) / patchSize, Math.sqrt(MOST_POINTS / (width * height)));
    this.canvas = new OffscreenCanvas(Math.ceil(width * this.scale), Math.ceil(height * this.scale));
    this.#context = this.canvas.getContext("2d");
    this.#rows = rowsByPlace(map);
    this.#places = new Map(patches.map(({ x, y }, index) => [placeKey(x, y), index]));
    this.#areas = paintedAreas(map);
    this.#painted = new Uint8Array(patches.length);
  }

  /** Paints what has come since, for so many milliseconds. Returns whether that was all. */
  update(map: PatchMap, milliseconds: number): boolean {
    const until = performance.now() + milliseconds;
    this.#find(map);
    for (const patch of this.#stale) {
      if (performance.now() > until) return false;
      this.#stale.delete(patch);
      this.#paint(map, patch);
    }
    return true;
  }

  #hasResult({ patches }: PatchMap, patch: number): boolean {
    const { width, height } = this.#cam;
    const row = patches[patch]?.row ?? null;
    return row !== null && !Number.isNaN(this.#cam.score(row * width * height, 0));
  }

  #find(map: PatchMap): void {
    const { patches, patchSize } = map;
    patches.forEach(({ x, y }, patch) => {
      if (this.#painted[patch] === 1 || !this.#hasResult(map, patch)) return;
      this.#painted[patch] = 1;
      this.#stale.add(patch);
      for (const [dx, dy] of AROUND) {
        const neighbour = this.#places.get(placeKey(x + dx * patchSize, y + dy * patchSize));
        if (neighbour !== undefined && this.#painted[neighbour] === 1) this.#stale.add(neighbour);
      }
    });
  }

  #paint(map: PatchMap, patch: number): void {
    const at = map.patches[patch];
    const area = this.#areas[patch];
    if (at === undefined || area === undefined) return;
    const { scale } = this;
    const [left, right] = [this.#point(area.left), this.#point(area.right)];
    const [top, bottom] = [this.#point(area.top), this.#point(area.bottom)];
    if (right <= left || bottom <= top) return;
    // Cells are as wide as they are high: patches are squares, and so are their maps.
    const step = this.#cam.width / (map.patchSize * scale);
    const points = {
      x: (left + 0.5 - at.x * scale) * step,
      y: (top + 0.5 - at.y * scale) * step,
      step,
      columns: right - left,
      lines: bottom - top,
    };
    const smooth = (reading?: Reading) => smoothPatch(map, this.#cam, this.#rows, patch, points, reading);
    const image = new ImageData(right - left, bottom - top);
    const { classes } = map;
    if (isOwn(classes)) {
      const pixels = new Uint32Array(image.data.buffer);
      smooth().forEach((difference, point) => {
        pixels[point] = this.#shades[Math.round(SHADES / (1 + Math.exp(-difference)))] ?? 0;
      });
    } else {
      const scores = classes.map((_, place) => smooth(scoreOf(place)));
      for (let point = 0; point < points.columns * points.lines; point++) {
        image.data.set([...toneAt(classes, scores, point), 255], 4 * point);
      }
    }
    this.#context?.putImageData(image, left, top);
  }

  /** The first point whose middle lies at or behind a place of the image: so each point belongs to one patch. */
  #point(place: number): number {
    return Math.ceil(place * this.scale - 0.5);
  }
}

/** The colour of the softmax of scores by class. */
function toneAt(classes: readonly string[], scores: readonly Float32Array[], point: number): Rgb {
  const here = scores.map((values) => values[point] ?? Number.NaN);
  const most = Math.max(...here);
  const shares = here.map((score) => Math.exp(score - most));
  const sum = shares.reduce((total, share) => total + share, 0);
  return sharesTone(
    classes,
    shares.map((share) => share / sum),
  );
}

const AROUND = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dx, dy] as const));
