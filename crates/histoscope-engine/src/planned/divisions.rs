//! Divisions of whole numbers, by zero among them, at which tract panics.
//!
//! A mean is one, too: of bytes tract counts in bytes, and counts 256 of them as none. ONNX has no mean of
//! integers of 8 or 16 bits.

use std::sync::Arc;

use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cast::Cast;
use tract_onnx::tract_hir::infer::{Factoid, InferenceFact};

/// Operators that divide their first input by their second.
const DIVISIONS: [&str; 2] = ["Div", "Mod"];
/// Operators that divide by how much they have added.
const MEANS: [&str; 2] = ["Mean", "ReduceMean"];

/// Whether, and by what, a node divides.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Division {
    by_input: bool,
    by_count: bool,
}

impl Division {
    /// Of an operator of ONNX.
    pub(super) fn of(op_type: &str) -> Self {
        Self { by_input: DIVISIONS.contains(&op_type), by_count: MEANS.contains(&op_type) }
    }

    /// As far as the inputs are known.
    ///
    /// # Errors
    /// Where whole numbers are divided by a constant with a zero in it, integers of 8 or 16 bits by their number, or
    /// others by that of none.
    pub(super) fn check(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        if self.by_count {
            inputs.iter().try_for_each(|input| check_mean(input))?;
        }
        match inputs.get(1).and_then(|input| input.value.concretize()) {
            Some(divisor) if self.by_input => check_divisor(&divisor),
            _ => Ok(()),
        }
    }

    /// Likewise, before the operator becomes one of `target`: tract computes what is small and constant there and then.
    /// `inputs` are those of `target`.
    ///
    /// # Errors
    /// Where whole numbers are divided by a constant with a zero in it.
    pub(super) fn check_typed(&self, target: &TypedModel, inputs: &[OutletId]) -> TractResult<()> {
        match inputs.get(1) {
            Some(&divisor) if self.by_input => {
                let known = target.outlet_fact(divisor)?.konst.as_ref();
                known.map_or(Ok(()), |divisor| check_divisor(divisor))
            }
            _ => Ok(()),
        }
    }
}

/// Checks what a typed graph divides by when it runs.
///
/// # Errors
/// Where whole numbers are divided by zero, or by what is not known before.
pub(super) fn check(model: &TypedModel) -> TractResult<()> {
    for id in model.eval_order()? {
        let node = model.node(id);
        let divides = |op: &TypedBinOp| matches!(op.0.name(), "Div" | "Rem");
        if !node.op_as::<TypedBinOp>().is_some_and(divides) {
            continue;
        }
        let divisor = node.inputs[1];
        let dt = model.outlet_fact(divisor)?.datum_type;
        if !is_whole(dt) {
            continue;
        }
        let known = constant(model, divisor)?;
        let known =
            known.with_context(|| format!("{}: divides by what is not known", node.name))?;
        check_divisor(&*known.cast_to_dt(dt)?).with_context(|| node.name.clone())?;
    }
    Ok(())
}

/// The constant of which an outlet is made by nothing but other axes and another type; `None` without one.
fn constant(model: &TypedModel, mut outlet: OutletId) -> TractResult<Option<Arc<Tensor>>> {
    loop {
        if let Some(known) = &model.outlet_fact(outlet)?.konst {
            return Ok(Some(known.clone()));
        }
        let node = model.node(outlet.node);
        if !node.op_is::<AxisOp>() && !node.op_is::<Cast>() {
            return Ok(None);
        }
        outlet = node.inputs[0];
    }
}

fn is_whole(dt: DatumType) -> bool {
    dt.is_integer() || dt == TDim::datum_type()
}

fn check_mean(input: &InferenceFact) -> TractResult<()> {
    let Some(dt) = input.datum_type.concretize().filter(|&dt| is_whole(dt)) else { return Ok(()) };
    ensure!(dt.size_of() >= 4, "there is no mean of integers of 8 or 16 bits");
    let shape = input.shape.concretize();
    let is_empty = shape.is_some_and(|shape| shape.iter().any(|dim| dim.as_i64() == Some(0)));
    ensure!(!is_empty, "there is no mean of no whole number");
    Ok(())
}

fn check_divisor(divisor: &Tensor) -> TractResult<()> {
    if !is_whole(divisor.datum_type()) {
        return Ok(());
    }
    let divisor = divisor.cast_to::<i64>()?;
    // Sizes tract divides by 32 bits of a number.
    let has_zero = divisor.try_as_plain_ram()?.as_slice::<i64>()?.iter().any(|&n| n as i32 == 0);
    ensure!(!has_zero, "divides whole numbers by zero");
    Ok(())
}
