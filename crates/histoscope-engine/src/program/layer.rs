//! What a fused layer computes, without its weights.
//!
//! The parts are validated types of the kernels, so a layer that can be written down can be made,
//! if its weights and its input fit.

use crate::kernels::{ConvShape, InputQuant, OutputQuant, Real, Requant};

/// A convolution with requantisation: x `uint8 [h,w,cin]`, weights `int8` or `uint8` OIHW and bias `int32 [cout]`
/// to `uint8 [h',w',cout]`.
#[derive(Debug, Clone)]
pub(crate) struct ConvSpec {
    pub depthwise: bool,
    pub shape: ConvShape,
    pub input: InputQuant,
    /// What stands for zero among the weights of each output channel; empty where 0 does.
    pub weight_zeros: Vec<i16>,
    pub requant: Requant,
}

/// A residual sum: a and b `uint8` of one shape to `uint8` of the same.
#[derive(Debug, Clone)]
pub(crate) struct AddSpec {
    /// Zero point and scale.
    pub a: (u8, f32),
    pub b: (u8, f32),
    pub scale: f32,
    pub output: OutputQuant,
}

/// A classifier on every pixel: weights and bias as of a 1x1 [`ConvSpec`], outputs the map
/// `float [h,w,classes]` and its mean `float [classes]`.
#[derive(Debug, Clone)]
pub(crate) struct HeadSpec {
    pub input: InputQuant,
    /// As in a [`ConvSpec`].
    pub weight_zeros: Vec<i16>,
    /// Real value of one step of the accumulator, per class.
    pub scale: Vec<f32>,
}

/// A classifier behind the mean of a map: x `uint8 [h,w,channels]` to `float [classes]`, as a map of one
/// pixel and as its mean. See [`crate::program::pooled`].
#[derive(Debug, Clone)]
pub(crate) struct PooledSpec {
    /// Scale and zero point of the map.
    pub input: (f32, u8),
    /// To which the means are rounded, if they are.
    pub mean: Option<(f32, u8)>,
    /// Real weights, `[classes][channels]`.
    pub weights: Vec<f32>,
    /// `[classes]`.
    pub bias: Vec<f32>,
    /// To which the scores are rounded, if they are.
    pub output: Option<(f32, u8)>,
}

/// A convolution that quantises what it reads: x `float [h,w,cin]`, weights as of a [`ConvSpec`], to
/// `float [h',w',cout]`.
#[derive(Debug, Clone)]
pub(crate) struct DynamicSpec {
    pub depthwise: bool,
    pub shape: ConvShape,
    /// As in a [`ConvSpec`].
    pub weight_zeros: Vec<i16>,
    pub real: Real,
}

/// A classifier behind the mean of a map, which it quantises: x `float [h,w,channels]` to
/// `float [classes]`, as of a [`PooledSpec`].
#[derive(Debug, Clone)]
pub(crate) struct DynamicPooledSpec {
    /// `[classes][channels]`, less what stands for zero.
    pub weights: Vec<i16>,
    /// The real value of a step of the weights, `[classes]`.
    pub scale: Vec<f32>,
    /// `[classes]`.
    pub bias: Vec<f32>,
}

#[derive(Debug, Clone)]
pub(crate) enum LayerSpec {
    Conv(ConvSpec),
    Add(AddSpec),
    Head(HeadSpec),
    Pooled(PooledSpec),
    /// The greatest byte under each window: `uint8 [h,w,channels]` to `uint8 [h',w',channels]`.
    MaxPool(ConvShape),
    Dynamic(DynamicSpec),
    /// The sum of two `float [h,w,channels]`, between these bounds.
    RealAdd([f32; 2]),
    DynamicPooled(DynamicPooledSpec),
}

impl LayerSpec {
    /// Whether it makes real numbers, a map and its mean, instead of an activation.
    pub(crate) fn is_head(&self) -> bool {
        matches!(self, Self::Head(_) | Self::Pooled(_) | Self::DynamicPooled(_))
    }

    /// Whether it reads real numbers instead of bytes.
    pub(crate) fn reads_reals(&self) -> bool {
        matches!(self, Self::Dynamic(_) | Self::RealAdd(_) | Self::DynamicPooled(_))
    }
}

#[cfg(feature = "tract")]
impl LayerSpec {
    /// How many activations it reads.
    pub(crate) fn activations(&self) -> usize {
        match self {
            Self::Add(_) | Self::RealAdd(_) => 2,
            _ => 1,
        }
    }
}
