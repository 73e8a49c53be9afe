//! Dense k x k convolution: the stem, and whatever else a model brings.

use super::requant::{InputQuant, Requant, accumulator_fits};
use super::scalar;
use super::variant::Variant;

/// Geometry of a convolution over one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvShape {
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Steps down and across.
    pub stride: [usize; 2],
    /// Rows and columns of padding: top, left, bottom, right.
    pub pad: [usize; 4],
}

impl ConvShape {
    /// Height and width of the output for a picture of `height` x `width`; zero where the kernel does not fit.
    pub fn output(&self, height: usize, width: usize) -> (usize, usize) {
        let along = |size: usize, axis: usize| {
            (size + self.pad[axis] + self.pad[axis + 2])
                .checked_sub(self.kernel[axis])
                .map_or(0, |room| room / self.stride[axis] + 1)
        };
        (along(height, 0), along(width, 1))
    }
}

/// A dense convolution with its weights packed for one variant.
#[derive(Clone, Debug)]
pub struct Conv {
    cin: usize,
    cout: usize,
    shape: ConvShape,
    input: InputQuant,
    requant: Requant,
    /// `[cout][kh][kw][cin]`: contiguous in the order in which a picture lies in memory.
    weights: Vec<i8>,
    bias: Vec<i32>,
}

impl Conv {
    /// `weights` is `[cout][cin][kh][kw]`, `bias` is `[cout]` without the zero point's share.
    ///
    /// # Panics
    /// When lengths disagree, the variant is not available, or [`accumulator_fits`] is false.
    #[expect(clippy::too_many_arguments, reason = "a layer has that many parts")]
    pub fn new(
        variant: Variant,
        weights: &[i8],
        bias: &[i32],
        cin: usize,
        cout: usize,
        shape: ConvShape,
        input: InputQuant,
        requant: Requant,
    ) -> Self {
        let taps = shape.kernel[0] * shape.kernel[1];
        assert!(variant.is_available(), "{variant:?} is not available");
        assert_eq!(weights.len(), cout * cin * taps);
        assert_eq!(bias.len(), cout);
        assert!(accumulator_fits(weights, bias, input));
        requant.check(cout);
        let mut channels_last = Vec::with_capacity(weights.len());
        for channel in weights.chunks_exact(cin * taps) {
            for tap in 0..taps {
                channels_last.extend((0..cin).map(|c| channel[c * taps + tap]));
            }
        }
        Conv {
            cin,
            cout,
            shape,
            input,
            requant,
            weights: channels_last,
            bias: bias.to_vec(),
        }
    }

    /// One picture `x` `[h][w][cin]` to `out` `[oh][ow][cout]`, with `(oh, ow)` from [`ConvShape::output`].
    ///
    /// # Panics
    /// When a length does not match.
    pub fn run(&self, x: &[u8], h: usize, w: usize, out: &mut [u8]) {
        let (oh, ow) = self.shape.output(h, w);
        assert_eq!(x.len(), h * w * self.cin);
        assert_eq!(out.len(), oh * ow * self.cout);
        let picture = scalar::Picture {
            data: x,
            height: h,
            width: w,
            channels: self.cin,
        };
        scalar::conv(
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
        "conv_scalar"
    }
}
