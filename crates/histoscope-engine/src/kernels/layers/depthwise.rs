//! Depthwise convolution: every channel has its own k x k kernel. The backends compute it row by
//! row ([`Row`]), sixteen channels at a time.
//!
//! Where there are fewer, each pixel of the rows under a row of outputs gets sixteen bytes in a copy
//! first ([`under`]).
use super::super::epilogue::Epilogue;
use super::super::error::LayerError;
use super::super::isa::Isa;
use super::super::quant::Requant;
use super::super::scalar;
use super::super::scratch;
use super::super::shape::{ConvShape, MapSize};
use super::super::simd::row;
use super::super::weights::Weights;
use super::runner::Runner;
use super::under;

/// A depthwise convolution with its weights packed for one instruction set.
#[derive(Clone, Debug)]
pub struct Depthwise {
    channels: usize,
    shape: ConvShape,
    zero_point: u8,
    runner: Runner,
    epilogue: Epilogue,
}

impl Depthwise {
    /// `weights` is `[channels][kh][kw]`.
    ///
    /// # Errors
    /// Where a channel has not as many weights as `shape` has taps, or not one multiplier.
    ///
    /// # Panics
    /// When the instruction set is not available.
    pub fn new(
        isa: Isa,
        weights: Weights,
        shape: ConvShape,
        requant: Requant,
    ) -> Result<Self, LayerError> {
        assert!(isa.is_available(), "{isa:?} is not available");
        weights.expect_depth(shape.taps())?;
        let channels = weights.channels();
        let epilogue = Epilogue::new(requant, channels)?;
        let isa = epilogue.exact_isa(isa, &weights);
        let zero_point = weights.input().zero_point();
        let in_quads = weights.fit_quads();
        let runner = Runner::depthwise(isa, weights, shape, in_quads);
        let epilogue = match &runner {
            Runner::Scalar { .. } => epilogue,
            Runner::Simd { .. } => epilogue.widened(under::channels_under(channels)),
        };
        Ok(Self { channels, shape, zero_point, runner, epilogue })
    }

    /// Size of the map that it makes of one of `input`.
    ///
    /// # Errors
    /// Where the input has other channels or is smaller than the kernel, or the output would be too
    /// large.
    pub fn output(&self, input: MapSize) -> Result<MapSize, LayerError> {
        let (expected, found) = (self.channels, input.channels());
        if expected != found {
            return Err(LayerError::Channels { expected, found });
        }
        self.shape.output(input, expected)
    }

    /// One map `x` of size `input` to `out` of the size [`Depthwise::output`].
    ///
    /// # Panics
    /// When a length does not match, or there is no output.
    pub fn run(&self, x: &[u8], input: MapSize, out: &mut [u8]) {
        let output = self.output(input).expect("an input with an output");
        assert_eq!(x.len(), input.len());
        assert_eq!(out.len(), output.len());
        match &self.runner {
            Runner::Scalar { weights, bias, .. } => {
                let map = scalar::Map { data: x, size: input };
                scalar::depthwise(map, weights, bias, &self.shape, self.zero_point, |at, acc| {
                    out[at] = self.epilogue.apply(acc, at % self.channels);
                });
            }
            Runner::Simd { backend, panels } => {
                let (channels, epilogue) = (self.channels, &self.epilogue);
                let line = output.width() * channels;
                let wide = output.width() * epilogue.channels;
                let copied = if wide > line { wide } else { 0 };
                scratch::with(&scratch::WIDE, copied, |copy| {
                    let work = |index: usize, row: &row::Row| {
                        let out = &mut out[index * line..];
                        if copied > 0 {
                            backend.depthwise(row, panels, epilogue, copy);
                            // Behind its last output the next row begins, which comes later.
                            under::narrow(copy, channels, out);
                        } else {
                            backend.depthwise(row, panels, epilogue, &mut out[..line]);
                        }
                    };
                    under::each_row(x, input, self.shape, output, self.zero_point, work);
                });
            }
        }
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.runner.name()
    }
}
