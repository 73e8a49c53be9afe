// Signals that follow each other, and waiting that an abort ends.

import { describe, expect, it } from "vitest";
import { Follower, unlessAborted } from "../src/base/abort.ts";
import { CancelledError } from "../src/base/errors.ts";

describe("a follower", () => {
  it("aborts with its leader, before as after", () => {
    const leader = new AbortController();
    const before = new Follower(leader.signal);
    leader.abort();
    expect(before.signal.aborted).toBe(true);
    expect(new Follower(leader.signal).signal.aborted).toBe(true);
  });

  it("leads nobody, and follows no more once it has let go", () => {
    const leader = new AbortController();
    const own = new Follower(leader.signal);
    own.abort();
    expect(leader.signal.aborted).toBe(false);
    const free = new Follower(leader.signal);
    free.letGo();
    leader.abort();
    expect(free.signal.aborted).toBe(false);
    expect(new Follower(undefined).signal.aborted).toBe(false);
  });
});

describe("waiting", () => {
  it("gives what the work gives, or why it failed", async () => {
    const { signal } = new AbortController();
    await expect(unlessAborted(signal, Promise.resolve(7))).resolves.toBe(7);
    await expect(unlessAborted(signal, Promise.reject(new Error("why")))).rejects.toThrow("why");
  });

  it("ends with an abort, even of work that never ends or fails afterwards", async () => {
    const abort = new AbortController();
    const never = unlessAborted(abort.signal, new Promise(() => {}));
    let fail = (_: Error) => {};
    const work = new Promise((_, reject) => {
      fail = reject;
    });
    const late = unlessAborted(abort.signal, work);
    abort.abort();
    fail(new Error("late"));
    await expect(never).rejects.toBeInstanceOf(CancelledError);
    await expect(late).rejects.toBeInstanceOf(CancelledError);
    await expect(unlessAborted(abort.signal, Promise.resolve(7))).rejects.toBeInstanceOf(CancelledError);
  });
});
