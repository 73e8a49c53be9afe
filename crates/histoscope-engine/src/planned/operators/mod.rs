//! The ONNX operators that image classifiers use, and no others, for tract's parser.
//!
//! `tract_onnx::onnx()` registers every operator there is, recurrent networks, Fourier transforms
//! and decision trees among them, and so the linker can drop none: half of the browser module
//! would be operators that no classifier has (`docs/decisions/0003-module-size.md`). Its parsers
//! are private to it, so these are our own, on the operators of tract-hir.
//!
//! # Constants
//!
//! ONNX moved many attributes into inputs over time: the axes of a Squeeze, the bounds of a Clip.
//! In classifiers they are always constants, so they are read when the graph is parsed
//! ([`Operator::constant`]) and one implementation serves every operator set. An input that would
//! have to be computed is an error that says so.

use std::collections::BTreeSet;

use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_hir::infer::{InferenceOp, InferenceResult, Solver, TensorProxy};
use tract_onnx::tract_hir::ops::expandable::{Expansion, expand};

use crate::onnx::FUSED;

mod arithmetic;
mod convolution;
mod quantisation;
mod reduction;
mod shape;

/// What a parser returns: the operator, and the names that it takes from the graph around it.
type Parsed = TractResult<(Box<dyn InferenceOp>, Vec<String>)>;

/// Every operator of this module.
pub(crate) fn register() -> OnnxOpRegister {
    let mut register = OnnxOpRegister::default();
    arithmetic::register(&mut register);
    convolution::register(&mut register);
    quantisation::register(&mut register);
    reduction::register(&mut register);
    shape::register(&mut register);
    register
}

/// Whether every node of `graph` has a parser in `register`.
///
/// # Errors
/// As [`unsupported`].
pub(super) fn check(register: &OnnxOpRegister, graph: &GraphProto) -> TractResult<()> {
    missing(register, op_types(graph)).map_or(Ok(()), |problem| Err(anyhow!(problem)))
}

/// Names the operators of a file that have no parser, and those that have; `None` if all have.
pub(crate) fn unsupported<'a>(op_types: impl Iterator<Item = &'a str>) -> Option<String> {
    missing(&register(), op_types)
}

fn op_types(graph: &GraphProto) -> impl Iterator<Item = &str> {
    graph.node.iter().map(|node| node.op_type.as_str())
}

fn missing<'a>(
    register: &OnnxOpRegister,
    op_types: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let unknown: BTreeSet<&str> =
        op_types.filter(|op_type| !register.0.contains_key(*op_type)).collect();
    if unknown.is_empty() {
        return None;
    }
    // A hostile file may have any number of them, of any length.
    let unknown: Vec<String> =
        unknown.into_iter().take(8).map(|name| name.chars().take(40).collect()).collect();
    let mut known: Vec<&str> = register.0.keys().map(String::as_str).collect();
    known.retain(|name| !FUSED.contains(name));
    known.sort_unstable();
    Some(format!(
        "it has operators that image classifiers seldom have, {}; export it with {}",
        unknown.join(", "),
        known.join(", ")
    ))
}

/// An operator that takes all inputs of its node.
fn plain(op: impl Expansion) -> Parsed {
    Ok((expand(op), vec![]))
}

/// An operator that takes the first input; the others were constants, and `op` has read them.
fn first(op: impl Expansion) -> Parsed {
    plain(First(Box::new(op)))
}

/// An operator of one input whose output has the input's shape; other inputs of its node were
/// constants. `dt` is the type of the output where it is not that of the input, and
/// `wire(prefix, model, input)` does the work.
fn elementwise(
    name: &'static str,
    dt: Option<DatumType>,
    wire: impl Fn(&str, &mut TypedModel, OutletId) -> TractResult<TVec<OutletId>>
    + Send
    + Sync
    + 'static,
) -> Parsed {
    first(Elementwise { name, dt, wire: Arc::new(wire) })
}

/// A node while it is parsed.
#[derive(Clone, Copy)]
struct Operator<'a> {
    context: &'a ParsingContext<'a>,
    node: &'a NodeProto,
}

impl<'a> Operator<'a> {
    fn new(context: &'a ParsingContext<'a>, node: &'a NodeProto) -> Self {
        Self { context, node }
    }

    /// The constant that is input `index`, cast to `T`; `None` where the input is left out.
    ///
    /// # Errors
    /// If the input is no constant.
    fn constant<T: Datum + Copy>(self, index: usize) -> TractResult<Option<Vec<T>>> {
        let Some(name) = self.node.input.get(index).filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let tensor = self.tensor(name)?.with_context(|| {
            format!("{}: input {index}, {name:?}, must be a constant", self.node.op_type)
        })?;
        let tensor = tensor.cast_to::<T>()?;
        Ok(Some(tensor.try_as_plain_ram()?.as_slice::<T>()?.to_vec()))
    }

    /// Integers that are input `index` in newer operator sets and attribute `name` in older ones.
    fn integers(self, index: usize, name: &str) -> TractResult<Option<Vec<i64>>> {
        match self.constant(index)? {
            Some(values) => Ok(Some(values)),
            None => self.node.get_attr_opt_vec(name),
        }
    }

    fn tensor(self, name: &str) -> TractResult<Option<Tensor>> {
        let graph = self.context.parent_graphs.last().context("a node is part of a graph")?;
        if let Some(proto) = graph.initializer.iter().find(|tensor| tensor.name == name) {
            return self.context.load_tensor(proto).map(Some);
        }
        let is_maker = |node: &&NodeProto| node.output.iter().any(|output| output == name);
        match graph.node.iter().find(is_maker) {
            Some(node) if node.op_type == "Constant" => {
                Operator { node, ..self }.constant_value().map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The value of a Constant.
    fn constant_value(self) -> TractResult<Tensor> {
        let node = self.node;
        Ok(if let Some(value) = node.get_attr_opt::<&TensorProto>("value")? {
            self.context.load_tensor(value)?
        } else if let Some(value) = node.get_attr_opt::<i64>("value_int")? {
            tensor0(value)
        } else if let Some(value) = node.get_attr_opt::<f32>("value_float")? {
            tensor0(value)
        } else if let Some(values) = node.get_attr_opt_slice::<i64>("value_ints")? {
            tensor1(values)
        } else if let Some(values) = node.get_attr_opt_slice::<f32>("value_floats")? {
            tensor1(values)
        } else {
            bail!("a Constant holds a tensor or numbers")
        })
    }

    /// The operator set that the file was written for.
    fn set(self) -> i64 {
        self.context.onnx_operator_set_version
    }
}

/// See [`elementwise`].
#[derive(Clone)]
struct Elementwise {
    name: &'static str,
    dt: Option<DatumType>,
    wire: Arc<Wire>,
}

type Wire = dyn Fn(&str, &mut TypedModel, OutletId) -> TractResult<TVec<OutletId>> + Send + Sync;

impl std::fmt::Debug for Elementwise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {:?}", self.name, self.dt)
    }
}

impl Expansion for Elementwise {
    fn name(&self) -> StaticName {
        self.name.into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        match self.dt {
            Some(dt) => s.equals(&outputs[0].datum_type, dt)?,
            None => s.equals(&inputs[0].datum_type, &outputs[0].datum_type)?,
        }
        s.equals(&inputs[0].shape, &outputs[0].shape)
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        (self.wire)(prefix, model, inputs[0])
    }
}

/// An operator of one input, whose node has further inputs.
#[derive(Debug, Clone)]
struct First(Box<dyn Expansion>);

impl Expansion for First {
    fn name(&self) -> StaticName {
        self.0.name()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        self.0.nboutputs()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        ensure!(!inputs.is_empty(), "{} needs an input", self.0.name());
        self.0.rules(s, &inputs[..1], outputs)
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        self.0.wire(prefix, model, &inputs[..1])
    }
}

// tract's own parsers are the yardstick; in a browser they would be megabytes of test.
#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
