// A class-activation map in little memory: what is shown of it is the same as before, to what the eye cannot tell.

import { expect, it } from "vitest";
import { OwnCam } from "../src/run/cam.ts";

const share = (values: Float32Array, cell: number) =>
  1 / (1 + Math.exp((values[2 * cell] ?? Number.NaN) - (values[2 * cell + 1] ?? Number.NaN)));

/** Of one voter, a row of cells, with these scores. */
function camOf(...scores: (readonly [benign: number, malignant: number])[]): OwnCam {
  const cam = new OwnCam(scores.length, 1, 1);
  cam.values.set(scores.flat());
  return cam;
}

it("is as it came until it is packed", () => {
  const cam = camOf([0.3, -2]);
  expect(cam.values).toBe(cam.values);
  expect([...cam.values]).toEqual([...Float32Array.of(0.3, -2)]);
});

it("gives the same shares of malignant once it is packed, and again when it is packed twice", () => {
  const scores = Array.from({ length: 400 }, (_, cell) => [Math.sin(cell), (cell - 200) / 15] as const);
  const cam = camOf(...scores);
  const before = cam.values.slice();
  cam.pack();
  cam.pack();
  const after = cam.values;
  scores.forEach((_, cell) => {
    expect(Math.abs(share(after, cell) - share(before, cell))).toBeLessThan(1.3e-4);
  });
});

it("keeps what is certain beyond all steps, and where no result has come", () => {
  const cam = camOf([-40, 40], [40, -40], [Number.NaN, Number.NaN]);
  cam.pack();
  const { values } = cam;
  expect([0, 1].map((cell) => share(values, cell))).toEqual([expect.closeTo(1, 9), expect.closeTo(0, 9)]);
  expect([...values.subarray(4)]).toEqual([Number.NaN, Number.NaN]);
});
