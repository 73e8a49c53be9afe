// The messages between the page and the worker that reads one slide, as of the engine's worker.
//
// A slide is a file of any size that is never read as a whole: its worker reads slices of it as they are needed. What a
// person looks at comes before what is analysed, and what was asked for last comes first.

import type { Cause, WireError } from "../engine/protocol.ts";
import type { MapFormat, MapSource } from "./map.ts";

/** What the reader of a report should know: a sentence in English, and which it is, for other languages. */
export interface Note {
  readonly sentence: string;
  readonly cause: Cause;
}

/** One size of the picture; the first is the largest. In its own pixels. */
export interface Level {
  readonly width: number;
  readonly height: number;
  /** Pixels of the first level along one of this. */
  readonly downsample: number;
  readonly tile_width: number;
  readonly tile_height: number;
  readonly columns: number;
  readonly rows: number;
}

/** What a slide says of itself. */
export interface SlideFacts {
  readonly format: string;
  readonly levels: readonly Level[];
  readonly um_per_pixel: number | null;
  readonly objective: number | null;
  /** A digest of its size and of pieces of it. */
  readonly identity: string;
  /** Whether it is a picture like any other, which is read as a whole. */
  readonly is_picture: boolean;
  readonly warnings: readonly Note[];
}

/** What a person has outlined; in pixels of the first level, even and odd. */
export interface Region {
  readonly name: string;
  readonly rings: readonly (readonly (readonly [x: number, y: number])[])[];
}

/** What a person corrects of the tissue that was found; in pixels of the first level. */
export interface Stroke {
  /** Whether it makes tissue; else glass. */
  readonly adds: boolean;
  readonly radius: number;
  readonly points: readonly (readonly number[])[];
}

export const sameStrokes = (some: readonly Stroke[], others: readonly Stroke[]): boolean =>
  some === others || JSON.stringify(some) === JSON.stringify(others);

/** Where the tissue is. */
export interface Tissue {
  /** In pixels of the first level; even and odd. */
  readonly rings: readonly (readonly (readonly [x: number, y: number])[])[];
  /** Of the slide, 0 to 1. */
  readonly share: number;
}

/** What is asked of a plan; what has a default of the module's stays out. */
export interface PlanOptions {
  readonly patch_size: number;
  readonly um_per_pixel?: number;
  /** The scales that the model has learned, least and most. */
  readonly learned?: readonly [number, number];
  /** All without it. */
  readonly max_patches?: number;
  /** In place of the tissue. */
  readonly regions?: readonly Region[];
  /** Over the tissue that was found. */
  readonly strokes?: readonly Stroke[];
}

/** Which patches are looked at, at the scale of the model. */
export interface SlideGrid {
  readonly um_per_pixel: number;
  readonly level: number;
  /** Pixels of the first level along one of a patch. */
  readonly downsample: number;
  /** Of the slide at that scale, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly patch_size: number;
  readonly columns: number;
  readonly rows: number;
  /** How many there are before the most that are wanted. */
  readonly candidates: number;
  /** Places in the grid, row by row; from coarse to fine. */
  readonly patches: readonly number[];
  /** Which places of `patches` lie in which region. */
  readonly regions: readonly { readonly name: string; readonly patches: readonly number[] }[];
  readonly warnings: readonly Note[];
}

/** A tile that could not be read; it is white. */
export interface TileFault {
  readonly code: string;
  readonly message: string;
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** A file of which the worker has all bytes, or the first ones: it is in a browser where it can read none itself. */
export interface HandedFile {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

export type SlideFile = File | HandedFile;

export interface SlideCalls {
  start: {
    request: { readonly module: WebAssembly.Module };
    /** WebKit lets a worker of a page that was opened as a file read none. */
    result: { readonly readsFiles: boolean };
  };
  /** `SeriesInstanceUID` of each file that is an instance of a whole slide; of one series they are one slide. */
  series: { request: { readonly files: readonly SlideFile[] }; result: readonly (string | null)[] };
  /** Several files are the instances of one DICOM series. */
  open: { request: { readonly files: readonly SlideFile[] }; result: SlideFacts };
  setScale: { request: { readonly umPerPixel: number }; result: null };
  /** Neither side longer than `side` pixels. */
  thumbnail: { request: { readonly side: number }; result: ImageBitmap };
  tissue: { request: { readonly strokes: readonly Stroke[] }; result: Tissue };
  plan: { request: { readonly options: PlanOptions }; result: SlideGrid };
  /** `uint8 [n, patch, patch, 3]` of the plan made last; transferred. */
  patches: {
    request: { readonly indices: Uint32Array };
    result: { readonly pixels: ArrayBuffer; readonly faults: readonly TileFault[] };
  };
  tile: {
    request: { readonly level: number; readonly column: number; readonly row: number };
    result: ImageBitmap;
  };
  /** The file, transferred. */
  map: { request: { readonly map: MapSource; readonly format: MapFormat }; result: ArrayBuffer };
  /** Features of GeoJSON, in QuPath's form. */
  annotations: { request: { readonly regions: readonly Region[] }; result: readonly object[] };
  /** QuPath's form of GeoJSON. */
  regionsFrom: { request: { readonly geojson: string }; result: readonly Region[] };
}

export type SlideCallName = keyof SlideCalls;

export type SlideRequest = {
  [K in SlideCallName]: { readonly call: K; readonly id: number } & SlideCalls[K]["request"];
}[SlideCallName];

/** Nobody waits for the call `drop` any more. */
export interface SlideNote {
  readonly drop: number;
}

export type SlideResponse =
  | { readonly id: number; readonly result: SlideCalls[SlideCallName]["result"] }
  /** `poisoned`: the module trapped, and can no longer be trusted. */
  | { readonly id: number; readonly error: WireError; readonly poisoned: boolean };
