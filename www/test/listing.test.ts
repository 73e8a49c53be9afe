// The table in order while its lines change: the same as if all of it were sorted anew.

import { describe, expect, it } from "vitest";
import { OWN_CLASSES } from "../src/study/classes.ts";
import { Listing } from "../src/study/listing.ts";
import { comparePatients } from "../src/study/patients.ts";
import {
  COLUMNS,
  comparator,
  type Item,
  type Line,
  PLAIN_VIEW,
  passes,
  SHOWN,
  type StateKind,
  type View,
} from "../src/study/table.ts";

interface Numbered extends Line {
  readonly number: number;
}

/** Numbers from 0 up to a bound, the same in each run. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const STATES: StateKind[] = ["waiting", "decoding", "classifying", "done", "failed", "cancelled"];

function anyLine(number: number, roll: (bound: number) => number): Numbered {
  const state = STATES[roll(6)] as StateKind;
  const malignant = roll(4) / 4;
  return {
    number,
    id: `${number}`,
    path: `p${roll(3)}/${number % 7}.png`,
    patient: ["", "a", "b", "c10", "c9"][roll(5)] as string,
    label: ["", "benign", "malignant"][roll(3)] as string,
    state,
    verdict: state === "done" ? (malignant > 0.5 ? "malignant" : "benign") : null,
    classes: OWN_CLASSES,
    share: state === "done" ? malignant : null,
    patches: state === "done" ? { votes: [roll(3), roll(3)], leftOut: 0 } : null,
  };
}

/** The rows as they would be found from all lines at once. */
function naive(lines: readonly Numbered[], view: View): string[] {
  const shown = [...lines]
    .sort((a, b) => a.number - b.number)
    .filter(passes(view))
    .sort(comparator({ ...view, grouped: false }));
  if (!view.grouped) return shown.map(({ id }) => id);
  const turn = view.sort === "patient" && view.descending ? -1 : 1;
  const patients = [...new Set(shown.map(({ patient }) => patient))].sort(
    (a, b) => (a === "" || b === "" ? 1 : turn) * comparePatients(a, b),
  );
  return patients.flatMap((patient) => {
    const members = shown.filter((line) => line.patient === patient);
    return [`[${patient} ${members.length}]`, ...members.map(({ id }) => id)];
  });
}

const said = (items: Item<Numbered>[]) =>
  items.map((item) => (item.kind === "line" ? item.line.id : `[${item.patient} ${item.count}]`));

describe("the table", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("is in order after any changes (%i)", (seed) => {
    const roll = dice(seed);
    const listing = new Listing<Numbered>(({ number }) => number);
    const lines = new Map<number, Numbered>();
    let view = PLAIN_VIEW;
    for (let step = 0; step < 600; step++) {
      const number = roll(40);
      const before = said(listing.items());
      let moved = true;
      if (roll(25) === 0) {
        view = {
          sort: roll(4) === 0 ? null : (COLUMNS[roll(COLUMNS.length)] ?? null),
          descending: roll(2) === 0,
          grouped: roll(2) === 0,
          shown: roll(2) === 0 ? "all" : (SHOWN[roll(SHOWN.length)] ?? "all"),
          label: roll(2) === 0 ? null : (["", "benign", "other"][roll(3)] as string),
          text: roll(3) === 0 ? "p1" : "",
        };
        listing.show(view);
      } else if (roll(5) === 0) {
        lines.delete(number);
        moved = listing.delete(`${number}`);
      } else {
        const line = anyLine(number, roll);
        lines.set(number, line);
        moved = listing.put(line);
      }
      const after = said(listing.items());
      expect(after).toEqual(naive([...lines.values()], view));
      if (!moved) expect(after).toEqual(before);
    }
  });
});
