//! `histoscope evaluate`: how right verdicts are on labelled images.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use histoscope::evaluate::{Evaluation, Interval, Scores};
use histoscope::labels;
use histoscope::shown::printable;
use histoscope_files::known;
use histoscope_files::labelled::{evaluation, read_lesson};

use crate::console::{EXIT_FAILED, complain, exit_status, print};
use crate::output::{NOTICE, json};
use crate::study::{Asked, Study};
use crate::trouble::Trouble;

/// The built-in model was taught images of BreakHis.
const LEARNED: &str = "These may be images that the model has learned from: the figures then prove \
                       nothing.";

/// Says how right verdicts are on labelled images: by image and by patient, with 95 % intervals.
///
/// Labels come from a table, else from names as BreakHis has them, else from folders' names.
#[derive(Args)]
pub(crate) struct Evaluate {
    #[command(flatten)]
    study: Study,
    /// Evaluate a lesson (docs/teaching.md) in place of the model's own head.
    #[arg(long, value_name = "FILE")]
    lesson: Option<PathBuf>,
    /// Print all numbers and curves as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs it to the exit status, with every error said.
pub(crate) fn run(arguments: &Evaluate) -> ExitCode {
    match evaluated(arguments) {
        Ok(code) => code,
        Err(trouble) => {
            complain(None, &trouble);
            exit_status(&trouble)
        }
    }
}

fn evaluated(arguments: &Evaluate) -> Result<ExitCode, Trouble> {
    let mut asked = arguments.study.read()?;
    let lesson = arguments.lesson.as_deref();
    let model = known::model(arguments.study.model(), lesson)?;
    let classifier = asked.load(model.as_deref(), arguments.study.model().is_some())?;
    let lesson = lesson.map(|file| read_lesson(&classifier, file)).transpose()?;
    let images = asked.look(&classifier, lesson.as_ref());
    let Asked { classes, failed, .. } = asked;
    if model.is_none()
        && images.iter().any(|image| labels::of_path(&image.report.filename).is_some())
    {
        let _ = writeln!(io::stderr(), "{LEARNED}");
    }
    let evaluation = evaluation(&images, classes, lesson.as_ref())?;
    print(|out| {
        if arguments.json {
            return json(out, &evaluation);
        }
        numbers(out, &evaluation)?;
        notes(out, evaluation.warnings.iter().map(|warning| warning.sentence()))?;
        writeln!(out, "{NOTICE}")
    })?;
    let well = failed == 0 && evaluation.refused.is_none();
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

/// Notes for people, each once.
pub(crate) fn notes(
    out: &mut dyn Write,
    sentences: impl Iterator<Item = String>,
) -> io::Result<()> {
    let mut said = HashSet::new();
    for sentence in sentences {
        if said.insert(sentence.clone()) {
            writeln!(out, "  note: {}", printable(&sentence))?;
        }
    }
    Ok(())
}

/// The numbers for people, without notes.
pub(crate) fn numbers(out: &mut dyn Write, evaluation: &Evaluation) -> io::Result<()> {
    let Evaluation { images, patients, not_judged, .. } = evaluation;
    write!(out, "{images} images of {patients} patients")?;
    if *not_judged > 0 {
        write!(out, ", {not_judged} not judged")?;
    }
    writeln!(out)?;
    if !evaluation.verdicts.is_empty() {
        let said = evaluation.verdicts.iter().map(|(verdict, count)| {
            let verdict = printable(verdict);
            format!("{count} {verdict}")
        });
        writeln!(out, "verdicts: {}", said.collect::<Vec<_>>().join(", "))?;
    }
    for (whose, scores) in [("image", &evaluation.by_image), ("patient", &evaluation.by_patient)] {
        if let Some(scores) = scores {
            table(out, whose, scores, &evaluation.classes)?;
        }
    }
    if !evaluation.worst.is_empty() {
        writeln!(out, "most surely wrong:")?;
    }
    for wrong in evaluation.worst.iter().take(5) {
        let [name, prediction] = [&wrong.name, &wrong.prediction].map(|text| printable(text));
        let (label, percent) = (printable(&wrong.label), wrong.probability * 100.0);
        writeln!(out, "  {name}: {prediction} ({percent:.1} %), and is {label}")?;
    }
    if let Some(refused) = &evaluation.refused {
        writeln!(out, "Nothing can be said: {}.", printable(&refused.sentence()))?;
    }
    Ok(())
}

fn table(out: &mut dyn Write, whose: &str, scores: &Scores, classes: &[String]) -> io::Result<()> {
    writeln!(out, "by {whose}:")?;
    for (name, interval) in [
        ("AUC", &scores.auc),
        ("right", &scores.accuracy),
        ("balanced", &scores.balanced_accuracy),
        ("sensitivity", &scores.sensitivity),
        ("specificity", &scores.specificity),
        ("calibration error", &scores.calibration_error),
    ] {
        if let Some(Interval { value, low, high }) = interval {
            writeln!(out, "  {name:<17} {value:.3}  ({low:.3} to {high:.3})")?;
        }
    }
    for (class, row) in classes.iter().zip(&scores.confusion) {
        let said = classes.iter().zip(row).map(|(class, n)| format!("{n} {}", printable(class)));
        writeln!(out, "  {} called {}", printable(class), said.collect::<Vec<_>>().join(", "))?;
    }
    Ok(())
}
