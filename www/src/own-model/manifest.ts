// From an ONNX file, the manifest that may have come with it and a person's answers to a complete manifest.
//
// What the file and its manifest tell is not asked. Nothing is judged here: the core reads the manifest that is made,
// and says what is wrong with it.

import { ModelError } from "../base/errors.ts";
import type { Variant } from "../engine/protocol.ts";
import type { Label } from "../study/report.ts";
import { said } from "../words/said.ts";
import { areCounted, type OwnClass } from "./classes.ts";
import type { Inspection, Layout } from "./inspection.ts";

/** In the order of red, green, blue; applied as `(pixel / divisor - mean) / std`. */
export interface Normalisation {
  readonly divisor: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** What networks are usually trained with. */
export const PRESETS = {
  imagenet: { divisor: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  zeroToOne: { divisor: 255, mean: [0, 0, 0], std: [1, 1, 1] },
  minusOneToOne: { divisor: 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  raw: { divisor: 1, mean: [0, 0, 0], std: [1, 1, 1] },
} as const satisfies Record<string, Normalisation>;

export type Preset = keyof typeof PRESETS;

export interface Answers {
  /** Of the first score; where there is one alone, of that which it speaks against. */
  readonly firstLabel: Label;
  /** Of more than two scores, in their order: they count as benign and malignant, or all are classes of their own. */
  readonly classes: readonly OwnClass[];
  readonly scores: "logits" | "probabilities";
  readonly layout: Layout;
  readonly channels: "RGB" | "BGR";
  readonly normalisation: Normalisation;
  /** In pixels. */
  readonly patchSize: number;
}

export type Question = keyof Answers;

/** A manifest as it came: any of its fields may be missing, or be of any kind. */
export type Given = Readonly<Record<string, unknown>>;

export interface FileFacts {
  readonly name: string;
  readonly inspection: Inspection;
  /** Of the dropped file; another than the inspection's where weights of other files were joined to it. */
  readonly sha256: string;
  /** What its manifest and the configurations beside it say; null where none came. */
  readonly given: Given | null;
  /** Names of its classes, where a configuration tells. */
  readonly names: readonly string[] | null;
}

export interface BuiltManifest {
  readonly text: string;
  readonly variant: Variant;
  readonly name: string;
}

/** Of a model whose manifest, or lack of one, says none. */
const NO_VERSION = "own";
const NAME_LENGTH = 80;
/** Until a network says otherwise. */
export const USUAL_PATCH_SIZE = 224;

/** Operators that make probabilities of scores. */
const SQUASHES: readonly string[] = ["Softmax", "Sigmoid"];

const isGiven = (value: unknown): value is Given =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const fields = (value: unknown): Given => (isGiven(value) ? value : {});

/** What a JSON file says that came with a model; `file` is its name. */
export function readGiven(file: string, text: string): Given {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (!isGiven(value)) throw new ModelError(...said("manifest_invalid", "own", { file }));
  return value;
}

/** "float32" where nothing says. */
export function dtypeOf({ inspection, given }: FileFacts): unknown {
  const { dtype } = fields(given?.["input"]);
  if (dtype !== undefined) return dtype;
  return inspection.input?.dtype === "uint8" ? "uint8" : "float32";
}

/** What has to be asked, in the order of the questions. */
export function questions(facts: FileFacts): Question[] {
  const { inspection, given } = facts;
  const input = fields(given?.["input"]);
  const asked: Record<Question, boolean> = {
    firstLabel: given?.["labels"] === undefined && !hasMany(facts),
    classes: given?.["labels"] === undefined && hasMany(facts),
    // Any other operator may be part of a softmax that was written out, or of none.
    scores: given?.["outputs"] === undefined && !SQUASHES.includes(inspection.scores?.made_by ?? ""),
    normalisation: input["normalisation"] === undefined && dtypeOf(facts) === "float32",
    channels: input["channels"] === undefined,
    layout: input["layout"] === undefined && inspection.layout === null,
    patchSize: input["patch_size"] === undefined && inspection.patch_size === null,
  };
  return (Object.keys(asked) as Question[]).filter((question) => asked[question]);
}

/** Whether its classes have names of their own: more than two, or two that a configuration calls neither one nor the other. */
export function hasMany({ inspection, names }: FileFacts): boolean {
  const columns = inspection.scores?.columns ?? 0;
  return columns > 2 || (columns === 2 && names?.length === 2);
}

/** The file's entry among those of a manifest; the precision decides nothing but its name in reports. */
function variantOf({ inspection, sha256, given, name }: FileFacts): [Variant, object] {
  const guess = inspection.fused_layers > 0 ? "int8" : "f32";
  const entry = { file: name, bytes: inspection.bytes, sha256: inspection.sha256 };
  if (given?.["variants"] === undefined) return [guess, entry];
  const variants = fields(given["variants"]);
  const known = (["int8", "f32"] as const).filter((variant) => variants[variant] !== undefined);
  const mine = known.find((variant) => fields(variants[variant])["sha256"] === sha256);
  if (mine === undefined) {
    throw new ModelError(...said("model_hash_mismatch", "own", { sha256 }));
  }
  return [mine, entry];
}

const text = (value: unknown, otherwise: string): string =>
  typeof value === "string" && value.trim() !== "" ? value.trim().slice(0, NAME_LENGTH) : otherwise;

/** For the order of the model's channels. */
function ordered({ divisor, mean, std }: Normalisation, channels: unknown): Normalisation {
  if (channels !== "BGR") return { divisor, mean, std };
  const turn = ([a, b, c]: Normalisation["mean"]) => [c, b, a] as const;
  return { divisor, mean: turn(mean), std: turn(std) };
}

/** The labels in the order of the scores, and of more than two what they count as, if they do. */
function labelsOf({ firstLabel = "benign", classes }: Partial<Answers>) {
  if (classes === undefined) {
    return { labels: firstLabel === "benign" ? ["benign", "malignant"] : ["malignant", "benign"] };
  }
  const labels = classes.map(({ name }) => name.trim());
  if (!areCounted(classes)) return { labels };
  const counted = (label: Label) =>
    classes.filter(({ counts }) => counts === label).map(({ name }) => name.trim());
  return { labels, groups: { benign: counted("benign"), malignant: counted("malignant") } };
}

/** The manifest that the core is given; `answers` has at least what `questions` asks for. */
export function buildManifest(facts: FileFacts, answers: Partial<Answers>): BuiltManifest {
  const { inspection, given } = facts;
  const [variant, entry] = variantOf(facts);
  const name = text(given?.["name"], facts.name.replace(/\.onnx$/i, "").slice(0, NAME_LENGTH));
  // Not asked where a softmax says it.
  const { scores = "probabilities", normalisation } = answers;
  const input = fields(given?.["input"]);
  const channels = input["channels"] ?? answers.channels ?? "RGB";
  const { labels, groups } = labelsOf(answers);
  const manifest = {
    schema_version: given?.["schema_version"] ?? 1,
    name,
    version: text(given?.["version"], NO_VERSION),
    labels: given?.["labels"] ?? labels,
    groups: given?.["labels"] === undefined ? groups : given["groups"],
    input: {
      dtype: dtypeOf(facts),
      layout: input["layout"] ?? inspection.layout ?? answers.layout,
      channels,
      patch_size: input["patch_size"] ?? inspection.patch_size ?? answers.patchSize,
      normalisation: input["normalisation"] ?? (normalisation && ordered(normalisation, channels)),
    },
    outputs: given?.["outputs"] ?? { scores },
    calibration: given?.["calibration"] ?? { temperature: 1, uncertain_below: null },
    variants: { [variant]: entry },
    training: given?.["training"],
  };
  return { text: JSON.stringify(manifest), variant, name };
}
