//! What a lesson says, in a report.

use serde::{Deserialize, Serialize};

use crate::familiarity::Familiar;
use crate::lesson::{Judged, Lesson, greatest};

/// Which lesson judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct LessonSummary {
    /// As its teacher calls it.
    pub name: String,
    /// Of the lesson's file, lower-case hexadecimal.
    pub sha256: String,
}

/// What a lesson says of an image, by its own classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Taught {
    /// Which lesson.
    pub lesson: LessonSummary,
    /// Names of its classes, in the order of all probabilities.
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
    pub voters: Vec<Vec<f64>>,
    /// How far the image is from what the lesson was taught.
    pub familiarity: Option<Familiar>,
    /// The name of a class, "uncertain", "unfamiliar" or "not assessable".
    pub verdict: String,
}

impl Taught {
    /// What `lesson` says of an image whose voters have these features; `threshold` stands for the
    /// lesson's own where there is one.
    pub(crate) fn of(lesson: &Lesson, features: &[f32], threshold: Option<f64>) -> Self {
        let Judged { probabilities, patches, familiarity, verdict } =
            lesson.judge(features, threshold);
        let best = probabilities.as_deref().map(greatest);
        Self {
            lesson: lesson.summary().clone(),
            classes: lesson.classes().to_vec(),
            prediction: best.map(|best| lesson.classes()[best].clone()),
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
        let count = self.classes.len();
        let fits = |p: &Vec<f64>| {
            let sum: f64 = p.iter().sum();
            p.len() == count
                && p.iter().all(|value| (0.0..=1.0).contains(value))
                && (sum - 1.0).abs() <= super::TOLERANCE
        };
        let best = self.probabilities.as_deref().map(greatest);
        self.probabilities.iter().all(fits)
            && crate::lesson::are_classes(&self.classes)
            && self.voters.len() == voters
            && self.voters.iter().all(fits)
            && self.probabilities.is_some() == (voters > 0)
            && self.prediction_idx == best
            && self.prediction.as_ref() == best.map(|best| &self.classes[best])
    }
}
