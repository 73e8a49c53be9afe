//! Depthwise convolution: every channel has its own k x k kernel.
//!
//! The backends compute runs of outputs along a row, and for each tap of the kernel they get the bytes that
//! the tap sees and the step from one output to the next ([`Tap`]). In the middle of a row one run goes as
//! far as all columns of the kernel lie in the picture; at the left and right border each output is a run
//! of its own. A tap in the padding sees one pixel of zero points with a step of zero. So the inner loops
//! know nothing of borders, and the picture is never copied.

use super::backend::{self, Backend, GROUP, MAX_TAPS, Square, Tap, Taps, group_start, tap_order};
use super::conv::ConvShape;
use super::pack::Panels;
use super::requant::{Epilogue, InputQuant, Requant, accumulator_fits};
use super::scalar;
use super::variant::Variant;

/// A depthwise convolution with its weights packed for one variant.
#[derive(Clone, Debug)]
pub struct Depthwise {
    channels: usize,
    shape: ConvShape,
    kernel: Kernel,
    epilogue: Epilogue,
}

#[derive(Clone, Debug)]
enum Kernel {
    Scalar {
        weights: Vec<i8>,
        bias: Vec<i32>,
        input: InputQuant,
    },
    Simd {
        backend: &'static dyn Backend,
        panels: Panels,
        /// Which tap of the kernel, in row-major order, each step of the panels' words is.
        order: Vec<Option<usize>>,
        /// A pixel of the padding: the zero point in every channel.
        padding: Vec<u8>,
    },
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
        let backend = backend::choose(variant, input).filter(|backend| {
            let steps = tap_order(backend.word(), shape.kernel).len();
            channels >= GROUP && steps <= MAX_TAPS
        });
        let kernel = match backend {
            Some(backend) => {
                let starts: Vec<usize> = (0..channels.div_ceil(GROUP))
                    .map(|group| group_start(group, channels))
                    .collect();
                let zero = input.zero_point;
                let order = tap_order(backend.word(), shape.kernel);
                let ordered: Vec<i8> = weights
                    .chunks_exact(shape.taps())
                    .flat_map(|taps| order.iter().map(|tap| tap.map_or(0, |tap| taps[tap])))
                    .collect();
                Kernel::Simd {
                    backend,
                    panels: Panels::new(backend.word(), &ordered, bias, zero, &starts, GROUP),
                    order,
                    padding: vec![zero; channels],
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
            Kernel::Simd { backend, panels, order, padding } => {
                let square = (shape.kernel[0] == shape.kernel[1])
                    .then_some(Square { side: shape.kernel[0], stride: shape.stride[1] });
                let middle = shape.middle(w, ow);
                for (oy, out) in out.chunks_exact_mut(ow * self.channels).enumerate() {
                    let mut run = |from: usize, to: usize| {
                        let seen = self.taps(x, [h, w], padding, [oy, from]);
                        let mut taps = [Tap { bytes: padding, step: 0 }; MAX_TAPS];
                        for (tap, &index) in taps.iter_mut().zip(order) {
                            *tap = index.map_or(*tap, |index| seen[index]);
                        }
                        let taps = Taps { taps: &taps[..order.len()], square };
                        let out = &mut out[from * self.channels..to * self.channels];
                        backend.depthwise(&taps, panels, &self.epilogue, out);
                    };
                    (0..middle.start).for_each(|ox| run(ox, ox + 1));
                    run(middle.start, middle.end);
                    (middle.end..ow).for_each(|ox| run(ox, ox + 1));
                }
            }
        }
    }

    /// The taps of a run of outputs from `(oy, ox)` on, in row-major order.
    fn taps<'a>(
        &self,
        x: &'a [u8],
        [h, w]: [usize; 2],
        padding: &'a [u8],
        [oy, ox]: [usize; 2],
    ) -> [Tap<'a>; MAX_TAPS] {
        let [kh, kw] = self.shape.kernel;
        let mut taps = [Tap { bytes: padding, step: 0 }; MAX_TAPS];
        for ky in 0..kh {
            let Some(y) = self.shape.under_tap(0, oy, ky, h) else {
                continue;
            };
            for kx in 0..kw {
                if let Some(column) = self.shape.under_tap(1, ox, kx, w) {
                    taps[ky * kw + kx] = Tap {
                        bytes: &x[(y * w + column) * self.channels..],
                        step: self.shape.stride[1] * self.channels,
                    };
                }
            }
        }
        taps
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        match &self.kernel {
            Kernel::Scalar { .. } => "scalar",
            Kernel::Simd { backend, .. } => backend.name(),
        }
    }
}
