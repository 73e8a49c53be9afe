// What a browser lacks is named.

import { describe, expect, it } from "vitest";
import { missingCapabilities, type Surroundings } from "../src/capabilities.ts";

class ModuleWorker {
  constructor(_url: string, { type }: WorkerOptions) {
    if (type !== "module") throw new Error("the probe asks for a module");
  }
  terminate(): void {}
}

class ClassicWorker {
  terminate(): void {}
}

const complete: Surroundings = {
  WebAssembly,
  Worker: ModuleWorker,
  OffscreenCanvas: class {},
  createImageBitmap: () => {},
};

const names = (browser: Surroundings) => missingCapabilities(browser).map(({ name }) => name);

describe("missingCapabilities", () => {
  it("finds nothing where all is there", () => {
    expect(names(complete)).toEqual([]);
  });

  it.each<[string, Partial<Surroundings>]>([
    ["WebAssembly", { WebAssembly: undefined }],
    ["WebAssembly SIMD", { WebAssembly: { validate: () => false } }],
    ["module workers", { Worker: undefined }],
    ["module workers", { Worker: ClassicWorker }],
    ["OffscreenCanvas", { OffscreenCanvas: undefined }],
  ])("names %s", (name, lack) => {
    expect(names({ ...complete, ...lack })).toEqual([name]);
  });

  it("asks a real engine about real SIMD instructions", () => {
    const asked: BufferSource[] = [];
    const validate = (bytes: BufferSource) => asked.push(bytes) > 0;
    missingCapabilities({ ...complete, WebAssembly: { validate } });
    expect(asked.map((bytes) => WebAssembly.validate(bytes))).toEqual([true]);
    // The same module with its last instruction made an unassigned one is none.
    const broken = new Uint8Array(asked[0] as Uint8Array).map((byte) => (byte === 98 ? 0xff : byte));
    expect(WebAssembly.validate(broken)).toBe(false);
  });
});
