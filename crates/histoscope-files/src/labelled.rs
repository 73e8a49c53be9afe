//! Labelled images: where labels come from, what is known of an image that was judged, and the
//! questions that are asked of many: how right is it, and what can be learned from them.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use histoscope::evaluate::{self, Evaluation, Labelled, evaluate};
use histoscope::labels::{self, Label, LabelsProblem, Place, Table, Told};
use histoscope::lesson::Lesson;
use histoscope::patients::from_folders;
use histoscope::pipeline::{Classifier, Said};
use histoscope::report::ImageReport;
use histoscope::teach::{self, Example, Outcome, teach};

use crate::bounded::{self, Refusal};
use crate::error::{Error, Result};
use crate::inputs::Input;

/// A spreadsheet takes a text that begins with one of these for a formula, and runs it: tables get an apostrophe in
/// front of it.
pub const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// The most bytes of a table of labels.
const MAX_TABLE_BYTES: u64 = 64 << 20;
/// The most bytes of a lesson.
const MAX_LESSON_BYTES: u64 = histoscope::lesson::MAX_LESSON_BYTES as u64;

/// An image that was judged, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What it truly is, and whose.
    pub label: Label,
    /// What was said of it.
    pub report: ImageReport,
    /// What the network said of its patches.
    pub said: Said,
}

impl Judged {
    /// What an evaluation knows of it: what the lesson says, if one judged, else the model; `None`
    /// for the probabilities where its classes are not those of the labels.
    fn labelled(&self, classes: &[String]) -> Labelled {
        let Self { label, report, .. } = self;
        let (probabilities, verdict) = match &report.taught {
            Some(taught) if taught.classes == classes => {
                (taught.probabilities.clone(), taught.verdict.clone())
            }
            _ if classes == histoscope::class::Class::ALL.map(|class| class.name()) => {
                let probabilities = report.probabilities.map(|p| p.into_array().to_vec());
                (probabilities, report.verdict.to_string())
            }
            _ => (None, String::new()),
        };
        Labelled {
            name: report.filename.clone(),
            patient: label.patient.clone(),
            label: label.label.clone(),
            probabilities,
            verdict: Some(verdict).filter(|verdict| !verdict.is_empty()),
            sha256: report.sha256.clone(),
        }
    }

    /// What teaching knows of it.
    fn example(&self, classes: &[String]) -> Example {
        let ImageReport { image, filename, scale, .. } = &self.report;
        Example {
            image: self.labelled(classes),
            patches: self.report.voters(),
            path: Some(filename.clone()),
            width: Some(image.width),
            height: Some(image.height),
            um_per_pixel: scale.as_ref().map(|scale| scale.um_per_pixel),
        }
    }
}

/// How right it is what was said of `images`, whose labels have these `classes`; images that the
/// lesson was taught do not count.
///
/// # Errors
/// [`LabelsProblem::Foreign`] if a label is none of the classes of the lesson that judged, or of those
/// that are the model's own.
pub fn evaluation<J: Borrow<Judged>>(
    images: &[J],
    classes: Vec<String>,
    lesson: Option<&Lesson>,
) -> Result<Evaluation> {
    let mut classes = classes;
    let mut judged = images.iter().filter_map(|image| image.borrow().report.taught.as_ref());
    let of_head = lesson.map(Lesson::classes);
    if let Some(known) = of_head.or_else(|| judged.next().map(|taught| &*taught.classes)) {
        // These stand in an order of their own, and some may have no image here.
        if let Some(found) = foreign(&classes, known) {
            return Err(invalid(LabelsProblem::Foreign { found }));
        }
        classes = known.to_vec();
    }
    let images = images.iter().map(|image| image.borrow().labelled(&classes)).collect();
    let taught = lesson.map(|lesson| lesson.written().images.clone()).unwrap_or_default();
    Ok(evaluate(&evaluate::EvaluateRequest { classes, images, taught }))
}

/// What can be learned from `images`, which no lesson has judged.
///
/// # Errors
/// [`histoscope::Error::NoFeatures`] or [`histoscope::Error::TeachRefused`].
pub fn teaching<J: Borrow<Judged>>(
    images: &[J],
    classes: Vec<String>,
    options: teach::TeachOptions,
    classifier: &Classifier,
) -> Result<Outcome> {
    let features = classifier.features().ok_or(histoscope::Error::NoFeatures)?;
    let images = images.iter().map(Borrow::borrow);
    let values: Vec<f32> = images.clone().flat_map(|image| &image.said.features).copied().collect();
    let images = images.map(|image| image.example(&classes)).collect();
    let request = teach::TeachRequest { images, classes, options };
    Ok(teach(&request, &values, features, &classifier.model())?)
}

/// Labels of these inputs: of a table, else of their names or folders.
///
/// # Errors
/// [`Error::TextUnreadable`] and [`histoscope::Error::LabelsInvalid`].
pub fn labels(inputs: &[Input], table: Option<&Path>) -> Result<Told> {
    // A folder that was named may be the label itself.
    let paths: Vec<String> = inputs.iter().map(whole_path).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    told(&paths, table)
}

/// As [`labels`], of paths whose parts are separated by "/".
///
/// # Errors
/// As [`labels`].
pub fn labels_of(paths: &[&str], table: Option<&Path>) -> Result<Vec<Label>> {
    Ok(told(paths, table)?.labels)
}

/// What tells whose images are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PatientSource {
    /// Names of files as BreakHis has them.
    #[default]
    Names,
    /// Those, else the folders in which files lie ([`from_folders`]).
    Folders,
    /// A table with the columns "file" and "patient", and "label" if that is known.
    Table(PathBuf),
}

/// "names", "folders", or the path of a table.
impl FromStr for PatientSource {
    type Err = Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Infallible> {
        Ok(match text {
            "names" => Self::Names,
            "folders" => Self::Folders,
            file => Self::Table(file.into()),
        })
    }
}

/// Whose these inputs are, with their labels as far as the same source tells them.
///
/// # Errors
/// [`Error::TextUnreadable`] and [`histoscope::Error::LabelsInvalid`], of a table, also where it tells
/// no patient.
pub fn patients(inputs: &[Input], source: &PatientSource) -> Result<Vec<Label>> {
    let table = match source {
        PatientSource::Names => {
            let named = |input: &Input| labels::of_path(&input.name).unwrap_or_default();
            return Ok(inputs.iter().map(named).collect());
        }
        PatientSource::Folders => None,
        PatientSource::Table(file) => Some(read_table(file, Asked::Patients)?),
    };
    let places: Vec<(String, String)> = inputs.iter().map(place).collect();
    let places: Vec<Place<'_>> =
        places.iter().map(|(above, below)| Place { above, below }).collect();
    let Some(table) = table else {
        let label = |path: &str| match labels::of_path(path) {
            Some(named) => named.label,
            None => labels::of_folders(path),
        };
        let of = |(place, patient): (&Place<'_>, _)| Label { label: label(place.below), patient };
        return Ok(places.iter().zip(from_folders(&places)).map(of).collect());
    };
    let labels = table.of(&places);
    if labels.iter().all(|label| label.patient.is_none()) {
        return Err(invalid(LabelsProblem::NoPatient));
    }
    Ok(labels)
}

/// Where an input lies: the path down to what was named, and from there on, as the page has paths. However
/// it was named, "." and ".." included, it is the same.
fn place(input: &Input) -> (String, String) {
    let path = resolved(&input.path);
    let named = input.root.as_deref().map(resolved);
    let above = named.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let below = path.strip_prefix(above).unwrap_or(&path);
    (text_of(above), text_of(below))
}

/// The whole path, without steps on the way. Links are followed only where a path goes back up behind one.
fn resolved(path: &Path) -> PathBuf {
    if path.components().any(|part| part == Component::ParentDir)
        && let Ok(whole) = path.canonicalize()
    {
        return whole;
    }
    let mut whole = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).components() {
        match part {
            Component::ParentDir => _ = whole.pop(),
            Component::CurDir => {}
            part => whole.push(part),
        }
    }
    whole
}

/// A path with its parts separated by "/"; what is no Unicode in it stays apart from anything else.
fn text_of(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}")));
    }
    if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace('\\', "/") }
}

fn told(paths: &[&str], table: Option<&Path>) -> Result<Told> {
    let Some(file) = table else { return Ok(labels::from_paths(paths)) };
    let table = read_table(file, Asked::Labels)?;
    let places: Vec<Place<'_>> = paths.iter().map(|path| Place::new(path)).collect();
    Ok(Told { labels: table.of(&places), ..Told::default() })
}

/// The classes that these labels have.
///
/// # Errors
/// [`histoscope::Error::LabelsInvalid`] unless they are two to twelve.
pub fn classes(labels: &[Label]) -> Result<Vec<String>> {
    labels::classes(labels).map_err(invalid)
}

/// Reads a lesson for this model.
///
/// # Errors
/// [`Error::TextUnreadable`], and those of [`Classifier::lesson`].
pub fn read_lesson(classifier: &Classifier, file: &Path) -> Result<Lesson> {
    Ok(classifier.lesson(&lesson_text(file)?)?)
}

/// The text of a lesson's file, unchecked.
///
/// # Errors
/// [`Error::TextUnreadable`].
pub fn lesson_text(file: &Path) -> Result<String> {
    read_text(file, MAX_LESSON_BYTES)
}

/// Where an input lies, parts separated by "/".
fn whole_path(input: &Input) -> String {
    input.path.to_string_lossy().replace('\\', "/")
}

/// A text file of at most so many bytes.
///
/// # Errors
/// [`Error::TextUnreadable`].
pub fn read_text(file: &Path, most: u64) -> Result<String> {
    let name = file.display().to_string();
    let unreadable = |detail| Error::TextUnreadable { file: name.clone(), detail };
    let bytes = bounded::read(file, most).map_err(|refusal| match refusal {
        Refusal::NotRegular(kind) => unreadable(format!("it is {kind}")),
        Refusal::TooLarge(_) => unreadable(format!("it has more than {most} bytes")),
        Refusal::Unreadable(error) => unreadable(error.to_string()),
    })?;
    String::from_utf8(bytes).map_err(|_| unreadable("it is no text in UTF-8".into()))
}

/// What a table is read for, and so has to have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Labels,
    Patients,
}

/// A table with a head line; its columns are parted by commas, semicolons or tabs.
fn read_table(file: &Path, asked: Asked) -> Result<Table> {
    let text = read_text(file, MAX_TABLE_BYTES)?;
    // Else the reader counts lines one too few.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let head = text.lines().next().unwrap_or_default();
    let delimiter = [b'\t', b';'].into_iter().find(|&mark| head.as_bytes().contains(&mark));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .flexible(true)
        .from_reader(text.as_bytes());
    let line = |error: csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        invalid(LabelsProblem::Line { line, detail: error.to_string() })
    };
    let heads = reader.headers().map_err(line)?.clone();
    // The first of the names that is there counts.
    let column = |names: &[&str]| {
        let of = |name: &&str| heads.iter().position(|head| head.trim().eq_ignore_ascii_case(name));
        names.iter().find_map(of)
    };
    let needed = |names: &[&str], column_name| {
        column(names).ok_or_else(|| invalid(LabelsProblem::NoColumn { column: column_name }))
    };
    let file = needed(&["path", "file", "filename", "image"], "file")?;
    let (labels, patients) = (["label", "class"], ["patient", "patient_id", "case"]);
    match asked {
        Asked::Labels => needed(&labels, "label")?,
        Asked::Patients => needed(&patients, "patient")?,
    };
    let (label, patient) = (column(&labels), column(&patients));
    let mut table = Table::default();
    for record in reader.records() {
        let record = record.map_err(line)?;
        let at = record.position().map_or(0, csv::Position::line);
        let cell = |column: usize| unguarded(record.get(column).unwrap_or_default());
        let [label, patient] = [label, patient].map(|column| column.map_or("", cell));
        table.insert(at, cell(file), label, patient).map_err(invalid)?;
    }
    Ok(table)
}

/// A text without the apostrophe of a [`FORMULA`].
fn unguarded(cell: &str) -> &str {
    let plain = cell.trim().strip_prefix('\'');
    plain.filter(|rest| rest.starts_with(FORMULA)).unwrap_or(cell)
}

fn invalid(problem: LabelsProblem) -> Error {
    histoscope::Error::LabelsInvalid { problem }.into()
}

/// A name of a class that labels have and a head has not.
fn foreign(labels: &[String], head: &[String]) -> Option<String> {
    let [labels, head] = [labels, head].map(|names| names.iter().collect::<BTreeSet<_>>());
    labels.difference(&head).next().map(|name| (*name).clone())
}
