//! What the integration tests share: paths, the committed model, decoded patches.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::{Path, PathBuf};

use histoscope::manifest::{Manifest, Variant};
use histoscope::pipeline::Classifier;

pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The crates beside the core lie two folders down.
    if package.join("tests/fixtures").is_dir() {
        package
    } else {
        package.ancestors().nth(2).unwrap()
    }
}

pub(crate) fn fixture(path: &str) -> PathBuf {
    root().join("tests/fixtures").join(path)
}

pub(crate) fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&read(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub(crate) fn manifest() -> Manifest {
    let text = read(&root().join("models/histoscope-v0.json"));
    Manifest::from_json(std::str::from_utf8(&text).unwrap()).unwrap()
}

pub(crate) fn model_bytes(variant: Variant) -> Vec<u8> {
    read(&root().join("models").join(&manifest().file(variant).unwrap().file))
}

pub(crate) fn classifier(variant: Variant) -> Classifier {
    // Without the statistics of what is familiar: drawn fields are not.
    Classifier::new(&model_bytes(variant), manifest(), variant).unwrap()
}

/// Probabilities of one patch from its two logits, benign first.
pub(crate) fn softmax(logits: &[f32], temperature: f64) -> [f64; 2] {
    let pair: [f32; 2] = logits.try_into().expect("two logits");
    histoscope::aggregate::softmax(pair.into(), temperature).into_array()
}

/// RGB bytes of a PNG of one patch, for `Engine::infer`.
pub(crate) fn patch(path: &Path) -> Vec<u8> {
    let pixels = histoscope::decode::decode(&read(path)).unwrap().pixels;
    assert_eq!(pixels.dimensions(), (224, 224), "{}", path.display());
    pixels.into_raw()
}

/// Real micrographs beside the checkout, or `None` with a loud message.
pub(crate) fn real_images() -> Option<Vec<PathBuf>> {
    let folder = root().join("../shared/breakhis/images");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: no real BreakHis images at {}", folder.display());
        return None;
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    Some(paths)
}

/// An empty folder of this name for one test, below Cargo's own folder for such things.
pub(crate) fn empty_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A panic that was caught is a fault of the engine, and where panics abort it ends the worker.
pub(crate) fn assert_no_panic(error: &histoscope::Error) {
    assert!(!error.to_string().contains("made the engine fail"), "{error}");
}
