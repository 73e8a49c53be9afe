//! Models of other people: every form of input and output that a manifest can state, what is said of a file before it
//! runs, and files that mean harm.
//!
//! Most networks here are linear in the mean colour, so that what they must say can be worked out from the pixels.

use crate::common;
use crate::onnx::{Activation, Conv, DataType, Network, ints, pixels};
use histoscope::Result;
use histoscope::engine::proto::StringStringEntryProto;
use histoscope::engine::{DataFile, data_files, join};
use histoscope::inspection::inspect;
use histoscope::manifest::{
    Channels, Dtype, Input, Layout, Manifest, Meaning, Normalisation, Outputs, ScoreForm, Variant,
    sha256_hex,
};
use histoscope::model::Model;
use histoscope::pipeline::Classifier;
use serde_json::{Value, json};

const SIDE: usize = 16;
const AREA: usize = SIDE * SIDE;
/// `[classes, channels]` in the order of the model's channels.
const WEIGHTS: [f32; 6] = [1.0, -2.0, 0.5, -0.25, 0.75, 3.0];
const BIAS: [f32; 2] = [0.1, -0.2];
const IMAGENET: Normalisation =
    Normalisation { divisor: 255.0, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const RAW: Normalisation = Normalisation { divisor: 1.0, mean: [0.0; 3], std: [1.0; 3] };

fn input(dtype: Dtype, layout: Layout, channels: Channels, n: Option<Normalisation>) -> Input {
    Input { dtype, layout, channels, patch_size: SIDE as u32, normalisation: n }
}

fn nchw(normalisation: Normalisation) -> Input {
    input(Dtype::Float32, Layout::Nchw, Channels::Rgb, Some(normalisation))
}

/// A graph that reads `input` and makes float NCHW of it, whose name is the other result.
fn begin(input: &Input, batch: usize) -> (Network, String) {
    let data_type = match input.dtype {
        Dtype::Uint8 => DataType::Uint8,
        Dtype::Float32 => DataType::Float,
    };
    let shape = match input.layout {
        Layout::Nhwc => [batch, SIDE, SIDE, 3],
        Layout::Nchw => [batch, 3, SIDE, SIDE],
    };
    let mut network = Network::with_input(data_type, &shape);
    let mut x = "image".to_owned();
    if input.dtype == Dtype::Uint8 {
        let to = crate::onnx::int("to", DataType::Float as i64);
        x = network.node("Cast", &[&x], vec![to]);
        let scale = network.number(1.0 / 255.0);
        x = network.node("Mul", &[&x, &scale], vec![]);
    }
    if input.layout == Layout::Nhwc {
        x = network.node("Transpose", &[&x], vec![ints("perm", &[0, 3, 1, 2])]);
    }
    (network, x)
}

/// `[N, 2]`, linear in the mean of each channel.
fn linear(input: &Input, batch: usize) -> Network {
    let (mut network, x) = begin(input, batch);
    let scores = network.linear_of_mean(&x, &WEIGHTS, &BIAS);
    network.declared_output(&scores, DataType::Float, &[batch, 2]);
    network
}

/// What [`linear`] has to say of patches.
fn expected(input: &Input, pixels: &[u8]) -> Vec<f64> {
    let n = input.normalisation.unwrap_or(Normalisation { divisor: 255.0, ..RAW });
    let mut logits = vec![];
    for patch in pixels.chunks_exact(3 * AREA) {
        let mean: [f64; 3] = std::array::from_fn(|channel| {
            let from = if input.channels == Channels::Bgr { 2 - channel } else { channel };
            let sum: u32 = patch.iter().skip(from).step_by(3).map(|&byte| u32::from(byte)).sum();
            let mean = f64::from(sum) / AREA as f64;
            (mean / n.divisor - n.mean[channel]) / n.std[channel]
        });
        for (weights, bias) in WEIGHTS.chunks_exact(3).zip(BIAS) {
            let products = weights.iter().zip(mean).map(|(&weight, mean)| f64::from(weight) * mean);
            logits.push(products.sum::<f64>() + f64::from(bias));
        }
    }
    logits
}

fn close(ours: &[f32], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len());
    let near = |(&a, &b): (&f32, &f64)| (f64::from(a) - b).abs() <= 1e-4 * b.abs().max(1.0);
    assert!(ours.iter().zip(theirs).all(near), "{ours:?} are not {theirs:?}");
}

fn load(model: &[u8], input: &Input) -> Result<Model> {
    Model::load(model, input, &Outputs::default())
}

#[test]
fn every_form_of_input_is_fed_as_its_manifest_says() {
    let minus_one_to_one = Normalisation { divisor: 255.0, mean: [0.5; 3], std: [0.5; 3] };
    let caffe = Normalisation { divisor: 1.0, mean: [103.9, 116.8, 123.7], std: [1.0; 3] };
    for layout in [Layout::Nhwc, Layout::Nchw] {
        for channels in [Channels::Rgb, Channels::Bgr] {
            let float = |n| input(Dtype::Float32, layout, channels, Some(n));
            for input in [
                input(Dtype::Uint8, layout, channels, None),
                float(IMAGENET),
                float(minus_one_to_one),
                float(RAW),
                float(caffe),
            ] {
                let pixels = pixels(3, SIDE, 7);
                let engine = load(&linear(&input, 0).finish(), &input).unwrap();
                close(&engine.infer(&pixels).unwrap().logits, &expected(&input, &pixels));
            }
        }
    }
}

#[test]
fn a_batch_that_is_fixed_may_be_one_and_no_other() {
    let input = nchw(IMAGENET);
    let pixels = pixels(2, SIDE, 3);
    let engine = load(&linear(&input, 1).finish(), &input).unwrap();
    close(&engine.infer(&pixels).unwrap().logits, &expected(&input, &pixels));

    let eight = linear(&input, 8).finish();
    let error = load(&eight, &input).unwrap_err();
    assert_eq!(error.code(), "model_invalid");
    assert!(error.to_string().contains("8 pictures at once; export it for 1"), "{error}");
    let problems = inspect(&eight).unwrap().problems;
    assert!(matches!(&problems[..], [one] if one.contains("8 pictures at once")), "{problems:?}");
}

#[test]
fn a_file_that_is_not_what_the_manifest_says_is_refused() {
    let model = linear(&nchw(RAW), 0).finish();
    for input in [
        Input { patch_size: 32, ..nchw(RAW) },
        Input { layout: Layout::Nhwc, ..nchw(RAW) },
        Input { dtype: Dtype::Uint8, normalisation: None, ..nchw(RAW) },
    ] {
        let error = load(&model, &input).unwrap_err();
        assert_eq!(error.code(), "model_invalid");
        assert!(error.to_string().contains("its input is float32 [N, 3, 16, 16]"), "{error}");
    }
}

/// Any size in the graph: the manifest decides.
#[test]
fn a_patch_size_that_the_graph_leaves_open_is_the_manifests() {
    let mut network = Network::with_input(DataType::Float, &[0, 3, 0, 0]);
    let scores = network.linear_of_mean("image", &WEIGHTS, &BIAS);
    network.output(&scores);
    let model = network.finish();
    let found = inspect(&model).unwrap();
    assert_eq!((found.layout, found.patch_size), (Some(Layout::Nchw), None));
    assert_eq!(found.problems, [""; 0]);
    let pixels = pixels(1, SIDE, 9);
    let engine = load(&model, &nchw(IMAGENET)).unwrap();
    close(&engine.infer(&pixels).unwrap().logits, &expected(&nchw(IMAGENET), &pixels));
}

#[test]
fn probabilities_and_single_scores_become_the_same_two_logits() {
    let input = nchw(IMAGENET);
    let pixels = pixels(2, SIDE, 5);
    let logits = expected(&input, &pixels);
    let probabilities: Vec<f64> = logits
        .chunks_exact(2)
        .flat_map(|pair| common::softmax(&[pair[0] as f32, pair[1] as f32], 1.0))
        .collect();
    // One score: the difference of the two, or the sigmoid of that.
    let difference: Vec<f32> = (0..3).map(|c| WEIGHTS[3 + c] - WEIGHTS[c]).collect();
    let build = |single: bool, end: Option<&str>| {
        let (mut network, x) = begin(&input, 0);
        let mut scores = if single {
            network.linear_of_mean(&x, &difference, &[BIAS[1] - BIAS[0]])
        } else {
            network.linear_of_mean(&x, &WEIGHTS, &BIAS)
        };
        if let Some(end) = end {
            scores = network.node(end, &[&scores], vec![]);
        }
        network.output(&scores);
        network.finish()
    };
    for (single, end, scores) in [
        (false, None, ScoreForm::Logits),
        (false, Some("Softmax"), ScoreForm::Probabilities),
        (true, None, ScoreForm::Logits),
        (true, Some("Sigmoid"), ScoreForm::Probabilities),
    ] {
        let model = build(single, end);
        let outputs = Outputs { scores, ..Outputs::default() };
        let output = Model::load(&model, &input, &outputs).unwrap().infer(&pixels).unwrap();
        let found: Vec<f32> = output
            .logits
            .chunks_exact(2)
            .flat_map(|pair| common::softmax(pair, 1.0))
            .map(|p| p as f32)
            .collect();
        close(&found, &probabilities);
        let made_by = inspect(&model).unwrap().scores.unwrap().made_by;
        assert_eq!(made_by, end.unwrap_or("Gemm"));
    }

    let outputs = Outputs { scores: ScoreForm::Probabilities, ..Outputs::default() };
    let engine = Model::load(&build(false, None), &input, &outputs).unwrap();
    let error = engine.infer(&pixels).unwrap_err();
    assert_eq!(error.code(), "model_invalid");
    assert!(error.to_string().contains("they may be logits"), "{error}");
}

#[test]
fn outputs_that_are_not_read_are_dropped_and_one_may_be_named() {
    let input = nchw(IMAGENET);
    let (mut network, x) = begin(&input, 0);
    let features = network.float_conv(&x, 3, 5, 1);
    let scores = network.linear_of_mean(&x, &WEIGHTS, &BIAS);
    let softmax = network.node("Softmax", &[&scores], vec![]);
    for output in [&features, &scores, &softmax] {
        network.output(output);
    }
    let model = network.finish();
    let pixels = pixels(1, SIDE, 2);
    let run = |outputs: &Outputs| Model::load(&model, &input, outputs)?.infer(&pixels);
    let output = run(&Outputs::default()).unwrap();
    close(&output.logits, &expected(&input, &pixels));
    assert!(output.cam.is_empty());

    let named =
        |name: &str, scores| Outputs { logits: Some(name.into()), scores, ..Outputs::default() };
    let probabilities = run(&named(&softmax, ScoreForm::Probabilities)).unwrap().logits;
    let pair = |logits: &[f32]| logits[1] - logits[0];
    assert!((pair(&probabilities) - pair(&output.logits)).abs() < 1e-4);
    for name in [&*features, "nobody"] {
        let error = run(&named(name, ScoreForm::Logits)).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("class scores"), "{error}");
    }
}

fn manifest(model: &[u8], labels: [&str; 2]) -> Value {
    json!({
        "schema_version": 1, "name": "linear", "version": "1", "labels": labels,
        "input": {
            "dtype": "float32", "layout": "NCHW", "channels": "RGB", "patch_size": SIDE,
            "normalisation": {"mean": IMAGENET.mean, "std": IMAGENET.std},
        },
        "variants": {"f32": {
            "file": "linear.onnx", "bytes": model.len(), "sha256": sha256_hex(model),
        }},
        "calibration": {"temperature": 1, "uncertain_below": null},
    })
}

#[test]
fn the_order_of_the_labels_is_that_of_the_file_and_results_have_one_order() {
    let model = linear(&nchw(IMAGENET), 0).finish();
    let pixels = pixels(1, SIDE, 4);
    let logits = |labels| {
        let manifest = Manifest::from_json(&manifest(&model, labels).to_string()).unwrap();
        Classifier::new(&model, manifest, Variant::F32).unwrap().infer(&pixels).unwrap().logits
    };
    let (plain, swapped) = (logits(["benign", "malignant"]), logits(["malignant", "benign"]));
    assert_ne!(plain[0], plain[1]);
    assert_eq!([plain[1], plain[0]], swapped[..]);
}

#[test]
fn a_quantised_network_is_described_with_its_fused_layers() {
    let (mut network, image) = Network::new(32);
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    let last = network.conv(&stem, Conv::new(8, 1, 1, Activation::Linear));
    network.float_head(&last);
    let model = network.finish();
    let found = inspect(&model).unwrap();
    assert_eq!(found.sha256, sha256_hex(&model));
    assert_eq!((found.bytes, found.opset), (model.len() as u64, Some(13)));
    let input = found.input.unwrap();
    assert_eq!(input.to_string(), "uint8 [N, 32, 32, 3]");
    assert_eq!((found.layout, found.patch_size), (Some(Layout::Nhwc), Some(32)));
    assert_eq!(found.fused_layers, 2);
    // What is left: the dequantised output, the mean, Flatten and Gemm.
    assert_eq!(found.nodes - found.lowered_nodes, 4);
    assert_eq!(found.problems, [""; 0]);
}

#[test]
fn what_stands_in_the_way_is_said_before_anything_runs() {
    let float = |shape: &[usize]| {
        let mut network = Network::with_input(DataType::Float, shape);
        network.declared_output("image", DataType::Float, &[0, 2]);
        network
    };
    let with_output = |data_type, shape: &[usize]| {
        let mut network = Network::with_input(DataType::Float, &[0, 3, 16, 16]);
        network.declared_output("image", data_type, shape);
        network
    };
    let mut two_inputs = float(&[0, 3, 16, 16]);
    let again = two_inputs.graph().input[0].clone();
    two_inputs.graph().input.push(again);
    let mut no_output = float(&[0, 3, 16, 16]);
    no_output.graph().output.clear();
    let mut unknown = float(&[0, 3, 16, 16]);
    unknown.node("RoiAlign", &["image"], vec![]);
    let mut whole = Network::with_input(DataType::Int64, &[0, 3, 16, 16]);
    whole.declared_output("image", DataType::Float, &[0, 2]);
    for (network, named) in [
        (float(&[0, 4, 16, 16]), "float32 [N, 4, 16, 16]"),
        (float(&[0, 3, 16, 17]), "float32 [N, 3, 16, 17]"),
        (float(&[0, 3, 100_000, 100_000]), "at most 1024"),
        (float(&[0, 10]), "float32 [N, 10]"),
        (whole, "int64 [N, 3, 16, 16]"),
        (two_inputs, "2 inputs"),
        (no_output, "its outputs are none"),
        (
            with_output(DataType::Float, &[0, 1000]),
            "float32 [N, 1000], of 1000 classes; 100 at most",
        ),
        (with_output(DataType::Int64, &[0, 2]), "int64 [N, 2]"),
        (with_output(DataType::Float, &[0, 7, 7, 2]), "class scores"),
        (unknown, "RoiAlign"),
    ] {
        let model = network.finish();
        let problems = inspect(&model).unwrap().problems;
        assert!(problems.iter().any(|problem| problem.contains(named)), "{named}: {problems:?}");
        assert_eq!(load(&model, &nchw(RAW)).unwrap_err().code(), "model_invalid", "{named}");
    }
}

#[test]
fn weights_in_another_file_are_refused_by_both() {
    let (model, _) = external(&nchw(RAW));
    for error in [inspect(&model).unwrap_err(), load(&model, &nchw(RAW)).unwrap_err()] {
        assert_eq!(error.code(), "model_data_missing");
        assert!(error.to_string().contains("linear.data"), "{error}");
        assert!(error.remedy().contains("into one file"), "{}", error.remedy());
    }
}

#[test]
fn weights_that_come_with_their_file_are_those_of_one_file() {
    let input = nchw(IMAGENET);
    let (model, data) = external(&input);
    assert_eq!(data_files(&model).unwrap(), ["linear.data"]);
    let files = [("other", &b"else"[..]), ("linear.data", &data)];
    let joined = join(&model, &files.map(|(name, bytes)| DataFile { name, bytes })).unwrap();
    assert_eq!(inspect(&joined).unwrap().problems, Vec::<String>::new());
    let pixels = pixels(2, SIDE, 5);
    let engine = load(&joined, &input).unwrap();
    close(&engine.infer(&pixels).unwrap().logits, &expected(&input, &pixels));

    // Its manifest names the file as it lies there, and a report the one that ran.
    let entry =
        |bytes: &[u8]| json!({"file": "m", "bytes": bytes.len(), "sha256": sha256_hex(bytes)});
    let manifest = json!({
        "schema_version": 1, "name": "m", "version": "1", "labels": ["benign", "malignant"],
        "input": {"dtype": "float32", "layout": "NCHW", "channels": "RGB", "patch_size": SIDE,
                  "normalisation": {"mean": IMAGENET.mean, "std": IMAGENET.std}},
        "calibration": {"temperature": 1, "uncertain_below": null},
        "variants": {"f32": entry(&model)},
    });
    let manifest = Manifest::from_json(&manifest.to_string()).unwrap();
    let other = manifest.clone().of_joined(Variant::F32, &joined, &joined).unwrap_err();
    assert_eq!(other.code(), "model_hash_mismatch");
    let manifest = manifest.of_joined(Variant::F32, &model, &joined).unwrap();
    assert_eq!(manifest.file(Variant::F32).unwrap().sha256, sha256_hex(&joined));
    Classifier::new(&joined, manifest, Variant::F32).unwrap();
}

/// [`linear`] with its first constant in another file, behind a byte of something else.
fn external(input: &Input) -> (Vec<u8>, Vec<u8>) {
    let mut network = linear(input, 0);
    let tensor = &mut network.graph().initializer[0];
    let data = [&[7][..], &std::mem::take(&mut tensor.raw_data)].concat();
    tensor.data_location = 1;
    tensor.external_data = [("location", "linear.data"), ("offset", "1")]
        .map(|(key, value)| StringStringEntryProto { key: key.into(), value: value.into() })
        .into();
    (network.finish(), data)
}

#[test]
fn more_than_two_classes_are_grouped_as_the_manifest_says() {
    let input = nchw(RAW);
    let (mut network, x) = begin(&input, 0);
    let weights = [WEIGHTS, [0.5, 0.5, 0.5, -1.0, 0.0, 1.0]].concat();
    let scores = network.linear_of_mean(&x, &weights, &[0.0, 0.25, -0.5, 1.0]);
    network.declared_output(&scores, DataType::Float, &[0, 4]);
    let model = network.finish();
    let found = inspect(&model).unwrap();
    assert_eq!((found.scores.unwrap().columns, found.problems), (Some(4), vec![]));

    use histoscope::class::Class::{Benign, Malignant};
    let groups = vec![Malignant, Benign, Malignant, Benign];
    let meaning = Meaning::Grouped(groups.clone());
    let outputs = Outputs { meaning, ..Outputs::default() };
    let pixels = pixels(2, SIDE, 9);
    let logits = Model::load(&model, &input, &outputs).unwrap().infer(&pixels).unwrap().logits;
    // What each score is, worked out from the pixels.
    for (patch, pair) in pixels.chunks_exact(3 * AREA).zip(logits.chunks_exact(2)) {
        let mean: [f64; 3] = std::array::from_fn(|channel| {
            let bytes = patch.iter().skip(channel).step_by(3);
            bytes.map(|&byte| f64::from(byte)).sum::<f64>() / AREA as f64
        });
        let score = |(row, bias): (&[f32], f64)| {
            row.iter().zip(mean).map(|(&w, x)| f64::from(w) * x).sum::<f64>() + bias
        };
        let scores: Vec<f64> =
            weights.chunks_exact(3).zip([0.0, 0.25, -0.5, 1.0]).map(score).collect();
        let greatest = scores.iter().copied().fold(f64::MIN, f64::max);
        let sum = |class| -> f64 {
            let of_class = scores.iter().zip(&groups).filter(|(_, of)| **of == class);
            of_class.map(|(score, _)| (score - greatest).exp()).sum()
        };
        let expected = sum(Malignant) / (sum(Benign) + sum(Malignant));
        let found = 1.0 / (1.0 + f64::from(pair[0] - pair[1]).exp());
        assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
    }
    let error = Model::load(&model, &input, &Outputs::default()).unwrap_err();
    assert!(error.to_string().contains("class scores"), "{error}");
}

/// A few bytes that ask for terabytes.
#[test]
fn tensors_past_the_limit_are_refused_and_not_made() {
    let make = |op_type: &str| {
        let mut network = Network::with_input(DataType::Float, &[0, 3, 16, 16]);
        let huge = network.integers(&[1 << 20, 1 << 20]);
        let one = network.number(1.0);
        let huge = match op_type {
            "ConstantOfShape" => network.node(op_type, &[&huge], vec![]),
            _ => network.node(op_type, &[&one, &huge], vec![]),
        };
        let scores = network.linear_of_mean("image", &WEIGHTS, &BIAS);
        let all = network.node("ReduceMean", &[&huge], vec![ints("axes", &[0, 1])]);
        let scores = network.node("Add", &[&scores, &all], vec![]);
        network.output(&scores);
        network.finish()
    };
    for op_type in ["ConstantOfShape", "Expand"] {
        let error = load(&make(op_type), &nchw(RAW)).unwrap_err();
        assert_eq!(error.code(), "model_invalid", "{op_type}");
        common::assert_no_panic(&error);
    }
}

/// Cut anywhere, and with any bytes spoilt: an error that says so, or a result, and no panic past the engine.
#[test]
fn spoilt_files_are_errors() {
    let (mut network, image) = Network::new(SIDE);
    let stem = network.conv(&image, Conv::new(4, 3, 2, Activation::Relu6));
    network.float_head(&stem);
    let models = [
        (network.finish(), Input::raw(SIDE as u32)),
        (linear(&nchw(IMAGENET), 1).finish(), nchw(IMAGENET)),
    ];
    let (mut refused, mut ran) = (0, 0);
    let mut check = |model: &[u8], input: &Input| {
        let described = inspect(model);
        let result = load(model, input).and_then(|engine| engine.infer(&pixels(1, SIDE, 1)));
        for error in [described.err(), result.as_ref().err().cloned()].into_iter().flatten() {
            let known = ["model_invalid", "model_not_onnx", "model_data_missing"];
            assert!(known.contains(&error.code()), "{error}");
            common::assert_no_panic(&error);
        }
        if result.is_ok() { ran += 1 } else { refused += 1 }
    };
    for (model, input) in &models {
        for length in (0..model.len()).step_by(7) {
            check(&model[..length], input);
        }
        let mut state = 1u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize
        };
        for _ in 0..1500 {
            let mut spoilt = model.clone();
            for _ in 0..1 + random() % 3 {
                let at = random() % spoilt.len();
                spoilt[at] = (random() % 256) as u8;
            }
            check(&spoilt, input);
        }
    }
    assert!(refused > 500 && ran > 100, "{refused} were refused, {ran} ran");
}
