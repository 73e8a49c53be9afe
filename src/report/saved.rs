//! Saved reports on their way back: of one image, or of a study as page and command line write it.
//!
//! ```text
//! bytes -> is it JSON, and a report of this version? -> every image's report, checked
//!       -> what a study says beside them: paths, patients, labels, digests, who does not count
//! ```
//!
//! The file comes from outside. It is refused as a whole where any of it is damaged, nothing of it is
//! kept that was not asked for, and no list is longer than [`MAX_SAVED_IMAGES`].

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::ImageOutcome;
use super::bounded::List;
use super::check::{self, MAX_REPORTS_BYTES, ReportProblem, agree, form, of_all, short};
use crate::error::{Error, Result};

/// More images no saved study has: twenty times those of the largest that the page is tried with.
pub const MAX_SAVED_IMAGES: usize = 100_000;

/// One image of a saved report.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Saved {
    /// Where the image lay below what was chosen; its name where the file does not say.
    pub path: String,
    /// `None` where the file does not say; empty where it says that nobody knows.
    pub patient: Option<String>,
    /// Whether the name of its folder tells the patient, and no person has said otherwise; `None`
    /// where the file does not say.
    pub by_folder: Option<bool>,
    /// What it truly is, as a person says. `None` where the file does not say; empty where it says
    /// that nobody knows.
    pub label: Option<String>,
    /// What was found.
    pub report: ImageOutcome,
    /// Of the image's file, as the study says, or the report.
    pub sha256: Option<String>,
    /// Whether a program drew it.
    pub demo: bool,
    /// Whether a person took it out.
    pub left_out: bool,
}

/// What tells a saved report from any other JSON, and one of a study from one of an image.
#[derive(Deserialize)]
struct ReportEnvelope<'a> {
    schema_version: Option<u32>,
    #[serde(borrow)]
    individual_results: Option<&'a RawValue>,
}

/// The report of a study. What it says of all images together follows from these.
#[derive(Deserialize)]
struct Study<'a> {
    #[serde(borrow)]
    individual_results: List<&'a RawValue, MAX_SAVED_IMAGES>,
    paths: Option<List<String, MAX_SAVED_IMAGES>>,
    patients: Option<List<Patient, MAX_SAVED_IMAGES>>,
    by_folder: Option<List<usize, MAX_SAVED_IMAGES>>,
    labels: Option<List<Option<String>, MAX_SAVED_IMAGES>>,
    sha256: Option<List<Option<String>, MAX_SAVED_IMAGES>>,
    demos: Option<List<usize, MAX_SAVED_IMAGES>>,
    left_out: Option<List<usize, MAX_SAVED_IMAGES>>,
}

#[derive(Deserialize)]
struct Patient {
    patient: String,
    images: List<usize, MAX_SAVED_IMAGES>,
}

/// Reads the file of a saved report, UTF-8 with or without a byte-order mark.
///
/// # Errors
/// [`Error::SavedTooLarge`] before anything is read; [`Error::ReportInvalid`] that names the image
/// and what is wrong.
pub fn saved_from_json(json: &[u8]) -> Result<Vec<Saved>> {
    read(json, MAX_REPORTS_BYTES)
}

/// As [`saved_from_json`], of at most `max_bytes`.
pub(super) fn read(json: &[u8], max_bytes: usize) -> Result<Vec<Saved>> {
    if json.len() > max_bytes {
        return Err(Error::SavedTooLarge { bytes: json.len(), max_bytes });
    }
    let text = str::from_utf8(json).map_err(|error| of_all(not_json(error)))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let report: &RawValue = serde_json::from_str(text).map_err(|error| of_all(not_json(error)))?;
    let envelope: ReportEnvelope<'_> =
        serde_json::from_str(text).map_err(|error| of_all(form(error)))?;
    let version = envelope.schema_version.ok_or(ReportProblem::NoReport).map_err(of_all)?;
    check::version(version).map_err(of_all)?;
    if envelope.individual_results.is_none() {
        return check::outcome(report, 0).map(|report| vec![Saved::of(report)]);
    }
    let study: Study<'_> = serde_json::from_str(text).map_err(|error| of_all(form(error)))?;
    study.images()
}

impl Study<'_> {
    fn images(self) -> Result<Vec<Saved>> {
        let List(reports) = &self.individual_results;
        if reports.is_empty() {
            return Err(of_all(ReportProblem::NoImage));
        }
        let images = reports.iter().enumerate();
        let images = images.map(|(place, report)| check::outcome(report, place).map(Saved::of));
        let mut images: Vec<Saved> = images.collect::<Result<_>>()?;
        self.say_of(&mut images).map_err(of_all)?;
        Ok(images)
    }

    /// What the study says of its images beside their reports.
    fn say_of(self, images: &mut [Saved]) -> Result<(), ReportProblem> {
        each(images, "paths", self.paths, |image, path| {
            image.path = path;
            short("paths", &image.path)
        })?;
        each(images, "labels", self.labels, |image, label| {
            let label = label.unwrap_or_default();
            short("labels", &label)?;
            image.label = Some(label);
            Ok(())
        })?;
        each(images, "sha256", self.sha256, |image, sha256| {
            let Some(sha256) = sha256 else { return Ok(()) };
            check::digest("sha256", &sha256)?;
            image.sha256 = Some(sha256);
            Ok(())
        })?;
        if let Some(List(patients)) = self.patients {
            for image in images.iter_mut() {
                image.patient = Some(String::new());
            }
            for Patient { patient, images: List(places) } in patients {
                short("patients", &patient)?;
                marked(images, "patients", &places, |image| image.patient = Some(patient.clone()))?;
            }
        }
        if let Some(List(places)) = self.by_folder {
            for image in images.iter_mut() {
                image.by_folder = Some(false);
            }
            marked(images, "by_folder", &places, |image| image.by_folder = Some(true))?;
        }
        let places =
            |list: Option<List<usize, MAX_SAVED_IMAGES>>| list.map_or(vec![], |list| list.0);
        marked(images, "demos", &places(self.demos), |image| image.demo = true)?;
        marked(images, "left_out", &places(self.left_out), |image| image.left_out = true)
    }
}

impl Saved {
    /// An image of which nothing but its report is known.
    fn of(report: ImageOutcome) -> Self {
        let (path, sha256) = match &report {
            ImageOutcome::Success(report) => (report.filename.clone(), report.sha256.clone()),
            ImageOutcome::Failure(report) => (report.filename.clone(), None),
        };
        let (patient, by_folder, label) = (None, None, None);
        Self { path, patient, by_folder, label, report, sha256, demo: false, left_out: false }
    }
}

/// Takes a list that has one entry for each image, if it is there.
fn each<T>(
    images: &mut [Saved],
    field: &'static str,
    list: Option<List<T, MAX_SAVED_IMAGES>>,
    mut take: impl FnMut(&mut Saved, T) -> Result<(), ReportProblem>,
) -> Result<(), ReportProblem> {
    let Some(List(entries)) = list else { return Ok(()) };
    agree(entries.len() == images.len(), field, "individual_results")?;
    images.iter_mut().zip(entries).try_for_each(|(image, entry)| take(image, entry))
}

/// Marks the images at these places.
fn marked(
    images: &mut [Saved],
    field: &'static str,
    places: &[usize],
    mark: impl Fn(&mut Saved),
) -> Result<(), ReportProblem> {
    for &place in places {
        agree(place < images.len(), field, "individual_results")?;
        mark(&mut images[place]);
    }
    Ok(())
}

/// No JSON at all, or cut off.
fn not_json(error: impl ToString) -> ReportProblem {
    ReportProblem::NotJson { detail: error.to_string() }
}

#[cfg(test)]
mod tests;
