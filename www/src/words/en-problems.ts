// The English words that a translation starts from and the page does not say by itself: what the core finds wrong, and the
// warnings of reports. Who reads English gets them from the core.

import type { errorWords } from "./en-errors.ts";

/** What is wrong, as a clause of the error of this code, by its kind in the core. */
export const problems = {
  image_unsupported_format: {
    animated: "it is animated, and a micrograph is one still picture",
    no_decoder: "this program has no decoder for it",
    palette: "its 256 colours are too few for a stain",
    document: "it is a document; export the picture from it",
    drawing: "it is a drawing, not a micrograph",
    arithmetic: "it is coded arithmetically",
    lossless: "it is stored as lossless JPEG",
    hierarchical: "it is stored as hierarchical JPEG",
    deep: "it has more than 8 bits a sample",
    components: "it has neither 1, 3 nor 4 colour components",
    separate: "its colours are stored one after the other",
    sampling: "its colours are sampled in a way that this program does not know",
    floats: "its samples are floating point numbers without a defined white",
    integers: "its samples are whole numbers without a defined white",
    signed: "its samples are numbers with a sign",
    samples: "its samples are of a kind that this program does not know",
    colours: "its colours are of a kind that this program does not know",
    y_cb_cr: "its YCbCr colours are stored in another way than JPEG's",
    lab: "its colours are CIE L*a*b*",
    sensor: "it holds the raw values of a camera",
    channels: "its colours are stored as grey pages, one for each channel",
    stains: "its channels are grey, and nothing says which colours they are",
    copy: "its first page is a small copy of another one",
    bits: "its bits are stored in reverse",
    fax: "it is compressed as a fax, in black and white",
    old_jpeg: "it is compressed with the JPEG of before 1995",
    old_lzw: "it is compressed with the LZW of before TIFF 6.0",
    method: "it is compressed with method {code}",
    compression: "it is compressed with {name}",
    decoder: "{detail}",
  },
  image_truncated_or_corrupt: {
    headers: "its headers are damaged",
    empty: "it ends before its picture begins",
    interval: "a part of its picture between restarts is missing",
    scans: "its last scans are missing",
    bytes: "its compressed bytes do not fit its size",
    directory: "its directory is damaged",
    chunks: "its strips or tiles are missing",
    cut_short: "a strip or tile is cut short",
    decoder: "{detail}",
  },
  lesson_invalid: {
    too_large: "it has {bytes} bytes; the limit is {max_bytes}",
    form: "it has not the form of a lesson: {detail}",
    version: "its version is {found}, this program reads {known}",
    field: "{field} cannot be that of a lesson",
  },
  teach_refused: {
    form: "the request has not its form: {detail}",
    classes: "the classes are not two to twelve different names",
    name: "the lesson's name is not 1 to 80 visible characters",
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
    name: "{found} is no name of a class: 1 to 80 characters, none of them invisible",
    classes: "the number of different labels is {found}, where 2 to 12 may be",
    foreign: '"{found}" is a label, and none of the lesson\'s classes',
    none: "no image has a label",
    no_patient: "the table names the patient of none of these images",
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
    label_name:
      'labels: {label} cannot name a class: 1 to {most} characters are wanted, no spaces around them, none of them invisible, and not "uncertain", "unfamiliar" or "not assessable"',
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

/** Of the core and of slides, in reports, by their kind. Those on the screen and on the scale are said in other words. */
export const warnings = {
  several_pages: "The TIFF file has several pages; only the first was read.",
  no_end_marker: "The JPEG file lacks its end marker, as if it were cut short; all its pixels are there.",
  few_colours:
    "The file has a palette of at most 256 colours, too few for a stain: do not rely on the result.",
  colours_managed:
    "The file has a colour profile or a gamma of its own: viewers show other colours than the model sees.",
  directories_in_a_circle: "Its directories run in a circle; each is read once.",
  too_many_directories: "Only the first {most} directories are read.",
  directory_unreadable: "A directory cannot be read: {detail}.",
  nested_directory_unreadable: "A nested directory cannot be read: {detail}.",
  level_unreadable: "A level cannot be read: {detail}.",
  instance_unreadable: "An instance cannot be read: {detail}.",
  several_series: "It holds several series; that of the finest picture is read.",
  several_regions: "It holds {regions} regions; the largest is read.",
  coarser_regions: "Regions that were scanned at a coarser scale, and are left out: {regions}.",
  scale_impossible: "The file says {found} µm per pixel, which no slide has.",
  patches_enlarged:
    "The slide has {found} µm per pixel, coarser than the patches' {wanted}: they are enlarged, and may be found blurred.",
  tiles_unreadable:
    "Unreadable tiles of the slide, which count as glass: {tiles}. The first is {column}, {row} of level {level}: {detail}.",
};

/** What a language has of errors. */
export type ErrorWords = typeof errorWords & {
  readonly problems: typeof problems;
  readonly warnings: typeof warnings;
};
