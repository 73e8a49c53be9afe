//! The engine against ONNX Runtime, against tract's own operators, and against broken models.

use crate::common;
use histoscope::engine::Lowering;
use histoscope::manifest::{Input, Outputs, Variant};
use histoscope::model::{BatchOutput, Model, Runtime};
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::Classifier;
use serde::Deserialize;

/// What may lie between engines; see `docs/decisions` for what was measured.
const PROBABILITY_TOLERANCE: f64 = 0.01;

#[derive(Deserialize)]
struct Reference {
    patches: Vec<ReferencePatch>,
    models: ReferenceModels,
}

#[derive(Deserialize)]
struct ReferenceModels {
    int8: String,
    f32: String,
}

#[derive(Deserialize)]
struct ReferencePatch {
    file: String,
    int8: ReferenceOutput,
    f32: ReferenceOutput,
}

#[derive(Deserialize)]
struct ReferenceOutput {
    logits: Vec<f32>,
    probabilities: Vec<f64>,
    /// Sum of the class-activation map over height and width, per label.
    cam_sum: Vec<f64>,
}

fn engine(variant: Variant, lowering: Lowering) -> Model {
    Model::with_lowering(
        &common::model_bytes(variant),
        &Input::raw(224),
        &Outputs::default(),
        lowering,
    )
    .unwrap()
}

fn reference() -> Reference {
    let json = common::json(&common::fixture("reference/outputs.json"));
    serde_json::from_value(json).unwrap()
}

fn greatest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn cam_sums(output: &BatchOutput) -> Vec<f64> {
    let mut sums = vec![0.0; 2];
    for (index, value) in output.cam.iter().enumerate() {
        sums[index % 2] += f64::from(*value);
    }
    sums
}

/// ONNX Runtime's outputs on generated patches are committed; ours must agree on both files.
#[test]
fn agrees_with_onnx_runtime_on_the_committed_patches() {
    let reference = reference();
    assert!(reference.patches.len() >= 5);
    for variant in [Variant::Int8, Variant::F32] {
        let expected_model = match variant {
            Variant::Int8 => &reference.models.int8,
            Variant::F32 => &reference.models.f32,
        };
        assert_eq!(
            &common::manifest().file(variant).unwrap().sha256,
            expected_model,
            "the reference outputs were made with another model file"
        );
        let engine = engine(variant, Lowering::Fused);
        for patch in &reference.patches {
            let pixels = common::patch(&common::fixture("reference").join(&patch.file));
            let output = engine.infer(&pixels).unwrap();
            let expected = match variant {
                Variant::Int8 => &patch.int8,
                Variant::F32 => &patch.f32,
            };
            let temperature = common::manifest().calibration.temperature;
            let difference = greatest_difference(
                &common::softmax(&output.logits, temperature),
                &expected.probabilities,
            );
            assert!(difference < PROBABILITY_TOLERANCE, "{variant} {}: {difference}", patch.file);
            let label = |logits: &[f32]| usize::from(logits[1] > logits[0]);
            assert_eq!(label(&output.logits), label(&expected.logits), "{variant} {}", patch.file);
            let pixels = (output.cam_height * output.cam_width) as f64;
            let ours: Vec<f64> = cam_sums(&output).iter().map(|sum| sum / pixels).collect();
            let theirs: Vec<f64> = expected.cam_sum.iter().map(|sum| sum / pixels).collect();
            assert!(greatest_difference(&ours, &theirs) < 0.05, "{variant} {}", patch.file);
        }
    }
}

#[test]
fn the_logits_are_the_mean_of_the_class_activation_map() {
    let engine = engine(Variant::Int8, Lowering::Fused);
    let output = engine.infer(&common::patch(&common::fixture("reference/patch_0.png"))).unwrap();
    let pixels = (output.cam_height * output.cam_width) as f64;
    for (sum, logit) in cam_sums(&output).iter().zip(&output.logits) {
        assert!((sum / pixels - f64::from(*logit)).abs() < 1e-5);
    }
}

#[test]
fn every_layer_of_the_shipped_model_is_fused() {
    let engine = engine(Variant::Int8, Lowering::Fused);
    let layers = engine.layers();
    let stock: Vec<_> = layers.iter().filter(|layer| !layer.fused).collect();
    assert!(stock.is_empty(), "{stock:?}");
    assert_eq!(layers.len(), engine.fused_layers());
    assert!(layers.len() > 20, "{}", layers.len());
}

/// The shipped model is one program, which needs no plan of tract's; with one it gives the same bits.
#[test]
fn a_plan_of_tracts_changes_no_bit() {
    let (whole, planned) =
        (engine(Variant::Int8, Lowering::Fused), engine(Variant::Int8, Lowering::Planned));
    assert_eq!(whole.layers(), planned.layers());
    for patch in &reference().patches {
        let pixels = common::patch(&common::fixture("reference").join(&patch.file));
        assert_eq!(whole.infer(&pixels).unwrap(), planned.infer(&pixels).unwrap());
    }
}

/// Integers against floats between quantise and dequantise: the same up to rounding.
#[test]
fn fused_layers_agree_with_tracts_own_operators() {
    let (fused, stock) =
        (engine(Variant::Int8, Lowering::Fused), engine(Variant::Int8, Lowering::Stock));
    assert_eq!(stock.fused_layers(), 0);
    for patch in &reference().patches {
        let pixels = common::patch(&common::fixture("reference").join(&patch.file));
        let ours = common::softmax(&fused.infer(&pixels).unwrap().logits, 1.0);
        let theirs = common::softmax(&stock.infer(&pixels).unwrap().logits, 1.0);
        let difference = greatest_difference(&ours, &theirs);
        assert!(difference < PROBABILITY_TOLERANCE, "{}: {difference}", patch.file);
    }
}

/// The verdict of tract alone is that of the fused engine, on generated images and on real ones.
#[test]
fn tract_alone_judges_as_the_fused_engine_does() {
    let classifier = |runtime| {
        let model = common::model_bytes(Variant::Int8);
        Classifier::with_runtime(&model, common::manifest(), Variant::Int8, runtime).unwrap()
    };
    let (fused, tract) = (classifier(Runtime::Fused), classifier(Runtime::Tract));
    assert!(fused.fused_layers() > 20 && tract.fused_layers() == 0);
    let options = Options { max_patches: MaxPatches::AtMost(4), ..Options::default() };
    let mut files = vec![
        common::fixture("good/grid_700x460.jpg"),
        common::root().join("www/public/demo/synthetic-ducts.jpg"),
    ];
    let real = common::real_images();
    files.extend(real.iter().flatten().step_by(100).cloned());
    let least = if real.is_some() { files.len() - 1 } else { 2 };
    let mut judged = 0;
    for file in files {
        let bytes = common::read(&file);
        let judge = |classifier: &Classifier| {
            classifier.classify(&bytes, "image", &options, &|| 0.0, &mut |_, _| {}).unwrap()
        };
        let (fused, tract) = (judge(&fused), judge(&tract));
        assert_eq!(fused.prediction, tract.prediction, "{}", file.display());
        let (Some(ours), Some(theirs)) = (fused.probabilities, tract.probabilities) else {
            continue;
        };
        judged += 1;
        let difference = greatest_difference(&ours.into_array(), &theirs.into_array());
        assert!(difference < PROBABILITY_TOLERANCE, "{}: {difference}", file.display());
    }
    assert!(judged >= least, "only {judged} images were judged");
}

#[test]
fn a_batch_is_its_patches_one_by_one() {
    let engine = engine(Variant::Int8, Lowering::Fused);
    let patches: Vec<Vec<u8>> = reference()
        .patches
        .iter()
        .map(|patch| common::patch(&common::fixture("reference").join(&patch.file)))
        .collect();
    let together = engine.infer(&patches.concat()).unwrap();
    let mut logits = Vec::new();
    let mut cam = Vec::new();
    for patch in &patches {
        let output = engine.infer(patch).unwrap();
        logits.extend(output.logits);
        cam.extend(output.cam);
    }
    assert_eq!(together.logits, logits);
    assert_eq!(together.cam, cam);
}

#[test]
fn pixels_that_are_no_whole_patches_are_refused() {
    let engine = engine(Variant::Int8, Lowering::Fused);
    for length in [0, 1, 224 * 224 * 3 - 1, 224 * 224 * 3 + 1] {
        assert_eq!(engine.infer(&vec![0; length]).unwrap_err().code(), "internal", "{length}");
    }
}

/// A model may come from anyone: whatever the bytes, loading ends in an error that says so.
#[test]
fn broken_models_are_errors_and_not_panics() {
    let good = common::model_bytes(Variant::Int8);
    let mut broken: Vec<Vec<u8>> = vec![b"".into(), b"not a model".into(), vec![0xff; 4096]];
    broken.extend((1..8).map(|eighths| good[..good.len() * eighths / 8].to_vec()));
    for model in broken {
        let error = Model::load(&model, &Input::raw(224), &Outputs::default()).unwrap_err();
        assert!(matches!(error.code(), "model_invalid" | "model_not_onnx"), "{error}");
        common::assert_no_panic(&error);
    }
}

#[test]
fn another_patch_size_is_refused() {
    let model = common::model_bytes(Variant::Int8);
    let error = Model::load(&model, &Input::raw(8), &Outputs::default()).unwrap_err();
    assert_eq!(error.code(), "model_invalid");
    assert!(error.to_string().contains("uint8 [N, 224, 224, 3]"), "{error}");
}
