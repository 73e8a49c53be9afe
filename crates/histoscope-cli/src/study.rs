//! Labelled images on the command line: what `evaluate` and `teach` share.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use histoscope::labels::{Label, Told};
use histoscope::lesson::Lesson;
use histoscope::manifest::Variant;
use histoscope::model::Runtime;
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::Classifier;
use histoscope_files::inputs::Input;
use histoscope_files::labelled::{Judged, classes, labels, read_lesson};
use histoscope_files::model;

use crate::looking::look;
use crate::output::printable;
use crate::slide::{self, Ask};
use crate::trouble::Trouble;

/// Images with labels, and how they are looked at.
#[derive(Args)]
pub(crate) struct Study {
    /// Image files and folders, which are searched recursively.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Table (CSV, or TSV) with the columns "file" and "label", and "patient" if it is known
    /// [default: labels by names as BreakHis has them, else by the folders' names].
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
    /// Whether the built-in model judges.
    pub(crate) fn is_built_in(&self) -> bool {
        self.model.is_none()
    }

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
        let inputs = slide::collect(&self.paths)?;
        let Told { labels, folders } = labels(&inputs, self.labels.as_deref())?;
        if !folders.is_empty() {
            let folders: Vec<_> = folders.iter().map(|folder| printable(folder)).collect();
            let folders = folders.join(", ");
            let _ =
                writeln!(io::stderr(), "Labels by folders: {folders}; --labels FILE gives others.");
        }
        let classes = classes(&labels)?;
        let classifier = model::load(self.model.as_deref(), Variant::Int8, Runtime::default())?;
        classifier.check(&options)?;
        let lesson = lesson.map(|file| read_lesson(&classifier, file)).transpose()?;
        let labelled = inputs.into_iter().zip(labels).filter(|(_, label)| label.label.is_some());
        let (inputs, labels): (Vec<Input>, Vec<Label>) = labelled.unzip();
        let mut labels = labels.into_iter();
        let mut images = Vec::new();
        let mut failed = 0;
        look(&classifier, inputs, &options, &Ask::default(), lesson.as_ref(), &mut |_, judged| {
            let label = labels.next().unwrap_or_default();
            match judged {
                Ok((report, said)) => images.push(Judged { label, report, said }),
                Err(_) => failed += 1,
            }
        });
        Ok(Looked { classifier, lesson, classes, images, failed })
    }
}
