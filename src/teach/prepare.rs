//! Which images are taught, in an order that does not depend on how they came.

use std::collections::{BTreeMap, BTreeSet};

use super::{Example, LeftOut, TeachRequest};
use crate::evaluate::{Cases, EvaluateRequest, Labelled, Remark};
use crate::features::of_image;
use crate::lesson::{Taken, greatest, verdict};

/// Images that are taught, in the order of their hashes.
pub(super) struct TeachingSet<'a> {
    pub(super) examples: Vec<&'a Example>,
    /// Of each its patches `[n][features]`.
    pub(super) patches: Vec<&'a [f32]>,
    /// Of each the mean of its patches.
    pub(super) x: Vec<Vec<f64>>,
    pub(super) labels: Vec<usize>,
    /// Its patient.
    pub(super) groups: Vec<usize>,
}

/// The images that are taught: labelled, judged, of identical ones the first, and none that has
/// several labels.
pub(super) fn prepare<'a>(
    request: &'a TeachRequest,
    values: &'a [f32],
    len: usize,
    warnings: &mut Vec<Remark>,
) -> std::result::Result<TeachingSet<'a>, Remark> {
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
    Ok(TeachingSet {
        groups: groups.collect(),
        x: taken.iter().map(|(_, own, _)| of_image(own, len)).collect(),
        labels: taken.iter().map(|&(.., label)| label).collect(),
        patches: taken.iter().map(|&(_, own, _)| own).collect(),
        examples: taken.into_iter().map(|(example, ..)| example).collect(),
    })
}

impl TeachingSet<'_> {
    /// Cases that nothing is said of yet.
    pub(super) fn cases(&self, classes: usize) -> Cases {
        let mut cases = Cases::new(classes);
        let nothing = vec![1.0 / classes as f64; classes];
        for (label, example) in self.labels.iter().zip(&self.examples) {
            cases.push(*label, example.image.patient.as_deref(), &nothing);
        }
        cases
    }

    /// What evaluates these images, with other probabilities where they are given.
    pub(super) fn evaluation(
        &self,
        classes: &[String],
        said: Option<&[Vec<f64>]>,
    ) -> EvaluateRequest {
        let images = self.examples.iter().enumerate().map(|(index, example)| match said {
            Some(said) => Labelled {
                probabilities: Some(said[index].clone()),
                verdict: None,
                ..example.image.clone()
            },
            None => example.image.clone(),
        });
        EvaluateRequest { classes: classes.to_vec(), images: images.collect(), taught: vec![] }
    }

    /// What was `said` of each image while it was left out.
    pub(super) fn left_out(
        &self,
        classes: &[String],
        said: &[Vec<f64>],
        uncertain_below: Option<f64>,
    ) -> Vec<LeftOut> {
        let examples = self.examples.iter().zip(&self.labels).zip(said);
        let left_out = examples.map(|((example, &label), probabilities)| LeftOut {
            name: example.image.name.clone(),
            patient: example.image.patient.clone(),
            label: classes[label].clone(),
            prediction: classes[greatest(probabilities)].clone(),
            probabilities: probabilities.clone(),
            verdict: verdict(classes, probabilities, uncertain_below),
        });
        left_out.collect()
    }

    pub(super) fn taken(&self, classes: usize) -> Vec<Taken> {
        let of = |class: usize| {
            let mine = self.labels.iter().zip(&self.groups).filter(|(label, _)| **label == class);
            let groups: Vec<usize> = mine.map(|(_, &group)| group).collect();
            let patients = groups.iter().collect::<BTreeSet<_>>().len();
            Taken { images: groups.len(), patients }
        };
        (0..classes).map(of).collect()
    }

    pub(super) fn hashes(&self) -> Vec<String> {
        let hashes = self.examples.iter().filter_map(|example| example.image.sha256.clone());
        hashes.filter(|hash| crate::manifest::is_sha256(hash)).collect()
    }
}
