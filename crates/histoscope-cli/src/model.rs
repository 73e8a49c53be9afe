//! The built-in model, or one from a file with its manifest beside it.

use std::ffi::OsStr;
use std::path::Path;

use histoscope::Error;
use histoscope::manifest::{Manifest, Variant};
use histoscope::pipeline::Classifier;

const MANIFEST: &str = include_str!("../../../models/histoscope-v0.json");
const INT8: &[u8] = include_bytes!("../../../models/histoscope-v0.int8.onnx");
const F32: &[u8] = include_bytes!("../../../models/histoscope-v0.f32.onnx");

/// Loads the model at `path`, or the built-in one.
///
/// # Errors
/// Errors of the model; see [`Classifier::new`].
pub(crate) fn load(path: Option<&Path>, variant: Variant) -> Result<Classifier, Error> {
    let Some(path) = path else {
        let model = match variant {
            Variant::Int8 => INT8,
            Variant::F32 => F32,
        };
        return Classifier::new(model, Manifest::from_json(MANIFEST)?, variant);
    };
    let missing = |detail: String| Error::ModelMissing { file: path.display().to_string(), detail };
    let model = std::fs::read(path).map_err(|error| missing(error.to_string()))?;
    let (manifest, found) = manifest_beside(path)?.ok_or_else(|| {
        missing("no manifest (.json) in its folder names this file as a variant".into())
    })?;
    if variant == Variant::F32 && found == Variant::Int8 {
        return Err(Error::OptionsInvalid {
            option: "--no-quantization",
            problem: format!("{} is the int8 variant; name the f32 file", path.display()),
        });
    }
    Classifier::new(&model, manifest, found)
}

/// The manifest in the model's folder that lists the model's file, and as which variant.
fn manifest_beside(model: &Path) -> Result<Option<(Manifest, Variant)>, Error> {
    let Some(name) = model.file_name().and_then(OsStr::to_str) else { return Ok(None) };
    // The parent of a bare file name is "", which is no folder that can be listed.
    let folder = model.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut candidates: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(OsStr::new("json")))
        .collect();
    candidates.sort();
    let mut first_error = None;
    for candidate in candidates {
        let Ok(text) = std::fs::read_to_string(&candidate) else { continue };
        match Manifest::from_json(&text) {
            Ok(manifest) => {
                if let Some(variant) = manifest.variant_of(name) {
                    return Ok(Some((manifest, variant)));
                }
            }
            // Other JSON files may lie there; one that names the model was meant as its manifest.
            Err(error) if text.contains(name) => {
                first_error.get_or_insert(error);
            }
            Err(_) => {}
        }
    }
    first_error.map_or(Ok(None), Err)
}
