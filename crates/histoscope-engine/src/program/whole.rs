//! A graph that is fused from end to end, as one program: it needs no tract to plan or to run it.
//!
//! tract's typed graph, its planner and the operators that it brings are two thirds of the browser
//! module. The int8 model uses none of them once it is lowered, so the edition of the module that
//! runs only such models is built without them (`docs/decisions/0008-two-editions.md`).

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};

use crate::input::Input;
use crate::kernels::MapSize;
use crate::lower::{Layer, Lowered, Made, Node};
use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::GraphProto;
use crate::program::packed::{Constants, Packed};
use crate::program::{Exit, Step, Value};
use crate::{Choose, Output, chosen};

/// A program in parts, and the outputs that it hands out.
pub(crate) type Parts = (Vec<Step>, Vec<Exit>, Vec<Output>);

/// The parts of the program of `lowered`, the lowered form of `graph`, whose input is called `name`,
/// on one picture.
///
/// # Errors
/// Names the first node that is no fused layer, or what does not fit: the graph may still run in
/// tract's operators.
pub(crate) fn parts(
    graph: &GraphProto,
    view: &Graph<'_>,
    lowered: &Lowered<'_>,
    (name, input): (&str, &Input),
    choose: Choose<'_>,
) -> anyhow::Result<Parts> {
    ensure!(*input == Input::raw(input.patch_size), "its input is not made of raw pixels");
    // Seen before anything is packed: else a graph that goes to tract would be packed twice.
    let layers = layers(lowered)?;
    let side = input.patch_size as usize;
    let picture = (Value::Input(0), MapSize::new(side, side, 3)?);
    let mut values: HashMap<&str, (Value, MapSize)> = HashMap::from([(name, picture)]);
    let mut exits: HashMap<&str, Exit> = HashMap::new();
    let mut steps: Vec<Step> = Vec::new();
    for layer in layers {
        let step = step(layer, view, &values)?;
        for (slot, output) in layer.outputs.iter().enumerate() {
            exits.insert(output, Exit { step: steps.len(), slot });
        }
        if !step.layer.is_head()
            && let Some(output) = layer.outputs.first()
        {
            values.insert(output, (Value::Made(steps.len()), step.output()));
        }
        steps.push(step);
    }
    let mut found = Vec::new();
    let mut made = Vec::new();
    for output in &graph.output {
        let exit = exits.get(output.name.as_str());
        let exit = *exit.with_context(|| format!("no layer makes the output {:?}", output.name))?;
        let step = &steps[exit.step];
        let shape = step.layer.is_head().then(|| step.slot_shape(exit.slot));
        found.push(Output { name: output.name.clone(), shape });
        made.push(exit);
    }
    let (indices, outputs) = chosen(found, choose)?;
    let exits = indices.into_iter().map(|index| made[index]).collect();
    Ok((steps, exits, outputs))
}

/// The layers of a graph that has nothing else but constants.
fn layers<'a>(lowered: &'a Lowered<'a>) -> anyhow::Result<Vec<&'a Layer<'a>>> {
    let mut layers = Vec::new();
    for node in &lowered.nodes {
        match node {
            Node::Layer(layer) => layers.push(layer),
            Node::Kept(node) if node.onnx_type() == "Constant" => {}
            Node::Kept(node) => {
                bail!("node {:?}, a {}, is no fused layer", node.name, node.op_type)
            }
            Node::Transposed { from, .. } => bail!("{from:?} is read in two layouts"),
        }
    }
    Ok(layers)
}

fn step(
    layer: &Layer<'_>,
    view: &Graph<'_>,
    values: &HashMap<&str, (Value, MapSize)>,
) -> anyhow::Result<Step> {
    let name = layer.outputs.first().map_or("", String::as_str);
    let what = || format!("the layer that makes {name:?}");
    let inputs: Option<Vec<(Value, MapSize)>> =
        layer.inputs.iter().map(|tensor| values.get(tensor.as_str()).copied()).collect();
    let inputs = inputs.with_context(what)?;
    let size = inputs.first().with_context(what)?.1;
    ensure!(inputs.iter().all(|&(_, other)| other == size), "{}: its inputs differ", what());
    let constants = || {
        let mut names = layer.constants.iter();
        let weights = names.next().and_then(|name| view.bytes(name)).with_context(what)?;
        let bias = names.next().map(|name| view.values(name).with_context(what)).transpose()?;
        Ok(Constants { weights, bias })
    };
    let packed = Packed::new(&layer.spec, size.channels(), constants).with_context(what)?;
    let inputs = inputs.into_iter().map(|(value, _)| value).collect();
    let step = Step::new(name.into(), Arc::new(packed), inputs, size).with_context(what)?;
    let made = layer.made.clone();
    let real = made.iter().flat_map(|made| real_names(made, view)).collect();
    Ok(Step { made, real, ..step })
}

/// What the file calls the real numbers that the bytes of `made` stand for.
fn real_names(made: &Made, view: &Graph<'_>) -> Vec<String> {
    let readers = view.consumers(&made.tensor).iter().map(|&index| &view.nodes[index]);
    let same = readers.filter(|node| {
        let scale = node.input_at(1).and_then(|name| view.scalar::<f32>(name));
        let zero = node.input_at(2).map_or(Some(0), |name| view.scalar::<u8>(name));
        node.onnx_type() == "DequantizeLinear"
            && scale == Some(made.scale)
            && zero == Some(made.zero_point)
    });
    same.filter_map(|node| node.output.first().cloned()).collect()
}
