//! What a fused layer computes, without its weights.
//!
//! The parts are validated types of the kernels, so a layer that can be written down can be made,
//! if its weights and its input fit.

use crate::kernels::{ConvShape, InputQuant, OutputQuant, Requant};

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

#[derive(Debug, Clone)]
pub(crate) enum LayerSpec {
    Conv(ConvSpec),
    Add(AddSpec),
    Head(HeadSpec),
}

#[cfg(feature = "tract")]
impl LayerSpec {
    /// How many activations it reads.
    pub(crate) fn activations(&self) -> usize {
        match self {
            Self::Add(_) => 2,
            Self::Conv(_) | Self::Head(_) => 1,
        }
    }
}
