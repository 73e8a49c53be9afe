//! The int8 networks give the same bits everywhere: on this machine and in the browser.
//!
//! The expected logits, features and maps are committed in `fixtures/reference/`; this file runs
//! natively and, by wasm-bindgen-test, in headless Chromium. After a new model they are made anew
//! by `UPDATE_GOLDEN=1 cargo test --release --test whole_network`, which fails once on purpose.

use histoscope::engine::Lowering;
use histoscope::engine::kernels::Isa;
use histoscope::inspection;
use histoscope::lesson::Lesson;
use histoscope::manifest::{Manifest, Variant, sha256_hex};
use histoscope::model::Model;
use histoscope::pipeline::Classifier;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// A network of the project, and what it has to say of [`PATCHES`].
struct Network {
    manifest: &'static str,
    model: &'static [u8],
    golden: &'static str,
    /// Where the golden file lies.
    #[cfg_attr(target_family = "wasm", expect(dead_code, reason = "only a native run writes it"))]
    path: &'static str,
    blocks: usize,
}

/// The one that ships, and the deeper one for lessons.
const NETWORKS: [Network; 2] = [
    Network {
        manifest: include_str!("../models/histoscope-v0.json"),
        model: include_bytes!("../models/histoscope-v0.int8.onnx"),
        golden: include_str!("fixtures/reference/engine.json"),
        path: "engine.json",
        blocks: 8,
    },
    Network {
        manifest: include_str!("../models/histoscope-teaching.json"),
        model: include_bytes!("../models/histoscope-teaching.int8.onnx"),
        golden: include_str!("fixtures/reference/teaching.json"),
        path: "teaching.json",
        blocks: 15,
    },
];
/// Of Lite0, those whose input is added to their output.
const RESIDUAL: [usize; 9] = [2, 4, 6, 7, 9, 10, 12, 13, 14];
const PATCHES: [&[u8]; 6] = [
    include_bytes!("fixtures/reference/patch_0.png"),
    include_bytes!("fixtures/reference/patch_1.png"),
    include_bytes!("fixtures/reference/patch_2.png"),
    include_bytes!("fixtures/reference/patch_3.png"),
    include_bytes!("fixtures/reference/patch_4.png"),
    include_bytes!("fixtures/reference/patch_5.png"),
];

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    model_sha256: String,
    patches: Vec<GoldenPatch>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct GoldenPatch {
    /// Bits of the f32 logits: floats in JSON would hide a last bit.
    logits_bits: Vec<u32>,
    /// SHA-256 of the class-activation map, f32 little-endian.
    cam_sha256: String,
    /// SHA-256 of the features, likewise.
    features_sha256: String,
    /// SHA-256 of the map that [`lesson`] makes, likewise.
    lesson_map_sha256: String,
}

/// A lesson of three classes with weights from a fixed sequence.
fn lesson(classifier: &Classifier) -> Lesson {
    let mut state = 1_u32;
    let mut weights = |count: usize| -> Vec<f64> {
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 16) / 65_536.0 - 0.5
        };
        std::iter::repeat_with(next).take(count).collect()
    };
    let len = classifier.features().unwrap().len();
    let text = json!({
        "format": "histoscope-lesson",
        "version": 1,
        "name": "fixed",
        "model": {"name": "m", "version": "1", "sha256": classifier.model().sha256},
        "classes": ["a", "b", "c"],
        "weights": [weights(len), weights(len), weights(len)],
        "bias": weights(3),
        "temperature": 1.5,
        "uncertain_below": null,
        "familiarity": {"mean": weights(len), "scale": vec![1.0; len], "limit": 1.0},
        "penalty": 1.0,
        "taught": [{"images": 5, "patients": 2}, {"images": 5, "patients": 2}, {"images": 5, "patients": 2}],
        "images": [],
        "proof": {"by_patient": true, "folds": 2},
    });
    classifier.lesson(&text.to_string()).unwrap()
}

fn digest(values: &[f32]) -> String {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    sha256_hex(&bytes)
}

fn outputs(Network { manifest, model, .. }: &Network) -> Golden {
    let manifest = Manifest::from_json(manifest).unwrap();
    let classifier = Classifier::new(model, manifest, Variant::Int8).unwrap();
    let lesson = lesson(&classifier);
    let patches = PATCHES.map(|png| {
        let pixels = histoscope::decode::decode(png).unwrap().pixels;
        let output = classifier.infer(pixels.as_raw()).unwrap();
        let map = classifier.lesson_map(pixels.as_raw(), &lesson).unwrap();
        assert_eq!((map.height, map.width), (output.cam_height, output.cam_width));
        GoldenPatch {
            logits_bits: output.logits.iter().map(|logit| logit.to_bits()).collect(),
            cam_sha256: digest(&output.cam),
            features_sha256: digest(&output.features),
            lesson_map_sha256: digest(&map.values),
        }
    });
    Golden { model_sha256: sha256_hex(model), patches: patches.into() }
}

#[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_family = "wasm"), test)]
fn logits_features_and_maps_are_the_committed_bits() {
    let found = NETWORKS.each_ref().map(outputs);
    #[cfg(not(target_family = "wasm"))]
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/reference");
        for (network, found) in NETWORKS.iter().zip(&found) {
            let text = serde_json::to_string_pretty(found).unwrap() + "\n";
            std::fs::write(format!("{folder}/{}", network.path), text).unwrap();
        }
        panic!("wrote into {folder}; look at the change and run again");
    }
    for (network, found) in NETWORKS.iter().zip(found) {
        let expected: Golden = serde_json::from_str(network.golden).unwrap();
        assert_eq!(found, expected, "with the {} kernels", Isa::best().name());
    }
}

/// What the kernels of an instruction set make of the whole networks, those of plain Rust make, too.
#[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_family = "wasm"), test)]
fn the_portable_kernels_give_the_same_bits() {
    let pixels = histoscope::decode::decode(PATCHES[0]).unwrap().pixels;
    for Network { manifest, model, .. } in &NETWORKS {
        let Manifest { input, outputs, .. } = Manifest::from_json(manifest).unwrap();
        let [portable, best] = [Lowering::Portable, Lowering::Fused].map(|lowering| {
            let model = Model::with_lowering(model, &input, &outputs, lowering).unwrap();
            let kernels = model.layers().into_iter().map(|layer| layer.kernel);
            (kernels.collect::<Vec<_>>(), model.infer(pixels.as_raw()).unwrap())
        });
        assert!(portable.0.iter().all(|kernel| kernel == "scalar"), "{:?}", portable.0);
        assert_eq!(portable.1, best.1);
    }
}

/// Every node of the models is one of our layers, and each has the kernel that is meant for it: the seven-bit one,
/// but for the stem, which reads raw pixels, and the sums.
#[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_family = "wasm"), test)]
fn every_layer_has_its_kernel() {
    let (eight_bits, seven_bits) = match Isa::best() {
        Isa::Scalar => ("scalar", "scalar"),
        Isa::Simd128 => ("simd128_pairs", "simd128_pairs"),
        Isa::Relaxed => ("simd128_pairs", "relaxed_quads"),
        Isa::Avx2 => ("avx2_pairs", "avx2_quads"),
    };
    for network in &NETWORKS {
        let mut expected = vec![("stem".to_owned(), eight_bits)];
        for block in 0..network.blocks {
            let residual = RESIDUAL.contains(&block);
            for part in ["expand", "depthwise", "project", "add"] {
                if (part, block) != ("expand", 0) && (part != "add" || residual) {
                    let bits = if part == "add" { eight_bits } else { seven_bits };
                    expected.push((format!("block{block}_{part}"), bits));
                }
            }
        }
        expected.push(("cam".to_owned(), seven_bits));

        let manifest = Manifest::from_json(network.manifest).unwrap();
        let engine = Model::load(network.model, &manifest.input, &manifest.outputs).unwrap();
        let found: Vec<_> = engine.layers();
        assert!(found.iter().all(|layer| layer.fused), "{found:?}");
        let found: Vec<_> = found
            .iter()
            .map(|layer| (layer.name.trim_end_matches("_q/nhwc").to_owned(), layer.kernel.as_str()))
            .collect();
        assert_eq!(found, expected);
    }
}

/// Each edition says what a file holds that it runs; what only the other one runs, it leaves to that.
#[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_family = "wasm"), test)]
fn an_edition_describes_what_it_runs() {
    for network in &NETWORKS {
        let manifest = Manifest::from_json(network.manifest).unwrap();
        let layers = Model::load(network.model, &manifest.input, &manifest.outputs).unwrap();
        let found = inspection::inspect(network.model).unwrap();
        assert_eq!((found.fused_layers, &*found.problems), (layers.fused_layers(), &[][..]));
        assert_eq!(found.scores.map(|scores| scores.columns), Some(Some(2)));
    }
    let refused = inspection::inspect(b"version https://git-lfs.github.com/spec/v1\n");
    assert_eq!(refused.unwrap_err().code(), "model_not_onnx");
    let of_reals = inspection::inspect(include_bytes!("../models/histoscope-v0.f32.onnx"));
    match histoscope::engine::EDITION {
        "int8" => assert_eq!(of_reals.unwrap_err().code(), "model_needs_tract"),
        _ => assert_eq!(of_reals.unwrap().fused_layers, 0),
    }
}
