//! Labelled probabilities, and whose they are.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{LEAST_IMAGES, LEAST_PATIENTS, Remark, mean};

/// Cases of so many classes. Those of a patient and a label are a unit: what is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Cases {
    pub(crate) classes: usize,
    /// Of each case.
    pub(crate) labels: Vec<usize>,
    /// Unit of each case.
    pub(crate) units: Vec<usize>,
    /// Label of each unit.
    pub(crate) unit_labels: Vec<usize>,
    /// `[n][classes]`.
    probabilities: Vec<f64>,
    names: HashMap<(String, usize), usize>,
    /// How many patients there are, whatever their labels.
    patients: HashSet<String>,
}

impl Cases {
    pub(crate) fn new(classes: usize) -> Self {
        Self {
            classes,
            labels: vec![],
            units: vec![],
            unit_labels: vec![],
            probabilities: vec![],
            names: HashMap::new(),
            patients: HashSet::new(),
        }
    }

    /// Adds a case; without a patient it has one of its own.
    pub(crate) fn push(&mut self, label: usize, patient: Option<&str>, p: &[f64]) {
        // No name of a patient begins so: names have no control characters where they are read, and
        // a clash would only join two.
        let patient =
            patient.map_or_else(|| format!("\u{0}{}", self.labels.len()), ToOwned::to_owned);
        self.patients.insert(patient.clone());
        let next = self.unit_labels.len();
        let unit = *self.names.entry((patient, label)).or_insert(next);
        if unit == next {
            self.unit_labels.push(label);
        }
        self.labels.push(label);
        self.units.push(unit);
        self.probabilities.extend_from_slice(p);
    }

    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(crate) fn patient_count(&self) -> usize {
        self.patients.len()
    }

    /// Probabilities of a case.
    pub(crate) fn p(&self, case: usize) -> &[f64] {
        &self.probabilities[case * self.classes..(case + 1) * self.classes]
    }

    /// The same cases with other probabilities, `[n][classes]`.
    pub(crate) fn with(&self, probabilities: Vec<f64>) -> Self {
        debug_assert_eq!(probabilities.len(), self.probabilities.len());
        Self { probabilities, ..self.clone() }
    }

    /// A case for each unit: the mean of its cases.
    pub(crate) fn by_patient(&self) -> Self {
        let mut members: BTreeMap<usize, Vec<Vec<f64>>> = BTreeMap::new();
        for case in 0..self.len() {
            members.entry(self.units[case]).or_default().push(self.p(case).to_vec());
        }
        let mut units = Self::new(self.classes);
        for (unit, members) in members {
            units.push(self.unit_labels[unit], None, &mean(&members));
        }
        units
    }

    /// The first class that has too few images or patients.
    pub(crate) fn too_few(&self, classes: &[String]) -> Option<Remark> {
        (0..self.classes).find_map(|class| {
            let count = |labels: &[usize]| labels.iter().filter(|&&label| label == class).count();
            let (images, patients) = (count(&self.labels), count(&self.unit_labels));
            (images < LEAST_IMAGES || patients < LEAST_PATIENTS).then(|| {
                Remark::new(
                    "too_few",
                    [
                        ("class", classes[class].clone()),
                        ("images", images.to_string()),
                        ("patients", patients.to_string()),
                        ("least_images", LEAST_IMAGES.to_string()),
                        ("least_patients", LEAST_PATIENTS.to_string()),
                    ],
                )
            })
        })
    }
}
