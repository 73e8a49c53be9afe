// Slides that no scanner took: a pyramid of JPEG tiles in a TIFF, as SVS has it, of drawn tissue with bare glass around.

import { readFile, writeFile } from "node:fs/promises";
import { test } from "@playwright/test";
import { demo } from "./site.ts";
import { aperio, slideFile, TILE } from "./slide-file.mjs";

export interface SlideSpec {
  readonly name: string;
  /** Of the finest level, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Micrometres per pixel; without it the file says none. */
  readonly um?: number;
}

interface DrawnLevel {
  readonly width: number;
  readonly height: number;
  /** JPEG, row by row, in base64. */
  readonly tiles: readonly string[];
}

/** Runs in the page: only browsers have a JPEG encoder at hand. */
async function drawLevels({
  base64,
  width,
  height,
  side,
}: {
  base64: string;
  width: number;
  height: number;
  side: number;
}): Promise<DrawnLevel[]> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const field = await createImageBitmap(new Blob([bytes]));
  const levels: DrawnLevel[] = [];
  for (let factor = 1; factor === 1 || width / factor > side; factor *= 4) {
    const [wide, high] = [Math.ceil(width / factor), Math.ceil(height / factor)];
    const tiles: string[] = [];
    for (let y = 0; y < high; y += side) {
      for (let x = 0; x < wide; x += side) {
        const canvas = new OffscreenCanvas(side, side);
        const context = canvas.getContext("2d");
        if (context === null) throw new Error("no canvas");
        context.fillStyle = "rgb(243 241 244)";
        context.fillRect(0, 0, side, side);
        context.scale(1 / factor, 1 / factor);
        context.translate(-x * factor, -y * factor);
        // Tissue in the middle half of either side.
        context.beginPath();
        context.rect(width / 4, height / 4, width / 2, height / 2);
        context.clip();
        for (let top = 0; top < height; top += field.height) {
          for (let left = 0; left < width; left += field.width) context.drawImage(field, left, top);
        }
        const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
        const jpeg = new Uint8Array(await blob.arrayBuffer());
        tiles.push(btoa(Array.from(jpeg, (byte) => String.fromCharCode(byte)).join("")));
      }
    }
    levels.push({ width: wide, height: high, tiles });
  }
  return levels;
}

/** A page of any browser. */
interface Draws {
  evaluate(
    run: (wanted: { base64: string; width: number; height: number; side: number }) => Promise<DrawnLevel[]>,
    wanted: { base64: string; width: number; height: number; side: number },
  ): Promise<DrawnLevel[]>;
}

/** Writes a slide into the test's own folder and gives its path. */
export async function slide(page: Draws, { name, width, height, um }: SlideSpec): Promise<string> {
  const base64 = (await readFile(demo("synthetic-nests.jpg"))).toString("base64");
  const levels = await page.evaluate(drawLevels, { base64, width, height, side: TILE });
  const files = levels.map(({ tiles, ...size }) => ({
    ...size,
    tiles: tiles.map((tile) => Buffer.from(tile, "base64")),
  }));
  const path = test.info().outputPath(name);
  await writeFile(path, slideFile(files, aperio(width, height, um)));
  return path;
}
