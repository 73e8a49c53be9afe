//! The int8 network gives the same bits everywhere: on this machine and in the browser.
//!
//! The expected logits and maps are committed in `fixtures/reference/engine.json`; this file runs
//! natively and, by wasm-bindgen-test, in headless Chromium. After a new model they are made anew
//! by `UPDATE_GOLDEN=1 cargo test --release --test whole_network`, which fails once on purpose.

use histoscope::engine::kernels::Isa;
use histoscope::manifest::{Manifest, sha256_hex};
use histoscope::model::Model;
use serde::{Deserialize, Serialize};

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const MANIFEST: &str = include_str!("../models/histoscope-v0.json");
const MODEL: &[u8] = include_bytes!("../models/histoscope-v0.int8.onnx");
const GOLDEN: &str = include_str!("fixtures/reference/engine.json");
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
}

fn outputs() -> Golden {
    let manifest = Manifest::from_json(MANIFEST).unwrap();
    let engine = Model::load(MODEL, &manifest.input, &manifest.outputs).unwrap();
    let patches = PATCHES.map(|png| {
        let pixels = histoscope::decode::decode(png).unwrap().pixels;
        let output = engine.infer(pixels.as_raw()).unwrap();
        let cam: Vec<u8> = output.cam.iter().flat_map(|value| value.to_le_bytes()).collect();
        GoldenPatch {
            logits_bits: output.logits.iter().map(|logit| logit.to_bits()).collect(),
            cam_sha256: sha256_hex(&cam),
        }
    });
    Golden { model_sha256: sha256_hex(MODEL), patches: patches.into() }
}

#[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_family = "wasm"), test)]
fn logits_and_maps_are_the_committed_bits() {
    let found = outputs();
    #[cfg(not(target_family = "wasm"))]
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/reference/engine.json");
        std::fs::write(path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
        panic!("wrote {path}; look at the change and run again");
    }
    let expected: Golden = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(found, expected, "with the {} kernels", Isa::best().name());
}

/// Every node of the model is one of our layers, and each has the kernel that is meant for it: the seven-bit one,
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
    let mut expected = vec![("stem".to_owned(), eight_bits)];
    for block in 0..8 {
        let residual = [2, 4, 6, 7].contains(&block);
        for part in ["expand", "depthwise", "project", "add"] {
            if (part, block) != ("expand", 0) && (part != "add" || residual) {
                let bits = if part == "add" { eight_bits } else { seven_bits };
                expected.push((format!("block{block}_{part}"), bits));
            }
        }
    }
    expected.push(("cam".to_owned(), seven_bits));

    let manifest = Manifest::from_json(MANIFEST).unwrap();
    let engine = Model::load(MODEL, &manifest.input, &manifest.outputs).unwrap();
    let found: Vec<_> = engine.layers();
    assert!(found.iter().all(|layer| layer.fused), "{found:?}");
    let found: Vec<_> = found
        .iter()
        .map(|layer| (layer.name.trim_end_matches("_q/nhwc").to_owned(), layer.kernel.as_str()))
        .collect();
    assert_eq!(found, expected);
}
