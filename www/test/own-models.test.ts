// A person's own model on its way into use: asked about, tried, kept, overtaken, refused, and taken out of use. The trial,
// which needs an engine, and the shelf stand in.

import { beforeAll, expect, it, vi } from "vitest";
import { type Deferred, deferred } from "../src/base/deferred.ts";
import { ModelError } from "../src/base/errors.ts";
import type { EngineParts } from "../src/engine/worker-handle.ts";
import { configs } from "../src/own-model/later.ts";
import {
  type Candidate,
  MOST_MODEL_BYTES,
  OwnModels,
  type OwnModelsSettings,
} from "../src/own-model/own-models.ts";
import type { Kept } from "../src/own-model/shelf.ts";
import type { Advice, Inspected, Opened } from "../src/own-model/trial.ts";
import { said } from "../src/words/said.ts";
import { settled } from "./fake-worker.ts";
import { FLOAT } from "./inspections.ts";

/** Of raw pixels, of which the first label and the channels have to be asked. */
const INSPECTED: Inspected = {
  inspection: {
    ...FLOAT,
    input: { name: "x", dtype: "uint8", shape: [null, 224, 224, 3] },
    layout: "NHWC",
    scores: { name: "output", columns: 2, made_by: "Softmax" },
  },
  sha256: FLOAT.sha256,
  joined: null,
  edition: "general",
};
const OPENED: Opened = {
  fused_layers: 0,
  fused_share: 0,
  fallback: null,
  layers: 50,
  patch_size: 224,
  edition: "general",
};
const ADVICE: Advice = { suggested: "imagenet", doubt: "saturated" };

const onnx = (name = "net.onnx") => new File([new Uint8Array([8, 8])], name);

function models() {
  const inspected: Deferred<Inspected>[] = [];
  const tried: { outcome: Deferred<Opened>; edition: string; signal: AbortSignal }[] = [];
  const advised: Deferred<Advice | null>[] = [];
  const used: (string | null)[] = [];
  const kept: { about: Kept | null; file: Uint8Array | undefined; full: Error | null; told: number } = {
    about: null,
    file: undefined,
    full: null,
    told: 0,
  };
  const waiting = <T>(list: Deferred<T>[]): Promise<T> => {
    const outcome = deferred<T>();
    list.push(outcome);
    return outcome.promise;
  };
  const settings: OwnModelsSettings = {
    parts: async () => ({}) as EngineParts,
    use: async (model) => void used.push(model?.name ?? null),
    onKept: () => void kept.told++,
    trial: {
      inspect: () => waiting(inspected),
      tryOut: (_parts, _model, _manifest, _variant, edition, signal) => {
        const outcome = deferred<Opened>();
        tried.push({ outcome, edition, signal });
        return outcome.promise;
      },
      adviseScaling: () => waiting(advised),
    },
    shelf: {
      keep: async (about, file) => {
        if (kept.full !== null) throw kept.full;
        Object.assign(kept, { about, file });
      },
      kept: async () => kept.about,
      keptFile: async () => kept.file,
      remove: async () => void Object.assign(kept, { about: null, file: undefined }),
    },
  };
  return { own: new OwnModels(settings), inspected, tried, advised, used, kept };
}

/** Up to the question about it. */
async function asked({ own, inspected }: ReturnType<typeof models>, name?: string): Promise<Candidate> {
  const count = inspected.length + 1;
  const offered = own.offer([onnx(name)], []);
  await vi.waitFor(() => expect(inspected).toHaveLength(count));
  inspected.at(-1)?.resolve(INSPECTED);
  await offered;
  const dialog = own.dialog.value;
  if (dialog.kind !== "asking") throw new Error(`the dialog is ${dialog.kind}`);
  return dialog.candidate;
}

// The part of the page that reads what lies beside a model: else the first of them waits for it.
beforeAll(() => configs());

const ANSWERS = { firstLabel: "benign", channels: "RGB" } as const;

/** Up to its use. */
async function inUse(page: ReturnType<typeof models>, name?: string): Promise<void> {
  const accepted = page.own.accept(await asked(page, name), ANSWERS);
  await settled();
  page.tried.at(-1)?.outcome.resolve(OPENED);
  await accepted;
}

it("is asked about, tried in the edition that read it, used, and kept", async () => {
  const page = models();
  const { own, tried, used, kept, advised } = page;
  const candidate = await asked(page);
  expect(candidate.questions).toEqual(["firstLabel", "channels"]);
  expect([own.inUse.value, used]).toEqual([null, []]);
  const accepted = own.accept(candidate, ANSWERS);
  expect(own.dialog.value.kind).toBe("trying");
  await settled();
  expect(tried.map(({ edition }) => edition)).toEqual(["general"]);
  tried[0]?.outcome.resolve(OPENED);
  await accepted;
  expect(own.dialog.value.kind).toBe("closed");
  expect(used).toEqual(["net"]);
  expect(own.inUse.value?.sha256).toBe(FLOAT.sha256);
  expect(own.kept.value).toMatchObject({ name: "net", sha256: FLOAT.sha256, bytes: 2, variant: "f32" });
  expect([kept.about, kept.told]).toEqual([own.kept.value, 1]);
  // Of its scaling it hears when that is found out.
  expect(own.advice.value).toBeNull();
  advised[0]?.resolve(ADVICE);
  await settled();
  expect(own.advice.value).toEqual(ADVICE);
});

it("that fails the trial is asked about again, with what went wrong", async () => {
  const page = models();
  const { own, tried, used } = page;
  const candidate = await asked(page);
  const accepted = own.accept(candidate, ANSWERS);
  await settled();
  tried[0]?.outcome.reject(new ModelError(...said("model_missing", "kept")));
  await accepted;
  expect(own.dialog.value).toMatchObject({ kind: "asking", candidate, trouble: { code: "model_missing" } });
  expect([own.inUse.value, used, page.kept.about]).toEqual([null, [], null]);
});

it("whose dialog is closed is not used, whatever its trial says later", async () => {
  const page = models();
  const { own, tried, used } = page;
  const accepted = own.accept(await asked(page), ANSWERS);
  await settled();
  own.close();
  expect(tried[0]?.signal.aborted).toBe(true);
  tried[0]?.outcome.resolve(OPENED);
  await accepted;
  expect([own.dialog.value.kind, own.inUse.value, used]).toEqual(["closed", null, []]);
});

it("that comes while another one is read takes its place", async () => {
  const page = models();
  const { own, inspected } = page;
  const first = own.offer([onnx("first.onnx")], []);
  await settled();
  const second = own.offer([onnx("second.onnx")], []);
  await settled();
  inspected[1]?.resolve(INSPECTED);
  await second;
  inspected[0]?.reject(new ModelError(...said("model_missing", "kept")));
  await first;
  expect(own.dialog.value).toMatchObject({ kind: "asking", candidate: { name: "second.onnx" } });
});

it("is not mistaken for the one before it by advice that comes late", async () => {
  const page = models();
  await inUse(page, "first.onnx");
  await inUse(page, "second.onnx");
  page.advised[0]?.resolve(ADVICE);
  await settled();
  expect(page.own.advice.value).toBeNull();
  page.advised[1]?.reject(new Error("the worker ended"));
  await settled();
  expect(page.own.advice.value).toBeNull();
  expect(page.used).toEqual(["first", "second"]);
});

it("that cannot be kept is used all the same, and a person is told", async () => {
  const page = models();
  page.kept.full = new Error("no room");
  await inUse(page);
  expect(page.used).toEqual(["net"]);
  expect(page.own.kept.value).toBeNull();
  expect(page.own.notice.value).not.toBeNull();
  await page.own.leave();
  expect([page.own.notice.value, page.used]).toEqual([null, ["net", null]]);
});

it("from an earlier visit is tried anew before it is used; one that has gone is said", async () => {
  const page = models();
  await inUse(page);
  await page.own.leave();
  await page.own.look();
  const taken = page.own.useKept();
  await settled();
  expect(page.own.dialog.value).toEqual({ kind: "reading", name: "net" });
  page.tried.at(-1)?.outcome.resolve(OPENED);
  await taken;
  expect(page.used).toEqual(["net", null, "net"]);

  page.kept.file = undefined;
  await page.own.useKept();
  expect(page.own.dialog.value).toMatchObject({ kind: "refused", error: { code: "model_missing" } });
  // What runs goes on.
  expect(page.own.inUse.value?.name).toBe("net");
  await page.own.forget();
  expect([page.own.kept.value, page.kept.about, page.kept.told]).toEqual([null, null, 2]);
});

it.each([
  ["another model beside it", [onnx("a.onnx"), onnx("b.onnx")], "model_not_alone"],
  ["more than may be read", [huge()], "model_too_large"],
])("with %s is refused before it is read", async (_, files, code) => {
  const page = models();
  await page.own.offer(files, []);
  expect(page.own.dialog.value).toMatchObject({ kind: "refused", error: { code } });
  expect(page.inspected).toHaveLength(0);
});

function huge(): File {
  const file = onnx("huge.onnx");
  Object.defineProperty(file, "size", { value: MOST_MODEL_BYTES + 1 });
  return file;
}

it("that the engine cannot run is refused with its problem, before anything is asked", async () => {
  const page = models();
  const offered = page.own.offer([onnx()], []);
  await settled();
  const problem_causes = [{ kind: "inputs", params: { count: 2 } }] as const;
  const inspection = { ...INSPECTED.inspection, problem_causes };
  page.inspected[0]?.resolve({ ...INSPECTED, inspection });
  await offered;
  expect(page.own.dialog.value).toMatchObject({ kind: "refused", error: { code: "model_invalid" } });
});
