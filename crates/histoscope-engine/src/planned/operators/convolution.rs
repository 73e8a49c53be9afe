//! Layers with weights, and pooling: convolution, matrix products, normalisation.

use tract_onnx::model::OnnxOpRegister;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::einsum::EinSum;
use tract_onnx::tract_core::ops::math::{add, mul};
use tract_onnx::tract_hir::infer::{InferenceResult, Solver, TensorProxy};
use tract_onnx::tract_hir::ops::cnn::{Conv, HirMaxPool, HirSumPool, PaddingSpec, PoolSpec};
use tract_onnx::tract_hir::ops::expandable::Expansion;
use tract_onnx::tract_hir::ops::matmul::MatMulInference;
use tract_onnx::tract_hir::ops::nn::{DataFormat, GlobalAvgPool, GlobalMaxPool};

use super::{Operator, first, plain};

pub(super) fn register(register: &mut OnnxOpRegister) {
    register.insert("Conv", |_, node| plain(conv(node)?));
    register.insert("MatMul", |_, _| plain(MatMulInference::default()));
    register.insert("Gemm", |_, node| {
        plain(Gemm {
            alpha: node.get_attr_opt("alpha")?.unwrap_or(1.0),
            beta: node.get_attr_opt("beta")?.unwrap_or(1.0),
            transposed: [
                node.get_attr_opt("transA")?.unwrap_or(false),
                node.get_attr_opt("transB")?.unwrap_or(false),
            ],
        })
    });
    register.insert("BatchNormalization", |context, node| {
        let operator = Operator::new(context, node);
        let parameter = |index: usize| -> TractResult<Vec<f32>> {
            operator.constant(index)?.context("BatchNormalization has five inputs")
        };
        let epsilon = node.get_attr_opt("epsilon")?.unwrap_or(1e-5);
        first(Affine::normalisation(
            &parameter(1)?,
            &parameter(2)?,
            &parameter(3)?,
            &parameter(4)?,
            epsilon,
        )?)
    });
    register.insert("MaxPool", |_, node| {
        ensure!(node.output.len() == 1, "MaxPool: the indices are not supported");
        plain(HirMaxPool::new(pool(node)?, None))
    });
    register.insert("AveragePool", |_, node| {
        let include_pad = node.get_attr_opt("count_include_pad")?.unwrap_or(false);
        plain(HirSumPool::new(pool(node)?, include_pad, true))
    });
    register.insert("GlobalAveragePool", |_, _| plain(GlobalAvgPool));
    register.insert("GlobalMaxPool", |_, _| plain(GlobalMaxPool));
}

fn conv(node: &NodeProto) -> TractResult<Conv> {
    let mut conv = Conv::default().padding(padding(node, PaddingSpec::Explicit)?);
    if let Some(shape) = node.get_attr_opt_tvec("kernel_shape")? {
        conv = conv.kernel_shape(shape);
    }
    if let Some(group) = node.get_attr_opt("group")? {
        conv = conv.group(group);
    }
    if let Some(dilations) = node.get_attr_opt_tvec("dilations")? {
        conv = conv.dilations(dilations);
    }
    if let Some(strides) = node.get_attr_opt_tvec("strides")? {
        conv = conv.strides(strides);
    }
    let has_bias = node.input.get(2).is_some_and(|name| !name.is_empty());
    Ok(if has_bias { conv.bias_input(2) } else { conv })
}

fn pool(node: &NodeProto) -> TractResult<PoolSpec> {
    let ceil = node.get_attr_opt::<i64>("ceil_mode")?.unwrap_or(0) == 1;
    let explicit = |before, after| PaddingSpec::ExplicitOnnxPool(before, after, ceil);
    Ok(PoolSpec::new(
        DataFormat::NCHW,
        node.get_attr_tvec("kernel_shape")?,
        padding(node, explicit)?,
        node.get_attr_opt_tvec("dilations")?,
        node.get_attr_opt_tvec("strides")?,
        0,
        0,
    ))
}

/// The padding; `explicit` makes it of what lies before and after each spatial axis.
fn padding(
    node: &NodeProto,
    explicit: impl Fn(TVec<usize>, TVec<usize>) -> PaddingSpec,
) -> TractResult<PaddingSpec> {
    if let Some(pads) = node.get_attr_opt_vec::<usize>("pads")? {
        let (before, after) = pads.split_at(pads.len() / 2);
        return Ok(explicit(before.into(), after.into()));
    }
    Ok(match node.get_attr_opt("auto_pad")? {
        Some("SAME_UPPER") => PaddingSpec::SameUpper,
        Some("SAME_LOWER") => PaddingSpec::SameLower,
        Some("VALID") => PaddingSpec::Valid,
        Some("NOTSET") | None => match node.get_attr_opt_vec::<usize>("kernel_shape")? {
            Some(shape) => explicit(tvec![0; shape.len()], tvec![0; shape.len()]),
            None => PaddingSpec::Valid,
        },
        Some(other) => bail!("{}: auto_pad {other:?} is not known", node.op_type),
    })
}

/// `alpha * a' * b' + beta * c`, where `'` transposes if the node says so.
#[derive(Debug, Clone)]
struct Gemm {
    alpha: f32,
    beta: f32,
    /// Of `a` and of `b`.
    transposed: [bool; 2],
}

impl Expansion for Gemm {
    fn name(&self) -> StaticName {
        "Gemm".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        ensure!(
            matches!(inputs.len(), 2 | 3) && outputs.len() == 1,
            "Gemm has two or three inputs"
        );
        for input in inputs {
            s.equals(&input.datum_type, &outputs[0].datum_type)?;
        }
        for matrix in [&inputs[0], &inputs[1], &outputs[0]] {
            s.equals(&matrix.rank, 2)?;
        }
        let [a, b] = self.transposed.map(usize::from);
        s.equals(&inputs[0].shape[a], &outputs[0].shape[0])?;
        s.equals(&inputs[0].shape[1 - a], &inputs[1].shape[b])?;
        s.equals(&inputs[1].shape[1 - b], &outputs[0].shape[1])
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let [a, b] = self.transposed;
        let axes = AxesMapping::for_numpy_matmul(2, a, b, false)?;
        let dt = model.outlet_fact(inputs[0])?.datum_type;
        let mut wire =
            model.wire_node(format!("{prefix}.product"), EinSum::new(axes, dt), &inputs[..2])?[0];
        let scaled = |model: &mut TypedModel, part: &str, factor: f32, wire: OutletId| {
            if factor == 1.0 {
                return Ok(wire);
            }
            let factor = tensor0(factor).cast_to_dt(dt)?.into_owned().broadcast_into_rank(2)?;
            let factor = model.add_const(format!("{prefix}.{part}"), factor)?;
            TractResult::Ok(
                model.wire_node(format!("{prefix}.{part}_scaled"), mul(), &[factor, wire])?[0],
            )
        };
        wire = scaled(model, "alpha", self.alpha, wire)?;
        let Some(&(mut c)) = inputs.get(2) else { return Ok(tvec![wire]) };
        while model.outlet_fact(c)?.rank() < 2 {
            let rank = model.outlet_fact(c)?.rank();
            c = model.wire_node(format!("{prefix}.axis_{rank}"), AxisOp::Add(0), &[c])?[0];
        }
        let c = scaled(model, "beta", self.beta, c)?;
        model.wire_node(prefix, add(), &[wire, c])
    }
}

/// `x * slope + intercept` in each channel, axis 1: what is left of a batch normalisation.
#[derive(Debug, Clone)]
struct Affine {
    slope: Vec<f32>,
    intercept: Vec<f32>,
}

impl Affine {
    /// `(x - mean) / sqrt(variance + epsilon) * scale + bias`, all of one length.
    fn normalisation(
        scale: &[f32],
        bias: &[f32],
        mean: &[f32],
        variance: &[f32],
        epsilon: f32,
    ) -> TractResult<Self> {
        let channels = scale.len();
        ensure!(
            [bias, mean, variance].iter().all(|values| values.len() == channels),
            "BatchNormalization: scale, bias, mean and variance are of different lengths"
        );
        let slope: Vec<f32> =
            scale.iter().zip(variance).map(|(s, v)| s / (v + epsilon).sqrt()).collect();
        let intercept =
            bias.iter().zip(mean.iter().zip(&slope)).map(|(b, (m, slope))| b - m * slope).collect();
        Ok(Self { slope, intercept })
    }
}

impl Expansion for Affine {
    fn name(&self) -> StaticName {
        "BatchNormalization".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        ensure!(outputs.len() == 1, "BatchNormalization: only inference is supported");
        s.equals(&inputs[0].datum_type, &outputs[0].datum_type)?;
        s.equals(&inputs[0].shape, &outputs[0].shape)?;
        s.equals(&inputs[0].shape[1], self.slope.len().to_dim())
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let fact = model.outlet_fact(inputs[0])?;
        let (dt, mut shape) = (fact.datum_type, tvec![1; fact.rank()]);
        shape[1] = self.slope.len();
        let mut constant = |part: &str, values: &[f32]| {
            let values = tensor1(values).cast_to_dt(dt)?.into_owned().into_shape(&shape)?;
            model.add_const(format!("{prefix}.{part}"), values)
        };
        let slope = constant("slope", &self.slope)?;
        let intercept = constant("intercept", &self.intercept)?;
        let scaled = model.wire_node(format!("{prefix}.scaled"), mul(), &[slope, inputs[0]])?[0];
        model.wire_node(prefix, add(), &[intercept, scaled])
    }
}
