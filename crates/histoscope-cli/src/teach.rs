//! `histoscope teach`: a lesson from labelled images.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use histoscope::evaluate::{Evaluation, Interval};
use histoscope::shown::printable;
use histoscope::teach::{Difference, Outcome, TeachOptions};
use histoscope_files::known;
use histoscope_files::labelled::{Judged, teaching};
use serde::Serialize;

use crate::console::{EXIT_FAILED, complain, exit_status, print};
use crate::evaluate;
use crate::output::{NOTICE, json};
use crate::study::Study;
use crate::trouble::Trouble;

/// Teaches the model labelled images, and writes the lesson to a file for `predict --lesson`.
///
/// It is always judged on patients that were left out, before and after on the same images.
#[derive(Args)]
pub(crate) struct Teach {
    #[command(flatten)]
    study: Study,
    /// Where the lesson goes, such as ours.lesson.json.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What the lesson is called [default: "lesson"].
    #[arg(long, default_value = "", hide_default_value = true)]
    name: String,
    /// Teach of one patient a class, too: then nothing is proven.
    #[arg(long)]
    force: bool,
    /// Teach the deeper network for lessons (models/histoscope-teaching.int8.onnx, which is looked for in
    /// the folder that HISTOSCOPE_MODELS names, that of the program, and models in it). Another
    /// laboratory's images often teach it more, and it takes twice the time; what a lesson of the
    /// built-in model does on the same patients is said beside it.
    #[arg(long, conflicts_with = "model")]
    deeper: bool,
    /// Print scores, warnings and the lesson as JSON.
    #[arg(long)]
    json: bool,
}

/// Twice the work for nothing.
const AS_GOOD: &str =
    "a lesson of the built-in model ranks these images as well: leave --deeper out";

/// Runs it to the exit status, with every error said.
pub(crate) fn run(arguments: &Teach) -> ExitCode {
    match taught(arguments) {
        Ok(code) => code,
        Err(trouble) => {
            complain(None, &trouble);
            exit_status(&trouble)
        }
    }
}

fn taught(arguments: &Teach) -> Result<ExitCode, Trouble> {
    let mut asked = arguments.study.read()?;
    let model = if arguments.deeper {
        Some(known::deeper()?)
    } else {
        arguments.study.model().map(Path::to_owned)
    };
    let classifier = asked.load(model.as_deref(), !arguments.deeper)?;
    let mut images = asked.look(&classifier, None);
    let classes = asked.classes.clone();
    let options = TeachOptions { name: arguments.name.clone(), force: arguments.force };
    let built_in = if arguments.deeper {
        let own = asked.load(None, true)?;
        let seen = asked.look_each(&own, None);
        // What cannot be read any more is not taught either.
        let both = images.into_iter().zip(seen).filter_map(|(image, own)| Some((image, own?)));
        let (deeper, seen): (Vec<_>, Vec<_>) = both.unzip();
        let lesson = teaching(&seen, classes.clone(), options.clone(), &own)?;
        images = deeper.into_iter().zip(seen).map(|(image, own)| judged_by(image, own)).collect();
        lesson.after
    } else {
        None
    };
    let outcome = teaching(&images, classes, options, &classifier)?;
    if let Some(lesson) = &outcome.lesson {
        std::fs::write(&arguments.out, lesson)
            .map_err(|error| Trouble::of_file(&arguments.out, error))?;
    }
    let taught = Taught { outcome: &outcome, built_in: built_in.as_ref() };
    print(|out| if arguments.json { json(out, &taught) } else { text(out, &taught) })?;
    let well = asked.failed == 0 && outcome.refused.is_none();
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

/// What became of it.
#[derive(Serialize)]
struct Taught<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    /// A lesson of the built-in model on the same patients, where the deeper network was taught.
    #[serde(skip_serializing_if = "Option::is_none")]
    built_in: Option<&'a Evaluation>,
}

/// The deeper network says nothing by itself, so what was before is what the built-in model said.
fn judged_by(mut image: Judged, seen: Judged) -> Judged {
    image.report.probabilities = seen.report.probabilities;
    image.report.verdict = seen.report.verdict;
    image
}

fn text(out: &mut dyn Write, Taught { outcome, built_in }: &Taught<'_>) -> io::Result<()> {
    // The deeper network says nothing by itself.
    let before = match built_in {
        Some(_) => "Before, the built-in model:",
        None => "Before, the model itself:",
    };
    for (when, evaluation) in [
        (before, outcome.before.as_ref()),
        ("After, on patients that were left out:", outcome.after.as_ref()),
        ("A lesson of the built-in model, on the same patients:", *built_in),
    ] {
        if let Some(evaluation) = evaluation {
            writeln!(out, "{when}")?;
            evaluate::numbers(out, evaluation)?;
            writeln!(out)?;
        }
    }
    if let Some(Difference { auc, accuracy, balanced_accuracy }) = &outcome.difference {
        writeln!(out, "Better by:")?;
        for (name, interval) in [("AUC", auc), ("right", accuracy), ("balanced", balanced_accuracy)]
        {
            if let Some(Interval { value, low, high }) = interval {
                writeln!(out, "  {name:<12} {value:+.3}  ({low:+.3} to {high:+.3})")?;
            }
        }
    }
    let both = auc(*built_in).zip(auc(outcome.after.as_ref()));
    if both.is_some_and(|(built_in, deeper)| built_in >= deeper) {
        writeln!(out, "  note: {AS_GOOD}")?;
    }
    // Both judge the same images, and mostly have the same to note.
    let evaluations = [&outcome.before, &outcome.after].into_iter().flatten();
    let of_scores = evaluations.flat_map(|evaluation| &evaluation.warnings);
    let of_scores = of_scores.map(|warning| warning.sentence());
    let of_lesson = outcome.warnings.iter().map(|warning| warning.sentence());
    evaluate::notes(out, of_scores.chain(of_lesson))?;
    if let Some(refused) = &outcome.refused {
        writeln!(out, "Nothing is taught: {}.", printable(&refused.sentence()))?;
    }
    writeln!(out, "{NOTICE}")
}

fn auc(evaluation: Option<&Evaluation>) -> Option<f64> {
    Some(evaluation?.by_image.as_ref()?.auc?.value)
}
