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

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use self::fit::Table;
use crate::class::Class;
use crate::error::{Error, Result};
use crate::evaluate::{
    self, Cases, Evaluation, Interval, LEAST_IMAGES, Labelled, Remark, Request as Evaluate,
};
use crate::features::{Features, of_image};
use crate::lesson::{
    self, Base, FORMAT, Lesson, MAX_IMAGES, Proof, Taken, VERSION, Written, are_classes, dot,
    is_name, short,
};
use crate::report::ModelSummary;

mod calibrate;
mod familiar;
mod fit;
mod folds;
#[cfg(test)]
mod tests;

/// Why nothing is taught, where the request itself is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum TeachProblem {
    #[error("the request has not its form: {detail}")]
    Form { detail: String },
    #[error("the classes are not two to twelve different names")]
    Classes,
    #[error("the lesson's name is not 1 to 80 characters")]
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
    /// Of the upright image, in pixels; for a warning, as the next three.
    #[serde(default)]
    pub width: Option<u32>,
    /// Of the upright image, in pixels.
    #[serde(default)]
    pub height: Option<u32>,
    /// Such as "jpg".
    #[serde(default)]
    pub format: Option<String>,
    /// Scale.
    #[serde(default)]
    pub um_per_pixel: Option<f64>,
}

/// What may be set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Of the lesson; "lesson", if it is empty.
    pub name: String,
    /// Whether to teach of one patient a class, too: then nothing is proven.
    pub force: bool,
}

/// What is to be taught.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Request {
    /// Two to twelve names; of two the second is what is looked for.
    pub classes: Vec<String>,
    /// In any order.
    pub images: Vec<Example>,
    /// What may be set.
    #[serde(default)]
    pub options: Options,
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

/// What became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The lesson's file, to the byte; `None` if it is refused.
    pub lesson: Option<String>,
    /// The model itself, where the classes are its own.
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

/// Penalties that are tried, from strong to weak: each begins where the one before ended.
const PENALTIES: [f64; 8] = [3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
/// Greatest slope and most steps of a head that only chooses.
const ROUGH: (f64, usize) = (1e-4, 60);
/// Of the head that is kept.
const FINE: (f64, usize) = (1e-8, 400);

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// [`Error::TeachRefused`].
    pub fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json)
            .map_err(|error| refuse(TeachProblem::Form { detail: error.to_string() }))
    }
}

/// Images that are taught, in the order of their hashes.
struct Prepared<'a> {
    examples: Vec<&'a Example>,
    /// Of each its patches `[n][features]`.
    patches: Vec<&'a [f32]>,
    /// Of each the mean of its patches.
    x: Vec<Vec<f64>>,
    labels: Vec<usize>,
    /// Its patient.
    groups: Vec<usize>,
}

/// Teaches `model` the images of `request`; `values` are the features of all patches that voted,
/// `[sum of patches][features]`, in the order of the images.
///
/// # Errors
/// [`Error::TeachRefused`] if the request is none. What is too little to be taught is an [`Outcome`]
/// that is refused.
pub fn teach(
    request: &Request,
    values: &[f32],
    features: &Features,
    model: &ModelSummary,
) -> Result<Outcome> {
    check(request, values, features)?;
    let Request { classes, images, options } = request;
    let mut warnings = Vec::new();
    let prepared = match prepare(request, values, features.len(), &mut warnings) {
        Ok(prepared) => prepared,
        Err(refused) => return Ok(refused_outcome(refused, warnings)),
    };
    let images: Vec<Labelled> = images.iter().map(|example| example.image.clone()).collect();
    warnings.extend(evaluate::both_sides(&images));
    warnings.extend(differ_by(&prepared, classes.len()));

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
    let trials = trials(&prepared, &fold, folds, classes.len());
    let weights = folds::weights(&prepared.labels, &prepared.groups);

    let logits = trials.left_out(&prepared, &fold, &weights);
    let temperature = calibrate::temperature(&logits, &prepared.labels, &weights);
    let said: Vec<Vec<f64>> =
        logits.iter().map(|patches| calibrate::image(patches, temperature)).collect();
    let after_cases = cases.with(said.concat());
    let uncertain_below = calibrate::threshold(&after_cases);
    let after = evaluate::evaluate(&prepared.evaluation(classes, Some(&said)));

    let is_own = classes.iter().map(String::as_str).eq(Class::ALL.map(Class::name));
    let known = prepared.examples.iter().all(|example| example.image.probabilities.is_some());
    let before = (is_own && known).then(|| prepared.evaluation(classes, None));
    let difference = before.is_some().then(|| {
        let before = prepared.examples.iter().filter_map(|e| e.image.probabilities.clone());
        let before = cases.with(before.collect::<Vec<_>>().concat());
        let [auc, accuracy, balanced_accuracy] = evaluate::differences(&before, &after_cases);
        Difference { auc, accuracy, balanced_accuracy }
    });
    let before = before.map(|before| evaluate::evaluate(&before));
    warnings.extend(no_better(difference.as_ref(), &after));

    let penalty = trials.best(None, &prepared.labels, &weights, &fold);
    let table = Standard::of(&prepared, |_| true, classes.len());
    let head = path(&table.table, PENALTIES[penalty], FINE);
    let (weights, bias) = table.folded(&head);
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
        penalty: PENALTIES[penalty],
        taught: prepared.taken(classes.len()),
        images: prepared.hashes(),
        proof: proof(by_patient, folds, before.as_ref(), &after),
    };
    let lesson = serde_json::to_string(&written).map_err(Error::internal)?;
    // What would not be read again is not handed out.
    Lesson::from_json(&lesson, features, model)?;
    let after = Some(after);
    Ok(Outcome { lesson: Some(lesson), before, after, difference, warnings, refused: None })
}

fn refuse(problem: TeachProblem) -> Error {
    Error::TeachRefused { problem }
}

fn refused_outcome(refused: Remark, warnings: Vec<Remark>) -> Outcome {
    Outcome {
        lesson: None,
        before: None,
        after: None,
        difference: None,
        warnings,
        refused: Some(refused),
    }
}

fn check(request: &Request, values: &[f32], features: &Features) -> Result<()> {
    let Request { classes, images, options } = request;
    if !are_classes(classes) {
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

/// The images that are taught: labelled, judged, of identical ones the first, and none that has
/// several labels.
fn prepare<'a>(
    request: &'a Request,
    values: &'a [f32],
    len: usize,
    warnings: &mut Vec<Remark>,
) -> std::result::Result<Prepared<'a>, Remark> {
    let mut taken: Vec<(&Example, &[f32], usize)> = Vec::new();
    let mut rest = values;
    for example in &request.images {
        let (own, behind) = rest.split_at(example.patches * len);
        rest = behind;
        let Some(name) = &example.image.label else { continue };
        let Some(label) = request.classes.iter().position(|class| class == name) else {
            return Err(Remark::new("unknown_label", [("label", name.clone())]));
        };
        if example.patches > 0 {
            taken.push((example, own, label));
        }
    }
    let key = |example: &Example| (example.image.sha256.clone(), example.image.name.clone());
    taken.sort_by_cached_key(|(example, ..)| key(example));
    let mut labels_of: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (example, _, label) in &taken {
        if let Some(sha256) = example.image.sha256.as_deref() {
            labels_of.entry(sha256).or_default().insert(*label);
        }
    }
    let before = taken.len();
    let mut seen = BTreeSet::new();
    taken.retain(|(example, ..)| match example.image.sha256.as_deref() {
        Some(sha256) => labels_of[sha256].len() == 1 && seen.insert(sha256),
        None => true,
    });
    if taken.len() < before {
        let count = (before - taken.len()).to_string();
        warnings.push(Remark::new("copies", [("count", count)]));
    }
    if taken.iter().any(|(example, ..)| example.image.patient.is_none()) {
        warnings.push(Remark::new("patients_unknown", []));
    }
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for (example, ..) in &taken {
        if let Some(patient) = example.image.patient.as_deref() {
            numbers.insert(patient, 0);
        }
    }
    for (number, of) in numbers.values_mut().enumerate() {
        *of = number;
    }
    let groups = taken.iter().enumerate().map(|(index, (example, ..))| {
        let patient = example.image.patient.as_deref();
        patient.map_or(numbers.len() + index, |patient| numbers[patient])
    });
    Ok(Prepared {
        groups: groups.collect(),
        x: taken.iter().map(|(_, own, _)| of_image(own, len)).collect(),
        labels: taken.iter().map(|&(.., label)| label).collect(),
        patches: taken.iter().map(|&(_, own, _)| own).collect(),
        examples: taken.into_iter().map(|(example, ..)| example).collect(),
    })
}

impl Prepared<'_> {
    /// Cases that nothing is said of yet.
    fn cases(&self, classes: usize) -> Cases {
        let mut cases = Cases::new(classes);
        let nothing = vec![1.0 / classes as f64; classes];
        for (label, example) in self.labels.iter().zip(&self.examples) {
            cases.push(*label, example.image.patient.as_deref(), &nothing);
        }
        cases
    }

    /// What evaluates these images, with other probabilities where they are given.
    fn evaluation(&self, classes: &[String], said: Option<&[Vec<f64>]>) -> Evaluate {
        let images = self.examples.iter().enumerate().map(|(index, example)| match said {
            Some(said) => Labelled {
                probabilities: Some(said[index].clone()),
                verdict: None,
                ..example.image.clone()
            },
            None => example.image.clone(),
        });
        Evaluate { classes: classes.to_vec(), images: images.collect() }
    }

    fn taken(&self, classes: usize) -> Vec<Taken> {
        let of = |class: usize| {
            let mine = self.labels.iter().zip(&self.groups).filter(|(label, _)| **label == class);
            let groups: Vec<usize> = mine.map(|(_, &group)| group).collect();
            let patients = groups.iter().collect::<BTreeSet<_>>().len();
            Taken { images: groups.len(), patients }
        };
        (0..classes).map(of).collect()
    }

    fn hashes(&self) -> Vec<String> {
        let hashes = self.examples.iter().filter_map(|example| example.image.sha256.clone());
        hashes.filter(|hash| crate::manifest::is_sha256(hash)).collect()
    }
}

/// Images with their features standardised: mean 0 and spread 1, by weight.
struct Standard {
    table: Table,
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl Standard {
    /// Of those images that `is_in` holds of.
    fn of(prepared: &Prepared<'_>, is_in: impl Fn(usize) -> bool, classes: usize) -> Self {
        let cases: Vec<usize> = (0..prepared.x.len()).filter(|&case| is_in(case)).collect();
        let pick = |values: &[usize]| -> Vec<usize> { cases.iter().map(|&c| values[c]).collect() };
        let (labels, groups) = (pick(&prepared.labels), pick(&prepared.groups));
        let weights = folds::weights(&labels, &groups);
        let features = prepared.x.first().map_or(0, Vec::len);
        let mut mean = vec![0.0; features];
        let mut variance = vec![0.0; features];
        for (&case, weight) in cases.iter().zip(&weights) {
            for (mean, value) in mean.iter_mut().zip(&prepared.x[case]) {
                *mean += weight * value;
            }
        }
        for (&case, weight) in cases.iter().zip(&weights) {
            for ((variance, value), mean) in variance.iter_mut().zip(&prepared.x[case]).zip(&mean) {
                *variance += weight * (value - mean) * (value - mean);
            }
        }
        // What never changes says nothing.
        let scale: Vec<f64> =
            variance.iter().map(|&v| if v > 1e-12 { 1.0 / v.sqrt() } else { 0.0 }).collect();
        let mut x = Vec::with_capacity(cases.len() * features);
        for &case in &cases {
            let centred = prepared.x[case].iter().zip(&mean).zip(&scale);
            x.extend(centred.map(|((value, mean), scale)| (value - mean) * scale));
        }
        Self { table: Table { x, features, labels, weights, classes }, mean, scale }
    }

    /// Weights and biases by class for features as they are, as a lesson has them.
    fn folded(&self, head: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let (weights, bias) = self.table.by_class(head);
        let weights: Vec<Vec<f64>> = weights
            .into_iter()
            .map(|row| row.iter().zip(&self.scale).map(|(w, scale)| short(w * scale)).collect())
            .collect();
        // Of the rounded weights: else the rounding would add up at the mean.
        let bias = weights
            .iter()
            .zip(bias)
            .map(|(row, bias)| short(bias - fit::product(row, &self.mean)))
            .collect();
        (weights, bias)
    }
}

/// The head of this penalty, on a path from the strongest one.
fn path(table: &Table, penalty: f64, (tolerance, most): (f64, usize)) -> Vec<f64> {
    let mut head = vec![0.0; table.len()];
    for on_the_way in PENALTIES.into_iter().take_while(|&other| other > penalty) {
        head = table.fit(&head, on_the_way, ROUGH.0, ROUGH.1);
    }
    table.fit(&head, penalty, tolerance, most)
}

/// Weights and biases by class, of features as they are.
type Folded = (Vec<Vec<f64>>, Vec<f64>);

/// Heads without each fold, for every penalty.
struct Trials {
    /// `[fold][penalty]`
    heads: Vec<Vec<Folded>>,
    /// `[penalty][case]`: `-log(probability of the label)` of the image's mean features, by the head
    /// without it.
    losses: Vec<Vec<f64>>,
}

fn trials(prepared: &Prepared<'_>, fold: &[usize], folds: usize, classes: usize) -> Trials {
    let mut heads = Vec::with_capacity(folds);
    let mut losses = vec![vec![0.0; prepared.x.len()]; PENALTIES.len()];
    for left_out in 0..folds {
        let standard = Standard::of(prepared, |case| fold[case] != left_out, classes);
        let mut head = vec![0.0; standard.table.len()];
        let mut of_fold = Vec::with_capacity(PENALTIES.len());
        for (penalty, losses) in PENALTIES.into_iter().zip(&mut losses) {
            head = standard.table.fit(&head, penalty, ROUGH.0, ROUGH.1);
            let (weights, bias) = standard.folded(&head);
            for case in (0..prepared.x.len()).filter(|&case| fold[case] == left_out) {
                let x = &prepared.x[case];
                let logits =
                    weights.iter().zip(&bias).map(|(row, bias)| bias + fit::product(row, x));
                let p = lesson::softmax(logits.collect(), 1.0);
                losses[case] = -libm::log(p[prepared.labels[case]].max(1e-12));
            }
            of_fold.push((weights, bias));
        }
        heads.push(of_fold);
    }
    Trials { heads, losses }
}

impl Trials {
    /// The penalty with the least loss on all cases but those of the fold `without`: a fold has no
    /// say in what judges it.
    fn best(
        &self,
        without: Option<usize>,
        labels: &[usize],
        weights: &[f64],
        fold: &[usize],
    ) -> usize {
        let loss = |losses: &[f64]| -> f64 {
            let cases = (0..labels.len()).filter(|&case| Some(fold[case]) != without);
            cases.map(|case| weights[case] * losses[case]).sum()
        };
        let mut best = (0, f64::INFINITY);
        for (penalty, losses) in self.losses.iter().enumerate() {
            let loss = loss(losses);
            if loss < best.1 {
                best = (penalty, loss);
            }
        }
        best.0
    }

    /// Logits of each image's patches, by the head that was taught without it.
    fn left_out(
        &self,
        prepared: &Prepared<'_>,
        fold: &[usize],
        weights: &[f64],
    ) -> Vec<Vec<Vec<f64>>> {
        let chosen: Vec<usize> = (0..self.heads.len())
            .map(|left_out| self.best(Some(left_out), &prepared.labels, weights, fold))
            .collect();
        let len = prepared.x.first().map_or(1, Vec::len);
        prepared
            .patches
            .iter()
            .zip(fold)
            .map(|(patches, &fold)| {
                let (weights, bias) = &self.heads[fold][chosen[fold]];
                let logits = |patch: &[f32]| {
                    weights.iter().zip(bias).map(|(row, bias)| bias + dot(row, patch)).collect()
                };
                patches.chunks_exact(len).map(logits).collect()
            })
            .collect()
    }
}

/// Where each class has images of its own size, format or scale: that may be all that is learned.
fn differ_by(prepared: &Prepared<'_>, classes: usize) -> Vec<Remark> {
    type Of = fn(&Example) -> Option<String>;
    let size: Of = |e| Some(format!("{}x{}", e.width?, e.height?));
    let format: Of = |e| e.format.clone();
    let scale: Of = |e| e.um_per_pixel.map(|scale| scale.to_string());
    [("size", size), ("format", format), ("scale", scale)]
        .into_iter()
        .filter(|(_, of)| {
            let mut classes_of: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
            for (&example, &label) in prepared.examples.iter().zip(&prepared.labels) {
                let Some(value) = of(example) else { return false };
                classes_of.entry(value).or_default().insert(label);
            }
            classes_of.len() >= classes && classes_of.values().all(|labels| labels.len() == 1)
        })
        .map(|(what, _)| Remark::new("classes_differ_by", [("what", what.to_owned())]))
        .collect()
}

/// Whether the lesson may be no better than what was there before: neither in the order of the
/// images nor in how many of each class are right.
fn no_better(difference: Option<&Difference>, after: &Evaluation) -> Option<Remark> {
    match difference {
        Some(Difference { auc, balanced_accuracy, .. }) => {
            let surely = |gain: &Option<Interval>| gain.is_some_and(|gain| gain.low > 0.0);
            let better = surely(auc) || surely(balanced_accuracy);
            (!better).then(|| Remark::new("not_better", []))
        }
        None => {
            let auc = after.by_image.as_ref().and_then(|scores| scores.auc);
            auc.is_none_or(|auc| auc.low <= 0.5).then(|| Remark::new("not_better_than_chance", []))
        }
    }
}

fn proof(by_patient: bool, folds: usize, before: Option<&Evaluation>, after: &Evaluation) -> Proof {
    let rounded = |interval: Option<Interval>| {
        interval.map(|Interval { value, low, high }| Interval {
            value: short(value),
            low: short(low),
            high: short(high),
        })
    };
    let after = after.by_image.as_ref();
    let before = before.and_then(|before| before.by_image.as_ref());
    Proof {
        by_patient,
        folds,
        auc: rounded(after.and_then(|scores| scores.auc)),
        accuracy: rounded(after.and_then(|scores| scores.accuracy)),
        balanced_accuracy: rounded(after.and_then(|scores| scores.balanced_accuracy)),
        auc_before: rounded(before.and_then(|scores| scores.auc)),
        accuracy_before: rounded(before.and_then(|scores| scores.accuracy)),
    }
}
