//! Reports as text for people, JSON and CSV.

use std::io::{self, Write};

use histoscope::report::{
    AggregatedDiagnosis, FolderReport, ImageOutcome, ImageReport, NOT_ASSESSABLE,
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
pub(crate) fn image(
    out: &mut impl Write,
    format: Format,
    outcome: &ImageOutcome,
    labels: &[String],
) -> io::Result<()> {
    match format {
        Format::Json => json(out, outcome),
        Format::Csv => csv(out, std::slice::from_ref(outcome), labels),
        Format::Text => {
            line(out, outcome)?;
            writeln!(out, "{NOTICE}")
        }
    }
}

/// Writes the outcomes of several images and what they say together.
pub(crate) fn folder(
    out: &mut impl Write,
    format: Format,
    report: &FolderReport,
    labels: &[String],
) -> io::Result<()> {
    match format {
        Format::Json => json(out, report),
        Format::Csv => csv(out, &report.individual_results, labels),
        Format::Text => {
            for outcome in &report.individual_results {
                line(out, outcome)?;
            }
            let voted = report.num_images - report.num_failed - report.num_not_assessable;
            match &report.aggregated_diagnosis {
                Some(AggregatedDiagnosis { verdict, prediction, confidence, .. }) => writeln!(
                    out,
                    "\nTogether: {} - mean of {voted} of {} images",
                    phrase(verdict, prediction, *confidence),
                    report.num_images
                )?,
                None if report.num_not_assessable > 0 => {
                    writeln!(out, "\nTogether: {NOT_ASSESSABLE} - no image voted")?;
                }
                None => writeln!(out, "\nNo image could be read.")?,
            }
            writeln!(out, "{NOTICE}")
        }
    }
}

/// Prints a value as JSON where there is nothing else to print.
pub(crate) fn print_json(value: &impl Serialize) {
    let _ = json(&mut io::stdout().lock(), value);
}

fn json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

/// "malignant (93.1 %)", or "uncertain (rather malignant, 61.0 %)".
fn phrase(verdict: &str, prediction: &str, confidence: f64) -> String {
    let percent = confidence * 100.0;
    if verdict == prediction {
        format!("{verdict} ({percent:.1} %)")
    } else {
        format!("{verdict} (rather {prediction}, {percent:.1} %)")
    }
}

fn line(out: &mut impl Write, outcome: &ImageOutcome) -> io::Result<()> {
    let report = match outcome {
        ImageOutcome::Failure(failure) => {
            return writeln!(out, "{}: failed, {}", failure.filename, failure.error.message);
        }
        ImageOutcome::Success(report) => report,
    };
    let ImageReport { filename, verdict, prediction, confidence, num_patches, .. } = &**report;
    let counts: Vec<String> = report
        .patch_breakdown
        .0
        .iter()
        .map(|(label, count)| format!("{count} {}", label.trim_end_matches("_patches")))
        .collect();
    let total = report.grid.total_patches;
    let seconds = report.timings_ms.total / 1e3;
    match (prediction, confidence) {
        (Some(prediction), Some(confidence)) => writeln!(
            out,
            "{filename}: {} - {num_patches} of {total} patches ({}), {seconds:.2} s",
            phrase(verdict, prediction, *confidence),
            counts.join(", "),
        )?,
        _ => writeln!(out, "{filename}: {verdict}, {seconds:.2} s")?,
    }
    for warning in &report.warnings {
        writeln!(out, "  note: {warning}")?;
    }
    Ok(())
}

fn csv(out: &mut impl Write, outcomes: &[ImageOutcome], labels: &[String]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let mut header: Vec<String> =
        ["filename", "success", "verdict", "prediction", "confidence"].map(String::from).into();
    header.extend(labels.iter().map(|label| format!("probability_{label}")));
    header.extend(["num_patches", "voting_patches"].map(String::from));
    header.extend(labels.iter().map(|label| format!("{label}_patches")));
    header.extend(["width", "height", "error_code", "error_message"].map(String::from));
    writer.write_record(&header)?;
    for outcome in outcomes {
        let mut row = Vec::with_capacity(header.len());
        match outcome {
            ImageOutcome::Success(report) => {
                row.extend([report.filename.clone(), "true".into(), report.verdict.clone()]);
                row.push(report.prediction.clone().unwrap_or_default());
                row.push(report.confidence.map_or_else(String::new, |p| p.to_string()));
                match &report.probabilities {
                    Some(probabilities) => {
                        row.extend(probabilities.0.iter().map(|(_, p)| p.to_string()));
                    }
                    None => row.resize(row.len() + labels.len(), String::new()),
                }
                row.push(report.num_patches.to_string());
                let voted: u32 = report.patch_breakdown.0.iter().map(|(_, count)| count).sum();
                row.push(voted.to_string());
                row.extend(report.patch_breakdown.0.iter().map(|(_, count)| count.to_string()));
                row.extend([report.image.width.to_string(), report.image.height.to_string()]);
            }
            ImageOutcome::Failure(failure) => {
                row.extend([failure.filename.clone(), "false".into()]);
                row.resize(header.len() - 2, String::new());
                row.extend([failure.error.code.clone(), failure.error.message.clone()]);
            }
        }
        row.resize(header.len(), String::new());
        writer.write_record(&row)?;
    }
    writer.flush()
}
