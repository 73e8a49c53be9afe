//! Teaching: from labelled images and their features to a lesson, always judged on patients that it
//! was not taught.
//!
//! ```text
//! images -> checked, copies taken out, in the order of their hashes
//!        -> folds (whole patients) -> heads without each fold, for every penalty
//!        -> what they say of the fold: which penalty, how warm, from when on uncertain, how good
//!        -> head of all images, standardisation folded in; what is familiar -> lesson
//! ```
//!
//! It is deterministic: no clock, no random number, sums in a fixed order. The same images give the
//! same lesson byte for byte, whatever their order, wherever it is taught.

use serde::{Deserialize, Serialize};

use self::prepare::prepare;
use self::trials::Trials;
use crate::class::Class;
use crate::error::{Error, Result};
use crate::evaluate::{self, Evaluation, Interval, LEAST_IMAGES, Labelled, Remark};
use crate::features::Features;
use crate::lesson::{
    Base, CLASSES, FORMAT, Lesson, MAX_IMAGES, VERSION, Written, are_classes, is_name, short,
};
use crate::report::ModelSummary;

mod calibrate;
mod familiar;
mod fit;
mod folds;
mod prepare;
mod proof;
#[cfg(test)]
mod tests;
mod trials;

/// Why nothing is taught, where the request itself is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum TeachProblem {
    #[error("the request has not its form: {detail}")]
    Form { detail: String },
    #[error("the classes are not two to twelve different names")]
    Classes,
    #[error("the lesson's name is not 1 to 80 visible characters")]
    Name,
    #[error("{found} images are more than {most}")]
    TooMany { found: usize, most: usize },
    #[error("{found} features where {expected} must be, or one that is no number")]
    Features { found: usize, expected: usize },
}

/// A labelled image and its place in the features.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Example {
    /// What an evaluation knows of it.
    #[serde(flatten)]
    pub image: Labelled,
    /// How many of its patches voted.
    pub patches: usize,
    /// Where the file lies, parts separated by "/"; for a warning, as all that follows.
    #[serde(default)]
    pub path: Option<String>,
    /// Of the upright image, in pixels.
    #[serde(default)]
    pub width: Option<u32>,
    /// Of the upright image, in pixels.
    #[serde(default)]
    pub height: Option<u32>,
    /// Micrometres.
    #[serde(default)]
    pub um_per_pixel: Option<f64>,
}

/// What may be set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TeachOptions {
    /// Of the lesson; "lesson", if it is empty.
    pub name: String,
    /// Whether to teach of one patient a class, too: then nothing is proven.
    pub force: bool,
}

/// What is to be taught.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TeachRequest {
    /// Two to twelve names; of two the second is what is looked for.
    pub classes: Vec<String>,
    /// In any order.
    pub images: Vec<Example>,
    /// What may be set.
    #[serde(default)]
    pub options: TeachOptions,
}

/// By how much the lesson is better than the model was, on the same images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Area under the ROC.
    pub auc: Option<Interval>,
    /// Share of what is right.
    pub accuracy: Option<Interval>,
    /// Mean over the classes of the share of what is right.
    pub balanced_accuracy: Option<Interval>,
}

/// What was said of an image by a head that was taught neither it nor others of its patient. Forced
/// on too few patients, it was taught others of its patient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// As the caller calls the image.
    pub name: String,
    /// Whose it is.
    pub patient: Option<String>,
    /// The truth.
    pub label: String,
    /// The class with the greatest probability.
    pub prediction: String,
    /// By class, at the lesson's temperature.
    pub probabilities: Vec<f64>,
    /// The prediction, or "uncertain" below the lesson's threshold. That, like the temperature, was
    /// chosen on these very images.
    pub verdict: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The lesson's file, to the byte; `None` if it is refused.
    pub lesson: Option<String>,
    /// Of every image that was taught what was said of it while it was left out.
    pub left_out: Vec<LeftOut>,
    /// The model itself, where the classes are its own and it tells them apart at all.
    pub before: Option<Evaluation>,
    /// The lesson on what was left out.
    pub after: Option<Evaluation>,
    /// Where there is a before.
    pub difference: Option<Difference>,
    /// What the person should know.
    pub warnings: Vec<Remark>,
    /// Why nothing is taught.
    pub refused: Option<Remark>,
}

impl TeachRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`Error::TeachRefused`].
    pub fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json)
            .map_err(|error| refuse(TeachProblem::Form { detail: error.to_string() }))
    }
}

/// Teaches `model` the images of `request`; `values` are the features of all patches that voted,
/// `[sum of patches][features]`, in the order of the images.
///
/// # Errors
/// [`Error::TeachRefused`] if the request is none. What is too little to be taught is an [`Outcome`]
/// that is refused.
pub fn teach(
    request: &TeachRequest,
    values: &[f32],
    features: &Features,
    model: &ModelSummary,
) -> Result<Outcome> {
    check(request, values, features)?;
    let TeachRequest { classes, images, options } = request;
    let mut warnings = Vec::new();
    let prepared = match prepare(request, values, features.len(), &mut warnings) {
        Ok(prepared) => prepared,
        Err(refused) => return Ok(refused_outcome(refused, warnings)),
    };
    let images: Vec<Labelled> = images.iter().map(|example| example.image.clone()).collect();
    warnings.extend(evaluate::both_sides(&images));
    warnings.extend(proof::differ_by(&prepared, classes.len()));

    let cases = prepared.cases(classes.len());
    let mut by_patient = true;
    if let Some(few) = cases.too_few(classes) {
        let images = few.params.get("images").and_then(|count| count.parse::<usize>().ok());
        if !options.force || images.is_none_or(|count| count < LEAST_IMAGES) {
            return Ok(refused_outcome(few, warnings));
        }
        by_patient = false;
        warnings.push(Remark::new("forced", []));
    }
    // Without patients to leave out, images are.
    let groups: Vec<usize> =
        if by_patient { prepared.groups.clone() } else { (0..prepared.x.len()).collect() };
    let (fold, folds) = folds::of(&prepared.labels, &groups, classes.len());
    let trials = Trials::of(&prepared, &fold, folds, classes.len());
    let weights = folds::weights(&prepared.labels, &prepared.groups);

    let logits = trials.left_out(&prepared, &fold, &weights);
    let temperature = calibrate::temperature(&logits, &prepared.labels, &weights);
    let said: Vec<Vec<f64>> =
        logits.iter().map(|patches| calibrate::image(patches, temperature)).collect();
    let after_cases = cases.with(said.concat());
    let uncertain_below = calibrate::threshold(&after_cases);
    let left_out = prepared.left_out(classes, &said, uncertain_below);
    let after = evaluate::evaluate(&prepared.evaluation(classes, Some(&said)));

    let is_own = classes.iter().map(String::as_str).eq(Class::ALL.map(Class::name));
    let said_before = || prepared.examples.iter().map(|example| &example.image.probabilities);
    let known = said_before().all(Option::is_some);
    // A network for lessons, whose own head is zeros, calls all classes as likely as each other.
    let speaks = said_before().flatten().any(|said| said.iter().any(|p| *p != said[0]));
    let before = (is_own && known && speaks).then(|| prepared.evaluation(classes, None));
    let difference = before.is_some().then(|| {
        let before = prepared.examples.iter().filter_map(|e| e.image.probabilities.clone());
        let before = cases.with(before.collect::<Vec<_>>().concat());
        let [auc, accuracy, balanced_accuracy] = evaluate::differences(&before, &after_cases);
        Difference { auc, accuracy, balanced_accuracy }
    });
    let before = before.map(|before| evaluate::evaluate(&before));
    warnings.extend(proof::no_better(difference.as_ref(), &after));

    let penalty = trials.best(None, &prepared.labels, &weights, &fold);
    let (weights, bias) = trials::head(&prepared, classes.len(), penalty);
    let written = Written {
        format: FORMAT.into(),
        version: VERSION,
        name: Some(options.name.trim()).filter(|name| !name.is_empty()).unwrap_or("lesson").into(),
        model: Base {
            name: model.name.clone(),
            version: model.version.clone(),
            sha256: model.sha256.clone(),
        },
        classes: classes.clone(),
        weights,
        bias,
        temperature: short(temperature),
        uncertain_below,
        familiarity: familiar::learn(&prepared.x, &prepared.groups, (&fold, folds), features),
        penalty: trials::PENALTIES[penalty],
        taught: prepared.taken(classes.len()),
        images: prepared.hashes(),
        proof: proof::of(by_patient, folds, before.as_ref(), &after),
    };
    let lesson = serde_json::to_string(&written).map_err(Error::internal)?;
    // What would not be read again is not handed out.
    Lesson::from_json(&lesson, features, model)?;
    let after = Some(after);
    Ok(Outcome {
        lesson: Some(lesson),
        left_out,
        before,
        after,
        difference,
        warnings,
        refused: None,
    })
}

fn refuse(problem: TeachProblem) -> Error {
    Error::TeachRefused { problem }
}

fn refused_outcome(refused: Remark, warnings: Vec<Remark>) -> Outcome {
    Outcome {
        lesson: None,
        left_out: vec![],
        before: None,
        after: None,
        difference: None,
        warnings,
        refused: Some(refused),
    }
}

fn check(request: &TeachRequest, values: &[f32], features: &Features) -> Result<()> {
    let TeachRequest { classes, images, options } = request;
    if !are_classes(classes, CLASSES) {
        return Err(refuse(TeachProblem::Classes));
    }
    let name = options.name.trim();
    if !name.is_empty() && !is_name(name) {
        return Err(refuse(TeachProblem::Name));
    }
    if images.len() > MAX_IMAGES {
        return Err(refuse(TeachProblem::TooMany { found: images.len(), most: MAX_IMAGES }));
    }
    let patches = images.iter().try_fold(0usize, |sum, image| sum.checked_add(image.patches));
    let expected = patches.and_then(|patches| patches.checked_mul(features.len()));
    let found = values.len();
    if expected != Some(found) || !values.iter().all(|value| value.is_finite()) {
        let expected = expected.unwrap_or(usize::MAX);
        return Err(refuse(TeachProblem::Features { found, expected }));
    }
    Ok(())
}
