//! Reductions along axes.

use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::ops::nn::{Reduce, Reducer};

use super::{Operator, Parsed, first};

pub(super) fn register(register: &mut OnnxOpRegister) {
    register.insert("ReduceMean", |context, node| reduce(context, node, Reducer::Mean));
    register.insert("ReduceSum", |context, node| reduce(context, node, Reducer::Sum));
    register.insert("ReduceMax", |context, node| reduce(context, node, Reducer::Max));
    register.insert("ReduceMin", |context, node| reduce(context, node, Reducer::Min));
}

fn reduce(context: &ParsingContext, node: &NodeProto, reducer: Reducer) -> Parsed {
    let axes = Operator::new(context, node).integers(1, "axes")?.filter(|axes| !axes.is_empty());
    let nothing_to_do = node.get_attr_opt::<i64>("noop_with_empty_axes")?.unwrap_or(0) == 1;
    let axes = if axes.is_none() && nothing_to_do { Some(vec![]) } else { axes };
    let keep_dims = node.get_attr_opt::<i64>("keepdims")?.unwrap_or(1) == 1;
    first(Reduce::new(axes, keep_dims, reducer))
}
