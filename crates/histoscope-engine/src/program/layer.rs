//! Fused int8 layers as ONNX nodes of our own domain: their parameters and how a node carries them.
//!
//! [`crate::lower`] writes these nodes and [`crate::planned::ops`] reads them, so that tract types, plans
//! and runs a lowered graph like any other. Weights and biases stay the initialisers they were.

use anyhow::{anyhow, bail, ensure};

use crate::kernels::{ConvShape, InputQuant, LayerError, MapSize};
use crate::onnx::proto::{AttributeProto, AttributeType, NodeProto};

/// Domain of the fused operators.
pub(crate) const DOMAIN: &str = "histoscope";
pub(crate) const CONV: &str = "Int8Conv";
pub(crate) const ADD: &str = "Int8Add";
pub(crate) const HEAD: &str = "Int8Head";
pub(crate) const FUSED: [&str; 3] = [CONV, ADD, HEAD];

/// A convolution with requantisation; inputs x `uint8 [n,h,w,cin]`, weights `int8 OIHW`, and
/// optionally bias `int32 [cout]`; output `uint8 [n,h',w',cout]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ConvSpec {
    pub depthwise: bool,
    pub kernel: [usize; 2],
    pub strides: [usize; 2],
    /// Top, left, bottom, right; padded with the input's zero point.
    pub pads: [usize; 4],
    pub input: InputQuant,
    /// Real value of one step of the accumulator over the output's scale, per output channel.
    pub multiplier: Vec<f32>,
    pub zero_point: u8,
    pub min: u8,
    pub max: u8,
}

impl ConvSpec {
    /// Geometry over one picture.
    ///
    /// # Errors
    /// Beyond the limits of [`ConvShape`].
    pub fn shape(&self) -> Result<ConvShape, LayerError> {
        ConvShape::new(self.kernel, self.strides, self.pads)
    }

    /// Rows and columns of the output for a map of `h` x `w`.
    ///
    /// # Errors
    /// If the kernel is larger than the map, or a map too large.
    pub fn output_size(&self, h: usize, w: usize) -> Result<(usize, usize), LayerError> {
        let channels = self.multiplier.len();
        let output = self.shape()?.output(MapSize::new(h, w, 1)?, channels)?;
        Ok((output.height(), output.width()))
    }
}

/// A residual sum; inputs a and b `uint8` of one shape, output the same.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AddSpec {
    /// Zero point and scale.
    pub a: (u8, f32),
    pub b: (u8, f32),
    pub scale: f32,
    pub zero_point: u8,
    pub min: u8,
    pub max: u8,
}

/// A classifier on every pixel; inputs as of a 1x1 [`ConvSpec`], outputs the map
/// `float [n,h,w,classes]` and its mean `float [n,classes]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HeadSpec {
    pub input: InputQuant,
    /// Real value of one step of the accumulator, per class.
    pub scale: Vec<f32>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LayerSpec {
    Conv(ConvSpec),
    Add(AddSpec),
    Head(HeadSpec),
}

impl LayerSpec {
    /// How many of the node's inputs are activations; the others are weights and bias.
    pub fn activations(&self) -> usize {
        match self {
            Self::Add(_) => 2,
            Self::Conv(_) | Self::Head(_) => 1,
        }
    }

    pub fn to_node(&self, input: Vec<String>, output: Vec<String>) -> NodeProto {
        let (op_type, attribute) = match self {
            Self::Conv(spec) => (
                CONV,
                vec![
                    ints("depthwise", vec![spec.depthwise.into()]),
                    usizes("kernel", &spec.kernel),
                    usizes("strides", &spec.strides),
                    usizes("pads", &spec.pads),
                    bytes("input", &[spec.input.zero_point(), spec.input.max()]),
                    floats("multiplier", spec.multiplier.clone()),
                    bytes("output", &[spec.zero_point, spec.min, spec.max]),
                ],
            ),
            Self::Add(spec) => (
                ADD,
                vec![
                    bytes("zero_points", &[spec.a.0, spec.b.0]),
                    floats("scales", vec![spec.a.1, spec.b.1, spec.scale]),
                    bytes("output", &[spec.zero_point, spec.min, spec.max]),
                ],
            ),
            Self::Head(spec) => (
                HEAD,
                vec![
                    bytes("input", &[spec.input.zero_point(), spec.input.max()]),
                    floats("scale", spec.scale.clone()),
                ],
            ),
        };
        NodeProto {
            name: output.first().cloned().unwrap_or_default(),
            op_type: op_type.into(),
            domain: DOMAIN.into(),
            attribute,
            input,
            output,
        }
    }

    pub fn from_node(node: &NodeProto) -> anyhow::Result<Self> {
        // The operators can only come from our own rewriting: tract looks them up without the
        // domain, and a file must not be able to hand over parameters that were never checked.
        ensure!(node.domain == DOMAIN, "operator {} is not known", node.op_type);
        let read = Reader(node);
        let output = || read.bytes::<3>("output");
        let input = || -> anyhow::Result<InputQuant> {
            let [zero_point, max] = read.bytes("input")?;
            Ok(InputQuant::new(zero_point, max)?)
        };
        Ok(match node.op_type.as_str() {
            CONV => {
                let [zero_point, min, max] = output()?;
                let [depthwise] = read.usizes("depthwise")?;
                Self::Conv(ConvSpec {
                    depthwise: depthwise != 0,
                    kernel: read.usizes("kernel")?,
                    strides: read.usizes("strides")?,
                    pads: read.usizes("pads")?,
                    input: input()?,
                    multiplier: read.floats("multiplier")?,
                    zero_point,
                    min,
                    max,
                })
            }
            ADD => {
                let [zero_point, min, max] = output()?;
                let [a, b] = read.bytes("zero_points")?;
                let &[scale_a, scale_b, scale] = read.floats("scales")?.as_slice() else {
                    bail!("{}: three scales", node.name)
                };
                Self::Add(AddSpec { a: (a, scale_a), b: (b, scale_b), scale, zero_point, min, max })
            }
            HEAD => Self::Head(HeadSpec { input: input()?, scale: read.floats("scale")? }),
            other => bail!("{other} is not one of ours"),
        })
    }
}

struct Reader<'a>(&'a NodeProto);

impl Reader<'_> {
    fn attribute(&self, name: &str) -> anyhow::Result<&AttributeProto> {
        let Self(node) = self;
        node.attribute
            .iter()
            .find(|attribute| attribute.name == name)
            .ok_or_else(|| anyhow!("{}: no attribute {name}", node.name))
    }

    fn usizes<const N: usize>(&self, name: &str) -> anyhow::Result<[usize; N]> {
        let ints = &self.attribute(name)?.ints;
        let values: Vec<usize> =
            ints.iter().map(|&int| usize::try_from(int)).collect::<Result<_, _>>()?;
        values.try_into().map_err(|_| anyhow!("{name}: not {N} values"))
    }

    fn bytes<const N: usize>(&self, name: &str) -> anyhow::Result<[u8; N]> {
        let bytes = self.attribute(name)?.s.as_slice();
        bytes.try_into().map_err(|_| anyhow!("{name}: not {N} bytes"))
    }

    fn floats(&self, name: &str) -> anyhow::Result<Vec<f32>> {
        Ok(self.attribute(name)?.floats.clone())
    }
}

pub(crate) fn ints(name: &str, ints: Vec<i64>) -> AttributeProto {
    let r#type = AttributeType::Ints.into();
    AttributeProto { name: name.into(), ints, r#type, ..AttributeProto::default() }
}

fn usizes(name: &str, values: &[usize]) -> AttributeProto {
    ints(name, values.iter().map(|&value| value as i64).collect())
}

fn bytes(name: &str, values: &[u8]) -> AttributeProto {
    let r#type = AttributeType::String.into();
    AttributeProto { name: name.into(), s: values.to_vec(), r#type, ..AttributeProto::default() }
}

fn floats(name: &str, floats: Vec<f32>) -> AttributeProto {
    let r#type = AttributeType::Floats.into();
    AttributeProto { name: name.into(), floats, r#type, ..AttributeProto::default() }
}
