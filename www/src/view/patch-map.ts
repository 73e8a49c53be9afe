// Geometry and painting of the map of patches.

import type { Cam } from "../run/cam.ts";
import { OWN_CLASSES } from "../study/classes.ts";
import { isReason, type Plan, type Reason, type Screen } from "../study/report.ts";
import type { CamPainting } from "./cam-map.ts";
import { sharesColour } from "./colours.ts";
import { hatchTile } from "./hatch.ts";

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
  /** Distance between patches; where it is less than a patch they overlap. */
  readonly stride: number;
  readonly patches: readonly MapPatch[];
  readonly classes: readonly string[];
  /** `[voters, classes]`, NaN where none has come. */
  readonly probabilities: Float32Array | null;
  readonly cam: Cam | null;
}

/** The map as far as its results have come. */
export function patchMap(
  plan: Plan,
  patches: readonly MapPatch[],
  fold:
    | { readonly probabilities: Float32Array; readonly cam: Cam | null; readonly classes?: readonly string[] }
    | undefined,
): PatchMap {
  return {
    width: plan.width,
    height: plan.height,
    patchSize: plan.grid.patch_size,
    stride: plan.grid.stride,
    patches,
    classes: fold?.classes ?? OWN_CLASSES,
    probabilities: fold?.probabilities ?? null,
    cam: fold?.cam ?? null,
  };
}

export interface MapStyle {
  /** Of `paintedAreas`. */
  readonly areas: readonly Area[];
  /** The class-activation maps within patches; null paints whole patches. */
  readonly within: Pick<CamPainting, "canvas" | "scale"> | null;
  readonly opacity: number;
  /** Pixels of the canvas that make one CSS pixel. */
  readonly density: number;
  /** Patches that voted get a frame instead of a colour all over. */
  readonly outlined?: boolean;
}

/** Where the picture's top left corner lies on a canvas, and the size of its pixels there, in pixels of the canvas. */
export interface Ground {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Of a patch by class; null where none have come, or none will. */
export function sharesAt({ classes, patches, probabilities }: PatchMap, index: number): Float32Array | null {
  const row = patches[index]?.row ?? null;
  if (row === null || probabilities === null) return null;
  const shares = probabilities.subarray(classes.length * row, classes.length * (row + 1));
  return Number.isNaN(shares[0] ?? Number.NaN) ? null : shares;
}

/** The patch at a point, or null between patches. Where several overlap it is the one whose middle is nearest. */
export function patchAt(map: PatchMap, x: number, y: number): number | null {
  const size = map.patchSize;
  let best: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  map.patches.forEach((patch, index) => {
    const [dx, dy] = [x - patch.x, y - patch.y];
    if (dx < 0 || dx >= size || dy < 0 || dy >= size) return;
    const distance = (dx - size / 2) ** 2 + (dy - size / 2) ** 2;
    if (distance < least) {
      least = distance;
      best = index;
    }
  });
  return best;
}

/** A rectangle in pixels of the image. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A place as one number, which is found sooner than a text: no image is two million pixels wide. */
export const placeKey = (x: number, y: number): number => y * 2 ** 21 + x;

/**
 * What of each patch is painted: all of it, but of patches in one row or column that overlap only as far as the middle
 * between both. So no place is painted twice over another, and what is shown of a patch has surroundings in it.
 */
export function paintedAreas(map: PatchMap): readonly Area[] {
  const known = areasOf.get(map.patches);
  if (known !== undefined) return known;
  const areas = findAreas(map);
  areasOf.set(map.patches, areas);
  return areas;
}

/** They change with the plan alone, and a map is made anew with each result. */
const areasOf = new WeakMap<readonly MapPatch[], readonly Area[]>();

function findAreas({ patches, patchSize: size, stride }: PatchMap): Area[] {
  const places = new Set(patches.map(({ x, y }) => placeKey(x, y)));
  /** How far from a patch's middle it is painted in one direction. */
  const reach = (x: number, y: number, dx: number, dy: number) => {
    for (let away = stride; away < size; away += stride) {
      if (places.has(placeKey(x + away * dx, y + away * dy))) return away / 2;
    }
    return size / 2;
  };
  return patches.map(({ x, y }) => {
    const [middleX, middleY] = [x + size / 2, y + size / 2];
    return {
      left: middleX - reach(x, y, -1, 0),
      top: middleY - reach(x, y, 0, -1),
      right: middleX + reach(x, y, 1, 0),
      bottom: middleY + reach(x, y, 0, 1),
    };
  });
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
/** but is never finer or coarser than this, in CSS pixels. */
const TILE_SIDES = { least: 9, most: 22 } as const;

/** Smaller patches, in CSS pixels, have no outline: thousands of them would be a grey veil, and slow to draw. */
const LEAST_OUTLINED = 8;

/** Width of a frame, in CSS pixels. */
const FRAME = 3;

/** Paints the map over what is there. Patches left out are hatched; those without a result get an outline only. */
export function drawMap(
  context: CanvasRenderingContext2D,
  map: PatchMap,
  ground: Ground,
  { areas, within, outlined, opacity, density }: MapStyle,
): void {
  const { canvas } = context;
  const side = map.patchSize * ground.scale;
  // A hair's breadth between neighbours, so that patches stay countable.
  const gap = Math.max(1, Math.round(density));
  const hatching = hatchings(context, ground, tileSide(side, density));
  if (within !== null) {
    const size = ground.scale / within.scale;
    context.globalAlpha = opacity;
    context.imageSmoothingEnabled = true;
    context.drawImage(
      within.canvas,
      ground.x,
      ground.y,
      within.canvas.width * size,
      within.canvas.height * size,
    );
  }
  map.patches.forEach(({ screen, row }, index) => {
    const area = areas[index];
    if (area === undefined) return;
    // On whole pixels: else the edges of neighbours would mix, here lighter and there darker.
    const left = Math.round(ground.x + area.left * ground.scale);
    const top = Math.round(ground.y + area.top * ground.scale);
    const width = Math.round(ground.x + area.right * ground.scale) - left;
    const height = Math.round(ground.y + area.bottom * ground.scale) - top;
    if (left > canvas.width || top > canvas.height || left + width < 0 || top + height < 0) return;
    const shares = sharesAt(map, index);
    context.globalAlpha = opacity;
    if (row === null || shares === null) {
      if (isReason(screen)) {
        // Lines are thin: at half the opacity of a colour they would be gone.
        context.globalAlpha = Math.min(1, 2 * opacity);
        context.fillStyle = hatching(screen);
        context.fillRect(left, top, width - gap, height - gap);
      }
      context.globalAlpha = 1;
      if (Math.min(width, height) >= LEAST_OUTLINED * density) {
        emptyOutline(context, left, top, width, height, density);
      }
    } else if (outlined) {
      // Thin, as the hatchings are.
      context.globalAlpha = Math.min(1, 2 * opacity);
      const line = Math.min(FRAME * density, Math.min(width, height) / 4);
      context.lineWidth = line;
      context.strokeStyle = sharesColour(map.classes, shares);
      context.strokeRect(left + line / 2, top + line / 2, width - gap - line, height - gap - line);
    } else if (within === null) {
      context.fillStyle = sharesColour(map.classes, shares);
      context.fillRect(left, top, width - gap, height - gap);
    }
  });
  context.globalAlpha = 1;
}

const tileSide = (patch: number, density: number): number => {
  const { least, most } = TILE_SIDES;
  return Math.round(Math.min(most * density, Math.max(least * density, patch / HATCHES_PER_SIDE)));
};

/** Makes each hatching once, when it is first asked for. It moves with the picture. */
function hatchings(
  context: CanvasRenderingContext2D,
  { x, y }: Ground,
  side: number,
): (reason: Reason) => CanvasPattern | string {
  const made = new Map<Reason, CanvasPattern | string>();
  return (reason) => {
    const known = made.get(reason);
    if (known !== undefined) return known;
    const pattern = context.createPattern(hatchTile(reason, side), "repeat");
    pattern?.setTransform(new DOMMatrix([1, 0, 0, 1, x, y]));
    made.set(reason, pattern ?? "transparent");
    return pattern ?? "transparent";
  };
}

/** White dashes on a dark line: seen on glass as on tissue. */
function emptyOutline(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
  density: number,
): void {
  const inset = 1.5 * density;
  context.lineWidth = 1.5 * density;
  context.strokeStyle = "rgb(27 35 48 / 0.6)";
  context.strokeRect(left + inset, top + inset, width - 2 * inset, height - 2 * inset);
  context.strokeStyle = "rgb(255 255 255 / 0.9)";
  context.setLineDash([6 * density, 6 * density]);
  context.strokeRect(left + inset, top + inset, width - 2 * inset, height - 2 * inset);
  context.setLineDash([]);
}

/** Outlines a patch, dark inside light: seen on any picture. `width` of each line in pixels of the canvas. */
export function outlinePatch(
  context: CanvasRenderingContext2D,
  map: PatchMap,
  ground: Ground,
  index: number,
  width: number,
): void {
  const patch = map.patches[index];
  if (patch === undefined) return;
  const side = map.patchSize * ground.scale;
  const left = ground.x + patch.x * ground.scale;
  const top = ground.y + patch.y * ground.scale;
  context.lineWidth = width;
  for (const [colour, inset] of [
    ["#fff", width / 2],
    ["#1b2330", 1.5 * width],
  ] as const) {
    context.strokeStyle = colour;
    context.strokeRect(left + inset, top + inset, side - 2 * inset, side - 2 * inset);
  }
}
