// Slides that no scanner took: a pyramid of JPEG tiles in a TIFF, as SVS has it, of drawn tissue with bare glass around.

import { readFile, writeFile } from "node:fs/promises";
import { test } from "@playwright/test";
import { demo } from "./site.ts";
import { aperio, aside, slideFile, TILE } from "./slide-file.mjs";

export interface SlideSpec {
  readonly name: string;
  /** Of the finest level, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Micrometres per pixel; without it the file says none. */
  readonly um?: number;
  /** The pictures that its tissue is made of, of one size, side by side and one below the other in turn. */
  readonly fields?: readonly string[];
  /** What stands on its label, of which it has a picture then, and one of the glass with it. Both have `LABEL_COLOUR`. */
  readonly label?: string;
}

/** Of nothing else: magenta. */
export const LABEL_COLOUR = "rgb(255 0 255)";

/** As tiled as the levels, and in their shape, between two of theirs in size. */
const LABEL_TILES = [4, 3] as const;

interface Wanted {
  /** Of the fields. */
  pictures: string[];
  width: number;
  height: number;
  side: number;
  label: string;
}

interface Drawn {
  readonly levels: readonly DrawnLevel[];
  /** A tile of the label. */
  readonly label: string;
}

interface DrawnLevel {
  readonly width: number;
  readonly height: number;
  /** JPEG, row by row, in base64. */
  readonly tiles: readonly string[];
}

/** Runs in the page: only browsers have a JPEG encoder at hand. */
async function draw({ pictures, width, height, side, label }: Wanted): Promise<Drawn> {
  const fields: ImageBitmap[] = [];
  for (const base64 of pictures) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    fields.push(await createImageBitmap(new Blob([bytes])));
  }
  const [first] = fields;
  if (first === undefined) throw new Error("no field");
  const jpegOf = async (draws: (context: OffscreenCanvasRenderingContext2D) => void) => {
    const canvas = new OffscreenCanvas(side, side);
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("no canvas");
    draws(context);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
    const jpeg = new Uint8Array(await blob.arrayBuffer());
    return btoa(Array.from(jpeg, (byte) => String.fromCharCode(byte)).join(""));
  };
  const fill = (context: OffscreenCanvasRenderingContext2D, colour: string) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, side, side);
  };
  const levels: DrawnLevel[] = [];
  for (let factor = 1; factor === 1 || width / factor > side; factor *= 4) {
    const [wide, high] = [Math.ceil(width / factor), Math.ceil(height / factor)];
    const tiles: string[] = [];
    for (let y = 0; y < high; y += side) {
      for (let x = 0; x < wide; x += side) {
        const tile = await jpegOf((context) => {
          fill(context, "rgb(243 241 244)");
          context.scale(1 / factor, 1 / factor);
          context.translate(-x * factor, -y * factor);
          // Tissue in the middle half of either side.
          context.beginPath();
          context.rect(width / 4, height / 4, width / 2, height / 2);
          context.clip();
          let next = 0;
          for (let top = 0; top < height; top += first.height) {
            for (let left = 0; left < width; left += first.width) {
              context.drawImage(fields[next++ % fields.length] ?? first, left, top);
            }
          }
        });
        tiles.push(tile);
      }
    }
    levels.push({ width: wide, height: high, tiles });
  }
  return { levels, label: await jpegOf((context) => fill(context, label)) };
}

/** A page of any browser. */
interface Draws {
  evaluate(run: (wanted: Wanted) => Promise<Drawn>, wanted: Wanted): Promise<Drawn>;
}

/** Writes a slide into the test's own folder and gives its path. */
export async function slide(
  page: Draws,
  { name, width, height, um, fields = [demo("synthetic-nests.jpg")], label }: SlideSpec,
): Promise<string> {
  const pictures = await Promise.all(fields.map((field) => readFile(field, "base64")));
  const drawn = await page.evaluate(draw, { pictures, width, height, side: TILE, label: LABEL_COLOUR });
  const [finest, ...coarser] = drawn.levels.map(({ tiles, ...size }) => ({
    ...size,
    tiles: tiles.map((tile) => Buffer.from(tile, "base64")),
  }));
  if (finest === undefined) throw new Error("no level");
  const [across, down] = LABEL_TILES;
  const pictured = {
    width: across * TILE,
    height: down * TILE,
    tiles: new Array<Buffer>(across * down).fill(Buffer.from(drawn.label, "base64")),
  };
  const asides =
    label === undefined
      ? []
      : (["label", "macro"] as const).map((what) => ({ ...pictured, description: aside(what, label) }));
  const path = test.info().outputPath(name);
  await writeFile(path, slideFile([finest, ...asides, ...coarser], aperio(width, height, um)));
  return path;
}
