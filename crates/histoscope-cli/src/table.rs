//! Results as CSV: the page's table of images, column for column (`www/src/study/csv.ts`), which a test
//! of the page compares.
//!
//! Written as RFC 4180 has it, and safe to open in a spreadsheet. Patients and labels are those that names tell; what
//! people say of them only the page knows. There is no byte order mark: programs read this more often than
//! spreadsheets.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use histoscope::class::Class;
use histoscope::labels::Label;
use histoscope::options::MaxPatches;
use histoscope::report::{FailureReport, ImageOutcome, ImageReport, Verdict};

use crate::output::name_of;
use crate::patients::told;

/// In the order of the page.
const IMAGE_COLUMNS: [&str; 42] = [
    "path",
    "filename",
    "patient",
    "label",
    "state",
    "counts",
    "verdict",
    "prediction",
    "confidence",
    "probability_benign",
    "probability_malignant",
    "num_patches",
    "benign_patches",
    "malignant_patches",
    "distance",
    "distance_limit",
    "background",
    "blurred",
    "not_he",
    "width",
    "height",
    "um_per_pixel",
    "scale_source",
    "objective",
    "model",
    "model_version",
    "variant",
    "model_sha256",
    "engine_version",
    "lesson",
    "lesson_sha256",
    "max_patches",
    "stride",
    "screened",
    "uncertain_below",
    "analysed_utc",
    "total_ms",
    "warnings",
    "same_as",
    "file_sha256",
    "error_code",
    "error_message",
];

/// Behind it stands a column for each class of a lesson that the model has not.
const LAST_PROBABILITY: &str = "probability_malignant";

/// Cells by the names of their columns.
type Row = HashMap<String, String>;

/// Writes a head and a line for each image; `unfamiliar` says whether images vote that are that.
pub(crate) fn write(
    out: &mut dyn Write,
    outcomes: &[ImageOutcome],
    unfamiliar: bool,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    let columns = columns(outcomes);
    writer.write_record(columns.iter().map(|column| text(column))).map_err(of_writing)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    for outcome in outcomes {
        let mut row = match outcome {
            ImageOutcome::Success(report) => success(report, outcomes, unfamiliar, now),
            ImageOutcome::Failure(report) => failure(report),
        };
        let cells: Vec<String> =
            columns.iter().map(|column| row.remove(column).unwrap_or_default()).collect();
        debug_assert!(row.is_empty(), "no column for {row:?}");
        writer.write_record(cells).map_err(of_writing)?;
    }
    writer.flush()
}

/// The columns of these images, with those of their lessons' classes.
fn columns(outcomes: &[ImageOutcome]) -> Vec<String> {
    let mut columns: Vec<String> = IMAGE_COLUMNS.map(str::to_owned).into();
    let place = IMAGE_COLUMNS.iter().position(|column| *column == LAST_PROBABILITY);
    let mut place = place.map_or(columns.len(), |place| place + 1);
    for outcome in outcomes {
        let ImageOutcome::Success(report) = outcome else { continue };
        for class in report.taught.iter().flat_map(|taught| &taught.classes) {
            let column = probability_of(class);
            if !columns.contains(&column) {
                columns.insert(place, column);
                place += 1;
            }
        }
    }
    columns
}

fn probability_of(class: &str) -> String {
    format!("probability_{class}")
}

fn place(name: &str) -> Row {
    let filename = name.rsplit('/').next().unwrap_or(name);
    let Label { label, patient } = told(name);
    row([
        ("path", text(name)),
        ("filename", text(filename)),
        ("patient", patient.unwrap_or_default()),
        ("label", label.unwrap_or_default()),
    ])
}

fn row<const N: usize>(cells: [(&str, String); N]) -> Row {
    cells.map(|(column, cell)| (column.to_owned(), cell)).into()
}

/// What was said of an image: by the lesson where it has classes of its own, else by the head in
/// its place.
fn said(report: &ImageReport) -> Row {
    if let Some(taught) = &report.taught {
        let mut said = row([
            ("verdict", text(&taught.verdict)),
            ("prediction", text(taught.prediction.as_deref().unwrap_or_default())),
            ("confidence", taught.confidence.map(number).unwrap_or_default()),
        ]);
        let shares = taught.probabilities.iter().flatten();
        let shares = taught.classes.iter().zip(shares);
        said.extend(shares.map(|(class, &share)| (probability_of(class), number(share))));
        return said;
    }
    let ImageReport { probabilities, .. } = report;
    let probability =
        |class| probabilities.map_or_else(String::new, |shares| number(*shares.of(class)));
    row([
        ("verdict", report.verdict.to_string()),
        ("prediction", report.prediction.map(|class| class.to_string()).unwrap_or_default()),
        ("confidence", report.confidence.map(number).unwrap_or_default()),
        ("probability_benign", probability(Class::Benign)),
        ("probability_malignant", probability(Class::Malignant)),
    ])
}

fn success(report: &ImageReport, all: &[ImageOutcome], unfamiliar: bool, now: u64) -> Row {
    let ImageReport { patch_breakdown, screen, scale, model, options, taught, .. } = report;
    let original = report.duplicate_of.and_then(|index| all.get(index)).map(name_of);
    let strange = match taught {
        Some(taught) => taught.verdict == Verdict::Unfamiliar.to_string(),
        None => report.verdict == Verdict::Unfamiliar,
    };
    let votes = report.prediction.is_some() && original.is_none() && (unfamiliar || !strange);
    let mut cells = place(&report.filename);
    cells.extend(said(report));
    cells.extend(row([
        ("state", if original.is_some() { "same" } else { "done" }.into()),
        ("counts", yes_or_no(votes)),
        ("same_as", original.map(text).unwrap_or_default()),
        ("file_sha256", report.sha256.clone().unwrap_or_default()),
        ("analysed_utc", utc(now)),
        ("num_patches", report.num_patches.to_string()),
        ("benign_patches", patch_breakdown.benign_patches.to_string()),
        ("malignant_patches", patch_breakdown.malignant_patches.to_string()),
        ("background", screen.background.to_string()),
        ("blurred", screen.blurred.to_string()),
        ("not_he", screen.not_he.to_string()),
        ("width", report.image.width.to_string()),
        ("height", report.image.height.to_string()),
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
    if let Some(taught) = taught {
        cells.extend(row([
            ("lesson", text(&taught.lesson.name)),
            ("lesson_sha256", taught.lesson.sha256.clone()),
        ]));
    }
    let threshold = options.uncertain_below.map_or_else(|| "model".into(), number);
    cells.extend(row([
        ("model", text(&model.name)),
        ("model_version", text(&model.version)),
        ("variant", model.variant.to_string()),
        ("model_sha256", model.sha256.clone()),
        ("engine_version", report.engine.version.clone()),
        (
            "max_patches",
            match options.max_patches {
                MaxPatches::All => "all".into(),
                MaxPatches::AtMost(count) => count.to_string(),
            },
        ),
        ("stride", report.grid.stride.to_string()),
        ("screened", yes_or_no(screen.unchecked == 0)),
        ("uncertain_below", threshold),
        ("total_ms", number((report.timings_ms.total * 10.0).round() / 10.0)),
        ("warnings", text(&report.warnings.join(" "))),
    ]));
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

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.into()
}

/// A number as a browser writes it: the shortest digits that read back, small ones with an exponent.
fn number(value: f64) -> String {
    let is_tiny = value != 0.0 && value.abs() < 1e-6;
    if is_tiny { format!("{value:e}") } else { value.to_string() }
}

/// A text for a spreadsheet, which takes one that begins with any of these for a formula and runs
/// it: such a text gets an apostrophe in front.
fn text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.into()
    }
}

/// "2026-11-27 07:05:00" of seconds since 1970, in universal time, by the rule of leap years.
fn utc(seconds: u64) -> String {
    // Days are counted from the first of March of the year 0: so the leap day is a year's last.
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = 400 * era + year + u64::from(month < 3);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{date:02} {hour:02}:{minute:02}:{second:02}")
}

/// The error of writing below an error of the CSV writer, with its kind.
fn of_writing(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_universal_time() {
        for (seconds, told) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_709_251_199, "2024-02-29 23:59:59"),
            (1_795_763_100, "2026-11-27 07:05:00"),
            (4_107_542_400, "2100-03-01 00:00:00"),
        ] {
            assert_eq!(utc(seconds), told);
        }
    }

    #[test]
    fn numbers_are_written_as_in_a_browser() {
        for (value, written) in
            [(1.0, "1"), (0.25, "0.25"), (0.1 + 0.2, "0.30000000000000004"), (1.5e-7, "1.5e-7")]
        {
            assert_eq!(number(value), written);
        }
    }
}
