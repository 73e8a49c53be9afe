// The class-activation map without seams: between the cells of a patch, and of neighbouring patches, it is
// interpolated as numbers and only then coloured, so that every colour is one of the legend.

import { colourOf } from "../colours.ts";
import type { Cam } from "../fold.ts";
import type { PatchMap } from "./patch-map.ts";

/** Points painted along a cell. */
const FINE = 4;

/** For benign against malignant, what the cell alone would say: 0 is neither. NaN if it has no result yet. */
type CellAt = (column: number, row: number) => number;

/**
 * The cells of a patch and one beyond each of its edges. There a neighbour that lies edge to edge counts; where there
 * is none, the patch's own outermost cell is repeated.
 */
function cellsAround(map: PatchMap, cam: Cam, rows: ReadonlyMap<string, number>, patch: number): CellAt {
  const here = map.patches[patch];
  const own = here?.row ?? null;
  const cell = (row: number, column: number, line: number) => {
    const at = 2 * ((row * cam.height + line) * cam.width + column);
    return (cam.values[at + 1] ?? Number.NaN) - (cam.values[at] ?? Number.NaN);
  };
  const inside = (at: number, length: number) => Math.min(length - 1, Math.max(0, at));
  return (column, line) => {
    if (here === undefined || own === null) return Number.NaN;
    const aside = Math.floor(column / cam.width);
    const below = Math.floor(line / cam.height);
    // Beyond a corner, if nothing lies there, the neighbour along either edge will do.
    for (const [x, y] of [
      [aside, below],
      [aside, 0],
      [0, below],
    ] as const) {
      if (x === 0 && y === 0) continue;
      const row = rows.get(key(here.x + x * map.patchSize, here.y + y * map.patchSize));
      if (row === undefined) continue;
      const value = cell(
        row,
        inside(column - x * cam.width, cam.width),
        inside(line - y * cam.height, cam.height),
      );
      if (!Number.isNaN(value)) return value;
    }
    return cell(own, inside(column, cam.width), inside(line, cam.height));
  };
}

const key = (x: number, y: number): string => `${x},${y}`;

function rowsByPlace(map: PatchMap): Map<string, number> {
  return new Map(map.patches.flatMap(({ x, y, row }) => (row === null ? [] : [[key(x, y), row]])));
}

/** The differences at the middles of `FINE` points along each cell, bilinear between the cells' middles. */
function smooth(cellAt: CellAt, width: number, height: number): Float32Array {
  const columns = width * FINE;
  const lines = height * FINE;
  const values = new Float32Array(columns * lines);
  for (let line = 0; line < lines; line++) {
    const y = (line + 0.5) / FINE - 0.5;
    const top = Math.floor(y);
    for (let column = 0; column < columns; column++) {
      const x = (column + 0.5) / FINE - 0.5;
      const left = Math.floor(x);
      const mix = (a: number, b: number, share: number) => a + (b - a) * share;
      values[line * columns + column] = mix(
        mix(cellAt(left, top), cellAt(left + 1, top), x - left),
        mix(cellAt(left, top + 1), cellAt(left + 1, top + 1), x - left),
        y - top,
      );
    }
  }
  return values;
}

/** The smooth differences of one patch, row by row; all NaN if it has no result. */
export function smoothPatch(map: PatchMap, cam: Cam, patch: number): Float32Array {
  return smooth(cellsAround(map, cam, rowsByPlace(map), patch), cam.width, cam.height);
}

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
  patches.forEach(({ row }, patch) => {
    if (row === null || Number.isNaN(cam.values[2 * row * cam.width * cam.height])) return;
    const differences = smooth(cellsAround(map, cam, rows, patch), cam.width, cam.height);
    const pixels = new ImageData(width, height);
    differences.forEach((difference, point) => {
      pixels.data.set([...colourOf(1 / (1 + Math.exp(-difference))), 255], 4 * point);
    });
    const { x, y } = at(patch);
    context?.putImageData(pixels, x, y);
  });
  return { canvas, width, height, at };
}
