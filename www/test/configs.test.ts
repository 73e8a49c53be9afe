// What configurations of other programs say of a model, as fields of a manifest.

import { describe, expect, it } from "vitest";
import { ownClasses, usuallyCounts } from "../src/own-model/classes.ts";
import { asGiven, readConfig, readMetadata } from "../src/own-model/configs.ts";

const [mean, std] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
];

describe("a configuration", () => {
  it("of WSInfer tells classes, scaling and scale after its own resizing", () => {
    const known = readConfig({
      spec_version: "1.0",
      architecture: "resnet34",
      num_classes: 2,
      class_names: ["notumor", "tumor"],
      name: "TCGA-BRCA-v1",
      patch_size_pixels: 350,
      spacing_um_px: 0.25,
      transform: [
        { name: "Resize", arguments: { size: 224 } },
        { name: "ToTensor" },
        { name: "Normalize", arguments: { mean, std } },
      ],
    });
    expect(known).toEqual({
      names: ["notumor", "tumor"],
      normalisation: { divisor: 255, mean, std },
      side: 224,
      micrometresPerPixel: 0.390625,
      title: "TCGA-BRCA-v1",
    });
    expect(asGiven(known ?? {}, null)).toEqual({
      name: "TCGA-BRCA-v1",
      labels: ["benign", "malignant"],
      training: { um_per_pixel: [0.390625, 0.390625] },
      input: { normalisation: { divisor: 255, mean, std }, channels: "RGB", patch_size: 224 },
    });
  });

  it("of timm tells what it was trained with", () => {
    const pretrained_cfg = { mean, std, input_size: [3, 288, 288] };
    expect(readConfig({ architecture: "resnet50", pretrained_cfg, label_names: ["b", "a"] })).toEqual({
      names: ["b", "a"],
      normalisation: { divisor: 255, mean, std },
      side: 288,
    });
  });

  it("of transformers comes in two files", () => {
    expect(readConfig({ model_type: "vit", image_size: 224, id2label: { 1: "idc", 0: "benign" } })).toEqual({
      names: ["benign", "idc"],
      side: 224,
    });
    expect(
      readConfig({
        image_processor_type: "ViTImageProcessor",
        do_rescale: true,
        rescale_factor: 1 / 255,
        image_mean: [0.5, 0.5, 0.5],
        image_std: [0.5, 0.5, 0.5],
        size: { height: 384, width: 384 },
      }),
    ).toEqual({ normalisation: { divisor: 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }, side: 384 });
    const raw = readConfig({ do_rescale: false, do_normalize: false, size: 128 });
    expect(raw).toEqual({ normalisation: { divisor: 1, mean: [0, 0, 0], std: [1, 1, 1] }, side: 128 });
  });

  it("of another kind is none, and odd values are left out", () => {
    expect(readConfig({ schema_version: 1, variants: {} })).toBeNull();
    const odd = { id2label: { 1: "one", 2: "two" }, image_size: "large" };
    expect(readConfig(odd)).toEqual({});
    expect(readConfig({ pretrained_cfg: { mean: [1, 2], std }, label_names: "ab" })).toEqual({});
  });
});

it("Ultralytics writes names into the file", () => {
  const names = "{0: 'benign', 1: 'it\"s malignant'}";
  expect(readMetadata({ author: "Ultralytics", names, imgsz: "[224, 224]" })).toMatchObject({
    names: ["benign", 'it"s malignant'],
    side: 224,
  });
  expect(readMetadata({ names })).toEqual({});
});

it("a lesson that was exported as ONNX names its classes", () => {
  const metadata = { "histoscope.classes": '["in situ","normal"]', "histoscope.lesson": "ours" };
  expect(readMetadata(metadata)).toEqual({ names: ["in situ", "normal"], title: "ours" });
  expect(readMetadata({ "histoscope.classes": "[" })).toEqual({});
});

it("what a manifest says stands", () => {
  const manifest = { labels: ["malignant", "benign"], input: { patch_size: 96 } };
  const given = asGiven({ names: ["benign", "malignant"], side: 224 }, manifest);
  expect(given).toEqual({ labels: ["malignant", "benign"], input: { patch_size: 96 } });
});

describe("labels", () => {
  it.each([
    ["benign", "Benign"],
    ["benign", "normal_tissue"],
    ["benign", "phyllodes_tumor"],
    ["benign", "non-tumor"],
    ["benign", "notumor"],
    ["benign", "Tubular Adenoma"],
    ["malignant", "InSitu"],
    ["malignant", "Invasive"],
    ["malignant", "IDC"],
    ["malignant", "ductal_carcinoma"],
    ["malignant", "tumor"],
    [undefined, "stroma"],
    [undefined, "class 3"],
  ])("count as %s: %s", (expected, label) => {
    expect(usuallyCounts(label)).toBe(expected);
  });

  it("are numbers where nothing names them", () => {
    expect(ownClasses(["a", "b"], 3).map(({ name }) => name)).toEqual(["0", "1", "2"]);
    expect(ownClasses(["normal", "x", "idc"], 3)).toEqual([
      { name: "normal", counts: "benign" },
      { name: "x", counts: undefined },
      { name: "idc", counts: "malignant" },
    ]);
  });
});
