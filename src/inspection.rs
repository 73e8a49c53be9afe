//! What somebody's ONNX file holds, and what stands in its way as a classifier.

use std::collections::BTreeMap;

use histoscope_engine::input::Layout;
use histoscope_engine::{OutputPort, Port};
use serde::Serialize;

use crate::error::{Cause, Result};
use crate::manifest::{Manifest, sha256_hex};
use crate::warning::Note;

/// What an ONNX file holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// Of the file, lower-case hexadecimal.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    /// Of ONNX's own domain; `None` if the file names none.
    pub opset: Option<i64>,
    /// The program that wrote it; may be empty.
    pub producer: String,
    /// What the exporter wrote of the network, under names of its own.
    pub metadata: BTreeMap<String, String>,
    /// `None` unless the graph has exactly one.
    pub input: Option<Port>,
    /// Where the colour channels are, if the input's shape tells.
    pub layout: Option<Layout>,
    /// Side of a patch in pixels, if the file fixes it.
    pub patch_size: Option<u32>,
    /// Least and greatest number that it takes for pixels, if its first operators tell: the
    /// quantisation of its input, or a scaling of its own.
    pub input_range: Option<[f32; 2]>,
    /// In the order of the file.
    pub outputs: Vec<Port>,
    /// The output that is read as class scores.
    pub scores: Option<ScoresPort>,
    /// Constants that are nodes among them.
    pub nodes: usize,
    /// How many of the nodes fused int8 layers stand for, constants and quantisation among them.
    pub lowered_nodes: usize,
    /// As many layers would run in the int8 kernels.
    pub fused_layers: usize,
    /// Why the model cannot be used, in sentences without a full stop; empty if nothing is known
    /// to be wrong.
    pub problems: Vec<String>,
    /// What each of them is, with its values, for whoever says it in words of their own.
    pub problem_causes: Vec<Cause>,
}

/// What is wrong with the outputs of a network as those of a classifier.
#[derive(Debug, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
enum OutputProblem {
    #[error(
        "its outputs are {ports}; one must be class scores float32 [N, classes], of 2 to {most} \
         classes, or float32 [N, 1]"
    )]
    Outputs { ports: String, most: usize },
    #[error(
        "its output is {port}, of {classes} classes; {most} at most can be told apart here: train its \
         last layer for the classes of the tissue, or have one more layer add classes up to fewer; if \
         these are features, export the network with its classifier"
    )]
    ManyClasses { port: String, classes: u64, most: usize },
}

/// The first output that may be class scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScoresPort {
    /// As the file names it.
    pub name: String,
    /// Scores of a patch, 1 to [`Manifest::MAX_LABELS`], if the file declares it.
    pub columns: Option<u64>,
    /// The operator that makes them, such as "Softmax"; "" if no node does.
    pub made_by: String,
}

/// Reads an ONNX file under the engine's limits and describes it.
///
/// # Errors
/// [`crate::Error::ModelInvalid`] if it cannot be read as ONNX. What can be read and still not be
/// used has [`Inspection::problems`]. [`crate::Error::ModelNeedsTract`] from a build without tract, of
/// what may be used and is not fused from end to end. On the web a malformed file may also trap.
pub fn inspect(bytes: &[u8]) -> Result<Inspection> {
    let found = histoscope_engine::inspect(bytes)?;
    let scores = scores(&found.outputs);
    let mut notes: Vec<Note> = found.problems.iter().map(Note::of).collect();
    if scores.is_none() {
        notes.push(Note::of(&output_problem(&found.outputs)));
    }
    let (problems, problem_causes) =
        notes.into_iter().map(|Note { sentence, cause }| (sentence, cause)).unzip();
    Ok(Inspection {
        sha256: sha256_hex(bytes),
        bytes: bytes.len() as u64,
        opset: found.opset,
        producer: found.producer,
        metadata: found.metadata,
        input: found.input,
        layout: found.layout,
        patch_size: found.side,
        input_range: found.input_range,
        outputs: found.outputs.into_iter().map(|output| output.port).collect(),
        scores,
        nodes: found.nodes,
        lowered_nodes: found.lowered_nodes,
        fused_layers: found.fused_layers,
        problems,
        problem_causes,
    })
}

/// What is wrong with outputs of which none may be the scores.
fn output_problem(outputs: &[OutputPort]) -> OutputProblem {
    let most = Manifest::MAX_LABELS;
    let many = outputs.iter().find_map(|output| Some((output, columns(output, u64::MAX)??)));
    if let Some((output, classes)) = many {
        return OutputProblem::ManyClasses { port: output.port.to_string(), classes, most };
    }
    let all: Vec<String> = outputs.iter().map(|output| output.port.to_string()).collect();
    let ports = if all.is_empty() { "none".into() } else { all.join(", ") };
    OutputProblem::Outputs { ports, most }
}

/// An output that may be two classes comes before one of more: those may be features.
fn scores(outputs: &[OutputPort]) -> Option<ScoresPort> {
    let most = Manifest::MAX_LABELS as u64;
    let fitting = |most| outputs.iter().find_map(|output| Some((output, columns(output, most)?)));
    let (output, columns) = fitting(2).or_else(|| fitting(most))?;
    Some(ScoresPort { name: output.port.name.clone(), columns, made_by: output.made_by.clone() })
}

/// How many scores of a patch an output may hold, if it is at most so many; `None` within where the
/// file does not declare it.
fn columns(output: &OutputPort, most: u64) -> Option<Option<u64>> {
    let Port { dtype, shape, .. } = &output.port;
    if !matches!(*dtype, "float32" | "float16" | "bfloat16" | "unknown") {
        return None;
    }
    match shape.as_deref() {
        None => Some(None),
        Some([_, rest @ ..]) if rest.iter().all(Option::is_some) => {
            let mut sides = rest.iter().flatten();
            // Along several axes it would be a map.
            let is_flat = sides.clone().filter(|&&side| side > 1).count() <= 1;
            let columns = sides.try_fold(1_u64, |all, &side| all.checked_mul(side))?;
            (is_flat && (1..=most).contains(&columns)).then_some(Some(columns))
        }
        // Not a class-activation map.
        Some(dims) => (dims.len() <= 2).then_some(None),
    }
}
