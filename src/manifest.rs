//! The model's manifest: the one source of labels, input, hashes and calibration.
//!
//! Written by `models/train` for the shipped model, by the page or by hand for another one
//! (`docs/own-model.md`); nothing in it is retyped in Rust or TypeScript. Fields that this crate
//! does not use (training data, metrics) are for people and are ignored.

use std::fmt;

pub use histoscope_engine::input::{Channels, Dtype, Input, Layout, Normalisation};
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

/// The two classes in the order of every result of this crate.
pub const CLASSES: [&str; 2] = ["benign", "malignant"];

/// What the class scores are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scores {
    /// Before the softmax, or before the sigmoid if there is one score alone.
    #[default]
    Logits,
    /// After it: from 0 to 1, two of them with the sum 1.
    Probabilities,
}

/// The model's outputs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Outputs {
    /// Name of the class scores: `float [N, 2]`, or `float [N, 1]` that speaks for the second
    /// label. `None` takes the first output of that shape.
    pub logits: Option<String>,
    /// Name of the class-activation map `float [N, h, w, 2]`, whose mean over height and width is
    /// the logits. `None` takes the first output of that shape, if there is one.
    pub cam: Option<String>,
    #[serde(default)]
    pub scores: Scores,
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
    /// [`CLASSES`], the order of all results, whatever the order of the file's scores is.
    pub labels: Vec<String>,
    /// Whether the file's scores begin with malignant.
    #[serde(skip)]
    pub malignant_first: bool,
    pub input: Input,
    #[serde(default)]
    pub outputs: Outputs,
    pub calibration: Calibration,
    variants: Variants,
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`Error::ManifestInvalid`] that names the field.
    pub fn from_json(json: &str) -> Result<Self> {
        let invalid = |detail: String| Error::ManifestInvalid { detail };
        let mut manifest: Self = serde_json::from_str(json).map_err(|e| invalid(e.to_string()))?;
        if manifest.schema_version != SCHEMA_VERSION {
            return Err(invalid(format!(
                "schema_version is {}, this program reads {SCHEMA_VERSION}",
                manifest.schema_version
            )));
        }
        manifest.malignant_first = manifest.labels.iter().rev().eq(CLASSES);
        if !manifest.malignant_first && manifest.labels != CLASSES {
            return Err(invalid(format!(
                "labels are {:?}; they must be \"benign\" and \"malignant\", in the order of the \
                 model's scores",
                manifest.labels
            )));
        }
        manifest.labels = CLASSES.map(String::from).into();
        manifest.input.check().map_err(invalid)?;
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
            ("/labels", serde_json::json!(["benign", "normal", "malignant"]), "labels"),
            ("/labels", serde_json::json!(["malignant", "malignant"]), "labels"),
            ("/input/layout", serde_json::json!("NWHC"), "NWHC"),
            ("/input/dtype", serde_json::json!("float16"), "float16"),
            ("/input/dtype", serde_json::json!("float32"), "input.normalisation"),
            ("/input/channels", serde_json::json!("RGBA"), "RGBA"),
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

    fn float(normalisation: serde_json::Value) -> Result<Manifest> {
        let mut json = json();
        json["input"]["dtype"] = "float32".into();
        json["input"]["layout"] = "NCHW".into();
        json["input"]["normalisation"] = normalisation;
        Manifest::from_json(&json.to_string())
    }

    #[test]
    fn the_values_of_torchvision_are_read_as_they_stand_there() {
        let [mean, std] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
        let manifest = float(serde_json::json!({"mean": mean, "std": std})).unwrap();
        assert_eq!(manifest.input.normalisation, Some(Normalisation { divisor: 255.0, mean, std }));
    }

    #[test]
    fn bad_normalisations_are_named() {
        let [zeros, ones] = [[0.0; 3], [1.0; 3]];
        for (normalisation, named) in [
            (serde_json::json!({"mean": zeros, "std": zeros}), "std"),
            (serde_json::json!({"mean": zeros}), "std"),
            (serde_json::json!({"mean": [0.5], "std": ones}), "length 1"),
            (serde_json::json!({"mean": zeros, "std": ones, "divisor": 0}), "divisor"),
        ] {
            let error = float(normalisation).unwrap_err().to_string();
            assert!(error.contains(named), "{named}: {error}");
        }
        let mut json = json();
        json["input"]["normalisation"] = serde_json::json!({"mean": zeros, "std": ones});
        let error = Manifest::from_json(&json.to_string()).unwrap_err().to_string();
        assert!(error.contains("raw pixels"), "{error}");
    }

    #[test]
    fn labels_are_in_one_order_whatever_the_file_has() {
        let mut json = json();
        assert!(!Manifest::from_json(&json.to_string()).unwrap().malignant_first);
        json["labels"] = serde_json::json!(["malignant", "benign"]);
        let manifest = Manifest::from_json(&json.to_string()).unwrap();
        assert!(manifest.malignant_first);
        assert_eq!(manifest.labels, CLASSES);
    }
}
