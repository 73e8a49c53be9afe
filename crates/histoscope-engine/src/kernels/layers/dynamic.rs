//! A convolution of real numbers that are quantised as they come, to real numbers.
//!
//! The integer products are those of the other layers. What they leave out is the zero point, which is
//! not known before: it is taken from the accumulators afterwards, as often as there are weights.
use super::super::error::LayerError;
use super::super::isa::Isa;
use super::super::layout::GROUP;
use super::super::quant::InputQuant;
use super::super::range::Range;
use super::super::rows::Rows;
use super::super::scalar;
use super::super::scratch;
use super::super::shape::{ConvShape, MapSize};
use super::super::weights::Weights;
use super::gemm::Gemm;
use super::runner::Runner;
use super::{under, windows};

/// Accumulators that are made real together: a quarter of a second-level cache.
const SUMS: usize = 16 * 1024;

/// A convolution of real numbers with its weights packed for one instruction set.
#[derive(Clone, Debug)]
pub struct Dynamic {
    cin: usize,
    shape: ConvShape,
    kind: Kind,
    scale: Vec<f32>,
    bias: Vec<f32>,
    /// Of each output channel the sum of its weights, by which a zero point counts.
    sums: Vec<i32>,
    clip: [f32; 2],
}

#[derive(Clone, Debug)]
enum Kind {
    Dense(Gemm),
    Depthwise(Runner),
}

/// What real results are made with: `clamp(acc * scale * steps + bias, low, high)`.
#[derive(Clone, Debug)]
pub struct Real {
    /// The real value of a step of the weights, for each output channel.
    pub scale: Vec<f32>,
    /// For each output channel.
    pub bias: Vec<f32>,
    /// Least and greatest result.
    pub clip: [f32; 2],
}

impl Dynamic {
    /// A dense convolution: `weights` is `[cout][cin][kh][kw]`.
    ///
    /// # Errors
    /// Where an output channel has not `cin` times as many weights as `shape` has taps, or not one
    /// scale and bias, or a weight is beyond its range, and as [`Weights::new`] for bytes.
    ///
    /// # Panics
    /// When the instruction set is not available.
    pub fn dense(
        isa: Isa,
        weights: &[i16],
        cin: usize,
        shape: ConvShape,
        real: Real,
    ) -> Result<Self, LayerError> {
        assert!(isa.is_available(), "{isa:?} is not available");
        let zeros = vec![0; real.bias.len()];
        Weights::new(weights, &zeros, any_byte())?
            .expect_depth(cin.saturating_mul(shape.taps()))?;
        let ordered = windows::order(weights, cin, shape.taps());
        let gemm = Gemm::new(isa, Weights::new(&ordered, &zeros, any_byte())?, shape.kernel()[0]);
        Self::new(weights, cin, shape, real, Kind::Dense(gemm))
    }

    /// A depthwise convolution: `weights` is `[channels][kh][kw]`.
    ///
    /// # Errors
    /// As [`Dynamic::dense`], of one input channel.
    ///
    /// # Panics
    /// When the instruction set is not available.
    pub fn depthwise(
        isa: Isa,
        weights: &[i16],
        shape: ConvShape,
        real: Real,
    ) -> Result<Self, LayerError> {
        assert!(isa.is_available(), "{isa:?} is not available");
        let channels = real.bias.len();
        let zeros = vec![0; channels];
        let checked = Weights::new(weights, &zeros, any_byte())?;
        checked.expect_depth(shape.taps())?;
        let runner = Runner::depthwise(isa, checked, shape, false);
        Self::new(weights, channels, shape, real, Kind::Depthwise(runner))
    }

    fn new(
        weights: &[i16],
        cin: usize,
        shape: ConvShape,
        real: Real,
        kind: Kind,
    ) -> Result<Self, LayerError> {
        let Real { scale, bias, clip } = real;
        let channels = bias.len();
        if scale.len() != channels {
            return Err(LayerError::Channels { expected: channels, found: scale.len() });
        }
        if !scale.iter().chain(&bias).all(|value| value.is_finite()) || clip[0].is_nan() {
            return Err(LayerError::Scale);
        }
        if clip[0] > clip[1] || clip[1].is_nan() {
            return Err(LayerError::Range);
        }
        let rows = weights.chunks_exact(weights.len() / channels);
        let sums = rows.map(|row| row.iter().map(|&weight| i32::from(weight)).sum()).collect();
        Ok(Self { cin, shape, kind, scale, bias, sums, clip })
    }

    /// Size of the map that it makes of one of `input`; both have four bytes for each of a map's.
    ///
    /// # Errors
    /// Where the input has other channels or is smaller than the kernel, or the output or what lies
    /// under a row of it would be too large.
    pub fn output(&self, input: MapSize) -> Result<MapSize, LayerError> {
        let (expected, found) = (self.cin, input.channels());
        if expected != found {
            return Err(LayerError::Channels { expected, found });
        }
        let output = self.shape.output(input, self.bias.len())?;
        let lines = match self.kind {
            Kind::Dense(_) => windows::lines_len(&self.shape, output.width(), self.cin),
            Kind::Depthwise(_) => 0,
        };
        let channels = output.channels().next_multiple_of(GROUP);
        let sums = 4 * (output.width() * channels) as u64;
        let most = lines.max(sums);
        if most > MapSize::MAX_BYTES as u64 {
            return Err(LayerError::Memory(most));
        }
        Ok(output)
    }

    /// One map `x` of size `input` to `out` of the size [`Dynamic::output`].
    ///
    /// # Panics
    /// When a length does not match, or there is no output.
    pub fn run(&self, x: &[f32], input: MapSize, out: &mut [f32]) {
        let output = self.output(input).expect("an input with an output");
        assert_eq!(x.len(), input.len());
        assert_eq!(out.len(), output.len());
        let range = Range::of(x);
        scratch::with(&scratch::QUANTISED, x.len(), |bytes| {
            range.quantise(x, bytes);
            match &self.kind {
                Kind::Dense(gemm) => self.run_dense(gemm, range, bytes, [input, output], out),
                Kind::Depthwise(runner) => {
                    self.run_depthwise(runner, range, bytes, [input, output], out);
                }
            }
        });
    }

    fn run_dense(
        &self,
        gemm: &Gemm,
        range: Range,
        x: &[u8],
        [input, output]: [MapSize; 2],
        out: &mut [f32],
    ) {
        let (channels, stride) = (output.channels(), gemm.sums_stride());
        let to_reals = self.to_reals(range, self.sums.iter().copied());
        let multiply = |rows: &Rows, out: &mut [f32]| {
            scratch::with(&scratch::SUMS, rows.count() * stride, |sums| {
                gemm.accumulate(rows, sums);
                to_reals.run(sums, stride, out);
            });
        };
        if !self.shape.is_pointwise() {
            let row = output.width() * channels;
            let zero = range.zero_point();
            windows::each_row(x, input, self.shape, output, zero, |index, windows| {
                multiply(windows, &mut out[index * row..][..row]);
            });
            return;
        }
        let rows = Rows::contiguous(x, 1, self.cin);
        let most = (SUMS / stride).max(1);
        for (index, out) in out.chunks_mut(most * channels).enumerate() {
            let first = index * most;
            multiply(&rows.range(first..first + out.len() / channels), out);
        }
    }

    fn run_depthwise(
        &self,
        runner: &Runner,
        range: Range,
        x: &[u8],
        [input, output]: [MapSize; 2],
        out: &mut [f32],
    ) {
        let zero = range.zero_point();
        match runner {
            Runner::Scalar { weights, bias, .. } => {
                // In the padding there is nothing, not a zero point.
                let to_reals = self.to_reals(range, std::iter::repeat_n(0, bias.len()));
                let map = scalar::Map { data: x, size: input };
                scalar::depthwise(map, weights, bias, &self.shape, zero, |index, acc| {
                    out[index] = to_reals.one(acc, index % bias.len());
                });
            }
            Runner::Simd { backend, panels } => {
                let to_reals = self.to_reals(range, self.sums.iter().copied());
                let row = output.width() * output.channels();
                let stride = under::channels_under(output.channels());
                scratch::with(&scratch::SUMS, output.width() * stride, |sums| {
                    under::each_row(x, input, self.shape, output, zero, |index, seen| {
                        backend.depthwise_sums(seen, panels, stride, sums);
                        to_reals.run(sums, stride, &mut out[index * row..][..row]);
                    });
                });
            }
        }
    }

    /// What makes accumulators real, of which each misses the zero point as many times as `missed`.
    fn to_reals(&self, range: Range, missed: impl Iterator<Item = i32>) -> ToReals<'_> {
        let zero = i32::from(range.zero_point());
        ToReals {
            // In 32 bits, as `Weights::new` has found: it is a sum of products with a byte.
            zeros: missed.map(|missed| missed * zero).collect(),
            scale: self.scale.iter().map(|scale| range.scale() * scale).collect(),
            bias: &self.bias,
            clip: self.clip,
        }
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        match &self.kind {
            Kind::Dense(gemm) => gemm.kernel_name(),
            Kind::Depthwise(runner) => runner.name(),
        }
    }
}

/// Any byte, without a zero point.
fn any_byte() -> InputQuant {
    InputQuant::new(0, u8::MAX).expect("0 is a byte")
}

/// From accumulators to real numbers; each field has a value for each output channel.
struct ToReals<'a> {
    zeros: Vec<i32>,
    scale: Vec<f32>,
    bias: &'a [f32],
    clip: [f32; 2],
}

impl ToReals<'_> {
    /// Of `sums` `[pixels][stride]` to `out` `[pixels][channels]`.
    fn run(&self, sums: &[i32], stride: usize, out: &mut [f32]) {
        let channels = self.bias.len();
        for (sums, out) in sums.chunks_exact(stride).zip(out.chunks_exact_mut(channels)) {
            let numbers = self.zeros.iter().zip(&self.scale).zip(self.bias);
            for ((&sum, out), ((&zero, &scale), &bias)) in sums.iter().zip(out).zip(numbers) {
                *out = self.real(sum - zero, scale, bias);
            }
        }
    }

    /// Of one accumulator of channel `channel`.
    fn one(&self, acc: i32, channel: usize) -> f32 {
        self.real(acc - self.zeros[channel], self.scale[channel], self.bias[channel])
    }

    #[inline]
    fn real(&self, acc: i32, scale: f32, bias: f32) -> f32 {
        let [low, high] = self.clip;
        // Written so that what is no number stays none.
        let real = acc as f32 * scale + bias;
        let real = if real < low { low } else { real };
        if real > high { high } else { real }
    }
}
