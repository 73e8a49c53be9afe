//! What speaks for a lesson and against it.

use std::collections::{BTreeMap, BTreeSet};

use super::prepare::TeachingSet;
use super::{Difference, Example};
use crate::evaluate::{Evaluation, Interval, Labelled, Remark};
use crate::labels::origin;
use crate::lesson::{Proof, short};

/// Where each class has images of its own folder, size, format or scale: that may be all that is
/// learned.
pub(super) fn differ_by(prepared: &TeachingSet<'_>, classes: usize) -> Vec<Remark> {
    type Of = fn(&Example) -> Option<String>;
    let folder: Of = |e| {
        let Labelled { label, patient, .. } = &e.image;
        Some(origin(e.path.as_deref()?, label.as_deref()?, patient.as_deref()).to_owned())
    };
    let size: Of = |e| Some(format!("{}x{}", e.width?, e.height?));
    let format: Of = |e| format_of(e.path.as_deref()?);
    let scale: Of = |e| e.um_per_pixel.map(|scale| scale.to_string());
    [("folder", folder), ("size", size), ("format", format), ("scale", scale)]
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

/// By the ending of the file's name: "jpg" and "jpeg" are one.
fn format_of(path: &str) -> Option<String> {
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match ending.to_lowercase().as_str() {
        "jpg" | "jpe" | "jfif" => "jpeg".into(),
        "tif" => "tiff".into(),
        other => other.into(),
    })
}

/// Whether the lesson may be no better than what was there before: neither in the order of the
/// images nor in how many of each class are right.
pub(super) fn no_better(difference: Option<&Difference>, after: &Evaluation) -> Option<Remark> {
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

/// As the lesson's file has it.
pub(super) fn of(
    by_patient: bool,
    folds: usize,
    before: Option<&Evaluation>,
    after: &Evaluation,
) -> Proof {
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
