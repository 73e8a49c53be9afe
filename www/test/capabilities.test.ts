// What a browser lacks is named.

import { describe, expect, it } from "vitest";
import {
  bestKernels,
  choosesFolders,
  missingCapabilities,
  type Surroundings,
} from "../src/engine/capabilities.ts";
import { en } from "../src/words/en.ts";

const complete: Surroundings = {
  WebAssembly,
  Worker: class {},
  OffscreenCanvas: class {},
  createImageBitmap: () => {},
};

const names = (browser: Surroundings) =>
  missingCapabilities(browser).map((missing) => en.trouble.capabilities[missing].name);

describe("missingCapabilities", () => {
  it("finds nothing where all is there", () => {
    expect(names(complete)).toEqual([]);
  });

  it.each<[string, Partial<Surroundings>]>([
    ["WebAssembly", { WebAssembly: undefined }],
    ["WebAssembly SIMD", { WebAssembly: { validate: () => false } }],
    ["workers", { Worker: undefined }],
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

describe("choosesFolders", () => {
  it.each([
    ["no such field", {}, false],
    ["a field for files alone", { HTMLInputElement: { prototype: {} } }, false],
    ["a field for folders, too", { HTMLInputElement: { prototype: { webkitdirectory: false } } }, true],
  ])("in a browser with %s", (_, browser, answer) => {
    expect(choosesFolders(browser)).toBe(answer);
  });
});

describe("bestKernels", () => {
  it.each([
    ["relaxed", true],
    ["simd128", false],
  ])("is %s where the probe's validity is %s", (kernels, valid) => {
    expect(bestKernels({ WebAssembly: { validate: () => valid } })).toBe(kernels);
  });

  it("asks a real engine about a real relaxed instruction", () => {
    const asked: Uint8Array<ArrayBuffer>[] = [];
    bestKernels({ WebAssembly: { validate: (bytes) => asked.push(bytes as Uint8Array<ArrayBuffer>) > 0 } });
    const [probe] = asked;
    if (probe === undefined) throw new Error("nothing was asked");
    // Node may be too old to know it. With an older instruction of three operands in its place (v128.bitselect) the
    // module is valid, and with an unassigned one it is none.
    const at = probe.indexOf(147);
    expect([...probe.slice(at - 1, at + 2)]).toEqual([253, 147, 2]);
    const withInstruction = (low: number, high: number) =>
      new Uint8Array(probe).fill(low, at, at + 1).fill(high, at + 1, at + 2);
    expect(WebAssembly.validate(withInstruction(210, 0))).toBe(true);
    expect(WebAssembly.validate(withInstruction(255, 127))).toBe(false);
  });
});
