//! Evaluation: how right verdicts are, where labels are known.
//!
//! Images and patients are scored apart. Intervals come from drawing patients, class by class, with
//! a fixed generator: the same cases give the same intervals everywhere. What has less than
//! [`LEAST_IMAGES`] images or [`LEAST_PATIENTS`] patients of a class is refused: nothing can be said
//! of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use crate::lesson::{CLASSES, greatest, mean_of};

mod cases;
mod curves;
mod draw;
mod scores;

pub(crate) use cases::Cases;
pub(crate) use draw::Generator;
pub(crate) use scores::differences;

/// Images of a class under which nothing can be said.
pub const LEAST_IMAGES: usize = 5;
/// Patients of a class under which nothing can be said.
pub const LEAST_PATIENTS: usize = 2;
/// The most images that are evaluated at once.
pub const MAX_IMAGES: usize = 20_000;
/// How many images the list of the worst has at most.
const WORST: usize = 50;
/// Bins of the calibration, from the least confidence to 1.
const BINS: usize = 10;

/// A number, and where it lies in 95 of 100 draws of patients.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Of the cases themselves.
    pub value: f64,
    /// The 2.5th percentile.
    pub low: f64,
    /// The 97.5th percentile.
    pub high: f64,
}

impl Interval {
    /// Whether these are shares, or differences of shares.
    pub(crate) fn holds(&self) -> bool {
        [self.value, self.low, self.high].iter().all(|value| (-1.0..=1.0).contains(value))
    }
}

/// An image with its label and what was said of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Labelled {
    /// As the caller calls it.
    pub name: String,
    /// Whose it is; `None` stands for a patient of its own.
    #[serde(default)]
    pub patient: Option<String>,
    /// The truth, one of the classes; without it the image does not count.
    #[serde(default)]
    pub label: Option<String>,
    /// By class; `None` if it was not assessable.
    #[serde(default)]
    pub probabilities: Option<Vec<f64>>,
    /// What was said of it; it is counted.
    #[serde(default)]
    pub verdict: Option<String>,
    /// Of the file: how identical images are found.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// What is to be evaluated.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct EvaluateRequest {
    /// Two to twelve names; of two the second is what is looked for.
    pub classes: Vec<String>,
    /// In any order.
    pub images: Vec<Labelled>,
    /// Digests of the images that were taught to the lesson which judged. They do not count, and
    /// neither do others of their patients: a lesson is good at what it has seen.
    #[serde(default)]
    pub taught: Vec<String>,
}

/// A word for a program, and what it is about: pages say it in the reader's language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remark {
    /// Stable, `snake_case`.
    pub code: &'static str,
    /// Names and numbers.
    pub params: BTreeMap<&'static str, String>,
}

impl Remark {
    pub(crate) fn new<const N: usize>(
        code: &'static str,
        params: [(&'static str, String); N],
    ) -> Self {
        Self { code, params: params.into_iter().collect() }
    }

    /// An English sentence without a full stop, for a terminal.
    pub fn sentence(&self) -> String {
        let of = |key| self.params.get(key).map(String::as_str).unwrap_or_default();
        match self.code {
            "too_few" => format!(
                "class {:?} has {} images of {} patients; {} of {} are needed",
                of("class"),
                of("images"),
                of("patients"),
                of("least_images"),
                of("least_patients")
            ),
            "patient_on_both_sides" => {
                format!("patient {:?} has images of several labels", of("patient"))
            }
            "same_image_on_both_sides" => {
                format!("identical images have different labels: {}", of("images"))
            }
            "taught" => format!(
                "{} images were taught to the lesson, or are of patients that were, and do not count",
                of("count")
            ),
            "all_taught" => format!(
                "all {} labelled images were taught to the lesson, or are of patients that were; \
                 what it did on patients that were left out stands in the lesson",
                of("count")
            ),
            "copies" => format!("{} images are copies of others and count once", of("count")),
            "patients_unknown" => "patients are not known: every image counts as one of its own, \
                                   which makes all numbers look better than they are"
                .into(),
            "classes_differ_by" => format!(
                "the classes differ by the {} of their images alone, which may be all that is learned",
                of("what")
            ),
            "not_better" => "the lesson is not surely better than the model was before".into(),
            "not_better_than_chance" => "the lesson is not surely better than chance".into(),
            "forced" => "too few patients: nothing is proven".into(),
            "unknown_label" => format!("{:?} is none of the classes", of("label")),
            "no_probabilities" => format!("what was said of {:?} is no probability", of("image")),
            "classes" => "there must be two to twelve classes".into(),
            "too_many" => format!("more than {MAX_IMAGES} images"),
            code => format!("{code}: {:?}", self.params),
        }
    }
}

/// Scores of images, or of patients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// `[truth][prediction]`, how many.
    pub confusion: Vec<Vec<u32>>,
    /// Share of what is right.
    pub accuracy: Option<Interval>,
    /// Mean over the classes of the share of what is right.
    pub balanced_accuracy: Option<Interval>,
    /// Of two classes: share of the second that is found.
    pub sensitivity: Option<Interval>,
    /// Of two classes: share of the first that is let be.
    pub specificity: Option<Interval>,
    /// Area under the ROC; of more than two classes the mean of one against the others.
    pub auc: Option<Interval>,
    /// Expected calibration error, how far confidence and what is right lie apart: the mean gap of the
    /// calibration's bins. Chance alone makes some of it, and more in each draw than in the cases
    /// themselves.
    pub calibration_error: Option<Interval>,
    /// What a page plots.
    pub curves: Curves,
}

/// The curves of images, or of patients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curves {
    /// Whether confidence is what it says: from the least confidence to 1.
    pub calibration: Vec<Bin>,
    /// In hundredths, from the least confidence to 1.
    pub coverage: Vec<Kept>,
    /// Of two classes; empty of more, like its band.
    pub roc: Vec<RocPoint>,
    /// In hundredths of false alarms, from 0 to 1.
    pub roc_band: Vec<RocBand>,
}

/// A tenth of the range of confidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    /// Least confidence.
    pub from: f64,
    /// Greatest confidence.
    pub to: f64,
    /// Images, or patients.
    pub count: u32,
    /// Mean; `None` without images.
    pub confidence: Option<f64>,
    /// Share of what is right, and its interval over those draws that have any; `None` without images.
    pub right: Option<Interval>,
}

/// What is left above a threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kept {
    /// Confidence.
    pub threshold: f64,
    /// Share of the images, or patients, that have it.
    pub kept: f64,
    /// Share of these that is right, and its interval over those draws that have any; `None` if none
    /// is left.
    pub right: Option<Interval>,
}

/// A point of the ROC.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RocPoint {
    /// Probability of the second class from which on it is said; above 1 never.
    pub threshold: f64,
    /// Share of the second class that is found.
    pub sensitivity: f64,
    /// Share of the first class that is let be.
    pub specificity: f64,
}

/// Where the ROC lies above a share of false alarms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RocBand {
    /// Share of the first class that is not let be.
    pub false_alarms: f64,
    /// The greatest that the curve has there; between its points it is straight.
    pub sensitivity: Interval,
}

/// An image that was judged wrongly.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wrong {
    /// As the caller calls it.
    pub name: String,
    /// Whose it is.
    pub patient: Option<String>,
    /// The truth.
    pub label: String,
    /// What was said.
    pub prediction: String,
    /// How sure.
    pub probability: f64,
}

/// How right verdicts are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Names, in the order of all that follows.
    pub classes: Vec<String>,
    /// Images that count: with a label and probabilities.
    pub images: usize,
    /// Their patients.
    pub patients: usize,
    /// Labelled images without probabilities: not assessable.
    pub not_judged: usize,
    /// Labelled images that do not count because the lesson knows them, or their patients.
    pub taught: usize,
    /// How often each verdict was said of labelled images.
    pub verdicts: BTreeMap<String, usize>,
    /// `None` if it is refused, like the next.
    pub by_image: Option<Scores>,
    /// A patient's probabilities are the mean of the images'; one with images of several labels is
    /// one patient for each.
    pub by_patient: Option<Scores>,
    /// The surest first.
    pub worst: Vec<Wrong>,
    /// What makes the numbers doubtful.
    pub warnings: Vec<Remark>,
    /// Why nothing can be said.
    pub refused: Option<Remark>,
}

/// Evaluates what was said of labelled images.
pub fn evaluate(request: &EvaluateRequest) -> Evaluation {
    let EvaluateRequest { classes, images, .. } = request;
    let mut evaluation = Evaluation {
        classes: classes.clone(),
        images: 0,
        patients: 0,
        not_judged: 0,
        taught: 0,
        verdicts: BTreeMap::new(),
        by_image: None,
        by_patient: None,
        worst: vec![],
        warnings: vec![],
        refused: None,
    };
    let (cases, places) = match judged(request, &mut evaluation) {
        Ok(found) => found,
        Err(refused) => return Evaluation { refused: Some(refused), ..evaluation },
    };
    evaluation.images = cases.len();
    evaluation.patients = cases.patient_count();
    evaluation.warnings.extend(both_sides(images));
    if evaluation.taught > 0 {
        let code = if cases.len() == 0 { "all_taught" } else { "taught" };
        let remark = Remark::new(code, [("count", evaluation.taught.to_string())]);
        if cases.len() == 0 {
            return Evaluation { refused: Some(remark), ..evaluation };
        }
        evaluation.warnings.push(remark);
    }
    if let Some(refused) = cases.too_few(classes) {
        return Evaluation { refused: Some(refused), ..evaluation };
    }
    let patients = cases.by_patient();
    let wrong = places.iter().enumerate().filter_map(|(case, &place)| {
        let (p, label) = (cases.p(case), cases.labels[case]);
        let said = greatest(p);
        let Labelled { name, patient, .. } = &images[place];
        (said != label).then(|| Wrong {
            name: name.clone(),
            patient: patient.clone(),
            label: classes[label].clone(),
            prediction: classes[said].clone(),
            probability: p[said],
        })
    });
    let mut worst: Vec<Wrong> = wrong.collect();
    worst.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.name.cmp(&b.name)));
    worst.truncate(WORST);
    Evaluation {
        by_image: Some(scores::of(&cases)),
        by_patient: Some(scores::of(&patients)),
        worst,
        ..evaluation
    }
}

/// The images that count, and their places in the request.
fn judged(
    request: &EvaluateRequest,
    evaluation: &mut Evaluation,
) -> Result<(Cases, Vec<usize>), Remark> {
    let EvaluateRequest { classes, images, .. } = request;
    let refuse = |code| Remark::new(code, []);
    if !CLASSES.contains(&classes.len()) {
        return Err(refuse("classes"));
    }
    if images.len() > MAX_IMAGES {
        return Err(refuse("too_many"));
    }
    let known = SeenBefore::of(request);
    let mut cases = Cases::new(classes.len());
    let mut places = Vec::new();
    let mut unknown_patients = false;
    for (place, image) in images.iter().enumerate() {
        let Some(name) = &image.label else { continue };
        let Some(label) = classes.iter().position(|class| class == name) else {
            return Err(Remark::new("unknown_label", [("label", name.clone())]));
        };
        if known.holds(image) {
            evaluation.taught += 1;
            continue;
        }
        if let Some(verdict) = &image.verdict {
            *evaluation.verdicts.entry(verdict.clone()).or_default() += 1;
        }
        let Some(p) = &image.probabilities else {
            evaluation.not_judged += 1;
            continue;
        };
        let sum: f64 = p.iter().sum();
        let sound = p.len() == classes.len()
            && p.iter().all(|p| (0.0..=1.0).contains(p))
            && (sum - 1.0).abs() <= 1e-3;
        if !sound {
            return Err(Remark::new("no_probabilities", [("image", image.name.clone())]));
        }
        unknown_patients |= image.patient.is_none();
        cases.push(label, image.patient.as_deref(), p);
        places.push(place);
    }
    if unknown_patients && !places.is_empty() {
        evaluation.warnings.push(refuse("patients_unknown"));
    }
    Ok((cases, places))
}

/// What the lesson that judged has seen before.
struct SeenBefore<'a> {
    images: HashSet<&'a str>,
    patients: HashSet<&'a str>,
}

impl<'a> SeenBefore<'a> {
    fn of(EvaluateRequest { images, taught, .. }: &'a EvaluateRequest) -> Self {
        let known: HashSet<&str> = taught.iter().map(String::as_str).collect();
        let seen = images
            .iter()
            .filter(|image| image.sha256.as_deref().is_some_and(|sha256| known.contains(sha256)));
        let patients = seen.filter_map(|image| image.patient.as_deref()).collect();
        Self { images: known, patients }
    }

    fn holds(&self, Labelled { sha256, patient, .. }: &Labelled) -> bool {
        sha256.as_deref().is_some_and(|sha256| self.images.contains(sha256))
            || patient.as_deref().is_some_and(|patient| self.patients.contains(patient))
    }
}

/// Patients with several labels, and identical images with several.
pub(crate) fn both_sides(images: &[Labelled]) -> Vec<Remark> {
    let mut patients: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut files: BTreeMap<&str, (BTreeSet<&str>, Vec<&str>)> = BTreeMap::new();
    for image in images {
        let Some(label) = image.label.as_deref() else { continue };
        if let Some(patient) = image.patient.as_deref() {
            patients.entry(patient).or_default().insert(label);
        }
        if let Some(sha256) = image.sha256.as_deref() {
            let (labels, names) = files.entry(sha256).or_default();
            labels.insert(label);
            names.push(&image.name);
        }
    }
    let patients =
        patients.into_iter().filter(|(_, labels)| labels.len() > 1).map(|(patient, _)| {
            Remark::new("patient_on_both_sides", [("patient", patient.to_owned())])
        });
    let files = files
        .into_values()
        .filter(|(labels, _)| labels.len() > 1)
        .map(|(_, names)| Remark::new("same_image_on_both_sides", [("images", names.join(", "))]));
    patients.chain(files).collect()
}

/// The mean of vectors of which there is one at least.
fn mean(vectors: &[Vec<f64>]) -> Vec<f64> {
    mean_of(vectors).unwrap_or_default()
}

#[cfg(test)]
mod tests;
