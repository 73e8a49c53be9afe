// What is asked of a person about a model, and the manifest that comes of the answers.

import { describe, expect, it } from "vitest";
import text from "../../models/histoscope-v0.json?raw";
import type { Inspection } from "../src/own-model/inspection.ts";
import {
  type Answers,
  buildManifest,
  type FileFacts,
  PRESETS,
  questions,
  readGiven,
} from "../src/own-model/manifest.ts";
import { FLOAT } from "./inspections.ts";

const ANSWERS: Omit<Answers, "classes"> = {
  firstLabel: "benign",
  scores: "logits",
  layout: "NHWC",
  channels: "RGB",
  normalisation: PRESETS.imagenet,
  patchSize: 96,
};

const facts = (inspection: Partial<Inspection> = {}, given: FileFacts["given"] = null): FileFacts => ({
  name: "resnet.onnx",
  inspection: { ...FLOAT, ...inspection },
  sha256: inspection.sha256 ?? FLOAT.sha256,
  given,
  names: null,
});
const built = (about: FileFacts, answers: Partial<Answers> = ANSWERS) =>
  JSON.parse(buildManifest(about, answers).text);

describe("questions", () => {
  it("asks an exported network for what no file tells, and no more", () => {
    expect(questions(facts())).toEqual(["firstLabel", "scores", "normalisation", "channels"]);
  });

  it("does not ask whether a softmax makes probabilities", () => {
    const scores = { name: "output", columns: 2, made_by: "Softmax" };
    expect(questions(facts({ scores }))).not.toContain("scores");
    expect(built(facts({ scores }), {}).outputs).toEqual({ scores: "probabilities" });
  });

  it("asks a network of raw pixels for no scaling", () => {
    const input = { name: "x", dtype: "uint8", shape: [null, 224, 224, 3] };
    const asked = questions(facts({ input, layout: "NHWC" }));
    expect(asked).not.toContain("normalisation");
    expect(built(facts({ input, layout: "NHWC" }), { firstLabel: "benign" }).input).toEqual({
      dtype: "uint8",
      layout: "NHWC",
      channels: "RGB",
      patch_size: 224,
    });
  });

  it("asks for layout and size where the file leaves them open", () => {
    expect(questions(facts({ layout: null, patch_size: null }))).toEqual(
      expect.arrayContaining(["layout", "patchSize"]),
    );
  });

  it("asks nothing where a manifest says all, and takes the manifest's words", () => {
    const given = readGiven("model.json", text);
    const ours = JSON.parse(text);
    for (const variant of ["int8", "f32"]) {
      const about = facts({ sha256: ours.variants[variant].sha256 }, given);
      expect(questions(about)).toEqual([]);
      const manifest = built(about, {});
      for (const field of ["name", "version", "labels", "outputs", "calibration"]) {
        expect(manifest[field], field).toEqual(ours[field]);
      }
      expect(Object.keys(manifest.variants)).toEqual([variant]);
    }
  });

  it("asks for the rest where a manifest says a part", () => {
    const given = { labels: ["malignant", "benign"], input: { channels: "BGR" } };
    expect(questions(facts({}, given))).toEqual(["scores", "normalisation"]);
    expect(built(facts({}, given)).labels).toEqual(["malignant", "benign"]);
  });
});

describe("a network of more than two classes", () => {
  const many = facts({ scores: { name: "output", columns: 3, made_by: "Gemm" } });

  it("is asked for its classes in the place of the first label", () => {
    expect(questions(many)).toEqual(["classes", "scores", "normalisation", "channels"]);
    const given = { labels: ["a", "b", "c"], groups: { benign: ["a"], malignant: ["b", "c"] } };
    expect(questions({ ...many, given })).not.toContain("classes");
    expect(built({ ...many, given })).toMatchObject(given);
  });

  it("has them grouped", () => {
    const classes = [
      { name: "normal ", counts: "benign" },
      { name: "in situ", counts: "malignant" },
      { name: "invasive", counts: "malignant" },
    ] as const;
    const { labels, groups } = built(many, { ...ANSWERS, classes });
    expect(labels).toEqual(["normal", "in situ", "invasive"]);
    expect(groups).toEqual({ benign: ["normal"], malignant: ["in situ", "invasive"] });
  });

  it("has them for its own where nobody says what they count as", () => {
    const classes = [
      { name: "stroma", counts: undefined },
      { name: " fat", counts: undefined },
    ];
    expect(built(many, { ...ANSWERS, classes })).toMatchObject({ labels: ["stroma", "fat"] });
    expect(built(many, { ...ANSWERS, classes })).not.toHaveProperty("groups");
  });

  it("of two is asked likewise where a configuration calls them neither", () => {
    const two = facts({ scores: { name: "output", columns: 2, made_by: "Gemm" } });
    expect(questions(two)).toContain("firstLabel");
    expect(questions({ ...two, names: ["stroma", "fat"] })).toContain("classes");
    expect(questions({ ...two, names: ["stroma", "fat"] })).not.toContain("firstLabel");
  });

  it("may be one file where its weights lay in others, and its manifest names the file that was dropped", () => {
    const joined = { ...many, sha256: "a".repeat(64) };
    const variants = { f32: { file: "resnet.onnx", bytes: 7, sha256: "a".repeat(64) } };
    expect(built({ ...joined, given: { labels: ["a"], variants } }).variants).toEqual({
      f32: { file: "resnet.onnx", bytes: 1000, sha256: "f".repeat(64) },
    });
  });
});

describe("the manifest", () => {
  it("names the file and its hash", () => {
    const { text: made, variant, name } = buildManifest(facts(), ANSWERS);
    expect([variant, name]).toEqual(["f32", "resnet"]);
    expect(JSON.parse(made)).toEqual({
      schema_version: 1,
      name: "resnet",
      version: "own",
      labels: ["benign", "malignant"],
      input: {
        dtype: "float32",
        layout: "NCHW",
        channels: "RGB",
        patch_size: 224,
        normalisation: PRESETS.imagenet,
      },
      outputs: { scores: "logits" },
      calibration: { temperature: 1, uncertain_below: null },
      variants: { f32: { file: "resnet.onnx", bytes: 1000, sha256: "f".repeat(64) } },
    });
  });

  it("calls a network with fused layers int8", () => {
    expect(buildManifest(facts({ fused_layers: 3 }), ANSWERS).variant).toBe("int8");
  });

  it("puts the scaling in the order of the model's channels", () => {
    const { input } = built(facts(), { ...ANSWERS, channels: "BGR" });
    expect(input.normalisation).toEqual({
      divisor: 255,
      mean: [0.406, 0.456, 0.485],
      std: [0.225, 0.224, 0.229],
    });
  });

  it("has the labels in the order of the scores", () => {
    expect(built(facts(), { ...ANSWERS, firstLabel: "malignant" }).labels).toEqual(["malignant", "benign"]);
  });

  it("takes what the file fixes over what was answered", () => {
    expect(built(facts()).input).toMatchObject({ layout: "NCHW", patch_size: 224 });
    const open = facts({ layout: null, patch_size: null });
    expect(built(open).input).toMatchObject({ layout: "NHWC", patch_size: 96 });
  });

  it("keeps names short", () => {
    const about = { ...facts(), name: `${"x".repeat(500)}.onnx` };
    expect(buildManifest(about, ANSWERS).name).toHaveLength(80);
    expect(buildManifest(facts({}, { name: 7 }), ANSWERS).name).toBe("resnet");
  });
});

describe("a manifest that came with a model", () => {
  it("is refused if it is of another file", () => {
    const given = { variants: { f32: { file: "resnet.onnx", bytes: 1000, sha256: "0".repeat(64) } } };
    expect(() => buildManifest(facts({}, given), {})).toThrow(
      expect.objectContaining({ code: "model_hash_mismatch" }),
    );
  });

  it.each(["", "{", "[]", "null", '"text"'])("is refused if it is %j", (bad) => {
    const refused = expect.objectContaining({
      code: "manifest_invalid",
      message: expect.stringMatching(/model\.json/),
    });
    expect(() => readGiven("model.json", bad)).toThrow(refused);
  });
});
