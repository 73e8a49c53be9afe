//! ONNX bytes to a graph that tract can run, under limits: a model may come from anyone.

use tract_onnx::Onnx;
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::{Framework, TypedModel};
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_hir::infer::{Factoid, InferenceFact, InferenceModelExt};

use super::layer::DOMAIN;
use super::{Lowering, lower, operators, ops};
use crate::error::{Error, Result};

/// Largest model file, in bytes.
pub const MAX_MODEL_BYTES: usize = 256 << 20;
/// Most nodes in a graph; EfficientNet-Lite0 in QDQ form has about 500.
pub const MAX_NODES: usize = 20_000;

/// A typed model, not yet optimised, and how many layers of it were fused.
pub(super) struct Loaded {
    pub model: TypedModel,
    pub fused: usize,
}

/// Parses, lowers and types a model for `batch` patches of `patch_size` pixels a side.
///
/// # Errors
/// [`Error::ModelInvalid`].
pub(super) fn load(
    bytes: &[u8],
    batch: usize,
    patch_size: usize,
    lowering: Lowering,
) -> Result<Loaded> {
    if bytes.len() > MAX_MODEL_BYTES {
        return Err(Error::model(format!(
            "the file has {} bytes, the limit is {MAX_MODEL_BYTES}",
            bytes.len()
        )));
    }
    let mut framework = Onnx { op_register: operators::register(), ..Onnx::default() };
    ops::register(&mut framework.op_register);
    let attempt = |lowering| {
        let proto = framework
            .proto_model_for_read(&mut &bytes[..])
            .map_err(|error| Error::model(format!("it is not an ONNX file: {error:#}")))?;
        build(&framework, proto, batch, patch_size, lowering)
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
    patch_size: usize,
    lowering: Lowering,
) -> TractResult<Loaded> {
    let graph = proto.graph.as_mut().context("the file holds no graph")?;
    ensure!(
        graph.node.len() <= MAX_NODES,
        "the graph has {} nodes, the limit is {MAX_NODES}",
        graph.node.len()
    );
    let constants: std::collections::HashSet<&str> =
        graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
    let inputs = graph.input.iter().filter(|input| !constants.contains(input.name.as_str()));
    ensure!(inputs.count() == 1, "the graph must have exactly one input, the patches");

    // The fused operators trust what lowering has checked; a file has to bring ordinary ones.
    if let Some(node) = graph.node.iter().find(|node| node.domain == DOMAIN) {
        bail!("node {:?} is of the domain {DOMAIN:?}, which is the engine's own", node.name);
    }
    let fused = match lowering {
        Lowering::Fused => lower::lower(graph),
        Lowering::Stock => 0,
    };
    if let Some(graph) = &proto.graph {
        operators::check(&framework.op_register, graph)?;
    }
    let model = framework.model_for_proto_model(&proto)?;
    let shape = [batch, patch_size, patch_size, 3];
    let declared = model.input_fact(0)?;
    let dims: Vec<_> = declared.shape.dims().map(|dim| dim.concretize()).collect();
    // The batch is ours to choose; a dimension with a symbol or without a value fits anything.
    let fits = |(dim, wanted): (&Option<TDim>, &usize)| {
        dim.as_ref().is_none_or(|dim| dim.to_i64().map_or(true, |dim| dim == *wanted as i64))
    };
    ensure!(
        declared.datum_type().is_none_or(|dt| dt == u8::datum_type())
            && dims.len() == 4
            && dims[1..].iter().zip(&shape[1..]).all(fits),
        "its input is {declared:?}; expected uint8 [N, {patch_size}, {patch_size}, 3]"
    );
    let fact = InferenceFact::dt_shape(u8::datum_type(), shape);
    let model = model.with_input_fact(0, fact)?.into_typed()?;
    Ok(Loaded { model, fused })
}
