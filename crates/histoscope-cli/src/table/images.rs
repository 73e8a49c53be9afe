//! The table of images: a line for each, those that failed included.

use histoscope::class::Class;
use histoscope::labels::Label;
use histoscope::report::{FailureReport, ImageOutcome, ImageReport, Verdict};

use super::{
    Results, Row, number, origin, own_shares, plain, row, said, taught_shares, text, whose,
    yes_or_no,
};
use crate::output::name_of;

pub(super) fn rows(results: &Results<'_>, now: u64) -> impl Iterator<Item = Row> {
    let Results { outcomes, unfamiliar, .. } = *results;
    outcomes.iter().zip(results.whose).map(move |(outcome, label)| {
        let mut cells = place(name_of(outcome), label);
        cells.extend(match outcome {
            ImageOutcome::Success(report) => success(report, outcomes, unfamiliar, now),
            ImageOutcome::Failure(report) => failure(report),
        });
        cells
    })
}

fn place(name: &str, label: &Label) -> Row {
    let filename = name.rsplit('/').next().unwrap_or(name);
    let mut cells = whose(name, label);
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

/// `unfamiliar` says whether images vote that are that.
fn success(report: &ImageReport, all: &[ImageOutcome], unfamiliar: bool, now: u64) -> Row {
    let ImageReport { patch_breakdown, screen, scale, taught, .. } = report;
    let original = report.duplicate_of.and_then(|index| all.get(index)).map(name_of);
    let strange = match taught {
        Some(taught) => taught.verdict == Verdict::Unfamiliar.to_string(),
        None => report.verdict == Verdict::Unfamiliar,
    };
    let votes = report.voters() > 0 && original.is_none() && (unfamiliar || !strange);
    let mut cells = said_of(report);
    cells.extend(origin(report, now));
    cells.extend(row([
        ("state", plain(if original.is_some() { "same" } else { "done" })),
        ("counts", yes_or_no(votes)),
        ("same_as", original.map(text).unwrap_or_default()),
        ("file_sha256", plain(report.sha256.as_deref().unwrap_or_default())),
        ("num_patches", plain(report.num_patches)),
        ("benign_patches", plain(patch_breakdown.benign_patches)),
        ("malignant_patches", plain(patch_breakdown.malignant_patches)),
        ("background", plain(screen.background)),
        ("blurred", plain(screen.blurred)),
        ("not_he", plain(screen.not_he)),
        ("width", plain(report.image.width)),
        ("height", plain(report.image.height)),
        ("total_ms", number((report.timings_ms.total * 10.0).round() / 10.0)),
        ("warnings", text(&report.warnings.join(" "))),
    ]));
    if let Some(scale) = scale {
        let source = serde_json::to_value(scale.source).ok();
        let source = source.as_ref().and_then(|source| source.as_str()).unwrap_or_default();
        cells.extend(row([
            ("um_per_pixel", number(scale.um_per_pixel)),
            ("scale_source", plain(source)),
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
    row([
        ("state", plain("failed")),
        ("counts", yes_or_no(false)),
        ("error_code", plain(&report.error.code)),
        ("error_message", text(&report.error.message)),
    ])
}
