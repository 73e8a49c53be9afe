//! The model's manifest: the one source of labels, input, hashes and calibration.
//!
//! Written by `models/train` for the shipped model, by the page or by hand for another one
//! (`docs/own-model.md`); nothing in it is retyped in Rust or TypeScript. Fields that this crate
//! does not use (training data, metrics) are for people and are ignored.

use std::collections::HashSet;
use std::fmt;

pub use histoscope_engine::input::{Channels, Dtype, Input, InputProblem, Layout, Normalisation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::class::{ByClass, Class};
use crate::error::{Error, Result};
use crate::features::Features;
use crate::lesson::{MAX_NAME, is_class_name};
use crate::options::{OptionProblem, Options};

/// The only manifest layout that this version understands.
pub const SCHEMA_VERSION: u32 = 1;

/// The most bytes of JSON that are read as a manifest; that of the shipped model has two thousand.
pub const MAX_MANIFEST_BYTES: usize = 1 << 20;

/// Why a manifest is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum ManifestProblem {
    /// No JSON, a field that is missing, or a value of another type.
    #[error("it has not the form of a manifest: {detail}")]
    Form { detail: String },
    #[error("schema_version is {found}, this program reads {known}")]
    SchemaVersion { found: u32, known: u32 },
    #[error(
        "labels are {found}; they must be {least} to {most} different names in the order of the \
         model's scores"
    )]
    Labels { found: String, least: usize, most: usize },
    #[error(
        "groups: the label {label} is in {found} of the groups \"benign\" and \"malignant\"; it must \
         be in one"
    )]
    Ungrouped { label: String, found: usize },
    #[error(
        "labels: {label} cannot name a class: 1 to {most} characters are wanted, no spaces around \
         them, none of them invisible, and not \"uncertain\", \"unfamiliar\" or \"not assessable\""
    )]
    LabelName { label: String, most: usize },
    #[error("groups: {label} is none of the labels")]
    NoSuchLabel { label: String },
    #[error("groups: no label is {class}")]
    EmptyGroup { class: Class },
    #[error("input.patch_size is {found}, which is less than {least}")]
    PatchTooSmall { found: u32, least: u32 },
    #[error("calibration.temperature is {found}, which is not above 0")]
    Temperature { found: String },
    #[error("calibration.uncertain_below is {found}, which is not in {least}..=1")]
    UncertainBelow { found: String, least: String },
    #[error("{field} is {found}, which is no SHA-256 in lower-case hexadecimal")]
    NoSha256 { field: &'static str, found: String },
    #[error("the model has no {variant} variant")]
    NoVariant { variant: Variant },
    #[error("features: {detail}")]
    Features { detail: String },
    #[error("familiarity is there, but no features")]
    FamiliarityWithoutFeatures,
    #[error(transparent)]
    #[serde(untagged)]
    Input(#[from] InputProblem),
}

/// Which of a model's files to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
                problem: OptionProblem::NoVariant { found: text.into() },
            }),
        }
    }
}

/// One ONNX file of the model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModelFile {
    /// File name beside the manifest.
    pub file: String,
    /// Size of the file.
    pub bytes: u64,
    /// Lower-case hexadecimal SHA-256 of the file.
    pub sha256: String,
}

/// What the class scores are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScoreForm {
    /// Before the softmax, or before the sigmoid if there is one score alone.
    #[default]
    Logits,
    /// After it: from 0 to 1, two of them with the sum 1.
    Probabilities,
}

/// What the class scores speak for: the manifest's labels and groups say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Benign and malignant, in this order or the other.
    Pair([Class; 2]),
    /// More than two labels, each of which counts as one of these.
    Grouped(Vec<Class>),
    /// Classes of the model's own, by their names: none of them is benign or malignant to anybody
    /// but its makers.
    Own(Vec<String>),
}

impl Default for Meaning {
    fn default() -> Self {
        Self::Pair(Class::ALL)
    }
}

impl Meaning {
    /// Names of the classes that are the model's own; `None` where it tells benign and malignant.
    pub fn own(&self) -> Option<&[String]> {
        match self {
            Self::Own(names) => Some(names),
            Self::Pair(_) | Self::Grouped(_) => None,
        }
    }
}

/// The model's outputs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Outputs {
    /// Name of the class scores: `float [N, labels]`, or for two labels `float [N, 1]` that speaks
    /// for the second. `None` takes the first output of that shape.
    pub logits: Option<String>,
    /// Name of the class-activation map `float [N, h, w, labels]`, whose mean over height and width
    /// is the logits. `None` takes the first output of that shape, if there is one.
    pub cam: Option<String>,
    /// Whether the class scores are logits or probabilities.
    #[serde(default)]
    pub scores: ScoreForm,
    /// What the class scores speak for; no field of the outputs says it.
    #[serde(skip)]
    pub meaning: Meaning,
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

/// A manifest as its file has it.
#[derive(Deserialize)]
struct ManifestFile {
    schema_version: u32,
    name: String,
    version: String,
    labels: Vec<String>,
    groups: Option<ByClass<Vec<String>>>,
    input: Input,
    #[serde(default)]
    outputs: Outputs,
    calibration: Calibration,
    variants: Variants,
    /// For people; its scale alone is read.
    #[serde(default)]
    training: serde_json::Value,
    features: Option<Features>,
    familiarity: Option<ModelFile>,
}

/// What has to be known of a model to run it. Only [`Manifest::from_json`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// As reports name the model.
    pub name: String,
    /// As reports name it.
    pub version: String,
    /// What the model reads.
    pub input: Input,
    /// Which outputs are read, and as what.
    pub outputs: Outputs,
    /// From scores to probabilities and verdicts.
    pub calibration: Calibration,
    variants: Variants,
    um_per_pixel: Option<[f64; 2]>,
    /// What its inner layers say, if it is known; only of the int8 variant.
    pub features: Option<Features>,
    /// The file of statistics that tells what is familiar to the model, beside the manifest.
    pub familiarity: Option<ModelFile>,
}

impl Manifest {
    /// The smallest patch that a manifest may ask for, in pixels: its side is the default stride.
    pub const MIN_PATCH_SIZE: u32 = Options::MIN_STRIDE;
    /// Most labels of a model.
    pub const MAX_LABELS: usize = 100;
    /// The largest patch that a manifest may ask for, in pixels.
    pub const MAX_PATCH_SIZE: u32 = Input::MAX_PATCH_SIZE;

    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`Error::ManifestTooLarge`] before anything is read; [`Error::ManifestInvalid`] that names
    /// the field.
    pub fn from_json(json: &str) -> Result<Self> {
        if json.len() > MAX_MANIFEST_BYTES {
            let (bytes, max_bytes) = (json.len(), MAX_MANIFEST_BYTES);
            return Err(Error::ManifestTooLarge { bytes, max_bytes });
        }
        let written: ManifestFile = serde_json::from_str(json)
            .map_err(|error| invalid(ManifestProblem::Form { detail: error.to_string() }))?;
        if written.schema_version != SCHEMA_VERSION {
            let (found, known) = (written.schema_version, SCHEMA_VERSION);
            return Err(invalid(ManifestProblem::SchemaVersion { found, known }));
        }
        let meaning = meaning(&written.labels, written.groups.as_ref()).map_err(invalid)?;
        let outputs = Outputs { meaning, ..written.outputs };
        let manifest = Self {
            name: written.name,
            version: written.version,
            input: written.input,
            outputs,
            calibration: written.calibration,
            variants: written.variants,
            um_per_pixel: seen(&written.training),
            features: written.features,
            familiarity: written.familiarity,
        };
        manifest.check().map_err(invalid)?;
        Ok(manifest)
    }

    /// Micrometres per pixel of the images that the model has learned from, least and most, where
    /// `training.um_per_pixel` tells.
    pub fn um_per_pixel(&self) -> Option<[f64; 2]> {
        self.um_per_pixel
    }

    fn check(&self) -> Result<(), ManifestProblem> {
        self.input.check()?;
        if self.input.patch_size < Self::MIN_PATCH_SIZE {
            return Err(ManifestProblem::PatchTooSmall {
                found: self.input.patch_size,
                least: Self::MIN_PATCH_SIZE,
            });
        }
        let Calibration { temperature, uncertain_below } = self.calibration;
        if !(temperature.is_finite() && temperature > 0.0) {
            return Err(ManifestProblem::Temperature { found: temperature.to_string() });
        }
        let least = Options::NEVER_UNCERTAIN;
        if let Some(threshold) = uncertain_below
            && !(least..=1.0).contains(&threshold)
        {
            return Err(ManifestProblem::UncertainBelow {
                found: threshold.to_string(),
                least: least.to_string(),
            });
        }
        let Variants { int8, f32 } = &self.variants;
        let files = [
            ("variants.int8.sha256", int8),
            ("variants.f32.sha256", f32),
            ("familiarity.sha256", &self.familiarity),
        ];
        for (field, file) in files {
            if let Some(ModelFile { sha256, .. }) = file
                && !is_sha256(sha256)
            {
                return Err(ManifestProblem::NoSha256 { field, found: sha256.clone() });
            }
        }
        if let Some(detail) = self.features.as_ref().and_then(Features::problem) {
            return Err(ManifestProblem::Features { detail });
        }
        if self.familiarity.is_some() && self.features.is_none() {
            return Err(ManifestProblem::FamiliarityWithoutFeatures);
        }
        Ok(())
    }

    /// Names of the classes that are the model's own, in the order of its scores; `None` where it
    /// tells benign and malignant.
    pub fn own_classes(&self) -> Option<&[String]> {
        self.outputs.meaning.own()
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
        .ok_or_else(|| invalid(ManifestProblem::NoVariant { variant }))
    }

    /// The manifest of `joined`, which is the file of `variant` with the weights that lay beside it
    /// ([`histoscope_engine::join`]): its bytes and hash are those that reports name.
    ///
    /// # Errors
    /// [`Error::ManifestInvalid`] as [`Self::file`]; [`Error::ModelHashMismatch`] if `model` is not
    /// the file of `variant`.
    pub fn of_joined(mut self, variant: Variant, model: &[u8], joined: &[u8]) -> Result<Self> {
        let entry = self.file(variant)?;
        entry.verify(model)?;
        let (file, bytes) = (entry.file.clone(), joined.len() as u64);
        let entry = Some(ModelFile { file, bytes, sha256: sha256_hex(joined) });
        match variant {
            Variant::Int8 => self.variants.int8 = entry,
            Variant::F32 => self.variants.f32 = entry,
        }
        Ok(self)
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

/// What the labels speak for: the groups' classes; without groups those that they name, or are names
/// of their own.
fn meaning(
    labels: &[String],
    groups: Option<&ByClass<Vec<String>>>,
) -> Result<Meaning, ManifestProblem> {
    let (least, most) = (2, Manifest::MAX_LABELS);
    let different: HashSet<&String> = labels.iter().collect();
    if !(least..=most).contains(&labels.len()) || different.len() != labels.len() {
        let found = format!("{:?}", &labels[..labels.len().min(most + 1)]);
        return Err(ManifestProblem::Labels { found, least, most });
    }
    let Some(groups) = groups else {
        let named: Option<Vec<Class>> = labels.iter().map(|label| named(label)).collect();
        return match named.and_then(counted) {
            Some(meaning) => Ok(meaning),
            None => own(labels),
        };
    };
    let mut members = Class::ALL.into_iter().flat_map(|class| groups.of(class));
    if let Some(label) = members.find(|label| !different.contains(label)) {
        return Err(ManifestProblem::NoSuchLabel { label: label.clone() });
    }
    let class_of = |label: &String| {
        let holds = |class: &Class| groups.of(*class).contains(label);
        let found: Vec<Class> = Class::ALL.into_iter().filter(holds).collect();
        match *found {
            [class] => Ok(class),
            _ => Err(ManifestProblem::Ungrouped { label: label.clone(), found: found.len() }),
        }
    };
    let classes: Vec<Class> = labels.iter().map(class_of).collect::<Result<_, _>>()?;
    match Class::ALL.into_iter().find(|class| !classes.contains(class)) {
        Some(class) => Err(ManifestProblem::EmptyGroup { class }),
        None => Ok(counted(classes).unwrap_or_default()),
    }
}

/// The class that a label is the name of.
fn named(label: &str) -> Option<Class> {
    match label {
        "normal" => Some(Class::Benign),
        _ => Class::ALL.into_iter().find(|class| class.name() == label),
    }
}

/// What labels speak for that count as these; `None` if all count as one.
fn counted(classes: Vec<Class>) -> Option<Meaning> {
    match *classes {
        [first, second] if first != second => Some(Meaning::Pair([first, second])),
        _ if Class::ALL.iter().all(|class| classes.contains(class)) => {
            Some(Meaning::Grouped(classes))
        }
        _ => None,
    }
}

fn own(labels: &[String]) -> Result<Meaning, ManifestProblem> {
    match labels.iter().find(|label| !is_class_name(label)) {
        Some(label) => {
            // It may have any length, and commands for a terminal.
            let label = format!("{:?}", label.chars().take(2 * MAX_NAME).collect::<String>());
            Err(ManifestProblem::LabelName { label, most: MAX_NAME })
        }
        None => Ok(Meaning::Own(labels.to_vec())),
    }
}

fn invalid(problem: ManifestProblem) -> Error {
    Error::ManifestInvalid { problem }
}

pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Lower-case hexadecimal SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a String cannot fail");
        hex
    })
}

/// The scales that are told of training; what is no such pair was written for people.
fn seen(training: &serde_json::Value) -> Option<[f64; 2]> {
    let [least, most] = serde_json::from_value(training.get("um_per_pixel")?.clone()).ok()?;
    (0.0 < least && least <= most).then_some([least, most])
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
    fn training_tells_the_scales_that_were_seen_or_nothing() {
        let scales = |training: serde_json::Value| {
            let mut json = json();
            json["training"] = training;
            Manifest::from_json(&json.to_string()).unwrap().um_per_pixel()
        };
        assert_eq!(scales(serde_json::json!({"um_per_pixel": [0.05, 0.49]})), Some([0.05, 0.49]));
        for other in [
            serde_json::json!("at home"),
            serde_json::json!({"um_per_pixel": "0.25"}),
            serde_json::json!({"um_per_pixel": [0.25]}),
            serde_json::json!({"um_per_pixel": [0.5, 0.25]}),
            serde_json::json!({"um_per_pixel": [0, 1]}),
        ] {
            assert_eq!(scales(other), None);
        }
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
            ("/labels", serde_json::json!(["stroma", "uncertain"]), "cannot name a class"),
            ("/labels", serde_json::json!(["stroma", " tumor"]), "cannot name a class"),
            ("/labels", serde_json::json!(["malignant", "malignant"]), "labels"),
            ("/input/layout", serde_json::json!("NWHC"), "NWHC"),
            ("/input/dtype", serde_json::json!("float16"), "float16"),
            ("/input/dtype", serde_json::json!("float32"), "input.normalisation"),
            ("/input/channels", serde_json::json!("RGBA"), "RGBA"),
            ("/input/patch_size", serde_json::json!(0), "patch_size is 0"),
            ("/input/patch_size", serde_json::json!(15), "less than 16"),
            ("/input/patch_size", serde_json::json!(1025), "1..=1024"),
            ("/input/patch_size", serde_json::json!(-224), "u32"),
            ("/variants/int8/sha256", serde_json::json!("ABC"), "variants.int8.sha256"),
            ("/variants/int8/bytes", serde_json::json!(-1), "u64"),
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
    fn labels_tell_what_the_scores_speak_for() {
        use Class::{Benign, Malignant};
        let meaning = |labels: &[&str], groups: serde_json::Value| {
            let mut json = json();
            json["labels"] = labels.into();
            json["groups"] = groups;
            Manifest::from_json(&json.to_string()).map(|manifest| manifest.outputs.meaning)
        };
        let none = serde_json::Value::Null;
        let pair = |labels: &[&str]| meaning(labels, none.clone()).unwrap();
        assert_eq!(pair(&["benign", "malignant"]), Meaning::Pair([Benign, Malignant]));
        assert_eq!(pair(&["malignant", "normal"]), Meaning::Pair([Malignant, Benign]));
        let three = ["normal", "benign", "malignant"];
        assert_eq!(pair(&three), Meaning::Grouped(vec![Benign, Benign, Malignant]));
        // One of them at least means neither, or nothing is told apart.
        for own in
            [&["stroma", "tumor"][..], &["benign", "normal"], &["benign", "other", "malignant"]]
        {
            assert_eq!(pair(own).own().unwrap(), own);
        }
        let grouped = |benign: &[&str], malignant: &[&str]| {
            let groups = serde_json::json!({"benign": benign, "malignant": malignant});
            meaning(&["a", "b", "c"], groups)
        };
        let counted = vec![Malignant, Benign, Malignant];
        assert_eq!(grouped(&["b"], &["a", "c"]).unwrap(), Meaning::Grouped(counted));
        for (problem, named) in [
            (grouped(&["b"], &["a"]), "the label c is in 0"),
            (grouped(&["b", "c"], &["a", "c"]), "the label c is in 2"),
            (grouped(&["a", "b", "c"], &[]), "no label is malignant"),
            (grouped(&["d"], &[]), "d is none of the labels"),
        ] {
            let error = problem.unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_manifest_has_a_greatest_size() {
        let mut text = json().to_string();
        text.extend(std::iter::repeat_n(' ', MAX_MANIFEST_BYTES - text.len()));
        Manifest::from_json(&text).unwrap();
        text.push(' ');
        let error = Manifest::from_json(&text).unwrap_err();
        assert_eq!(error.code(), "manifest_too_large");
    }

    #[test]
    fn nesting_and_missing_fields_are_errors() {
        for text in ["", "null", "[]", "{}", &"[".repeat(100_000)] {
            let error = Manifest::from_json(text).unwrap_err();
            assert_eq!(error.code(), "manifest_invalid", "{error}");
        }
    }
}
