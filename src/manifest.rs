//! The model's manifest: the one source of labels, patch size, hashes and calibration.
//!
//! Written by `models/train`, read here; nothing in it is retyped in Rust or TypeScript. Fields
//! that this crate does not use (training data, metrics) are for people and are ignored.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The only manifest layout that this version understands.
pub const SCHEMA_VERSION: u32 = 1;

/// Which of a model's files to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// Quantised: 7-bit activations, 8-bit weights.
    Int8,
    /// The same network in single precision.
    F32,
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Int8 => "int8",
            Self::F32 => "f32",
        })
    }
}

impl std::str::FromStr for Variant {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "int8" => Ok(Self::Int8),
            "f32" => Ok(Self::F32),
            _ => Err(Error::OptionsInvalid {
                option: "variant",
                problem: format!("\"{text}\" is neither \"int8\" nor \"f32\""),
            }),
        }
    }
}

/// One ONNX file of the model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModelFile {
    /// File name beside the manifest.
    pub file: String,
    pub bytes: u64,
    /// Lower-case hexadecimal SHA-256 of the file.
    pub sha256: String,
}

/// The model's input: `uint8 [N, patch_size, patch_size, 3]`, RGB.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Input {
    pub dtype: String,
    pub layout: String,
    pub channels: String,
    /// Side of a patch in pixels.
    pub patch_size: u32,
}

/// How logits become probabilities and a verdict.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Calibration {
    /// Probabilities are `softmax(logits / temperature)`; above 0.
    pub temperature: f64,
    /// Confidence, 0.5 to 1, under which the verdict is "uncertain"; `None` never abstains.
    pub uncertain_below: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Variants {
    int8: Option<ModelFile>,
    f32: Option<ModelFile>,
}

/// What has to be known of a model to run it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Manifest {
    schema_version: u32,
    pub name: String,
    pub version: String,
    /// Names of the classes, in the order of the logits.
    pub labels: Vec<String>,
    pub input: Input,
    pub calibration: Calibration,
    variants: Variants,
}

impl Manifest {
    /// The largest patch that a manifest may ask for, in pixels.
    pub const MAX_PATCH_SIZE: u32 = 1024;

    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`Error::ManifestInvalid`] that names the field.
    pub fn from_json(json: &str) -> Result<Self> {
        let invalid = |detail: String| Error::ManifestInvalid { detail };
        let manifest: Self = serde_json::from_str(json).map_err(|e| invalid(e.to_string()))?;
        if manifest.schema_version != SCHEMA_VERSION {
            return Err(invalid(format!(
                "schema_version is {}, this program reads {SCHEMA_VERSION}",
                manifest.schema_version
            )));
        }
        if manifest.labels.len() < 2 {
            return Err(invalid("labels must name at least two classes".into()));
        }
        let Input { dtype, layout, channels, patch_size } = &manifest.input;
        if (dtype.as_str(), layout.as_str(), channels.as_str()) != ("uint8", "NHWC", "RGB") {
            return Err(invalid(format!(
                "input is {dtype} {layout} {channels}; only uint8 NHWC RGB is supported"
            )));
        }
        if !(1..=Self::MAX_PATCH_SIZE).contains(patch_size) {
            return Err(invalid(format!(
                "input.patch_size {patch_size} is not in 1..={}",
                Self::MAX_PATCH_SIZE
            )));
        }
        let Calibration { temperature, uncertain_below } = &manifest.calibration;
        if !(temperature.is_finite() && *temperature > 0.0) {
            return Err(invalid(format!("calibration.temperature {temperature} is not above 0")));
        }
        if let Some(threshold) = uncertain_below
            && !(0.5..=1.0).contains(threshold)
        {
            return Err(invalid(format!(
                "calibration.uncertain_below {threshold} is not in 0.5..=1"
            )));
        }
        Ok(manifest)
    }

    /// The file of one variant.
    ///
    /// # Errors
    /// [`Error::ManifestInvalid`] if the model does not come in that variant.
    pub fn file(&self, variant: Variant) -> Result<&ModelFile> {
        match variant {
            Variant::Int8 => self.variants.int8.as_ref(),
            Variant::F32 => self.variants.f32.as_ref(),
        }
        .ok_or_else(|| Error::ManifestInvalid {
            detail: format!("the model has no {variant} variant"),
        })
    }

    /// The variant whose file has this name, if any.
    pub fn variant_of(&self, file_name: &str) -> Option<Variant> {
        [Variant::Int8, Variant::F32]
            .into_iter()
            .find(|&variant| self.file(variant).is_ok_and(|file| file.file == file_name))
    }
}

impl ModelFile {
    /// Checks that `bytes` are this file; fails closed.
    ///
    /// # Errors
    /// [`Error::ModelHashMismatch`].
    pub fn verify(&self, bytes: &[u8]) -> Result<()> {
        let found = sha256_hex(bytes);
        if found == self.sha256 && bytes.len() as u64 == self.bytes {
            return Ok(());
        }
        Err(Error::ModelHashMismatch {
            expected: format!("{} ({} bytes)", self.sha256, self.bytes),
            found: format!("{found} ({} bytes)", bytes.len()),
        })
    }
}

/// Lower-case hexadecimal SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a String cannot fail");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json() -> serde_json::Value {
        serde_json::json!({
            "schema_version": 1, "name": "m", "version": "0.1.0", "labels": ["benign", "malignant"],
            "input": {"dtype": "uint8", "layout": "NHWC", "channels": "RGB", "patch_size": 224},
            "variants": {"int8": {"file": "m.int8.onnx", "bytes": 3, "sha256":
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}},
            "calibration": {"temperature": 1.5, "uncertain_below": 0.7},
            "metrics": {"anything": "is for people"}
        })
    }

    #[test]
    fn verifies_the_published_sha256_of_abc_and_fails_closed() {
        let manifest = Manifest::from_json(&json().to_string()).unwrap();
        let file = manifest.file(Variant::Int8).unwrap();
        file.verify(b"abc").unwrap();
        assert_eq!(file.verify(b"abd").unwrap_err().code(), "model_hash_mismatch");
        assert_eq!(file.verify(b"").unwrap_err().code(), "model_hash_mismatch");
    }

    #[test]
    fn a_missing_variant_is_named() {
        let manifest = Manifest::from_json(&json().to_string()).unwrap();
        let error = manifest.file(Variant::F32).unwrap_err();
        assert!(error.to_string().contains("f32"), "{error}");
        assert_eq!(manifest.variant_of("m.int8.onnx"), Some(Variant::Int8));
        assert_eq!(manifest.variant_of("other.onnx"), None);
    }

    #[test]
    fn bad_fields_are_named() {
        for (pointer, value, named) in [
            ("/schema_version", serde_json::json!(2), "schema_version"),
            ("/labels", serde_json::json!(["benign"]), "labels"),
            ("/input/layout", serde_json::json!("NCHW"), "NCHW"),
            ("/input/patch_size", serde_json::json!(0), "patch_size"),
            ("/input/patch_size", serde_json::json!(4096), "patch_size"),
            ("/calibration/temperature", serde_json::json!(0.0), "temperature"),
            ("/calibration/uncertain_below", serde_json::json!(0.2), "uncertain_below"),
        ] {
            let mut json = json();
            *json.pointer_mut(pointer).unwrap() = value;
            let error = Manifest::from_json(&json.to_string()).unwrap_err();
            assert_eq!(error.code(), "manifest_invalid");
            assert!(error.to_string().contains(named), "{pointer}: {error}");
        }
    }
}
