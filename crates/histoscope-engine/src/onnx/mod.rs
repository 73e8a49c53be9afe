//! Reads ONNX files under limits: a model may come from anyone.

pub(crate) mod constants;
pub(crate) mod external;
mod folded;
pub(crate) mod foreign;
pub(crate) mod graph;
pub mod head;
pub(crate) mod inspect;
pub(crate) mod names;
pub(crate) mod port;
pub(crate) mod problem;
pub mod proto;
mod range;
pub(crate) mod tensors;
mod weigh;

use std::collections::HashSet;

use anyhow::{bail, ensure};
use prost::Message;

use crate::error::{Error, Result};
use crate::input::Input;
use crate::onnx::port::Port;
use crate::onnx::problem::Problem;
use crate::onnx::proto::{GraphProto, ModelProto, NodeProto, OperatorSetIdProto};

/// Domain of the fused layers, where they are written as nodes.
pub(crate) const DOMAIN: &str = "histoscope";
/// The domain of the operators that ONNX Runtime adds to those of ONNX.
pub(crate) const MICROSOFT: &str = "com.microsoft";
/// Their operators: a convolution, a sum, a classifier on every pixel, one behind the mean; those of real
/// numbers that are quantised as they come; a pooling.
pub(crate) const FUSED: [&str; 8] = [
    "Int8Conv",
    "Int8Add",
    "Int8Head",
    "Int8Pooled",
    "Int8Dynamic",
    "Int8RealAdd",
    "Int8DynamicPooled",
    "Int8MaxPool",
];

/// Oldest version of ONNX's operators that is read.
pub const MIN_OPSET: i64 = 9;
/// Largest model file, in bytes.
pub const MAX_MODEL_BYTES: usize = 256 << 20;
/// Most nodes in a graph; EfficientNet-Lite0 in QDQ form has about 500.
///
/// What tract plans takes a time that grows with the square of the nodes that its optimiser makes:
/// it compares each with all others, by operator and by name. In a build for tests a chain of sums
/// with constants takes 0.4 s for 500 of them, 1.7 s for 1,000 and 18 s for 4,000; a chain of as
/// many activations, in which it changes nothing, 0.2 s.
pub const MAX_NODES: usize = 20_000;
/// Most constants of a graph that are no nodes; EfficientNet-Lite0 in QDQ form has about 700. tract
/// compares each with all others.
pub const MAX_INITIALISERS: usize = 20_000;
/// Most memory that the messages of a file may take, in bytes: short ones become a hundred times as
/// large as they are in the file.
pub const MAX_DECODED_BYTES: usize = 1 << 30;
/// Largest tensor between two nodes, in bytes: a graph of few bytes can ask for any number.
pub const MAX_TENSOR_BYTES: usize = 512 << 20;

/// Decodes a file and checks its tensors.
///
/// # Errors
/// As [`decode`]; [`Error::DataMissing`] if weights lie in other files; [`Error::Invalid`] for a
/// tensor that cannot be used.
pub(crate) fn read(bytes: &[u8]) -> Result<ModelProto> {
    let mut proto = decode(bytes)?;
    if let Some(file) = external::first_file(&mut proto)? {
        return Err(Error::DataMissing { file });
    }
    proto.graph.iter().try_for_each(tensors::check).map_err(Error::invalid)?;
    Ok(proto)
}

/// Decodes a file, whose weights may lie in others.
///
/// # Errors
/// [`Error::NotOnnx`] for a file of another kind; [`Error::Invalid`] if it is no ONNX, holds no
/// graph, or is past a limit.
pub(crate) fn decode(bytes: &[u8]) -> Result<ModelProto> {
    if let Some(kind) = foreign::recognise(bytes) {
        return Err(Error::NotOnnx { kind });
    }
    if bytes.len() > MAX_MODEL_BYTES {
        return Err(Error::invalid(format!(
            "the file has {} bytes, the limit is {MAX_MODEL_BYTES}",
            bytes.len()
        )));
    }
    let not_onnx = |why: String| match foreign::guess(bytes) {
        Some(kind) => Error::NotOnnx { kind },
        None => Error::invalid(format!("it is not an ONNX file: {why}")),
    };
    match weigh::model(bytes, MAX_DECODED_BYTES) {
        Ok(_) => {}
        Err(weigh::Refused::Malformed) => {
            return Err(not_onnx("it is no protocol buffer".into()));
        }
        Err(weigh::Refused::TooHeavy) => {
            return Err(Error::invalid(format!(
                "decoding it would take more than {MAX_DECODED_BYTES} bytes"
            )));
        }
    }
    let proto = ModelProto::decode(bytes).map_err(|error| not_onnx(error.to_string()))?;
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
    Ok(proto)
}

/// The graph's inputs, without those that are constants.
pub(crate) fn inputs(graph: &GraphProto) -> Vec<Port> {
    let constants: HashSet<&str> =
        graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter().filter(|input| !constants.contains(input.name.as_str()));
    inputs.map(Port::of).collect()
}

/// The size of the batches that an input is made for, if that is another than 1.
pub(crate) fn batch_of_several(input: &Port) -> Option<u64> {
    let batch = input.shape.as_ref()?.first().copied().flatten()?;
    (batch != 1).then_some(batch)
}

/// Version of ONNX's own operators that a file says it has.
pub(crate) fn opset(proto: &ModelProto) -> Option<i64> {
    let own = |opset: &&OperatorSetIdProto| matches!(opset.domain.as_str(), "" | "ai.onnx");
    proto.opset_import.iter().find(own).map(|opset| opset.version)
}

/// Why the operators of a file are not those that are read here, if so: older ones have other
/// attributes under the same names.
pub(crate) fn opset_problem(proto: &ModelProto) -> Option<String> {
    match opset(proto) {
        Some(version) if version >= MIN_OPSET => None,
        Some(version) => Some(format!(
            "its operators are those of opset {version}; export it with opset {MIN_OPSET} or later"
        )),
        None => Some(format!(
            "it does not say of which opset its operators are; export it with opset {MIN_OPSET} or \
             later"
        )),
    }
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
    if let Some(batch) = batch_of_several(input) {
        bail!(Problem::InputBatch { port: input.to_string(), batch }.to_string());
    }
    let (dtype, shape) = (expected.dtype.name(), expected.shape(1));
    ensure!(input.takes(dtype, &shape), "its input is {input}; expected {dtype} {shape:?}");
    // The fused operators trust what lowering has checked; a file has to bring ordinary ones. tract
    // finds a parser by the operator's name alone, whatever its domain.
    let is_ours = |node: &&NodeProto| node.domain == DOMAIN || FUSED.contains(&&*node.op_type);
    if let Some(node) = graph.node.iter().find(is_ours) {
        bail!("node {:?} is a {} of the engine's own domain {DOMAIN:?}", node.name, node.op_type);
    }
    made_once(graph)?;
    Ok(input.name.clone())
}

/// Whether every tensor of a graph comes from one place: else it would depend on the reader which
/// of them a node reads.
fn made_once(graph: &GraphProto) -> anyhow::Result<()> {
    let mut made: HashSet<&str> = graph.input.iter().map(|input| input.name.as_str()).collect();
    // A constant may be declared as an input, too, which gives it a default.
    made.extend(graph.initializer.iter().map(|tensor| tensor.name.as_str()));
    let outputs = graph.node.iter().flat_map(|node| &node.output);
    for output in outputs.filter(|output| !output.is_empty()) {
        ensure!(made.insert(output), "the tensor {output:?} is made twice");
    }
    Ok(())
}
