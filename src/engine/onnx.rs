//! ONNX bytes to a lowered graph, under limits: a model may come from anyone.

use anyhow::{Context, bail, ensure};
use prost::Message;

use super::layer::DOMAIN;
use super::lower;
use super::proto::ModelProto;
use crate::error::{Error, Result};

/// Largest model file, in bytes.
pub const MAX_MODEL_BYTES: usize = 256 << 20;
/// Most nodes in a graph; EfficientNet-Lite0 in QDQ form has about 500.
pub const MAX_NODES: usize = 20_000;

/// A graph whose quantised islands are fused layers.
pub(super) struct Lowered {
    pub proto: ModelProto,
    /// How many layers were fused.
    pub fused: usize,
}

/// Parses and checks a model.
///
/// # Errors
/// [`Error::ModelInvalid`].
pub(super) fn parse(bytes: &[u8]) -> Result<ModelProto> {
    if bytes.len() > MAX_MODEL_BYTES {
        return Err(Error::model(format!(
            "the file has {} bytes, the limit is {MAX_MODEL_BYTES}",
            bytes.len()
        )));
    }
    let proto = ModelProto::decode(bytes)
        .map_err(|error| Error::model(format!("it is not an ONNX file: {error}")))?;
    check(&proto).map_err(|error| Error::model(format!("{error:#}")))?;
    Ok(proto)
}

fn check(proto: &ModelProto) -> anyhow::Result<()> {
    let graph = proto.graph.as_ref().context("the file holds no graph")?;
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
    Ok(())
}

/// Fuses what can be fused of a model from [`parse`].
pub(super) fn lower(mut proto: ModelProto) -> Lowered {
    let fused = proto.graph.as_mut().map_or(0, lower::lower);
    Lowered { proto, fused }
}
