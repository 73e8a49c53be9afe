//! Neighbouring fused layers as one tract operator: an island, whose activations lie in one buffer.
//!
//! Each layer enters tract as an island of its own ([`super::ops`]). [`gather`] joins neighbours, so
//! that a network that is lowered from end to end is a single operator, and nothing is allocated
//! between its layers: the buffer belongs to the thread and is kept from patch to patch.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use tract_onnx::tract_core::internal::*;

use super::arena::{Life, place};
use super::packed::{Nhwc, Packed};
use crate::kernels::scratch;

thread_local! {
    /// The activations of whichever island runs.
    static ARENA: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// An activation, as a step finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Value {
    /// From outside: input of that index.
    Input(usize),
    /// Made by the step of that index.
    Made(usize),
}

/// One layer of an island.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Of the tensor that the layer makes.
    pub name: String,
    pub layer: Arc<Packed>,
    inputs: TVec<Value>,
    /// Shape of the inputs.
    shape: Nhwc,
}

impl Step {
    fn output_shape(&self) -> Nhwc {
        self.layer.output_shape(self.shape)
    }

    /// Bytes of the activation that it makes; a head makes none.
    fn bytes(&self) -> usize {
        if self.layer.is_head() { 0 } else { self.output_shape().iter().product() }
    }

    /// Map and logits of a head.
    fn run_head(&self, x: &[u8]) -> TractResult<[Option<Tensor>; 2]> {
        let [n, h, w, classes] = self.output_shape();
        let mut map = vec![0.0; n * h * w * classes];
        let mut logits = vec![0.0; n * classes];
        self.layer.run_head(x, n, &mut map, &mut logits)?;
        let map = Tensor::from_shape(&[n, h, w, classes], &map)?;
        Ok([Some(map), Some(Tensor::from_shape(&[n, classes], &logits)?)])
    }
}

/// What an island hands out: `slot` of the step of that index. Only heads have two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Port {
    step: usize,
    slot: usize,
}

#[derive(Debug)]
struct Program {
    /// In the order in which they run.
    steps: Vec<Step>,
    outputs: Vec<Port>,
    /// Where the activation of each step lies in the buffer.
    places: Vec<Range<usize>>,
    /// Bytes of the buffer.
    arena: usize,
}

/// Fused layers with packed weights and what connects them.
#[derive(Debug, Clone)]
pub(super) struct Island(Arc<Program>);

impl Island {
    /// An island of one layer whose inputs have the shape `shape`.
    pub fn of(name: &str, layer: Packed, inputs: usize, shape: Nhwc) -> Self {
        let outputs = if layer.is_head() { 2 } else { 1 };
        let step = Step {
            name: name.into(),
            layer: Arc::new(layer),
            inputs: (0..inputs).map(Value::Input).collect(),
            shape,
        };
        let outputs = (0..outputs).map(|slot| Port { step: 0, slot }).collect();
        Self::new(vec![step], outputs)
    }

    fn new(steps: Vec<Step>, outputs: Vec<Port>) -> Self {
        let mut lives: Vec<Life> = steps
            .iter()
            .enumerate()
            .map(|(index, step)| Life { len: step.bytes(), from: index, to: index })
            .collect();
        for (index, step) in steps.iter().enumerate() {
            for &input in &step.inputs {
                if let Value::Made(maker) = input {
                    lives[maker].to = index;
                }
            }
        }
        for port in &outputs {
            lives[port.step].to = steps.len();
        }
        let (places, arena) = place(&lives);
        Self(Arc::new(Program { steps, outputs, places, arena }))
    }

    /// The layers in the order in which they run.
    pub fn steps(&self) -> &[Step] {
        &self.0.steps
    }
}

impl Program {
    fn output_shape(&self, port: Port) -> TVec<usize> {
        let [n, h, w, c] = self.steps[port.step].output_shape();
        if port.slot == 1 { tvec![n, c] } else { tvec![n, h, w, c] }
    }

    fn run(&self, inputs: &[&[u8]], arena: &mut [u8]) -> TractResult<TVec<TValue>> {
        let mut outputs: TVec<Option<Tensor>> = tvec![None; self.outputs.len()];
        for (index, step) in self.steps.iter().enumerate() {
            let place = &self.places[index];
            // What is read lies before or behind what is written, never in it: their lives overlap.
            let (before, rest) = arena.split_at_mut(place.start);
            let (out, behind) = rest.split_at_mut(place.len());
            let read = |value: &Value| match *value {
                Value::Input(input) => inputs[input],
                Value::Made(maker) => {
                    let at = &self.places[maker];
                    if at.end <= place.start {
                        &before[at.clone()]
                    } else {
                        &behind[at.start - place.end..at.end - place.end]
                    }
                }
            };
            match step.inputs.as_slice() {
                [x] if step.layer.is_head() => {
                    let mut results = step.run_head(read(x))?;
                    for (port, output) in self.outputs.iter().zip(&mut outputs) {
                        if port.step == index {
                            *output = results[port.slot].take();
                        }
                    }
                }
                [x] => step.layer.run(&[read(x)], step.shape, out)?,
                [a, b] => step.layer.run(&[read(a), read(b)], step.shape, out)?,
                other => bail!("a layer of {} inputs", other.len()),
            }
        }
        for (&port, output) in self.outputs.iter().zip(&mut outputs) {
            if output.is_none() {
                let bytes = &arena[self.places[port.step].clone()];
                *output = Some(Tensor::from_shape(&self.output_shape(port), bytes)?);
            }
        }
        Ok(outputs.into_iter().flatten().map(Tensor::into_tvalue).collect())
    }
}

// Two islands are the same operator only if they share their packed weights.
impl PartialEq for Island {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Island {}

impl Op for Island {
    fn name(&self) -> StaticName {
        "Int8Island".into()
    }

    fn info(&self) -> TractResult<Vec<String>> {
        let Self(program) = self;
        let layers = program.steps.iter().map(|step| step.layer.kernel_name().to_owned());
        Ok(layers.chain([format!("{} bytes of activations", program.arena)]).collect())
    }

    op_as_typed_op!();
}

impl TypedOp for Island {
    fn output_facts(&self, _inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let Self(program) = self;
        let facts = program.outputs.iter().map(|&port| {
            let shape = program.output_shape(port);
            let is_head = program.steps[port.step].layer.is_head();
            if is_head { f32::fact(&shape) } else { u8::fact(&shape) }
        });
        Ok(facts.collect())
    }

    as_op!();
}

impl EvalOp for Island {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let Self(program) = self;
        let views: TVec<_> =
            inputs.iter().map(|input| input.try_as_plain_ram()).collect::<TractResult<_>>()?;
        let slices: TVec<&[u8]> =
            views.iter().map(|view| view.as_slice::<u8>()).collect::<TractResult<_>>()?;
        scratch::with(&ARENA, program.arena, |arena| program.run(&slices, arena))
    }
}

/// Joins islands that follow each other in the order of evaluation.
///
/// Of such a run no path leaves that comes back, so it can take the place of its members.
///
/// # Errors
/// Only tract's own, for a graph that is not one.
pub(super) fn gather(model: &mut TypedModel) -> TractResult<()> {
    let order = model.eval_order()?;
    let is_island = |node: &usize| model.node(*node).op_is::<Island>();
    let runs: Vec<Vec<usize>> = order
        .chunk_by(|a, b| is_island(a) && is_island(b))
        .filter(|run| run.len() > 1)
        .map(<[usize]>::to_vec)
        .collect();
    for run in runs {
        join(model, &run)?;
    }
    Ok(())
}

/// Puts one island in the place of the islands `nodes`.
fn join(model: &mut TypedModel, nodes: &[usize]) -> TractResult<()> {
    let mut steps: Vec<Step> = Vec::new();
    let mut taken: Vec<OutletId> = Vec::new();
    let mut handed_out: Vec<(OutletId, Port)> = Vec::new();
    // What the members have made so far.
    let mut made: HashMap<OutletId, Port> = HashMap::new();
    for &id in nodes {
        let node = model.node(id);
        let Island(program) = node.op_as::<Island>().context("a run consists of islands")?;
        let first = steps.len();
        let mut value = |value: &Value| match *value {
            Value::Made(step) => Value::Made(first + step),
            Value::Input(input) => match made.get(&node.inputs[input]) {
                Some(port) => Value::Made(port.step),
                None => {
                    let outlet = node.inputs[input];
                    let known = taken.iter().position(|&other| other == outlet);
                    Value::Input(known.unwrap_or_else(|| {
                        taken.push(outlet);
                        taken.len() - 1
                    }))
                }
            },
        };
        let joined: Vec<Step> = program
            .steps
            .iter()
            .map(|step| Step {
                inputs: step.inputs.iter().map(&mut value).collect(),
                ..step.clone()
            })
            .collect();
        steps.extend(joined);
        for (slot, port) in program.outputs.iter().enumerate() {
            let outlet = OutletId::new(id, slot);
            let port = Port { step: first + port.step, ..*port };
            made.insert(outlet, port);
            let leaves = model.output_outlets()?.contains(&outlet)
                || node.outputs[slot].successors.iter().any(|inlet| !nodes.contains(&inlet.node));
            if leaves {
                handed_out.push((outlet, port));
            }
        }
    }
    let name = model.node(nodes[nodes.len() - 1]).name.clone();
    let island = Island::new(steps, handed_out.iter().map(|&(_, port)| port).collect());
    let mut patch = TypedModelPatch::default();
    let inputs = patch.taps(model, &taken)?;
    let outputs = patch.wire_node(name, island, &inputs)?;
    for (&(outlet, _), &by) in handed_out.iter().zip(&outputs) {
        patch.shunt_outside(model, outlet, by)?;
    }
    patch.apply(model)
}
