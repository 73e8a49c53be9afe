//! `histoscope inspect`: what an ONNX file holds, how much of it runs fast, and how its pixels may be scaled.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use histoscope::inspection::{self, Inspection};
use histoscope::scaling::{self, Advice, Doubt, Scaling};
use histoscope::shown::printable;
use histoscope_files::{Error, model};
use serde::Serialize;

use crate::console::{EXIT_FAILED, complain, exit_status, print};
use crate::output;
use crate::trouble::Trouble;

/// Describes an ONNX model: what it reads and makes, what stands in its way, how much of its arithmetic runs in the
/// fast int8 kernels, and which scaling of pixels its file or plain pictures speak for.
#[derive(Args)]
#[command(
    after_help = "Exit status: 0 the model can be used; 1 it cannot, or is none; 2 wrong usage."
)]
pub(crate) struct Inspect {
    /// The model; its manifest (.json) or its makers' configurations beside it are read, too.
    #[arg(value_name = "FILE")]
    model: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

/// All that is known of a model.
#[derive(Serialize)]
struct Known {
    #[serde(flatten)]
    inspection: Inspection,
    /// The part of its arithmetic that runs in the int8 kernels, 0 to 1; none where it does not run.
    fused_share: Option<f64>,
    scaling: Option<Advice>,
    /// Whether it can be used as soon as it has a manifest.
    lacks_manifest: bool,
    /// Why it has none, in a sentence without a full stop.
    #[serde(skip)]
    why_none: Option<String>,
}

/// Runs it to the exit status, with every error said.
pub(crate) fn run(arguments: &Inspect) -> ExitCode {
    match inspect(arguments) {
        Ok(code) => code,
        Err(trouble) => {
            complain(None, &trouble);
            exit_status(&trouble)
        }
    }
}

fn inspect(Inspect { model: file, json }: &Inspect) -> Result<ExitCode, Trouble> {
    let bytes = model::bytes(Some(file))?;
    let inspection = inspection::inspect(&bytes)?;
    let mut known = Known {
        inspection,
        fused_share: None,
        scaling: None,
        lacks_manifest: false,
        why_none: None,
    };
    if known.inspection.problems.is_empty() {
        let input = match model::manifest(file, &bytes) {
            Ok(manifest) => manifest.input,
            Err(why @ (Error::ManifestMissing { .. } | Error::ManifestIncomplete { .. })) => {
                known.lacks_manifest = true;
                known.why_none = Some(why.to_string());
                scaling::usual_input(&known.inspection)
            }
            Err(error) => return Err(error.into()),
        };
        let mut engine = scaling::open(&bytes, &known.inspection, &input)?;
        known.fused_share = Some(engine.products().share());
        known.scaling = scaling::advise(&mut engine, &known.inspection, &input)?;
    }
    if *json {
        print(|out| output::json(out, &known))?;
    } else {
        let name = file.display().to_string();
        print(|out| text(out, &printable(&name), &known))?;
    }
    let is_usable = known.inspection.problems.is_empty();
    Ok(if is_usable { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

fn text(out: &mut dyn Write, name: &str, known: &Known) -> io::Result<()> {
    let Known { inspection, fused_share, scaling, .. } = known;
    writeln!(out, "{name}: {} bytes, SHA-256 {}", inspection.bytes, inspection.sha256)?;
    let opset = inspection.opset.map(|opset| format!("ONNX operators {opset}"));
    let written: Vec<String> =
        [Some(inspection.producer.clone()), opset].into_iter().flatten().collect();
    line(out, "written by", &written.join(", "))?;
    if let Some(input) = &inspection.input {
        line(out, "reads", &input.to_string())?;
    }
    if let Some(scores) = &inspection.scores {
        let port = inspection.outputs.iter().find(|port| port.name == scores.name);
        let port = port.map(ToString::to_string).unwrap_or_default();
        line(out, "scores", &format!("{}: {port}", scores.name))?;
    }
    let fused = inspection.fused_layers;
    line(out, "layers", &format!("{} nodes, {fused} fast int8 layers", inspection.nodes))?;
    if let Some(share) = fused_share {
        line(out, "fast path", &format!("{:.1} % of its arithmetic", 100.0 * share))?;
    }
    if let Some(sentence) = scaling.as_ref().and_then(about_pixels) {
        line(out, "pixels", &sentence)?;
    }
    if let Some(why) = &known.why_none {
        line(out, "manifest", &format!("{why}: see docs/own-model.md"))?;
    }
    for problem in &inspection.problems {
        line(out, "problem", problem)?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    if text.is_empty() { Ok(()) } else { writeln!(out, "  {name:<11}{}", printable(text)) }
}

/// What a person is to know of the scaling, if anything.
fn about_pixels(advice: &Advice) -> Option<String> {
    let likely = words(advice.suggested?);
    Some(match (advice.doubt, advice.told.is_some()) {
        (Some(Doubt::Told), _) => {
            format!("its manifest scales them otherwise than its file says: {likely}")
        }
        (Some(Doubt::Saturated), _) => format!(
            "as its manifest scales them every picture, plain grey too, gets the same class for \
             certain; likelier: {likely}"
        ),
        (None, true) => format!("its file says: {likely}"),
        (None, false) => {
            let saturated: Vec<_> =
                advice.saturated.iter().map(|&scaling| words(scaling)).collect();
            format!(
                "scaled to {} every picture, plain grey too, gets the same class for certain",
                saturated.join(", or to ")
            )
        }
    })
}

fn words(scaling: Scaling) -> &'static str {
    match scaling {
        Scaling::Imagenet => "mean and deviation of ImageNet",
        Scaling::MinusOneToOne => "-1 to 1",
        Scaling::ZeroToOne => "0 to 1",
        Scaling::Raw => "0 to 255",
    }
}
