//! A loaded model with, perhaps, a lesson; and what it says of images.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use histoscope::labels::Label;
use histoscope::lesson::Lesson;
use histoscope::manifest::Variant;
use histoscope::model::Runtime;
use histoscope::options::Options;
use histoscope::patients::Patients;
use histoscope::pipeline::{Classifier, Micrograph};
use histoscope::report::{Duplicates, ImageOutcome, Timings, Vote, Votes, outcomes_from_json};
use histoscope::teach;
use histoscope_files::{Result, inputs, known, labelled, model};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::to_string;

use crate::raised::{detached, exception};
use crate::sharing;

/// A model that is ready to judge; many threads may use one.
#[pyclass(frozen, module = "histoscope._core")]
#[derive(Debug)]
pub(crate) struct Engine {
    classifier: Arc<Classifier>,
    lesson: Option<Lesson>,
}

/// An image that was judged.
#[pyclass(frozen, module = "histoscope._core")]
#[derive(Debug)]
pub(crate) struct Judged(Arc<labelled::Judged>);

/// An image as Python hands it over.
#[derive(FromPyObject)]
pub(crate) enum Image<'py> {
    /// RGB8 bytes, width, height.
    Pixels(Bound<'py, PyBytes>, u32, u32),
    /// An image file's bytes.
    #[pyo3(transparent)]
    File(Bound<'py, PyBytes>),
    #[pyo3(transparent)]
    Path(PathBuf),
}

/// The same, as it can be used without Python's lock: nobody changes bytes.
enum Source<'a> {
    Pixels(&'a [u8], u32, u32),
    File(&'a [u8]),
    Path(&'a Path),
}

impl Image<'_> {
    fn source(&self) -> Source<'_> {
        match self {
            Self::Pixels(rgb, width, height) => Source::Pixels(rgb.as_bytes(), *width, *height),
            Self::File(bytes) => Source::File(bytes.as_bytes()),
            Self::Path(path) => Source::Path(path),
        }
    }
}

#[pymethods]
impl Engine {
    /// The model of a file with its manifest beside it, else the one that `lesson` was taught to, else
    /// the built-in one; in single precision or int8.
    #[new]
    #[pyo3(signature = (path, single_precision, lesson=None))]
    fn new(
        py: Python<'_>,
        path: Option<PathBuf>,
        single_precision: bool,
        lesson: Option<&str>,
    ) -> PyResult<Self> {
        let variant = if single_precision { Variant::F32 } else { Variant::Int8 };
        let load = || {
            let base = match (path, lesson) {
                (None, Some(lesson)) => known::base(lesson, None)?,
                (path, _) => path,
            };
            model::load(base.as_deref(), variant, Runtime::default())
        };
        Ok(Self { classifier: Arc::new(detached(py, load)?), lesson: None })
    }

    /// The same with a lesson that judges.
    fn taught(&self, py: Python<'_>, lesson: &str) -> PyResult<Self> {
        let lesson = detached(py, || Ok(self.classifier.lesson(lesson)?))?;
        Ok(Self { classifier: Arc::clone(&self.classifier), lesson: Some(lesson) })
    }

    /// Names and channels of the features' levels, as JSON; `None` of a model without features.
    fn features(&self) -> Option<String> {
        self.classifier.features().and_then(|features| to_string(features).ok())
    }

    /// Name, version, variant and hash of the model's file, as JSON.
    fn model(&self) -> PyResult<String> {
        written(&self.classifier.model())
    }

    /// Judges one image; `options` is JSON, as the core reads it, and `truth` label and patient.
    #[pyo3(signature = (image, name, options, threads, truth=(None, None)))]
    fn judge(
        &self,
        py: Python<'_>,
        image: Image<'_>,
        name: &str,
        options: &str,
        threads: usize,
        truth: (Option<String>, Option<String>),
    ) -> PyResult<Judged> {
        let (label, patient) = truth;
        let source = image.source();
        let judged = detached(py, || {
            let options = Options::from_json(options)?;
            let start = Instant::now();
            let clock = || start.elapsed().as_secs_f64() * 1e3;
            let (micrograph, timings) = self.open(&source, name, &options, &clock)?;
            let opened = clock();
            let said = sharing::infer(&self.classifier, &micrograph, threads)?;
            let total = clock();
            let timings = Timings { inference: total - opened, total, ..timings };
            let (plan, lesson) = (micrograph.into_plan(), self.lesson.as_ref());
            let report = self.classifier.report(plan, &said, lesson, timings)?;
            Ok(labelled::Judged { label: Label { label, patient }, report, said })
        })?;
        Ok(Judged(Arc::new(judged)))
    }

    /// What images come to together, or those of each patient, as JSON; `reports` is a JSON array of outcomes.
    fn together(
        &self,
        py: Python<'_>,
        reports: &str,
        keep_duplicates: bool,
        count_unfamiliar: bool,
        one_patient: bool,
        patients: Option<Vec<Option<String>>>,
    ) -> PyResult<String> {
        let folder = detached(py, || {
            let outcomes: Vec<ImageOutcome> = outcomes_from_json(reports)?;
            let patients = match &patients {
                _ if one_patient => Patients::One,
                Some(patients) => Patients::Told(patients),
                None => Patients::ByNames,
            };
            let rule = Votes { patients, ..rule(keep_duplicates, count_unfamiliar) };
            Ok(self.classifier.folder_report(outcomes, rule))
        })?;
        written(&folder)
    }

    /// As `together`, of the few numbers of each image that the mean reads: without the images.
    fn votes(
        &self,
        py: Python<'_>,
        votes: &str,
        keep_duplicates: bool,
        count_unfamiliar: bool,
    ) -> PyResult<String> {
        let whole = detached(py, || {
            let mut votes: Vec<Vote> = serde_json::from_str(votes).map_err(|error| {
                let (file, detail) = ("the table of results".into(), error.to_string());
                histoscope_files::Error::TextUnreadable { file, detail }
            })?;
            if let Some(lesson) = self.lesson.as_ref().filter(|lesson| lesson.is_in_place()) {
                for vote in &mut votes {
                    vote.uncertain_below.get_or_insert(lesson.summary().threshold());
                }
            }
            Ok(self.classifier.together(&votes, rule(keep_duplicates, count_unfamiliar)))
        })?;
        written(&whole)
    }

    /// How right the verdicts on labelled images are, as JSON.
    fn evaluate(&self, py: Python<'_>, images: Vec<PyRef<'_, Judged>>) -> PyResult<String> {
        let images = shared(&images);
        let evaluation = detached(py, || {
            let classes = labelled::classes(&labels(&images))?;
            labelled::evaluation(&images, classes, self.lesson.as_ref())
        })?;
        written(&evaluation)
    }

    /// What can be learned from labelled images, as JSON.
    fn teach(
        &self,
        py: Python<'_>,
        images: Vec<PyRef<'_, Judged>>,
        name: String,
        force: bool,
    ) -> PyResult<String> {
        let images = shared(&images);
        let outcome = detached(py, || {
            let classes = labelled::classes(&labels(&images))?;
            let options = teach::TeachOptions { name, force };
            labelled::teaching(&images, classes, options, &self.classifier)
        })?;
        written(&outcome)
    }
}

impl Engine {
    fn open(
        &self,
        source: &Source<'_>,
        name: &str,
        options: &Options,
        clock: &dyn Fn() -> f64,
    ) -> Result<(Micrograph, Timings)> {
        let classifier = &self.classifier;
        Ok(match source {
            Source::Pixels(rgb, width, height) => {
                // The core takes pixels as a browser's canvas has them.
                let (pixels, _) = rgb.as_chunks::<3>();
                let rgba: Vec<u8> = pixels.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
                classifier.open_pixels(&rgba, (*width, *height), name, options, clock)?
            }
            Source::File(bytes) => classifier.open(bytes, name, options, clock)?,
            Source::Path(path) => classifier.open(&inputs::read(path)?, name, options, clock)?,
        })
    }
}

#[pymethods]
impl Judged {
    /// The report, as the command line prints it.
    fn report(&self) -> PyResult<String> {
        written(&self.0.report)
    }

    /// Features of the patches that voted, `float32 [voters, features]`, in the machine's order of
    /// bytes.
    fn features<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let bytes: Vec<u8> = self.0.said.features.iter().flat_map(|x| x.to_ne_bytes()).collect();
        PyBytes::new(py, &bytes)
    }
}

/// RGB8 bytes, width and height of an image file, upright.
#[pyfunction]
pub(crate) fn decode<'py>(
    py: Python<'py>,
    image: Image<'_>,
) -> PyResult<(Bound<'py, PyBytes>, u32, u32)> {
    let source = image.source();
    let decoded = detached(py, || {
        Ok(match source {
            Source::Path(path) => histoscope::decode::decode(&inputs::read(path)?)?,
            Source::File(bytes) | Source::Pixels(bytes, ..) => histoscope::decode::decode(bytes)?,
        })
    })?;
    let (width, height) = decoded.pixels.dimensions();
    Ok((PyBytes::new(py, decoded.pixels.as_raw()), width, height))
}

/// Label and patient of the images at these paths: of a table, else of folders and names.
#[pyfunction]
pub(crate) fn labels_of(
    py: Python<'_>,
    paths: Vec<String>,
    table: Option<PathBuf>,
) -> PyResult<Vec<(Option<String>, Option<String>)>> {
    let labels = detached(py, || {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        labelled::labels_of(&paths, table.as_deref())
    })?;
    Ok(labels.into_iter().map(|Label { label, patient }| (label, patient)).collect())
}

/// The text of a lesson's file.
#[pyfunction]
pub(crate) fn read_lesson(py: Python<'_>, path: PathBuf) -> PyResult<String> {
    detached(py, || labelled::lesson_text(&path))
}

fn rule(keep_duplicates: bool, count_unfamiliar: bool) -> Votes<'static> {
    let duplicates = if keep_duplicates { Duplicates::Keep } else { Duplicates::VoteOnce };
    Votes { duplicates, unfamiliar: count_unfamiliar, ..Votes::default() }
}

fn shared(images: &[PyRef<'_, Judged>]) -> Vec<Arc<labelled::Judged>> {
    images.iter().map(|image| Arc::clone(&image.0)).collect()
}

fn labels(images: &[Arc<labelled::Judged>]) -> Vec<Label> {
    images.iter().map(|image| image.label.clone()).collect()
}

/// As JSON. What it cannot say is a bug, not a number.
fn written(value: &impl serde::Serialize) -> PyResult<String> {
    to_string(value).map_err(|error| {
        let error = histoscope::Error::Internal { detail: error.to_string() };
        Python::attach(|py| exception(py, &error.into()))
    })
}
