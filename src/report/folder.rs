//! Several images together: who votes, and what the mean of the voters comes to. Over several patients
//! there is no mean: each has its own.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::patients::{NoVerdict, PatientReport, places};
use super::{
    EngineSummary, ImageOutcome, ImageReport, LessonSummary, ModelSummary, SCHEMA_VERSION,
    TaughtTogether, Verdict,
};
use crate::aggregate::{Aggregate, Probabilities};
use crate::class::{ByClass, Class};
use crate::manifest::Calibration;
use crate::patients::Patients;

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

/// Which images vote, and with whom. The default: each picture once, nothing that is unfamiliar, and
/// patients by the names of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Votes<'a> {
    /// What becomes of images of the same bytes.
    pub duplicates: Duplicates,
    /// Whether images vote that are unlike what the model has learned.
    pub unfamiliar: bool,
    /// Who tells whose they are.
    pub patients: Patients<'a>,
}

impl From<Duplicates> for Votes<'_> {
    fn from(duplicates: Duplicates) -> Self {
        Self { duplicates, ..Self::default() }
    }
}

/// What a folder of images is: of one patient, unless names of files, or who knows better, tell several.
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
    /// assessable"; `None` if all failed, or for the reason of `no_verdict`.
    pub verdict: Option<Verdict>,
    /// Why there is neither verdict nor diagnosis although images voted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub no_verdict: Option<NoVerdict>,
    /// `None` if no image voted for one of the two, or for the reason of `no_verdict`.
    pub aggregated_diagnosis: Option<AggregatedDiagnosis>,
    /// `None` if no image voted for one of the two.
    pub image_breakdown: Option<ImageBreakdown>,
    /// What a lesson says that has other classes; the fields above then are the model's own. Or what
    /// a model says whose classes are its own: of benign and malignant there is nothing then. Also
    /// `None` for the reason of `no_verdict`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub taught: Option<TaughtTogether>,
    /// Each patient that names of files, or who knows better, tell, in the order of names; empty where
    /// they tell none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<PatientReport>>"))]
    pub patients: Vec<PatientReport>,
    /// In the order in which they were given.
    pub individual_results: Vec<ImageOutcome>,
    /// The model whose threshold counts where the images have none of their own.
    pub model: ModelSummary,
    /// What took the mean; each image says what computed it.
    pub engine: EngineSummary,
}

impl FolderReport {
    /// Averages the images' probabilities in the order given, those of each patient apart.
    ///
    /// Outcomes that come from outside have to be checked before ([`super::outcomes_from_json`]).
    pub fn new<'a>(
        mut outcomes: Vec<ImageOutcome>,
        rule: impl Into<Votes<'a>>,
        calibration: &Calibration,
        model: ModelSummary,
        engine: EngineSummary,
    ) -> Self {
        let rule = rule.into();
        let votes: Vec<Vote> = outcomes.iter().map(Vote::of).collect();
        let mut whole = Whole::of(&votes, rule, calibration, model, engine);
        for (outcome, duplicate_of) in outcomes.iter_mut().zip(&whole.duplicate_of) {
            if let ImageOutcome::Success(report) = outcome {
                // An image that was a duplicate in another company need not be one in this.
                report.duplicate_of = *duplicate_of;
            }
        }
        let taught = |places: &[usize]| {
            let counted = places.iter().filter_map(|&place| counted(&outcomes[place]));
            let threshold = common_threshold(places.iter().map(|&place| &votes[place]));
            TaughtTogether::of(counted, rule.unfamiliar, threshold, calibration.uncertain_below)
        };
        for patient in &mut whole.patients {
            patient.taught = taught(&patient.images);
        }
        let taught = match whole.no_verdict {
            None => taught(&Vec::from_iter(0..votes.len())),
            Some(NoVerdict::SeveralPatients) => None,
        };
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
            no_verdict: whole.no_verdict,
            aggregated_diagnosis: whole.aggregated_diagnosis,
            image_breakdown: whole.image_breakdown,
            patients: whole.patients,
            individual_results: outcomes,
            model: whole.model,
            engine: whole.engine,
        }
    }
}

/// The report of an image that is no duplicate.
fn counted(outcome: &ImageOutcome) -> Option<&ImageReport> {
    match outcome {
        ImageOutcome::Success(report) if report.duplicate_of.is_none() => Some(report),
        ImageOutcome::Success(_) | ImageOutcome::Failure(_) => None,
    }
}

/// What the mean over images reads of one of them: a few numbers, however many patches it has.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// That of its file, which may tell a patient; `None` where that is no matter.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub name: Option<String>,
    /// Whether it has no result.
    pub failed: bool,
    /// `None` if it failed, or too little of it can be assessed.
    pub probabilities: Option<Probabilities>,
    /// Whether it votes all the same, for classes of the model's own.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub otherwise: Option<bool>,
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

    fn is_otherwise(&self) -> bool {
        self.otherwise == Some(true)
    }

    /// What `outcome` has to say.
    pub fn of(outcome: &ImageOutcome) -> Self {
        match outcome {
            ImageOutcome::Success(report) => Self {
                name: Some(report.filename.clone()),
                failed: false,
                probabilities: report.probabilities,
                otherwise: Some(report.probabilities.is_none() && report.voters() > 0),
                unfamiliar: Some(report.verdict == Verdict::Unfamiliar),
                sha256: report.sha256.clone(),
                uncertain_below: report.options.uncertain_below.or_else(|| {
                    let in_place = report.taught.as_ref().filter(|taught| taught.is_in_place());
                    let lesson = in_place.and_then(|taught| taught.lesson.as_ref());
                    lesson.map(LessonSummary::threshold)
                }),
            },
            ImageOutcome::Failure(report) => Self {
                name: Some(report.filename.clone()),
                failed: true,
                probabilities: None,
                otherwise: None,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub no_verdict: Option<NoVerdict>,
    pub aggregated_diagnosis: Option<AggregatedDiagnosis>,
    pub image_breakdown: Option<ImageBreakdown>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<PatientReport>>"))]
    pub patients: Vec<PatientReport>,
    pub model: ModelSummary,
    pub engine: EngineSummary,
    /// Of each image, the place of an earlier one of the same bytes, which votes for both.
    pub duplicate_of: Vec<Option<usize>>,
}

impl Whole {
    /// Averages the probabilities of those that vote in the order given, those of each patient apart.
    ///
    /// The threshold of "uncertain" is that of the images where they all have the same, else the
    /// model's.
    pub fn of<'a>(
        votes: &[Vote],
        rule: impl Into<Votes<'a>>,
        calibration: &Calibration,
        model: ModelSummary,
        engine: EngineSummary,
    ) -> Self {
        let rule = rule.into();
        let duplicate_of = find_duplicates(votes, rule.duplicates);
        let said = |places: &[usize]| {
            let firsts = places.iter().filter(|&&place| duplicate_of[place].is_none());
            let once: Vec<&Vote> = firsts.map(|&place| &votes[place]).collect();
            let threshold = common_threshold(places.iter().map(|&place| &votes[place]));
            let threshold = threshold.or(calibration.uncertain_below);
            Tally::of(&once, places.len() - once.len(), rule.unfamiliar, threshold)
        };
        let of_all = said(&Vec::from_iter(0..votes.len()));
        let patients = places(votes, rule.patients).into_iter().map(|(patient, images)| {
            let said = said(&images);
            PatientReport::new(patient, images, said)
        });
        let patients: Vec<PatientReport> = patients.collect();
        let several = patients.len() > 1;
        Self {
            schema_version: SCHEMA_VERSION,
            success: of_all.success,
            num_images: votes.len(),
            num_failed: of_all.num_failed,
            num_not_assessable: of_all.num_not_assessable,
            num_duplicates: of_all.num_duplicates,
            num_unfamiliar: of_all.num_unfamiliar,
            partial: of_all.num_failed > 0,
            verdict: of_all.verdict.filter(|_| !several),
            no_verdict: several.then_some(NoVerdict::SeveralPatients),
            image_breakdown: of_all.breakdown,
            aggregated_diagnosis: of_all.diagnosis.filter(|_| !several),
            patients,
            model,
            engine,
            duplicate_of,
        }
    }
}

/// What the images that vote come to, whoever they are.
pub(super) struct Tally {
    /// Whether any image votes, for whichever classes.
    pub(super) success: bool,
    pub(super) num_failed: usize,
    pub(super) num_not_assessable: usize,
    pub(super) num_duplicates: usize,
    /// `None` instead of 0.
    pub(super) num_unfamiliar: Option<usize>,
    /// `None` where nothing could be read.
    pub(super) verdict: Option<Verdict>,
    pub(super) diagnosis: Option<AggregatedDiagnosis>,
    pub(super) breakdown: Option<ImageBreakdown>,
}

impl Tally {
    /// `once`: without `num_duplicates` that others vote for. `unfamiliar` and `threshold` as in
    /// [`Votes`] and [`Verdict::of`].
    fn of(once: &[&Vote], num_duplicates: usize, unfamiliar: bool, threshold: Option<f64>) -> Self {
        let num_failed = once.iter().filter(|vote| vote.failed).count();
        let num_unfamiliar = once.iter().filter(|vote| vote.is_unfamiliar()).count();
        let allowed = || once.iter().filter(|vote| unfamiliar || !vote.is_unfamiliar());
        let counted: Vec<&Probabilities> =
            allowed().filter_map(|vote| vote.probabilities.as_ref()).collect();
        let otherwise = allowed().filter(|vote| vote.is_otherwise()).count();
        // One by one: a vote that contradicts itself must not count twice.
        let says_nothing =
            |vote: &&&Vote| !vote.failed && !vote.is_otherwise() && vote.probabilities.is_none();
        let num_not_assessable = allowed().filter(says_nothing).count();
        let aggregate = Aggregate::of(counted);
        let verdict = match Verdict::of(aggregate.as_ref(), None, threshold) {
            Verdict::NotAssessable if otherwise > 0 => Verdict::Uncertain,
            Verdict::NotAssessable if num_unfamiliar > 0 => Verdict::Unfamiliar,
            verdict => verdict,
        };
        Self {
            success: aggregate.is_some() || otherwise > 0,
            num_failed,
            num_not_assessable,
            num_duplicates,
            num_unfamiliar: Some(num_unfamiliar).filter(|&count| count > 0),
            verdict: (once.len() > num_failed).then_some(verdict),
            breakdown: aggregate.map(|aggregate| aggregate.counts.into()),
            diagnosis: aggregate.map(|aggregate| AggregatedDiagnosis {
                prediction: aggregate.prediction,
                prediction_idx: aggregate.prediction.index(),
                confidence: aggregate.confidence,
                probabilities: aggregate.probabilities,
                verdict,
            }),
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
fn common_threshold<'a>(votes: impl Iterator<Item = &'a Vote>) -> Option<f64> {
    let mut thresholds = votes.filter(|vote| !vote.failed).map(|vote| vote.uncertain_below);
    let first = thresholds.next()?;
    first.filter(|_| thresholds.all(|other| other == first))
}
