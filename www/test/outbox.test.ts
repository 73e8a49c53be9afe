// A worker's messages: what is held goes out before, and together with, what is said next.

import { expect, it } from "vitest";
import { Outbox } from "../src/engine/outbox.ts";
import type { Response, Together } from "../src/engine/protocol.ts";

const alive: Response = { type: "alive" };
const told = (id: number): Response => ({ type: "event", id, event: { kind: "wants", pixels: id } });

function outbox() {
  const posted: { message: Response | Together; transfer: Transferable[] }[] = [];
  return { posted, box: new Outbox((message, transfer) => posted.push({ message, transfer })) };
}

it("says one thing by itself", () => {
  const { posted, box } = outbox();
  box.say(alive);
  expect(posted).toEqual([{ message: alive, transfer: [] }]);
});

it("says what it held first, in order, with all that is handed over, and only once", () => {
  const { posted, box } = outbox();
  const [one, two] = [new ArrayBuffer(1), new ArrayBuffer(2)];
  box.hold(told(1), [one]);
  box.hold(told(2));
  expect(posted).toEqual([]);
  box.say(alive, [two]);
  box.say(told(3));
  expect(posted).toEqual([
    { message: [told(1), told(2), alive], transfer: [one, two] },
    { message: told(3), transfer: [] },
  ]);
});
