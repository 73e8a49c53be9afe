export interface Size {
    readonly width: number;
    readonly height: number;
}
export interface Point {
    readonly x: number;
    readonly y: number;
}
/** By its top left corner. */
export interface Rect extends Point, Size {
}
