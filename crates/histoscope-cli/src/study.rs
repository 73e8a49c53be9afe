//! Labelled images on the command line: what `evaluate` and `teach` share, and the table of labels.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use histoscope::Error;
use histoscope::evaluate::Labelled;
use histoscope::labels::{self, Label, LabelsProblem, Table};
use histoscope::lesson::Lesson;
use histoscope::manifest::Variant;
use histoscope::model::Runtime;
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::{Classifier, Said};
use histoscope::report::ImageReport;
use histoscope::teach::Example;

use crate::files::{self, Refusal};
use crate::inputs::{self, Input};
use crate::looking::look;
use crate::model;
use crate::trouble::Trouble;

/// The most bytes of a table of labels.
const MAX_TABLE_BYTES: u64 = 64 << 20;
/// The most bytes of a lesson.
const MAX_LESSON_BYTES: u64 = histoscope::lesson::MAX_LESSON_BYTES as u64;

/// Images with labels, and how they are looked at.
#[derive(Args)]
pub(crate) struct Study {
    /// Image files and folders, which are searched recursively.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Table (CSV, or TSV) with the columns "file" and "label", and "patient" if it is known
    /// [default: labels by the folders' names, else by names as BreakHis has them].
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Classify at most N patches of an image, spread evenly, or "all".
    #[arg(long, value_name = "N|all", default_value = "25")]
    max_patches: MaxPatches,
    /// Pixels from one patch to the next [default: the patch size].
    #[arg(long, value_name = "PIXELS")]
    stride: Option<u32>,
    /// Another ONNX model, with its manifest (.json) beside it [default: the built-in one].
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Classify every patch, also bare glass, blurred ones and what is not stained with H&E.
    #[arg(long)]
    no_screen: bool,
}

/// An image that was judged, and what is known of it.
pub(crate) struct Judged {
    pub(crate) label: Label,
    pub(crate) report: ImageReport,
    pub(crate) said: Said,
}

/// All of them.
pub(crate) struct Looked {
    pub(crate) classifier: Classifier,
    pub(crate) lesson: Option<Lesson>,
    /// Of the labels.
    pub(crate) classes: Vec<String>,
    pub(crate) images: Vec<Judged>,
    /// Images that could not be read; each was said.
    pub(crate) failed: usize,
}

impl Study {
    /// Reads labels, then looks at every image that has one.
    ///
    /// # Errors
    /// Of labels, the model, the lesson; not of single images.
    pub(crate) fn look(&self, lesson: Option<&Path>) -> Result<Looked, Trouble> {
        let options = Options {
            max_patches: self.max_patches,
            stride: self.stride,
            screen: !self.no_screen,
            ..Options::default()
        };
        options.validate()?;
        let inputs = inputs::collect(&self.paths)?;
        let labels = self.labels(&inputs)?;
        let classes = labels::classes(&labels).map_err(invalid)?;
        let classifier = model::load(self.model.as_deref(), Variant::Int8, Runtime::default())?;
        classifier.check(&options)?;
        let lesson = lesson.map(|file| read_lesson(&classifier, file)).transpose()?;
        let labelled = inputs.into_iter().zip(labels).filter(|(_, label)| label.label.is_some());
        let (inputs, labels): (Vec<Input>, Vec<Label>) = labelled.unzip();
        let mut labels = labels.into_iter();
        let mut images = Vec::new();
        let mut failed = 0;
        look(&classifier, inputs, &options, lesson.as_ref(), &mut |_, judged| {
            let label = labels.next().unwrap_or_default();
            match judged {
                Ok((report, said)) => images.push(Judged { label, report, said }),
                Err(_) => failed += 1,
            }
        });
        Ok(Looked { classifier, lesson, classes, images, failed })
    }

    fn labels(&self, inputs: &[Input]) -> Result<Vec<Label>, Trouble> {
        let Some(file) = &self.labels else {
            // A folder that was named may be the label itself.
            let paths: Vec<String> = inputs.iter().map(whole_path).collect();
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            return Ok(labels::from_paths(&paths));
        };
        let table = read_table(file)?;
        let of = |input: &Input| table.of(&whole_path(input)).cloned().unwrap_or_default();
        Ok(inputs.iter().map(of).collect())
    }
}

/// Where an input lies, parts separated by "/".
fn whole_path(input: &Input) -> String {
    match &input.source {
        Ok(path) => path.to_string_lossy().replace('\\', "/"),
        Err(_) => input.name.clone(),
    }
}

/// Reads a lesson for this model.
///
/// # Errors
/// [`Trouble::FileUnreadable`], and those of [`Classifier::lesson`].
pub(crate) fn read_lesson(classifier: &Classifier, file: &Path) -> Result<Lesson, Trouble> {
    let bytes = read_text(file, MAX_LESSON_BYTES)?;
    Ok(classifier.lesson(&bytes)?)
}

fn read_text(file: &Path, most: u64) -> Result<String, Trouble> {
    let name = file.display().to_string();
    let unreadable = |detail| Trouble::TextUnreadable { file: name.clone(), detail };
    let bytes = files::read(file, most).map_err(|refusal| match refusal {
        Refusal::NotRegular(kind) => unreadable(format!("it is {kind}")),
        Refusal::TooLarge(_) => unreadable(format!("it has more than {most} bytes")),
        Refusal::Unreadable(error) => unreadable(error.to_string()),
    })?;
    String::from_utf8(bytes).map_err(|_| unreadable("it is no text in UTF-8".into()))
}

/// A table with a head line; its columns are parted by commas, semicolons or tabs.
fn read_table(file: &Path) -> Result<Table, Trouble> {
    let text = read_text(file, MAX_TABLE_BYTES)?;
    let text = text.trim_start_matches('\u{feff}');
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
    let column = |names: &[&str]| {
        heads
            .iter()
            .position(|head| names.iter().any(|name| head.trim().eq_ignore_ascii_case(name)))
    };
    let needed = |names: &[&str], column_name| {
        column(names).ok_or_else(|| invalid(LabelsProblem::NoColumn { column: column_name }))
    };
    let file = needed(&["file", "filename", "image", "path"], "file")?;
    let label = needed(&["label", "class"], "label")?;
    let patient = column(&["patient", "patient_id", "case"]);
    let mut table = Table::default();
    for record in reader.records() {
        let record = record.map_err(line)?;
        let at = record.position().map_or(0, csv::Position::line);
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let patient = patient.map_or("", cell);
        table.insert(at, cell(file), cell(label), patient).map_err(invalid)?;
    }
    Ok(table)
}

pub(crate) fn invalid(problem: LabelsProblem) -> Trouble {
    Error::LabelsInvalid { problem }.into()
}

impl Judged {
    /// What an evaluation knows of it: what the lesson says, if one judged, else the model; `None`
    /// for the probabilities where its classes are not those of the labels.
    pub(crate) fn labelled(&self, classes: &[String]) -> Labelled {
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
    pub(crate) fn example(&self, classes: &[String]) -> Example {
        let ImageReport { image, filename, patch_breakdown, .. } = &self.report;
        let format = Path::new(filename).extension().map(|e| e.to_string_lossy().to_lowercase());
        Example {
            image: self.labelled(classes),
            patches: patch_breakdown.voters() as usize,
            width: Some(image.width),
            height: Some(image.height),
            format,
            um_per_pixel: None,
        }
    }
}

/// Names of classes that labels have and a lesson has not, or the other way round.
pub(crate) fn foreign(labels: &[String], lesson: &[String]) -> Option<String> {
    let [labels, lesson] = [labels, lesson].map(|names| names.iter().collect::<BTreeSet<_>>());
    labels.difference(&lesson).next().map(|name| (*name).clone())
}
