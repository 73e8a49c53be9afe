//! Quantisation parameters: what is known of an input, and the way from an accumulator to an output byte.

use super::backend::PANEL;
use super::variant::Variant;

/// What is known of a layer's input: its zero point and its greatest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputQuant {
    /// The byte that stands for real zero; padding has this value.
    pub zero_point: u8,
    /// Inputs lie in `0..=max`: 127 for the network's own activations, 255 for raw pixels. A larger byte
    /// gives unspecified (but memory-safe) results.
    pub max: u8,
}

impl InputQuant {
    /// Whether the 7-bit dot products are exact for this input.
    pub(super) fn is_seven_bit(self) -> bool {
        self.max <= 127
    }
}

/// From accumulators to output bytes: `clamp(round_half_even(acc as f32 * multiplier) + zero_point, min, max)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Requant {
    /// One factor for each output channel: `input scale * weight scale / output scale`.
    pub multiplier: Vec<f32>,
    /// The byte that stands for real zero in the output.
    pub zero_point: u8,
    /// Least output, from the activation function's lower bound.
    pub min: u8,
    /// Greatest output; `min <= max`.
    pub max: u8,
}

/// Where a layer's real results go: the last steps of every kernel, after the multiplication.
#[derive(Clone, Debug)]
pub struct OutputQuant {
    /// The byte that stands for real zero.
    pub zero_point: u8,
    /// Least output.
    pub min: u8,
    /// Greatest output.
    pub max: u8,
    /// [`ROUNDER`], as a variable: JavaScript engines build a constant vector anew at each use, in three
    /// instructions, but keep what was loaded in a register.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    pub rounder: f32,
}

/// 1.5 * 2^23: added to a number of magnitude below 2^22 it leaves no bit for a fraction, so the addition
/// itself rounds, half to even.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
const ROUNDER: f32 = 12_582_912.0;

/// Numbers below this in magnitude are rounded correctly in every SIMD epilogue: half of the limit of the
/// addition of [`ROUNDER`], so that the rounding of the number itself needs no thought.
pub const MODERATE: f64 = (1 << 21) as f64;

impl OutputQuant {
    /// # Panics
    /// When `min > max`.
    pub fn new(zero_point: u8, min: u8, max: u8) -> Self {
        assert!(min <= max, "an empty output range");
        OutputQuant {
            zero_point,
            min,
            max,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            rounder: ROUNDER,
        }
    }

    /// The output byte of a number in output steps: the definition for every backend.
    ///
    /// The conversion to `i32` saturates, so numbers of any size are defined.
    pub fn quantise(&self, steps: f32) -> u8 {
        let q = (steps.round_ties_even() as i32).saturating_add(i32::from(self.zero_point));
        q.clamp(i32::from(self.min), i32::from(self.max)) as u8
    }
}

/// A layer's [`Requant`] as its kernels read it.
#[derive(Clone, Debug)]
pub struct Epilogue {
    /// Multipliers, and zeros up to a multiple of [`PANEL`].
    pub multiplier: Vec<f32>,
    /// Output channels that exist.
    pub channels: usize,
    /// Where the products go.
    pub output: OutputQuant,
}

impl Epilogue {
    /// # Panics
    /// When there is not one multiplier for each of the `channels`, or `min > max`.
    pub fn new(requant: Requant, channels: usize) -> Self {
        let Requant { mut multiplier, zero_point, min, max } = requant;
        assert_eq!(multiplier.len(), channels, "one multiplier a channel");
        multiplier.resize(channels.next_multiple_of(PANEL), 0.0);
        Epilogue { multiplier, channels, output: OutputQuant::new(zero_point, min, max) }
    }

    /// The output byte of an accumulator of channel `channel`.
    pub fn apply(&self, acc: i32, channel: usize) -> u8 {
        self.output.quantise(acc as f32 * self.multiplier[channel])
    }

    /// `variant` where its SIMD epilogue gives the bytes of [`Epilogue::apply`] for every accumulator that
    /// the layer can have, else `Scalar`.
    ///
    /// The limit, [`MODERATE`], is far beyond any output range: only degenerate models fall back.
    pub fn exact_variant(
        &self,
        variant: Variant,
        weights: &[i8],
        bias: &[i32],
        input: InputQuant,
    ) -> Variant {
        let moderate = bound(weights, bias, input)
            .zip(&self.multiplier)
            .all(|(bound, &m)| bound as f64 * f64::from(m).abs() < MODERATE);
        if moderate { variant } else { Variant::Scalar }
    }
}

/// Whether no accumulator of a layer can leave `i32`, whatever its input.
///
/// `weights` is `[channels][depth]` with one bias a channel. The bound is exact:
/// `|bias - zero_point * sum(w)| + max * sum(|w|) < 2^31` for each channel. The constructors of the kernels
/// panic where this is false; ask first when the model is not trusted.
pub fn accumulator_fits(weights: &[i8], bias: &[i32], input: InputQuant) -> bool {
    bound(weights, bias, input).all(|bound| bound <= i64::from(i32::MAX))
}

/// For each channel the greatest absolute accumulator, at any point of the summation.
fn bound<'a>(
    weights: &'a [i8],
    bias: &'a [i32],
    input: InputQuant,
) -> impl Iterator<Item = i64> + 'a {
    let depth = weights.len() / bias.len().max(1);
    bias.iter().enumerate().map(move |(channel, &bias)| {
        let row = &weights[channel * depth..][..depth];
        let sum: i64 = row.iter().map(|&w| i64::from(w)).sum();
        let absolute: i64 = row.iter().map(|&w| i64::from(w).abs()).sum();
        let folded = i64::from(bias) - i64::from(input.zero_point) * sum;
        folded.abs() + i64::from(input.max) * absolute
    })
}
