//! QuantizeLinear and DequantizeLinear, where they were not fused into a layer.

use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::cast::cast;
use tract_onnx::tract_core::ops::math::{add, div, max, min, mul, round_half_to_even, sub};

use super::{Operator, elementwise};

pub(super) fn register(register: &mut OnnxOpRegister) {
    register.insert("QuantizeLinear", |context, node| {
        let parameters = Parameters::read(context, node)?;
        elementwise("QuantizeLinear", Some(parameters.dt), move |prefix, model, x| {
            parameters.quantise(prefix, model, x)
        })
    });
    register.insert("DequantizeLinear", |context, node| {
        let parameters = Parameters::read(context, node)?;
        elementwise("DequantizeLinear", Some(f32::datum_type()), move |prefix, model, x| {
            parameters.dequantise(prefix, model, x)
        })
    });
}

/// Scale and zero point, one or one for each index along an axis.
#[derive(Debug, Clone)]
struct Parameters {
    scale: Vec<f32>,
    zero_point: Vec<f32>,
    /// Type of the zero point, which is that of the quantised tensor.
    dt: DatumType,
    axis: i64,
}

impl Parameters {
    fn read(context: &ParsingContext, node: &NodeProto) -> TractResult<Self> {
        let operator = Operator::new(context, node);
        let block = node.get_attr_opt::<i64>("block_size")?.unwrap_or(0);
        ensure!(block == 0, "{}: blocks are not supported", node.op_type);
        let scale = operator.constant(1)?.context("a scale is needed")?;
        let (zero_point, dt) = match node.input.get(2).filter(|name| !name.is_empty()) {
            Some(name) => {
                let tensor = operator.tensor(name)?.context("the zero point must be a constant")?;
                (operator.constant(2)?.unwrap_or_default(), tensor.datum_type())
            }
            None => (vec![0.0], u8::datum_type()),
        };
        Ok(Self { scale, zero_point, dt, axis: node.get_attr_opt("axis")?.unwrap_or(1) })
    }

    /// Scale and zero point as constants that broadcast to a tensor of rank `rank`.
    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        rank: usize,
    ) -> TractResult<[OutletId; 2]> {
        let axis = if self.axis < 0 { self.axis + rank as i64 } else { self.axis };
        let mut constant = |part: &str, values: &[f32]| {
            let mut shape = tvec![1; rank];
            if values.len() != 1 {
                let axis = usize::try_from(axis).ok().filter(|&axis| axis < rank);
                shape[axis.context("the axis of quantisation is none of the tensor's")?] =
                    values.len();
            }
            model.add_const(format!("{prefix}.{part}"), tensor1(values).into_shape(&shape)?)
        };
        Ok([constant("scale", &self.scale)?, constant("zero_point", &self.zero_point)?])
    }

    /// `saturate(round_half_even(x / scale) + zero_point)`.
    fn quantise(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        x: OutletId,
    ) -> TractResult<TVec<OutletId>> {
        let (low, high) = match self.dt {
            DatumType::U8 => (0.0, 255.0),
            DatumType::I8 => (-128.0, 127.0),
            other => bail!("QuantizeLinear: {other:?} is not supported"),
        };
        let rank = model.outlet_fact(x)?.rank();
        let [scale, zero_point] = self.wire(prefix, model, rank)?;
        let mut bound = |part: &str, value: f32| {
            model.add_const(format!("{prefix}.{part}"), tensor0(value).broadcast_into_rank(rank)?)
        };
        let (low, high) = (bound("low", low)?, bound("high", high)?);
        let f32 = f32::datum_type();
        let mut step =
            |part: &str, op: Box<dyn TypedOp>, inputs: &[OutletId]| -> TractResult<OutletId> {
                Ok(model.wire_node(format!("{prefix}.{part}"), op, inputs)?[0])
            };
        let mut wire = step("real", Box::new(cast(f32)), &[x])?;
        wire = step("steps", Box::new(div()), &[wire, scale])?;
        wire = step("rounded", Box::new(round_half_to_even()), &[wire])?;
        wire = step("moved", Box::new(add()), &[wire, zero_point])?;
        wire = step("above", Box::new(max()), &[wire, low])?;
        wire = step("below", Box::new(min()), &[wire, high])?;
        model.wire_node(prefix, cast(self.dt), &[wire])
    }

    /// `(x - zero_point) * scale`.
    fn dequantise(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        x: OutletId,
    ) -> TractResult<TVec<OutletId>> {
        let rank = model.outlet_fact(x)?.rank();
        let [scale, zero_point] = self.wire(prefix, model, rank)?;
        let real = model.wire_node(format!("{prefix}.real"), cast(f32::datum_type()), &[x])?[0];
        let moved = model.wire_node(format!("{prefix}.moved"), sub(), &[real, zero_point])?[0];
        model.wire_node(prefix, mul(), &[moved, scale])
    }
}
