//! What a head of other classes than benign and malignant says, in a report: a lesson's or a model's
//! own.

use serde::{Deserialize, Serialize};

use super::{ImageReport, Verdict, bounded};
use crate::class::Class;
use crate::familiarity::Familiar;
use crate::grid::MAX_PATCHES;
use crate::lesson::{CLASSES, Judged, Lesson, are_classes, greatest, mean_of, verdict};
use crate::manifest::Manifest;
use crate::options::Options;

const MAX_CLASSES: usize = Manifest::MAX_LABELS;

/// Which lesson judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct LessonSummary {
    /// As its teacher calls it.
    pub name: String,
    /// Of the lesson's file, lower-case hexadecimal.
    pub sha256: String,
    /// Confidence, 0 to 1, under which its verdict is "uncertain"; `None` never abstains. Reports of
    /// earlier versions do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub uncertain_below: Option<f64>,
}

impl LessonSummary {
    /// The threshold that holds where it judges in the place of the model's own head: one that never
    /// abstains has [`Options::NEVER_UNCERTAIN`], for the model's threshold is not its own.
    pub fn threshold(&self) -> f64 {
        self.uncertain_below.unwrap_or(Options::NEVER_UNCERTAIN)
    }
}

/// What a lesson says of an image, by its own classes; or a model whose classes are its own, as its
/// makers taught it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Taught {
    /// Which lesson; `None` where the model itself has these classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub lesson: Option<LessonSummary>,
    /// Names of its classes, in the order of all probabilities.
    #[serde(deserialize_with = "bounded::list::<_, _, MAX_CLASSES>")]
    pub classes: Vec<String>,
    /// The class with the greatest mean probability; like the next three `None` without voters.
    pub prediction: Option<String>,
    /// Its place in `classes`.
    pub prediction_idx: Option<usize>,
    /// The greatest mean probability.
    pub confidence: Option<f64>,
    /// Mean over the voters.
    pub probabilities: Option<Vec<f64>>,
    /// Of each patch that voted, in the order of the report's patches.
    #[serde(deserialize_with = "bounded::rows::<_, _, MAX_PATCHES, MAX_CLASSES>")]
    pub voters: Vec<Vec<f64>>,
    /// How far the image is from what the lesson, or the model, has learned; `None` where that is
    /// not known.
    pub familiarity: Option<Familiar>,
    /// The name of a class, "uncertain", "unfamiliar" or "not assessable".
    pub verdict: String,
}

/// What a head of other classes than benign and malignant says of a region of a slide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct TaughtRegion {
    /// The class with the greatest mean probability; like the next two `None` without voters.
    pub prediction: Option<String>,
    /// The greatest mean probability.
    pub confidence: Option<f64>,
    /// Mean over the voters, in the order of the report's `taught.classes`.
    pub probabilities: Option<Vec<f64>>,
    /// How far the region is from what the lesson, or the model, has learned; `None` where that is
    /// not known.
    pub familiarity: Option<Familiar>,
    /// The name of a class, "uncertain", "unfamiliar" or "not assessable".
    pub verdict: String,
}

impl From<Taught> for TaughtRegion {
    fn from(taught: Taught) -> Self {
        let Taught { prediction, confidence, probabilities, familiarity, verdict, .. } = taught;
        Self { prediction, confidence, probabilities, familiarity, verdict }
    }
}

impl TaughtRegion {
    /// As [`Taught::holds`], of a region of a report with these classes.
    pub(crate) fn holds(&self, classes: &[String], voters: usize) -> bool {
        let Self { prediction, confidence, probabilities, familiarity, verdict } = self;
        Claim { prediction, confidence, probabilities, familiarity, verdict }.holds(classes, voters)
    }
}

/// What a head says of an image or a region, as a report has it.
struct Claim<'a> {
    prediction: &'a Option<String>,
    confidence: &'a Option<f64>,
    probabilities: &'a Option<Vec<f64>>,
    familiarity: &'a Option<Familiar>,
    verdict: &'a str,
}

impl Claim<'_> {
    /// Whether its parts follow from each other.
    fn holds(&self, classes: &[String], voters: usize) -> bool {
        let best = self.probabilities.as_deref().map(greatest);
        self.probabilities.iter().all(|shares| are_shares(shares, classes))
            && self.probabilities.is_some() == (voters > 0)
            && self.prediction.as_ref() == best.map(|best| &classes[best])
            && self.confidence.is_some() == best.is_some()
            && self.confidence.is_none_or(|sure| (0.0..=1.0).contains(&sure))
            && self.verdict_follows(best.map(|best| classes[best].as_str()))
    }

    /// Whether its verdict is one that follows from its prediction and its familiarity.
    fn verdict_follows(&self, prediction: Option<&str>) -> bool {
        let says = |verdict: Verdict| self.verdict == verdict.to_string();
        let Some(prediction) = prediction else { return says(Verdict::NotAssessable) };
        let strange = self.familiarity.as_ref().is_some_and(|familiar| !familiar.familiar);
        if strange {
            return says(Verdict::Unfamiliar);
        }
        says(Verdict::Uncertain) || self.verdict == prediction
    }
}

/// Whether these are probabilities of so many classes.
fn are_shares(shares: &[f64], classes: &[String]) -> bool {
    shares.len() == classes.len()
        && shares.iter().all(|share| (0.0..=1.0).contains(share))
        && (shares.iter().sum::<f64>() - 1.0).abs() <= super::TOLERANCE
}

/// What a head of other classes than benign and malignant says of several images together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct TaughtTogether {
    /// Names of its classes, in the order of all that follows.
    pub classes: Vec<String>,
    /// The class with the greatest mean probability; like the next two `None` where no image votes.
    pub prediction: Option<String>,
    /// The greatest mean probability.
    pub confidence: Option<f64>,
    /// Mean over the images that vote.
    pub probabilities: Option<Vec<f64>>,
    /// How many of these have each class as their prediction.
    pub images: Vec<u32>,
    /// The name of a class, "uncertain", "unfamiliar" or "not assessable".
    pub verdict: String,
}

impl TaughtTogether {
    /// `None` unless one head of other classes judged all of `reports`. Unfamiliar images vote if
    /// `unfamiliar` says so; below `threshold`, or else that of the lesson or, where there is none,
    /// `of_model`, the verdict is "uncertain".
    pub(crate) fn of<'a>(
        reports: impl Iterator<Item = &'a ImageReport>,
        unfamiliar: bool,
        threshold: Option<f64>,
        of_model: Option<f64>,
    ) -> Option<Self> {
        let all: Option<Vec<&Taught>> = reports.map(|report| report.taught.as_ref()).collect();
        let all = all?;
        let first = *all.first()?;
        let one = all
            .iter()
            .all(|taught| taught.lesson == first.lesson && taught.classes == first.classes);
        if !one || first.is_in_place() {
            return None;
        }
        let strange = |taught: &&Taught| taught.verdict == Verdict::Unfamiliar.to_string();
        let voters = all.iter().filter(|taught| unfamiliar || !strange(taught));
        let said: Vec<Vec<f64>> =
            voters.filter_map(|taught| taught.probabilities.clone()).collect();
        let mut images = vec![0; first.classes.len()];
        for probabilities in &said {
            images[greatest(probabilities)] += 1;
        }
        let probabilities = mean_of(&said);
        let best = probabilities.as_deref().map(greatest);
        let prediction = best.map(|best| first.classes[best].clone());
        let confidence = best.zip(probabilities.as_ref()).map(|(best, p)| p[best]);
        let usual = match &first.lesson {
            Some(lesson) => lesson.uncertain_below,
            None => of_model,
        };
        let threshold = threshold.or(usual);
        let verdict = match &probabilities {
            Some(probabilities) => verdict(&first.classes, probabilities, threshold),
            None if all.iter().any(strange) => Verdict::Unfamiliar.to_string(),
            None => Verdict::NotAssessable.to_string(),
        };
        let classes = first.classes.clone();
        Some(Self { classes, prediction, confidence, probabilities, images, verdict })
    }
}

impl Taught {
    /// Whether its classes are benign and malignant: then the report says in its own fields what the
    /// lesson says.
    pub fn is_in_place(&self) -> bool {
        self.classes.iter().map(String::as_str).eq(Class::ALL.map(Class::name))
    }

    /// What `lesson` says of an image whose voters have these features, with this mean; `threshold`
    /// stands for the lesson's own where there is one.
    pub(crate) fn of(
        lesson: &Lesson,
        features: &[f32],
        mean: &[f64],
        threshold: Option<f64>,
    ) -> Self {
        let judged = lesson.judge_with(features, mean, threshold);
        Self::new(Some(lesson.summary().clone()), lesson.classes(), judged)
    }

    /// What a model says by its own `classes`, for `patches`, the probabilities of each voter; below
    /// `threshold` that is "uncertain".
    pub(crate) fn by_model(
        classes: &[String],
        patches: Vec<Vec<f64>>,
        familiarity: Option<Familiar>,
        threshold: Option<f64>,
    ) -> Self {
        Self::new(None, classes, Judged::of(classes, patches, familiarity, threshold))
    }

    fn new(lesson: Option<LessonSummary>, classes: &[String], judged: Judged) -> Self {
        let Judged { probabilities, patches, familiarity, verdict } = judged;
        let best = probabilities.as_deref().map(greatest);
        Self {
            lesson,
            classes: classes.to_vec(),
            prediction: best.map(|best| classes[best].clone()),
            prediction_idx: best,
            confidence: best.zip(probabilities.as_ref()).map(|(best, p)| p[best]),
            probabilities,
            voters: patches,
            familiarity,
            verdict,
        }
    }

    /// Whether the numbers fit each other: what comes back from outside is not taken on trust.
    pub(crate) fn holds(&self, voters: usize) -> bool {
        let Self { classes, prediction, confidence, probabilities, familiarity, verdict, .. } =
            self;
        let threshold = self.lesson.as_ref().and_then(|lesson| lesson.uncertain_below);
        // A model that tells benign and malignant says so in the report's own fields.
        let known = match &self.lesson {
            Some(_) => are_classes(classes, CLASSES),
            None => are_classes(classes, 2..=MAX_CLASSES) && !self.is_in_place(),
        };
        let claim = Claim { prediction, confidence, probabilities, familiarity, verdict };
        known
            && claim.holds(classes, voters)
            && threshold.is_none_or(|least| (0.0..=1.0).contains(&least))
            && self.voters.len() == voters
            && self.voters.iter().all(|shares| are_shares(shares, classes))
            && self.prediction_idx == probabilities.as_deref().map(greatest)
    }
}
