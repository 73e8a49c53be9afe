//! A graph that is fused from end to end, as one program: it needs no tract to plan or to run it.
//!
//! tract's typed graph, its planner and the operators that it brings are two thirds of the browser
//! module. The int8 model uses none of them once it is lowered, so the edition of the module that
//! runs only such models is built without them (`docs/decisions/0008-two-editions.md`).

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};

use crate::input::Input;
use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::{GraphProto, NodeProto};
use crate::program::layer::{DOMAIN, LayerSpec};
use crate::program::packed::{Constants, Nhwc, Packed};
use crate::program::{Port, Program, Step, Value};
use crate::{Choose, Output, chosen};

/// The program of a lowered graph whose input is called `name`, on one picture, and the outputs that
/// it hands out.
///
/// # Errors
/// Names the first node that is no fused layer, or what does not fit: the graph may still run in
/// tract's operators.
pub(crate) fn program(
    graph: &GraphProto,
    name: &str,
    input: &Input,
    choose: Choose<'_>,
) -> anyhow::Result<(Program, Vec<Output>)> {
    ensure!(*input == Input::raw(input.patch_size), "its input is not made of raw pixels");
    let view = Graph::new(graph);
    let input: Nhwc = input.shape(1);
    // Seen before anything is packed: else a graph that goes to tract would be packed twice.
    let is_constant = |node: &NodeProto| node.onnx_type() == "Constant";
    let foreign = view.nodes.iter().find(|node| node.domain != DOMAIN && !is_constant(node));
    if let Some(node) = foreign {
        bail!("node {:?}, a {}, is no fused layer", node.name, node.op_type);
    }
    let mut values: HashMap<&str, (Value, Nhwc)> =
        HashMap::from([(name, (Value::Input(0), input))]);
    let mut ports: HashMap<&str, Port> = HashMap::new();
    let mut steps: Vec<Step> = Vec::new();
    for node in view.nodes.iter().filter(|node| !is_constant(node)) {
        let what = || format!("node {:?}, a {}", node.name, node.op_type);
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
        let step = Step::new(node.name.clone(), layer, inputs, shape)?;
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
    let mut found = Vec::new();
    let mut made = Vec::new();
    for output in &graph.output {
        let port = ports.get(output.name.as_str());
        let port = *port.with_context(|| format!("no layer makes the output {:?}", output.name))?;
        let step = &steps[port.step];
        let shape = step.layer.is_head().then(|| step.slot_shape(port.slot));
        found.push(Output { name: output.name.clone(), shape });
        made.push(port);
    }
    let (indices, outputs) = chosen(found, choose)?;
    let ports = indices.into_iter().map(|index| made[index]).collect();
    Ok((Program::new(steps, ports)?, outputs))
}
