//! A graph that is fused from end to end, as one program: it needs no tract to plan or to run it.
//!
//! tract's typed graph, its planner and the operators that it brings are two thirds of the browser
//! module. The int8 model uses none of them once it is lowered, so the edition of the module that
//! runs only such models is built without them (`docs/decisions/0008-two-editions.md`).

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, ensure};

use super::graph::{Graph, NodeExt};
use super::layer::{DOMAIN, LayerSpec};
use super::packed::{Constants, Nhwc, Packed};
use super::program::{Port, Program, Step, Value};
use super::proto::{DataType, GraphProto};

/// The program of a lowered graph, on one patch of `uint8 [1, patch_size, patch_size, 3]`.
///
/// # Errors
/// Names the first node that is no fused layer, or what does not fit: the graph may still run in
/// tract's operators.
pub(super) fn program(graph: &GraphProto, patch_size: usize) -> anyhow::Result<Program> {
    let view = Graph::new(graph);
    let input: Nhwc = [1, patch_size, patch_size, 3];
    let name = input_name(graph, &input)?;
    let mut values: HashMap<&str, (Value, Nhwc)> =
        HashMap::from([(name, (Value::Input(0), input))]);
    let mut ports: HashMap<&str, Port> = HashMap::new();
    let mut steps: Vec<Step> = Vec::new();
    for node in view.nodes {
        if node.onnx_type() == "Constant" {
            continue;
        }
        let what = || format!("node {:?}, a {}", node.name, node.op_type);
        ensure!(node.domain == DOMAIN, "{} is no fused layer", what());
        let spec = LayerSpec::from_node(node)?;
        let mut inputs = Vec::new();
        let mut shapes = Vec::new();
        for index in 0..spec.activations() {
            let tensor = node.input_at(index).with_context(what)?;
            let &(value, shape) = values.get(tensor).with_context(what)?;
            inputs.push(value);
            shapes.push(shape);
        }
        let shape = shapes[0];
        ensure!(shapes.iter().all(|other| *other == shape), "{}: {shapes:?}", what());
        if let LayerSpec::Conv(spec) = &spec {
            spec.output_size(shape[1], shape[2])?;
        }
        let constants = || {
            let tensor = |index| node.input_at(spec.activations() + index);
            let weights = tensor(0).and_then(|name| view.values(name)).with_context(what)?;
            let bias = tensor(1).map(|name| view.values(name).with_context(what)).transpose()?;
            Ok(Constants { weights, bias })
        };
        let layer = Arc::new(Packed::new(&spec, shape[3], constants)?);
        let step = Step { name: node.name.clone(), layer, inputs, shape };
        for (slot, output) in node.output.iter().enumerate() {
            ports.insert(output, Port { step: steps.len(), slot });
        }
        if !step.layer.is_head()
            && let Some(output) = node.output.first()
        {
            values.insert(output, (Value::Made(steps.len()), step.output_shape()));
        }
        steps.push(step);
    }
    let outputs = graph.output.iter().map(|output| {
        let port = ports.get(output.name.as_str());
        port.copied().with_context(|| format!("no layer makes the output {:?}", output.name))
    });
    let outputs = outputs.collect::<anyhow::Result<_>>()?;
    Program::new(steps, outputs)
}

/// Name of the graph's input, which must be able to take `expected`.
fn input_name<'a>(graph: &'a GraphProto, expected: &Nhwc) -> anyhow::Result<&'a str> {
    let constants: Vec<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
    let mut inputs = graph.input.iter().filter(|i| !constants.contains(&i.name.as_str()));
    let input = inputs.next().context("the graph has no input")?;
    let Some(tensor) = input.r#type.as_ref().and_then(|declared| declared.tensor_type.as_ref())
    else {
        return Ok(&input.name);
    };
    let dims = tensor.shape.as_ref().map(|shape| &shape.dim[..]);
    // The batch is ours to choose; a dimension with a symbol or without a value fits anything.
    let fits = dims.is_none_or(|dims| {
        dims.len() == expected.len()
            && dims.iter().zip(expected).skip(1).all(|(dim, &expected)| {
                dim.dim_value.is_none_or(|value| usize::try_from(value) == Ok(expected))
            })
    });
    ensure!(
        tensor.elem_type == DataType::Uint8 as i32 && fits,
        "its input is {tensor:?}; expected uint8 {expected:?}"
    );
    Ok(&input.name)
}
