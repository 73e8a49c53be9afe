//! Fused layers written as ONNX nodes of our own domain: how they enter tract's graph.
//!
//! [`super::ops`] reads these nodes, so that tract types, plans and runs a lowered graph like any
//! other. Weights and biases stay the initialisers that they were.

use anyhow::{Context, anyhow, bail, ensure};
use prost::Message;

use crate::kernels::{ConvShape, InputQuant, OutputQuant, Real, Requant};
use crate::lower::{Layer, Lowered, Node};
use crate::onnx::proto::{AttributeProto, AttributeType, GraphProto, ModelProto, NodeProto};
use crate::onnx::{DOMAIN, FUSED};
use crate::program::layer::{
    AddSpec, ConvSpec, DynamicPooledSpec, DynamicSpec, HeadSpec, LayerSpec, PooledSpec,
};

const CONV: &str = FUSED[0];
const ADD: &str = FUSED[1];
const HEAD: &str = FUSED[2];
const POOLED: &str = FUSED[3];
const DYNAMIC: &str = FUSED[4];
const REAL_ADD: &str = FUSED[5];
const DYNAMIC_POOLED: &str = FUSED[6];
const MAX_POOL: &str = FUSED[7];
const WEIGHT_ZEROS: &str = "weight_zeros";

/// The ONNX file of `proto` with the nodes of `lowered` in the place of its own.
pub(crate) fn write(proto: &ModelProto, lowered: &Lowered<'_>) -> Vec<u8> {
    let graph = proto.graph.as_ref().map(|graph| GraphProto {
        node: lowered.nodes.iter().map(node).collect(),
        // Tensors changed their layouts: what the file says of their shapes no longer holds.
        value_info: vec![],
        ..graph.clone()
    });
    ModelProto { graph, ..proto.clone() }.encode_to_vec()
}

fn node(node: &Node<'_>) -> NodeProto {
    match node {
        Node::Layer(layer) => fused(layer),
        Node::Kept(node) => (*node).clone(),
        Node::Transposed { from, to, perm } => NodeProto {
            op_type: "Transpose".into(),
            name: to.clone(),
            input: vec![from.clone()],
            output: vec![to.clone()],
            attribute: vec![AttributeProto::ints("perm", perm.to_vec())],
            ..NodeProto::default()
        },
    }
}

fn fused(layer: &Layer<'_>) -> NodeProto {
    let output = |q: &OutputQuant| bytes("output", &[q.zero_point(), q.min(), q.max()]);
    let input = |q: InputQuant| bytes("input", &[q.zero_point(), q.max()]);
    let zeros = |zeros: &[i16]| {
        AttributeProto::ints(WEIGHT_ZEROS, zeros.iter().copied().map(i64::from).collect())
    };
    let (op_type, attribute) = match &layer.spec {
        LayerSpec::Conv(spec) => (
            CONV,
            vec![
                AttributeProto::ints("depthwise", vec![spec.depthwise.into()]),
                usizes("kernel", &spec.shape.kernel()),
                usizes("strides", &spec.shape.stride()),
                usizes("pads", &spec.shape.pad()),
                input(spec.input),
                zeros(&spec.weight_zeros),
                floats("multiplier", spec.requant.multiplier().to_vec()),
                output(&spec.requant.output()),
            ],
        ),
        LayerSpec::Add(spec) => (
            ADD,
            vec![
                bytes("zero_points", &[spec.a.0, spec.b.0]),
                floats("scales", vec![spec.a.1, spec.b.1, spec.scale]),
                output(&spec.output),
            ],
        ),
        LayerSpec::Head(spec) => {
            let scale = floats("scale", spec.scale.clone());
            (HEAD, vec![input(spec.input), zeros(&spec.weight_zeros), scale])
        }
        LayerSpec::Pooled(spec) => {
            let quantisations =
                [("input", Some(spec.input)), ("mean", spec.mean), ("output", spec.output)];
            let quantised = quantisations.into_iter().flat_map(|(name, steps)| {
                let (scale, zero) = steps?;
                Some([floats(&scale_of(name), vec![scale]), bytes(name, &[zero])])
            });
            let numbers =
                [floats("weights", spec.weights.clone()), floats("bias", spec.bias.clone())];
            (POOLED, quantised.flatten().chain(numbers).collect())
        }
        LayerSpec::Dynamic(spec) => (
            DYNAMIC,
            vec![
                AttributeProto::ints("depthwise", vec![spec.depthwise.into()]),
                usizes("kernel", &spec.shape.kernel()),
                usizes("strides", &spec.shape.stride()),
                usizes("pads", &spec.shape.pad()),
                zeros(&spec.weight_zeros),
                floats("scale", spec.real.scale.clone()),
                floats("bias", spec.real.bias.clone()),
                floats("clip", spec.real.clip.to_vec()),
            ],
        ),
        LayerSpec::MaxPool(shape) => (
            MAX_POOL,
            vec![
                usizes("kernel", &shape.kernel()),
                usizes("strides", &shape.stride()),
                usizes("pads", &shape.pad()),
            ],
        ),
        LayerSpec::RealAdd(clip) => (REAL_ADD, vec![floats("clip", clip.to_vec())]),
        LayerSpec::DynamicPooled(spec) => (
            DYNAMIC_POOLED,
            vec![
                AttributeProto::ints(
                    "weights",
                    spec.weights.iter().copied().map(i64::from).collect(),
                ),
                floats("scale", spec.scale.clone()),
                floats("bias", spec.bias.clone()),
            ],
        ),
    };
    let constants = layer.constants.iter().map(|&name| name.to_owned());
    NodeProto {
        name: layer.outputs.first().cloned().unwrap_or_default(),
        op_type: op_type.into(),
        domain: DOMAIN.into(),
        attribute,
        input: layer.inputs.iter().cloned().chain(constants).collect(),
        output: layer.outputs.clone(),
    }
}

/// The layer that a node stands for.
///
/// # Errors
/// Names what is missing or out of its range.
pub(super) fn read(node: &NodeProto) -> anyhow::Result<LayerSpec> {
    // The operators can only come from our own rewriting: tract looks them up without the domain,
    // and `onnx::check` lets no file bring them.
    ensure!(node.domain == DOMAIN, "operator {} is not known", node.op_type);
    let read = NodeAttributes(node);
    let output = || -> anyhow::Result<OutputQuant> {
        let [zero_point, min, max] = read.bytes("output")?;
        Ok(OutputQuant::new(zero_point, min, max)?)
    };
    let input = || -> anyhow::Result<InputQuant> {
        let [zero_point, max] = read.bytes("input")?;
        Ok(InputQuant::new(zero_point, max)?)
    };
    Ok(match node.op_type.as_str() {
        CONV => {
            let [depthwise] = read.usizes("depthwise")?;
            let [kernel, strides] = [read.usizes("kernel")?, read.usizes("strides")?];
            LayerSpec::Conv(ConvSpec {
                depthwise: depthwise != 0,
                shape: ConvShape::new(kernel, strides, read.usizes("pads")?)?,
                input: input()?,
                weight_zeros: read.shorts(WEIGHT_ZEROS)?,
                requant: Requant::new(read.floats("multiplier")?, output()?)?,
            })
        }
        ADD => {
            let [a, b] = read.bytes("zero_points")?;
            let &[scale_a, scale_b, scale] = read.floats("scales")?.as_slice() else {
                bail!("{}: three scales", node.name)
            };
            LayerSpec::Add(AddSpec { a: (a, scale_a), b: (b, scale_b), scale, output: output()? })
        }
        HEAD => LayerSpec::Head(HeadSpec {
            input: input()?,
            weight_zeros: read.shorts(WEIGHT_ZEROS)?,
            scale: read.floats("scale")?,
        }),
        POOLED => LayerSpec::Pooled(PooledSpec {
            input: read.steps("input")?.context("what is pooled is quantised")?,
            mean: read.steps("mean")?,
            weights: read.floats("weights")?,
            bias: read.floats("bias")?,
            output: read.steps("output")?,
        }),
        DYNAMIC => {
            let [depthwise] = read.usizes("depthwise")?;
            let [kernel, strides] = [read.usizes("kernel")?, read.usizes("strides")?];
            LayerSpec::Dynamic(DynamicSpec {
                depthwise: depthwise != 0,
                shape: ConvShape::new(kernel, strides, read.usizes("pads")?)?,
                weight_zeros: read.shorts(WEIGHT_ZEROS)?,
                real: Real {
                    scale: read.floats("scale")?,
                    bias: read.floats("bias")?,
                    clip: read.clip()?,
                },
            })
        }
        MAX_POOL => {
            let [kernel, strides] = [read.usizes("kernel")?, read.usizes("strides")?];
            LayerSpec::MaxPool(ConvShape::new(kernel, strides, read.usizes("pads")?)?)
        }
        REAL_ADD => LayerSpec::RealAdd(read.clip()?),
        DYNAMIC_POOLED => LayerSpec::DynamicPooled(DynamicPooledSpec {
            weights: read.shorts("weights")?,
            scale: read.floats("scale")?,
            bias: read.floats("bias")?,
        }),
        other => bail!("{other} is not one of ours"),
    })
}

struct NodeAttributes<'a>(&'a NodeProto);

impl NodeAttributes<'_> {
    fn named(&self, name: &str) -> anyhow::Result<&AttributeProto> {
        let Self(node) = self;
        node.attribute
            .iter()
            .find(|attribute| attribute.name == name)
            .ok_or_else(|| anyhow!("{}: no attribute {name}", node.name))
    }

    fn usizes<const N: usize>(&self, name: &str) -> anyhow::Result<[usize; N]> {
        let ints = &self.named(name)?.ints;
        let values: Vec<usize> =
            ints.iter().map(|&int| usize::try_from(int)).collect::<Result<_, _>>()?;
        values.try_into().map_err(|_| anyhow!("{name}: not {N} values"))
    }

    fn bytes<const N: usize>(&self, name: &str) -> anyhow::Result<[u8; N]> {
        let bytes = self.named(name)?.s.as_slice();
        bytes.try_into().map_err(|_| anyhow!("{name}: not {N} bytes"))
    }

    fn clip(&self) -> anyhow::Result<[f32; 2]> {
        self.floats("clip")?.try_into().map_err(|_| anyhow!("clip: not 2 values"))
    }

    fn shorts(&self, name: &str) -> anyhow::Result<Vec<i16>> {
        let ints = &self.named(name)?.ints;
        Ok(ints.iter().map(|&int| i16::try_from(int)).collect::<Result<_, _>>()?)
    }

    /// Scale and zero point, where there are some.
    fn steps(&self, name: &str) -> anyhow::Result<Option<(f32, u8)>> {
        if self.named(name).is_err() {
            return Ok(None);
        }
        let [zero] = self.bytes(name)?;
        let &[scale] = self.floats(&scale_of(name))?.as_slice() else { bail!("{name}: one scale") };
        Ok(Some((scale, zero)))
    }

    fn floats(&self, name: &str) -> anyhow::Result<Vec<f32>> {
        Ok(self.named(name)?.floats.clone())
    }
}

/// The attribute of the scale that belongs to the zero point `name`.
fn scale_of(name: &str) -> String {
    format!("{name}_scale")
}

fn usizes(name: &str, values: &[usize]) -> AttributeProto {
    AttributeProto::ints(name, values.iter().map(|&value| value as i64).collect())
}

fn bytes(name: &str, values: &[u8]) -> AttributeProto {
    let r#type = AttributeType::String.into();
    AttributeProto { name: name.into(), s: values.to_vec(), r#type, ..AttributeProto::default() }
}

fn floats(name: &str, floats: Vec<f32>) -> AttributeProto {
    let r#type = AttributeType::Floats.into();
    AttributeProto { name: name.into(), floats, r#type, ..AttributeProto::default() }
}
