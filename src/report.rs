//! The report: the public contract of the reference API, its field names kept, more beside them.
//!
//! One image gives an [`ImageReport`], several give a [`FolderReport`], in which every patient that
//! is told has a [`PatientReport`]; images of several patients have no verdict together. Both are
//! versioned by [`SCHEMA_VERSION`]. All numbers but `timings_ms` depend on nothing but the image's bytes, the
//! options, the model and what [`EngineSummary`] names: with [`Arithmetic::Exact`] not even on that.
//!
//! Reports leave the program as JSON and come back: a page hands them in to be averaged, a person
//! opens saved ones. What comes back is checked as a whole ([`outcomes_from_json`],
//! [`saved_from_json`]).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;

use crate::aggregate::{Aggregate, Probabilities};
use crate::class::{ByClass, Class};
use crate::engine::{self, kernels};
use crate::error::{Cause, Error, Result};
use crate::familiarity::{Familiar, Unknown};
use crate::grid::MAX_PATCHES;
use crate::manifest::{Manifest, Variant};
use crate::model::Model;
use crate::options::Options;
use crate::scale::Scale;
use crate::screen::{Counts, Screen};

mod bounded;
mod check;
mod folder;
mod patients;
mod saved;
mod slide;
mod spoken;
mod taught;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod typescript;

pub use check::{
    MAX_REPORTED_SIDE, MAX_REPORTS_BYTES, MAX_TEXT_BYTES, ReportProblem, TOLERANCE,
    outcomes_from_json,
};
pub use folder::{
    AggregatedDiagnosis, Duplicates, FolderReport, ImageBreakdown, Vote, Votes, Whole,
};
pub use patients::{NoVerdict, PatientReport};
pub use saved::{MAX_SAVED_IMAGES, Saved, saved_from_json};
pub use slide::{RegionReport, SlideSource, SlideSummary, Stroke};
pub use taught::{LessonSummary, Taught, TaughtRegion, TaughtTogether};

/// Version of the report's layout; raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 2;

/// More warnings no report has.
const MAX_WARNINGS: usize = 1000;

/// Below this confidence both classes are told as 50.0 %, which is no verdict, whatever the threshold.
pub const TIED: f64 = 0.5005;

/// What a report comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Verdict {
    /// The prediction, sure enough.
    #[serde(rename = "benign")]
    Benign,
    /// The prediction, sure enough.
    #[serde(rename = "malignant")]
    Malignant,
    /// The confidence is below the threshold of the options, or else of the model; or the classes
    /// are as likely as each other, to [`TIED`]; or the model's classes are its own, of which neither
    /// counts as one of these ([`ImageReport::taught`]).
    #[serde(rename = "uncertain")]
    Uncertain,
    /// The image is unlike all that the model, or the lesson, has learned.
    #[serde(rename = "unfamiliar")]
    Unfamiliar,
    /// Too few patches, or no image at all, can be assessed.
    #[serde(rename = "not assessable")]
    NotAssessable,
}

impl Verdict {
    /// What `aggregate` comes to where "uncertain" begins below `threshold`, or below [`TIED`].
    /// `familiar` is what is known of an image.
    pub(crate) fn of(
        aggregate: Option<&Aggregate>,
        familiar: Option<&Familiar>,
        threshold: Option<f64>,
    ) -> Self {
        match aggregate {
            None => Self::NotAssessable,
            Some(_) if familiar.is_some_and(|familiar| !familiar.familiar) => Self::Unfamiliar,
            Some(Aggregate { confidence, .. })
                if *confidence < threshold.unwrap_or(TIED).max(TIED) =>
            {
                Self::Uncertain
            }
            Some(aggregate) => aggregate.prediction.into(),
        }
    }
}

impl From<Class> for Verdict {
    fn from(class: Class) -> Self {
        match class {
            Class::Benign => Self::Benign,
            Class::Malignant => Self::Malignant,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Benign => Class::Benign.name(),
            Self::Malignant => Class::Malignant.name(),
            Self::Uncertain => "uncertain",
            Self::Unfamiliar => "unfamiliar",
            Self::NotAssessable => "not assessable",
        })
    }
}

/// Width and height in pixels, after the EXIF orientation was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ImageSize {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// The grid that the patches were chosen from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct GridSummary {
    /// Patches side by side.
    pub columns: u32,
    /// Patches one below the other.
    pub rows: u32,
    /// Pixels between neighbouring patches.
    pub stride: u32,
    /// Patches in the grid, whether classified or not.
    pub total_patches: usize,
}

/// One sampled patch: its place in the image in pixels, and what screen and model say of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct PatchReport {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// The model's patch size.
    pub width: u32,
    /// As the width.
    pub height: u32,
    /// What the screen found; only what may vote has probabilities.
    pub screen: Screen,
    /// `None` if the patch did not vote.
    pub probabilities: Option<Probabilities>,
}

/// How many of the patches that voted have each class as their own greater one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct PatchBreakdown {
    /// Those that are rather benign, or just as much.
    pub benign_patches: u32,
    /// Those that are rather malignant.
    pub malignant_patches: u32,
}

impl PatchBreakdown {
    /// How many patches voted.
    pub fn voters(&self) -> u64 {
        u64::from(self.benign_patches) + u64::from(self.malignant_patches)
    }
}

impl From<ByClass<u32>> for PatchBreakdown {
    fn from(counts: ByClass<u32>) -> Self {
        Self { benign_patches: counts.benign, malignant_patches: counts.malignant }
    }
}

/// Which model file made the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ModelSummary {
    /// As its manifest has it.
    pub name: String,
    /// As its manifest has it.
    pub version: String,
    /// Which of its files.
    pub variant: Variant,
    /// Of the ONNX file, lower-case hexadecimal.
    pub sha256: String,
}

impl ModelSummary {
    /// The identity of one file of the model.
    ///
    /// # Errors
    /// [`Error::ManifestInvalid`] if the manifest does not hold the variant.
    pub fn new(manifest: &Manifest, variant: Variant) -> Result<Self> {
        Ok(Self {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            variant,
            sha256: manifest.file(variant)?.sha256.clone(),
        })
    }
}

/// Whether the numbers of a report are the same on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Arithmetic {
    /// Every layer ran in the integer kernels: the same bits on every machine, with any kernels, in
    /// either edition.
    Exact,
    /// Some layers ran in floating point. Which order their sums have depends on the processor, the
    /// kernels and the edition: probabilities agree within 1e-4.
    Float,
}

/// What computed a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum ComputedBy {
    /// Fused int8 layers, from end to end.
    Fused,
    /// Fused int8 layers, and tract what is not fused.
    Mixed,
    /// tract alone: nothing can be fused, or nothing was to be.
    Tract,
}

/// Which program made the report, and how it computed.
///
/// All but the first two are missing from reports of versions that did not say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct EngineSummary {
    /// Of this crate.
    pub name: String,
    /// Of this crate.
    pub version: String,
    /// "int8" or "general": [`engine::EDITION`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub edition: Option<String>,
    /// The integer kernels, such as "avx2" or "relaxed": [`kernels::Isa::name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub kernels: Option<String>,
    /// Whether another machine gets the same bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub arithmetic: Option<Arithmetic>,
    /// What computed the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub runtime: Option<ComputedBy>,
    /// Why no layer was fused although some could be, in a sentence without a full stop; missing,
    /// too, where that was not so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub fallback: Option<String>,
}

impl EngineSummary {
    /// This build with this model.
    pub fn of(model: &Model) -> Self {
        let runtime = match model.fused_layers() {
            0 => ComputedBy::Tract,
            fused if fused == model.layers().len() => ComputedBy::Fused,
            _ => ComputedBy::Mixed,
        };
        let arithmetic = match runtime {
            ComputedBy::Fused => Arithmetic::Exact,
            ComputedBy::Mixed | ComputedBy::Tract => Arithmetic::Float,
        };
        Self {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            edition: Some(engine::EDITION.into()),
            kernels: Some(kernels::Isa::best().name().into()),
            arithmetic: Some(arithmetic),
            runtime: Some(runtime),
            fallback: model.fallback().map(Into::into),
        }
    }
}

/// Wall-clock times in milliseconds, measured by whoever ran the pipeline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Timings {
    /// Bytes to RGB pixels.
    pub decode: f64,
    /// All sampled patches; 0 from a caller that counts it as decoding.
    #[serde(default)]
    pub screen: f64,
    /// The network, all patches.
    pub inference: f64,
    /// From the file's bytes to the report.
    pub total: f64,
}

/// What one image is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ImageReport {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Always true; a failed image has a [`FailureReport`].
    pub success: bool,
    /// As the caller calls it.
    pub filename: String,
    /// Class with the greater mean probability; like the next three `None` if no patch voted, and of
    /// a model whose classes are its own.
    pub prediction: Option<Class>,
    /// [`Class::index`] of the prediction.
    pub prediction_idx: Option<usize>,
    /// The greater mean probability.
    pub confidence: Option<f64>,
    /// Mean over the patches that voted.
    pub probabilities: Option<Probabilities>,
    /// Sampled patches, whether they voted or not.
    pub num_patches: usize,
    /// What those that voted say.
    pub patch_breakdown: PatchBreakdown,
    /// How many sampled patches were found to be what; they sum to `num_patches`.
    pub screen: Counts,
    /// What it comes to.
    pub verdict: Verdict,
    /// Its size.
    pub image: ImageSize,
    /// Where its patches lie.
    pub grid: GridSummary,
    /// In index order: row-major from the top left. Empty where a caller left them out.
    #[serde(deserialize_with = "bounded::list::<_, _, MAX_PATCHES>")]
    pub patches: Vec<PatchReport>,
    /// Which model it was.
    pub model: ModelSummary,
    /// What computed it.
    pub engine: EngineSummary,
    /// What the caller had set.
    pub options: Options,
    /// What it took.
    pub timings_ms: Timings,
    /// What the reader should know, in sentences.
    #[serde(deserialize_with = "bounded::list::<_, _, MAX_WARNINGS>")]
    pub warnings: Vec<String>,
    /// What each of them is, with its values, for whoever says it in words of their own; empty in
    /// reports of earlier versions.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "bounded::list::<_, _, MAX_WARNINGS>"
    )]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<Cause>>"))]
    pub warning_causes: Vec<Cause>,
    /// The size of a pixel, where file, name or caller tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub scale: Option<Scale>,
    /// Of the image file, lower-case hexadecimal; missing from reports of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub sha256: Option<String>,
    /// Place in `individual_results` of an earlier image of the same bytes. This one does not vote.
    /// Only [`FolderReport::new`] knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub duplicate_of: Option<usize>,
    /// How far the image is from what the model, or the lesson that judged, has learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub familiarity: Option<Familiar>,
    /// Why that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub familiarity_unknown: Option<Unknown>,
    /// What a lesson says. One of the classes benign and malignant speaks in the fields above, too;
    /// beside one of others they are what the model itself says. Without a lesson: what a model says
    /// whose classes are its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub taught: Option<Taught>,
    /// Of a slide: what it is, and what its regions say. Places of patches, size and grid are at the
    /// scale of the patches, and `sha256` is of pieces of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub slide: Option<SlideSummary>,
}

impl ImageReport {
    /// How many of its patches voted, for whichever classes: all that may, or none.
    pub fn voters(&self) -> usize {
        let Counts { assessable, unchecked, .. } = self.screen;
        let taught = self.taught.as_ref().and_then(|taught| taught.probabilities.as_ref());
        let any = self.probabilities.is_some() || taught.is_some();
        if any { assessable as usize + unchecked as usize } else { 0 }
    }
}

/// What stood in the way of a report.
///
/// A page writes failures of its own and may add to them, so other keys are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Failure {
    /// [`Error::code`], or a code of the program around this crate.
    pub code: String,
    /// What happened, a sentence without a full stop.
    pub message: String,
    /// What to do, a sentence.
    pub remedy: String,
    /// As [`crate::error::Fault`] in lower case; a page may add its own, such as "browser".
    pub fault: String,
    /// What it takes to say it in another language, where the program that wrote it knows that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub cause: Option<Cause>,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().into(),
            message: error.to_string(),
            remedy: error.remedy().into(),
            fault: error.fault().to_string(),
            cause: Some(error.cause()),
        }
    }
}

/// An image, or a folder of images, that could not be classified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FailureReport {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Always false.
    pub success: bool,
    /// As the caller calls it.
    pub filename: String,
    /// What stood in the way.
    pub error: Failure,
}

impl FailureReport {
    /// The report on `filename`, which may be empty where no file is to blame.
    pub fn new(filename: impl Into<String>, error: impl Into<Failure>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            success: false,
            filename: filename.into(),
            error: error.into(),
        }
    }
}

/// The outcome for one image; which of the two it is, its `success` tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum ImageOutcome {
    // Boxed: a report is many times the size of a failure.
    /// It was classified, or found not assessable.
    Success(Box<ImageReport>),
    /// It was not.
    Failure(FailureReport),
}

impl<'de> Deserialize<'de> for ImageOutcome {
    /// From a deserializer of `serde_json`. A derived one would try one after the other and say of
    /// a spoilt report only that it is neither.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Kind {
            success: bool,
        }
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let read = || {
            let Kind { success } = serde_json::from_str(json.get())?;
            Ok(if success {
                Self::Success(serde_json::from_str(json.get())?)
            } else {
                Self::Failure(serde_json::from_str(json.get())?)
            })
        };
        read().map_err(|error: serde_json::Error| de::Error::custom(error))
    }
}
