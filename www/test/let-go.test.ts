// Memory of buffers that is given back at once, where the browser can.

import { expect, it } from "vitest";
import { letGo } from "../src/base/let-go.ts";

it.runIf("transfer" in ArrayBuffer.prototype)("leaves nothing of a buffer", () => {
  const buffer = new ArrayBuffer(8);
  letGo(buffer);
  expect(buffer.byteLength).toBe(0);
});

it("asks a buffer to move to nothing, and leaves one that cannot as it is", () => {
  const asked: number[] = [];
  const transfer = (length: number) => {
    asked.push(length);
    return new ArrayBuffer(0);
  };
  letGo(Object.assign(new ArrayBuffer(8), { transfer }));
  expect(asked).toEqual([0]);
  const old = Object.assign(new ArrayBuffer(8), { transfer: undefined });
  letGo(old as never);
  expect(old.byteLength).toBe(8);
});
