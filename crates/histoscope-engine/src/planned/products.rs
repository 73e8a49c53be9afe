//! How much a pass multiplies in fused layers, and how much in tract's operators.

use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::cnn::{Conv, Deconv};
use tract_onnx::tract_core::ops::einsum::EinSum;

use crate::Products;
use crate::planned::island::Island;

/// Of a typed graph, before its operators become others that are quicker.
pub(super) fn of(model: &TypedModel) -> Products {
    let mut products = Products::default();
    for node in model.nodes() {
        if let Some(island) = node.op_as::<Island>() {
            products.fused = products.fused.saturating_add(island.products());
        } else if node.op_is::<Conv>() || node.op_is::<Deconv>() || node.op_is::<EinSum>() {
            let count = of_node(model, node).unwrap_or_default();
            products.planned = products.planned.saturating_add(count);
        }
    }
    products
}

/// Products of one node; `None` where its size is not known, which a plan does not have.
fn of_node(model: &TypedModel, node: &TypedNode) -> Option<u64> {
    let inputs = model.node_input_facts(node.id).ok()?;
    let costs = node.op.cost(&inputs).ok()?;
    let count = |(cost, count): &(Cost, TDim)| {
        let count = u64::try_from(count.to_i64().ok()?).ok()?;
        Some(if matches!(cost, Cost::FMA(_)) { count } else { 0 })
    };
    costs.iter().map(count).sum()
}
