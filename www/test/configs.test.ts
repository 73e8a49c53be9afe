// What configurations of other programs say of a model, as fields of a manifest: the core's reader says the same
// (`src/configs.rs`), by the same table.

import { describe, expect, it } from "vitest";
import fixtures from "../../tests/fixtures/configs.json";
import { ownClasses, usuallyCounts } from "../src/own-model/classes.ts";
import { asGiven, type Known, readConfig, readMetadata } from "../src/own-model/configs.ts";

/** As the table has it. */
function written(known: Known | null): object | null {
  if (known === null) return null;
  const { micrometresPerPixel, ...rest } = known;
  return { ...rest, ...(micrometresPerPixel && { um_per_pixel: micrometresPerPixel }) };
}

const [mean, std] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
];

describe("a configuration", () => {
  it.each(fixtures.configs)("of $of", ({ config, known }) => {
    expect(written(readConfig(config))).toEqual(known);
  });

  it("is a part of a manifest", () => {
    const config = fixtures.configs.find(({ of }) => of.startsWith("WSInfer"))?.config ?? {};
    expect(asGiven(readConfig(config) ?? {}, null)).toEqual({
      name: "TCGA-BRCA-v1",
      labels: ["benign", "malignant"],
      training: { um_per_pixel: [0.390625, 0.390625] },
      input: { normalisation: { divisor: 255, mean, std }, channels: "RGB", patch_size: 224 },
    });
  });
});

it.each(fixtures.metadata)("an ONNX file of $of tells what its metadata say", ({ metadata, known }) => {
  expect(written(readMetadata(metadata as Record<string, string>))).toEqual(known);
});

it("what a manifest says stands", () => {
  const manifest = { labels: ["malignant", "benign"], input: { patch_size: 96 } };
  const given = asGiven({ names: ["benign", "malignant"], side: 224 }, manifest);
  expect(given).toEqual({ labels: ["malignant", "benign"], input: { patch_size: 96 } });
});

describe("labels", () => {
  it.each(fixtures.labels)("%s counts as %s", (label, counts) => {
    expect(usuallyCounts(label as string) ?? null).toBe(counts);
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
