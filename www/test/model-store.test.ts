// The model's files: fetched once, checked for size, failures named and not kept.

import { afterEach, describe, expect, it, vi } from "vitest";
import { ModelError } from "../src/base/errors.ts";
import { loadManifest, ModelStore } from "../src/engine/model-store.ts";

const MANIFEST = JSON.stringify({
  name: "test",
  variants: {
    int8: { file: "a.onnx", bytes: 4, sha256: "0123456789abcdef0123" },
    f32: { file: "b.onnx", bytes: 9, sha256: "ff" },
  },
});

function serve(answer: (url: string) => Response): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: URL | string) => {
    asked.push(String(url));
    return answer(String(url));
  });
  return asked;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

const store = () => new ModelStore(MANIFEST, "https://example.org/sub/models/m.json");

describe("model store", () => {
  it("fetches a file beside its manifest, once, and tells how far it is", async () => {
    const asked = serve(() => new Response(new Uint8Array([1, 2, 3, 4])));
    const heard: unknown[] = [];
    const models = new ModelStore(MANIFEST, "https://example.org/sub/models/m.json", (...step) =>
      heard.push(step),
    );
    const [first, second] = await Promise.all([models.load("int8"), models.load("int8")]);
    expect([...first]).toEqual([1, 2, 3, 4]);
    expect(second).toBe(first);
    expect(asked).toEqual(["https://example.org/sub/models/a.onnx?sha256=0123456789abcdef"]);
    expect(heard.at(-1)).toEqual(["int8", 4, 4]);
  });

  it("refuses a file of another size than announced", async () => {
    serve(() => new Response(new Uint8Array(4)));
    const error = await store()
      .load("f32")
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ModelError);
    expect(error.code).toBe("model_hash_mismatch");
    expect(error.message).toContain("4 bytes where its manifest says 9");
  });

  it("names a file that is not there, and asks again the next time", async () => {
    let there = false;
    serve(() =>
      there ? new Response(new Uint8Array(4)) : new Response("", { status: 404, statusText: "Not Found" }),
    );
    const models = store();
    const error = await models.load("int8").catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ModelError);
    expect(error.code).toBe("model_missing");
    expect(error.message).toContain("a.onnx could not be fetched: the server answered 404 Not Found");
    there = true;
    expect(await models.load("int8")).toHaveLength(4);
  });

  it("names a manifest that is missing or no JSON", async () => {
    serve(() => new Response("", { status: 500 }));
    await expect(loadManifest("https://example.org/m.json")).rejects.toMatchObject({ code: "model_missing" });
    expect(() => new ModelStore("<html>", "https://example.org/m.json")).toThrow(ModelError);
  });
});
