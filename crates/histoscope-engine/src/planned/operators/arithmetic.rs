//! Element by element: arithmetic and activation functions.

use tract_onnx::model::OnnxOpRegister;
use tract_onnx::tract_core::broadcast::multi_broadcast;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops;
use tract_onnx::tract_hir::infer::{InferenceOp, InferenceResult, Solver, TensorProxy};
use tract_onnx::tract_hir::ops::activations;
use tract_onnx::tract_hir::ops::binary::{BinIntoHir, Nary, wire_cast, wire_rank_broadcast};
use tract_onnx::tract_hir::ops::element_wise::ElementWiseIntoHir;
use tract_onnx::tract_hir::ops::expandable::Expansion;
use tract_onnx::tract_hir::ops::nn::{LayerSoftmax, Softmax};

use super::{Operator, first, plain};

pub(super) fn register(register: &mut OnnxOpRegister) {
    register.insert("Add", |_, _| Ok((ops::math::Add.into_hir(), vec![])));
    register.insert("Sub", |_, _| Ok((ops::math::Sub.into_hir(), vec![])));
    register.insert("Mul", |_, _| Ok((ops::math::Mul.into_hir(), vec![])));
    register.insert("Div", |_, _| Ok((ops::math::Div.into_hir(), vec![])));
    register.insert("Pow", |_, _| plain(Power));
    register.insert("Sum", |_, _| Ok((nary(ops::math::Add), vec![])));
    register.insert("Max", |_, _| Ok((nary(ops::math::Max), vec![])));
    register.insert("Min", |_, _| Ok((nary(ops::math::Min), vec![])));

    register.insert("Abs", |_, _| Ok((ops::math::abs().into_hir(), vec![])));
    register.insert("Neg", |_, _| Ok((ops::math::neg().into_hir(), vec![])));
    register.insert("Exp", |_, _| Ok((ops::math::exp().into_hir(), vec![])));
    register.insert("Log", |_, _| Ok((ops::math::ln().into_hir(), vec![])));
    register.insert("Sqrt", |_, _| Ok((ops::math::sqrt().into_hir(), vec![])));
    register.insert("Reciprocal", |_, _| Ok((ops::math::recip().into_hir(), vec![])));
    register.insert("Erf", |_, _| Ok((ops::math::erf().into_hir(), vec![])));
    register.insert("Floor", |_, _| Ok((ops::math::floor().into_hir(), vec![])));
    register.insert("Ceil", |_, _| Ok((ops::math::ceil().into_hir(), vec![])));

    register.insert("Tanh", |_, _| Ok((ops::math::tanh().into_hir(), vec![])));
    register.insert("Sigmoid", |_, _| Ok((ops::nn::sigmoid().into_hir(), vec![])));
    register.insert("HardSwish", |_, _| Ok((ops::nn::hard_swish().into_hir(), vec![])));
    register.insert("Softplus", |_, _| plain(activations::Softplus));
    register.insert("Relu", |_, _| plain(activations::Clip::new(Some(0.0), None)));
    register.insert("LeakyRelu", |_, node| {
        plain(activations::LeakyRelu(node.get_attr_opt("alpha")?.unwrap_or(0.01)))
    });
    register.insert("Elu", |_, node| {
        plain(activations::Elu(node.get_attr_opt("alpha")?.unwrap_or(1.0)))
    });
    register.insert("HardSigmoid", |_, node| {
        let alpha = node.get_attr_opt("alpha")?.unwrap_or(0.2);
        plain(activations::HardSigmoid(alpha, node.get_attr_opt("beta")?.unwrap_or(0.5)))
    });
    register.insert("Clip", |context, node| {
        let operator = Operator::new(context, node);
        let bound = |index: usize, name: &str| match operator.constant::<f32>(index)? {
            Some(values) => Ok(values.first().copied()),
            None => node.get_attr_opt(name),
        };
        first(activations::Clip::new(bound(1, "min")?, bound(2, "max")?))
    });
    register.insert("Softmax", |context, node| {
        let axis = node.get_attr_opt("axis")?;
        // Before set 13 the axis was the first of those that are flattened to one.
        if Operator::new(context, node).set() < 13 {
            plain(LayerSoftmax::new(axis.unwrap_or(1), true))
        } else {
            plain(Softmax::new(axis.unwrap_or(-1)))
        }
    });
}

fn nary(op: impl ops::binary::BinMiniOp) -> Box<dyn InferenceOp> {
    Box::new(Nary(Box::new(op), false))
}

/// `a` to the power of `b`, in the type of `a`.
#[derive(Debug, Clone)]
struct Power;

impl Expansion for Power {
    fn name(&self) -> StaticName {
        "Pow".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        ensure!(inputs.len() == 2 && outputs.len() == 1, "Pow has two inputs and an output");
        s.equals(&inputs[0].datum_type, &outputs[0].datum_type)?;
        s.given_2(&inputs[0].shape, &inputs[1].shape, |s, a, b| {
            s.equals(&outputs[0].shape, multi_broadcast(&[a, b])?)
        })
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let dt = model.outlet_fact(inputs[0])?.datum_type;
        let wires = wire_rank_broadcast(prefix, model, inputs)?;
        let wires = wire_cast(prefix, model, &wires, dt)?;
        model.wire_node(prefix, ops::math::pow(), &wires)
    }
}
