//! Results as CSV: the page's tables of images, patients and patches, column for column (`www/src/study/csv.ts`), which a
//! test of the page compares.
//!
//! Written as RFC 4180 has it, and safe to open in a spreadsheet. Without `--spreadsheet` there is no byte order mark:
//! programs read this more often than spreadsheets.

mod images;
mod patches;
mod patients;

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ValueEnum;
use histoscope::class::{ByClass, Class};
use histoscope::labels::Label;
use histoscope::options::MaxPatches;
use histoscope::report::{ImageOutcome, ImageReport, PatientReport};
use histoscope_files::labelled::FORMULA;

/// What a table has a line for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lines {
    /// Each image, those that failed included.
    Images,
    /// Each patient that is told.
    Patients,
    /// Each patch that was looked at.
    Patches,
}

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

/// Those of patients, likewise.
const PATIENT_COLUMNS: [&str; 27] = [
    "patient",
    "verdict",
    "prediction",
    "confidence",
    "probability_benign",
    "probability_malignant",
    "images",
    "benign_images",
    "malignant_images",
    "unfamiliar",
    "not_assessable",
    "failed",
    "missing",
    "models",
    "different_options",
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
];

/// Those of patches, likewise.
const PATCH_COLUMNS: [&str; 23] = [
    "path",
    "patient",
    "label",
    "patch",
    "x",
    "y",
    "width",
    "height",
    "screen",
    "probability_benign",
    "probability_malignant",
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
];

/// Behind these stand columns for each class of a lesson, or of a model's own, that is neither.
const LAST_PROBABILITY: &str = "probability_malignant";
const LAST_COUNT: &str = "malignant_images";

/// What reads a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Spreadsheet {
    /// None: programs, which want no byte order mark.
    #[default]
    #[value(skip)]
    None,
    /// One where the decimal sign is a point, as in English.
    Point,
    /// One where it is a comma, as in German: its columns are parted by semicolons.
    Comma,
}

/// Without it a spreadsheet takes UTF-8 for something else.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What a cell holds, as programs read it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Cell {
    Text(String),
    /// A number that may have a decimal sign.
    Number(String),
}

impl Default for Cell {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Cell {
    fn written(self, spreadsheet: Spreadsheet) -> String {
        match (self, spreadsheet) {
            (Self::Number(number), Spreadsheet::Comma) => number.replace('.', ","),
            (Self::Text(text) | Self::Number(text), _) => text,
        }
    }
}

/// Cells by the names of their columns.
type Row = HashMap<String, Cell>;

/// What there is to write of.
pub(crate) struct Results<'a> {
    /// Every image.
    pub(crate) outcomes: &'a [ImageOutcome],
    /// What is known of each.
    pub(crate) whose: &'a [Label],
    /// Every patient; only the table of patients needs them.
    pub(crate) patients: &'a [PatientReport],
    /// Whether images vote that are unfamiliar.
    pub(crate) unfamiliar: bool,
    /// What reads them.
    pub(crate) spreadsheet: Spreadsheet,
}

/// Writes a head and the lines that are wanted.
pub(crate) fn write(out: &mut dyn Write, lines: Lines, results: &Results<'_>) -> io::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let Results { outcomes, patients, spreadsheet, .. } = *results;
    match lines {
        Lines::Images => {
            let columns = with_classes(&IMAGE_COLUMNS, outcomes);
            table(out, spreadsheet, &columns, images::rows(results, now))
        }
        Lines::Patients => {
            let columns = patients::columns(patients);
            let rows = patients.iter().map(|patient| patients::row(patient, outcomes, now));
            table(out, spreadsheet, &columns, rows)
        }
        Lines::Patches => {
            let columns = with_classes(&PATCH_COLUMNS, outcomes);
            table(out, spreadsheet, &columns, patches::rows(results, now))
        }
    }
}

fn table(
    out: &mut dyn Write,
    spreadsheet: Spreadsheet,
    columns: &[String],
    rows: impl Iterator<Item = Row>,
) -> io::Result<()> {
    if spreadsheet != Spreadsheet::None {
        out.write_all(BYTE_ORDER_MARK.as_bytes())?;
    }
    let mut writer = csv::WriterBuilder::new()
        .delimiter(if spreadsheet == Spreadsheet::Comma { b';' } else { b',' })
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    let heads = columns.iter().map(|column| text(column).written(spreadsheet));
    writer.write_record(heads).map_err(of_writing)?;
    for mut row in rows {
        let mut cell = |column| row.remove(column).unwrap_or_default().written(spreadsheet);
        let cells: Vec<String> = columns.iter().map(&mut cell).collect();
        debug_assert!(row.is_empty(), "no column for {row:?}");
        writer.write_record(cells).map_err(of_writing)?;
    }
    writer.flush()
}

/// The columns of these images, with those of the classes of lessons and models.
fn with_classes(columns: &[&str], outcomes: &[ImageOutcome]) -> Vec<String> {
    let reports = outcomes.iter().filter_map(successful);
    let classes =
        reports.flat_map(|report| report.taught.iter().flat_map(|taught| &taught.classes));
    let mut columns: Vec<String> = columns.iter().map(|&column| column.into()).collect();
    insert(&mut columns, LAST_PROBABILITY, classes.map(|class| probability_of(class)));
    columns
}

/// Puts those of `others` that are not there behind the column `last`, in their order.
fn insert(columns: &mut Vec<String>, last: &str, others: impl Iterator<Item = String>) {
    let mut place = columns.iter().position(|column| column == last).map_or(0, |place| place + 1);
    for column in others {
        if !columns.contains(&column) {
            columns.insert(place, column);
            place += 1;
        }
    }
}

fn probability_of(class: &str) -> String {
    format!("probability_{class}")
}

fn successful(outcome: &ImageOutcome) -> Option<&ImageReport> {
    match outcome {
        ImageOutcome::Success(report) => Some(report),
        ImageOutcome::Failure(_) => None,
    }
}

/// What is said of an image or a patient, with the shares of classes by their names.
fn said<'a>(
    verdict: &str,
    prediction: Option<&str>,
    confidence: Option<f64>,
    shares: impl IntoIterator<Item = (&'a str, f64)>,
) -> Row {
    let mut said = row([
        ("verdict", text(verdict)),
        ("prediction", text(prediction.unwrap_or_default())),
        ("confidence", confidence.map(number).unwrap_or_default()),
    ]);
    said.extend(probabilities(shares));
    said
}

fn probabilities<'a>(
    shares: impl IntoIterator<Item = (&'a str, f64)>,
) -> impl Iterator<Item = (String, Cell)> {
    shares.into_iter().map(|(class, share)| (probability_of(class), number(share)))
}

/// Of the model's own classes.
fn own_shares(shares: &ByClass<f64>) -> [(&'static str, f64); 2] {
    Class::ALL.map(|class| (class.name(), *shares.of(class)))
}

/// Of a lesson's classes.
fn taught_shares<'a>(
    classes: &'a [String],
    shares: &'a [f64],
) -> impl Iterator<Item = (&'a str, f64)> {
    classes.iter().map(String::as_str).zip(shares.iter().copied())
}

/// What is known of an image.
fn whose(name: &str, Label { label, patient }: &Label) -> Row {
    let told = |known: &Option<String>| known.as_deref().map(text).unwrap_or_default();
    row([("path", text(name)), ("patient", told(patient)), ("label", told(label))])
}

fn row<const N: usize>(cells: [(&str, Cell); N]) -> Row {
    cells.map(|(column, cell)| (column.to_owned(), cell)).into()
}

/// By what, with which options and when a result was made.
fn origin(report: &ImageReport, now: u64) -> Row {
    let ImageReport { model, options, taught, .. } = report;
    let max_patches = match options.max_patches {
        MaxPatches::All => "all".into(),
        MaxPatches::AtMost(count) => count.to_string(),
    };
    let lesson = taught.as_ref().and_then(|taught| taught.lesson.as_ref());
    row([
        ("model", text(&model.name)),
        ("model_version", text(&model.version)),
        ("variant", plain(model.variant)),
        ("model_sha256", plain(&model.sha256)),
        ("engine_version", plain(&report.engine.version)),
        ("lesson", lesson.map(|lesson| text(&lesson.name)).unwrap_or_default()),
        ("lesson_sha256", lesson.map(|lesson| plain(&lesson.sha256)).unwrap_or_default()),
        ("max_patches", plain(max_patches)),
        ("stride", plain(report.grid.stride)),
        ("screened", yes_or_no(report.screen.unchecked == 0)),
        ("uncertain_below", options.uncertain_below.map_or_else(|| plain("model"), number)),
        ("analysed_utc", plain(utc(now))),
    ])
}

fn yes_or_no(yes: bool) -> Cell {
    plain(if yes { "yes" } else { "no" })
}

/// A whole number, or a word of ours, which no spreadsheet takes for anything else.
fn plain(value: impl ToString) -> Cell {
    Cell::Text(value.to_string())
}

/// A number as a browser writes it: the shortest digits that read back, small ones with an exponent.
fn number(value: f64) -> Cell {
    let is_tiny = value != 0.0 && value.abs() < 1e-6;
    Cell::Number(if is_tiny { format!("{value:e}") } else { value.to_string() })
}

/// A text for a spreadsheet, which takes one that begins with any of these for a formula and runs
/// it: such a text gets an apostrophe in front.
fn text(text: &str) -> Cell {
    Cell::Text(if text.starts_with(FORMULA) { format!("'{text}") } else { text.into() })
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
            assert_eq!(number(value).written(Spreadsheet::None), written);
            let german = written.replace('.', ",");
            assert_eq!(number(value).written(Spreadsheet::Comma), german);
        }
    }
}
