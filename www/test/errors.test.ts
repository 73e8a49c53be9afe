// Errors cross the worker boundary as plain values and become classes again.

import { describe, expect, it } from "vitest";
import {
  asHistoscopeError,
  BrowserError,
  fromWire,
  HistoscopeError,
  ImageError,
  InternalError,
  isForGood,
  LimitError,
  ModelError,
  OptionsError,
  WorkerDiedError,
} from "../src/base/errors.ts";
import type { Fault, WireError } from "../src/engine/protocol.ts";

const CLASSES: Record<Fault, typeof ImageError | typeof InternalError> = {
  image: ImageError,
  limits: LimitError,
  options: OptionsError,
  model: ModelError,
  browser: BrowserError,
  internal: InternalError,
};

describe("round trip", () => {
  it.each(Object.entries(CLASSES))("keeps everything of an error of %s", (fault, Class) => {
    const error = new Class("some_code", "what happened", "what to do");
    const copy = fromWire(structuredClone(error.toWire()));
    expect(copy).toBeInstanceOf(Class);
    expect(copy).toBeInstanceOf(HistoscopeError);
    expect(copy.toWire()).toEqual({
      code: "some_code",
      message: "what happened",
      remedy: "what to do",
      fault,
    });
  });

  it("makes an internal error of a fault from the future", () => {
    const wire = { code: "new", message: "m", remedy: "r", fault: "weather" } as unknown as WireError;
    expect(fromWire(wire)).toBeInstanceOf(InternalError);
  });
});

describe("another try", () => {
  it.each([
    ["image_empty", true],
    ["slide_foreign_format", true],
    ["slide_too_large_here", true],
    // Of these other options, another scale or a fetch that succeeds may make something.
    ["slide_too_large", false],
    ["slide_no_scale", false],
    ["model_missing", false],
  ])("is of no use where the file alone is to blame: %s", (code, forGood) => {
    expect(isForGood(new ImageError(code, "what happened", "what to do"))).toBe(forGood);
  });
});

describe("whatever is thrown", () => {
  it("stays itself if it is one of ours", () => {
    const error = new WorkerDiedError("it was shot.");
    expect(asHistoscopeError(error)).toBe(error);
  });

  it("becomes an internal error with its message otherwise", () => {
    for (const thrown of [new RangeError("too long"), "too long"]) {
      const error = asHistoscopeError(thrown);
      expect(error).toBeInstanceOf(InternalError);
      expect(error.code).toBe("internal");
      expect(error.message).toBe("too long");
    }
  });
});
