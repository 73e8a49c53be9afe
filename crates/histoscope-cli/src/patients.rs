//! Whose images these are, as names of BreakHis tell, and what those of each patient say together.

use std::collections::BTreeMap;

use histoscope::labels::{self, Label};
use histoscope::pipeline::Classifier;
use histoscope::report::{FolderReport, ImageOutcome, Votes};

use crate::output::name_of;

/// The images of one patient.
pub(crate) struct OfPatient {
    /// `None` for the images whose names tell none.
    pub(crate) patient: Option<String>,
    /// All of them, also those that another image votes for.
    pub(crate) num_images: usize,
    /// On those that are no duplicates, of whomever.
    pub(crate) report: FolderReport,
}

/// What the name of an image tells.
pub(crate) fn told(name: &str) -> Label {
    labels::breakhis(name.rsplit('/').next().unwrap_or(name)).unwrap_or_default()
}

/// Whether names tell two patients or more, so that there is no verdict on all.
pub(crate) fn several(patients: &[OfPatient]) -> bool {
    patients.iter().filter(|of| of.patient.is_some()).count() > 1
}

/// The images of a folder by their patients, those without one first.
pub(crate) fn of_patients(
    folder: &FolderReport,
    classifier: &Classifier,
    votes: Votes,
) -> Vec<OfPatient> {
    let mut groups: BTreeMap<Option<String>, Vec<&ImageOutcome>> = BTreeMap::new();
    for outcome in &folder.individual_results {
        groups.entry(told(name_of(outcome)).patient).or_default().push(outcome);
    }
    let first = |outcome: &&ImageOutcome| match outcome {
        ImageOutcome::Success(report) => report.duplicate_of.is_none(),
        ImageOutcome::Failure(_) => true,
    };
    groups
        .into_iter()
        .map(|(patient, outcomes)| {
            let num_images = outcomes.len();
            let outcomes = outcomes.into_iter().filter(first).cloned().collect();
            OfPatient { patient, num_images, report: classifier.folder_report(outcomes, votes) }
        })
        .collect()
}
