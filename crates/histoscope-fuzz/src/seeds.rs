//! Files to start from: the test images, the shipped network and small ones of every kind, the shipped manifest, real
//! reports, lessons.

use std::path::Path;

use histoscope::evaluate::Labelled;
use histoscope::manifest::{Manifest, Variant, sha256_hex};
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::Classifier;
use histoscope::report::{Duplicates, ImageOutcome};
use histoscope::teach::{self, Example};
use histoscope_engine::proto::ModelProto;
use prost::Message;

use crate::target::Target;

#[path = "../../../tests/common/onnx.rs"]
mod onnx;

use onnx::{Activation, Conv, DataType, Network};

pub(crate) const MANIFEST: &str = include_str!("../../../models/histoscope-v0.json");
pub(crate) const INT8: &[u8] = include_bytes!("../../../models/histoscope-v0.int8.onnx");
/// Side of the pictures that the networks read, in pixels.
pub(crate) const NETWORK_SIDE: usize = 32;

/// Greatest image to start from, in bytes: small ones have as many kinds of damage, and run fast.
const MAX_IMAGE: u64 = 60_000;

pub(crate) fn of(target: Target) -> Vec<Vec<u8>> {
    match target {
        Target::Image => files(&["good", "bad", "reference", "screen"]),
        Target::Slide => files(&["slides"]),
        Target::Regions => vec![REGIONS.into()],
        Target::Network | Target::Planned | Target::Inspection => networks(),
        Target::Manifest => vec![MANIFEST.into()],
        Target::Options => [
            r#"{"max_patches":25,"batch_size":16,"stride":112,"screen":true,"uncertain_below":0.7}"#,
            r#"{"max_patches":"all"}"#,
            "{}",
        ]
        .map(Into::into)
        .into(),
        Target::Reports => vec![serde_json::to_vec(&reports()).expect("reports are JSON")],
        Target::Saved => saved(),
        Target::Lesson => vec![lesson(&["benign", "malignant"]), lesson(&["a", "b", "c"])],
    }
}

/// Regions in the form of QuPath.
const REGIONS: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":
"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]},"properties":{"classification":{"name":"a"}}},
{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[1,1],[2,1],[2,2]]]]},
"properties":{"name":"b"}}]}"#;

fn files(folders: &[&str]) -> Vec<Vec<u8>> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let mut found = vec![];
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(fixtures.join(folder)) else { continue };
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let small = path.metadata().is_ok_and(|data| data.is_file() && data.len() <= MAX_IMAGE);
            if small && let Ok(bytes) = std::fs::read(&path) {
                found.push(bytes);
            }
        }
    }
    assert!(found.len() > 20, "only {} test images are small enough", found.len());
    found
}

/// The shipped network for small pictures: its layers take any side.
fn shipped() -> Vec<u8> {
    let mut model = ModelProto::decode(INT8).expect("the shipped network is one");
    let graph = model.graph.as_mut().expect("it has a graph");
    // What is declared of the others is of the side that it had.
    graph.value_info.clear();
    for port in graph.input.iter_mut().chain(&mut graph.output) {
        let tensor = port.r#type.as_mut().and_then(|of| of.tensor_type.as_mut());
        let Some(shape) = tensor.and_then(|tensor| tensor.shape.as_mut()) else { continue };
        let sides = shape.dim.len().saturating_sub(1);
        for dim in shape.dim.iter_mut().take(sides).skip(1) {
            dim.dim_value = dim.dim_value.map(|side| side * NETWORK_SIDE as i64 / 224);
        }
    }
    model.encode_to_vec()
}

fn networks() -> Vec<Vec<u8>> {
    let quantised = || Network::new(NETWORK_SIDE);
    let mut found = vec![shipped()];
    // Fused from end to end: a stem, an inverted residual, a head.
    let (mut network, image) = quantised();
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    let wide = network.conv(&stem, Conv::new(24, 1, 1, Activation::Relu6));
    let deep = network.conv(&wide, Conv::depthwise(24, 5, 1));
    let thin = network.conv(&deep, Conv::new(8, 1, 1, Activation::Linear));
    let sum = network.add(&stem, &thin, Activation::Linear);
    network.head(&sum, 2);
    found.push(network.clone().finish());
    found.push(network.with_constant_nodes().finish());
    // Fused in part.
    let (mut network, image) = quantised();
    let stem = network.conv(&image, Conv::new(4, 3, 2, Activation::Relu));
    network.float_head(&stem);
    found.push(network.finish());
    // What quantisers write that is not fused.
    let (mut network, image) = quantised();
    let odd = Conv { dilation: 2, weight_zero: 1, ..Conv::new(4, 3, 1, Activation::Relu6) };
    let odd = network.conv(&image, odd);
    network.float_head(&odd);
    found.push(network.finish());
    // As other quantisers write it: weights without a sign, operators of quantised tensors, an activation between two
    // quantisations.
    let mut network = Network::with_input(DataType::Float, &[0, 3, NETWORK_SIDE, NETWORK_SIDE]);
    let (scale, zero) = (network.number(0.015625), network.scalar_u8(128));
    let (step, middle, weights) =
        (network.number(0.00390625), network.scalar_u8(131), network.bytes(&[3, 3, 3, 3]));
    let q = network.node("QuantizeLinear", &["image", &scale, &zero], vec![]);
    let inputs = [&*q, &scale, &zero, &weights, &step, &middle, &scale, &zero];
    let pads = vec![onnx::ints("pads", &[1; 4])];
    let made = network.node("QLinearConv", &inputs, pads);
    let inputs = [&*q, &scale, &zero, &made, &scale, &zero, &scale, &zero];
    let sum = network.of_microsoft("QLinearAdd", &inputs, vec![]);
    let real = network.node("DequantizeLinear", &[&sum, &scale, &zero], vec![]);
    let relu = network.node("Relu", &[&real], vec![]);
    let q = network.node("QuantizeLinear", &[&relu, &scale, &zero], vec![]);
    let real = network.node("DequantizeLinear", &[&q, &scale, &zero], vec![]);
    let square = network.bytes(&[NETWORK_SIDE, NETWORK_SIDE]);
    let inputs = [&*real, &square, &step, &middle];
    let product = network.of_microsoft("DynamicQuantizeMatMul", &inputs, vec![]);
    network.float_head(&onnx::Value::real(product, 3));
    found.push(network.finish());

    // Quantised pixels and a classifier of quantised numbers: fused from end to end.
    let mut network = Network::with_input(DataType::Float, &[0, 3, NETWORK_SIDE, NETWORK_SIDE]);
    let image = network.quantise("image", 3, 0.015625, 128);
    let stem = network.conv(&image, Conv::new(6, 3, 2, Activation::Relu6));
    let deep = network.conv(&stem, Conv::depthwise(6, 3, 1));
    let real = network.real(&deep);
    let axes = vec![onnx::ints("axes", &[2, 3]), onnx::int("keepdims", 1)];
    let mean = network.node("ReduceMean", &[&real], axes);
    let mean = network.quantise(&mean, 6, 0.03125, 4);
    let mean = network.real(&mean);
    let shape = network.integers(&[-1, 6]);
    let flat = network.node("Reshape", &[&mean, &shape], vec![]);
    let (weights, step, middle) =
        (network.bytes(&[2, 6]), network.number(0.0078125), network.scalar_u8(131));
    let weights = network.node("DequantizeLinear", &[&weights, &step, &middle], vec![]);
    let scores = network.node("Gemm", &[&flat, &weights], vec![onnx::int("transB", 1)]);
    let scores = network.quantise(&scores, 2, 0.0625, 100);
    let scores = network.real(&scores);
    network.output(&scores);
    found.push(network.finish());
    // Quantised as it runs, likewise.
    let mut network = Network::with_input(DataType::Float, &[0, 3, NETWORK_SIDE, NETWORK_SIDE]);
    let stem = dynamic_conv(&mut network, "image", &[6, 3, 3, 3], 1);
    let deep = dynamic_conv(&mut network, &stem, &[6, 1, 3, 3], 6);
    let thin = dynamic_conv(&mut network, &deep, &[6, 6, 1, 1], 1);
    let sum = network.node("Add", &[&stem, &thin], vec![]);
    let mean = network.node("GlobalAveragePool", &[&sum], vec![]);
    let flat = network.node("Flatten", &[&mean], vec![onnx::int("axis", 1)]);
    let scores = dynamic_product(&mut network, &flat, &[6, 2], ("MatMulInteger", vec![]));
    network.output(&scores);
    found.push(network.finish());

    // What ONNX Runtime's optimiser and quantiser write, and numbers in half precision.
    let mut network = Network::with_input(DataType::Uint8, &[0, NETWORK_SIDE, NETWORK_SIDE, 3]);
    let (scale, zero) = (network.number(0.0078125), network.scalar_u8(128));
    let real = network.node("DequantizeLinear", &["image", &scale, &zero], vec![]);
    let nchw = network.node("Transpose", &[&real], vec![onnx::ints("perm", &[0, 3, 1, 2])]);
    let one = network.numbers(&[1.0; NETWORK_SIDE]);
    let skip = network.of_microsoft("SkipLayerNormalization", &[&nchw, &nchw, &one, &one], vec![]);
    let product = vec![onnx::int("transB", 1), onnx::float("alpha", 0.125)];
    let product = network.of_microsoft("FusedMatMul", &[&skip, &nchw], product);
    let kernel = network.quantised_constant(3);
    let kernel = network.real(&kernel);
    let activated = vec![onnx::text("activation", "Clip")];
    let conv = network.of_microsoft("FusedConv", &[&product, &kernel], activated);
    let q = network.node("QuantizeLinear", &[&conv, &scale, &zero], vec![]);
    let parts = [&*scale, &zero, &q, &scale, &zero, &q, &scale, &zero];
    let joined = network.of_microsoft("QLinearConcat", &parts, vec![onnx::int("axis", 1)]);
    let parts = [&*joined, &scale, &zero, &scale, &zero];
    let mean = network.of_microsoft("QLinearGlobalAveragePool", &parts, vec![]);
    let mean = network.node("DequantizeLinear", &[&mean, &scale, &zero], vec![]);
    let scores = network.node("Flatten", &[&mean], vec![onnx::int("axis", 1)]);
    network.output(&scores);
    found.push(network.finish());
    found.extend([transformer(), dense(), of_pixels(), tokens()]);
    // Real numbers.
    let mut network = Network::with_input(DataType::Uint8, &[0, NETWORK_SIDE, NETWORK_SIDE, 3]);
    let to = onnx::int("to", DataType::Float as i64);
    let real = network.node("Cast", &["image"], vec![to]);
    let nchw = network.node("Transpose", &[&real], vec![onnx::ints("perm", &[0, 3, 1, 2])]);
    let features = network.float_conv(&nchw, 3, 4, 3);
    let norm = network.node("Sigmoid", &[&features], vec![]);
    let gated = network.node("Mul", &[&features, &norm], vec![]);
    let pooled = network.node("GlobalAveragePool", &[&gated], vec![]);
    let flat = network.node("Flatten", &[&pooled], vec![onnx::int("axis", 1)]);
    let scores = network.node("Softmax", &[&flat], vec![onnx::int("axis", -1)]);
    network.output(&scores);
    let linear = network.linear_of_mean(&nchw, &[1.0, -2.0, 0.5, -0.25, 0.75, 3.0], &[0.1, -0.2]);
    network.output(&linear);
    found.push(network.finish());
    found
}

/// A transformer's block whose activations are quantised: scales along an axis, what is computed of one byte, a
/// Softmax and an Attention between two quantisations, parameters that are quantised, a Clip that a byte takes in.
fn transformer() -> Vec<u8> {
    let (mut network, image) = Network::new(NETWORK_SIDE);
    let round = |network: &mut Network, x: &str| {
        let made = network.quantise(x, 3, 0.03125, 128);
        network.real(&made)
    };
    let x = round(&mut network, &image.name);
    let (gamma, beta) = (network.numbers(&[1.0; NETWORK_SIDE]), network.weights(&[NETWORK_SIDE]));
    let inner = network.node("LayerNormalization", &[&x, &gamma, &beta], vec![]);
    let inner = round(&mut network, &inner);
    let [query, key] = [(); 2].map(|()| {
        let (bytes, steps) = (
            network.bytes(&[NETWORK_SIDE, NETWORK_SIDE]),
            network.numbers(&[0.00390625; NETWORK_SIDE]),
        );
        let axis = vec![onnx::int("axis", 1)];
        let weights = network.node("DequantizeLinear", &[&bytes, &steps], axis);
        let made = network.node("MatMul", &[&inner, &weights], vec![]);
        round(&mut network, &made)
    });
    let turned = network.node("Transpose", &[&key], vec![onnx::ints("perm", &[0, 1, 3, 2])]);
    let scores = network.node("MatMul", &[&query, &turned], vec![]);
    let scores = round(&mut network, &scores);
    let shares = network.node("Softmax", &[&scores], vec![onnx::int("axis", -1)]);
    let shares = round(&mut network, &shares);
    let mixed = network.node("MatMul", &[&shares, &inner], vec![]);
    let mixed = round(&mut network, &mixed);
    let gate = network.node("Sigmoid", &[&mixed], vec![]);
    let gated = network.node("Mul", &[&mixed, &gate], vec![]);
    let gated = round(&mut network, &gated);
    let looked = network.node("Attention", &[&gated, &gated, &x], vec![]);
    let parameters = network.quantised_constant(3);
    network.graph().initializer.last_mut().expect("it was just added").dims = vec![3];
    let real = network.real(&parameters);
    let real = network.node("Identity", &[&real], vec![]);
    let real = round(&mut network, &real);
    let normal = network.node("BatchNormalization", &[&looked, &real, &real, &real, &real], vec![]);
    let (low, high) = (network.number(-2.0), network.number(1.5));
    let clipped = network.node("Clip", &[&normal, &low, &high], vec![]);
    let last = round(&mut network, &clipped);
    let scores =
        network.linear_of_mean(&last, &[1.0, -2.0, 0.5, -0.25, 0.75, 3.0], &[0.125, -0.25]);
    network.output(&scores);
    network.finish()
}

/// A block of DenseNet whose activations are quantised: maps that are joined, a BatchNormalization, pools.
fn dense() -> Vec<u8> {
    let (mut network, image) = Network::new(NETWORK_SIDE);
    let stem = network.conv(&image, Conv::new(4, 3, 2, Activation::Relu));
    let grown = network.conv(&stem, Conv::new(4, 3, 1, Activation::Relu6));
    let [a, b] = [&stem, &grown].map(|map| network.real(map));
    let joined = network.node("Concat", &[&a, &b], vec![onnx::int("axis", 1)]);
    let joined = network.quantise(&joined, 8, 0.046875, 0);
    let real = network.real(&joined);
    let [scale, shift, mean, variance] = [(); 4].map(|()| network.numbers(&[0.5; 8]));
    let inputs = [&*real, &scale, &shift, &mean, &variance];
    let normal = network.node("BatchNormalization", &inputs, vec![]);
    let normal = network.node("Relu", &[&normal], vec![]);
    let normal = network.quantise(&normal, 8, 0.015625, 0);
    let mut map = network.conv(&normal, Conv::new(4, 1, 1, Activation::Linear));
    for pool in ["AveragePool", "MaxPool"] {
        let real = network.real(&map);
        let windows = ["kernel_shape", "strides"].map(|name| onnx::ints(name, &[2, 2]));
        let pooled = network.node(pool, &[&real], windows.into());
        map = network.quantise(&pooled, map.channels, map.scale, map.zero_point);
    }
    network.float_head(&map);
    network.finish()
}

/// Pixels by quantised weights, as ConvNeXt has them for each and transformers for tokens.
fn tokens() -> Vec<u8> {
    let (mut network, image) = Network::new(NETWORK_SIDE);
    let real = network.real(&image);
    let (weights, step, zero) =
        (network.bytes(&[3, 6]), network.number(0.00390625), network.scalar_u8(131));
    let weights = network.node("DequantizeLinear", &[&weights, &step, &zero], vec![]);
    let product = network.node("MatMul", &[&real, &weights], vec![]);
    let bias = network.weights(&[6]);
    let sum = network.node("Add", &[&product, &bias], vec![]);
    let made = network.quantise(&sum, 6, 0.03125, 120);
    let real = network.real(&made);
    let nchw = network.node("Transpose", &[&real], vec![onnx::ints("perm", &[0, 3, 1, 2])]);
    network.float_head(&onnx::Value::real(nchw, 6));
    network.finish()
}

/// A block of ConvNeXt whose activations are quantised: products on every pixel between two transpositions, and a sum.
fn of_pixels() -> Vec<u8> {
    let (mut network, image) = Network::new(NETWORK_SIDE);
    let stem = network.conv(&image, Conv::new(6, 4, 4, Activation::Linear));
    let wide = network.conv(&stem, Conv::depthwise(6, 7, 1));
    let real = network.real(&wide);
    let nhwc = network.node("Transpose", &[&real], vec![onnx::ints("perm", &[0, 2, 3, 1])]);
    let (gamma, beta) = (network.numbers(&[1.0; 6]), network.numbers(&[0.125; 6]));
    let last = vec![onnx::int("axis", -1)];
    let mut pixels = network.node("LayerNormalization", &[&nhwc, &gamma, &beta], last);
    for (from, to) in [(6, 24), (24, 6)] {
        let bytes = network.quantise(&pixels, from, 0.03125, 128);
        let real = network.real(&bytes);
        let (bytes, steps) = (network.bytes(&[from, to]), network.numbers(&vec![0.0078125; to]));
        let axis = vec![onnx::int("axis", 1)];
        let weights = network.node("DequantizeLinear", &[&bytes, &steps], axis);
        let bias = network.weights(&[to]);
        let product = network.node("MatMul", &[&real, &weights], vec![]);
        let sum = network.node("Add", &[&product, &bias], vec![]);
        pixels = network.node(if to > from { "Gelu" } else { "Identity" }, &[&sum], vec![]);
    }
    let share = network.numbers(&[0.125; 6]);
    let scaled = network.node("Mul", &[&pixels, &share], vec![]);
    let nchw = network.node("Transpose", &[&scaled], vec![onnx::ints("perm", &[0, 3, 1, 2])]);
    let real = network.real(&stem);
    let sum = network.node("Add", &[&real, &nchw], vec![]);
    let sum = network.quantise(&sum, 6, 0.0625, 100);
    network.float_head(&sum);
    network.finish()
}

/// A convolution of real numbers that are quantised as they come, with a bias and a Relu.
fn dynamic_conv(network: &mut Network, x: &str, shape: &[usize; 4], group: i64) -> String {
    let pad = (shape[2] / 2) as i64;
    let attributes = vec![onnx::ints("pads", &[pad; 4]), onnx::int("group", group)];
    let real = dynamic_product(network, x, shape, ("ConvInteger", attributes));
    let bias = network.weights(&[1, shape[0], 1, 1]);
    let real = network.node("Add", &[&real, &bias], vec![]);
    network.node("Relu", &[&real], vec![])
}

/// The product of real numbers, quantised as they come, with weights of this shape, as real numbers.
fn dynamic_product(
    network: &mut Network,
    x: &str,
    shape: &[usize],
    (op_type, attributes): (&str, Vec<onnx::AttributeProto>),
) -> String {
    let bytes = network.node("DynamicQuantizeLinear", &[x], vec![]);
    let [step, zero] = ["step", "zero"].map(|name| format!("{bytes}/{name}"));
    let made = network.graph().node.last_mut().expect("it was just added");
    made.output = vec![bytes.clone(), step.clone(), zero.clone()];
    let (weights, middle) = (network.bytes(shape), network.scalar_u8(131));
    let product = network.node(op_type, &[&bytes, &weights, &zero, &middle], attributes);
    let to = onnx::int("to", DataType::Float as i64);
    let product = network.node("Cast", &[&product], vec![to]);
    let scale = network.number(0.0078125);
    let scale = network.node("Mul", &[&step, &scale], vec![]);
    network.node("Mul", &[&product, &scale], vec![])
}

/// Saved reports: of a field, and of a study with what page and command line say beside the images.
fn saved() -> Vec<Vec<u8>> {
    let outcomes = reports();
    let study = classifier().folder_report(outcomes.clone(), Duplicates::VoteOnce);
    let mut study = serde_json::to_value(study).expect("reports are JSON");
    study["paths"] = serde_json::json!(["a/field.jpg", "b/field.jpg", "text.jpg"]);
    study["patients"] =
        serde_json::json!([{"patient": "a", "images": [0]}, {"patient": "", "images": [1, 2]}]);
    study["labels"] = serde_json::json!(["benign", null, ""]);
    study["demos"] = serde_json::json!([1]);
    study["left_out"] = serde_json::json!([2]);
    study["by_folder"] = serde_json::json!([0, 1]);
    let field = serde_json::to_value(&outcomes[0]).expect("reports are JSON");
    [field, study].map(|report| report.to_string().into_bytes()).into()
}

/// A lesson of these classes, taught to the shipped model with features by chance.
fn lesson(classes: &[&str]) -> Vec<u8> {
    let classifier = classifier();
    let features = classifier.features().expect("the shipped model has features");
    let mut random = fastrand::Rng::with_seed(1);
    let mut images = vec![];
    let mut values = vec![];
    for number in 0..6 * classes.len() {
        let label = number % classes.len();
        values.extend((0..features.len()).map(|at| {
            let shift = if at % classes.len() == label { 0.5 } else { 0.0 };
            random.f32() + shift
        }));
        let name = format!("{number}.png");
        images.push(Example {
            image: Labelled {
                patient: Some(format!("{label}, {}", number / classes.len() % 2)),
                label: Some(classes[label].into()),
                probabilities: None,
                verdict: None,
                sha256: Some(sha256_hex(name.as_bytes())),
                name,
            },
            patches: 1,
            path: None,
            width: None,
            height: None,
            um_per_pixel: None,
        });
    }
    let classes = classes.iter().map(|&class| class.into()).collect();
    let request = teach::TeachRequest { classes, images, options: teach::TeachOptions::default() };
    let taught = teach::teach(&request, &values, features, &classifier.model());
    let lesson = taught.expect("the request is one").lesson;
    lesson.expect("there are enough images of each class").into_bytes()
}

fn classifier() -> Classifier {
    let manifest = Manifest::from_json(MANIFEST).expect("the shipped manifest is good");
    Classifier::new(INT8, manifest, Variant::Int8).expect("the model is good")
}

/// Reports of two fields, and of one that failed.
fn reports() -> Vec<ImageOutcome> {
    let classifier = classifier();
    let options = Options { max_patches: MaxPatches::AtMost(2), ..Options::default() };
    let image = include_bytes!("../../../tests/fixtures/good/grid_448x224.jpg");
    [&image[..], image, b"no image"]
        .iter()
        .map(|bytes| match classifier.classify(bytes, "field", &options, &|| 0.0, &mut |_, _| {}) {
            Ok(report) => ImageOutcome::Success(Box::new(report)),
            Err(error) => {
                ImageOutcome::Failure(histoscope::report::FailureReport::new("field", &error))
            }
        })
        .collect()
}
