//! `histoscope predict`: arguments, the loop over the images, exit codes.

use std::io::{IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use histoscope::Error;
use histoscope::manifest::Variant;
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::Classifier;
use histoscope::report::{FailureReport, ImageOutcome, ImageReport};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::inputs::{self, Input};
use crate::model;
use crate::output::{self, Format};

const EXIT_FAILED: u8 = 1;
const EXIT_USAGE: u8 = 2;

/// Benign or malignant: classifies breast micrographs (haematoxylin and eosin) on this machine.
///
/// For research use only; not a medical device.
#[derive(Parser)]
#[command(name = "histoscope", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Predict(Predict),
}

/// Classifies images; several of them, or a folder, also give one aggregated diagnosis.
///
/// Results go to standard output, progress and errors to standard error.
#[derive(Args)]
#[command(
    after_help = "Exit status: 0 every image was classified or found not assessable; 1 some \
                        image, or the model, failed; 2 wrong usage."
)]
struct Predict {
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
    /// Patches in one forward pass.
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
    /// Say "uncertain" below this confidence, 0.5 to 1 [default: the model's own threshold].
    #[arg(long, value_name = "CONFIDENCE")]
    uncertain_below: Option<f64>,
    /// Classify every patch, also bare glass, blurred ones and what is not stained with H&E.
    #[arg(long)]
    no_screen: bool,
}

pub(crate) fn main() -> ExitCode {
    let Command::Predict(arguments) = Cli::parse().command;
    let format = match (arguments.json, arguments.csv) {
        (true, _) => Format::Json,
        (_, true) => Format::Csv,
        _ => Format::Text,
    };
    match predict(&arguments, format) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error[{}]: {error}\n  {}", error.code(), error.remedy());
            if format == Format::Json {
                output::print_json(&FailureReport::new("", &error));
            }
            ExitCode::from(match error {
                Error::OptionsInvalid { .. } => EXIT_USAGE,
                _ => EXIT_FAILED,
            })
        }
    }
}

fn predict(arguments: &Predict, format: Format) -> Result<ExitCode, Error> {
    let options = Options {
        max_patches: arguments.max_patches,
        batch_size: arguments.batch_size,
        stride: arguments.stride,
        screen: !arguments.no_screen,
        uncertain_below: arguments.uncertain_below,
    };
    options.validate()?;
    let inputs = inputs::collect(&arguments.paths)?;
    let variant = if arguments.no_quantization { Variant::F32 } else { Variant::Int8 };
    let classifier = model::load(arguments.model.as_deref(), variant)?;

    let progress = progress_bar(inputs.len());
    let mut outcomes = Vec::with_capacity(inputs.len());
    for input in &inputs {
        progress.set_message(input.name.clone());
        let outcome = match classify(&classifier, input, &options, &progress) {
            Ok(report) => ImageOutcome::Success(Box::new(report)),
            Err(error) => {
                progress.suspend(|| {
                    eprintln!(
                        "error[{}]: {}: {error}\n  {}",
                        error.code(),
                        input.name,
                        error.remedy()
                    );
                });
                ImageOutcome::Failure(FailureReport::new(&input.name, &error))
            }
        };
        outcomes.push(outcome);
        progress.inc(1);
    }
    progress.finish_and_clear();

    // One file that was named by itself is an image; anything else is a folder.
    let single = matches!(arguments.paths.as_slice(), [path] if !path.is_dir());
    let failed = outcomes.iter().any(|outcome| matches!(outcome, ImageOutcome::Failure(_)));
    let mut out = std::io::stdout().lock();
    let written = if single {
        output::image(&mut out, format, &outcomes[0], &classifier.manifest().labels)
    } else {
        let folder = classifier.folder_report(outcomes);
        output::folder(&mut out, format, &folder, &classifier.manifest().labels)
    };
    // A closed pipe (`| head`) is no failure of ours.
    let _ = written.and_then(|()| out.flush());
    Ok(if failed { ExitCode::from(EXIT_FAILED) } else { ExitCode::SUCCESS })
}

fn classify(
    classifier: &Classifier,
    input: &Input,
    options: &Options,
    progress: &ProgressBar,
) -> Result<ImageReport, Error> {
    let bytes = inputs::read(&input.path)?;
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1e3;
    let mut on_batch = |done: usize, total: usize| {
        progress.set_message(format!("{} ({done}/{total} patches)", input.name));
    };
    // A decoder's bug must cost one image, not the rest of the folder.
    catch_unwind(AssertUnwindSafe(|| {
        classifier.classify(&bytes, &input.name, options, &clock, &mut on_batch)
    }))
    .unwrap_or_else(|_| Err(Error::Internal { detail: "a panic, see above".into() }))
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
