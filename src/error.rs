//! Everything that can go wrong, sorted by whose fault it is, each with a stable code and a remedy.

use std::collections::BTreeMap;
use std::fmt;

use histoscope_engine::Foreign;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decode::{Damage, Unsupported};
use crate::familiarity::FamiliarityProblem;
use crate::labels::LabelsProblem;
use crate::lesson::LessonProblem;
use crate::manifest::ManifestProblem;
use crate::options::OptionProblem;
use crate::report::ReportProblem;
use crate::teach::TeachProblem;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "lowercase"))]
pub enum Fault {
    /// The picture, or a report on one: another file, or a re-export of this one, helps.
    Image,
    /// A limit of ours: a smaller picture helps.
    Limits,
    /// What the caller asked for.
    Options,
    /// The model's files.
    Model,
    /// A bug of ours.
    Internal,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image => "image",
            Self::Limits => "limits",
            Self::Options => "options",
            Self::Model => "model",
            Self::Internal => "internal",
        })
    }
}

/// Which error it was and with which values, for whoever says it in words of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Cause {
    /// The variant in snake case; of a program around this crate, what it calls its own.
    pub kind: String,
    /// Numbers and texts by their names. What is wrong with a part, such as a manifest, is a cause
    /// of its own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(test, ts(type = "Record<string, unknown>"))]
    pub params: BTreeMap<String, Value>,
}

/// What went wrong with one image, the options or the model.
///
/// [`Error::code`] is stable and meant for programs, `Display` names the problem for people,
/// [`Error::remedy`] says what to do about it, and [`Error::cause`] what it takes to say both in
/// another language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum Error {
    #[error("the file is empty (0 bytes)")]
    ImageEmpty,
    #[error("the file is not an image that can be recognised by its content")]
    ImageNotRecognised,
    #[error("{format} is not supported: {reason}")]
    ImageUnsupportedFormat { format: &'static str, reason: Unsupported },
    #[error("the {format} file is truncated or corrupt: {detail}")]
    ImageCorrupt { format: &'static str, detail: Damage },
    #[error("the image is {width}x{height} pixels; the model needs at least {least}x{least}")]
    ImageTooSmall { width: u32, height: u32, least: u32 },
    #[error(
        "the image claims {width}x{height} pixels; the limits are {max_side} pixels a side and \
         {max_megapixels} megapixels"
    )]
    ImageTooLarge { width: u32, height: u32, max_side: u32, max_megapixels: u32 },
    #[error("decoding the {format} image would take more than {max_mib} MiB of memory")]
    ImageTooMuchMemory { format: &'static str, max_mib: u64 },
    #[error("the file has {bytes} bytes; the limit is {max_bytes}")]
    FileTooLarge { bytes: u64, max_bytes: u64 },
    #[error("{patches} patches were asked for; at most {most} of an image are classified")]
    TooManyPatches { patches: usize, most: usize },
    #[error("{patches} patches of {side}x{side} pixels at once are more than {max_mib} MiB")]
    BatchTooLarge { patches: u32, side: u32, max_mib: u64 },
    #[error("{option}: {problem}")]
    OptionsInvalid { option: &'static str, problem: OptionProblem },
    #[error("the model's bytes have SHA-256 {found}, but the manifest says {expected}")]
    ModelHashMismatch { expected: String, found: String },
    #[error("the model cannot be used: {detail}")]
    ModelInvalid { detail: String },
    #[error("the model is not an ONNX file but {kind}")]
    ModelNotOnnx { kind: Foreign },
    #[error("the model's weights lie in the file {file}, which did not come with it")]
    ModelDataMissing { file: String },
    /// Only from a build without the feature `tract`: one with it may run the model.
    #[error(
        "the model is not fused from end to end, which this build of the engine needs: {detail}"
    )]
    ModelNeedsTract { detail: String },
    #[error("the model's manifest cannot be used: {problem}")]
    ManifestInvalid { problem: ManifestProblem },
    #[error("the model's manifest has {bytes} bytes; the limit is {max_bytes}")]
    ManifestTooLarge { bytes: usize, max_bytes: usize },
    #[error("the statistics of what is familiar to the model cannot be used: {problem}")]
    FamiliarityInvalid { problem: FamiliarityProblem },
    #[error("this model has no features, and so it can be taught nothing")]
    NoFeatures,
    #[error("the lesson cannot be used: {problem}")]
    LessonInvalid { problem: LessonProblem },
    #[error("the lesson was taught to the model {taught}, and this is {found}")]
    LessonOfOtherModel { taught: String, found: String },
    #[error("nothing is taught: {problem}")]
    TeachRefused { problem: TeachProblem },
    #[error("the labels cannot be used: {problem}")]
    LabelsInvalid { problem: LabelsProblem },
    #[error("the report on {which} cannot be used: {problem}")]
    ReportInvalid { which: String, problem: ReportProblem },
    /// Of an image without a name; `place` counts from 1.
    #[error("the report on image {place} cannot be used: {problem}")]
    UnnamedReportInvalid { place: usize, problem: ReportProblem },
    #[error("the report on all images cannot be used: {problem}")]
    ReportsInvalid { problem: ReportProblem },
    #[error("the reports have {bytes} bytes; the limit is {max_bytes}")]
    ReportsTooLarge { bytes: usize, max_bytes: usize },
    #[error("the saved results have {bytes} bytes; the limit is {max_bytes}")]
    SavedTooLarge { bytes: usize, max_bytes: usize },
    #[error("internal error: {detail}")]
    Internal { detail: String },
}

impl Error {
    /// Which variant it is, with its values.
    pub fn cause(&self) -> Cause {
        let unnamed = || Cause { kind: self.code().into(), params: BTreeMap::new() };
        serde_json::to_value(self).and_then(serde_json::from_value).unwrap_or_else(|_| unnamed())
    }

    /// Stable identifier, `snake_case`; the same in Rust, TypeScript and the report.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ImageEmpty => "image_empty",
            Self::ImageNotRecognised => "image_not_recognised",
            Self::ImageUnsupportedFormat { .. } => "image_unsupported_format",
            Self::ImageCorrupt { .. } => "image_truncated_or_corrupt",
            Self::ImageTooSmall { .. } => "image_too_small",
            Self::ImageTooLarge { .. } | Self::ImageTooMuchMemory { .. } => "image_too_large",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::TooManyPatches { .. } => "too_many_patches",
            Self::BatchTooLarge { .. } => "batch_too_large",
            Self::OptionsInvalid { .. } => "options_invalid",
            Self::ModelHashMismatch { .. } => "model_hash_mismatch",
            Self::ModelInvalid { .. } => "model_invalid",
            Self::ModelNotOnnx { .. } => "model_not_onnx",
            Self::ModelDataMissing { .. } => "model_data_missing",
            Self::ModelNeedsTract { .. } => "model_needs_tract",
            Self::ManifestInvalid { .. } => "manifest_invalid",
            Self::ManifestTooLarge { .. } => "manifest_too_large",
            Self::FamiliarityInvalid { .. } => "familiarity_invalid",
            Self::NoFeatures => "no_features",
            Self::LessonInvalid { .. } => "lesson_invalid",
            Self::LessonOfOtherModel { .. } => "lesson_of_other_model",
            Self::TeachRefused { .. } => "teach_refused",
            Self::LabelsInvalid { .. } => "labels_invalid",
            Self::ReportInvalid { .. }
            | Self::UnnamedReportInvalid { .. }
            | Self::ReportsInvalid { .. } => "report_invalid",
            Self::ReportsTooLarge { .. } | Self::SavedTooLarge { .. } => "report_too_large",
            Self::Internal { .. } => "internal",
        }
    }

    /// Who can do something about it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::ImageEmpty
            | Self::ImageNotRecognised
            | Self::ImageUnsupportedFormat { .. }
            | Self::ImageCorrupt { .. }
            | Self::ImageTooSmall { .. }
            | Self::ReportInvalid { .. }
            | Self::UnnamedReportInvalid { .. }
            | Self::ReportsInvalid { .. } => Fault::Image,
            Self::ImageTooLarge { .. }
            | Self::ImageTooMuchMemory { .. }
            | Self::FileTooLarge { .. }
            | Self::ReportsTooLarge { .. }
            | Self::SavedTooLarge { .. } => Fault::Limits,
            Self::TooManyPatches { .. }
            | Self::BatchTooLarge { .. }
            | Self::OptionsInvalid { .. }
            | Self::TeachRefused { .. }
            | Self::LabelsInvalid { .. } => Fault::Options,
            Self::ModelHashMismatch { .. }
            | Self::ModelInvalid { .. }
            | Self::ModelNotOnnx { .. }
            | Self::ModelDataMissing { .. }
            | Self::ModelNeedsTract { .. }
            | Self::ManifestInvalid { .. }
            | Self::ManifestTooLarge { .. }
            | Self::FamiliarityInvalid { .. }
            | Self::NoFeatures
            | Self::LessonInvalid { .. }
            | Self::LessonOfOtherModel { .. } => Fault::Model,
            Self::Internal { .. } => Fault::Internal,
        }
    }

    /// One sentence that says what the user can do.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::ImageEmpty => "Export or copy the image again; the file holds nothing.",
            Self::ImageNotRecognised => {
                "Use a PNG, JPEG, TIFF, BMP or WebP file; its content decides, not its name."
            }
            Self::ImageUnsupportedFormat { .. } => {
                "Convert it to an 8-bit RGB PNG, TIFF or JPEG and try again."
            }
            Self::ImageCorrupt { .. } => {
                "Copy or export the file again; if it opens elsewhere, re-save it as PNG."
            }
            Self::ImageTooSmall { .. } => {
                "Use the micrograph at its original resolution, not a thumbnail."
            }
            Self::ImageTooLarge { .. } | Self::ImageTooMuchMemory { .. } => {
                "Crop the field of interest or export it at a lower resolution."
            }
            Self::FileTooLarge { .. } => "Crop the field of interest, or save it as JPEG or WebP.",
            Self::TooManyPatches { .. } => "Ask for fewer patches, or choose a greater stride.",
            Self::BatchTooLarge { .. } => "Choose a smaller batch size.",
            Self::OptionsInvalid { .. } => "Correct the option; the message says what is allowed.",
            Self::ModelHashMismatch { .. } => {
                "Download the model and its manifest again; one of them was changed or cut short."
            }
            Self::ModelInvalid { .. } => {
                "Use an ONNX classifier with pictures as its one input and the scores of its classes \
                 as output (docs/own-model.md)."
            }
            Self::ModelNotOnnx { kind } => instead_of(*kind),
            Self::ModelDataMissing { .. } => {
                "Keep both files in one folder, drop them together, or export the network into one file."
            }
            Self::ModelNeedsTract { .. } => "Load the general edition of the engine.",
            Self::ManifestInvalid { .. } => {
                "Use the manifest that came with the model; the message names the field."
            }
            Self::ManifestTooLarge { .. } => "Use the manifest that came with the model.",
            Self::FamiliarityInvalid { .. } => {
                "Use the file that came with the model, beside its manifest."
            }
            Self::NoFeatures => {
                "Use the built-in model in int8, or one whose manifest names features (docs/teaching.md)."
            }
            Self::LessonInvalid { .. } => "Use the lesson's file as Histoscope wrote it.",
            Self::LessonOfOtherModel { .. } => {
                "Use the lesson with its own model, or teach this one the same images."
            }
            Self::TeachRefused { .. } => {
                "Label more images of more patients; the message says what is missing."
            }
            Self::LabelsInvalid { .. } => {
                "Correct the labels; the message says which line and what is allowed."
            }
            Self::ReportInvalid { .. }
            | Self::UnnamedReportInvalid { .. }
            | Self::ReportsInvalid { .. } => {
                "Use reports as Histoscope wrote them, or analyse the image again."
            }
            Self::ReportsTooLarge { .. } => "Average fewer images, or leave their patches out.",
            Self::SavedTooLarge { .. } => {
                "Save them in parts: results of a study are those of the images that its filter \
                 shows."
            }
            Self::Internal { .. } => "Please report this with the message; try another image.",
        }
    }

    pub(crate) fn internal(detail: impl fmt::Display) -> Self {
        Self::Internal { detail: detail.to_string() }
    }

    pub(crate) fn model(detail: impl fmt::Display) -> Self {
        Self::ModelInvalid { detail: detail.to_string() }
    }
}

impl From<histoscope_engine::Error> for Error {
    fn from(error: histoscope_engine::Error) -> Self {
        use histoscope_engine::Error as Engine;
        match error {
            Engine::Invalid { detail } => Self::ModelInvalid { detail },
            no_tap @ Engine::NoTap { .. } => Self::model(no_tap),
            Engine::NotOnnx { kind } => Self::ModelNotOnnx { kind },
            Engine::DataMissing { file } => Self::ModelDataMissing { file },
            Engine::NeedsTract { detail } => Self::ModelNeedsTract { detail },
            panicked @ Engine::Panicked { .. } => Self::model(panicked),
            other => Self::internal(other),
        }
    }
}

/// The remedy for a file that came in the place of a network.
fn instead_of(kind: Foreign) -> &'static str {
    match kind {
        Foreign::LfsPointer => "Run git lfs pull, or download the file from the repository's page.",
        Foreign::WebPage => "Download the file itself, not the page about it.",
        Foreign::PyTorch => "Load it in PyTorch and export it with torch.onnx.export.",
        Foreign::Keras => "Load it in Keras and export it with model.export and the format onnx.",
        Foreign::TfLite => "Convert it with tf2onnx, or export the network that it was made of.",
        Foreign::SafeTensors | Foreign::Gguf => {
            "Load the weights into their network and export that with torch.onnx.export."
        }
        Foreign::Ort => "Use the .onnx file that the .ort file was made of.",
        Foreign::Gzip | Foreign::Zip | Foreign::Archive => {
            "Unpack it, and use the .onnx file that lies in it."
        }
        Foreign::Encrypted => "Decrypt it first, and use the .onnx file that comes of it.",
        Foreign::Json => "Use the .onnx file; this one may be its configuration.",
        // Empty, damaged, and whatever comes to be known.
        _ => "Download or export the file again, and compare its size with the original's.",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::InputProblem;

    #[test]
    fn a_cause_has_the_values_by_name_and_what_is_wrong_with_a_part() {
        let option = OptionProblem::TooSmall { found: 3, least: 16 };
        let input = InputProblem::PatchSize { found: 0, most: 1024 };
        for (error, cause) in [
            (Error::ImageEmpty, json!({"kind": "image_empty"})),
            (
                Error::ImageTooSmall { width: 3, height: 4, least: 224 },
                json!({"kind": "image_too_small",
                    "params": {"width": 3, "height": 4, "least": 224}}),
            ),
            (
                Error::OptionsInvalid { option: "stride", problem: option },
                json!({"kind": "options_invalid", "params": {"option": "stride",
                    "problem": {"kind": "too_small", "params": {"found": 3, "least": 16}}}}),
            ),
            (
                Error::ManifestInvalid { problem: input.into() },
                json!({"kind": "manifest_invalid", "params":
                    {"problem": {"kind": "patch_size", "params": {"found": 0, "most": 1024}}}}),
            ),
            (
                Error::ModelNotOnnx { kind: Foreign::PyTorch },
                json!({"kind": "model_not_onnx", "params": {"kind": {"kind": "py_torch"}}}),
            ),
        ] {
            assert_eq!(serde_json::to_value(error.cause()).unwrap(), cause);
        }
    }
}
