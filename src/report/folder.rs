//! Several images of one patient together: who votes, and what the mean of the voters comes to.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{EngineSummary, ImageOutcome, ModelSummary, SCHEMA_VERSION, TaughtTogether, Verdict};
use crate::aggregate::{Aggregate, Probabilities};
use crate::class::{ByClass, Class};
use crate::manifest::Calibration;

/// How many of the images that voted have each class as their prediction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
#[cfg_attr(test, derive(ts_rs::TS))]
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

/// Which images vote. The default: each picture once, and nothing that is unfamiliar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Votes {
    /// What becomes of images of the same bytes.
    pub duplicates: Duplicates,
    /// Whether images vote that are unlike what the model has learned.
    pub unfamiliar: bool,
}

impl From<Duplicates> for Votes {
    fn from(duplicates: Duplicates) -> Self {
        Self { duplicates, unfamiliar: false }
    }
}

/// What a folder of images of one patient is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
    /// Images that are unlike what the model has learned, if there are any; they vote only where that
    /// is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub num_unfamiliar: Option<usize>,
    /// Whether something failed, so that the diagnosis does not speak for all that was asked about.
    #[serde(default)]
    pub partial: bool,
    /// That of the diagnosis; if no image voted "unfamiliar" where an image is that, else "not
    /// assessable"; `None` if all failed.
    pub verdict: Option<Verdict>,
    /// `None` if no image voted.
    pub aggregated_diagnosis: Option<AggregatedDiagnosis>,
    /// `None` if no image voted.
    pub image_breakdown: Option<ImageBreakdown>,
    /// What a lesson says that has other classes; the fields above then are the model's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub taught: Option<TaughtTogether>,
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
    /// Outcomes that come from outside have to be checked before ([`super::outcomes_from_json`]).
    pub fn new(
        mut outcomes: Vec<ImageOutcome>,
        rule: impl Into<Votes>,
        calibration: &Calibration,
        model: ModelSummary,
        engine: EngineSummary,
    ) -> Self {
        let rule = rule.into();
        let votes: Vec<Vote> = outcomes.iter().map(Vote::of).collect();
        let whole = Whole::of(&votes, rule, calibration, model, engine);
        for (outcome, duplicate_of) in outcomes.iter_mut().zip(&whole.duplicate_of) {
            if let ImageOutcome::Success(report) = outcome {
                // An image that was a duplicate in another company need not be one in this.
                report.duplicate_of = *duplicate_of;
            }
        }
        let counted = outcomes.iter().filter_map(|outcome| match outcome {
            ImageOutcome::Success(report) => Some(&**report),
            ImageOutcome::Failure(_) => None,
        });
        let counted = counted.filter(|report| report.duplicate_of.is_none());
        let taught = TaughtTogether::of(counted, rule.unfamiliar, common_threshold(&votes));
        Self {
            taught,
            schema_version: whole.schema_version,
            success: whole.success,
            num_images: whole.num_images,
            num_failed: whole.num_failed,
            num_not_assessable: whole.num_not_assessable,
            num_duplicates: whole.num_duplicates,
            num_unfamiliar: whole.num_unfamiliar,
            partial: whole.partial,
            verdict: whole.verdict,
            aggregated_diagnosis: whole.aggregated_diagnosis,
            image_breakdown: whole.image_breakdown,
            individual_results: outcomes,
            model: whole.model,
            engine: whole.engine,
        }
    }
}

/// What the mean over images reads of one of them: a few numbers, however many patches it has.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// Whether it has no result.
    pub failed: bool,
    /// `None` if it failed, or too little of it can be assessed.
    pub probabilities: Option<Probabilities>,
    /// Whether it is unlike what the model has learned.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub unfamiliar: Option<bool>,
    /// Of the image file; equal ones are the same bytes.
    pub sha256: Option<String>,
    /// The threshold that it was analysed with, or that of a lesson which judged in the place of the
    /// model's own head; `None` where it is the model's.
    pub uncertain_below: Option<f64>,
}

impl Vote {
    fn is_unfamiliar(&self) -> bool {
        self.unfamiliar == Some(true)
    }

    /// What `outcome` has to say.
    pub fn of(outcome: &ImageOutcome) -> Self {
        match outcome {
            ImageOutcome::Success(report) => Self {
                failed: false,
                probabilities: report.probabilities,
                unfamiliar: Some(report.verdict == Verdict::Unfamiliar),
                sha256: report.sha256.clone(),
                uncertain_below: report.options.uncertain_below.or_else(|| {
                    let in_place = report.taught.as_ref().filter(|taught| taught.is_in_place());
                    in_place.map(|taught| taught.lesson.threshold())
                }),
            },
            ImageOutcome::Failure(_) => Self {
                failed: true,
                probabilities: None,
                unfamiliar: None,
                sha256: None,
                uncertain_below: None,
            },
        }
    }
}

/// A folder's report without its images: the fields are those of [`FolderReport`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs, reason = "the fields are those of FolderReport")]
pub struct Whole {
    pub schema_version: u32,
    pub success: bool,
    pub num_images: usize,
    pub num_failed: usize,
    pub num_not_assessable: usize,
    pub num_duplicates: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub num_unfamiliar: Option<usize>,
    pub partial: bool,
    pub verdict: Option<Verdict>,
    pub aggregated_diagnosis: Option<AggregatedDiagnosis>,
    pub image_breakdown: Option<ImageBreakdown>,
    pub model: ModelSummary,
    pub engine: EngineSummary,
    /// Of each image, the place of an earlier one of the same bytes, which votes for both.
    pub duplicate_of: Vec<Option<usize>>,
}

impl Whole {
    /// Averages the probabilities of those that vote in the order given.
    ///
    /// The threshold of "uncertain" is that of the images where they all have the same, else the
    /// model's.
    pub fn of(
        votes: &[Vote],
        rule: impl Into<Votes>,
        calibration: &Calibration,
        model: ModelSummary,
        engine: EngineSummary,
    ) -> Self {
        let rule = rule.into();
        let duplicate_of = find_duplicates(votes, rule.duplicates);
        let num_duplicates = duplicate_of.iter().flatten().count();
        let num_failed = votes.iter().filter(|vote| vote.failed).count();
        let once = || {
            let votes = votes.iter().zip(&duplicate_of);
            votes.filter(|(_, duplicate)| duplicate.is_none()).map(|(vote, _)| vote)
        };
        let num_unfamiliar = once().filter(|vote| vote.is_unfamiliar()).count();
        let left_out = if rule.unfamiliar { 0 } else { num_unfamiliar };
        let counted: Vec<&Probabilities> = once()
            .filter(|vote| rule.unfamiliar || !vote.is_unfamiliar())
            .filter_map(|vote| vote.probabilities.as_ref())
            .collect();
        let num_not_assessable =
            votes.len() - num_failed - num_duplicates - left_out - counted.len();
        let aggregate = Aggregate::of(counted);
        let threshold = common_threshold(votes).or(calibration.uncertain_below);
        let verdict = match Verdict::of(aggregate.as_ref(), None, threshold) {
            Verdict::NotAssessable if num_unfamiliar > 0 => Verdict::Unfamiliar,
            verdict => verdict,
        };
        Self {
            schema_version: SCHEMA_VERSION,
            success: aggregate.is_some(),
            num_images: votes.len(),
            num_failed,
            num_not_assessable,
            num_duplicates,
            num_unfamiliar: Some(num_unfamiliar).filter(|&count| count > 0),
            partial: num_failed > 0,
            verdict: (votes.len() > num_failed).then_some(verdict),
            image_breakdown: aggregate.map(|aggregate| aggregate.counts.into()),
            aggregated_diagnosis: aggregate.map(|aggregate| AggregatedDiagnosis {
                prediction: aggregate.prediction,
                prediction_idx: aggregate.prediction.index(),
                confidence: aggregate.confidence,
                probabilities: aggregate.probabilities,
                verdict,
            }),
            model,
            engine,
            duplicate_of,
        }
    }
}

/// For every image, an earlier one of the same bytes. What failed has none.
fn find_duplicates(votes: &[Vote], duplicates: Duplicates) -> Vec<Option<usize>> {
    let mut first = HashMap::new();
    let place_of_first = |(place, vote): (usize, &Vote)| {
        let (Some(sha256), Duplicates::VoteOnce) = (&vote.sha256, duplicates) else { return None };
        Some(*first.entry(sha256.clone()).or_insert(place)).filter(|earlier| *earlier != place)
    };
    votes.iter().enumerate().map(place_of_first).collect()
}

/// The threshold that all images with a result have, if there is one.
fn common_threshold(votes: &[Vote]) -> Option<f64> {
    let mut thresholds = votes.iter().filter(|vote| !vote.failed).map(|vote| vote.uncertain_below);
    let first = thresholds.next()?;
    first.filter(|_| thresholds.all(|other| other == first))
}
