// Room for decoded pixels: who waits, who is let in, and that nothing of it is lost.

import { expect, it } from "vitest";
import { pixelBudget, Room } from "../src/engine/room.ts";

it("lets in what fits, in the order in which it was asked for", () => {
  const room = new Room(200);
  const inside: string[] = [];
  const enter = (name: string, pixels: number) => room.enter(pixels, () => inside.push(name));
  const a = enter("a", 60);
  const b = enter("b", 60);
  const c = enter("c", 10);
  expect(inside).toEqual(["a"]);
  a();
  expect(inside).toEqual(["a", "b", "c"]);
  b();
  c();
});

it("lets an image that is larger than all of it in alone", () => {
  const room = new Room(200);
  const inside: string[] = [];
  const small = room.enter(1, () => inside.push("small"));
  const large = room.enter(1e9, () => inside.push("large"));
  room.enter(1, () => inside.push("last"));
  expect(inside).toEqual(["small"]);
  small();
  expect(inside).toEqual(["small", "large"]);
  large();
  // Twice means nothing.
  large();
  expect(inside).toEqual(["small", "large", "last"]);
});

it("goes on when one that waits gives up", () => {
  const room = new Room(200);
  const inside: string[] = [];
  room.enter(60, () => inside.push("first"));
  const waits = room.enter(100, () => inside.push("waits"));
  room.enter(40, () => inside.push("next"));
  waits();
  expect(inside).toEqual(["first", "next"]);
});

it("shares half of it out among the workers", () => {
  expect(new Room(200).unasked(4)).toBe(25);
  expect([undefined, 0.25, 8, 64].map((gigabytes) => pixelBudget(gigabytes))).toEqual([
    64e6, 32e6, 128e6, 128e6,
  ]);
});
