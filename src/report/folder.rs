//! Several images of one patient together: who votes, and what the mean of the voters comes to.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{EngineSummary, ImageOutcome, ModelSummary, SCHEMA_VERSION, Verdict};
use crate::aggregate::{Aggregate, Probabilities};
use crate::class::{ByClass, Class};
use crate::manifest::Calibration;

/// How many of the images that voted have each class as their prediction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageBreakdown {
    /// Those that are rather benign, or just as much.
    pub benign_images: u32,
    /// Those that are rather malignant.
    pub malignant_images: u32,
}

impl From<ByClass<u32>> for ImageBreakdown {
    fn from(counts: ByClass<u32>) -> Self {
        Self { benign_images: counts.benign, malignant_images: counts.malignant }
    }
}

/// Mean over the images that voted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AggregatedDiagnosis {
    /// Class with the greater mean probability.
    pub prediction: Class,
    /// [`Class::index`] of the prediction.
    pub prediction_idx: usize,
    /// The greater mean probability.
    pub confidence: f64,
    /// Mean over the images that voted.
    pub probabilities: Probabilities,
    /// The prediction, or "uncertain".
    pub verdict: Verdict,
}

/// What becomes of images of the same bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// The first votes, the others say which it is.
    #[default]
    VoteOnce,
    /// Every one votes.
    Keep,
}

/// What a folder of images of one patient is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderReport {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Whether at least one image voted.
    pub success: bool,
    /// All results: those that voted, did not vote and failed.
    pub num_images: usize,
    /// Images, and folders of them, that could not be read; they do not vote.
    pub num_failed: usize,
    /// Images with too few patches that can be assessed; they do not vote either.
    pub num_not_assessable: usize,
    /// Images of which an earlier one has the same bytes, and votes for both.
    #[serde(default)]
    pub num_duplicates: usize,
    /// Whether something failed, so that the diagnosis does not speak for all that was asked about.
    #[serde(default)]
    pub partial: bool,
    /// That of the diagnosis, or "not assessable" if no image voted; `None` if all failed.
    pub verdict: Option<Verdict>,
    /// `None` if no image voted.
    pub aggregated_diagnosis: Option<AggregatedDiagnosis>,
    /// `None` if no image voted.
    pub image_breakdown: Option<ImageBreakdown>,
    /// In the order in which they were given.
    pub individual_results: Vec<ImageOutcome>,
    /// The model whose threshold counts where the images have none of their own.
    pub model: ModelSummary,
    /// What took the mean; each image says what computed it.
    pub engine: EngineSummary,
}

impl FolderReport {
    /// Averages the images' probabilities in the order given.
    ///
    /// The threshold of "uncertain" is that of the images' options where they all have the same,
    /// else the model's. Outcomes that come from outside have to be checked before
    /// ([`super::outcomes_from_json`]).
    pub fn new(
        mut outcomes: Vec<ImageOutcome>,
        duplicates: Duplicates,
        calibration: &Calibration,
        model: ModelSummary,
        engine: EngineSummary,
    ) -> Self {
        let num_duplicates = mark_duplicates(&mut outcomes, duplicates);
        let num_failed = outcomes.iter().filter(|o| matches!(o, ImageOutcome::Failure(_))).count();
        let votes: Vec<&Probabilities> = outcomes.iter().filter_map(vote).collect();
        let num_not_assessable = outcomes.len() - num_failed - num_duplicates - votes.len();
        let aggregate = Aggregate::of(votes);
        let threshold = common_threshold(&outcomes).or(calibration.uncertain_below);
        let verdict = Verdict::of(aggregate.as_ref(), threshold);
        Self {
            schema_version: SCHEMA_VERSION,
            success: aggregate.is_some(),
            num_images: outcomes.len(),
            num_failed,
            num_not_assessable,
            num_duplicates,
            partial: num_failed > 0,
            verdict: (outcomes.len() > num_failed).then_some(verdict),
            image_breakdown: aggregate.map(|aggregate| aggregate.counts.into()),
            aggregated_diagnosis: aggregate.map(|aggregate| AggregatedDiagnosis {
                prediction: aggregate.prediction,
                prediction_idx: aggregate.prediction.index(),
                confidence: aggregate.confidence,
                probabilities: aggregate.probabilities,
                verdict,
            }),
            individual_results: outcomes,
            model,
            engine,
        }
    }
}

/// Marks every image of which an earlier one has the same bytes. Returns how many there are.
fn mark_duplicates(outcomes: &mut [ImageOutcome], duplicates: Duplicates) -> usize {
    let mut first = HashMap::new();
    let mut marked = 0;
    for (place, outcome) in outcomes.iter_mut().enumerate() {
        let ImageOutcome::Success(report) = outcome else { continue };
        // An image that was a duplicate in another company need not be one in this.
        report.duplicate_of = None;
        let (Some(sha256), Duplicates::VoteOnce) = (&report.sha256, duplicates) else { continue };
        let earlier = *first.entry(sha256.clone()).or_insert(place);
        if earlier != place {
            report.duplicate_of = Some(earlier);
            marked += 1;
        }
    }
    marked
}

/// What an image says, if it votes.
fn vote(outcome: &ImageOutcome) -> Option<&Probabilities> {
    match outcome {
        ImageOutcome::Success(report) if report.duplicate_of.is_none() => {
            report.probabilities.as_ref()
        }
        _ => None,
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
