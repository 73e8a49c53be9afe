//! tract's operators behind limits: what a graph asks for is measured before anything is made.
//!
//! While tract infers shapes it also computes what is constant, and it computes first and weighs
//! then: a scalar expanded to 16 GiB is made, and dropped for being too large. [`bound`] therefore
//! puts every operator into a [`Bounded`], which lets the operator say its shapes, holds them
//! against the limit, and lets it compute only what is small and linear in its size. A graph whose
//! sizes cannot be told before it runs is refused: the size of a picture is known here, so no
//! classifier has one.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tract_onnx::pb::{GraphProto, NodeProto};
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::konst::Const;
use tract_onnx::tract_core::optim::CONST_FOLD_MEM_BUDGET;
use tract_onnx::tract_hir::infer::{
    Factoid, InferenceFact, InferenceModel, InferenceNode, InferenceOp,
};

use crate::onnx::MAX_TENSOR_BYTES;
use crate::planned::budget::admit;
use crate::planned::divisions::Division;
use crate::planned::ranks::Axes;

/// Most bytes of constants that inference may compute in one graph, all of them together. What
/// shapes are computed from has a few kilobytes.
const MAX_FOLDED_BYTES: u64 = MAX_TENSOR_BYTES as u64;

/// Most bytes of numbers that are made real, or quantised, while shapes are inferred: those of channels, which some
/// operators want as constants. Weights may be made real later, and each operator has its own way of that.
const MAX_PARAMETER_BYTES: u64 = 64 << 10;

/// Operators that may be computed while shapes are inferred: those from which exporters compute
/// shapes and indices. All of them take a time that is linear in what they read and make.
const FOLDED: [&str; 60] = [
    "Abs",
    "Add",
    "And",
    "Cast",
    "CastLike",
    "Ceil",
    "Clip",
    "Concat",
    "ConstantOfShape",
    "Div",
    "Dropout",
    "Equal",
    "Exp",
    "Expand",
    "Flatten",
    "Floor",
    "Gather",
    "GatherElements",
    "GatherND",
    "Greater",
    "GreaterOrEqual",
    "Identity",
    "Less",
    "LessOrEqual",
    "Log",
    "Max",
    "Mean",
    "Min",
    "Mod",
    "Mul",
    "Neg",
    "NonZero",
    "Not",
    "OneHot",
    "Or",
    "Pad",
    "Pow",
    "Range",
    "Reciprocal",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "Reshape",
    "Round",
    "ScatterND",
    "Shape",
    "Sign",
    "Size",
    "Slice",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Tile",
    "Transpose",
    "Unsqueeze",
    "Where",
];

/// Puts every operator of a graph that was parsed behind limits.
///
/// # Errors
/// For attributes that no input could have.
pub(crate) fn bound(model: &mut InferenceModel, graph: &GraphProto) -> TractResult<()> {
    let folded = Arc::new(AtomicU64::new(0));
    let nodes: HashMap<&str, &NodeProto> = graph
        .node
        .iter()
        .filter_map(|node| Some((node.output.iter().find(|name| !name.is_empty())?, node)))
        .map(|(output, node)| (output.as_str(), node))
        .collect();
    for id in 0..model.nodes().len() {
        let node = model.node(id);
        if node.op_is::<Const>() || InferenceModel::is_source(&node.op) {
            continue;
        }
        let label = model.outlet_label(id.into()).unwrap_or_default();
        let proto = nodes.get(label).copied();
        let op_type = proto.map_or("", |proto| proto.op_type.as_str());
        let axes = proto.map(Axes::of).transpose();
        let bounded = Bounded {
            op: node.op.clone(),
            most_folded: match op_type {
                "DequantizeLinear" | "QuantizeLinear" => MAX_PARAMETER_BYTES,
                _ if FOLDED.contains(&op_type) => CONST_FOLD_MEM_BUDGET,
                _ => 0,
            },
            is_range: op_type == "Range",
            division: Division::of(op_type),
            axes: axes.with_context(|| format!("{op_type} {label:?}"))?.unwrap_or_default(),
            folded: folded.clone(),
        };
        model.node_mut(id).op = Box::new(bounded);
    }
    Ok(())
}

/// An operator of tract's that makes nothing past the limits.
#[derive(Debug, Clone)]
struct Bounded {
    op: Box<dyn InferenceOp>,
    /// Most bytes that it may compute while shapes are inferred.
    most_folded: u64,
    is_range: bool,
    division: Division,
    axes: Axes,
    /// How much of that the whole graph has computed, in bytes.
    folded: Arc<AtomicU64>,
}

type Facts = TVec<InferenceFact>;

impl Bounded {
    /// Checks the length of a Range, which tract infers in whole numbers and makes in any.
    fn check_range(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        if !self.is_range {
            return Ok(());
        }
        let mut numbers = tvec![];
        for input in inputs {
            let Some(value) = input.value.concretize() else { return Ok(()) };
            ensure!(value.volume() == 1, "Range: {value:?} is not one number");
            numbers.push(value.cast_to_scalar::<f64>()?);
        }
        let [start, end, step] = numbers[..] else { bail!("Range takes three numbers") };
        let length = ((end - start) / step).ceil();
        ensure!(
            length.is_finite() && length <= (MAX_TENSOR_BYTES / size_of::<i64>()) as f64,
            "Range from {start} to {end} by {step} has no length, or one past the limit"
        );
        Ok(())
    }

    /// Checks axes, ranks and places, as far as they are known.
    fn check_axes(&self, inputs: &[&InferenceFact], outputs: &[&InferenceFact]) -> TractResult<()> {
        let rank_of = |fact: &&InferenceFact| {
            let rank = fact.shape.rank().concretize()?;
            usize::try_from(rank).ok()
        };
        // tract concludes from what is made to what is read, too.
        for rank in inputs.iter().take(1).chain(outputs.iter().take(1)).filter_map(rank_of) {
            self.axes.check_channels(rank)?;
        }
        let rank = |input: usize| inputs.get(input).and_then(rank_of);
        self.axes.check_factors(rank)?;
        let Some(rank) = rank(0) else { return Ok(()) };
        let given = if self.axes.come_by_input() { numbers(inputs.get(1))? } else { vec![] };
        self.axes.check(rank, &given)?;
        let shape = inputs[0].shape.concretize();
        let shape: Option<Vec<i64>> =
            shape.and_then(|shape| shape.iter().map(|dim| dim.as_i64()).collect());
        match shape {
            Some(shape) if self.axes.looks_up() => {
                self.axes.check_places(&shape, &numbers(inputs.get(1))?)
            }
            _ => Ok(()),
        }
    }

    /// Whether the operator may compute its outputs now, whose facts are `outputs`.
    fn may_fold(&self, inputs: &[InferenceFact], outputs: &[InferenceFact]) -> TractResult<bool> {
        let bytes_of = |facts: &[InferenceFact]| {
            facts.iter().map(bytes).try_fold(0_u64, |all, bytes| all.checked_add(bytes?))
        };
        let is_known = |fact: &InferenceFact| fact.value.concretize().is_some();
        if self.most_folded == 0 || inputs.is_empty() || !inputs.iter().all(is_known) {
            return Ok(false);
        }
        // Of what it cannot tell the length beforehand, NonZero is the only one here: for each
        // element it makes at most one index an axis.
        let made = match bytes_of(outputs) {
            Some(bytes) => bytes,
            None => match bytes_of(inputs) {
                Some(bytes) => bytes.saturating_mul(64),
                None => return Ok(false),
            },
        };
        if made > self.most_folded {
            return Ok(false);
        }
        let all = self.folded.fetch_add(made, Ordering::Relaxed) + made;
        ensure!(
            all <= MAX_FOLDED_BYTES,
            "its constants make more than {MAX_FOLDED_BYTES} bytes of others"
        );
        Ok(true)
    }
}

/// The whole numbers of a constant; none of what is not known.
fn numbers(fact: Option<&&InferenceFact>) -> TractResult<Vec<i64>> {
    let Some(value) = fact.and_then(|fact| fact.value.concretize()) else { return Ok(vec![]) };
    Ok(value.cast_to::<i64>()?.try_as_plain_ram()?.as_slice::<i64>()?.to_vec())
}

/// Bytes of a tensor; `None` if its type or shape is not known, or has a symbol.
fn bytes(fact: &InferenceFact) -> Option<u64> {
    let dt = fact.datum_type.concretize()?;
    let shape = fact.shape.concretize()?;
    shape.iter().try_fold(dt.size_of() as u64, |all, dim| {
        all.checked_mul(u64::try_from(dim.as_i64()?).ok()?)
    })
}

// No operator of a graph is compared with another before it is typed.
impl PartialEq for Bounded {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

impl Eq for Bounded {}

impl Op for Bounded {
    fn name(&self) -> StaticName {
        self.op.name()
    }

    fn validation(&self) -> Validation {
        self.op.validation()
    }

    fn info(&self) -> TractResult<Vec<String>> {
        self.op.info()
    }

    not_a_typed_op!();
}

impl EvalOp for Bounded {
    fn eval(&self, ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        self.op.eval(ctx, inputs)
    }

    fn eval_out_of_plan(&self, inputs: TVec<TValue>) -> TractResult<Option<TVec<TValue>>> {
        self.op.eval_out_of_plan(inputs)
    }

    fn state(&self, ctx: &EvalContext) -> TractResult<Option<Box<dyn OpState>>> {
        self.op.state(ctx)
    }
}

impl InferenceOp for Bounded {
    fn infer(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<(Facts, Facts, Facts)> {
        self.check_range(&inputs)?;
        self.division.check(&inputs).with_context(|| self.op.name().into_owned())?;
        self.check_axes(&inputs, &outputs).with_context(|| self.op.name().into_owned())?;
        let facts = self.infer_facts(inputs.clone(), outputs.clone(), observed.clone())?;
        for output in &facts.1 {
            let (dt, shape) = (output.datum_type.concretize(), output.shape.concretize());
            if let Some(shape) = shape {
                admit(&self.op.name(), dt.unwrap_or(u8::datum_type()), &shape)?;
            }
        }
        if self.may_fold(&facts.0, &facts.1)? {
            self.op.infer(inputs, outputs, observed)
        } else {
            Ok(facts)
        }
    }

    fn infer_facts(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<(Facts, Facts, Facts)> {
        self.op.infer_facts(inputs, outputs, observed)
    }

    fn observe_outlets(
        &self,
        model: &InferenceModel,
        node: &InferenceNode,
    ) -> TractResult<Vec<OutletId>> {
        self.op.observe_outlets(model, node)
    }

    fn nboutputs(&self) -> TractResult<usize> {
        self.op.nboutputs()
    }

    fn as_op(&self) -> &dyn Op {
        self.op.as_op()
    }

    fn as_op_mut(&mut self) -> &mut dyn Op {
        self.op.as_op_mut()
    }

    fn to_typed(
        &self,
        source: &InferenceModel,
        node: &InferenceNode,
        target: &mut TypedModel,
        mapping: &HashMap<OutletId, OutletId>,
    ) -> TractResult<TVec<OutletId>> {
        for output in &node.outputs {
            let (dt, shape) = (output.fact.datum_type.concretize(), output.fact.shape.concretize());
            let (Some(dt), Some(shape)) = (dt, shape) else {
                bail!("the shape of what it makes cannot be told before it runs");
            };
            admit(&node.name, dt, &shape)?;
        }
        if self.is_range {
            let inputs: TVec<&InferenceFact> = node
                .inputs
                .iter()
                .map(|&input| source.outlet_fact(input))
                .collect::<TractResult<_>>()?;
            ensure!(
                inputs.iter().all(|input| input.value.concretize().is_some()),
                "a Range is made of constants only"
            );
            self.check_range(&inputs)?;
        }
        let inputs: TVec<OutletId> = node.inputs.iter().map(|input| mapping[input]).collect();
        self.division.check_typed(target, &inputs).with_context(|| node.name.clone())?;
        self.op.to_typed(source, node, target, mapping)
    }
}
