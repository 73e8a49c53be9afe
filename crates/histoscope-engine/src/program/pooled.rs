//! The classifier behind the mean of a map, down to real scores: some thousand products, so plain code
//! that every build computes alike.

use crate::kernels::{LayerError, MapSize, Range};
use crate::program::layer::{DynamicPooledSpec, PooledSpec};

/// Most pixels of a map whose bytes are summed in 32 bits.
const MAX_PIXELS: usize = (u32::MAX / 255) as usize;
/// Sums that are added up side by side, so that none waits for another.
const LANES: usize = 8;

impl PooledSpec {
    /// How many scores it makes.
    pub(crate) fn classes(&self) -> usize {
        self.bias.len()
    }

    /// Channels of the map.
    pub(crate) fn channels(&self) -> usize {
        self.weights.len().checked_div(self.classes()).unwrap_or(0)
    }

    /// The scores as a map of one pixel.
    ///
    /// # Errors
    /// For a map of other channels, of no pixel, or of more than can be summed.
    pub(crate) fn output(&self, x: MapSize) -> Result<MapSize, LayerError> {
        output(x, self.weights.len(), self.classes())
    }

    /// The `scores` of one map `x` of a size that [`PooledSpec::output`] takes.
    ///
    /// The sum of a channel is exact. Its mean is rounded to `f32` once, and to the steps of the mean,
    /// if it has some; a score is a sum in `f64` of products with real weights, rounded likewise.
    ///
    /// # Panics
    /// When a length does not match.
    pub(crate) fn run(&self, x: &[u8], scores: &mut [f32]) {
        let channels = self.channels();
        let pixels = x.len() / channels;
        assert!((1..=MAX_PIXELS).contains(&pixels) && x.len().is_multiple_of(channels));
        assert_eq!(scores.len(), self.classes());
        let mut sums = vec![0_u32; channels];
        for pixel in x.chunks_exact(channels) {
            for (sum, &byte) in sums.iter_mut().zip(pixel) {
                *sum += u32::from(byte);
            }
        }
        let (scale, zero) = self.input;
        let zeros = u64::from(zero) * pixels as u64;
        let mean = |sum: u32| {
            let steps = i64::from(sum) - zeros as i64;
            let mean = (steps as f64 * f64::from(scale) / pixels as f64) as f32;
            self.mean.map_or(mean, |steps| rounded(mean, steps))
        };
        let means: Vec<f32> = sums.into_iter().map(mean).collect();
        for ((score, weights), &bias) in
            scores.iter_mut().zip(self.weights.chunks_exact(channels)).zip(&self.bias)
        {
            let real = (dot(&means, weights) + f64::from(bias)) as f32;
            *score = self.output.map_or(real, |steps| rounded(real, steps));
        }
    }
}

impl DynamicPooledSpec {
    /// The scores as a map of one pixel.
    ///
    /// # Errors
    /// As [`PooledSpec::output`].
    pub(crate) fn output(&self, x: MapSize) -> Result<MapSize, LayerError> {
        if self.scale.len() != self.bias.len() {
            let (expected, found) = (self.bias.len(), self.scale.len());
            return Err(LayerError::Channels { expected, found });
        }
        output(x, self.weights.len(), self.bias.len())
    }

    /// The `scores` of one map `x` of a size that [`DynamicPooledSpec::output`] takes.
    ///
    /// The sum of a channel is one in `f64`, its mean is rounded to `f32`. The means are quantised to
    /// their own [`Range`], and what the integers make becomes real with three roundings.
    ///
    /// # Panics
    /// When a length does not match.
    pub(crate) fn run(&self, x: &[f32], scores: &mut [f32]) {
        let channels = self.weights.len() / self.bias.len();
        let pixels = x.len() / channels;
        assert!(pixels > 0 && x.len().is_multiple_of(channels));
        assert_eq!(scores.len(), self.bias.len());
        let mut sums = vec![0.0; channels];
        for pixel in x.chunks_exact(channels) {
            for (sum, &real) in sums.iter_mut().zip(pixel) {
                *sum += f64::from(real);
            }
        }
        let means: Vec<f32> = sums.into_iter().map(|sum| (sum / pixels as f64) as f32).collect();
        let range = Range::of(&means);
        let mut bytes = vec![0; channels];
        range.quantise(&means, &mut bytes);
        let zero = i64::from(range.zero_point());
        let numbers = self.scale.iter().zip(&self.bias);
        for ((score, weights), (scale, bias)) in
            scores.iter_mut().zip(self.weights.chunks_exact(channels)).zip(numbers)
        {
            let product =
                |(&byte, &weight): (&u8, &i16)| (i64::from(byte) - zero) * i64::from(weight);
            let acc: i64 = bytes.iter().zip(weights).map(product).sum();
            *score = acc as f32 * (range.scale() * scale) + bias;
        }
    }
}

/// The scores of a map of size `x`, of so many classes with so many weights together.
fn output(x: MapSize, weights: usize, classes: usize) -> Result<MapSize, LayerError> {
    let (expected, found) = (weights.checked_div(classes).unwrap_or(0), x.channels());
    if expected != found || weights != expected * classes {
        return Err(LayerError::Channels { expected, found });
    }
    if !(1..=MAX_PIXELS).contains(&x.pixels()) {
        return Err(LayerError::Map([x.height(), x.width(), found]));
    }
    MapSize::new(1, 1, classes)
}

/// `real` quantised and made real again.
fn rounded(real: f32, (scale, zero): (f32, u8)) -> f32 {
    let zero = f32::from(zero);
    let step = ((real / scale).round_ties_even() + zero).clamp(0.0, 255.0);
    (step - zero) * scale
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0; LANES];
    let product = |(&a, &b): (&f32, &f32)| f64::from(a) * f64::from(b);
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for (sum, product) in sums.iter_mut().zip(a.iter().zip(b).map(product)) {
            *sum += product;
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(product).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As ONNX's own operators have it, in whole steps: DequantizeLinear, GlobalAveragePool,
    /// QuantizeLinear, Gemm, QuantizeLinear.
    fn plainly(spec: &PooledSpec, x: &[u8]) -> Vec<f64> {
        let quantised = |real: f64, steps: Option<(f32, u8)>| match steps {
            None => real,
            Some((scale, zero)) => {
                let step = (real / f64::from(scale)).round_ties_even() + f64::from(zero);
                (step.clamp(0.0, 255.0) - f64::from(zero)) * f64::from(scale)
            }
        };
        let channels = spec.channels();
        let mean = |channel: usize| {
            let bytes = x.iter().skip(channel).step_by(channels);
            let real =
                bytes.map(|&q| (f64::from(q) - f64::from(spec.input.1)) * f64::from(spec.input.0));
            quantised(real.sum::<f64>() / (x.len() / channels) as f64, spec.mean)
        };
        let means: Vec<f64> = (0..channels).map(mean).collect();
        let score = |(weights, &bias): (&[f32], &f32)| {
            let products =
                means.iter().zip(weights).map(|(mean, &weight)| mean * f64::from(weight));
            quantised(products.sum::<f64>() + f64::from(bias), spec.output)
        };
        spec.weights.chunks_exact(channels).zip(&spec.bias).map(score).collect()
    }

    #[test]
    fn scores_are_what_the_operators_make() {
        let mut state = 1_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for (channels, pixels, classes) in [(1, 1, 1), (7, 4, 2), (40, 49, 3), (16, 9, 5)] {
            for (mean, output) in [
                (None, None),
                (Some((0.013, 0)), None),
                (Some((0.02, 131)), Some((0.03, 100))),
                (None, Some((0.05, 7))),
            ] {
                let x: Vec<u8> = (0..channels * pixels).map(|_| byte()).collect();
                let spec = PooledSpec {
                    input: (0.03, byte()),
                    mean,
                    weights: (0..channels * classes)
                        .map(|_| f32::from(byte() as i8) / 256.0)
                        .collect(),
                    bias: (0..classes).map(|_| f32::from(byte() as i8) / 64.0).collect(),
                    output,
                };
                let mut scores = vec![0.0; classes];
                spec.run(&x, &mut scores);
                for (score, expected) in scores.iter().zip(plainly(&spec, &x)) {
                    let close =
                        (f64::from(*score) - expected).abs() <= 1e-5 * expected.abs().max(1.0);
                    assert!(close, "{score}, not {expected}: {spec:?}");
                }
            }
        }
    }

    /// ReduceMean, DynamicQuantizeLinear, MatMulInteger, Cast, Mul, Add, in ONNX's own words.
    #[test]
    fn dynamic_scores_are_what_the_operators_make() {
        let mut state = 1_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for (channels, pixels, classes) in [(1, 1, 1), (7, 4, 2), (40, 49, 3)] {
            let x: Vec<f32> =
                (0..channels * pixels).map(|_| f32::from(byte() as i8) / 32.0).collect();
            let spec = DynamicPooledSpec {
                weights: (0..channels * classes).map(|_| i16::from(byte() as i8)).collect(),
                scale: (0..classes).map(|_| f32::from(byte()) / 4096.0).collect(),
                bias: (0..classes).map(|_| f32::from(byte() as i8) / 64.0).collect(),
            };
            let mean = |channel: usize| {
                let values = x.iter().skip(channel).step_by(channels);
                values.sum::<f32>() / pixels as f32
            };
            // Eighths of 1/32 at most, of which sums of singles are exact.
            let means: Vec<f32> = (0..channels).map(mean).collect();
            let least = means.iter().copied().fold(0.0, f32::min);
            let step = (means.iter().copied().fold(0.0, f32::max) - least) / 255.0;
            let zero = (-least / step).round_ties_even();
            let mut scores = vec![0.0; classes];
            spec.run(&x, &mut scores);
            for (class, score) in scores.into_iter().enumerate() {
                let product = |(mean, &weight): (&f32, &i16)| {
                    let byte = ((mean / step).round_ties_even() + zero).clamp(0.0, 255.0);
                    (byte - zero) * f32::from(weight)
                };
                let weights = &spec.weights[class * channels..][..channels];
                let acc: f32 = means.iter().zip(weights).map(product).sum();
                assert_eq!(score, acc * (step * spec.scale[class]) + spec.bias[class]);
            }
            let odd = [f32::NAN].repeat(x.len());
            let mut scores = vec![0.0; classes];
            spec.run(&odd, &mut scores);
            assert!(scores.iter().all(|score| score.is_nan()));
        }
    }

    #[test]
    fn a_map_that_does_not_fit_is_refused() {
        let spec = PooledSpec {
            input: (1.0, 0),
            mean: None,
            weights: vec![1.0; 6],
            bias: vec![0.0; 2],
            output: None,
        };
        let output =
            |height, width, channels| spec.output(MapSize::new(height, width, channels).unwrap());
        assert_eq!(output(2, 2, 3), MapSize::new(1, 1, 2));
        assert!(matches!(output(2, 2, 4), Err(LayerError::Channels { expected: 3, found: 4 })));
        assert!(matches!(output(0, 2, 3), Err(LayerError::Map(_))));
        assert!(matches!(output(1 << 12, 1 << 13, 3), Err(LayerError::Map(_))));
        let uneven = PooledSpec { weights: vec![1.0; 7], ..spec.clone() };
        assert!(uneven.output(MapSize::new(2, 2, 3).unwrap()).is_err());
    }
}
