import { type PatchReport } from "../../study/report.ts";
/**
 * Paints the whole picture in its own pixels, and over it each patch that has a result in its colour, each that may not
 * vote in its hatching. `patches` count in pixels of an image `width` wide, of which `picture` may be a smaller copy.
 */
export declare function paint(canvas: HTMLCanvasElement, picture: ImageBitmap, width: number, patches: readonly PatchReport[]): void;
