//! Neighbouring fused layers as one tract operator: an island in a graph that is not fused from end to end.
//!
//! Each layer enters tract as an island of its own ([`crate::planned::parsers`]). [`gather`] joins neighbours, so
//! that nothing is allocated and nothing is planned between them ([`crate::program`]).

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::tract_core::internal::*;

use crate::kernels::{MapSize, reals};
use crate::program::packed::Packed;
use crate::program::{Elements, Exit, Program, Step, Value};

/// Fused layers with packed weights and what connects them.
#[derive(Debug, Clone)]
pub(crate) struct Island(Arc<Program>);

impl Island {
    /// An island of one layer whose inputs have the size `size`.
    ///
    /// # Errors
    /// If what it makes would be too large.
    pub(super) fn of(name: &str, layer: Packed, inputs: usize, size: MapSize) -> TractResult<Self> {
        let outputs = if layer.is_head() { 2 } else { 1 };
        let inputs = (0..inputs).map(Value::Input).collect();
        let step = Step::new(name.into(), Arc::new(layer), inputs, size)?;
        let outputs = (0..outputs).map(|slot| Exit { step: 0, slot }).collect();
        Self::new(vec![step], outputs)
    }

    fn new(steps: Vec<Step>, outputs: Vec<Exit>) -> TractResult<Self> {
        Ok(Self(Arc::new(Program::new(steps, outputs)?)))
    }

    /// Products of a pass.
    pub(super) fn products(&self) -> u64 {
        self.0.products()
    }

    /// The layers in the order in which they run.
    pub(super) fn steps(&self) -> &[Step] {
        &self.0.steps
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
        let facts = program.outputs.iter().map(|&exit| {
            let shape = program.output_shape(exit);
            if program.is_real(exit) { f32::fact(&shape) } else { u8::fact(&shape) }
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
        let mut slices: TVec<&[u8]> = tvec![];
        for (view, input) in views.iter().zip(&inputs) {
            slices.push(if input.datum_type() == f32::datum_type() {
                reals::bytes(view.as_slice::<f32>()?)
            } else {
                view.as_slice::<u8>()?
            });
        }
        let mut outputs: TVec<Option<Tensor>> = tvec![None; program.outputs.len()];
        program.run(&slices, &mut |index, output| {
            let shape = program.output_shape(program.outputs[index]);
            outputs[index] = Some(match output {
                Elements::Real(values) => Tensor::from_shape(&shape, values)?,
                Elements::Bytes(values) => Tensor::from_shape(&shape, values)?,
            });
            Ok(())
        })?;
        Ok(outputs.into_iter().flatten().map(Tensor::into_tvalue).collect())
    }
}

/// Joins islands that follow each other in the order of evaluation.
///
/// Of such a run no path leaves that comes back, so it can take the place of its members.
///
/// # Errors
/// Only tract's own, for a graph that is not one.
pub(crate) fn gather(model: &mut TypedModel) -> TractResult<()> {
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
    let mut handed_out: Vec<(OutletId, Exit)> = Vec::new();
    // What the members have made so far.
    let mut made: HashMap<OutletId, Exit> = HashMap::new();
    for &id in nodes {
        let node = model.node(id);
        let Island(program) = node.op_as::<Island>().context("a run consists of islands")?;
        let first = steps.len();
        let mut value = |value: &Value| match *value {
            Value::Made(step) => Value::Made(first + step),
            Value::Input(input) => match made.get(&node.inputs[input]) {
                Some(exit) => Value::Made(exit.step),
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
            .map(|step| {
                let mut step = step.clone();
                step.inputs = step.inputs.iter().map(&mut value).collect();
                step
            })
            .collect();
        steps.extend(joined);
        for (slot, exit) in program.outputs.iter().enumerate() {
            let outlet = OutletId::new(id, slot);
            let exit = Exit { step: first + exit.step, ..*exit };
            made.insert(outlet, exit);
            let leaves = model.output_outlets()?.contains(&outlet)
                || node.outputs[slot].successors.iter().any(|inlet| !nodes.contains(&inlet.node));
            if leaves {
                handed_out.push((outlet, exit));
            }
        }
    }
    let name = model.node(nodes[nodes.len() - 1]).name.clone();
    let island = Island::new(steps, handed_out.iter().map(|&(_, exit)| exit).collect())?;
    let mut patch = TypedModelPatch::default();
    let inputs = patch.taps(model, &taken)?;
    let outputs = patch.wire_node(name, island, &inputs)?;
    for (&(outlet, _), &by) in handed_out.iter().zip(&outputs) {
        patch.shunt_outside(model, outlet, by)?;
    }
    patch.apply(model)
}
