//! Reports as text for people and as JSON; as CSV in [`table`].

use std::io::{self, Write};

use histoscope::class::Class;
use histoscope::labels::Label;
use histoscope::report::{
    AggregatedDiagnosis, FailureReport, FolderReport, ImageBreakdown, ImageOutcome, ImageReport,
    NoVerdict, PatchBreakdown, PatientReport, TaughtTogether, Verdict, Votes,
};
use histoscope::shown::printable;
use serde::Serialize;

use crate::table::{self, Lines, Results, Spreadsheet};

/// Stands wherever a verdict is shown.
pub(crate) const NOTICE: &str = "For research use only; not a medical device.";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
    Csv(Lines, Spreadsheet),
}

/// Writes the outcome of one image; `whose` is what is known of it.
pub(crate) fn image(
    out: &mut dyn Write,
    format: Format,
    outcome: &ImageOutcome,
    whose: &[Label],
    votes: Votes<'_>,
) -> io::Result<()> {
    match format {
        Format::Json => json(out, outcome),
        Format::Csv(lines, spreadsheet) => {
            let outcomes = std::slice::from_ref(outcome);
            let unfamiliar = votes.unfamiliar;
            table::write(
                out,
                lines,
                &Results { outcomes, whose, patients: &[], unfamiliar, spreadsheet },
            )
        }
        Format::Text => {
            line(out, outcome, &[])?;
            writeln!(out, "{NOTICE}")
        }
    }
}

/// Writes the outcomes of several images and what they say together; in text each patient for itself,
/// if they are several. `whose` is what is known of each image.
pub(crate) fn folder(
    out: &mut dyn Write,
    format: Format,
    report: &FolderReport,
    whose: &[Label],
    votes: Votes<'_>,
) -> io::Result<()> {
    match format {
        Format::Json => json(out, report),
        Format::Csv(lines, spreadsheet) => {
            let FolderReport { individual_results: outcomes, patients, .. } = report;
            let unfamiliar = votes.unfamiliar;
            table::write(
                out,
                lines,
                &Results { outcomes, whose, patients, unfamiliar, spreadsheet },
            )
        }
        Format::Text => {
            for outcome in &report.individual_results {
                line(out, outcome, &report.individual_results)?;
            }
            writeln!(out)?;
            match report.no_verdict {
                Some(NoVerdict::SeveralPatients) => of_patients(out, report)?,
                None => together(out, "Together", &report.into())?,
            }
            writeln!(out, "{NOTICE}")
        }
    }
}

fn of_patients(out: &mut dyn Write, report: &FolderReport) -> io::Result<()> {
    let of_known: usize = report.patients.iter().map(|patient| patient.num_images).sum();
    match report.num_images - of_known {
        0 => {}
        unknown => writeln!(out, "Images of no known patient: {unknown}, no verdict")?,
    }
    for patient in &report.patients {
        let whose = format!("Patient {}", printable(&patient.patient));
        together(out, &whose, &patient.into())?;
    }
    writeln!(out, "  note: Images of several patients have no verdict together.")
}

/// What images say together, whether all of them or those of a patient.
struct Together<'a> {
    num_images: usize,
    num_failed: usize,
    num_not_assessable: usize,
    num_unfamiliar: Option<usize>,
    partial: bool,
    verdict: Option<Verdict>,
    diagnosis: Option<&'a AggregatedDiagnosis>,
    breakdown: Option<ImageBreakdown>,
    taught: Option<&'a TaughtTogether>,
}

macro_rules! together_of {
    ($report:ty) => {
        impl<'a> From<&'a $report> for Together<'a> {
            fn from(report: &'a $report) -> Self {
                Self {
                    num_images: report.num_images,
                    num_failed: report.num_failed,
                    num_not_assessable: report.num_not_assessable,
                    num_unfamiliar: report.num_unfamiliar,
                    partial: report.partial,
                    verdict: report.verdict,
                    diagnosis: report.aggregated_diagnosis.as_ref(),
                    breakdown: report.image_breakdown,
                    taught: report.taught.as_ref(),
                }
            }
        }
    };
}
together_of!(FolderReport);
together_of!(PatientReport);

/// Writes what images say together, after `whose` they are.
fn together(out: &mut dyn Write, whose: &str, said: &Together<'_>) -> io::Result<()> {
    let Together { num_images, num_failed, num_not_assessable, num_unfamiliar, .. } = *said;
    let voted = said.breakdown.map_or(0, |all| all.benign_images + all.malignant_images);
    match (said.taught, said.diagnosis) {
        (Some(taught), _) => {
            let voted: u32 = taught.images.iter().sum();
            let said = named(&taught.verdict, taught.prediction.as_deref(), taught.confidence);
            writeln!(out, "{whose}: {said} - mean of {voted} of {num_images} images")?;
        }
        (None, Some(AggregatedDiagnosis { verdict, prediction, confidence, .. })) => writeln!(
            out,
            "{whose}: {} - mean of {voted} of {num_images} images",
            phrase(*verdict, *prediction, *confidence),
        )?,
        (None, None) if num_not_assessable > 0 || num_unfamiliar.is_some() => {
            let verdict = said.verdict.unwrap_or(Verdict::NotAssessable);
            writeln!(out, "{whose}: {verdict} - no image voted")?;
        }
        (None, None) if num_failed > 0 => writeln!(out, "{whose}: no image could be read")?,
        (None, None) => writeln!(out, "{whose}: other patients' images of the same bytes vote")?,
    }
    if said.partial && num_failed < num_images {
        writeln!(out, "  note: Partial: {num_failed} failed, and may say otherwise.")?;
    }
    Ok(())
}

/// Writes a value as JSON, for programs and people.
pub(crate) fn json(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

/// "malignant (93.1 %)", or "uncertain (rather malignant, 61.0 %)".
fn phrase(verdict: Verdict, prediction: Class, confidence: f64) -> String {
    let percent = confidence * 100.0;
    if verdict == Verdict::Unfamiliar {
        // Nothing is claimed of what is unlike all that was learned.
        return verdict.to_string();
    }
    if verdict == prediction.into() {
        format!("{verdict} ({percent:.1} %)")
    } else {
        format!("{verdict} (rather {prediction}, {percent:.1} %)")
    }
}

/// As [`phrase`], by the classes of a lesson, or of the model's own.
fn named(verdict: &str, prediction: Option<&str>, confidence: Option<f64>) -> String {
    let percent = confidence.unwrap_or_default() * 100.0;
    match prediction {
        Some(prediction) if prediction == verdict => {
            format!("{} ({percent:.1} %)", printable(verdict))
        }
        Some(prediction) if verdict != Verdict::Unfamiliar.to_string() => {
            format!("{verdict} (rather {}, {percent:.1} %)", printable(prediction))
        }
        _ => printable(verdict),
    }
}

/// The name of an image, as it was given.
pub(crate) fn name_of(outcome: &ImageOutcome) -> &str {
    match outcome {
        ImageOutcome::Success(report) => &report.filename,
        ImageOutcome::Failure(report) => &report.filename,
    }
}

/// The name of the image that a report is a duplicate of.
fn original<'a>(report: &ImageReport, all: &'a [ImageOutcome]) -> Option<&'a str> {
    all.get(report.duplicate_of?).map(name_of)
}

fn line(out: &mut dyn Write, outcome: &ImageOutcome, all: &[ImageOutcome]) -> io::Result<()> {
    let report = match outcome {
        ImageOutcome::Failure(FailureReport { filename, error, .. }) => {
            let message = printable(&error.message);
            return writeln!(out, "{}: failed, {message}", printable(filename));
        }
        ImageOutcome::Success(report) => report,
    };
    let ImageReport { verdict, num_patches, patch_breakdown, .. } = &**report;
    let filename = printable(&report.filename);
    if let Some(original) = original(report, all) {
        return writeln!(out, "{filename}: same as {}, does not vote", printable(original));
    }
    let PatchBreakdown { benign_patches, malignant_patches } = patch_breakdown;
    // Of a slide, those in tissue or in what was outlined.
    let slide = report.slide.as_ref();
    let total = slide.map_or(report.grid.total_patches, |slide| slide.source.candidates);
    let seconds = report.timings_ms.total / 1e3;
    match (report.otherwise(), report.prediction, report.confidence) {
        (Some(taught), ..) => {
            let said = named(&taught.verdict, taught.prediction.as_deref(), taught.confidence);
            writeln!(out, "{filename}: {said} - {num_patches} of {total} patches, {seconds:.2} s")?;
        }
        (None, Some(prediction), Some(confidence)) => writeln!(
            out,
            "{filename}: {} - {num_patches} of {total} patches ({benign_patches} benign, \
             {malignant_patches} malignant), {seconds:.2} s",
            phrase(*verdict, prediction, confidence),
        )?,
        _ => writeln!(out, "{filename}: {verdict}, {seconds:.2} s")?,
    }
    if let Some(lesson) = report.taught.as_ref().and_then(|taught| taught.lesson.as_ref()) {
        writeln!(out, "  lesson: {}", printable(&lesson.name))?;
    }
    for region in slide.iter().flat_map(|slide| &slide.regions) {
        let (name, patches) = (printable(&region.name), region.patches.len());
        let said = match (&region.taught, &region.probabilities) {
            (Some(taught), _) => {
                named(&taught.verdict, taught.prediction.as_deref(), taught.confidence)
            }
            (None, Some(said)) => {
                let prediction = said.greatest();
                phrase(region.verdict, prediction, *said.of(prediction))
            }
            (None, None) => region.verdict.to_string(),
        };
        writeln!(out, "  region {name}: {said} - {patches} patches")?;
    }
    for warning in &report.warnings {
        writeln!(out, "  note: {}", printable(warning))?;
    }
    Ok(())
}
