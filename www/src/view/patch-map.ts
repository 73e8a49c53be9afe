// Geometry and painting of the map of patches.

import { colourOf, cssColour } from "../colours.ts";
import type { Cam } from "../fold.ts";
import type { Plan, Reason, Screen } from "../report.ts";
import { isReason } from "../wording.ts";
import { hatchTile } from "./hatch.ts";

/** Whole patches in one colour, or the class-activation map within each. */
export type MapKind = "patches" | "detail";

export interface MapPatch {
  readonly x: number;
  readonly y: number;
  readonly screen: Screen;
  /** Its row in the results; null if it does not vote. */
  readonly row: number | null;
}

/** The patches of a plan with their rows in the results, of which only voters have one. */
export function mapPatches({ patches, voters }: Plan): MapPatch[] {
  const rows = new Map(voters.map((patch, row) => [patch, row]));
  return patches.map((patch, index) => ({ ...patch, row: rows.get(index) ?? null }));
}

/** Everything in pixels of the image. */
export interface PatchMap {
  readonly width: number;
  readonly height: number;
  readonly patchSize: number;
  readonly patches: readonly MapPatch[];
  /** `[voters, 2]`, NaN where none has come. */
  readonly probabilities: Float32Array | null;
  readonly cam: Cam | null;
}

export interface MapStyle {
  readonly kind: MapKind;
  readonly opacity: number;
  /** The patch that is pointed at. */
  readonly chosen: number | null;
}

/** The probability of malignant; NaN where none has come, or none will. */
export function malignantAt({ patches, probabilities }: PatchMap, index: number): number {
  const row = patches[index]?.row ?? null;
  return (row === null ? undefined : probabilities?.[2 * row + 1]) ?? Number.NaN;
}

/** The patch at a point, or null between patches. */
export function patchAt(map: PatchMap, x: number, y: number): number | null {
  const size = map.patchSize;
  const at = map.patches.findIndex(
    (patch) => x >= patch.x && x < patch.x + size && y >= patch.y && y < patch.y + size,
  );
  return at < 0 ? null : at;
}

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/** Where a key leads from a patch: the nearest patch in that direction. Undefined if the key is none of ours. */
export function nextPatch(map: PatchMap, from: number | null, key: string): number | undefined {
  const last = map.patches.length - 1;
  if (key === "Home") return 0;
  if (key === "End") return last;
  const direction = DIRECTIONS[key];
  if (direction === undefined) return undefined;
  const start = from === null ? undefined : map.patches[from];
  if (start === undefined || from === null) return 0;
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  map.patches.forEach((patch, index) => {
    const dx = patch.x - start.x;
    const dy = patch.y - start.y;
    const ahead = dx * direction[0] + dy * direction[1];
    if (ahead <= 0) return;
    // Straight ahead beats aside: sampled patches seldom lie in neat columns.
    const aside = Math.abs(dx * direction[1]) + Math.abs(dy * direction[0]);
    const cost = ahead + 2 * aside;
    if (cost < least) {
      least = cost;
      best = index;
    }
  });
  return best;
}

/** A hatching repeats about so many times along a patch, */
const HATCHES_PER_SIDE = 7;
/** but is never finer or coarser than this, in pixels of the canvas. */
const TILE_SIDES = { least: 9, most: 22 } as const;

/** Paints the map over the whole canvas. Patches left out are hatched; those without a result get an outline only. */
export function drawMap(canvas: HTMLCanvasElement, map: PatchMap, { kind, opacity, chosen }: MapStyle): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const scale = canvas.width / map.width;
  const side = map.patchSize * scale;
  context.clearRect(0, 0, canvas.width, canvas.height);
  const hatching = hatchings(context, tileSide(side));
  map.patches.forEach(({ x, y, screen, row }, index) => {
    const left = x * scale;
    const top = y * scale;
    const malignant = malignantAt(map, index);
    context.globalAlpha = opacity;
    if (row === null || Number.isNaN(malignant)) {
      if (isReason(screen)) {
        // Lines are thin: at half the opacity of a colour they would be gone.
        context.globalAlpha = Math.min(1, 2 * opacity);
        context.fillStyle = hatching(screen);
        context.fillRect(left + 0.5, top + 0.5, side - 1, side - 1);
      }
      context.globalAlpha = 1;
      emptyOutline(context, left, top, side);
    } else if (kind === "detail" && map.cam !== null) {
      context.drawImage(camTile(map.cam, row), left, top, side, side);
    } else {
      context.fillStyle = cssColour(malignant);
      // A hair's breadth between neighbours, so that patches stay countable.
      context.fillRect(left + 0.5, top + 0.5, side - 1, side - 1);
    }
  });
  context.globalAlpha = 1;
  const patch = chosen === null ? undefined : map.patches[chosen];
  if (patch !== undefined) outline(context, patch.x * scale, patch.y * scale, side);
}

const tileSide = (patch: number): number =>
  Math.min(TILE_SIDES.most, Math.max(TILE_SIDES.least, Math.round(patch / HATCHES_PER_SIDE)));

/** Makes each hatching once, when it is first asked for. */
function hatchings(
  context: CanvasRenderingContext2D,
  side: number,
): (reason: Reason) => CanvasPattern | string {
  const made = new Map<Reason, CanvasPattern | string>();
  return (reason) => {
    const pattern =
      made.get(reason) ?? context.createPattern(hatchTile(reason, side), "repeat") ?? "transparent";
    made.set(reason, pattern);
    return pattern;
  };
}

/** White dashes on a dark line: seen on glass as on tissue. */
function emptyOutline(context: CanvasRenderingContext2D, left: number, top: number, side: number): void {
  context.lineWidth = 1.5;
  context.strokeStyle = "rgb(27 35 48 / 0.6)";
  context.strokeRect(left + 1.5, top + 1.5, side - 3, side - 3);
  context.strokeStyle = "rgb(255 255 255 / 0.9)";
  context.setLineDash([6, 6]);
  context.strokeRect(left + 1.5, top + 1.5, side - 3, side - 3);
  context.setLineDash([]);
}

/** Dark inside light: seen on any picture. */
function outline(context: CanvasRenderingContext2D, left: number, top: number, side: number): void {
  const width = Math.max(2, side / 60);
  context.lineWidth = width;
  context.strokeStyle = "#fff";
  context.strokeRect(left + width / 2, top + width / 2, side - width, side - width);
  context.strokeStyle = "#1b2330";
  context.strokeRect(left + 1.5 * width, top + 1.5 * width, side - 3 * width, side - 3 * width);
}

/** The class-activation map of one row of the results, a pixel for each cell: what the cell alone would say. */
function camTile(cam: Cam, row: number): OffscreenCanvas {
  const tile = new OffscreenCanvas(cam.width, cam.height);
  const cells = cam.width * cam.height;
  const pixels = new ImageData(cam.width, cam.height);
  for (let cell = 0; cell < cells; cell++) {
    const at = 2 * (row * cells + cell);
    const difference = (cam.values[at + 1] ?? 0) - (cam.values[at] ?? 0);
    pixels.data.set([...colourOf(1 / (1 + Math.exp(-difference))), 255], 4 * cell);
  }
  tile.getContext("2d")?.putImageData(pixels, 0, 0);
  return tile;
}
