//! ONNX bytes to a lowered graph, under limits: a model may come from anyone.

mod constants;
pub(crate) mod graph;
#[cfg(feature = "tract")]
pub(crate) mod inspect;
pub(crate) mod port;
pub mod proto;

use anyhow::{bail, ensure};
use prost::Message;

use crate::error::{Error, Result};
use crate::input::Input;
use crate::lower;
use crate::onnx::port::Port;
use crate::onnx::proto::{DataLocation, GraphProto, ModelProto, NodeProto};
use crate::program::layer::{DOMAIN, FUSED};

/// Largest model file, in bytes.
pub const MAX_MODEL_BYTES: usize = 256 << 20;
/// Most nodes in a graph; EfficientNet-Lite0 in QDQ form has about 500.
pub const MAX_NODES: usize = 20_000;
/// Largest tensor between two nodes, in bytes: a graph of few bytes can ask for any number.
pub const MAX_TENSOR_BYTES: usize = 512 << 20;

/// A graph whose quantised islands are fused layers.
pub(crate) struct Lowered {
    pub proto: ModelProto,
    /// How many layers were fused.
    pub fused: usize,
}

/// Decodes a file.
///
/// # Errors
/// [`Error::Invalid`] if it is no ONNX, holds no graph, or is past a limit.
pub(crate) fn read(bytes: &[u8]) -> Result<ModelProto> {
    if bytes.len() > MAX_MODEL_BYTES {
        return Err(Error::invalid(format!(
            "the file has {} bytes, the limit is {MAX_MODEL_BYTES}",
            bytes.len()
        )));
    }
    let proto = ModelProto::decode(bytes)
        .map_err(|error| Error::invalid(format!("it is not an ONNX file: {error}")))?;
    // Protocol buffers have no mark at their beginning: other files may decode, to nothing.
    let Some(graph) = &proto.graph else {
        return Err(Error::invalid("it is not an ONNX file: it holds no graph"));
    };
    if graph.node.len() > MAX_NODES {
        return Err(Error::invalid(format!(
            "the graph has {} nodes, the limit is {MAX_NODES}",
            graph.node.len()
        )));
    }
    let external = DataLocation::External as i32;
    if graph.initializer.iter().any(|tensor| tensor.data_location == external) {
        return Err(Error::invalid(
            "its weights lie in another file; export it as one file, without external data",
        ));
    }
    Ok(proto)
}

/// The graph's inputs, without those that are constants.
pub(crate) fn inputs(graph: &GraphProto) -> Vec<Port> {
    let constants: std::collections::HashSet<&str> =
        graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter().filter(|input| !constants.contains(input.name.as_str()));
    inputs.map(Port::of).collect()
}

/// Why a graph cannot take the patches one by one, if so.
pub(crate) fn batch_problem(input: &Port) -> Option<String> {
    let batch = input.shape.as_ref()?.first().copied().flatten()?;
    (batch != 1).then(|| {
        format!(
            "its input is {input}, for {batch} pictures at once; export it for 1, or for any number"
        )
    })
}

/// Whether a graph takes one patch of `expected`, as far as it declares that, and holds no operator
/// of ours. Returns the name of its input.
///
/// # Errors
/// Says what is wrong with it.
pub(crate) fn check(graph: &GraphProto, expected: &Input) -> anyhow::Result<String> {
    let inputs = inputs(graph);
    let [input] = inputs.as_slice() else {
        bail!("the graph must have exactly one input, the patches; it has {}", inputs.len());
    };
    if let Some(problem) = batch_problem(input) {
        bail!(problem);
    }
    let (dtype, shape) = (expected.dtype.name(), expected.shape(1));
    ensure!(input.takes(dtype, &shape), "its input is {input}; expected {dtype} {shape:?}");
    // The fused operators trust what lowering has checked; a file has to bring ordinary ones. tract
    // finds a parser by the operator's name alone, whatever its domain.
    let is_ours = |node: &&NodeProto| node.domain == DOMAIN || FUSED.contains(&&*node.op_type);
    if let Some(node) = graph.node.iter().find(is_ours) {
        bail!("node {:?} is a {} of the engine's own domain {DOMAIN:?}", node.name, node.op_type);
    }
    Ok(input.name.clone())
}

/// Fuses what can be fused of a model that has been checked.
pub(crate) fn lower(mut proto: ModelProto) -> Lowered {
    let fused = proto.graph.as_mut().map_or(0, lower::lower);
    Lowered { proto, fused }
}
