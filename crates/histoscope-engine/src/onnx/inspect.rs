//! Describes an ONNX file without building it: what it reads and makes, and what stands in its way.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Result;
use crate::input::{Input, Layout};
use crate::onnx::graph::Graph;
use crate::onnx::port::{OutputPort, Port};
use crate::onnx::problem::Problem;
use crate::onnx::proto::{GraphProto, ModelProto, StringStringEntryProto};
use crate::onnx::range;
#[cfg(feature = "tract")]
use crate::planned::refusal;
#[cfg(not(feature = "tract"))]
use crate::{error::Error, input::Dtype, program::whole};
use crate::{guarded, lower, onnx};

/// What an ONNX file holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// Of ONNX's own domain; `None` if the file names none.
    pub opset: Option<i64>,
    /// The program that wrote it; may be empty.
    pub producer: String,
    /// What the exporter wrote of the network, under names of its own; long texts are left out.
    pub metadata: BTreeMap<String, String>,
    /// `None` unless the graph has exactly one.
    pub input: Option<Port>,
    /// Where the colour channels are, if the input's shape tells.
    pub layout: Option<Layout>,
    /// Side of a picture in pixels, if the file fixes it.
    pub side: Option<u32>,
    /// Least and greatest number that it takes for pixels, if its first operators tell.
    pub input_range: Option<[f32; 2]>,
    /// In the order of the file.
    pub outputs: Vec<OutputPort>,
    /// Constants that are nodes among them.
    pub nodes: usize,
    /// How many of the nodes fused int8 layers stand for, constants and quantisation among them.
    pub lowered_nodes: usize,
    /// As many layers would run in the int8 kernels.
    pub fused_layers: usize,
    /// Why the network cannot run here; empty if nothing is known to be wrong.
    pub problems: Vec<Problem>,
}

/// Reads an ONNX file under the limits of [`crate::Engine::load`] and describes it.
///
/// # Errors
/// [`crate::Error::Invalid`] if it cannot be read as ONNX. What can be read and still not be
/// used has [`Inspection::problems`]. [`crate::Error::NeedsTract`] from a build without tract, which
/// does not know what tract cannot run, of what is not fused from end to end and may be used. On the
/// web a malformed file may also trap.
pub fn inspect(bytes: &[u8]) -> Result<Inspection> {
    guarded(|| describe(onnx::read(bytes)?))
}

fn describe(proto: ModelProto) -> Result<Inspection> {
    // `onnx::read` has seen that there is one.
    let none = GraphProto::default();
    let graph = proto.graph.as_ref().unwrap_or(&none);
    let inputs = onnx::inputs(graph);
    let view = Graph::new(graph);
    let made_by = |name: &str| {
        let maker = view.producer_index(name).map(|index| &graph.node[index]);
        maker.map(|node| node.op_type.clone()).unwrap_or_default()
    };
    let outputs: Vec<OutputPort> = graph
        .output
        .iter()
        .map(|output| OutputPort { port: Port::of(output), made_by: made_by(&output.name) })
        .collect();
    let other = |detail| Problem::Other { detail };
    let mut problems = Vec::from_iter(onnx::opset_problem(&proto).map(other));

    let input = match inputs.as_slice() {
        [input] => Some(input.clone()),
        _ => {
            problems.push(Problem::Inputs { count: inputs.len() });
            None
        }
    };
    let layout = input.as_ref().and_then(layout);
    let side = input.as_ref().and_then(|input| {
        problems.extend(input_problem(input));
        let [height, _] = sides(input, layout?);
        u32::try_from(height?).ok()
    });

    let input_range = input.as_ref().and_then(|input| range::expected(&view, &input.name));
    #[cfg(feature = "tract")]
    problems.extend(refusal::problem(&graph.node).map(other));

    let file: Vec<(String, Vec<String>)> =
        graph.node.iter().map(|node| (node.op_type.clone(), node.output.clone())).collect();
    let metadata = metadata(&proto);
    let opset = onnx::opset(&proto);
    let producer = format!("{} {}", proto.producer_name, proto.producer_version).trim().into();
    // As it runs.
    let mut graph = proto.graph.unwrap_or_default();
    lower::rewrite(&mut graph, opset);
    let view = Graph::new(&graph);
    let lowered = lower::lower(&graph, &view);
    #[cfg(not(feature = "tract"))]
    if let ([], Some(Port { name, dtype, .. })) = (&*problems, &input) {
        let dtype = if *dtype == "uint8" { Dtype::Uint8 } else { Dtype::Float32 };
        let layout = layout.unwrap_or(Layout::Nchw);
        whole::check(&view, &lowered, (name, dtype, layout))
            .map_err(|why| Error::NeedsTract { detail: format!("{why:#}") })?;
    }
    let fused_layers = lowered.fused();
    Ok(Inspection {
        opset,
        producer,
        metadata,
        input,
        layout,
        side,
        input_range,
        outputs,
        nodes: file.len(),
        // Without a layer all of them run, those that nobody reads aside.
        lowered_nodes: if fused_layers == 0 { 0 } else { file.len() - lowered.left(&file) },
        fused_layers,
        problems,
    })
}

fn metadata(proto: &ModelProto) -> BTreeMap<String, String> {
    /// Entries, and bytes of each: those that name classes have far fewer.
    const MOST: (usize, usize) = (64, 4096);
    let short = |entry: &&StringStringEntryProto| entry.key.len() + entry.value.len() <= MOST.1;
    let entries = proto.metadata_props.iter().filter(short).take(MOST.0);
    entries.map(|entry| (entry.key.clone(), entry.value.clone())).collect()
}

/// The layout in which there are three channels; `None` where both or none have.
fn layout(input: &Port) -> Option<Layout> {
    match (input.dim(1), input.dim(3)) {
        (Some(3), channels) if channels != Some(3) => Some(Layout::Nchw),
        (channels, Some(3)) if channels != Some(3) => Some(Layout::Nhwc),
        _ => None,
    }
}

/// Height and width, as declared.
fn sides(input: &Port, layout: Layout) -> [Option<u64>; 2] {
    match layout {
        Layout::Nhwc => [input.dim(1), input.dim(2)],
        Layout::Nchw => [input.dim(2), input.dim(3)],
    }
}

fn input_problem(input: &Port) -> Option<Problem> {
    let port = input.to_string();
    if !matches!(input.dtype, "uint8" | "float32" | "float16" | "bfloat16" | "unknown") {
        return Some(Problem::InputType { port });
    }
    let shape = input.shape.as_ref()?;
    let most = u64::from(Input::MAX_PATCH_SIZE);
    let fits = |layout: Layout| {
        let channels = match layout {
            Layout::Nhwc => input.dim(3),
            Layout::Nchw => input.dim(1),
        };
        let [height, width] = sides(input, layout);
        channels.is_none_or(|channels| channels == 3)
            && [height, width].iter().flatten().all(|&side| side <= most)
            && height.is_none_or(|height| width.is_none_or(|width| width == height))
    };
    if shape.len() != 4 || ![Layout::Nhwc, Layout::Nchw].into_iter().any(fits) {
        return Some(Problem::InputShape { port, most });
    }
    onnx::batch_of_several(input).map(|batch| Problem::InputBatch { port, batch })
}
