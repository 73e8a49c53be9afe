//! Reports that come back in, as JSON: bounded in size, and refused where they contradict themselves.
//!
//! A mean over images is a diagnosis. Nothing enters it that this program would not have written.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, Value};

use super::bounded::List;
use super::saved::MAX_SAVED_IMAGES;
use super::{
    Failure, FailureReport, ImageOutcome, ImageReport, PatchBreakdown, RegionReport,
    SCHEMA_VERSION, SlideSummary, Taught, Verdict,
};
use crate::aggregate::{Aggregate, Probabilities};
use crate::error::{Cause, Error, Result};
use crate::familiarity::Familiar;
use crate::grid::MAX_PATCHES;
use crate::options::Options;
use crate::screen::Counts;

/// The most bytes of JSON that are read as reports: some thousand images with a hundred patches.
pub const MAX_REPORTS_BYTES: usize = 64 << 20;

/// The most bytes of any text in a report: a message may hold what a decoder says, but no book.
pub const MAX_TEXT_BYTES: usize = 1 << 16;

/// The largest side of an image that is believed, in pixels: fields are limited, and no slide that is
/// read at the scale of a model comes near it.
pub const MAX_REPORTED_SIDE: u32 = 1 << 20;

/// How far the two probabilities may be from the sum 1, and a number from the one that it follows
/// from.
pub const TOLERANCE: f64 = 1e-6;

/// Why a report is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum ReportProblem {
    /// A key is missing, unknown or there twice, or a value has another type.
    #[error("it has not the form of a report: {detail}")]
    Form { detail: String },
    #[error("it is no JSON, or cut off: {detail}")]
    NotJson { detail: String },
    #[error("it has no schema_version, so it is no report of Histoscope")]
    NoReport,
    #[error("it holds no image")]
    NoImage,
    #[error("{field} has {bytes} bytes, the limit is {most}")]
    TooLong { field: &'static str, bytes: usize, most: usize },
    #[error("its schema_version is {found}, this program reads {known}")]
    SchemaVersion { found: u32, known: u32 },
    #[error("{field} is {found}, which is not in 0..=1")]
    NoProbability { field: &'static str, found: String },
    #[error("{field} have the sum {sum}, which is not 1")]
    Sum { field: &'static str, sum: String },
    #[error("{field} is {found}, which no report of ours has")]
    OutOfRange { field: &'static str, found: String },
    #[error("{field} is \"{found}\", which is no SHA-256")]
    NoDigest { field: &'static str, found: String },
    #[error("{field} contradicts {other}")]
    Contradiction { field: &'static str, other: &'static str },
}

/// Reads a JSON array of outcomes, as the reports of single images and failures have them.
///
/// # Errors
/// [`Error::ReportsTooLarge`] before anything is read; [`Error::ReportInvalid`] that names the
/// image and what is wrong.
pub fn outcomes_from_json(json: &str) -> Result<Vec<ImageOutcome>> {
    read(json, MAX_REPORTS_BYTES)
}

/// As [`outcomes_from_json`], of at most `max_bytes`.
pub(super) fn read(json: &str, max_bytes: usize) -> Result<Vec<ImageOutcome>> {
    if json.len() > max_bytes {
        return Err(Error::ReportsTooLarge { bytes: json.len(), max_bytes });
    }
    let List::<&RawValue, MAX_SAVED_IMAGES>(reports) =
        serde_json::from_str(json).map_err(|error| of_all(form(error)))?;
    let reports = reports.into_iter().enumerate();
    reports.map(|(place, report)| outcome(report, place)).collect()
}

/// One outcome; its place is how it is called where it has no name.
pub(super) fn outcome(report: &RawValue, place: usize) -> Result<ImageOutcome> {
    let read = serde_json::from_str(report.get()).map_err(form);
    let checked = read.and_then(|outcome| match &outcome {
        ImageOutcome::Success(report) => image(report).map(|()| outcome),
        ImageOutcome::Failure(report) => failure(report).map(|()| outcome),
    });
    checked.map_err(|problem| match filename(report) {
        Some(which) => Error::ReportInvalid { which, problem },
        None => Error::UnnamedReportInvalid { place: place + 1, problem },
    })
}

/// What is wrong with the file as a whole.
pub(super) fn of_all(problem: ReportProblem) -> Error {
    Error::ReportsInvalid { problem }
}

pub(super) fn form(error: serde_json::Error) -> ReportProblem {
    ReportProblem::Form { detail: error.to_string() }
}

/// What a report that is spoilt elsewhere calls its image.
fn filename(report: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Name {
        filename: String,
    }
    let Name { filename } = serde_json::from_str(report.get()).ok()?;
    short("filename", &filename).ok().map(|()| filename)
}

type Checked = Result<(), ReportProblem>;

fn failure(report: &FailureReport) -> Checked {
    version(report.schema_version)?;
    agree(!report.success, "success", "error")?;
    short("filename", &report.filename)?;
    let Failure { code, message, remedy, fault, cause } = &report.error;
    [code, message, remedy, fault].into_iter().try_for_each(|text| short("error", text))?;
    let Some(cause) = cause else { return Ok(()) };
    cause_of("error.cause", cause)
}

fn cause_of(field: &'static str, cause: &Cause) -> Checked {
    short(field, &serde_json::to_string(cause).map_err(form)?)?;
    cause.params.values().try_for_each(|value| value_of_cause(field, value))
}

/// A value of a cause is a number, a text, or a cause of its own: a page shows it.
fn value_of_cause(field: &'static str, value: &Value) -> Checked {
    match value {
        Value::Number(_) | Value::String(_) => Ok(()),
        Value::Object(_) => {
            let cause: Cause = serde_json::from_value(value.clone()).map_err(form)?;
            cause.params.values().try_for_each(|value| value_of_cause(field, value))
        }
        other => Err(out_of_range(field, other)),
    }
}

fn image(report: &ImageReport) -> Checked {
    version(report.schema_version)?;
    texts(report)?;
    report.options.validate().map_err(|problem| out_of_range("options", problem))?;
    let timings = report.timings_ms;
    for time in [timings.decode, timings.screen, timings.inference, timings.total] {
        if !(time.is_finite() && time >= 0.0) {
            return Err(out_of_range("timings_ms", time));
        }
    }
    if let Some(scale) = report.scale.as_ref().filter(|scale| !scale.is_sound()) {
        return Err(out_of_range("scale", scale.um_per_pixel));
    }
    if let Some(sha256) = &report.sha256 {
        digest("sha256", sha256)?;
    }
    places(report)?;
    judgement(report)?;
    patches(report)?;
    report.slide.as_ref().map_or(Ok(()), |slide| slide_of(report, slide))
}

/// No text is longer than a page can show.
fn texts(report: &ImageReport) -> Checked {
    let ImageReport { filename, model, engine, warnings, warning_causes, taught, slide, .. } =
        report;
    short("filename", filename)?;
    for text in [&model.name, &model.version, &model.sha256] {
        short("model", text)?;
    }
    for text in [&engine.name, &engine.version] {
        short("engine", text)?;
    }
    for text in [&engine.edition, &engine.kernels, &engine.fallback].into_iter().flatten() {
        short("engine", text)?;
    }
    warnings.iter().try_for_each(|text| short("warnings", text))?;
    let known = warning_causes.is_empty() || warning_causes.len() == warnings.len();
    agree(known, "warning_causes", "warnings")?;
    warning_causes.iter().try_for_each(|cause| cause_of("warning_causes", cause))?;
    if let Some(Taught { lesson: Some(lesson), .. }) = taught {
        short("taught.lesson.name", &lesson.name)?;
        digest("taught.lesson.sha256", &lesson.sha256)?;
    }
    let Some(SlideSummary { source, regions, .. }) = slide else { return Ok(()) };
    short("slide.source.format", &source.format)?;
    regions.iter().try_for_each(|region| short("slide.regions.name", &region.name))
}

pub(super) fn short(field: &'static str, text: &str) -> Checked {
    let (bytes, most) = (text.len(), MAX_TEXT_BYTES);
    if bytes <= most { Ok(()) } else { Err(ReportProblem::TooLong { field, bytes, most }) }
}

/// Which patches lie in which region, and what they come to.
fn slide_of(
    report: &ImageReport,
    SlideSummary { source, regions, strokes }: &SlideSummary,
) -> Checked {
    if !(source.downsample.is_finite() && source.downsample > 0.0) {
        return Err(out_of_range("slide.source.downsample", source.downsample));
    }
    if let Some(stroke) = strokes.iter().find(|stroke| !stroke.is_sound()) {
        return Err(out_of_range("slide.strokes", stroke.radius));
    }
    let head = report.otherwise();
    for RegionReport { patches, voters, probabilities, taught, .. } in regions {
        let there = patches.last().is_none_or(|&last| last < report.num_patches);
        agree(there && patches.is_sorted_by(|a, b| a < b), "slide.regions.patches", "patches")?;
        agree(*voters <= patches.len(), "slide.regions.voters", "slide.regions.patches")?;
        if let Some(probabilities) = probabilities {
            pair("slide.regions.probabilities", probabilities)?;
        }
        // A model of classes of its own says nothing of the two.
        let any = *voters > 0 && !speaks_otherwise(report);
        agree(
            probabilities.is_some() == any,
            "slide.regions.probabilities",
            "slide.regions.voters",
        )?;
        let follows = taught.as_ref().is_none_or(|taught| {
            head.is_some_and(|head: &Taught| taught.holds(&head.classes, *voters))
        });
        agree(follows, "slide.regions.taught", "taught")?;
    }
    Ok(())
}

/// Lower-case hexadecimal, as this program writes it.
pub(super) fn digest(field: &'static str, found: &str) -> Checked {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if found.len() == 64 && found.bytes().all(is_digit) {
        return Ok(());
    }
    // It may have any length.
    Err(ReportProblem::NoDigest { field, found: found.chars().take(80).collect() })
}

pub(super) fn version(found: u32) -> Checked {
    let known = SCHEMA_VERSION;
    if found == known { Ok(()) } else { Err(ReportProblem::SchemaVersion { found, known }) }
}

/// Image, grid and the numbers of patches.
fn places(report: &ImageReport) -> Checked {
    let ImageReport { image, grid, num_patches, screen, .. } = report;
    for (field, value) in [("image.width", image.width), ("image.height", image.height)] {
        if !(1..=MAX_REPORTED_SIDE).contains(&value) {
            return Err(out_of_range(field, value));
        }
    }
    if grid.stride < Options::MIN_STRIDE {
        return Err(out_of_range("grid.stride", grid.stride));
    }
    let total = u64::from(grid.columns) * u64::from(grid.rows);
    agree(grid.total_patches as u64 == total, "grid.total_patches", "grid.columns and grid.rows")?;
    if !(1..=MAX_PATCHES).contains(num_patches) {
        return Err(out_of_range("num_patches", num_patches));
    }
    agree(*num_patches as u64 <= total, "num_patches", "grid.total_patches")?;
    agree(screen.total() == *num_patches as u64, "screen", "num_patches")
}

/// Whether patches voted for other classes than benign and malignant alone.
fn speaks_otherwise(ImageReport { probabilities, taught, .. }: &ImageReport) -> bool {
    probabilities.is_none()
        && taught
            .as_ref()
            .is_some_and(|taught| taught.probabilities.is_some() && !taught.is_in_place())
}

/// A report without probabilities of benign and malignant: nothing voted, or a model of classes of
/// its own did.
fn silent(report: &ImageReport) -> Checked {
    let ImageReport { prediction, prediction_idx, confidence, verdict, screen, .. } = report;
    let silent = prediction.is_none() && prediction_idx.is_none() && confidence.is_none();
    agree(silent, "prediction", "probabilities")?;
    let may_vote = screen.assessable as usize + screen.unchecked as usize;
    let (voters, verdicts): (_, &[Verdict]) = if speaks_otherwise(report) {
        familiarity(report)?;
        agree(may_vote > 0, "taught", "screen")?;
        (may_vote, &[Verdict::Uncertain, Verdict::Unfamiliar])
    } else {
        agree(report.familiarity.is_none(), "familiarity", "probabilities")?;
        (0, &[Verdict::NotAssessable])
    };
    agree(verdicts.contains(verdict), "verdict", "probabilities")?;
    let taught = report.taught.as_ref().is_none_or(|taught| taught.holds(voters));
    agree(taught, "taught", "probabilities")?;
    agree(report.patch_breakdown.voters() == 0, "patch_breakdown", "probabilities")
}

/// The image's own numbers: they are all there or none is, and they follow from each other.
fn judgement(report: &ImageReport) -> Checked {
    let ImageReport { prediction, prediction_idx, confidence, verdict, patch_breakdown, .. } =
        report;
    let Some(probabilities) = &report.probabilities else { return silent(report) };
    pair("probabilities", probabilities)?;
    let class = probabilities.greatest();
    agree(*prediction == Some(class), "prediction", "probabilities")?;
    agree(*prediction_idx == Some(class.index()), "prediction_idx", "prediction")?;
    let close = confidence.is_some_and(|found| near(found, *probabilities.of(class)));
    agree(close, "confidence", "probabilities")?;
    familiarity(report)?;
    let claimed = [Verdict::Uncertain, Verdict::Unfamiliar, class.into()].contains(verdict);
    agree(claimed, "verdict", "prediction")?;
    let voters = u64::from(report.screen.assessable) + u64::from(report.screen.unchecked);
    let taught = report.taught.as_ref().is_none_or(|taught| taught.holds(voters as usize));
    agree(taught, "taught", "screen")?;
    agree(voters > 0 && patch_breakdown.voters() == voters, "patch_breakdown", "screen")
}

/// The distance, and what follows from it.
fn familiarity(report: &ImageReport) -> Checked {
    let unfamiliar = report.verdict == Verdict::Unfamiliar;
    let Some(Familiar { distance, limit, familiar }) = report.familiarity else {
        return agree(!unfamiliar, "verdict", "familiarity");
    };
    for number in [distance, limit] {
        if !(number.is_finite() && number >= 0.0) {
            return Err(out_of_range("familiarity", number));
        }
    }
    agree(report.familiarity_unknown.is_none(), "familiarity_unknown", "familiarity")?;
    agree(familiar == (distance <= limit), "familiarity.familiar", "familiarity.distance")?;
    agree(unfamiliar != familiar, "verdict", "familiarity")
}

/// The patches, where they were not left out: they lie in the image, and their mean is the image's.
fn patches(report: &ImageReport) -> Checked {
    let ImageReport { patches, image, .. } = report;
    if patches.is_empty() {
        return Ok(());
    }
    agree(patches.len() == report.num_patches, "patches", "num_patches")?;
    let within = |start: u32, length: u32, whole: u32| {
        length > 0 && start.checked_add(length).is_some_and(|end| end <= whole)
    };
    let inside = patches.iter().all(|patch| {
        within(patch.x, patch.width, image.width) && within(patch.y, patch.height, image.height)
    });
    agree(inside, "patches", "image")?;
    agree(
        Counts::of(patches.iter().map(|patch| patch.screen)) == report.screen,
        "patches",
        "screen",
    )?;
    for patch in patches {
        let Some(probabilities) = &patch.probabilities else { continue };
        pair("patches.probabilities", probabilities)?;
        agree(patch.screen.may_vote(), "patches.probabilities", "patches.screen")?;
    }
    let voters = Aggregate::of(patches.iter().filter_map(|patch| patch.probabilities.as_ref()));
    let counted = voters.map(|voters| voters.counts).unwrap_or_default();
    agree(PatchBreakdown::from(counted) == report.patch_breakdown, "patches", "patch_breakdown")?;
    let same = match (voters, &report.probabilities) {
        (Some(voters), Some(mean)) => near(voters.probabilities.benign, mean.benign),
        (None, None) => true,
        _ => false,
    };
    agree(same, "probabilities", "patches")
}

fn pair(field: &'static str, probabilities: &Probabilities) -> Checked {
    for p in probabilities.into_array() {
        if !(0.0..=1.0).contains(&p) {
            return Err(ReportProblem::NoProbability { field, found: p.to_string() });
        }
    }
    let sum = probabilities.benign + probabilities.malignant;
    if near(sum, 1.0) { Ok(()) } else { Err(ReportProblem::Sum { field, sum: sum.to_string() }) }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE
}

pub(super) fn agree(holds: bool, field: &'static str, other: &'static str) -> Checked {
    if holds { Ok(()) } else { Err(ReportProblem::Contradiction { field, other }) }
}

fn out_of_range(field: &'static str, found: impl ToString) -> ReportProblem {
    ReportProblem::OutOfRange { field, found: found.to_string() }
}
