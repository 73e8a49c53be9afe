//! `histoscope export`: a model and a lesson as one ONNX file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use histoscope::manifest::Variant;
use histoscope::model::Runtime;
use histoscope_files::labelled::read_lesson;
use histoscope_files::{known, model};

use crate::at_hand;
use crate::console::{complain, exit_status};
use crate::trouble::Trouble;

/// Writes the model with a lesson as its head as one ONNX file, for ONNX Runtime and the like.
///
/// It reads patches as the model does; its outputs are "logits" and "probabilities" of each patch,
/// by the lesson's classes (docs/teaching.md).
#[derive(Args)]
pub(crate) struct Export {
    /// The lesson.
    #[arg(long, value_name = "FILE")]
    lesson: PathBuf,
    /// Where the model goes, such as ours.onnx.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Another ONNX model that was taught, with its manifest (.json) beside it [default: the one that
    /// the lesson names, if it is at hand].
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// Runs it to the exit status, with every error said.
pub(crate) fn run(arguments: &Export) -> ExitCode {
    match export(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            complain(None, &trouble);
            exit_status(&trouble)
        }
    }
}

fn export(Export { lesson, out, model }: &Export) -> Result<(), Trouble> {
    let is_named = model.is_some();
    let model = known::model(model.as_deref(), Some(lesson))?;
    let runtime = Runtime::default();
    let classifier = at_hand::load(model.as_deref(), is_named, Variant::Int8, runtime)?;
    let lesson = read_lesson(&classifier, lesson)?;
    let file = classifier.export(&lesson, &model::bytes(model.as_deref())?)?;
    std::fs::write(out, file).map_err(|error| Trouble::of_file(out, error))
}
