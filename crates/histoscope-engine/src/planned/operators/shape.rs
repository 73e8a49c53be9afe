//! What moves elements and does not change them: shapes, slices, constants, casts.

use tract_onnx::model::{OnnxOpRegister, ParsingContext, optional_inputs};
use tract_onnx::pb::{NodeProto, TensorProto};
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::cast::cast;
use tract_onnx::tract_core::ops::identity;
use tract_onnx::tract_hir::infer::{InferenceResult, Solver, TensorProxy};
use tract_onnx::tract_hir::ops::array::{
    AddDims, Concat, ConstantOfShape, Flatten, Gather, MultiBroadcastTo, Pad, PadMode, PermuteAxes,
    Reshape, Split, Squeeze, StridedSlice,
};
use tract_onnx::tract_hir::ops::expandable::Expansion;
use tract_onnx::tract_hir::ops::identity::Identity;
use tract_onnx::tract_hir::ops::konst::Const;

use super::{Operator, Parsed, elementwise, first, plain};

pub(super) fn register(register: &mut OnnxOpRegister) {
    register.insert("Constant", |context, node| {
        let value = Operator::new(context, node).constant_value()?;
        Ok((Box::new(Const::new(value.into_arc_tensor())?), vec![]))
    });
    register.insert("ConstantOfShape", |context, node| {
        let value = match node.get_attr_opt::<&TensorProto>("value")? {
            Some(value) => context.load_tensor(value)?,
            None => tensor0(0f32),
        };
        ensure!(value.len() == 1, "ConstantOfShape: the value is one number");
        plain(ConstantOfShape::new(value.into_shape(&[])?.into_arc_tensor()))
    });
    register.insert("Identity", |_, _| Ok((Box::<Identity>::default(), vec![])));
    // At inference nothing is dropped. A mask would be a second output.
    register.insert("Dropout", |context, node| {
        let training = Operator::new(context, node).constant::<bool>(2)?;
        ensure!(training.is_none_or(|t| t == [false]), "Dropout: training is not supported");
        ensure!(node.output.len() == 1, "Dropout: the mask is not supported");
        elementwise("Dropout", None, |prefix, model, x| {
            model.wire_node(prefix, identity::Identity, &[x])
        })
    });
    register.insert("Cast", |_, node| {
        let to: DatumType = node.get_attr("to")?;
        // Shapes are computed in tract's own dimensions, which know symbols.
        let to = if to == i64::datum_type() { TDim::datum_type() } else { to };
        elementwise("Cast", Some(to), move |prefix, model, x| {
            model.wire_node(prefix, cast(to), &[x])
        })
    });
    register.insert("Shape", |_, node| {
        plain(Shape {
            start: node.get_attr_opt("start")?.unwrap_or(0),
            end: node.get_attr_opt("end")?,
        })
    });
    register.insert("Reshape", |_, node| {
        plain(Reshape::new(node.get_attr_opt::<i64>("allowzero")?.unwrap_or(0) != 0))
    });
    register
        .insert("Flatten", |_, node| plain(Flatten::new(node.get_attr_opt("axis")?.unwrap_or(1))));
    register
        .insert("Transpose", |_, node| plain(PermuteAxes::new(node.get_attr_opt_tvec("perm")?)));
    register.insert("Squeeze", |context, node| first(Squeeze::new(axes(context, node)?)));
    register.insert("Unsqueeze", |context, node| {
        first(AddDims::new(axes(context, node)?.context("Unsqueeze needs its axes")?))
    });
    register.insert("Concat", |_, node| plain(Concat::new(node.get_attr("axis")?)));
    register.insert("Expand", |_, _| plain(MultiBroadcastTo));
    register
        .insert("Gather", |_, node| plain(Gather::new(node.get_attr_opt("axis")?.unwrap_or(0))));
    register.insert("Slice", slice);
    register.insert("Split", |context, node| {
        let sizes = Operator::new(context, node).integers(1, "split")?;
        let sizes = sizes.map(|sizes| sizes.iter().map(|&size| size as usize).collect());
        let axis = node.get_attr_opt("axis")?.unwrap_or(0);
        first(Split::new(axis, node.output.len(), sizes))
    });
    register.insert("Pad", pad);
}

/// Axes, which may be negative; `None` where the node names none.
fn axes(context: &ParsingContext, node: &NodeProto) -> TractResult<Option<Vec<isize>>> {
    let axes = Operator::new(context, node).integers(1, "axes")?;
    Ok(axes.map(|axes| axes.iter().map(|&axis| axis as isize).collect()))
}

fn slice(context: &ParsingContext, node: &NodeProto) -> Parsed {
    ensure!(
        Operator::new(context, node).set() >= 10,
        "Slice: operator sets before 10 are not supported"
    );
    let mut optional = optional_inputs(node).skip(3);
    let op = StridedSlice {
        begin_mask: 0,
        end_mask: 0,
        shrink_axis_mask: 0,
        optional_axes_input: optional.next().flatten(),
        optional_steps_input: optional.next().flatten(),
    };
    Ok((Box::new(op), vec![]))
}

fn pad(context: &ParsingContext, node: &NodeProto) -> Parsed {
    let operator = Operator::new(context, node);
    ensure!(operator.constant::<i64>(3)?.is_none(), "Pad: axes are not supported");
    let amounts = operator.integers(1, "pads")?.context("Pad needs its amounts")?;
    let amounts: Vec<usize> = amounts
        .iter()
        .map(|&amount| usize::try_from(amount).context("Pad: negative amounts are not supported"))
        .collect::<TractResult<_>>()?;
    let (before, after) = amounts.split_at(amounts.len() / 2);
    ensure!(before.len() == after.len(), "Pad: an amount before and after each axis");
    let value = match operator.constant::<f32>(2)? {
        Some(values) => values.first().copied().unwrap_or(0.0),
        None => node.get_attr_opt("value")?.unwrap_or(0.0),
    };
    let mode = match node.get_attr_opt("mode")? {
        None | Some("constant") => PadMode::Constant(rctensor0(value)),
        Some("reflect") => PadMode::Reflect,
        Some("edge") => PadMode::Edge,
        Some(other) => bail!("Pad: mode {other:?} is not known"),
    };
    first(Padded { pads: before.iter().copied().zip(after.iter().copied()).collect(), mode })
}

/// The shape of the input, or a range of it, as a vector.
#[derive(Debug, Clone)]
struct Shape {
    start: i64,
    end: Option<i64>,
}

impl Shape {
    fn of(&self, shape: &[TDim]) -> Tensor {
        let rank = shape.len() as i64;
        let at = |axis: i64| (if axis < 0 { axis + rank } else { axis }).clamp(0, rank) as usize;
        let start = at(self.start);
        tensor1(&shape[start..self.end.map_or(shape.len(), at).max(start)])
    }
}

impl Expansion for Shape {
    fn name(&self) -> StaticName {
        "Shape".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        s.equals(&outputs[0].rank, 1)?;
        s.equals(&outputs[0].datum_type, TDim::datum_type())?;
        s.given(&inputs[0].shape, |s, shape| {
            s.equals(&outputs[0].value, self.of(&shape).into_arc_tensor())
        })
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let shape = self.of(&model.outlet_fact(inputs[0])?.shape.to_tvec());
        Ok(tvec![model.add_const(prefix, shape)?])
    }
}

/// A frame around the input.
#[derive(Debug, Clone)]
struct Padded {
    /// Before and after each axis.
    pads: Vec<(usize, usize)>,
    mode: PadMode,
}

impl Expansion for Padded {
    fn name(&self) -> StaticName {
        "Pad".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        s.equals(&inputs[0].datum_type, &outputs[0].datum_type)?;
        s.equals(&inputs[0].rank, self.pads.len() as i64)?;
        s.given(&inputs[0].shape, |s, shape| {
            let padded: TVec<TDim> = shape
                .iter()
                .zip(&self.pads)
                .map(|(dim, &(before, after))| dim.clone() + before + after)
                .collect();
            s.equals(&outputs[0].shape, padded)
        })
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let dt = model.outlet_fact(inputs[0])?.datum_type;
        let mode = match &self.mode {
            PadMode::Constant(value) => {
                PadMode::Constant(value.cast_to_dt(dt)?.into_owned().into_arc_tensor())
            }
            other => other.clone(),
        };
        model.wire_node(prefix, Pad { pads: self.pads.clone(), mode }, inputs)
    }
}
