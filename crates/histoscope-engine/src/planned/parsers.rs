//! What parses the operators of a file: tract's parsers, and ours. Those are of the fused int8 layers, whose types are
//! inferred and whose weights are packed here, of a product that is one of tract's under another name, and of
//! [`crate::planned::rounding`].

use std::sync::LazyLock;

use prost::Message;
use tract_onnx::model::{OnnxOpRegister, ParsingContext};
use tract_onnx::pb;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_hir::infer::{InferenceOp, InferenceResult, Solver, TensorProxy};
use tract_onnx::tract_hir::ops::expandable::{Expansion, expand};
use tract_onnx::tract_hir::ops::matmul::MatMulInference;

use crate::kernels::{ConvShape, Isa, MapSize};
use crate::onnx::FUSED;
use crate::onnx::proto::NodeProto;
use crate::planned::island::Island;
use crate::planned::{notation, rounding};
use crate::program::layer::LayerSpec;
use crate::program::packed::{Constants, Packed};

/// tract's parsers, made once.
pub(super) static TRACTS: LazyLock<OnnxOpRegister> =
    LazyLock::new(|| tract_onnx::onnx().op_register);

/// The parsers of all operators; [`crate::planned::refusal`] says which of tract's a file may use.
pub(super) fn all() -> OnnxOpRegister {
    let mut all = TRACTS.clone();
    all.insert("FusedMatMul", parse_product);
    for op_type in FUSED {
        all.insert(op_type, parse);
    }
    rounding::register(&mut all);
    all
}

fn parse(
    _: &ParsingContext,
    node: &pb::NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let node = NodeProto::decode(&*node.encode_to_vec())?;
    Ok((expand(Unpacked(notation::read(&node)?)), vec![]))
}

/// ONNX Runtime's product of matrices of which either may be transposed; its factor is a node of its
/// own by now ([`crate::planned::composed`]).
fn parse_product(
    _: &ParsingContext,
    node: &pb::NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let is_set = |name: &str| node.attribute.iter().any(|a| a.name == name && a.i != 0);
    let product = MatMulInference::default();
    let product = product.with_a_trans(is_set("transA")).with_b_trans(is_set("transB"));
    Ok((expand(product), vec![]))
}

/// A layer whose weights are still an input.
#[derive(Debug, Clone)]
struct Unpacked(LayerSpec);

impl Expansion for Unpacked {
    fn name(&self) -> StaticName {
        "Int8Layer".into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(if self.0.is_head() { 2 } else { 1 })
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        let Self(spec) = self;
        let read = if spec.reads_reals() { f32::datum_type() } else { u8::datum_type() };
        let made = if spec.is_head() { f32::datum_type() } else { read };
        for input in &inputs[..spec.activations()] {
            s.equals(&input.datum_type, read)?;
        }
        for output in outputs {
            s.equals(&output.datum_type, made)?;
        }
        s.equals(&inputs[0].rank, 4)?;
        let windows = |s: &mut Solver<'r>, shape: &'s ConvShape, channels: Option<usize>| {
            s.given(&inputs[0].shape, move |s, x| {
                let x_size = size(&x)?;
                let output = shape.output(x_size, channels.unwrap_or(x_size.channels()))?;
                let sides = [output.height(), output.width(), output.channels()];
                let [h, w, channels] = sides.map(|side| side.to_dim());
                s.equals(&outputs[0].shape, tvec![x[0].clone(), h, w, channels])
            })
        };
        let classifier = |s: &mut Solver<'r>, classes: usize| {
            let [one, classes] = [1.to_dim(), classes.to_dim()];
            let map = tvec![one.clone(), one.clone(), one.clone(), classes.clone()];
            s.equals(&outputs[0].shape, map)?;
            s.equals(&outputs[1].shape, tvec![one, classes])
        };
        match spec {
            LayerSpec::Conv(spec) => windows(s, &spec.shape, Some(spec.requant.multiplier().len())),
            LayerSpec::MaxPool(shape) => windows(s, shape, None),
            LayerSpec::Dynamic(spec) => windows(s, &spec.shape, Some(spec.real.bias.len())),
            LayerSpec::Add(_) | LayerSpec::RealAdd(_) => {
                s.equals(&inputs[0].shape, &inputs[1].shape)?;
                s.equals(&inputs[0].shape, &outputs[0].shape)
            }
            LayerSpec::Head(spec) => s.given(&inputs[0].shape, move |s, x| {
                let classes = spec.scale.len().to_dim();
                let (n, h, w) = (x[0].clone(), x[1].clone(), x[2].clone());
                s.equals(&outputs[0].shape, tvec![n.clone(), h, w, classes.clone()])?;
                s.equals(&outputs[1].shape, tvec![n, classes])
            }),
            LayerSpec::Pooled(spec) => classifier(s, spec.classes()),
            LayerSpec::DynamicPooled(spec) => classifier(s, spec.bias.len()),
        }
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let shape = model.outlet_fact(inputs[0])?.shape.to_tvec();
        let size = size(&shape)?;
        let Self(spec) = self;
        let activations = spec.activations();
        let layer = Packed::new(spec, size.channels(), Isa::best(), || {
            constants(model, &inputs[activations..])
        })?;
        let island = Island::of(prefix, layer, activations, size)?;
        model.wire_node(prefix, island, &inputs[..activations])
    }
}

/// Weights and bias of a layer.
fn constants(model: &TypedModel, inputs: &[OutletId]) -> TractResult<Constants> {
    fn values<T: Datum + Copy>(model: &TypedModel, outlet: OutletId) -> TractResult<Vec<T>> {
        let konst = model.outlet_fact(outlet)?.konst.clone().context("must be a constant")?;
        Ok(konst.try_as_plain_ram()?.as_slice::<T>()?.to_vec())
    }
    let weights = *inputs.first().context("a layer has weights")?;
    let weights = if model.outlet_fact(weights)?.datum_type == u8::datum_type() {
        values::<u8>(model, weights)?.into_iter().map(i16::from).collect()
    } else {
        values::<i8>(model, weights)?.into_iter().map(i16::from).collect()
    };
    let bias = inputs.get(1).map(|&outlet| values(model, outlet)).transpose()?;
    Ok(Constants { weights, bias })
}

/// Size of an activation of one picture, from its shape `[1, h, w, channels]`.
fn size(shape: &[TDim]) -> TractResult<MapSize> {
    let sides: TVec<usize> = shape.iter().map(TDim::to_usize).collect::<Result<_, _>>()?;
    match *sides {
        [1, height, width, channels] => Ok(MapSize::new(height, width, channels)?),
        _ => bail!("a fused layer reads one picture, not {sides:?}"),
    }
}
