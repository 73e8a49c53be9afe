//! Divisions of whole numbers, by zero among them, at which tract panics.
//!
//! A mean is one, too: of bytes tract counts in bytes, and counts 256 of them as none. ONNX has no mean of bytes.

use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
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
    /// Where whole numbers are divided by a constant with a zero in it, or bytes by their number.
    pub(super) fn check(&self, inputs: &[&InferenceFact]) -> TractResult<()> {
        let types = inputs.iter().filter_map(|input| input.datum_type.concretize());
        if self.by_count {
            let mut narrow = types.filter(|dt| dt.is_integer() && dt.size_of() < 4);
            ensure!(narrow.next().is_none(), "there is no mean of integers of 8 or 16 bits");
        } else if self.by_input
            && let Some(divisor) = inputs.get(1).and_then(|input| input.value.concretize())
        {
            check_divisor(&divisor)?;
        }
        Ok(())
    }
}

/// Checks what a typed graph divides by when it runs.
///
/// # Errors
/// Where whole numbers are divided by zero, or by what is not known before.
pub(super) fn check(model: &TypedModel) -> TractResult<()> {
    for node in model.nodes() {
        let divides = |op: &TypedBinOp| matches!(op.0.name(), "Div" | "Rem");
        if !node.op_as::<TypedBinOp>().is_some_and(divides) {
            continue;
        }
        let divisor = model.outlet_fact(node.inputs[1])?;
        if !is_whole(divisor.datum_type) {
            continue;
        }
        let known = divisor.konst.as_ref();
        let known =
            known.with_context(|| format!("{}: divides by what is not known", node.name))?;
        check_divisor(known).with_context(|| node.name.clone())?;
    }
    Ok(())
}

fn is_whole(dt: DatumType) -> bool {
    dt.is_integer() || dt == TDim::datum_type()
}

fn check_divisor(divisor: &Tensor) -> TractResult<()> {
    if !is_whole(divisor.datum_type()) {
        return Ok(());
    }
    let divisor = divisor.cast_to::<i64>()?;
    let has_zero = divisor.try_as_plain_ram()?.as_slice::<i64>()?.contains(&0);
    ensure!(!has_zero, "divides whole numbers by zero");
    Ok(())
}
