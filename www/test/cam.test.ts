// A class-activation map in little memory: what is shown of it is what the network said, to what no eye can tell.

import { expect, it } from "vitest";
import { LessonCam, OwnCam } from "../src/run/cam.ts";

type Scores = readonly (readonly [benign: number, malignant: number])[];

/** Of one voter, a row of cells, with these scores. */
function camOf(scores: Scores): OwnCam {
  const cam = new OwnCam(scores.length, 1, 1);
  cam.place(0, Float32Array.from(scores.flat()));
  return cam;
}

const sigmoid = (difference: number) => 1 / (1 + Math.exp(-difference));
const share = (cam: OwnCam, cell: number) => sigmoid(cam.score(cell, 1) - cam.score(cell, 0));

it("gives the network's share of malignant at every cell", () => {
  const scores: Scores = Array.from({ length: 400 }, (_, cell) => [Math.sin(cell), (cell - 200) / 15]);
  const cam = camOf(scores);
  scores.forEach(([benign, malignant], cell) => {
    expect(Math.abs(share(cam, cell) - sigmoid(malignant - benign))).toBeLessThan(1.3e-4);
  });
});

it("keeps what is certain beyond all steps", () => {
  const cam = camOf([
    [-40, 40],
    [40, -40],
  ]);
  expect([0, 1].map((cell) => share(cam, cell))).toEqual([expect.closeTo(1, 9), expect.closeTo(0, 9)]);
});

it("has no score before a voter's result has come, in whatever order they come", () => {
  const cam = new OwnCam(1, 2, 3);
  cam.place(2, Float32Array.of(0, 1, 0, 2));
  cam.place(0, Float32Array.of(0, 3, 0, 4));
  expect([0, 1, 2, 3, 4, 5].map((cell) => cam.score(cell, 1))).toEqual([3, 4, Number.NaN, Number.NaN, 1, 2]);
  expect(cam.score(2, 0)).toBeNaN();
});

it("is a lesson's by its own classes", () => {
  const cam = new LessonCam({ width: 1, height: 1, values: Float32Array.of(1, 2, 3, 4, 5, 6) }, 3);
  expect([cam.score(0, 2), cam.score(1, 0)]).toEqual([3, 4]);
});
