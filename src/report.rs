//! The report: the public contract of the reference API, its field names kept, more beside them.
//!
//! One image gives an [`ImageReport`], several give a [`FolderReport`]. Both are versioned by
//! [`SCHEMA_VERSION`]. All numbers but `timings_ms` depend on nothing but the image's bytes, the
//! options and the model.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::aggregate::Aggregate;
use crate::error::Error;
use crate::manifest::{Calibration, Manifest, Variant};
use crate::options::Options;
use crate::screen::{Counts, Screen};

/// Verdict where too few patches can be assessed.
pub const NOT_ASSESSABLE: &str = "not assessable";

/// Version of the report's layout; raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 2;

/// Values by label, a JSON object in label order.
#[derive(Debug, Clone, PartialEq)]
pub struct ByLabel<T>(pub Vec<(String, T)>);

impl<T> ByLabel<T> {
    fn new(labels: &[String], suffix: &str, values: impl IntoIterator<Item = T>) -> Self {
        Self(labels.iter().map(|label| format!("{label}{suffix}")).zip(values).collect())
    }

    fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<T: Serialize> Serialize for ByLabel<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (label, value) in &self.0 {
            map.serialize_entry(label, value)?;
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByLabel<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = ByLabel<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with one value per label")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByLabel<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                if entries.is_empty() {
                    return Err(de::Error::custom("no labels"));
                }
                Ok(ByLabel(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// Width and height in pixels, after the EXIF orientation was applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageSize {
    pub width: u32,
    pub height: u32,
}

/// The grid that the patches were chosen from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GridSummary {
    pub columns: u32,
    pub rows: u32,
    /// Pixels between neighbouring patches.
    pub stride: u32,
    /// Patches in the grid, whether classified or not.
    pub total_patches: usize,
}

/// One sampled patch: its place in the image in pixels, and what screen and model say of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatchReport {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
    pub screen: Screen,
    /// `None` if the patch did not vote.
    pub probabilities: Option<ByLabel<f64>>,
}

/// Which model file made the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSummary {
    pub name: String,
    pub version: String,
    pub variant: Variant,
    /// Of the ONNX file, lower-case hexadecimal.
    pub sha256: String,
}

impl ModelSummary {
    /// # Errors
    /// [`Error::ManifestInvalid`] if the manifest does not hold the variant.
    pub fn new(manifest: &Manifest, variant: Variant) -> Result<Self, Error> {
        Ok(Self {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            variant,
            sha256: manifest.file(variant)?.sha256.clone(),
        })
    }
}

/// Which program made the report. It does not name the kernels: they all give the same numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EngineSummary {
    pub name: String,
    pub version: String,
}

impl EngineSummary {
    /// This build.
    pub fn current() -> Self {
        Self { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

/// Wall-clock times in milliseconds, measured by whoever ran the pipeline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Bytes to RGB pixels.
    pub decode: f64,
    /// All sampled patches; 0 from a caller that counts it as decoding.
    #[serde(default)]
    pub screen: f64,
    /// All forward passes.
    pub inference: f64,
    /// From the file's bytes to the report.
    pub total: f64,
}

/// What one image is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageReport {
    pub schema_version: u32,
    /// Always true; a failed image has a [`FailureReport`].
    pub success: bool,
    pub filename: String,
    /// Label with the greatest mean probability; like the next three `None` if no patch voted.
    pub prediction: Option<String>,
    pub prediction_idx: Option<usize>,
    /// The greatest mean probability.
    pub confidence: Option<f64>,
    /// Mean over the patches that voted.
    pub probabilities: Option<ByLabel<f64>>,
    /// Sampled patches, whether they voted or not.
    pub num_patches: usize,
    /// `<label>_patches`: how many of the voters have each label as their own greatest.
    pub patch_breakdown: ByLabel<u32>,
    /// How many sampled patches were found to be what; they sum to `num_patches`.
    pub screen: Counts,
    /// The prediction, "uncertain" below the threshold of the options or else of the model, or
    /// [`NOT_ASSESSABLE`].
    pub verdict: String,
    pub image: ImageSize,
    pub grid: GridSummary,
    /// In index order: row-major from the top left.
    pub patches: Vec<PatchReport>,
    pub model: ModelSummary,
    pub engine: EngineSummary,
    pub options: Options,
    pub timings_ms: Timings,
    /// What the reader should know, in sentences.
    pub warnings: Vec<String>,
}

/// What stood in the way of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// [`Error::code`], or a code of the page that never reached this crate.
    pub code: String,
    pub message: String,
    pub remedy: String,
    /// As [`crate::error::Fault`] in lower case; a page may add its own, such as "browser".
    pub fault: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().into(),
            message: error.to_string(),
            remedy: error.remedy().into(),
            fault: error.fault().to_string(),
        }
    }
}

/// An image that could not be classified.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailureReport {
    pub schema_version: u32,
    /// Always false.
    pub success: bool,
    pub filename: String,
    pub error: Failure,
}

impl FailureReport {
    pub fn new(filename: impl Into<String>, error: impl Into<Failure>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            success: false,
            filename: filename.into(),
            error: error.into(),
        }
    }
}

/// The outcome for one image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ImageOutcome {
    // Boxed: a report is many times the size of a failure.
    Success(Box<ImageReport>),
    Failure(FailureReport),
}

/// Mean over the images of a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AggregatedDiagnosis {
    pub prediction: String,
    pub prediction_idx: usize,
    pub confidence: f64,
    pub probabilities: ByLabel<f64>,
    /// As for one image: the prediction, or "uncertain".
    pub verdict: String,
}

/// What a folder of images of one patient is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FolderReport {
    pub schema_version: u32,
    /// Whether at least one image voted.
    pub success: bool,
    /// Images that voted, did not vote and failed together.
    pub num_images: usize,
    /// Images that could not be read; they do not vote.
    pub num_failed: usize,
    /// Images with too few patches that can be assessed; they do not vote either.
    pub num_not_assessable: usize,
    /// That of the diagnosis, or [`NOT_ASSESSABLE`] if no image voted; `None` if all failed.
    pub verdict: Option<String>,
    /// `None` if no image voted.
    pub aggregated_diagnosis: Option<AggregatedDiagnosis>,
    /// `<label>_images`: how many images have each label as their prediction.
    pub image_breakdown: Option<ByLabel<u32>>,
    pub individual_results: Vec<ImageOutcome>,
    pub model: ModelSummary,
    pub engine: EngineSummary,
}

impl FolderReport {
    /// Averages the images' probabilities in the order given.
    ///
    /// The threshold of "uncertain" is that of the images' options where they all have the same,
    /// else the model's.
    pub fn new(outcomes: Vec<ImageOutcome>, manifest: &Manifest, model: ModelSummary) -> Self {
        let members: Vec<Vec<f64>> = outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                ImageOutcome::Success(report) => {
                    report.probabilities.as_ref().map(|p| p.values().copied().collect())
                }
                ImageOutcome::Failure(_) => None,
            })
            .collect();
        let num_failed = outcomes.iter().filter(|o| matches!(o, ImageOutcome::Failure(_))).count();
        let num_not_assessable = outcomes.len() - num_failed - members.len();
        let aggregate = Aggregate::of(members.iter().map(Vec::as_slice));
        let opened = outcomes.len() > num_failed;
        let threshold = common_threshold(&outcomes);
        Self {
            verdict: opened.then(|| verdict(aggregate.as_ref(), manifest, threshold)),
            schema_version: SCHEMA_VERSION,
            success: aggregate.is_some(),
            num_images: outcomes.len(),
            num_failed,
            num_not_assessable,
            image_breakdown: aggregate.as_ref().map(|aggregate| {
                ByLabel::new(&manifest.labels, "_images", aggregate.counts.iter().copied())
            }),
            aggregated_diagnosis: aggregate.map(|aggregate| AggregatedDiagnosis {
                prediction: manifest.labels[aggregate.prediction].clone(),
                prediction_idx: aggregate.prediction,
                confidence: aggregate.confidence,
                verdict: verdict(Some(&aggregate), manifest, threshold),
                probabilities: probabilities_by_label(manifest, &aggregate.probabilities),
            }),
            individual_results: outcomes,
            model,
            engine: EngineSummary::current(),
        }
    }
}

/// The threshold that the options of all images have, if there is one.
fn common_threshold(outcomes: &[ImageOutcome]) -> Option<f64> {
    let mut thresholds = outcomes.iter().filter_map(|outcome| match outcome {
        ImageOutcome::Success(report) => Some(report.options.uncertain_below),
        ImageOutcome::Failure(_) => None,
    });
    let first = thresholds.next()?;
    first.filter(|_| thresholds.all(|other| other == first))
}

/// The predicted label, "uncertain" if the confidence is below `threshold` or, without one, below
/// the model's own, or [`NOT_ASSESSABLE`] if nothing voted.
pub(crate) fn verdict(
    aggregate: Option<&Aggregate>,
    manifest: &Manifest,
    threshold: Option<f64>,
) -> String {
    let Some(aggregate) = aggregate else { return NOT_ASSESSABLE.into() };
    let Calibration { uncertain_below, .. } = manifest.calibration;
    if threshold.or(uncertain_below).is_some_and(|threshold| aggregate.confidence < threshold) {
        "uncertain".into()
    } else {
        manifest.labels[aggregate.prediction].clone()
    }
}

pub(crate) fn probabilities_by_label(manifest: &Manifest, values: &[f64]) -> ByLabel<f64> {
    ByLabel::new(&manifest.labels, "", values.iter().copied())
}

pub(crate) fn patch_breakdown(manifest: &Manifest, aggregate: Option<&Aggregate>) -> ByLabel<u32> {
    let none = vec![0; manifest.labels.len()];
    let counts = aggregate.map_or(&none, |aggregate| &aggregate.counts);
    ByLabel::new(&manifest.labels, "_patches", counts.iter().copied())
}
