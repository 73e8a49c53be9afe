//! The fused int8 layers as tract operators: inference of their types, packing, evaluation.

use std::sync::Arc;

use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_hir::infer::{InferenceOp, InferenceResult, Solver, TensorProxy};
use tract_onnx::tract_hir::ops::expandable::{Expansion, expand};

use super::layer::{self, AddSpec, ConvSpec, LayerSpec};
use crate::kernels::{Add, Conv, ConvShape, Depthwise, Head, Pointwise, Requant, Variant};

/// Makes the operators of [`layer::DOMAIN`] known to the ONNX parser.
pub(super) fn register(register: &mut OnnxOpRegister) {
    for op_type in [layer::CONV, layer::ADD, layer::HEAD] {
        register.insert(op_type, parse);
    }
}

fn parse(_: &ParsingContext, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    Ok((expand(Unpacked(LayerSpec::from_node(node)?)), vec![]))
}

/// A layer whose weights are still an input.
#[derive(Debug, Clone)]
struct Unpacked(LayerSpec);

impl Expansion for Unpacked {
    fn name(&self) -> StaticName {
        "Int8Layer".into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(match self.0 {
            LayerSpec::Conv(_) | LayerSpec::Add(_) => 1,
            LayerSpec::Head(_) => 2,
        })
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        s.equals(&inputs[0].datum_type, u8::datum_type())?;
        s.equals(&inputs[0].rank, 4)?;
        match &self.0 {
            LayerSpec::Conv(spec) => {
                s.equals(&outputs[0].datum_type, u8::datum_type())?;
                s.given(&inputs[0].shape, move |s, x| {
                    s.equals(&outputs[0].shape, spec.output_shape(&x)?)
                })
            }
            LayerSpec::Add(_) => {
                s.equals(&outputs[0].datum_type, u8::datum_type())?;
                s.equals(&inputs[0].shape, &inputs[1].shape)?;
                s.equals(&inputs[0].shape, &outputs[0].shape)
            }
            LayerSpec::Head(spec) => {
                s.equals(&outputs[0].datum_type, f32::datum_type())?;
                s.equals(&outputs[1].datum_type, f32::datum_type())?;
                s.given(&inputs[0].shape, move |s, x| {
                    let classes = spec.scale.len().to_dim();
                    let (n, h, w) = (x[0].clone(), x[1].clone(), x[2].clone());
                    s.equals(&outputs[0].shape, tvec![n.clone(), h, w, classes.clone()])?;
                    s.equals(&outputs[1].shape, tvec![n, classes])
                })
            }
        }
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let channels = model.outlet_fact(inputs[0])?.shape[3].to_usize()?;
        let variant = Variant::best();
        let (kernel, read) = match &self.0 {
            LayerSpec::Conv(spec) => {
                let (weights, bias) = constants(model, &inputs[1..], spec.multiplier.len())?;
                (spec.pack(variant, channels, &weights, &bias)?, 1)
            }
            LayerSpec::Head(spec) => {
                let classes = spec.scale.len();
                let (weights, bias) = constants(model, &inputs[1..], classes)?;
                ensure!(weights.len() == classes * channels, "weights do not fit the input");
                let head =
                    Head::new(variant, &weights, &bias, channels, classes, spec.input, &spec.scale);
                (Kernel::Head { head, classes }, 1)
            }
            LayerSpec::Add(spec) => {
                let &AddSpec { a, b, scale, zero_point, min, max } = spec;
                (Kernel::Add(Add::new(variant, a, b, scale, zero_point, min, max)), 2)
            }
        };
        model.wire_node(prefix, Int8Layer(Arc::new(kernel)), &inputs[..read])
    }
}

/// Weights and bias of a layer; an absent bias is zero.
fn constants(
    model: &TypedModel,
    inputs: &[OutletId],
    channels: usize,
) -> TractResult<(Vec<i8>, Vec<i32>)> {
    fn values<T: Datum + Copy>(model: &TypedModel, outlet: OutletId) -> TractResult<Vec<T>> {
        let konst = model.outlet_fact(outlet)?.konst.clone().context("must be a constant")?;
        Ok(konst.try_as_plain_ram()?.as_slice::<T>()?.to_vec())
    }
    let weights = values(model, *inputs.first().context("a layer has weights")?)?;
    let bias = match inputs.get(1) {
        Some(&outlet) => values(model, outlet)?,
        None => vec![0; channels],
    };
    Ok((weights, bias))
}

impl ConvSpec {
    fn shape(&self) -> ConvShape {
        ConvShape { kernel: self.kernel, stride: self.strides, pad: self.pads }
    }

    /// `[n, h, w, cin]` to `[n, h', w', cout]`.
    fn output_shape(&self, x: &[TDim]) -> TractResult<TVec<TDim>> {
        let (h, w) = (x[1].to_usize()?, x[2].to_usize()?);
        let [top, left, bottom, right] = self.pads;
        ensure!(
            h + top + bottom >= self.kernel[0] && w + left + right >= self.kernel[1],
            "a map of {h}x{w} is smaller than the kernel"
        );
        let (h, w) = self.shape().output(h, w);
        Ok(tvec![x[0].clone(), h.to_dim(), w.to_dim(), self.multiplier.len().to_dim()])
    }

    fn pack(
        &self,
        variant: Variant,
        cin: usize,
        weights: &[i8],
        bias: &[i32],
    ) -> TractResult<Kernel> {
        let cout = self.multiplier.len();
        let taps = self.kernel[0] * self.kernel[1];
        let cin_per_group = if self.depthwise { 1 } else { cin };
        ensure!(weights.len() == cout * cin_per_group * taps, "weights do not fit the input");
        ensure!(!self.depthwise || cin == cout, "depthwise keeps the number of channels");
        let requant = Requant {
            multiplier: self.multiplier.clone(),
            zero_point: self.zero_point,
            min: self.min,
            max: self.max,
        };
        let shape = self.shape();
        let pointwise = taps == 1 && self.strides == [1, 1] && self.pads == [0; 4];
        Ok(if self.depthwise {
            let kernel = Depthwise::new(variant, weights, bias, cout, shape, self.input, requant);
            Kernel::Depthwise { kernel, shape }
        } else if pointwise {
            let kernel = Pointwise::new(variant, weights, bias, cin, cout, self.input, requant);
            Kernel::Pointwise { kernel, cout }
        } else {
            let kernel = Conv::new(variant, weights, bias, cin, cout, shape, self.input, requant);
            Kernel::Conv { kernel, shape, cout }
        })
    }
}

#[derive(Debug)]
enum Kernel {
    Pointwise { kernel: Pointwise, cout: usize },
    Depthwise { kernel: Depthwise, shape: ConvShape },
    Conv { kernel: Conv, shape: ConvShape, cout: usize },
    Add(Add),
    Head { head: Head, classes: usize },
}

/// One fused layer with packed weights.
#[derive(Debug, Clone)]
pub(super) struct Int8Layer(Arc<Kernel>);

impl Int8Layer {
    /// Which kernel runs this layer.
    pub fn kernel_name(&self) -> &'static str {
        match &*self.0 {
            Kernel::Pointwise { kernel, .. } => kernel.kernel_name(),
            Kernel::Depthwise { kernel, .. } => kernel.kernel_name(),
            Kernel::Conv { kernel, .. } => kernel.kernel_name(),
            Kernel::Add(kernel) => kernel.kernel_name(),
            Kernel::Head { head, .. } => head.kernel_name(),
        }
    }

    /// Shapes of the outputs for an input of shape `[n, h, w, c]`.
    fn output_shapes<D: DimLike>(&self, x: &[D]) -> TractResult<TVec<TVec<D>>> {
        let spatial = |shape: &ConvShape, channels: usize| -> TractResult<TVec<D>> {
            let (h, w) = shape.output(x[1].to_usize()?, x[2].to_usize()?);
            Ok(tvec![x[0].clone(), D::from(h), D::from(w), D::from(channels)])
        };
        let pixels =
            |channels: usize| tvec![x[0].clone(), x[1].clone(), x[2].clone(), D::from(channels)];
        Ok(match &*self.0 {
            Kernel::Pointwise { cout, .. } => tvec![pixels(*cout)],
            Kernel::Depthwise { shape, .. } => tvec![spatial(shape, x[3].to_usize()?)?],
            Kernel::Conv { shape, cout, .. } => tvec![spatial(shape, *cout)?],
            Kernel::Add(_) => tvec![x.iter().cloned().collect()],
            Kernel::Head { classes, .. } => {
                tvec![pixels(*classes), tvec![x[0].clone(), D::from(*classes)]]
            }
        })
    }
}

// Two layers are the same operator only if they share their packed weights.
impl PartialEq for Int8Layer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Int8Layer {}

impl Op for Int8Layer {
    fn name(&self) -> StaticName {
        "Int8Layer".into()
    }

    fn info(&self) -> TractResult<Vec<String>> {
        Ok(vec![self.kernel_name().into()])
    }

    op_as_typed_op!();
}

impl TypedOp for Int8Layer {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let shapes = self.output_shapes(&inputs[0].shape.to_tvec())?;
        let is_head = matches!(&*self.0, Kernel::Head { .. });
        Ok(shapes
            .into_iter()
            .map(|shape| if is_head { f32::fact(&shape) } else { u8::fact(&shape) })
            .collect())
    }

    as_op!();
}

impl EvalOp for Int8Layer {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let shape = inputs[0].shape();
        ensure!(shape[0] > 0, "a batch has at least one patch");
        let shapes = self.output_shapes::<usize>(shape)?;
        match (&*self.0, shapes.as_slice()) {
            (Kernel::Head { head, .. }, [map, logits]) => run_head(head, &inputs[0], map, logits),
            (kernel, [output]) => run_layer(kernel, &inputs, output),
            _ => bail!("a head has two outputs, every other layer one"),
        }
    }
}

/// Map and logits of each picture of the batch.
fn run_head(head: &Head, x: &Tensor, map: &[usize], logits: &[usize]) -> TractResult<TVec<TValue>> {
    let n = x.shape()[0];
    let (mut map, mut logits) = (Tensor::zero::<f32>(map)?, Tensor::zero::<f32>(logits)?);
    let pictures = x.try_as_plain_ram()?;
    let pictures = pictures.as_slice::<u8>()?;
    {
        let (mut map, mut logits) = (map.try_as_plain_ram_mut()?, logits.try_as_plain_ram_mut()?);
        let (map, logits) = (map.as_slice_mut::<f32>()?, logits.as_slice_mut::<f32>()?);
        let (map_len, classes) = (map.len() / n, logits.len() / n);
        let results = map.chunks_exact_mut(map_len).zip(logits.chunks_exact_mut(classes));
        for (x, (map, logits)) in pictures.chunks_exact(pictures.len() / n).zip(results) {
            head.run(x, map, logits);
        }
    }
    Ok(tvec![map.into_tvalue(), logits.into_tvalue()])
}

/// The one quantised output of every layer but the head.
fn run_layer(kernel: &Kernel, inputs: &[TValue], shape: &[usize]) -> TractResult<TVec<TValue>> {
    let &[n, h, w, _] = inputs[0].shape() else { bail!("layers work on [n, h, w, c]") };
    let mut output = Tensor::zero::<u8>(shape)?;
    let x = inputs[0].try_as_plain_ram()?;
    let x = x.as_slice::<u8>()?;
    {
        let mut out = output.try_as_plain_ram_mut()?;
        let out = out.as_slice_mut::<u8>()?;
        let (x_len, out_len) = (x.len() / n, out.len() / n);
        match kernel {
            Kernel::Pointwise { kernel, .. } => kernel.run(x, out),
            Kernel::Add(kernel) => {
                let b = inputs[1].try_as_plain_ram()?;
                kernel.run(x, b.as_slice::<u8>()?, out);
            }
            Kernel::Depthwise { kernel, .. } => {
                for (x, out) in x.chunks_exact(x_len).zip(out.chunks_exact_mut(out_len)) {
                    kernel.run(x, h, w, out);
                }
            }
            Kernel::Conv { kernel, .. } => {
                for (x, out) in x.chunks_exact(x_len).zip(out.chunks_exact_mut(out_len)) {
                    kernel.run(x, h, w, out);
                }
            }
            Kernel::Head { .. } => bail!("the head has an evaluation of its own"),
        }
    }
    Ok(tvec![output.into_tvalue()])
}
