// The words of errors and warnings in English, the source of truth: other languages have the same keys.
//
// They are templates with the names of their values in braces. An error carries its sentence in English, as reports do, and
// beside it its kind and values, by which `told.ts` says it in the language of the page.

const RELOAD = "Check the connection and reload the page.";
const TRY_AGAIN = "Reload the page and try again.";
/** Of each kind of file there is another remedy. */
const NOT_ONNX = "the model is not an ONNX file but {kind}";
const ITS_OWN_MANIFEST = "Drop the model with its own manifest, or without one.";

/** By code. What the core and the worker say, and what stands in a saved report, must be here to the letter. */
export const errors = {
  image_empty: {
    core: {
      message: "the file is empty (0 bytes)",
      remedy: "Export or copy the image again; the file holds nothing.",
    },
  },
  image_not_recognised: {
    core: {
      message: "the file is not an image that can be recognised by its content",
      remedy: "Use a PNG, JPEG, TIFF, BMP or WebP file; its content decides, not its name.",
    },
  },
  image_unsupported_format: {
    core: {
      message: "{format} is not supported: {reason}",
      remedy: "Convert it to an 8-bit RGB PNG, TIFF or JPEG and try again.",
    },
  },
  image_truncated_or_corrupt: {
    core: {
      message: "the {format} file is truncated or corrupt: {detail}",
      remedy: "Copy or export the file again; if it opens elsewhere, re-save it as PNG.",
    },
  },
  image_too_small: {
    core: {
      message: "the image is {width}x{height} pixels; the model needs at least {least}x{least}",
      remedy: "Use the micrograph at its original resolution, not a thumbnail.",
    },
  },
  image_too_large: {
    core: {
      message:
        "the image claims {width}x{height} pixels; the limits are {max_side} pixels a side and {max_megapixels} megapixels",
      remedy: "Crop the field of interest or export it at a lower resolution.",
    },
    image_too_much_memory: {
      message: "decoding the {format} image would take more than {max_mib} MiB of memory",
      remedy: "Crop the field of interest or export it at a lower resolution.",
    },
  },
  file_too_large: {
    core: {
      message: "the file has {bytes} bytes; the limit is {max_bytes}",
      remedy: "Crop the field of interest, or save it as JPEG or WebP.",
    },
  },
  file_unreadable: {
    core: {
      message: "the file cannot be read: {detail}",
      remedy: "Check that the path exists and that you may read the file.",
    },
    worker: {
      message: "The browser could not read the file: {detail}",
      remedy: "See that the file still lies where it was chosen and may be read, then add it again.",
    },
  },
  file_not_regular: {
    core: {
      message: "this is no regular file but {kind}",
      remedy: "Save the image as a file and name that.",
    },
  },
  folder_unreadable: {
    core: {
      message: "the folder cannot be listed: {detail}",
      remedy: "Check that you may read the folder; what lies in it is missing from the result.",
    },
  },
  folder_without_images: {
    core: {
      message: "the folder {folder} holds no image ({extensions})",
      remedy: "Name a folder with images, or an image by itself, whatever its extension.",
    },
  },
  text_unreadable: {
    core: {
      message: "{file} cannot be read: {detail}",
      remedy: "Check the path, and that the file is the right one.",
    },
  },
  output_failed: {
    core: {
      message: "the results cannot be written: {detail}",
      remedy: "Free some space, or send the output elsewhere, and run it again.",
    },
  },
  too_many_patches: {
    core: {
      message: "{patches} patches were asked for; at most {most} of an image are classified",
      remedy: "Ask for fewer patches, or choose a greater stride.",
    },
  },
  batch_too_large: {
    core: {
      message: "{patches} patches of {side}x{side} pixels at once are more than {max_mib} MiB",
      remedy: "Choose a smaller batch size.",
    },
  },
  options_invalid: {
    core: {
      message: "{option}: {problem}",
      remedy: "Correct the option; the message says what is allowed.",
    },
    call: {
      message: "{option} must be {wanted}, not {value}.",
      remedy: "Correct the option, or leave it out.",
    },
    server: {
      message: "{option}: {detail}",
      remedy: "Correct the option; the message says what is wrong with it.",
    },
    oneOnly: {
      message: "{option} is for one image, and there are {found}",
      remedy: "Name one image or slide.",
    },
    slidesOnly: {
      message: "{option} is for slides, and this is none",
      remedy: "Leave the option out; a field is judged whole, at its own scale.",
    },
    ownClasses: {
      message: "{option} draws benign and malignant, which this model does not tell apart",
      remedy: "Leave the option out, or group the classes in the manifest (docs/own-model.md).",
    },
  },
  no_listening: {
    core: {
      message: "the server cannot listen at {address}: {detail}",
      remedy: "Choose another --port, or another address of this machine.",
    },
  },
  model_missing: {
    core: {
      message: "the model's file {file} is missing: {detail}",
      remedy: "Check the path, and keep the manifest beside the model.",
    },
    manifest: { message: "The model's manifest could not be fetched: {reason}.", remedy: RELOAD },
    variant: { message: "The model has no {variant} variant.", remedy: "Choose the other precision." },
    file: { message: "The model {file} could not be fetched: {reason}.", remedy: RELOAD },
    kept: { message: "The model is no longer kept in this browser.", remedy: "Drop its file again." },
  },
  model_hash_mismatch: {
    core: {
      message: "the model's bytes have SHA-256 {found}, but the manifest says {expected}",
      remedy: "Download the model and its manifest again; one of them was changed or cut short.",
    },
    size: {
      message: "The model {file} has {bytes} bytes where its manifest says {expected}.",
      remedy: "Reload the page; if this stays, the site was not published completely.",
    },
    fetched: {
      message: "What came as {file} is another file: its SHA-256 differs. It was not used.",
      remedy:
        "Try again. If this stays, the site was not published completely, or something on the way changes its files.",
    },
    own: {
      message: "The manifest is of another file: none of its SHA-256 is {sha256}.",
      remedy: ITS_OWN_MANIFEST,
    },
  },
  model_invalid: {
    core: {
      message: "the model cannot be used: {detail}",
      remedy:
        "Use an ONNX classifier with pictures as its one input and the scores of its classes as output (docs/own-model.md).",
    },
    inspection: {
      message: "The model cannot be used: {problem}.",
      remedy: "Export the classifier with one picture as input and the scores of its classes as output.",
    },
    trial: {
      message: "The model made the engine fail, in a worker that only tried it: {why}.",
      remedy: "The file is damaged, or has a form that the engine does not know. Export it again.",
    },
  },
  model_not_onnx: {
    lfs_pointer: {
      message: NOT_ONNX,
      remedy: "Run git lfs pull, or download the file from the repository's page.",
    },
    web_page: { message: NOT_ONNX, remedy: "Download the file itself, not the page about it." },
    py_torch: { message: NOT_ONNX, remedy: "Load it in PyTorch and export it with torch.onnx.export." },
    keras: {
      message: NOT_ONNX,
      remedy: "Load it in Keras and export it with model.export and the format onnx.",
    },
    tf_lite: {
      message: NOT_ONNX,
      remedy: "Convert it with tf2onnx, or export the network that it was made of.",
    },
    safe_tensors: {
      message: NOT_ONNX,
      remedy: "Load the weights into their network and export that with torch.onnx.export.",
    },
    gguf: {
      message: NOT_ONNX,
      remedy: "Load the weights into their network and export that with torch.onnx.export.",
    },
    ort: { message: NOT_ONNX, remedy: "Use the .onnx file that the .ort file was made of." },
    archive: { message: NOT_ONNX, remedy: "Unpack it, and use the .onnx file that lies in it." },
    zip: { message: NOT_ONNX, remedy: "Unpack it, and use the .onnx file that lies in it." },
    gzip: { message: NOT_ONNX, remedy: "Unpack it, and use the .onnx file that lies in it." },
    encrypted: { message: NOT_ONNX, remedy: "Decrypt it first, and use the .onnx file that comes of it." },
    json: { message: NOT_ONNX, remedy: "Use the .onnx file; this one may be its configuration." },
    core: {
      message: NOT_ONNX,
      remedy: "Download or export the file again, and compare its size with the original's.",
    },
  },
  model_data_missing: {
    core: {
      message: "the model's weights lie in the file {file}, which did not come with it",
      remedy: "Keep both files in one folder, drop them together, or export the network into one file.",
    },
  },
  model_not_alone: {
    files: {
      message: "More than one model, or more than one manifest, came at once.",
      remedy: "Drop one ONNX file, with at most one JSON file beside it.",
    },
  },
  model_quantised: {
    core: {
      message: "{file} is the int8 variant, which --no-quantization does not run",
      remedy: "Name the model's f32 file, or leave --no-quantization out.",
    },
  },
  model_too_large: {
    core: {
      message: "the model's file {file} has more than {max_bytes} bytes",
      remedy: "Export a smaller network, or the same with half the precision or quantised.",
    },
    file: {
      message: "The file has {size}; models are read up to {most}.",
      remedy: "Export a smaller network, or the same with half the precision or quantised.",
    },
  },
  model_too_slow: {
    trial: {
      message: "The model was not ready after {seconds} seconds, and was stopped.",
      remedy: "Use a smaller network, or try again while nothing else keeps the machine busy.",
    },
  },
  model_needs_tract: {
    core: {
      message: "the model is not fused from end to end, which this build of the engine needs: {detail}",
      remedy: "Load the general edition of the engine.",
    },
  },
  manifest_invalid: {
    core: {
      message: "the model's manifest cannot be used: {problem}",
      remedy: "Use the manifest that came with the model; the message names the field.",
    },
    json: { message: "The model's manifest is no JSON: {reason}.", remedy: RELOAD },
    own: {
      message: "{file}, which came with the model, is no JSON object.",
      remedy: ITS_OWN_MANIFEST,
    },
    beside: {
      message: "the model's manifest {file} cannot be used: {problem}",
      remedy:
        "Use the manifest that came with the model, or take this one away; the message names the field.",
    },
  },
  manifest_too_large: {
    core: {
      message: "the model's manifest has {bytes} bytes; the limit is {max_bytes}",
      remedy: "Use the manifest that came with the model.",
    },
  },
  manifest_missing: {
    core: {
      message: "no manifest (.json) in the folder of {file} names it as a variant",
      remedy: "Put the manifest or the config.json that came with the model beside it (docs/own-model.md).",
    },
  },
  manifest_incomplete: {
    core: {
      message: "neither {file} nor a configuration beside it tells {lacks}",
      remedy: "Write a manifest that says it (docs/own-model.md), or drop the model on the page, which asks.",
    },
  },
  model_not_at_hand: {
    core: {
      message: "the model {model} (SHA-256 {sha256}) is needed, and lies in none of {folders}",
      remedy:
        "Put its file and those beside it (models/ of the project has them) into one of these folders, have HISTOSCOPE_MODELS name theirs, or name the file itself (--model).",
    },
  },
  internal: {
    core: {
      message: "internal error: {detail}",
      remedy: "Please report this with the message; try another image.",
    },
  },
  engine_missing: {
    file: { message: "{what} could not be fetched: {reason}.", remedy: RELOAD },
  },
  engine_hash_mismatch: {
    file: {
      message: "{what} is not the file that this page was built with: its SHA-256 differs. It was not run.",
      remedy:
        "Reload the page. If this stays, the site was not published completely, or something on the way changes its files.",
    },
  },
  engine_refused: {
    compile: {
      message: "This browser refuses the engine: {reason}.",
      remedy: "Update the browser, or try a current Chrome, Edge, Firefox or Safari.",
    },
  },
  browser_unsupported: {
    start: {
      message: "This browser lacks {capabilities}.",
      remedy: "Use a current Chrome, Edge, Firefox or Safari.",
    },
  },
  classifier_disposed: {
    call: {
      message: "This classifier has been disposed.",
      remedy: "Create another one with createClassifier().",
    },
  },
  worker_died: {
    call: {
      message: "The background worker that was computing this stopped: {why}.",
      remedy: "Try again. If it happens again, close other tabs or use fewer workers.",
    },
  },
  protocol_mismatch: {
    hello: {
      message: "The page speaks version {page} of its protocol, its worker version {worker}.",
      remedy: "Reload the page without the cache (Ctrl+Shift+R).",
    },
  },
  cancelled: {
    call: { message: "Cancelled.", remedy: "Run it again whenever you like." },
  },
  result_misplaced: {
    call: {
      message: "{rows} patches came for the places from {first} on, which are taken or not in the plan.",
      remedy: TRY_AGAIN,
    },
  },
  map_unwritable: {
    core: {
      message: "the map cannot be written: {detail}",
      remedy: "Choose another place, with room and the right to write.",
    },
  },
  slide_not_recognised: {
    core: {
      message: "the file is no slide that can be recognised by its content",
      remedy: "Use an SVS, NDPI, SCN, pyramidal TIFF, OME-TIFF or DICOM file (docs/slides.md).",
    },
  },
  slide_too_large_here: {
    open: {
      message:
        "In a page that was opened as a file, this browser reads slides of up to {most} MB; this one has {megabytes}.",
      remedy: "Open the page from a server, or the file in Chrome, Edge or Firefox.",
    },
  },
  slide_foreign_format: {
    core: {
      message: "{format} is not read",
      remedy: "Convert it to OME-TIFF with Bio-Formats (bfconvert), or export it from QuPath.",
    },
  },
  slide_unsupported: {
    core: {
      message: "this {format} file is not supported: {reason}",
      remedy: "Export it as SVS, or as a pyramidal TIFF with JPEG tiles in RGB.",
    },
  },
  slide_truncated_or_corrupt: {
    core: {
      message: "the {format} file is truncated or corrupt: {detail}",
      remedy: "Copy the file again; if it opens elsewhere, export it as a pyramidal TIFF.",
    },
  },
  slide_too_large: {
    core: {
      message: "{what} is {found}; the limit is {most}",
      remedy: "Export the slide with smaller tiles, or a part of it.",
    },
  },
  slide_outside_file: {
    core: {
      message: "{length} bytes from {offset} on lie outside the file, which has {size}",
      remedy: "Copy the file again; if it opens elsewhere, export it as a pyramidal TIFF.",
    },
  },
  slide_tile_corrupt: {
    core: {
      message: "a tile cannot be decoded: {detail}",
      remedy: "Copy the file again; if it opens elsewhere, export it as a pyramidal TIFF.",
    },
  },
  slide_no_tile: {
    core: {
      message: "there is no level {level}, or no tile {column}, {row} in it",
      remedy: "Ask for what the slide describes.",
    },
  },
  slide_no_scale: {
    core: {
      message: "the slide does not tell how large a pixel is",
      remedy: "Say how many micrometres a pixel of the slide has.",
    },
  },
  slide_scale_too_far: {
    core: {
      message:
        "patches of {wanted} µm per pixel are too far from the {found} µm of the slide: {least} to {most} of its pixels may lie along one of theirs",
      remedy: "Correct the scale of the slide, or take patches at a scale nearer to it.",
    },
  },
  slide_no_patches: {
    core: {
      message: "no patch has its middle in {place}",
      remedy: "Outline a region where tissue is, or choose a finer scale.",
    },
  },
  regions_invalid: {
    core: {
      message: "the regions cannot be used: {problem}",
      remedy: "Use GeoJSON with polygons in pixels of the slide, as QuPath exports it.",
    },
  },
  familiarity_invalid: {
    core: {
      message: "the statistics of what is familiar to the model cannot be used: {problem}",
      remedy: "Use the file that came with the model, beside its manifest.",
    },
  },
  no_features: {
    core: {
      message: "this model has no features, and so it can be taught nothing",
      remedy: "Use the built-in model in int8, or one whose manifest names features (docs/teaching.md).",
    },
  },
  lesson_missing: {
    file: {
      message: "the lesson's file could not be fetched: {reason}",
      remedy: "See that it lies at the address that the page names.",
    },
  },
  lesson_invalid: {
    core: {
      message: "the lesson cannot be used: {problem}",
      remedy: "Use the lesson's file as Histoscope wrote it.",
    },
  },
  lesson_of_other_model: {
    core: {
      message: "the lesson was taught to the model {taught}, and this is {found}",
      remedy: "Use the lesson with its own model, or teach this one the same images.",
    },
  },
  teach_refused: {
    core: {
      message: "nothing is taught: {problem}",
      remedy: "Label more images of more patients; the message says what is missing.",
    },
  },
  labels_invalid: {
    core: {
      message: "the labels cannot be used: {problem}",
      remedy: "Correct the labels; the message says which line and what is allowed.",
    },
  },
  report_invalid: {
    core: {
      message: "the report on {which} cannot be used: {problem}",
      remedy: "Use reports as Histoscope wrote them, or analyse the image again.",
    },
    unnamed_report_invalid: {
      message: "the report on image {place} cannot be used: {problem}",
      remedy: "Use reports as Histoscope wrote them, or analyse the image again.",
    },
    reports_invalid: {
      message: "the report on all images cannot be used: {problem}",
      remedy: "Use reports as Histoscope wrote them, or analyse the image again.",
    },
  },
  table_too_large: {
    file: {
      message: "The table has {size}; tables are read up to {most}.",
      remedy: "Save it in several parts.",
    },
  },
  table_invalid: {
    heads: {
      message: "The table's first line names no column of files beside one of patients or labels: {found}",
      remedy: "Call them file, patient and label in the first line.",
    },
    empty: { message: "The table has no line that names a file.", remedy: "Write one line for each image." },
  },
  report_too_large: {
    core: {
      message: "the reports have {bytes} bytes; the limit is {max_bytes}",
      remedy: "Average fewer images, or leave their patches out.",
    },
    saved_too_large: {
      message: "the saved results have {bytes} bytes; the limit is {max_bytes}",
      remedy: "Save them in parts: results of a study are those of the images that its filter shows.",
    },
  },
};

/** Remedies of errors whose message nobody foresaw. */
export const remedies = { tryAgain: TRY_AGAIN };

/** Parts of errors that are prose. */
export const clauses = {
  engine: "The engine",
  workerScript: "The worker's script",
  manifest: "The model's manifest",
  part: "A part of the page",
  answered: "the server answered {status}",
  ended: "the browser ended it",
  unreadable: "it sent a message that cannot be read",
  notStarted: "its script could not be started",
  silent: "it does not answer any more",
  text: "a text",
  oneOf: "one of {choices}",
  wholeNumberTo: "a whole number from {least} to {most}",
  file: "a File or Blob",
  address: "an address, absolute or relative to the document",
  several: "{first}; {rest}",
  other: "{detail}",
  inputs: "it has {count} inputs; it must have one, the patches",
  input_type:
    "its input is {port}; it must be uint8 or float32 pictures [N, 3, side, side] or [N, side, side, 3]",
  input_shape:
    "its input is {port}; it must be uint8 or float32 pictures [N, 3, side, side] or [N, side, side, 3], with three colours and a side of at most {most} pixels",
  input_batch: "its input is {port}, for {batch} pictures at once; export it for 1, or for any number",
  outputs:
    "its outputs are {ports}; one must be class scores float32 [N, classes], of 2 to {most} classes, or float32 [N, 1]",
  many_classes:
    "its output is {port}, of {classes} classes; {most} at most can be told apart here: train its last layer for the classes of the tissue, or have one more layer add classes up to fewer; if these are features, export the network with its classifier",
};

export const errorWords = { errors, remedies, clauses };
