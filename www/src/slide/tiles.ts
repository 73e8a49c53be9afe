// A slide as the viewer paints it: tiles of the level that the screen can show, over coarser ones that are at hand
// already, over the picture of the whole. What is no longer in sight is not asked for any more, and of what was, some is kept.

import { signal } from "@preact/signals";
import { CancelledError } from "../base/errors.ts";
import type { Rect, Size } from "../base/geometry.ts";
import type { Level } from "./protocol.ts";
import type { SlideReader, TilePlace } from "./reader.ts";

/** Of pixels that are kept, in bytes: some screens full. */
const MOST_BYTES = 96e6;
/** The worker reads one at a time; more than these would only be out of date by their turn. */
const AT_ONCE = 4;
/** A level is fine enough if one of its pixels covers no more than so many of the screen. */
const COARSEST = 1.25;

interface Kept {
  readonly bitmap: ImageBitmap;
  readonly place: TilePlace;
}

export const keyOf = ({ level, column, row }: TilePlace): string => `${level}/${column}/${row}`;

/** The level to be shown where one pixel of the first covers so many of the screen. */
export function levelFor(levels: readonly Level[], scale: number): number {
  const fine = levels.findLastIndex(({ downsample }) => downsample * scale <= COARSEST);
  return Math.max(0, fine);
}

/** The tiles of a level that a rectangle touches, in pixels of the first level; those nearest to its middle first. */
export function tilesIn(levels: readonly Level[], level: number, area: Rect): TilePlace[] {
  const at = levels[level];
  if (at === undefined) return [];
  const [width, height] = [at.tile_width * at.downsample, at.tile_height * at.downsample];
  const within = (place: number, count: number) => Math.min(count - 1, Math.max(0, place));
  const places: TilePlace[] = [];
  const [left, right] = [area.x / width, (area.x + area.width) / width];
  const [top, bottom] = [area.y / height, (area.y + area.height) / height];
  for (let row = within(Math.floor(top), at.rows); row <= within(Math.ceil(bottom) - 1, at.rows); row++) {
    for (
      let column = within(Math.floor(left), at.columns);
      column <= within(Math.ceil(right) - 1, at.columns);
      column++
    ) {
      places.push({ level, column, row });
    }
  }
  const away = ({ column, row }: TilePlace) =>
    Math.hypot(column + 0.5 - (left + right) / 2, row + 0.5 - (top + bottom) / 2);
  return places.sort((a, b) => away(a) - away(b));
}

export class TileLayer {
  /** Raised when there is more to paint. */
  readonly changed = signal(0);
  readonly #levels: readonly Level[];
  readonly #tile: SlideReader["tile"];
  readonly #kept = new Map<string, Kept>();
  /** What was asked for, with what ends that. */
  readonly #asked = new Map<string, AbortController>();
  /** What could not be read; it is not asked for again. */
  readonly #lost = new Set<string>();
  #wanted: readonly TilePlace[] = [];
  #bytes = 0;

  constructor(levels: readonly Level[], tile: SlideReader["tile"]) {
    this.#levels = levels;
    this.#tile = tile;
  }

  /**
   * Paints what is at hand, and asks for the rest. `scale`: pixels of the canvas for one of the first level, which lies at
   * `x`, `y`; `held`: how many pixels of the first level one of the picture below stands for.
   */
  paint(
    context: CanvasRenderingContext2D,
    { x, y, scale }: { readonly x: number; readonly y: number; readonly scale: number },
    held: number,
  ): void {
    const { width, height } = context.canvas;
    const level = levelFor(this.#levels, scale);
    const [finest] = this.#levels;
    if (finest === undefined || (this.#levels[level]?.downsample ?? 1) >= held) {
      this.#want([]);
      return;
    }
    const seen = seenOf(finest, {
      x: -x / scale,
      y: -y / scale,
      width: width / scale,
      height: height / scale,
    });
    this.#want(tilesIn(this.#levels, level, seen));
    const shown = [...this.#kept.values()]
      .filter(({ place }) => place.level >= level)
      .sort((a, b) => b.place.level - a.place.level);
    for (const { bitmap, place } of shown) {
      const { downsample = 1, tile_width = 0, tile_height = 0 } = this.#levels[place.level] ?? {};
      const from = { x: place.column * tile_width * downsample, y: place.row * tile_height * downsample };
      // On whole pixels: else the edges of neighbours would show.
      const left = Math.round(x + from.x * scale);
      const top = Math.round(y + from.y * scale);
      const right = Math.round(x + (from.x + bitmap.width * downsample) * scale);
      const bottom = Math.round(y + (from.y + bitmap.height * downsample) * scale);
      if (right < 0 || bottom < 0 || left > width || top > height) continue;
      context.drawImage(bitmap, left, top, right - left, bottom - top);
    }
  }

  /** Lets go of every pixel. */
  clear(): void {
    this.#want([]);
    for (const { bitmap } of this.#kept.values()) bitmap.close();
    this.#kept.clear();
    this.#bytes = 0;
  }

  #want(places: readonly TilePlace[]): void {
    this.#wanted = places;
    const wanted = new Set(places.map(keyOf));
    for (const [key, asked] of this.#asked) if (!wanted.has(key)) asked.abort();
    for (const key of wanted) {
      // Put last again: what was seen longest ago goes first.
      const kept = this.#kept.get(key);
      if (kept === undefined) continue;
      this.#kept.delete(key);
      this.#kept.set(key, kept);
    }
    this.#ask();
  }

  #ask(): void {
    for (const place of this.#wanted) {
      if (this.#asked.size >= AT_ONCE) return;
      const key = keyOf(place);
      if (this.#kept.has(key) || this.#asked.has(key) || this.#lost.has(key)) continue;
      void this.#fetch(key, place);
    }
  }

  async #fetch(key: string, place: TilePlace): Promise<void> {
    const asked = new AbortController();
    this.#asked.set(key, asked);
    try {
      const bitmap = await this.#tile(place, asked.signal);
      this.#keep(key, { bitmap, place });
      this.changed.value++;
    } catch (error) {
      // Its place stays as coarse as it is; an analysis tells of tiles that cannot be read. Where the reader went, the
      // tile is not at fault: it is asked for again with the next painting.
      if (!asked.signal.aborted && !(error instanceof CancelledError)) this.#lost.add(key);
    } finally {
      this.#asked.delete(key);
      this.#ask();
    }
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.set(key, kept);
    this.#bytes += bytesOf(kept);
    for (const [oldest, old] of this.#kept) {
      if (this.#bytes <= MOST_BYTES || oldest === key) break;
      this.#kept.delete(oldest);
      this.#bytes -= bytesOf(old);
      old.bitmap.close();
    }
  }
}

const bytesOf = ({ bitmap: { width, height } }: Kept): number => 4 * width * height;

function seenOf({ width, height }: Size, area: Rect): Rect {
  const x = Math.max(0, area.x);
  const y = Math.max(0, area.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(width, area.x + area.width) - x),
    height: Math.max(0, Math.min(height, area.y + area.height) - y),
  };
}
