// A slide from plan to report: its worker cuts patches, the engine's workers look at them, and both at one time. They come
// from coarse to fine, so that a useful map stands after the first of them.

import { CancelledError, ImageError } from "../base/errors.ts";
import type { Pool } from "../engine/pool.ts";
import type { BatchResult, PatchesResult } from "../engine/protocol.ts";
import { type AnalysisWatcher, forCore } from "../run/analysis.ts";
import { Fold } from "../run/fold.ts";
import type { AnalysisOptions } from "../run/options.ts";
import { type ImageReport, type Plan, SCREENS, type Screen } from "../study/report.ts";
import { said } from "../words/said.ts";
import type { Note, PlanOptions, SlideFacts, SlideGrid, TileFault } from "./protocol.ts";
import type { SlideReader } from "./reader.ts";
import { keyOf } from "./tiles.ts";

/** Patches cut at once: few at first, so that something is seen; then as many as are worth a message. */
const [FIRST_BATCH, BATCH] = [4, 16] as const;

/** Batches for each worker that are cut, on their way, or looked at: one more than it can be busy with. */
const AHEAD = 2;

/** What a slide is looked at with besides the options of all images. */
export interface SlideRequest {
  readonly filename: string;
  readonly plan: PlanOptions;
  /** Micrometres per pixel of the finest level as a person has set them; null takes the file's word. */
  readonly scaleSet: number | null;
  readonly onGrid?: (grid: SlideGrid) => void;
}

type Reader = Pick<SlideReader, "facts" | "plan" | "patches">;

export async function analyseSlide(
  pool: Pick<Pool, "call" | "size">,
  reader: Reader,
  { filename, plan: wanted, scaleSet, onGrid }: SlideRequest,
  options: AnalysisOptions,
  signal: AbortSignal,
  watcher: AnalysisWatcher = {},
): Promise<ImageReport> {
  let over = false;
  const goOn = () => {
    if (over || signal.aborted) throw new CancelledError();
  };
  goOn();
  const begun = performance.now();
  watcher.onStart?.();
  const grid = await reader.plan(wanted);
  goOn();
  const { width, height, patch_size: least } = grid;
  if (width < least || height < least) {
    throw new ImageError(...said("image_too_small", "core", { width, height, least }));
  }
  onGrid?.(grid);
  const patches = new SlidePatches(grid);
  const planned = performance.now();
  watcher.onPlan?.(patches.plan(filename), reader.facts.identity);

  // A tile lies under several patches, and is told with each batch of them.
  const faults = new Map<string, TileFault>();
  let next = 0;
  const lane = async () => {
    while (next < grid.patches.length) {
      const size = next < AHEAD * FIRST_BATCH * pool.size ? FIRST_BATCH : BATCH;
      const first = next;
      next = Math.min(grid.patches.length, first + size);
      const cut = await reader.patches(Uint32Array.from(grid.patches.slice(first, next)));
      goOn();
      for (const fault of cut.faults) faults.set(keyOf(fault), fault);
      const { pixels } = cut;
      const request = { pixels, screen: options.screen };
      const found = await pool.call("patches", request, { variant: options.variant, transfer: [pixels] });
      goOn();
      patches.place(first, found);
      watcher.onResults?.(patches.fold);
    }
  };
  const lanes = Array.from({ length: AHEAD * Math.max(1, pool.size) }, () =>
    lane().catch((error) => {
      // The others must not go on without it: nobody hears of them any more.
      over = true;
      throw error;
    }),
  );
  await Promise.all(lanes);

  const { plan, fold } = patches.voting(filename);
  watcher.onPlan?.(plan, reader.facts.identity);
  watcher.onResults?.(fold);
  const finished = performance.now();
  const timings = {
    decode: planned - begun,
    screen: 0,
    inference: finished - planned,
    total: finished - begun,
  };
  const report = await pool.call(
    "slideReport",
    {
      plan: planForCore(reader.facts, grid, plan, patches, wanted, options, [...faults.values()], scaleSet),
      logits: fold.logits,
      features: fold.features,
      lesson: "",
      timings: JSON.stringify(timings),
    },
    { variant: options.variant },
  );
  goOn();
  return JSON.parse(report) as ImageReport;
}

/** As the core's `SlidePlan` has it. */
function planForCore(
  facts: SlideFacts,
  grid: SlideGrid,
  { filename, width, height, patches }: Plan,
  { rowsOf }: SlidePatches,
  { strokes = [] }: PlanOptions,
  options: AnalysisOptions,
  faults: readonly TileFault[],
  scaleSet: number | null,
): string {
  const [finest] = facts.levels;
  return JSON.stringify({
    filename,
    identity: facts.identity,
    width,
    height,
    um_per_pixel: grid.um_per_pixel,
    options: JSON.parse(forCore({ ...options, stride: null }, scaleSet)),
    patches,
    slide: {
      format: facts.format,
      width: finest?.width ?? 0,
      height: finest?.height ?? 0,
      downsample: grid.downsample,
      candidates: grid.candidates,
    },
    regions: grid.regions.map((region) => ({
      name: region.name,
      patches: Array.from(region.patches, (place) => rowsOf[place] ?? 0).sort((a, b) => a - b),
    })),
    strokes,
    warnings: [...facts.warnings, ...grid.warnings, ...unreadable(faults)],
  });
}

/** As the slide's reader says it (`warning.rs`), which itself knows its faults only one after the other. */
export const TILES_UNREADABLE =
  "Unreadable tiles of the slide, which count as glass: {tiles}. The first is {column}, {row} of level {level}: {detail}.";

function unreadable(faults: readonly TileFault[]): Note[] {
  const ordered = [...faults].sort((a, b) => a.level - b.level || a.column - b.column || a.row - b.row);
  const [first] = ordered;
  if (first === undefined) return [];
  const { level, column, row, message: detail } = first;
  const params: Readonly<Record<string, string | number>> = {
    tiles: faults.length,
    level,
    column,
    row,
    detail,
  };
  const sentence = TILES_UNREADABLE.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name]));
  return [{ sentence, cause: { kind: "tiles_unreadable", params } }];
}

/** The patches of a slide as the page counts them, row by row, while they come in the order of the plan. */
export class SlidePatches {
  /** Of every patch; those that do not vote stay without a result. */
  readonly fold: Fold;
  readonly #grid: SlideGrid;
  /** For each place of the plan's order, its place row by row. */
  readonly rowsOf: Uint32Array;
  /** Places of the grid, row by row. */
  readonly #sorted: Uint32Array;
  readonly #screens: Screen[];

  constructor(grid: SlideGrid) {
    this.#grid = grid;
    this.#sorted = Uint32Array.from(grid.patches).sort();
    const rows = new Map(Array.from(this.#sorted, (index, row) => [index, row]));
    this.rowsOf = Uint32Array.from(grid.patches, (index) => rows.get(index) ?? 0);
    this.#screens = Array<Screen>(grid.patches.length).fill("unchecked");
    this.fold = new Fold(grid.patches.length);
  }

  /** Puts what was found on consecutive patches, from place `first` of the order on, where they belong. */
  place(first: number, { screens, results }: PatchesResult): void {
    let voter = 0;
    screens.forEach((code, place) => {
      const row = this.rowsOf[first + place] ?? 0;
      const screen = SCREENS[code] ?? "unchecked";
      this.#screens[row] = screen;
      if (results === null || !votes(screen)) return;
      const rows = results.logits.length / results.classes.length;
      this.fold.place(row, rowOf(results, voter++, rows));
    });
  }

  /** Before anything is known every patch may vote. */
  plan(filename: string): Plan {
    const { width, height, patch_size, columns } = this.#grid;
    return {
      filename,
      width,
      height,
      grid: { patch_size, stride: patch_size },
      patches: Array.from(this.#sorted, (index, row) => ({
        x: (index % columns) * patch_size,
        y: Math.floor(index / columns) * patch_size,
        screen: this.#screens[row] ?? "unchecked",
      })),
      voters: Array.from(this.#sorted, (_, row) => row),
    };
  }

  /** When all is known: those alone that vote. */
  voting(filename: string): { plan: Plan; fold: Fold } {
    const all = this.plan(filename);
    const voters = all.voters.filter((row) => votes(this.#screens[row] ?? "unchecked"));
    const fold = new Fold(voters.length);
    voters.forEach((row, place) => {
      fold.place(place, rowOf(this.fold, row, all.patches.length));
    });
    return { plan: { ...all, voters }, fold };
  }
}

const votes = (screen: Screen): boolean => screen === "assessable" || screen === "unchecked";

const NO_CAM = { cam: new Float32Array(0), camWidth: 0, camHeight: 0 } as const;

type Rows = Pick<BatchResult, "classes" | "logits" | "probabilities" | "features">;

/** One of so many rows. */
function rowOf({ classes, logits, probabilities, features }: Rows, row: number, rows: number): BatchResult {
  const own = (values: Float32Array<ArrayBuffer>) => {
    const each = values.length / rows;
    return values.slice(each * row, each * (row + 1));
  };
  return {
    classes,
    logits: own(logits),
    probabilities: own(probabilities),
    features: own(features),
    ...NO_CAM,
  };
}
