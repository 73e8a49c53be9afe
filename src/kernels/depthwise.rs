//! Depthwise convolution: every channel has its own k x k kernel.

use super::conv::ConvShape;
use super::requant::{InputQuant, Requant, accumulator_fits};
use super::scalar;
use super::variant::Variant;

/// A depthwise convolution with its weights packed for one variant.
#[derive(Clone, Debug)]
pub struct Depthwise {
    channels: usize,
    shape: ConvShape,
    input: InputQuant,
    requant: Requant,
    weights: Vec<i8>,
    bias: Vec<i32>,
}

impl Depthwise {
    /// `weights` is `[channels][kh][kw]`, `bias` is `[channels]` without the zero point's share.
    ///
    /// # Panics
    /// When lengths disagree, the variant is not available, or [`accumulator_fits`] is false.
    pub fn new(
        variant: Variant,
        weights: &[i8],
        bias: &[i32],
        channels: usize,
        shape: ConvShape,
        input: InputQuant,
        requant: Requant,
    ) -> Self {
        assert!(variant.is_available(), "{variant:?} is not available");
        assert_eq!(weights.len(), channels * shape.kernel[0] * shape.kernel[1]);
        assert_eq!(bias.len(), channels);
        assert!(accumulator_fits(weights, bias, input));
        requant.check(channels);
        Depthwise {
            channels,
            shape,
            input,
            requant,
            weights: weights.to_vec(),
            bias: bias.to_vec(),
        }
    }

    /// One picture `x` `[h][w][channels]` to `out` `[oh][ow][channels]`, with `(oh, ow)` from [`ConvShape::output`].
    ///
    /// # Panics
    /// When a length does not match.
    pub fn run(&self, x: &[u8], h: usize, w: usize, out: &mut [u8]) {
        let (oh, ow) = self.shape.output(h, w);
        assert_eq!(x.len(), h * w * self.channels);
        assert_eq!(out.len(), oh * ow * self.channels);
        let picture = scalar::Picture {
            data: x,
            height: h,
            width: w,
            channels: self.channels,
        };
        scalar::depthwise(
            picture,
            &self.weights,
            &self.bias,
            self.shape,
            self.input,
            &self.requant,
            out,
        );
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        "depthwise_scalar"
    }
}
