// The class-activation map without seams: between the cells of a patch, and of neighbouring patches, it is
// interpolated as numbers and only then coloured, so that every colour is one of the legend.

import type { Cam } from "../run/fold.ts";
import { colourOf } from "./colours.ts";
import type { PatchMap } from "./patch-map.ts";

/** Points painted along a cell. */
const FINE = 4;

const key = (x: number, y: number): string => `${x},${y}`;

/** Rows of the results by the place of their patch. */
function rowsByPlace(map: PatchMap): Map<string, number> {
  return new Map(map.patches.flatMap(({ x, y, row }) => (row === null ? [] : [[key(x, y), row]])));
}

/**
 * The cells of a patch, with one more beyond each of its edges: for malignant less for benign, so that 0 is neither.
 * Beyond an edge a neighbour counts that lies edge to edge; where none has a result, the patch's own outermost cell is
 * repeated.
 */
function cellsAround(
  map: PatchMap,
  cam: Cam,
  rows: ReadonlyMap<string, number>,
  patch: number,
): Float32Array {
  const { width, height, values } = cam;
  const here = map.patches[patch];
  const cells = new Float32Array((width + 2) * (height + 2)).fill(Number.NaN);
  if (here === undefined || here.row === null) return cells;
  const own = here.row;
  const inside = (at: number, length: number) => Math.min(length - 1, Math.max(0, at));
  const cell = (row: number | undefined, column: number, line: number) => {
    if (row === undefined) return Number.NaN;
    const at = 2 * ((row * height + inside(line, height)) * width + inside(column, width));
    return (values[at + 1] ?? Number.NaN) - (values[at] ?? Number.NaN);
  };
  const neighbour = (x: number, y: number) =>
    x === 0 && y === 0 ? undefined : rows.get(key(here.x + x * map.patchSize, here.y + y * map.patchSize));
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

/** The differences at the middles of `FINE` by `FINE` points in each cell, bilinear between the cells' middles. */
function smooth(cells: Float32Array, width: number, height: number): Float32Array {
  const columns = width * FINE;
  const values = new Float32Array(columns * height * FINE);
  const at = (index: number) => cells[index] ?? Number.NaN;
  const mix = (a: number, b: number, share: number) => a + (b - a) * share;
  for (let point = 0; point < values.length; point++) {
    // In cells from the middle of the one beyond the corner.
    const x = ((point % columns) + 0.5) / FINE + 0.5;
    const y = (Math.floor(point / columns) + 0.5) / FINE + 0.5;
    const left = Math.floor(x);
    const top = Math.floor(y);
    const first = top * (width + 2) + left;
    const second = first + width + 2;
    values[point] = mix(
      mix(at(first), at(first + 1), x - left),
      mix(at(second), at(second + 1), x - left),
      y - top,
    );
  }
  return values;
}

/** The smooth differences of one patch, row by row; all NaN if it has no result. */
export function smoothPatch(map: PatchMap, cam: Cam, patch: number): Float32Array {
  return smooth(cellsAround(map, cam, rowsByPlace(map), patch), cam.width, cam.height);
}

/** So many colours stand for all: more than the eye tells apart. */
const SHADES = 512;

/** The maps of all patches side by side in one canvas, for painting. */
export interface CamTiles {
  readonly canvas: OffscreenCanvas;
  readonly width: number;
  readonly height: number;
  /** Where the tile of a patch lies. */
  at(patch: number): { readonly x: number; readonly y: number };
}

/** Tiles in a row of the canvas; wide canvases are refused by some browsers. */
const ABREAST = 64;

export function camTiles(map: PatchMap): CamTiles | null {
  const { cam, patches } = map;
  if (cam === null) return null;
  const width = cam.width * FINE;
  const height = cam.height * FINE;
  const canvas = new OffscreenCanvas(
    width * Math.min(ABREAST, patches.length),
    height * Math.ceil(patches.length / ABREAST),
  );
  const at = (patch: number) => ({
    x: width * (patch % ABREAST),
    y: height * Math.floor(patch / ABREAST),
  });
  const context = canvas.getContext("2d");
  const rows = rowsByPlace(map);
  const shades = Array.from({ length: SHADES + 1 }, (_, shade) => [...colourOf(shade / SHADES), 255]);
  patches.forEach(({ row }, patch) => {
    if (row === null || Number.isNaN(cam.values[2 * row * cam.width * cam.height])) return;
    const differences = smooth(cellsAround(map, cam, rows, patch), cam.width, cam.height);
    const pixels = new ImageData(width, height);
    differences.forEach((difference, point) => {
      const shade = Math.round(SHADES / (1 + Math.exp(-difference)));
      pixels.data.set(shades[shade] ?? [], 4 * point);
    });
    const { x, y } = at(patch);
    context?.putImageData(pixels, x, y);
  });
  return { canvas, width, height, at };
}
