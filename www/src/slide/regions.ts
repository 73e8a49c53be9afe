// What a person outlines on a slide: made of points in pixels of the finest level.

import type { Point, Rect } from "../base/geometry.ts";
import type { Region } from "./protocol.ts";

export const TOOLS = ["rectangle", "polygon", "freehand"] as const;
export type Tool = (typeof TOOLS)[number];

type Ring = readonly (readonly [number, number])[];

const ringOf = (points: readonly Point[]): Ring => points.map(({ x, y }) => [x, y] as const);

export const rectangle = ({ x, y, width, height }: Rect): Ring =>
  ringOf([
    { x, y },
    { x: x + width, y },
    { x: x + width, y: y + height },
    { x, y: y + height },
  ]);

/** Between two corners. */
export const between = (a: Point, b: Point): Rect => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  width: Math.abs(a.x - b.x),
  height: Math.abs(a.y - b.y),
});

/** Without points that lie nearer to the one before than `least`: a hand gives more than anybody needs. */
export function thinned(points: readonly Point[], least: number): Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    if (last === undefined || Math.hypot(point.x - last.x, point.y - last.y) >= least) kept.push(point);
  }
  return kept;
}

/** Null where the points enclose nothing. */
export function regionOf(points: readonly Point[], name: string): Region | null {
  const area = points.reduce((sum, { x, y }, index) => {
    const next = points[(index + 1) % points.length] ?? { x, y };
    return sum + x * next.y - next.x * y;
  }, 0);
  return points.length < 3 || Math.abs(area) < 1 ? null : { name, rings: [ringOf(points)] };
}

/** "Region 3", where there is none of that name. */
export function freeName(word: string, regions: readonly Region[]): string {
  const taken = new Set(regions.map(({ name }) => name));
  let number = regions.length + 1;
  while (taken.has(`${word} ${number}`)) number++;
  return `${word} ${number}`;
}
