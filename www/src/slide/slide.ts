// One slide of the study while the page is open: its reader, its tiles, what is outlined on it, and how much of it is looked at.

import { signal } from "@preact/signals";
import { CancelledError } from "../base/errors.ts";
import type { Point } from "../base/geometry.ts";
import { limited } from "../base/limited.ts";
import type { Analysis } from "../run/analysis.ts";
import { tilesOf } from "../study/geojson.ts";
import type { ImageReport } from "../study/report.ts";
import { analyseSlide } from "./analysis.ts";
import type { Held } from "./held.ts";
import { type MapFormat, mapOf } from "./map.ts";
import type { PlanOptions, Region, SlideFacts, SlideGrid, Stroke, Tissue } from "./protocol.ts";
import { type SlideParts, SlideReader } from "./reader.ts";
import { TileLayer } from "./tiles.ts";

/** The longer side of the picture of the whole, in pixels: as of large images. */
const THUMBNAIL_SIDE = 1600;
const THUMBNAIL_QUALITY = 0.85;

/** One after the other: each keeps every worker busy, and what it holds is held once. */
const inTurn = limited(1);
/** Likewise slides whose bytes are held as a whole. */
const openInTurn = limited(1);

/** What an analysis has to know that the slide does not. */
export interface SlideContext {
  readonly patchSize: number;
  readonly learned: readonly [number, number] | null;
  /** Micrometres per pixel of the finest level as a person has set them. */
  readonly scaleSet: number | null;
}

export class Slide {
  readonly facts: SlideFacts;
  readonly tiles: TileLayer;
  /** What a person has outlined; where there is nothing, all tissue counts. */
  readonly regions = signal<readonly Region[]>([]);
  /** How many patches are wanted; null as many as the options of all images say. */
  readonly wanted = signal<number | "all" | null>(null);
  readonly grid = signal<SlideGrid | null>(null);
  /** As it was found, with the strokes over it; null while nobody has asked. */
  readonly tissue = signal<Tissue | null>(null);
  /** What a person has corrected of it. */
  readonly strokes = signal<readonly Stroke[]>([]);
  /** How many changes of the strokes can be taken back. */
  readonly corrections = signal(0);
  readonly #files: readonly File[];
  readonly #parts: SlideParts;
  readonly #held: Held;
  #reader: Promise<SlideReader>;
  /** What was planned last: a reader that is opened again has to be told again. */
  #planned: { readonly by: SlideReader; readonly options: PlanOptions } | null = null;
  #scaleSet: number | null = null;
  /** The strokes before each change. */
  #past: (readonly Stroke[])[] = [];
  #busy = false;

  private constructor(files: readonly File[], parts: SlideParts, held: Held, reader: SlideReader) {
    this.#files = files;
    this.#parts = parts;
    this.#held = held;
    this.#reader = Promise.resolve(reader);
    this.facts = reader.facts;
    this.tiles = new TileLayer(this.facts.levels, async (place, signal) =>
      (await this.reader()).tile(place, signal),
    );
  }

  /** Rejects with what is wrong with the files. `held`: where it counts while its worker lives. */
  static async open(files: readonly File[], parts: SlideParts, held: Held): Promise<Slide> {
    const reader = await SlideReader.start(parts);
    const open = async () => {
      await reader.open(files);
      return new Slide(files, parts, held, reader);
    };
    if (reader.readsFiles) return open();
    return openInTurn(async () => {
      held.makeRoom();
      const slide = await open();
      held.use(slide);
      return slide;
    });
  }

  /** One whose worker has died, or was closed, is opened again. */
  async reader(): Promise<SlideReader> {
    this.#held.use(this);
    const known = this.#reader;
    const reader = await known.catch(() => null);
    if (reader !== null && reader.death === null) return reader;
    // Of several who ask at the same time the first opens it, for all.
    if (this.#reader === known) this.#reader = SlideReader.open(this.#files, this.#parts);
    return this.#reader;
  }

  /** Whether it is being analysed. One that waits for its turn is opened again then. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Lets go of memory; whoever asks for something opens it again. */
  close(): void {
    this.#held.left(this);
    this.tiles.clear();
    void this.#reader.then((reader) => reader.close()).catch(() => {});
  }

  async thumbnail(): Promise<Blob> {
    const bitmap = await (await this.reader()).thumbnail(THUMBNAIL_SIDE);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    return canvas.convertToBlob({ type: "image/jpeg", quality: THUMBNAIL_QUALITY });
  }

  async findTissue(): Promise<void> {
    if (this.tissue.peek() === null) await this.#refreshTissue();
  }

  /** Lays a stroke over the tissue. */
  correct(stroke: Stroke): Promise<void> {
    return this.#change([...this.strokes.peek(), stroke]);
  }

  /** The tissue as it was found. */
  resetTissue(): Promise<void> {
    return this.#change([]);
  }

  /** Takes the last change back. */
  undo(): Promise<void> {
    const before = this.#past.pop();
    if (before === undefined) return Promise.resolve();
    this.corrections.value = this.#past.length;
    this.strokes.value = before;
    return this.#refreshTissue();
  }

  /** What was corrected on an earlier visit. */
  restoreStrokes(strokes: readonly Stroke[]): void {
    this.strokes.value = strokes;
    this.tissue.value = null;
  }

  #change(strokes: readonly Stroke[]): Promise<void> {
    this.#past.push(this.strokes.peek());
    this.corrections.value = this.#past.length;
    this.strokes.value = strokes;
    return this.#refreshTissue();
  }

  async #refreshTissue(): Promise<void> {
    const strokes = this.strokes.peek();
    const tissue = await (await this.reader()).tissue(strokes);
    // Who draws fast has changed them again, and will hear of that.
    if (strokes === this.strokes.peek()) this.tissue.value = tissue;
  }

  /** Patches of the plan made last, by their places in it; none where they cannot be read. */
  async crops(places: readonly Point[]): Promise<ImageBitmap[]> {
    const grid = this.grid.peek();
    if (grid === null) return [];
    const { patch_size: side, columns } = grid;
    try {
      const reader = await this.#planning();
      if (reader === null) return [];
      const indices = Uint32Array.from(places, ({ x, y }) => (y / side) * columns + x / side);
      const { pixels } = await reader.patches(indices);
      return await Promise.all(
        places.map((_, patch) =>
          bitmapOf(new Uint8Array(pixels, patch * side * side * 3, side * side * 3), side),
        ),
      );
    } catch {
      return [];
    }
  }

  /** The map of a report as a file; null where there is none. */
  async map(report: ImageReport, format: MapFormat): Promise<Blob | null> {
    const map = mapOf(report);
    if (map === null) return null;
    const file = await this.#anyReader((reader) => reader.map(map, format));
    return new Blob([file], { type: `image/${format}` });
  }

  /** What is outlined, and the patches of a report as tiles, as QuPath imports both. */
  async geojson(report: ImageReport | null): Promise<object> {
    const annotations = await this.#anyReader((reader) => reader.annotations(this.regions.peek()));
    const tiles = report === null ? [] : tilesOf(report).features;
    return { type: "FeatureCollection", features: [...annotations, ...tiles] };
  }

  async readRegions(geojson: string): Promise<void> {
    const read = await this.#anyReader((reader) => reader.regionsFrom(geojson));
    this.regions.value = [...this.regions.peek(), ...read];
  }

  /** The reader that is open, or one without the slide: for what can be had when its file is gone, too. */
  async #anyReader<T>(use: (reader: SlideReader) => Promise<T>): Promise<T> {
    const open = await this.#reader.catch(() => null);
    if (open !== null && open.death === null) return use(open);
    const bare = await SlideReader.start(this.#parts);
    try {
      return await use(bare);
    } finally {
      bare.close();
    }
  }

  /** The reader, with the plan made last. */
  async #planning(): Promise<SlideReader | null> {
    const planned = this.#planned;
    if (planned === null) return null;
    const reader = await this.#scaled(this.#scaleSet);
    if (reader !== planned.by) {
      await reader.plan(planned.options);
      this.#planned = { ...planned, by: reader };
    }
    return reader;
  }

  /** The reader, with this scale in place of the file's; null is the file's own, which only a new one knows. */
  async #scaled(scaleSet: number | null): Promise<SlideReader> {
    if (scaleSet === null && this.#scaleSet !== null) (await this.reader()).close();
    this.#scaleSet = scaleSet;
    const reader = await this.reader();
    if (scaleSet !== null) await reader.setScale(scaleSet);
    return reader;
  }

  /** As of any image, of which the slide is one. */
  analysis({ patchSize, learned, scaleSet }: SlideContext): Analysis {
    const analyse: Analysis = async (pool, file, options, signal, watcher = {}) => {
      const reader = await this.#scaled(scaleSet);
      watcher.onPreview?.(await this.thumbnail(), false);
      const maxPatches = this.wanted.peek() ?? options.maxPatches;
      const regions = this.regions.peek();
      const strokes = this.strokes.peek();
      const plan: PlanOptions = {
        patch_size: patchSize,
        ...(learned !== null && { learned }),
        ...(maxPatches !== "all" && { max_patches: maxPatches }),
        ...(regions.length > 0 ? { regions } : strokes.length > 0 && { strokes }),
      };
      const onGrid = (grid: SlideGrid) => {
        this.#planned = { by: reader, options: plan };
        this.grid.value = grid;
      };
      const request = { filename: file.name, plan, scaleSet, onGrid };
      return analyseSlide(pool, reader, request, { ...options, maxPatches }, signal, watcher);
    };
    return (pool, file, options, signal, watcher) =>
      inTurn(async () => {
        // It may have waited for its turn.
        if (signal.aborted) throw new CancelledError();
        this.#busy = true;
        try {
          return await analyse(pool, file, options, signal, watcher);
        } finally {
          this.#busy = false;
        }
      });
  }
}

/** RGB, row by row. */
function bitmapOf(rgb: Uint8Array, side: number): Promise<ImageBitmap> {
  const image = new ImageData(side, side);
  for (let pixel = 0; pixel < side * side; pixel++) {
    image.data.set(rgb.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
    image.data[4 * pixel + 3] = 255;
  }
  return createImageBitmap(image);
}
