//! `histoscope predict`: arguments and the loop over the images.

use std::io::{self, IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use histoscope::Error;
use histoscope::manifest::Variant;
use histoscope::model::Runtime;
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::Classifier;
use histoscope::report::{Duplicates, FailureReport, ImageOutcome, ImageReport};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::{EXIT_FAILED, complain, exit_status, print};
use crate::inputs::{self, Input};
use crate::model;
use crate::output::{self, Format, printable};
use crate::trouble::Trouble;

/// Classifies images; several of them, or a folder, also give one aggregated diagnosis.
///
/// Results go to standard output, progress and errors to standard error.
#[derive(Args)]
#[command(
    after_help = "Exit status: 0 every image was classified or found not assessable; 1 an image, \
                  a folder, the model or the output failed; 2 wrong usage."
)]
pub(crate) struct Predict {
    /// Image files (PNG, JPEG, TIFF, BMP, WebP) and folders, which are searched recursively.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print the report as JSON.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print one line of CSV per image.
    #[arg(long)]
    csv: bool,
    /// Classify at most N patches of an image, spread evenly, or "all".
    #[arg(long, value_name = "N|all", default_value = "25")]
    max_patches: MaxPatches,
    /// Patches handed to the engine at once: how often progress is told. Changes no result.
    #[arg(long, value_name = "N", default_value_t = Options::default().batch_size)]
    batch_size: u32,
    /// Pixels from one patch to the next [default: the patch size].
    #[arg(long, value_name = "PIXELS")]
    stride: Option<u32>,
    /// Another ONNX model, with its manifest (.json) beside it [default: the built-in one].
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Run the model in single precision instead of int8: slower, for comparison.
    #[arg(long)]
    no_quantization: bool,
    /// What computes the model: "fused" int8 layers where it has them, or "tract" alone, which is
    /// slower, for comparison.
    #[arg(long, value_name = "fused|tract", default_value_t)]
    engine: Runtime,
    /// Say "uncertain" below this confidence, 0.5 to 1 [default: the model's own threshold].
    #[arg(long, value_name = "CONFIDENCE")]
    uncertain_below: Option<f64>,
    /// Micrometres per pixel, 0.01 to 100, whatever the files say [default: as they say].
    #[arg(long, value_name = "UM")]
    um_per_pixel: Option<f64>,
    /// Classify every patch, also bare glass, blurred ones and what is not stained with H&E.
    #[arg(long)]
    no_screen: bool,
    /// Let every copy of an image vote, not only the first of the same bytes.
    #[arg(long)]
    keep_duplicates: bool,
}

/// Runs it to the exit status, with every error said.
pub(crate) fn run(arguments: &Predict) -> ExitCode {
    let format = match (arguments.json, arguments.csv) {
        (true, _) => Format::Json,
        (_, true) => Format::Csv,
        _ => Format::Text,
    };
    let trouble = match predict(arguments, format) {
        Ok(code) => return code,
        Err(trouble) => trouble,
    };
    complain(None, &trouble);
    let written = match (format, &trouble) {
        (Format::Json, Trouble::OutputFailed { .. }) | (Format::Text | Format::Csv, _) => Ok(()),
        (Format::Json, _) => print(|out| output::json(out, &FailureReport::new("", &trouble))),
    };
    if let Err(second) = written {
        complain(None, &second);
    }
    exit_status(&trouble)
}

fn predict(arguments: &Predict, format: Format) -> Result<ExitCode, Trouble> {
    let options = Options {
        max_patches: arguments.max_patches,
        batch_size: arguments.batch_size,
        stride: arguments.stride,
        screen: !arguments.no_screen,
        uncertain_below: arguments.uncertain_below,
        um_per_pixel: arguments.um_per_pixel,
    };
    options.validate()?;
    let inputs = inputs::collect(&arguments.paths)?;
    let variant = if arguments.no_quantization { Variant::F32 } else { Variant::Int8 };
    let classifier = model::load(arguments.model.as_deref(), variant, arguments.engine)?;
    classifier.check(&options)?;
    if let Some(why) = classifier.fallback() {
        let why = printable(why);
        let _ = writeln!(
            io::stderr(),
            "note: the model runs without its fused layers, and slower: {why}"
        );
    }

    let progress = progress_bar(inputs.len());
    let mut outcomes = Vec::with_capacity(inputs.len());
    for Input { name, source } in inputs {
        progress.set_message(printable(&name));
        let report =
            source.and_then(|path| classify(&classifier, &path, &name, &options, &progress));
        outcomes.push(match report {
            Ok(report) => ImageOutcome::Success(Box::new(report)),
            Err(trouble) => {
                progress.suspend(|| complain(Some(&name), &trouble));
                ImageOutcome::Failure(FailureReport::new(name, &trouble))
            }
        });
        progress.inc(1);
    }
    progress.finish_and_clear();

    let failed = outcomes.iter().any(|outcome| matches!(outcome, ImageOutcome::Failure(_)));
    match (arguments.paths.as_slice(), outcomes.as_slice()) {
        // One file that was named by itself is an image; anything else is a folder.
        ([path], [outcome]) if !path.is_dir() => {
            print(|out| output::image(out, format, outcome))?;
        }
        _ => {
            let keep = arguments.keep_duplicates;
            let duplicates = if keep { Duplicates::Keep } else { Duplicates::VoteOnce };
            let folder = classifier.folder_report(outcomes, duplicates);
            print(|out| output::folder(out, format, &folder))?;
        }
    }
    Ok(if failed { ExitCode::from(EXIT_FAILED) } else { ExitCode::SUCCESS })
}

fn classify(
    classifier: &Classifier,
    path: &Path,
    name: &str,
    options: &Options,
    progress: &ProgressBar,
) -> Result<ImageReport, Trouble> {
    let bytes = inputs::read(path)?;
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1e3;
    let mut on_batch = |done: usize, total: usize| {
        progress.set_message(format!("{} ({done}/{total} patches)", printable(name)));
    };
    // A decoder's bug must cost one image, not the rest of the folder.
    catch_unwind(AssertUnwindSafe(|| {
        classifier.classify(&bytes, name, options, &clock, &mut on_batch)
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
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} images, {eta} left  {wide_msg}");
    bar.set_style(style.expect("the template is a constant"));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
