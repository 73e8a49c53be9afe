// The objectives of the microscope that were calibrated: how many micrometres a pixel of the camera shows under each.
// They are kept on this machine, as text, until somebody removes them.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Point, Size } from "../base/geometry.ts";
import { LEAST_SCALE, MOST_SCALE } from "../study/scales.ts";

export interface Objective {
  /** As a person calls it: "40×". */
  readonly name: string;
  readonly umPerPixel: number;
  /** Of the frames that it was calibrated with, in pixels. */
  readonly width: number;
  readonly height: number;
  /** The camera's own zoom then; 1 where it has none. */
  readonly zoom: number;
}

/** What a frame is like besides its pixels. */
export interface Optics extends Size {
  readonly zoom: number;
}

/** Where the text lies; a test has a place of its own. */
export interface ObjectivePlace {
  recall(): string;
  remember(text: string): void;
}

/** More than any nosepiece has, for several microscopes. */
export const MOST_OBJECTIVES = 24;
export const LONGEST_NAME = 40;

/** Two sides are of one shape if they differ by less than this share: cameras round to even numbers. */
const SAME_SHAPE = 0.01;

export class Objectives {
  readonly #all = signal<readonly Objective[]>([]);
  readonly all: ReadonlySignal<readonly Objective[]> = this.#all;
  /** The one under which the camera looks; null where that is not said. */
  readonly chosen = signal<Objective | null>(null);
  readonly #place: ObjectivePlace;

  constructor(place: ObjectivePlace) {
    this.#place = place;
    this.read();
  }

  /** Reads again what is kept: it may have been removed. */
  read(): void {
    this.#all.value = objectivesFrom(this.#place.recall());
    const { name } = this.chosen.peek() ?? {};
    this.choose(name ?? "");
  }

  choose(name: string): void {
    this.chosen.value = this.#all.peek().find((one) => one.name === name) ?? null;
  }

  /** In place of one of the same name, and chosen. */
  add(objective: Objective): void {
    const others = this.#all.peek().filter(({ name }) => name !== objective.name);
    this.#keep([...others, objective].slice(-MOST_OBJECTIVES));
    this.choose(objective.name);
  }

  remove({ name }: Objective): void {
    this.#keep(this.#all.peek().filter((one) => one.name !== name));
    if (this.chosen.peek()?.name === name) this.chosen.value = null;
  }

  #keep(all: readonly Objective[]): void {
    this.#all.value = all;
    this.#place.remember(all.length === 0 ? "" : JSON.stringify(all));
  }
}

/** What was kept, without what is no objective: the storage is open to every script of the host. */
export function objectivesFrom(text: string): Objective[] {
  let all: unknown;
  try {
    all = JSON.parse(text);
  } catch {
    return [];
  }
  return Array.isArray(all) ? all.filter(isObjective).slice(-MOST_OBJECTIVES) : [];
}

function isObjective(value: unknown): value is Objective {
  if (typeof value !== "object" || value === null) return false;
  const { name, umPerPixel, width, height, zoom } = value as Record<keyof Objective, unknown>;
  return (
    typeof name === "string" &&
    name !== "" &&
    name.length <= LONGEST_NAME &&
    isScale(umPerPixel) &&
    [width, height, zoom].every((number) => Number.isFinite(number) && (number as number) > 0)
  );
}

const isScale = (value: unknown): value is number =>
  typeof value === "number" && value >= LEAST_SCALE && value <= MOST_SCALE;

/**
 * Micrometres per pixel of a frame under an objective; null where it cannot be known: another shape means that the camera
 * cuts off something, another zoom that it enlarges.
 */
export function scaleUnder(objective: Objective | null, { width, height, zoom }: Optics): number | null {
  if (objective === null || Math.abs(zoom / objective.zoom - 1) > SAME_SHAPE) return null;
  const shapes = (width * objective.height) / (height * objective.width);
  if (Math.abs(shapes - 1) > SAME_SHAPE) return null;
  const scale = (objective.umPerPixel * objective.width) / width;
  return isScale(scale) ? scale : null;
}

/** The scale that a line over a stage micrometer tells; null where none can be. Points in pixels of the frame. */
export function scaleOfLine(from: Point, to: Point, micrometres: number): number | null {
  const pixels = Math.hypot(to.x - from.x, to.y - from.y);
  const scale = micrometres / pixels;
  return pixels >= 1 && isScale(scale) ? scale : null;
}
