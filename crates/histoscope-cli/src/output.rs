//! Reports as text for people, JSON and CSV.

use std::io::{self, Write};

use histoscope::class::Class;
use histoscope::report::{
    AggregatedDiagnosis, FailureReport, FolderReport, ImageOutcome, ImageReport, PatchBreakdown,
    Verdict,
};
use serde::Serialize;

const NOTICE: &str = "For research use only; not a medical device.";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
    Csv,
}

/// Writes the outcome of one image.
pub(crate) fn image(out: &mut dyn Write, format: Format, outcome: &ImageOutcome) -> io::Result<()> {
    match format {
        Format::Json => json(out, outcome),
        Format::Csv => csv(out, std::slice::from_ref(outcome)),
        Format::Text => {
            line(out, outcome, &[])?;
            writeln!(out, "{NOTICE}")
        }
    }
}

/// Writes the outcomes of several images and what they say together.
pub(crate) fn folder(out: &mut dyn Write, format: Format, report: &FolderReport) -> io::Result<()> {
    match format {
        Format::Json => json(out, report),
        Format::Csv => csv(out, &report.individual_results),
        Format::Text => {
            for outcome in &report.individual_results {
                line(out, outcome, &report.individual_results)?;
            }
            together(out, report)?;
            writeln!(out, "{NOTICE}")
        }
    }
}

fn together(out: &mut dyn Write, report: &FolderReport) -> io::Result<()> {
    let FolderReport { num_images, num_failed, num_duplicates, num_not_assessable, .. } = *report;
    let voted = num_images - num_failed - num_not_assessable - num_duplicates;
    match &report.aggregated_diagnosis {
        Some(AggregatedDiagnosis { verdict, prediction, confidence, .. }) => writeln!(
            out,
            "\nTogether: {} - mean of {voted} of {num_images} images",
            phrase(*verdict, *prediction, *confidence),
        )?,
        None if num_not_assessable > 0 => {
            writeln!(out, "\nTogether: {} - no image voted", Verdict::NotAssessable)?;
        }
        None => writeln!(out, "\nNo image could be read.")?,
    }
    if report.partial && num_failed < num_images {
        writeln!(out, "  note: Partial: {num_failed} failed, and may say otherwise.")?;
    }
    Ok(())
}

/// Writes a value as JSON, for programs and people.
pub(crate) fn json(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

/// A name without the control characters, with which a file could command a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// "malignant (93.1 %)", or "uncertain (rather malignant, 61.0 %)".
fn phrase(verdict: Verdict, prediction: Class, confidence: f64) -> String {
    let percent = confidence * 100.0;
    if verdict == prediction.into() {
        format!("{verdict} ({percent:.1} %)")
    } else {
        format!("{verdict} (rather {prediction}, {percent:.1} %)")
    }
}

/// The name of the image that a report is a duplicate of.
fn original<'a>(report: &ImageReport, all: &'a [ImageOutcome]) -> Option<&'a str> {
    all.get(report.duplicate_of?).map(|outcome| match outcome {
        ImageOutcome::Success(report) => report.filename.as_str(),
        ImageOutcome::Failure(failure) => failure.filename.as_str(),
    })
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
    let total = report.grid.total_patches;
    let seconds = report.timings_ms.total / 1e3;
    match (report.prediction, report.confidence) {
        (Some(prediction), Some(confidence)) => writeln!(
            out,
            "{filename}: {} - {num_patches} of {total} patches ({benign_patches} benign, \
             {malignant_patches} malignant), {seconds:.2} s",
            phrase(*verdict, prediction, confidence),
        )?,
        _ => writeln!(out, "{filename}: {verdict}, {seconds:.2} s")?,
    }
    for warning in &report.warnings {
        writeln!(out, "  note: {warning}")?;
    }
    Ok(())
}

const CSV_HEAD: [&str; 16] = [
    "filename",
    "success",
    "verdict",
    "prediction",
    "confidence",
    "probability_benign",
    "probability_malignant",
    "num_patches",
    "voting_patches",
    "benign_patches",
    "malignant_patches",
    "width",
    "height",
    "error_code",
    "error_message",
    "duplicate_of",
];

fn csv(out: &mut dyn Write, outcomes: &[ImageOutcome]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(CSV_HEAD).map_err(of_writing)?;
    for outcome in outcomes {
        writer.write_record(row(outcome, outcomes)).map_err(of_writing)?;
    }
    writer.flush()
}

fn row(outcome: &ImageOutcome, all: &[ImageOutcome]) -> [String; CSV_HEAD.len()] {
    let empty = String::new;
    match outcome {
        ImageOutcome::Success(report) => {
            let ImageReport { patch_breakdown, probabilities, .. } = &**report;
            let probability = |class| probabilities.map_or_else(empty, |p| p.of(class).to_string());
            [
                cell(&report.filename),
                "true".into(),
                report.verdict.to_string(),
                report.prediction.map_or_else(empty, |class| class.to_string()),
                report.confidence.map_or_else(empty, |confidence| confidence.to_string()),
                probability(Class::Benign),
                probability(Class::Malignant),
                report.num_patches.to_string(),
                patch_breakdown.voters().to_string(),
                patch_breakdown.benign_patches.to_string(),
                patch_breakdown.malignant_patches.to_string(),
                report.image.width.to_string(),
                report.image.height.to_string(),
                empty(),
                empty(),
                original(report, all).map_or_else(empty, cell),
            ]
        }
        ImageOutcome::Failure(FailureReport { filename, error, .. }) => {
            let mut row = std::array::from_fn(|_| empty());
            row[0] = cell(filename);
            row[1] = "false".into();
            row[13] = error.code.clone();
            row[14] = cell(&error.message);
            row
        }
    }
}

/// A text for a spreadsheet, which takes one that begins with any of these for a formula and runs
/// it: such a text gets an apostrophe in front, as in the page's CSV.
fn cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.into()
    }
}

/// The error of writing below an error of the CSV writer, with its kind.
fn of_writing(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
