//! Depthwise convolution: every channel has its own k x k kernel. The backends compute it row by
//! row ([`Row`]).
use super::super::epilogue::Epilogue;
use super::super::error::LayerError;
use super::super::isa::Isa;
use super::super::layout::{GROUP, group_start};
use super::super::quant::Requant;
use super::super::scalar;
use super::super::scratch;
use super::super::shape::{ConvShape, MapSize};
use super::super::simd::dispatch::choose;
use super::super::simd::panels::{Panels, reorder};
use super::super::simd::row::{self, MAX_TAPS, Row};
use super::super::weights::Weights;
use super::runner::Runner;

/// A depthwise convolution with its weights packed for one instruction set.
#[derive(Clone, Debug)]
pub struct Depthwise {
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
        let backend = choose(isa, weights.fit_quads())
            .filter(|backend| channels >= GROUP && row::takes(backend.word(), shape.kernel()));
        let runner = match backend {
            Some(backend) => {
                let starts: Vec<usize> = (0..channels.div_ceil(GROUP))
                    .map(|group| group_start(group, channels))
                    .collect();
                let word = backend.word();
                let order = row::tap_order(word, shape.kernel());
                let ordered = reorder(weights.values(), shape.taps(), order.iter().copied());
                let panels =
                    Panels::new(word, &ordered, weights.bias(), zero_point, &starts, GROUP);
                Runner::Simd { backend, panels }
            }
            None => Runner::scalar(weights),
        };
        Ok(Self { shape, zero_point, runner, epilogue })
    }

    /// Size of the map that it makes of one of `input`.
    ///
    /// # Errors
    /// Where the input has other channels or is smaller than the kernel, or the output would be too
    /// large.
    pub fn output(&self, input: MapSize) -> Result<MapSize, LayerError> {
        let (expected, found) = (self.epilogue.channels, input.channels());
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
            Runner::Scalar { weights, bias, input: quant } => {
                let map = scalar::Map { data: x, size: input };
                scalar::depthwise(map, weights, bias, &self.shape, *quant, &self.epilogue, out);
            }
            Runner::Simd { backend, panels } => {
                let line = input.width() * input.channels();
                let mut seen = [None; MAX_TAPS];
                let seen = &mut seen[..self.shape.kernel()[0]];
                scratch::with(
                    &scratch::PADDING,
                    row::padding_len(&self.shape, output),
                    |padding| {
                        padding.fill(self.zero_point);
                        let row = output.width() * output.channels();
                        for (oy, out) in out.chunks_exact_mut(row).enumerate() {
                            for (ky, seen) in seen.iter_mut().enumerate() {
                                let y = self.shape.under_tap(0, oy, ky, input.height());
                                *seen = y.map(|y| &x[y * line..(y + 1) * line]);
                            }
                            let row =
                                Row { seen, padding, width: input.width(), shape: self.shape };
                            backend.depthwise(&row, panels, &self.epilogue, out);
                        }
                    },
                );
            }
        }
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.runner.name()
    }
}
