//! QuantizeLinear and DequantizeLinear as ONNX has them:
//! <https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html>.
//!
//! ```text
//! byte = clamp(round_half_even(real / scale) + zero, least, most)         real = (byte - zero) * scale
//! ```
//!
//! tract's own are not used. Its QuantizeLinear multiplies by the rounded reciprocal of the scale, so that some
//! ties fall to the other side, and wraps around far beyond the range. Its DequantizeLinear puts a table of bytes in
//! the place of all that keeps the shape up to a QuantizeLinear: of a Softmax, too, which it computes of one number
//! at a time, so that every share is 1. [`crate::planned::tables`] does this by what operators there are.

use tract_onnx::model::OnnxOpRegister;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::binary::{BinMiniOp, TypedBinOp};
use tract_onnx::tract_core::ops::cast::cast;
use tract_onnx::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};
use tract_onnx::tract_core::ops::math::{
    Max, Min, add, div, max, min, mul, round_half_to_even, sub,
};
use tract_onnx::tract_hir::infer::{
    InferenceOp, InferenceResult, Solver, TensorProxy, check_input_arity, check_output_arity,
};
use tract_onnx::tract_hir::ops::expandable::{Expansion, expand};

use crate::kernels::ROUNDER;

/// Makes these operators known to the ONNX parser.
pub(super) fn register(register: &mut OnnxOpRegister) {
    register.insert("QuantizeLinear", |_, node| parse(node, true));
    register.insert("DequantizeLinear", |_, node| parse(node, false));
}

fn parse(node: &NodeProto, rounds: bool) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let axis = node.attribute.iter().find(|a| a.name == "axis").map_or(1, |a| a.i);
    // An empty name leaves an input out.
    let has_zero = node.input.get(2).is_some_and(|name| !name.is_empty());
    Ok((expand(Unread { rounds, has_zero, axis }), vec![]))
}

/// Whether `node` makes bytes, or whole numbers, real.
pub(super) fn is_dequantize(node: &TypedNode) -> bool {
    node.op_as::<ElementWiseOp>().is_some_and(|op| op.0.is::<Dequantize>())
}

/// One of the two, whose scale and zero point are still inputs.
#[derive(Debug, Clone)]
struct Unread {
    /// Whether it is the QuantizeLinear.
    rounds: bool,
    has_zero: bool,
    /// Along which there may be several scales.
    axis: i64,
}

impl Expansion for Unread {
    fn name(&self) -> StaticName {
        if self.rounds { "QuantizeLinear".into() } else { "DequantizeLinear".into() }
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, 2 + usize::from(self.has_zero))?;
        check_output_arity(outputs, 1)?;
        s.equals(&inputs[1].datum_type, f32::datum_type())?;
        s.equals(&inputs[0].shape, &outputs[0].shape)?;
        let whole = if self.rounds { &outputs[0] } else { &inputs[0] };
        if !self.rounds {
            s.equals(&outputs[0].datum_type, f32::datum_type())?;
        }
        if self.has_zero {
            s.equals(&whole.datum_type, &inputs[2].datum_type)?;
        } else if self.rounds {
            s.equals(&whole.datum_type, u8::datum_type())?;
        }
        Ok(())
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let constant = |model: &TypedModel, input: usize, name: &str| {
            let konst = model.outlet_fact(inputs[input])?.konst.clone();
            konst.with_context(|| format!("its {name} is not constant"))
        };
        let scale = constant(model, 1, "scale")?;
        let zero = match self.has_zero {
            true => constant(model, 2, "zero point")?,
            false => rctensor0(0_u8),
        };
        let x = model.outlet_fact(inputs[0])?;
        let (from, rank) = (x.datum_type, x.rank());
        let to = if self.has_zero { zero.datum_type() } else { u8::datum_type() };
        ensure!(
            !self.rounds || [u8::datum_type(), i8::datum_type()].contains(&to),
            "it makes a tensor of {to:?}"
        );
        ensure!(
            self.rounds || [DatumType::U8, DatumType::I8, DatumType::I32].contains(&from),
            "it reads a tensor of {from:?}"
        );
        let mut wire = tvec![inputs[0]];
        if self.rounds && from != f32::datum_type() {
            wire = model.wire_node(format!("{prefix}.real"), cast(f32::datum_type()), &wire)?;
        }
        if scale.len() == 1 && zero.len() == 1 {
            let scale = scale.cast_to_scalar::<f32>()?;
            let zero = zero.cast_to_scalar::<i32>()?;
            let op: Box<dyn ElementWiseMiniOp> = match self.rounds {
                true => Box::new(Quantize::new(scale, zero, to)),
                false => Box::new(Dequantize { scale, zero }),
            };
            return model.wire_node(prefix, ElementWiseOp(op, None), &wire);
        }
        let mut along = |name: &str, values: &Tensor| {
            model.add_const(format!("{prefix}.{name}"), self.along_axis(values, rank)?)
        };
        let (scale, zero) = (along("scale", &scale)?, along("zero", &zero)?);
        let number = |model: &mut TypedModel, name: &str, value: f32| {
            model.add_const(format!("{prefix}.{name}"), tensor0(value).broadcast_into_rank(rank)?)
        };
        if !self.rounds {
            wire = model.wire_node(format!("{prefix}.whole"), cast(f32::datum_type()), &wire)?;
            wire = model.wire_node(format!("{prefix}.steps"), sub(), &[wire[0], zero])?;
            return model.wire_node(prefix, mul(), &[wire[0], scale]);
        }
        let (least, most) = if to == i8::datum_type() { (-128.0, 127.0) } else { (0.0, 255.0) };
        let (least, most) = (number(model, "least", least)?, number(model, "most", most)?);
        wire = model.wire_node(format!("{prefix}.steps"), div(), &[wire[0], scale])?;
        wire = model.wire_node(format!("{prefix}.rounded"), round_half_to_even(), &wire)?;
        wire = model.wire_node(format!("{prefix}.moved"), add(), &[wire[0], zero])?;
        wire = model.wire_node(format!("{prefix}.raised"), max(), &[wire[0], least])?;
        wire = model.wire_node(format!("{prefix}.lowered"), min(), &[wire[0], most])?;
        model.wire_node(prefix, cast(to), &wire)
    }
}

impl Unread {
    /// `values` as real numbers along the axis of a tensor of so many axes.
    fn along_axis(&self, values: &Tensor, rank: usize) -> TractResult<Tensor> {
        let axis = if self.axis < 0 { self.axis + rank as i64 } else { self.axis };
        let axis = usize::try_from(axis).ok().filter(|&axis| axis < rank);
        let axis = axis.with_context(|| format!("axis {} of {rank}", self.axis))?;
        let mut shape = tvec![1; rank];
        shape[axis] = values.len();
        values.cast_to::<f32>()?.into_owned().into_shape(&shape)
    }
}

/// Real numbers to bytes, all with one scale and zero point.
#[derive(Debug, Clone, PartialEq)]
struct Quantize {
    scale: f32,
    /// Of the type that is made.
    zero: i32,
    /// `u8` or `i8`.
    to: DatumType,
    /// Least and greatest byte, those of the type or within them.
    ends: [i32; 2],
}

impl Eq for Quantize {}

impl Quantize {
    fn new(scale: f32, zero: i32, to: DatumType) -> Self {
        let ends = if to == i8::datum_type() { [-128, 127] } else { [0, 255] };
        Self { scale, zero, to, ends }
    }

    /// The bytes of `reals`, each from the whole number that `byte` gets.
    fn write<T>(&self, reals: &[f32], bytes: &mut [T], byte: impl Fn(i32) -> T) {
        // Ends are whole, so that it is the same to clamp first; between them the addition itself rounds.
        let [low, high] = self.ends.map(|end| (end - self.zero) as f32);
        let first = ROUNDER.to_bits() as i32 - self.zero;
        for (out, real) in bytes.iter_mut().zip(reals) {
            let steps = (real / self.scale).max(low).min(high) + ROUNDER;
            *out = byte((steps.to_bits() as i32).wrapping_sub(first));
        }
    }

    /// The same behind a bound of its input, which is a bound of its bytes: rounding keeps the order of numbers.
    fn bounded(&self, by: &dyn BinMiniOp, bound: f32) -> Option<Self> {
        let mut end = [0];
        self.write(&[bound], &mut end, |whole| whole);
        let [least, most] = self.ends;
        let ends = if by.is::<Max>() {
            [end[0], most]
        } else if by.is::<Min>() {
            [least, end[0]]
        } else {
            return None;
        };
        (!bound.is_nan()).then_some(Self { ends, ..self.clone() })
    }
}

impl ElementWiseMiniOp for Quantize {
    fn name(&self) -> String {
        "Quantize".into()
    }

    fn output_type(&self, _: DatumType) -> Option<DatumType> {
        Some(self.to)
    }

    fn eval_out_of_place(&self, input: &Tensor, _: Option<DatumType>) -> TractResult<Tensor> {
        let view = input.try_as_plain_ram()?;
        let reals = view.as_slice::<f32>()?;
        let mut made = Tensor::zero_dt(self.to, input.shape())?;
        let mut out = made.try_as_plain_ram_mut()?;
        if self.to == i8::datum_type() {
            self.write(reals, out.as_slice_mut::<i8>()?, |whole| whole as i8);
        } else {
            self.write(reals, out.as_slice_mut::<u8>()?, |whole| whole as u8);
        }
        Ok(made)
    }

    /// Takes in a Clip in front of it, which some quantisers write: two passes over real numbers less.
    fn declutter(
        &self,
        model: &TypedModel,
        node: &TypedNode,
    ) -> TractResult<Option<TypedModelPatch>> {
        let Some(prec) = model.linear_prec(node.id)? else { return Ok(None) };
        let Some(TypedBinOp(by, _)) = prec.op_as::<TypedBinOp>() else { return Ok(None) };
        for (bound, real) in [(0, 1), (1, 0)] {
            let [bound, real] = [bound, real].map(|input| prec.inputs[input]);
            let Some(bound) = &model.outlet_fact(bound)?.konst else { continue };
            let is_whole = model.outlet_fact(real)?.shape == prec.outputs[0].fact.shape;
            if bound.len() != 1 || !is_whole {
                continue;
            }
            let Some(bounded) = self.bounded(&**by, bound.cast_to_scalar()?) else { continue };
            let op = ElementWiseOp(Box::new(bounded), None);
            return TypedModelPatch::replace_single_op(model, node, &[real], op).map(Some);
        }
        Ok(None)
    }
}

/// Bytes or whole numbers to real ones, all with one scale and zero point.
#[derive(Debug, Clone, PartialEq)]
struct Dequantize {
    scale: f32,
    zero: i32,
}

impl Eq for Dequantize {}

impl Dequantize {
    fn write<T: Copy + Into<i32>>(&self, whole: &[T], reals: &mut [f32]) {
        for (real, &whole) in reals.iter_mut().zip(whole) {
            *real = whole.into().wrapping_sub(self.zero) as f32 * self.scale;
        }
    }
}

impl ElementWiseMiniOp for Dequantize {
    fn name(&self) -> String {
        "Dequantize".into()
    }

    fn output_type(&self, _: DatumType) -> Option<DatumType> {
        Some(f32::datum_type())
    }

    fn eval_out_of_place(&self, input: &Tensor, _: Option<DatumType>) -> TractResult<Tensor> {
        let view = input.try_as_plain_ram()?;
        let mut made = Tensor::zero_dt(f32::datum_type(), input.shape())?;
        let mut out = made.try_as_plain_ram_mut()?;
        let reals = out.as_slice_mut::<f32>()?;
        match input.datum_type() {
            DatumType::U8 => self.write(view.as_slice::<u8>()?, reals),
            DatumType::I8 => self.write(view.as_slice::<i8>()?, reals),
            _ => self.write(view.as_slice::<i32>()?, reals),
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantised(scale: f32, zero: i32, to: DatumType, reals: &[f32]) -> Vec<i32> {
        let made = Quantize::new(scale, zero, to).eval_out_of_place(&tensor1(reals), None).unwrap();
        let made = made.cast_to::<i32>().unwrap();
        made.try_as_plain_ram().unwrap().as_slice::<i32>().unwrap().to_vec()
    }

    /// The definition, in numbers that have digits enough.
    fn by_the_rules(scale: f32, zero: i32, [least, most]: [f64; 2], real: f32) -> i32 {
        let steps = (real / scale).round_ties_even();
        (f64::from(steps) + f64::from(zero)).clamp(least, most) as i32
    }

    #[test]
    fn bytes_are_those_of_the_definition() {
        let far = [f32::MAX, f32::MIN, 1e9, -1e9, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0];
        let near = (-3000..3000).map(|at| at as f32 * 0.125);
        let reals: Vec<f32> = near.chain(far).collect();
        for scale in [1.0, 0.5, 0.3, 1.783_583_4e-8, 0.003_921_569, 1e30] {
            for (to, zeros, ends) in [
                (u8::datum_type(), [0, 1, 127, 255], [0.0, 255.0]),
                (i8::datum_type(), [-128, -1, 0, 127], [-128.0, 127.0]),
            ] {
                for zero in zeros {
                    let expected = reals.iter().map(|&real| by_the_rules(scale, zero, ends, real));
                    let expected: Vec<i32> = expected.collect();
                    assert_eq!(quantised(scale, zero, to, &reals), expected, "{scale} {zero}");
                }
            }
        }
    }

    #[test]
    fn a_bound_of_numbers_is_one_of_bytes() {
        let op = Quantize::new(0.1, 20, u8::datum_type());
        let bounded = op.bounded(&Max, -1.04).unwrap().bounded(&Min, 3.0).unwrap();
        assert_eq!(bounded.ends, [10, 50]);
        // The outer one has the last word.
        assert_eq!(op.bounded(&Min, 1.0).unwrap().bounded(&Max, 2.0).unwrap().ends, [30, 30]);
        assert!(op.bounded(&Max, f32::NAN).is_none());
        assert_eq!(op.bounded(&Max, f32::NEG_INFINITY), Some(op));
    }

    #[test]
    fn a_scale_divides() {
        // By the rounded reciprocal both would be the other neighbour.
        let scale = 0.1_f32 * 3.0;
        let ties: Vec<f32> = (0..200).map(|step| (step as f32 + 0.5) * scale).collect();
        let expected: Vec<i32> =
            ties.iter().map(|tie| (tie / scale).round_ties_even() as i32).collect();
        let multiplied: Vec<i32> =
            ties.iter().map(|tie| (tie * scale.recip()).round_ties_even() as i32).collect();
        assert_ne!(multiplied, expected);
        assert_eq!(quantised(scale, 0, u8::datum_type(), &ties), expected);
    }

    #[test]
    fn bytes_come_back() {
        for zero in [0, 3, 255] {
            let bytes: Vec<u8> = (0..=255).collect();
            let real = Dequantize { scale: 0.037, zero };
            let real = real.eval_out_of_place(&tensor1(&bytes), None).unwrap();
            let real = real.try_as_plain_ram().unwrap().as_slice::<f32>().unwrap().to_vec();
            assert_eq!(real[10], (10 - zero) as f32 * 0.037);
            let back = quantised(0.037, zero, u8::datum_type(), &real);
            assert!(back.into_iter().eq(0..256));
        }
    }
}
