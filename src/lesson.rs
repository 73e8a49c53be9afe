//! A lesson: a head that a person taught, as a file, and what it says of images.
//!
//! The file holds weights, what was taught and how well it did on patients that were left out; no
//! pictures. Every number in it has seven digits at most, and what is judged is judged with these.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::class::Class;
use crate::error::{Error, Result};
use crate::evaluate::Interval;
use crate::familiarity::{Familiar, Familiarity, Statistics};
use crate::features::Features;
use crate::manifest::{is_sha256, sha256_hex};
use crate::report::{LessonSummary, ModelSummary, TIED, Verdict};
use crate::shown::is_shown;

mod map;
mod onnx;

pub use map::Map;

/// What the file says it is.
pub const FORMAT: &str = "histoscope-lesson";
/// The only version of the file that this program understands.
pub const VERSION: u32 = 1;
/// The most bytes of a lesson's file.
pub const MAX_LESSON_BYTES: usize = 8 << 20;
/// How many classes there may be.
pub const CLASSES: RangeInclusive<usize> = 2..=12;
/// The most characters of a class's or a lesson's name.
pub const MAX_NAME: usize = 80;
/// The most images that are taught at once.
pub const MAX_IMAGES: usize = 10_000;

/// Why a lesson is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum LessonProblem {
    #[error("it has {bytes} bytes; the limit is {max_bytes}")]
    TooLarge { bytes: usize, max_bytes: usize },
    #[error("it has not the form of a lesson: {detail}")]
    Form { detail: String },
    #[error("its version is {found}, this program reads {known}")]
    Version { found: u32, known: u32 },
    #[error("{field} cannot be that of a lesson")]
    Field { field: &'static str },
}

/// The model that was taught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// As its manifest has it.
    pub name: String,
    /// As its manifest has it.
    pub version: String,
    /// Of its ONNX file, lower-case hexadecimal.
    pub sha256: String,
}

/// What one class was taught on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// How many images.
    pub images: usize,
    /// Of how many patients.
    pub patients: usize,
}

/// How the lesson did on the patients that were left out, and the model itself on the same images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Whether patients were left out; else images were, and nothing is proven.
    pub by_patient: bool,
    /// How many groups were left out, one after the other.
    pub folds: usize,
    /// Of the lesson; one against the others, on average, where there are more than two classes.
    pub auc: Option<Interval>,
    /// Of the lesson.
    pub accuracy: Option<Interval>,
    /// Of the lesson: the mean over the classes of what is right.
    pub balanced_accuracy: Option<Interval>,
    /// Of the model before; where the classes are its own.
    pub auc_before: Option<Interval>,
    /// Of the model before.
    pub accuracy_before: Option<Interval>,
}

/// A lesson as its file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// As its teacher calls it.
    pub name: String,
    /// The model that was taught.
    pub model: Base,
    /// Names, in the order of all that follows.
    pub classes: Vec<String>,
    /// `[classes][features]`, for features as the model's manifest has them.
    pub weights: Vec<Vec<f64>>,
    /// `[classes]`.
    pub bias: Vec<f64>,
    /// Probabilities of a patch are `softmax((weights * features + bias) / temperature)`.
    pub temperature: f64,
    /// Confidence under which the verdict is "uncertain".
    pub uncertain_below: Option<f64>,
    /// What is familiar to it.
    pub familiarity: Statistics,
    /// Penalty on the squares of the weights of standardised features.
    pub penalty: f64,
    /// What it was taught on, by class.
    pub taught: Vec<Taken>,
    /// Of the image files, lower-case hexadecimal, ascending.
    pub images: Vec<String>,
    /// How it did.
    pub proof: Proof,
}

/// A checked lesson, ready to judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    written: Written,
    familiarity: Familiarity,
    summary: LessonSummary,
}

/// What a head of many classes says of one image: a lesson, or a model whose classes are its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Mean over the voters, by class; `None` without voters.
    pub probabilities: Option<Vec<f64>>,
    /// Of each voter.
    pub patches: Vec<Vec<f64>>,
    /// `None` without voters, and of a model of which it is not known.
    pub familiarity: Option<Familiar>,
    /// The name of a class, or that of another [`Verdict`].
    pub verdict: String,
}

impl Lesson {
    /// Reads a lesson that was taught to `model`, which has these features.
    ///
    /// # Errors
    /// [`Error::LessonInvalid`] that names what is wrong; [`Error::LessonOfOtherModel`].
    pub fn from_json(json: &str, features: &Features, model: &ModelSummary) -> Result<Self> {
        let written = read(json)?;
        if written.model.sha256 != model.sha256 {
            let Base { name, version, .. } = &written.model;
            let taught = format!("{name} {version}");
            let found = format!("{} {}", model.name, model.version);
            return Err(Error::LessonOfOtherModel { taught, found });
        }
        let fits = |rows: &[Vec<f64>]| rows.iter().all(|row| row.len() == features.len());
        if !fits(&written.weights) {
            return Err(field("weights"));
        }
        let familiarity = Familiarity::new(written.familiarity.clone(), features)
            .map_err(|_| field("familiarity"))?;
        let summary = LessonSummary {
            name: written.name.clone(),
            sha256: sha256_hex(json.as_bytes()),
            uncertain_below: written.uncertain_below,
        };
        Ok(Self { written, familiarity, summary })
    }

    /// The file as it was read.
    pub fn written(&self) -> &Written {
        &self.written
    }

    /// Its name and hash, as reports have them.
    pub fn summary(&self) -> &LessonSummary {
        &self.summary
    }

    /// Names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.written.classes
    }

    /// Whether its classes are benign and malignant, in this order: then it judges in the place of
    /// the model's own head.
    pub fn is_in_place(&self) -> bool {
        self.written.classes.iter().map(String::as_str).eq(Class::ALL.map(Class::name))
    }

    /// Confidence under which the verdict is "uncertain".
    pub fn uncertain_below(&self) -> Option<f64> {
        self.written.uncertain_below
    }

    /// Probabilities of each patch of `features`, `[n, len]`, by class.
    pub fn patches(&self, features: &[f32]) -> Vec<Vec<f64>> {
        let Written { weights, bias, temperature, .. } = &self.written;
        let logits = logits(weights, bias, features).into_iter();
        logits.map(|logits| softmax(logits, *temperature)).collect()
    }

    /// What it says of an image whose voters have the features `[n, len]`; `threshold` stands for
    /// its own where there is one.
    pub fn judge(&self, features: &[f32], threshold: Option<f64>) -> Judged {
        let mean = crate::features::of_image(features, self.written.weights[0].len());
        self.judge_with(features, &mean, threshold)
    }

    /// As [`Lesson::judge`], of features with this mean.
    pub(crate) fn judge_with(
        &self,
        features: &[f32],
        mean: &[f64],
        threshold: Option<f64>,
    ) -> Judged {
        let patches = self.patches(features);
        let voters = patches.len();
        let familiarity = (voters > 0).then(|| self.familiarity.of(mean, voters));
        Judged::of(self.classes(), patches, familiarity, threshold.or(self.uncertain_below()))
    }
}

impl Judged {
    /// What `patches`, the probabilities of each voter by `classes`, come to where "uncertain" begins
    /// below `threshold`.
    pub(crate) fn of(
        classes: &[String],
        patches: Vec<Vec<f64>>,
        familiarity: Option<Familiar>,
        threshold: Option<f64>,
    ) -> Self {
        let probabilities = mean_of(&patches);
        let verdict = match (&probabilities, &familiarity) {
            (None, _) => Verdict::NotAssessable.to_string(),
            (_, Some(Familiar { familiar: false, .. })) => Verdict::Unfamiliar.to_string(),
            (Some(probabilities), _) => verdict(classes, probabilities, threshold),
        };
        Self { probabilities, patches, familiarity, verdict }
    }
}

/// `softmax(logits / temperature)`.
pub(crate) fn softmax(logits: Vec<f64>, temperature: f64) -> Vec<f64> {
    let greatest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut values = logits;
    let mut sum = 0.0;
    for value in &mut values {
        *value = libm::exp((*value - greatest) / temperature);
        sum += *value;
    }
    values.iter_mut().for_each(|value| *value /= sum);
    values
}

/// Patches that are multiplied side by side: one sum alone waits for itself at every step.
const ABREAST: usize = 4;

/// `weights * features + bias` of each patch of `features`, `[n, len]`: `[n][classes]`.
pub(crate) fn logits(weights: &[Vec<f64>], bias: &[f64], features: &[f32]) -> Vec<Vec<f64>> {
    let len = weights.first().map_or(1, Vec::len);
    let mut logits = vec![Vec::with_capacity(bias.len()); features.len() / len];
    for (features, logits) in features.chunks(ABREAST * len).zip(logits.chunks_mut(ABREAST)) {
        let last = logits.len() - 1;
        for (row, bias) in weights.iter().zip(bias) {
            // The last patch stands for those that are not there, whose sums nobody takes.
            let patch = |place: usize| &features[place.min(last) * len..][..len];
            let products = dots(row, std::array::from_fn(patch));
            for (logits, product) in logits.iter_mut().zip(products) {
                logits.push(bias + product);
            }
        }
    }
    logits
}

/// For each patch the sum of its products with `row`, in index order: no bit depends on the others.
fn dots(row: &[f64], patches: [&[f32]; ABREAST]) -> [f64; ABREAST] {
    let patches = patches.map(|patch| &patch[..row.len()]);
    let mut sums = [0.0; ABREAST];
    for (place, weight) in row.iter().enumerate() {
        for (sum, patch) in sums.iter_mut().zip(patches) {
            *sum += weight * f64::from(patch[place]);
        }
    }
    sums
}

/// Mean of vectors, in their order.
pub(crate) fn mean_of(vectors: &[Vec<f64>]) -> Option<Vec<f64>> {
    let mut sums = vec![0.0; vectors.first()?.len()];
    for vector in vectors {
        for (sum, value) in sums.iter_mut().zip(vector) {
            *sum += value;
        }
    }
    Some(sums.into_iter().map(|sum| sum / vectors.len() as f64).collect())
}

/// The class with the greatest of `probabilities`, or "uncertain" where that lies below `threshold`.
pub(crate) fn verdict(classes: &[String], probabilities: &[f64], threshold: Option<f64>) -> String {
    let greatest = greatest(probabilities);
    // Of two classes a tie is no verdict, as it is none of the model's own.
    let tied = if probabilities.len() == 2 { TIED } else { 0.0 };
    if probabilities[greatest] < threshold.unwrap_or(tied).max(tied) {
        Verdict::Uncertain.to_string()
    } else {
        classes[greatest].clone()
    }
}

/// Index of the greatest; the first of equals.
pub(crate) fn greatest(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}

/// A number with seven digits, as the file has it.
pub(crate) fn short(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

/// Reads a lesson without a model.
///
/// # Errors
/// [`Error::LessonInvalid`] that names what is wrong.
pub fn read(json: &str) -> Result<Written> {
    let (bytes, max_bytes) = (json.len(), MAX_LESSON_BYTES);
    if bytes > max_bytes {
        let problem = LessonProblem::TooLarge { bytes, max_bytes };
        return Err(Error::LessonInvalid { problem });
    }
    let form = |error: serde_json::Error| Error::LessonInvalid {
        problem: LessonProblem::Form { detail: error.to_string() },
    };
    #[derive(Deserialize)]
    struct LessonEnvelope {
        format: String,
        version: u32,
    }
    // Of a later version more is known than that it has other fields.
    let LessonEnvelope { format, version } = serde_json::from_str(json).map_err(form)?;
    if format != FORMAT {
        return Err(field("format"));
    }
    if version != VERSION {
        let problem = LessonProblem::Version { found: version, known: VERSION };
        return Err(Error::LessonInvalid { problem });
    }
    let written: Written = serde_json::from_str(json).map_err(form)?;
    match wrong(&written) {
        Some(name) => Err(field(name)),
        None => Ok(written),
    }
}

fn field(field: &'static str) -> Error {
    Error::LessonInvalid { problem: LessonProblem::Field { field } }
}

/// The first field that cannot be that of a lesson.
fn wrong(written: &Written) -> Option<&'static str> {
    let Written { classes, weights, bias, temperature, uncertain_below, proof, .. } = written;
    let count = classes.len();
    let number = |value: &f64| value.is_finite() && value.abs() <= 1e12;
    let Base { name: model, version, sha256 } = &written.model;
    let intervals = [
        &proof.auc,
        &proof.accuracy,
        &proof.balanced_accuracy,
        &proof.auc_before,
        &proof.accuracy_before,
    ];
    let checks = [
        ("name", is_name(&written.name)),
        ("model", is_name(model) && is_name(version) && is_sha256(sha256)),
        ("classes", are_classes(classes, CLASSES)),
        ("weights", weights.len() == count && weights.iter().flatten().all(number)),
        ("bias", bias.len() == count && bias.iter().all(number)),
        ("temperature", (1e-3..=1e3).contains(temperature)),
        (
            "uncertain_below",
            uncertain_below.is_none_or(|t| (1.0 / count as f64 - 1e-6..=1.0).contains(&t)),
        ),
        ("penalty", written.penalty > 0.0 && number(&written.penalty)),
        ("taught", written.taught.len() == count),
        (
            "images",
            written.images.len() <= MAX_IMAGES && written.images.iter().all(|hash| is_sha256(hash)),
        ),
        (
            "proof",
            proof.folds <= MAX_IMAGES && intervals.into_iter().flatten().all(Interval::holds),
        ),
    ];
    checks.into_iter().find(|(_, holds)| !holds).map(|(name, _)| name)
}

/// Whether it can be a name: some characters, all of which may be shown.
pub(crate) fn is_name(name: &str) -> bool {
    let length = name.chars().count();
    (1..=MAX_NAME).contains(&length) && is_shown(name) && name.trim() == name
}

/// Whether a class can have this name: it can be shown, and is no verdict of another kind.
pub(crate) fn is_class_name(name: &str) -> bool {
    let others = [Verdict::Uncertain, Verdict::Unfamiliar, Verdict::NotAssessable];
    is_name(name) && others.iter().all(|verdict| verdict.to_string() != name)
}

/// Whether these are names of so many classes, and different.
pub(crate) fn are_classes(classes: &[String], count: RangeInclusive<usize>) -> bool {
    count.contains(&classes.len())
        && classes.iter().all(|name| is_class_name(name))
        && classes.iter().enumerate().all(|(index, name)| !classes[..index].contains(name))
}
