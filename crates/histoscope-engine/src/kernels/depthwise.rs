//! Depthwise convolution: every channel has its own k x k kernel. The backends compute it row by row ([`Row`]).

use super::backend::{self, GROUP, Kernel, group_start};
use super::conv::ConvShape;
use super::pack::{Panels, reorder};
use super::requant::{Epilogue, InputQuant, Requant, accumulator_fits};
use super::row::{self, MAX_TAPS, Row};
use super::scalar;
use super::variant::Variant;

/// A depthwise convolution with its weights packed for one variant.
#[derive(Clone, Debug)]
pub struct Depthwise {
    channels: usize,
    shape: ConvShape,
    /// With zero points, which the padding is made of.
    kernel: Kernel<Vec<u8>>,
    epilogue: Epilogue,
}

impl Depthwise {
    /// `weights` is `[channels][kh][kw]`, `bias` is `[channels]` without the zero point's share.
    ///
    /// # Panics
    /// When lengths disagree or are zero, the variant is not available, or [`accumulator_fits`] is false.
    pub fn new(
        variant: Variant,
        weights: &[i8],
        bias: &[i32],
        channels: usize,
        shape: ConvShape,
        input: InputQuant,
        requant: Requant,
    ) -> Self {
        shape.check();
        assert!(variant.is_available(), "{variant:?} is not available");
        assert!(channels > 0);
        assert_eq!(weights.len(), channels * shape.taps());
        assert_eq!(bias.len(), channels);
        assert!(accumulator_fits(weights, bias, input));
        let epilogue = Epilogue::new(requant, channels);
        let variant = epilogue.exact_variant(variant, weights, bias, input);
        let backend = backend::choose(variant, input)
            .filter(|backend| channels >= GROUP && row::takes(backend.word(), shape.kernel));
        let kernel = match backend {
            Some(backend) => {
                let starts: Vec<usize> = (0..channels.div_ceil(GROUP))
                    .map(|group| group_start(group, channels))
                    .collect();
                let zero = input.zero_point;
                let order = row::tap_order(backend.word(), shape.kernel);
                let ordered = reorder(weights, shape.taps(), order.iter().copied());
                Kernel::Simd {
                    backend,
                    panels: Panels::new(backend.word(), &ordered, bias, zero, &starts, GROUP),
                    more: vec![zero; row::padding_len(shape.kernel[1], shape.stride[1], channels)],
                }
            }
            None => Kernel::Scalar { weights: weights.to_vec(), bias: bias.to_vec(), input },
        };
        Depthwise { channels, shape, kernel, epilogue }
    }

    /// One picture `x` `[h][w][channels]` to `out` `[oh][ow][channels]`, with `(oh, ow)` from
    /// [`ConvShape::output`].
    ///
    /// # Panics
    /// When a length does not match.
    pub fn run(&self, x: &[u8], h: usize, w: usize, out: &mut [u8]) {
        let (oh, ow) = self.shape.output(h, w);
        assert_eq!(x.len(), h * w * self.channels);
        assert_eq!(out.len(), oh * ow * self.channels);
        if out.is_empty() {
            return;
        }
        let shape = &self.shape;
        match &self.kernel {
            Kernel::Scalar { weights, bias, input } => {
                let picture =
                    scalar::Picture { data: x, height: h, width: w, channels: self.channels };
                scalar::depthwise(picture, weights, bias, shape, *input, &self.epilogue, out);
            }
            Kernel::Simd { backend, panels, more: padding } => {
                let line = w * self.channels;
                let mut seen = [None; MAX_TAPS];
                let seen = &mut seen[..shape.kernel[0]];
                for (oy, out) in out.chunks_exact_mut(ow * self.channels).enumerate() {
                    for (ky, seen) in seen.iter_mut().enumerate() {
                        let y = shape.under_tap(0, oy, ky, h);
                        *seen = y.map(|y| &x[y * line..(y + 1) * line]);
                    }
                    let row = Row {
                        seen,
                        padding,
                        width: w,
                        left: shape.pad[1],
                        columns: shape.kernel[1],
                        stride: shape.stride[1],
                    };
                    backend.depthwise(&row, panels, &self.epilogue, out);
                }
            }
        }
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.kernel.name()
    }
}
