//! `histoscope teach`: a lesson from labelled images.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use histoscope::evaluate::Interval;
use histoscope::teach::{Difference, Options, Outcome};
use histoscope_files::labelled::teaching;

use crate::console::{EXIT_FAILED, complain, exit_status, print};
use crate::evaluate;
use crate::output::{NOTICE, json, printable};
use crate::study::{Looked, Study};
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
    /// Print scores, warnings and the lesson as JSON.
    #[arg(long)]
    json: bool,
}

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
    let Looked { classifier, classes, images, failed, .. } = arguments.study.look(None)?;
    let options = Options { name: arguments.name.clone(), force: arguments.force };
    let outcome = teaching(&images, classes, options, &classifier)?;
    if let Some(lesson) = &outcome.lesson {
        std::fs::write(&arguments.out, lesson)
            .map_err(|error| Trouble::of_file(&arguments.out, error))?;
    }
    print(|out| if arguments.json { json(out, &outcome) } else { text(out, &outcome) })?;
    let well = failed == 0 && outcome.refused.is_none();
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

fn text(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    for (when, evaluation) in [
        ("Before, the model itself:", &outcome.before),
        ("After, on patients that were left out:", &outcome.after),
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
