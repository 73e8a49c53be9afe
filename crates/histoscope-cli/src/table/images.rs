//! The table of images: a line for each, those that failed included.

use histoscope::class::Class;
use histoscope::report::{FailureReport, ImageOutcome, ImageReport, Verdict};

use super::{Row, number, origin, own_shares, row, said, taught_shares, text, whose, yes_or_no};
use crate::output::name_of;

/// `unfamiliar` says whether images vote that are that.
pub(super) fn rows(
    outcomes: &[ImageOutcome],
    unfamiliar: bool,
    now: u64,
) -> impl Iterator<Item = Row> {
    outcomes.iter().map(move |outcome| match outcome {
        ImageOutcome::Success(report) => success(report, outcomes, unfamiliar, now),
        ImageOutcome::Failure(report) => failure(report),
    })
}

fn place(name: &str) -> Row {
    let filename = name.rsplit('/').next().unwrap_or(name);
    let mut cells = whose(name);
    cells.insert("filename".into(), text(filename));
    cells
}

/// By a lesson, or a model, that has other classes, else of benign and malignant.
fn said_of(report: &ImageReport) -> Row {
    if let Some(taught) = &report.taught {
        let shares = taught.probabilities.as_deref().unwrap_or_default();
        let shares = taught_shares(&taught.classes, shares);
        return said(&taught.verdict, taught.prediction.as_deref(), taught.confidence, shares);
    }
    let shares = report.probabilities.iter().flat_map(own_shares);
    let prediction = report.prediction.map(Class::name);
    said(&report.verdict.to_string(), prediction, report.confidence, shares)
}

fn success(report: &ImageReport, all: &[ImageOutcome], unfamiliar: bool, now: u64) -> Row {
    let ImageReport { patch_breakdown, screen, scale, taught, .. } = report;
    let original = report.duplicate_of.and_then(|index| all.get(index)).map(name_of);
    let strange = match taught {
        Some(taught) => taught.verdict == Verdict::Unfamiliar.to_string(),
        None => report.verdict == Verdict::Unfamiliar,
    };
    let votes = report.voters() > 0 && original.is_none() && (unfamiliar || !strange);
    let mut cells = place(&report.filename);
    cells.extend(said_of(report));
    cells.extend(origin(report, now));
    cells.extend(row([
        ("state", if original.is_some() { "same" } else { "done" }.into()),
        ("counts", yes_or_no(votes)),
        ("same_as", original.map(text).unwrap_or_default()),
        ("file_sha256", report.sha256.clone().unwrap_or_default()),
        ("num_patches", report.num_patches.to_string()),
        ("benign_patches", patch_breakdown.benign_patches.to_string()),
        ("malignant_patches", patch_breakdown.malignant_patches.to_string()),
        ("background", screen.background.to_string()),
        ("blurred", screen.blurred.to_string()),
        ("not_he", screen.not_he.to_string()),
        ("width", report.image.width.to_string()),
        ("height", report.image.height.to_string()),
        ("total_ms", number((report.timings_ms.total * 10.0).round() / 10.0)),
        ("warnings", text(&report.warnings.join(" "))),
    ]));
    if let Some(scale) = scale {
        let source = serde_json::to_value(scale.source).ok();
        let source = source.as_ref().and_then(|source| source.as_str()).unwrap_or_default();
        cells.extend(row([
            ("um_per_pixel", number(scale.um_per_pixel)),
            ("scale_source", source.into()),
            ("objective", scale.objective.map(number).unwrap_or_default()),
        ]));
    }
    let familiarity = match taught {
        Some(taught) => &taught.familiarity,
        None => &report.familiarity,
    };
    if let Some(familiarity) = familiarity {
        cells.extend(row([
            ("distance", number(familiarity.distance)),
            ("distance_limit", number(familiarity.limit)),
        ]));
    }
    cells
}

fn failure(report: &FailureReport) -> Row {
    let mut cells = place(&report.filename);
    cells.extend(row([
        ("state", "failed".into()),
        ("counts", yes_or_no(false)),
        ("error_code", report.error.code.clone()),
        ("error_message", text(&report.error.message)),
    ]));
    cells
}
