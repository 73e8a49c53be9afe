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
use histoscope::shown::printable;
use histoscope_files::inputs::Input;
use histoscope_files::labelled::{Judged, classes, labels};

use crate::at_hand;
use crate::looking::look;
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
    /// Another ONNX model, with its manifest (.json) or its makers' config.json beside it [default:
    /// the one that a lesson names, if it is at hand; the built-in one].
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Classify every patch, also bare glass, blurred ones and what is not stained with H&E.
    #[arg(long)]
    no_screen: bool,
}

/// Images that have labels, ready to be looked at.
pub(crate) struct Asked {
    images: Vec<(Input, Label)>,
    options: Options,
    /// Of the labels.
    pub(crate) classes: Vec<String>,
    /// Images that could not be read; each was said.
    pub(crate) failed: usize,
}

impl Study {
    /// The model that is named.
    pub(crate) fn model(&self) -> Option<&Path> {
        self.model.as_deref()
    }

    /// Reads the labels.
    ///
    /// # Errors
    /// Of options, paths and labels.
    pub(crate) fn read(&self) -> Result<Asked, Trouble> {
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
        let labelled = inputs.into_iter().zip(labels).filter(|(_, label)| label.label.is_some());
        Ok(Asked { images: labelled.collect(), options, classes, failed: 0 })
    }
}

impl Asked {
    /// The model at `path`, or the built-in one, for these options.
    ///
    /// # Errors
    /// Of the model.
    pub(crate) fn load(&self, path: Option<&Path>, is_named: bool) -> Result<Classifier, Trouble> {
        let classifier = at_hand::load(path, is_named, Variant::Int8, Runtime::default())?;
        classifier.check(&self.options)?;
        Ok(classifier)
    }

    /// Looks at every image. One that cannot be read is said, and left out from then on.
    pub(crate) fn look(&mut self, classifier: &Classifier, lesson: Option<&Lesson>) -> Vec<Judged> {
        self.look_each(classifier, lesson).into_iter().flatten().collect()
    }

    /// Likewise, with nothing in the place of one that cannot be read.
    pub(crate) fn look_each(
        &mut self,
        classifier: &Classifier,
        lesson: Option<&Lesson>,
    ) -> Vec<Option<Judged>> {
        let inputs = self.images.iter().map(|(input, _)| input.clone()).collect();
        let asked = std::mem::take(&mut self.images);
        let mut waiting = asked.into_iter();
        let mut images = Vec::new();
        look(classifier, inputs, &self.options, &Ask::default(), lesson, &mut |_, judged| {
            let Some((input, label)) = waiting.next() else { return };
            match judged {
                Ok((report, said)) => {
                    images.push(Some(Judged { label: label.clone(), report, said }));
                    self.images.push((input, label));
                }
                Err(_) => {
                    images.push(None);
                    self.failed += 1;
                }
            }
        });
        images
    }
}
