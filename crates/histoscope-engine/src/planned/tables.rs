//! What is computed of one byte alone, as tables of 256 values.
//!
//! Between two quantised tensors a network may have a SiLU, a hard swish or a GELU in real numbers: of a byte it makes
//! one real number, or, quantised again, one byte. [`look_up`] has tract's own operators compute them for all bytes
//! once, so that a table says what they would say, to the bit, and puts it in their place.

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cast::Cast;
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;

use crate::planned::rounding::is_dequantize;

const BYTES: usize = 256;
/// Passes over a tensor that a table takes the place of, at least: to look up takes one as well.
const LEAST_STEPS: usize = 2;

/// Puts a table in the place of operators that make bytes or real numbers of one quantised tensor, value by value.
///
/// # Errors
/// Only tract's own, for a graph that is not one.
pub(super) fn look_up(model: &mut TypedModel) -> TractResult<()> {
    if !model.nodes().iter().any(is_dequantize) {
        return Ok(());
    }
    // A SiLU that is written as a product is one operator from here on, and what only moves values stands behind what
    // is computed of each.
    model.declutter()?;
    let mut known: HashMap<OutletId, ByByte> = HashMap::new();
    let order = model.eval_order()?;
    for &id in &order {
        if let Some(found) = of_node(model, model.node(id), &known)? {
            known.insert(OutletId::new(id, 0), found);
        }
    }
    let mut patch = TypedModelPatch::default();
    for outlet in order.into_iter().map(|id| OutletId::new(id, 0)) {
        let Some(found) = known.get(&outlet) else { continue };
        let readers = model.outlet_successors(outlet);
        let is_read =
            readers.iter().any(|reader| !known.contains_key(&OutletId::new(reader.node, 0)))
                || model.output_outlets()?.contains(&outlet);
        let is_held =
            matches!(found.values.datum_type(), DatumType::U8 | DatumType::I8 | DatumType::F32);
        if is_read && is_held && found.steps >= LEAST_STEPS {
            let byte = patch.tap_model(model, found.byte)?;
            let made = if found.is_byte(model)? {
                byte
            } else {
                let table = Table(found.values.clone());
                patch.wire_node(&model.node(outlet.node).name, table, &[byte])?[0]
            };
            patch.shunt_outside(model, outlet, made)?;
        }
    }
    patch.apply(model)
}

/// A tensor each of whose values one byte of another one tells.
struct ByByte {
    byte: OutletId,
    /// `[BYTES]`, by the byte; of a signed one by its bits.
    values: Arc<Tensor>,
    /// Operators from the byte on.
    steps: usize,
}

impl ByByte {
    /// Whether each value is the byte itself, as where a tensor is quantised again to the same steps.
    fn is_byte(&self, model: &TypedModel) -> TractResult<bool> {
        let dt = model.outlet_fact(self.byte)?.datum_type;
        Ok(self.values.datum_type() == dt && *self.values == all_bytes(dt))
    }
}

/// What `node` makes, if that is of one byte.
fn of_node(
    model: &TypedModel,
    node: &TypedNode,
    known: &HashMap<OutletId, ByByte>,
) -> TractResult<Option<ByByte>> {
    let is_elementwise =
        node.op_is::<ElementWiseOp>() || node.op_is::<TypedBinOp>() || node.op_is::<Cast>();
    if is_dequantize(node) && !known.contains_key(&node.inputs[0]) {
        let byte = node.inputs[0];
        let fact = model.outlet_fact(byte)?;
        let is_byte = matches!(fact.datum_type, DatumType::U8 | DatumType::I8);
        if !is_byte || fact.konst.is_some() {
            return Ok(None);
        }
        let values = evaluated(node, tvec![all_bytes(fact.datum_type).into_tvalue()], 1)?;
        return Ok(values.map(|values| ByByte { byte, values, steps: 1 }));
    }
    if !is_elementwise || node.outputs.len() != 1 {
        return Ok(None);
    }
    let rank = node.outputs[0].fact.rank();
    let mut byte = None;
    let mut steps = 0;
    let mut inputs = tvec![];
    for input in &node.inputs {
        if let Some(found) = known.get(input) {
            if byte.is_some_and(|byte| byte != found.byte) {
                return Ok(None);
            }
            byte = Some(found.byte);
            steps = steps.max(found.steps);
            inputs.push(shaped(&found.values, rank)?);
        } else {
            match &model.outlet_fact(*input)?.konst {
                Some(number) if number.len() == 1 && number.rank() == rank => {
                    inputs.push(TValue::from_const(number.clone()));
                }
                _ => return Ok(None),
            }
        }
    }
    let Some(byte) = byte else { return Ok(None) };
    if model.outlet_fact(byte)?.shape != node.outputs[0].fact.shape {
        return Ok(None);
    }
    let values = evaluated(node, inputs, rank)?;
    Ok(values.map(|values| ByByte { byte, values, steps: steps + 1 }))
}

/// `[BYTES]` of this type, `u8` or `i8`, in the order of their bits.
fn all_bytes(dt: DatumType) -> Tensor {
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    if dt == DatumType::I8 {
        let bytes: Vec<i8> = bytes.into_iter().map(|byte| byte as i8).collect();
        return tensor1(&bytes);
    }
    tensor1(&bytes)
}

/// `[1, .., BYTES]`.
fn shaped(values: &Tensor, rank: usize) -> TractResult<TValue> {
    let mut shape = vec![1; rank];
    *shape.last_mut().context("a tensor that is quantised has an axis")? = BYTES;
    Ok(values.clone().into_shape(&shape)?.into_tvalue())
}

/// What the operator makes of all bytes; `None` if it makes something else than a value for each.
fn evaluated(
    node: &TypedNode,
    inputs: TVec<TValue>,
    rank: usize,
) -> TractResult<Option<Arc<Tensor>>> {
    let Some(mut outputs) = node.op.eval_out_of_plan(inputs)? else { return Ok(None) };
    if rank == 0 || outputs.len() != 1 || outputs[0].len() != BYTES {
        return Ok(None);
    }
    Ok(Some(Arc::new(outputs.remove(0).into_tensor().into_shape(&[BYTES])?)))
}

/// Looks up what stands for each byte of a tensor: `[BYTES]` of bytes or real numbers.
#[derive(Debug, Clone)]
struct Table(Arc<Tensor>);

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Table {}

impl Op for Table {
    fn name(&self) -> StaticName {
        "Table".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Table {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = &inputs[0];
        let Self(values) = self;
        let made = match (input.datum_type(), values.datum_type()) {
            (DatumType::U8, DatumType::F32) => looked_up(input, values, |byte: u8| byte, 0_f32),
            (DatumType::U8, DatumType::U8) => looked_up(input, values, |byte: u8| byte, 0_u8),
            (DatumType::U8, DatumType::I8) => looked_up(input, values, |byte: u8| byte, 0_i8),
            (DatumType::I8, DatumType::F32) => {
                looked_up(input, values, |byte: i8| byte as u8, 0_f32)
            }
            (DatumType::I8, DatumType::U8) => looked_up(input, values, |byte: i8| byte as u8, 0_u8),
            (DatumType::I8, DatumType::I8) => looked_up(input, values, |byte: i8| byte as u8, 0_i8),
            (from, to) => bail!("no table leads from {from:?} to {to:?}"),
        };
        Ok(tvec![made?.into_tvalue()])
    }
}

/// The value of each byte of `input`.
fn looked_up<I: Datum + Copy, O: Datum + Copy>(
    input: &Tensor,
    values: &Tensor,
    place: impl Fn(I) -> u8,
    zero: O,
) -> TractResult<Tensor> {
    let view = values.try_as_plain_ram()?;
    let mut table = [zero; BYTES];
    table.copy_from_slice(view.as_slice::<O>()?);
    let mut made = Tensor::zero_dt(O::datum_type(), input.shape())?;
    let view = input.try_as_plain_ram()?;
    let mut out = made.try_as_plain_ram_mut()?;
    for (out, &byte) in out.as_slice_mut::<O>()?.iter_mut().zip(view.as_slice::<I>()?) {
        *out = table[usize::from(place(byte))];
    }
    Ok(made)
}

impl TypedOp for Table {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec![self.0.datum_type().fact(inputs[0].shape.clone())])
    }

    fn axes_mapping(
        &self,
        inputs: &[&TypedFact],
        outputs: &[&TypedFact],
    ) -> TractResult<AxesMapping> {
        AxesMapping::natural(inputs, outputs)
    }

    // A table does not ask where a value lies: transpositions on both sides of it cancel each other.
    fn change_axes(
        &self,
        model: &TypedModel,
        node: &TypedNode,
        _: InOut,
        change: &AxisOp,
    ) -> TractResult<Option<AxisChangeConsequence>> {
        Ok(Some(AxisChangeConsequence::new(model, node, None, change)))
    }

    as_op!();
}
