// The package's files: its own digests or the caller's, never none; its own manifest, or one elsewhere.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BrowserError, OptionsError } from "../src/base/errors.ts";
import { packageFiles } from "../src/lib/files.ts";

const MANIFEST = {
  variants: { int8: { file: "histoscope-v0.int8.onnx" }, f32: { file: "histoscope-v0.f32.onnx" } },
  familiarity: { file: "histoscope-v0.familiarity.json" },
};

let asked: { url: string; integrity: string | undefined }[] = [];

beforeEach(() => {
  asked = [];
  vi.stubGlobal("DIGESTS", { simd128: "sha256-s", relaxed: "sha256-r", worker: "sha256-w" });
  vi.stubGlobal("MANIFEST_NAME", "histoscope-v0.json");
  vi.stubGlobal("MANIFEST_TEXT", JSON.stringify(MANIFEST));
  vi.stubGlobal("document", { baseURI: "https://host.example/app/" });
  vi.stubGlobal("fetch", async (url: URL | string, init: RequestInit = {}) => {
    asked.push({ url: String(url), integrity: init.integrity });
    return new Response("here");
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("what is run", () => {
  it("lies beside the module and has the digest that was built in", async () => {
    const files = packageFiles({});
    await files.module("relaxed");
    await files.worker();
    const folder = new URL("../src/lib/", import.meta.url).href;
    expect(asked).toEqual([
      { url: `${folder}histoscope-relaxed.wasm`, integrity: "sha256-r" },
      { url: `${folder}histoscope-worker.txt`, integrity: "sha256-w" },
    ]);
  });

  it("may lie elsewhere, and keeps its digest, unless another is given", async () => {
    const files = packageFiles({ engineUrl: "engine", integrity: { worker: "sha512-mine" } });
    await files.module("simd128");
    await files.worker();
    expect(asked).toEqual([
      { url: "https://host.example/app/engine/histoscope-simd128.wasm", integrity: "sha256-s" },
      { url: "https://host.example/app/engine/histoscope-worker.txt", integrity: "sha512-mine" },
    ]);
  });

  for (const digest of ["", "md5-x", undefined]) {
    it(`is not even fetched with the digest ${JSON.stringify(digest)}`, async () => {
      const files = packageFiles({ integrity: { worker: digest } as never });
      await expect(files.worker()).rejects.toBeInstanceOf(BrowserError);
      expect(asked).toEqual([]);
    });
  }

  it("cannot be misspelt in the digests", () => {
    expect(() => packageFiles({ integrity: { wasm: "sha256-x" } as never })).toThrow(OptionsError);
    expect(() => packageFiles({ engineUrl: "http://[" })).toThrow(OptionsError);
  });
});

describe("the model", () => {
  it("of the package has its manifest in the module, and its files wherever a bundler put them", async () => {
    const { manifestUrl, get } = packageFiles({});
    expect(await (await get(manifestUrl)).json()).toEqual(MANIFEST);
    expect(asked).toEqual([]);
    await get(new URL("histoscope-v0.f32.onnx?sha256=12", manifestUrl));
    const folder = new URL("../src/lib/models/", import.meta.url).href;
    await get(new URL("histoscope-v0.familiarity.json?sha256=34", manifestUrl));
    expect(asked).toEqual([
      { url: `${folder}histoscope-v0.f32.onnx?sha256=12`, integrity: undefined },
      { url: `${folder}histoscope-v0.familiarity.json?sha256=34`, integrity: undefined },
    ]);
  });

  it("of the caller is fetched, its manifest with a digest if there is one", async () => {
    const { manifestUrl, get } = packageFiles({
      modelUrl: "m/mine.json",
      integrity: { manifest: "sha384-m" },
    });
    await get(manifestUrl);
    await get(new URL("mine.onnx", manifestUrl));
    expect(asked).toEqual([
      { url: "https://host.example/app/m/mine.json", integrity: "sha384-m" },
      { url: "https://host.example/app/m/mine.onnx", integrity: undefined },
    ]);
  });
});
