//! Whose the images of a folder are, and what those of each patient say together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::folder::{AggregatedDiagnosis, ImageBreakdown, Tally, Vote};
use super::{TaughtTogether, Verdict};
use crate::labels;
use crate::patients::Patients;

/// Why images have no verdict together, although some of them voted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum NoVerdict {
    /// They are of several patients: a mean over those says nothing of any of them.
    #[serde(rename = "several patients")]
    SeveralPatients,
}

/// What the images of one patient say together, in the report on a folder: the fields are those of
/// [`super::FolderReport`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "most fields are those of FolderReport")]
pub struct PatientReport {
    /// As the names of the images tell, or who knows better.
    pub patient: String,
    /// Places in `individual_results`, also of images that others of the same bytes vote for.
    pub images: Vec<usize>,
    pub success: bool,
    pub num_images: usize,
    pub num_failed: usize,
    pub num_not_assessable: usize,
    pub num_duplicates: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub num_unfamiliar: Option<usize>,
    pub partial: bool,
    pub verdict: Option<Verdict>,
    pub aggregated_diagnosis: Option<AggregatedDiagnosis>,
    pub image_breakdown: Option<ImageBreakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub taught: Option<TaughtTogether>,
}

impl PatientReport {
    /// Of the images at these places, without what a lesson says.
    pub(super) fn new(patient: String, images: Vec<usize>, said: Tally) -> Self {
        Self {
            patient,
            success: said.success,
            num_images: images.len(),
            num_failed: said.num_failed,
            num_not_assessable: said.num_not_assessable,
            num_duplicates: said.num_duplicates,
            num_unfamiliar: said.num_unfamiliar,
            partial: said.num_failed > 0,
            verdict: said.verdict,
            aggregated_diagnosis: said.diagnosis,
            image_breakdown: said.breakdown,
            taught: None,
            images,
        }
    }
}

/// The places of each patient's images, patients in the order of their names. Of images of which
/// nobody tells whose they are nothing is here.
pub(super) fn places(votes: &[Vote], patients: Patients<'_>) -> BTreeMap<String, Vec<usize>> {
    let by_name = |vote: &Vote| vote.name.as_deref().and_then(labels::of_path)?.patient;
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, vote) in votes.iter().enumerate() {
        let told = match patients {
            Patients::ByNames => by_name(vote),
            Patients::One => None,
            Patients::Told(patients) => patients.get(place).cloned().flatten(),
        };
        if let Some(patient) = told {
            places.entry(patient).or_default().push(place);
        }
    }
    places
}
