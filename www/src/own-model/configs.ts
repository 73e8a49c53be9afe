// The configurations that lie beside other people's models, as fields of a manifest: WSInfer's, timm's, those of Hugging
// Face, and what Ultralytics writes into the ONNX file itself. Each says but a part; what none says is asked.

import { usuallyCounts } from "./classes.ts";
import type { Given, Normalisation } from "./manifest.ts";

export { buildManifest, questions, readGiven } from "./manifest.ts";

/** What is known of a model without asking. */
export interface Known {
  /** Names of its classes in the order of the scores. */
  readonly names?: readonly string[];
  readonly normalisation?: Normalisation;
  /** Of the network's input, in pixels. */
  readonly side?: number;
  /** Of the network's input. */
  readonly micrometresPerPixel?: number;
  readonly title?: string;
}

const isObject = (value: unknown): value is Given =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const object = (value: unknown): Given => (isObject(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const positive = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;

function strings(value: unknown): readonly string[] | undefined {
  const all = list(value);
  return all.length > 1 && all.every((one) => typeof one === "string") ? (all as string[]) : undefined;
}

function triple(value: unknown): Normalisation["mean"] | undefined {
  const [a, b, c, ...more] = list(value);
  if (more.length > 0) return undefined;
  return [a, b, c].every((one) => typeof one === "number") ? ([a, b, c] as Normalisation["mean"]) : undefined;
}

/** Undefined unless both are there. */
function scaled(mean: unknown, std: unknown, divisor = 255): Normalisation | undefined {
  const [means, deviations] = [triple(mean), triple(std)];
  return means && deviations && { divisor, mean: means, std: deviations };
}

/** `{"0": "benign", "1": "malignant"}`, with a name for each number from 0 on. */
function numbered(value: unknown): readonly string[] | undefined {
  const names = object(value);
  return strings(Object.keys(names).map((_, index) => names[String(index)]));
}

/** Of `224`, `[3, 224, 224]` or `{height, width}`. */
function sideOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return positive(value.at(-1));
  const { height, shortest_edge: edge } = object(value);
  return positive(value) ?? positive(height) ?? positive(edge);
}

/** https://wsinfer.readthedocs.io: patches of so many pixels at so many micrometres, then a list of transforms. */
function wsinfer(config: Given): Known {
  const transforms = list(config["transform"]).map(object);
  const argumentsOf = (name: string) =>
    object(transforms.find((transform) => transform["name"] === name)?.["arguments"]);
  const cut = positive(config["patch_size_pixels"]);
  const side = sideOf(argumentsOf("Resize")["size"]) ?? cut;
  const spacing = positive(config["spacing_um_px"]);
  const { mean, std } = argumentsOf("Normalize");
  // A patch that is made smaller has larger pixels.
  const micrometresPerPixel = spacing && cut && side && (spacing * cut) / side;
  const title = typeof config["name"] === "string" ? config["name"] : undefined;
  const known = { names: strings(config["class_names"]), normalisation: scaled(mean, std), side };
  return defined({ ...known, micrometresPerPixel, title });
}

/** `config.json` of timm on the Hugging Face hub. */
function timm(config: Given): Known {
  const about = object(config["pretrained_cfg"]);
  const names = strings(config["label_names"]) ?? strings(about["label_names"]);
  const normalisation = scaled(about["mean"], about["std"]);
  return defined({ names, normalisation, side: sideOf(about["input_size"]) });
}

/** `config.json` of transformers. */
const transformers = (config: Given): Known =>
  defined({ names: numbered(config["id2label"]), side: sideOf(config["image_size"]) });

/** `preprocessor_config.json` of transformers. */
function preprocessor(config: Given): Known {
  const rescaled = config["do_rescale"] !== false;
  const divisor = rescaled ? 1 / (positive(config["rescale_factor"]) ?? 1 / 255) : 1;
  const normalisation =
    config["do_normalize"] === false
      ? scaled([0, 0, 0], [1, 1, 1], divisor)
      : scaled(config["image_mean"], config["image_std"], divisor);
  const side = sideOf(config["do_center_crop"] === true ? config["crop_size"] : config["size"]);
  return defined({ normalisation, side });
}

function defined(known: { [Field in keyof Known]: Known[Field] | undefined }): Known {
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

/** What a configuration says; null if it is of no kind that is known. */
export function readConfig(config: Given): Known | null {
  // A manifest may have anything else beside its own fields.
  if ("variants" in config) return null;
  if ("patch_size_pixels" in config || "spacing_um_px" in config) return wsinfer(config);
  if ("pretrained_cfg" in config || "label_names" in config) return timm(config);
  if ("image_mean" in config || "image_processor_type" in config || "do_rescale" in config) {
    return preprocessor(config);
  }
  if ("id2label" in config || "model_type" in config) return transformers(config);
  return null;
}

/** What `histoscope export` writes of the lesson that is a network's head. */
const OWN_CLASSES = "histoscope.classes";
const OWN_LESSON = "histoscope.lesson";

/** Of what is no JSON, nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an exporter wrote into the ONNX file, under names of its own. */
export function readMetadata(metadata: Readonly<Record<string, string>>): Known {
  const { names, imgsz, author, [OWN_CLASSES]: own } = metadata;
  if (own !== undefined) return defined({ names: strings(parsed(own)), title: metadata[OWN_LESSON] });
  if (author !== "Ultralytics" || names === undefined) return {};
  // A Python dictionary: {0: 'benign', 1: 'malignant'}.
  const entries = [...names.matchAll(/(\d+):\s*(['"])(.*?)\2/g)];
  const [side] = /\d+/.exec(imgsz ?? "") ?? [];
  return defined({
    names: numbered(Object.fromEntries(entries.map(([, number, , name]) => [number, name]))),
    normalisation: { divisor: 255, mean: [0, 0, 0], std: [1, 1, 1] },
    side: positive(Number(side)),
  });
}

/** A manifest, or what is known as one: what the manifest that came says, stands. */
export function asGiven(known: Known, manifest: Given | null): Given {
  const { names, normalisation, side, micrometresPerPixel: scale, title } = known;
  const counted = names?.map(usuallyCounts);
  // Of two classes the names of ours take the place of theirs; more are asked about, under their own.
  const labels =
    counted?.length === 2 && counted[0] !== counted[1] && !counted.includes(undefined) ? counted : undefined;
  const input = {
    ...(normalisation && { normalisation, channels: "RGB" }),
    ...(side && { patch_size: side }),
  };
  return {
    ...(title && { name: title }),
    ...(labels && { labels }),
    ...(scale && { training: { um_per_pixel: [scale, scale] } }),
    ...manifest,
    input: { ...input, ...object(manifest?.["input"]) },
  };
}
