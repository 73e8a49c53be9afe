//! Quantisation parameters: what is known of an input, and the way from an accumulator to an output byte.

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

impl Requant {
    /// The output byte of an accumulator of channel `channel`: the definition for every backend.
    ///
    /// The conversion to `i32` saturates, so multipliers of any size are defined.
    pub(super) fn apply(&self, acc: i32, channel: usize) -> u8 {
        let rounded = (acc as f32 * self.multiplier[channel]).round_ties_even();
        let q = (rounded as i32).saturating_add(i32::from(self.zero_point));
        q.clamp(i32::from(self.min), i32::from(self.max)) as u8
    }

    /// # Panics
    /// When there is not one multiplier for each channel, or `min > max`.
    pub(super) fn check(&self, channels: usize) {
        assert_eq!(self.multiplier.len(), channels, "one multiplier a channel");
        assert!(self.min <= self.max, "an empty output range");
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
