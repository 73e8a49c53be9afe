//! The loop over the images, and how they are looked at: what `predict`, `evaluate` and `teach` share.

use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use histoscope::Error;
use histoscope::lesson::Lesson;
use histoscope::options::Options;
use histoscope::pipeline::{Classifier, Said};
use histoscope::report::ImageReport;
use histoscope::shown::printable;
use histoscope_files::inputs::{self, Input};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::complain;
use crate::slide::{self, Ask};
use crate::trouble::Trouble;

/// Judges all images in their order, tells what goes wrong, and hands each out.
pub(crate) fn look(
    classifier: &Classifier,
    inputs: Vec<Input>,
    options: &Options,
    ask: &Ask,
    lesson: Option<&Lesson>,
    hand_out: &mut dyn FnMut(String, Result<(ImageReport, Said), Trouble>),
) {
    let progress = progress_bar(inputs.len());
    for Input { name, source, parts, .. } in inputs {
        progress.set_message(printable(&name));
        let files = source.map(|file| if parts.is_empty() { vec![file] } else { parts });
        let judged = files
            .map_err(Trouble::from)
            .and_then(|files| judge(classifier, &files, &name, options, ask, lesson, &progress));
        if let Err(trouble) = &judged {
            progress.suspend(|| complain(Some(&name), trouble));
        }
        hand_out(name, judged);
        progress.inc(1);
    }
    progress.finish_and_clear();
}

fn judge(
    classifier: &Classifier,
    files: &[PathBuf],
    name: &str,
    options: &Options,
    ask: &Ask,
    lesson: Option<&Lesson>,
    progress: &ProgressBar,
) -> Result<(ImageReport, Said), Trouble> {
    if slide::is_slide(files) {
        let start = Instant::now();
        let on_batch = |done: usize, total: usize| {
            let left = start.elapsed().as_secs_f64() / done as f64 * (total - done) as f64;
            let name = printable(name);
            progress.set_message(format!("{done}/{total} patches, {left:.0} s left: {name}"));
        };
        return catch_unwind(AssertUnwindSafe(|| {
            slide::judge(classifier, files, name, options, ask, lesson, &on_batch)
        }))
        .unwrap_or_else(|_| Err(Error::Internal { detail: "a panic, see above".into() }.into()));
    }
    let bytes = inputs::read(&files[0])?;
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1e3;
    let mut on_batch = |done: usize, total: usize| {
        progress.set_message(format!("{done}/{total} patches: {}", printable(name)));
    };
    // A decoder's bug must cost one image, not the rest of the folder.
    catch_unwind(AssertUnwindSafe(|| {
        classifier.classify_by(lesson, &bytes, name, options, &clock, &mut on_batch)
    }))
    .unwrap_or_else(|_| Err(Error::Internal { detail: "a panic, see above".into() }))
    .map_err(Trouble::from)
}

fn progress_bar(images: usize) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(images as u64), target);
    // Names come last, for in 80 columns there is no room for all. One image has patches to tell
    // how far it is, and nothing to reckon the time of further ones by.
    let style = ProgressStyle::with_template(if images == 1 {
        "{spinner} {wide_msg}"
    } else {
        "{bar:20} {pos}/{len} images, {eta} left  {wide_msg}"
    });
    bar.set_style(style.expect("the template is a constant"));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
