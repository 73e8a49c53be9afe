// The English words that a translation starts from and the page does not say by itself: what the core finds wrong, and the
// warnings of reports. Who reads English gets them from the core.

import type { errorWords } from "./en-errors.ts";

/** What is wrong, as a clause of the error of this code, by its kind in the core. */
export const problems = {
  lesson_invalid: {
    too_large: "it has {bytes} bytes; the limit is {max_bytes}",
    form: "it has not the form of a lesson: {detail}",
    version: "its version is {found}, this program reads {known}",
    field: "{field} cannot be that of a lesson",
  },
  teach_refused: {
    form: "the request has not its form: {detail}",
    classes: "the classes are not two to twelve different names",
    name: "the lesson's name is not 1 to 80 characters",
    too_many: "{found} images are more than {most}",
    features: "{found} features where {expected} must be, or one that is no number",
  },
  familiarity_invalid: {
    too_large: "they have {bytes} bytes; the limit is {max_bytes}",
    form: "they have not the form of statistics: {detail}",
    schema_version: "their schema_version is {found}, this program reads {known}",
    other_model: "they belong to the model with SHA-256 {found}, this one has {expected}",
    length: "{field}: {found} where {expected} must be",
    number: "{field} holds a number that cannot be one",
    other_file: "the file has SHA-256 {found}, but the manifest says {expected}",
    no_features: "the model's manifest names no such file",
    no_such_features: "the model has no such level or statistic",
  },
  labels_invalid: {
    no_column: 'the table has no column "{column}"',
    line: "line {line}: {detail}",
    too_long: "it has more than {most} lines",
    name: "{found} is no name of a class: 1 to 80 characters, no control characters",
    classes: "the number of different labels is {found}, where 2 to 12 may be",
    foreign: '"{found}" is a label, and none of the lesson\'s classes',
    none: "no image has a label",
  },
  model_not_onnx: {
    empty: "an empty file",
    lfs_pointer: "a Git LFS pointer, which stands for a file that was not fetched",
    web_page: "a web page, or what a server answered in its place",
    json: "JSON",
    py_torch: "a PyTorch checkpoint, or another Python pickle",
    keras: "a Keras model",
    tf_lite: "a TensorFlow Lite model",
    safe_tensors: "weights without a network, in safetensors",
    gguf: "weights without a network, in GGUF",
    ort: "a model in ONNX Runtime's own format, ORT",
    gzip: "a gzip file",
    zip: "a zip archive",
    archive: "an archive or a compressed file",
    encrypted: "an encrypted file, or noise",
    damaged: "the beginning of one: it was cut short, or is damaged",
  },
  manifest_invalid: {
    form: "it has not the form of a manifest: {detail}",
    schema_version: "schema_version is {found}, this program reads {known}",
    labels:
      "labels are {found}; they must be {least} to {most} different names in the order of the model's scores",
    ungrouped:
      'groups: the label {label} is in {found} of the groups "benign" and "malignant"; it must be in one',
    no_such_label: "groups: {label} is none of the labels",
    empty_group: "groups: no label is {class}",
    patch_size: "input.patch_size is {found}, which is not in 1..={most}",
    patch_too_small: "input.patch_size is {found}, which is less than {least}",
    normalisation_missing:
      "input.normalisation is missing: a float32 input needs its mean and std, as the model was trained with",
    normalisation_unused: "input.normalisation: a uint8 input takes raw pixels; leave it out",
    not_finite: "input.normalisation.{field} is {found}, which is not finite",
    not_positive: "input.normalisation.{field} is {found}, which is not above 0",
    temperature: "calibration.temperature is {found}, which is not above 0",
    uncertain_below: "calibration.uncertain_below is {found}, which is not in {least}..=1",
    no_sha256: "{field} is {found}, which is no SHA-256 in lower-case hexadecimal",
    no_variant: "the model has no {variant} variant",
    features: "features: {detail}",
    familiarity_without_features: "familiarity is there, but no features",
  },
  report_invalid: {
    not_json: "it is no JSON, or cut off: {detail}",
    no_report: "it has no schema_version, so it is no report of Histoscope",
    no_image: "it holds no image",
    too_long: "{field} has {bytes} bytes, the limit is {most}",
    form: "it has not the form of a report: {detail}",
    schema_version: "its schema_version is {found}, this program reads {known}",
    no_probability: "{field} is {found}, which is not in 0..=1",
    sum: "{field} have the sum {sum}, which is not 1",
    out_of_range: "{field} is {found}, which no report of ours has",
    no_digest: '{field} is "{found}", which is no SHA-256',
    contradiction: "{field} contradicts {other}",
  },
  options_invalid: {
    no_count: 'expected a whole number above 0 or "all", got "{found}"',
    no_variant: '"{found}" is neither "int8" nor "f32"',
    no_runtime: '"{found}" is neither "fused" nor "tract"',
    out_of_range: "{found} is not in {least}..={most}",
    too_small: "{found} is less than {least}",
    form: "{detail}",
  },
};

/** Of the core, in reports; those on the screen are said in other words. */
export const warnings = {
  pages: "The TIFF file has several pages; only the first was read.",
  endMarker: "The JPEG file lacks its end marker, as if it were cut short; all its pixels are there.",
};

/** What a language has of errors. */
export type ErrorWords = typeof errorWords & {
  readonly problems: typeof problems;
  readonly warnings: typeof warnings;
};
