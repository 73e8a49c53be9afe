import type { Reason } from "../study/report.ts";
/** The side of the square that a hatching repeats, in its own units. */
export declare const TILE = 12;
/** Dark lines, inside lighter and wider ones so that they are seen on any picture. */
export declare const STROKES: readonly [{
    readonly colour: "#fff";
    readonly width: 3.6;
}, {
    readonly colour: "#1b2330";
    readonly width: 1.4;
}];
export declare const HATCHES: Readonly<Record<Reason, string>>;
/** One square of a hatching, `side` pixels wide, to be repeated. */
export declare function hatchTile(reason: Reason, side: number): OffscreenCanvas;
