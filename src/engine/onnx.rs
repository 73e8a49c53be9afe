//! ONNX bytes to a graph that tract can run, under limits: a model may come from anyone.

use tract_onnx::Onnx;
use tract_onnx::pb::tensor_proto::DataLocation;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto};
use tract_onnx::prelude::{Framework, TypedModel};
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_hir::infer::{InferenceFact, InferenceModelExt};

use super::input::Converter;
use super::inspect::Port;
use super::layer::{DOMAIN, FUSED};
use super::output::Reader;
use super::{Lowering, lower, operators, ops};
use crate::error::{Error, Result};
use crate::manifest::Outputs;

/// Largest model file, in bytes.
pub const MAX_MODEL_BYTES: usize = 256 << 20;
/// Most nodes in a graph; EfficientNet-Lite0 in QDQ form has about 500.
pub const MAX_NODES: usize = 20_000;
/// Largest tensor between two nodes, in bytes: a graph of few bytes can ask for any number.
pub const MAX_TENSOR_BYTES: usize = 512 << 20;

/// A typed model, not yet optimised, how many layers of it were fused, and how to read its outputs.
pub(super) struct Loaded {
    pub model: TypedModel,
    pub fused: usize,
    pub reader: Reader,
}

/// Decodes a file.
///
/// # Errors
/// [`Error::ModelInvalid`] if it is no ONNX, holds no graph, or is past a limit.
pub(super) fn read(bytes: &[u8]) -> Result<ModelProto> {
    if bytes.len() > MAX_MODEL_BYTES {
        return Err(Error::model(format!(
            "the file has {} bytes, the limit is {MAX_MODEL_BYTES}",
            bytes.len()
        )));
    }
    let proto = Onnx::default()
        .proto_model_for_read(&mut &bytes[..])
        .map_err(|error| Error::model(format!("it is not an ONNX file: {error:#}")))?;
    // Protocol buffers have no mark at their beginning: other files may decode, to nothing.
    let Some(graph) = &proto.graph else {
        return Err(Error::model("it is not an ONNX file: it holds no graph"));
    };
    if graph.node.len() > MAX_NODES {
        return Err(Error::model(format!(
            "the graph has {} nodes, the limit is {MAX_NODES}",
            graph.node.len()
        )));
    }
    let external = |location| location == Some(DataLocation::External as i32);
    if graph.initializer.iter().any(|tensor| external(tensor.data_location)) {
        return Err(Error::model(
            "its weights lie in another file; export it as one file, without external data",
        ));
    }
    Ok(proto)
}

/// The graph's inputs, without those that are constants.
pub(super) fn inputs(graph: &GraphProto) -> Vec<Port> {
    let constants: std::collections::HashSet<&str> =
        graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter().filter(|input| !constants.contains(input.name.as_str()));
    inputs.map(Port::of).collect()
}

/// Why a graph cannot take the patches one by one, if so.
pub(super) fn batch_problem(input: &Port) -> Option<String> {
    let batch = input.shape.as_ref()?.first().copied().flatten()?;
    (batch != 1).then(|| {
        format!(
            "its input is {input}, for {batch} pictures at once; export it for 1, or for any number"
        )
    })
}

/// Parses, lowers and types a model for `batch` patches.
///
/// # Errors
/// [`Error::ModelInvalid`].
pub(super) fn load(
    bytes: &[u8],
    batch: usize,
    converter: &Converter,
    outputs: &Outputs,
    lowering: Lowering,
) -> Result<Loaded> {
    let mut framework = Onnx { op_register: operators::register(), ..Onnx::default() };
    ops::register(&mut framework.op_register);
    let attempt = |lowering| {
        build(&framework, read(bytes)?, batch, converter, outputs, lowering)
            .map_err(|error| Error::model(format!("{error:#}")))
    };
    // A layer that tract refuses, for its shapes say, may run unfused. If that fails as well, its
    // error speaks of what the file holds.
    attempt(lowering).or_else(|error| match lowering {
        Lowering::Fused => attempt(Lowering::Stock),
        Lowering::Stock => Err(error),
    })
}

fn build(
    framework: &Onnx,
    mut proto: ModelProto,
    batch: usize,
    converter: &Converter,
    outputs: &Outputs,
    lowering: Lowering,
) -> TractResult<Loaded> {
    let graph = proto.graph.as_mut().context("the file holds no graph")?;
    let inputs = inputs(graph);
    let [input] = inputs.as_slice() else {
        bail!("the graph must have exactly one input, the patches; it has {}", inputs.len());
    };
    let wanted = (converter.dtype(), converter.shape(batch));
    if let Some(problem) = batch_problem(input) {
        bail!(problem);
    }
    ensure!(
        input.takes(wanted.0, &wanted.1),
        "its input is {input}; the manifest says {} {:?}",
        wanted.0,
        wanted.1
    );

    // The fused operators trust what lowering has checked; a file has to bring ordinary ones. tract
    // finds a parser by the operator's name alone, whatever its domain.
    let is_ours = |node: &&NodeProto| node.domain == DOMAIN || FUSED.contains(&&*node.op_type);
    if let Some(node) = graph.node.iter().find(is_ours) {
        bail!("node {:?} is a {} of the engine's own domain {DOMAIN:?}", node.name, node.op_type);
    }
    let names: Vec<String> = graph.output.iter().map(|output| output.name.clone()).collect();
    let fused = match lowering {
        Lowering::Fused => lower::lower(graph),
        Lowering::Stock => 0,
    };
    if let Some(graph) = &proto.graph {
        operators::check(&framework.op_register, graph)?;
    }
    let fact = InferenceFact::dt_shape(converter.datum_type(), wanted.1);
    let model = framework.model_for_proto_model(&proto)?.with_input_fact(0, fact)?;
    let mut model = model.into_typed()?;
    check_sizes(&model)?;
    let reader = Reader::choose(&mut model, &names, outputs, batch)?;
    Ok(Loaded { model, fused, reader })
}

/// Refuses a graph that would need more memory than any classifier does.
fn check_sizes(model: &TypedModel) -> TractResult<()> {
    for node in model.nodes() {
        for output in &node.outputs {
            let fact = &output.fact;
            let Some(shape) = fact.shape.as_concrete() else { continue };
            let bytes =
                shape.iter().try_fold(fact.datum_type.size_of(), |all, &dim| all.checked_mul(dim));
            ensure!(
                bytes.is_some_and(|bytes| bytes <= MAX_TENSOR_BYTES),
                "node {:?} makes a tensor {shape:?}; the limit is {MAX_TENSOR_BYTES} bytes",
                node.name
            );
        }
    }
    Ok(())
}
