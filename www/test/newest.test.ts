// One piece of work at a time, and only the newest of those that wait.

import { expect, it } from "vitest";
import { deferred } from "../src/base/deferred.ts";
import { newest } from "../src/base/newest.ts";
import { settled } from "./fake-worker.ts";

it("does the first and the last, and nothing of what came between", async () => {
  const inTurn = newest();
  const begun: number[] = [];
  const ends = [0, 1, 2, 3].map(() => deferred<string>());
  const done = ends.map(({ promise }, index) =>
    inTurn(() => {
      begun.push(index);
      return promise;
    }),
  );
  await settled();
  expect(begun).toEqual([0]);
  for (const [index, { resolve }] of ends.entries()) resolve(`done ${index}`);
  expect(await Promise.all(done)).toEqual(["done 0", null, null, "done 3"]);
  expect(begun).toEqual([0, 3]);
});

it("goes on after a failure", async () => {
  const inTurn = newest();
  const failed = inTurn(() => Promise.reject(new Error("no picture"))).catch(({ message }) => message);
  const next = inTurn(async () => "next");
  expect(await Promise.all([failed, next])).toEqual(["no picture", "next"]);
  expect(await inTurn(async () => "later")).toBe("later");
});
