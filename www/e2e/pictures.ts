// Pictures that no camera took, made in the browser: a field of which patches are bare glass or out of focus, and a
// series of small ones.

import { readFile, writeFile } from "node:fs/promises";
import { type Page, test } from "@playwright/test";
import { demo } from "./site.ts";

/** Six patches of synthetic tissue without gaps: out of focus it is still no glass. */
const TISSUE = demo("synthetic-ducts.jpg");
const PATCH = 224;

/** Patches as column and row. */
type Which = "all" | readonly (readonly [number, number])[];

export interface Field {
  readonly name: string;
  readonly glass?: Which;
  readonly blurred?: Which;
}

/** Writes a PNG of the tissue, spoiled, into the test's own folder and gives its path. */
export async function field(page: Page, spec: Field): Promise<string> {
  const { name, glass = [], blurred = [] } = spec;
  const base64 = (await readFile(TISSUE)).toString("base64");
  const png = await page.evaluate(
    async ({ base64, glass, blurred, side }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const { width, height } = bitmap;
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("no canvas");
      context.drawImage(bitmap, 0, 0);
      const within = (which: typeof glass, paint: () => void) => {
        const places = which === "all" ? [[0, 0, width, height] as const] : which;
        for (const [column, row, wide = side, high = side] of places) {
          context.save();
          context.beginPath();
          context.rect(column * side, row * side, wide, high);
          context.clip();
          paint();
          context.restore();
        }
      };
      within(glass, () => {
        context.fillStyle = "rgb(244 242 243)";
        context.fillRect(0, 0, width, height);
      });
      within(blurred, () => {
        context.filter = "blur(5px)";
        context.drawImage(bitmap, 0, 0);
      });
      const blob = await canvas.convertToBlob({ type: "image/png" });
      const out = new Uint8Array(await blob.arrayBuffer());
      return btoa(Array.from(out, (byte) => String.fromCharCode(byte)).join(""));
    },
    { base64, glass, blurred, side: PATCH },
  );
  const path = test.info().outputPath(name);
  await writeFile(path, Buffer.from(png, "base64"));
  return path;
}

export const GLASS: Field = { name: "glass.png", glass: "all" };
export const BLURRED: Field = { name: "blurred.png", blurred: "all" };
/** The second patch of the first row is bare glass, the first of the second row is out of focus. */
export const PARTLY: Field = { name: "partly.png", glass: [[1, 0]], blurred: [[0, 1]] };
/** One patch of six is left in focus, too little for a verdict. */
export const MOSTLY: Field = {
  name: "mostly.png",
  blurred: [
    [1, 0],
    [2, 0],
    [0, 1],
    [1, 1],
    [2, 1],
  ],
};

interface Series {
  readonly base64: string;
  readonly count: number;
  readonly each: number;
}

/** A page of either browser. */
interface Evaluates {
  evaluate(run: (series: Series) => Promise<void>, series: Series): Promise<void>;
}

/** Of a series. */
export const IMAGES_OF_A_PATIENT = 20;

/** Small files that differ, made and chosen by the page: a patch of synthetic tissue each, shifted. */
export async function chooseSeries(page: Evaluates, count: number): Promise<void> {
  const base64 = (await readFile(TISSUE)).toString("base64");
  await page.evaluate(
    async ({ base64, count, each }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const canvas = new OffscreenCanvas(224, 224);
      const context = canvas.getContext("2d");
      const data = new DataTransfer();
      for (let index = 0; index < count; index++) {
        context?.drawImage(bitmap, -(index % 400), -((7 * index) % 200));
        const blob = await canvas.convertToBlob({ type: "image/jpeg" });
        const name = `SOB_B_A-14-${1000 + Math.floor(index / each)}-100-${String(index).padStart(3, "0")}.jpg`;
        // What follows a JPEG's end is no part of it; so no two files are the same.
        data.items.add(new File([blob, name], name, { type: "image/jpeg" }));
      }
      const input = document.querySelector<HTMLInputElement>("[data-picker=files]");
      if (input === null) throw new Error("no picker");
      input.files = data.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    },
    { base64, count, each: IMAGES_OF_A_PATIENT },
  );
}
