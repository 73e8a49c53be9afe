//! Weights and biases of a layer, checked once for all kernels.

use super::error::LayerError;
use super::limits;
use super::quant::InputQuant;

/// What a layer multiplies with: weights `[channels][depth]` and a bias for each output channel.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    values: &'a [i16],
    bias: &'a [i32],
    input: InputQuant,
}

impl<'a> Weights<'a> {
    /// Most weights of a layer.
    pub const MAX: usize = limits::WEIGHTS;
    /// Most weights of an output channel.
    pub const MAX_DEPTH: usize = limits::DEPTH;

    /// `values` is `[channels][depth]`, each a byte less a zero point, so within
    /// `-255..=255`; `bias` `[channels]` without the zero point's share; `input`
    /// is what they will be multiplied with.
    ///
    /// # Errors
    /// [`LayerError::Weights`] where the lengths disagree, are zero or beyond the limits,
    /// [`LayerError::Weight`] where a weight is beyond its range, and
    /// [`LayerError::Accumulator`] where [`accumulator_fits`] is false.
    pub fn new(values: &'a [i16], bias: &'a [i32], input: InputQuant) -> Result<Self, LayerError> {
        let channels = bias.len();
        let depth = values.len().checked_div(channels).unwrap_or(0);
        let fits = channels <= limits::CHANNELS
            && (1..=Self::MAX_DEPTH).contains(&depth)
            && values.len() <= Self::MAX
            && values.len() == channels * depth;
        if !fits {
            return Err(LayerError::Weights { weights: values.len(), channels });
        }
        let beyond = values.iter().find(|value| value.unsigned_abs() > u16::from(u8::MAX));
        if let Some(&value) = beyond {
            return Err(LayerError::Weight(value));
        }
        if !accumulator_fits(values, bias, input) {
            return Err(LayerError::Accumulator);
        }
        Ok(Self { values, bias, input })
    }

    /// `[channels][depth]`.
    pub fn values(&self) -> &'a [i16] {
        self.values
    }

    /// `[channels]`.
    pub fn bias(&self) -> &'a [i32] {
        self.bias
    }

    /// What they will be multiplied with.
    pub fn input(&self) -> InputQuant {
        self.input
    }

    /// Whether words of four steps hold them and their input: weights of an `i8`, inputs of seven
    /// bits.
    pub(super) fn fit_quads(&self) -> bool {
        self.input.is_seven_bit() && self.values.iter().all(|&value| i8::try_from(value).is_ok())
    }

    /// Output channels, at least one.
    pub fn channels(&self) -> usize {
        self.bias.len()
    }

    /// Weights of an output channel, at least one.
    pub fn depth(&self) -> usize {
        self.values.len() / self.bias.len()
    }

    /// # Errors
    /// [`LayerError::Depth`] where an output channel has not so many weights.
    pub(super) fn expect_depth(&self, expected: usize) -> Result<(), LayerError> {
        let found = self.depth();
        if found == expected { Ok(()) } else { Err(LayerError::Depth { expected, found }) }
    }

    /// # Errors
    /// [`LayerError::Channels`] where there are not so many output channels.
    pub(super) fn expect_channels(&self, expected: usize) -> Result<(), LayerError> {
        let found = self.channels();
        if found == expected { Ok(()) } else { Err(LayerError::Channels { expected, found }) }
    }

    /// For each channel the greatest absolute accumulator, at any point of the summation.
    pub(super) fn bound(&self) -> impl Iterator<Item = i64> {
        bound(self.values, self.bias, self.input)
    }
}

/// Whether no accumulator of a layer can leave `i32`, whatever its input.
///
/// `weights` is `[channels][depth]` with one bias a channel. The bound is exact:
/// `|bias - zero_point * sum(w)| + max * sum(|w|) < 2^31` for each channel.
pub fn accumulator_fits(weights: &[i16], bias: &[i32], input: InputQuant) -> bool {
    bound(weights, bias, input).all(|bound| bound <= i64::from(i32::MAX))
}

/// See [`Weights::bound`].
fn bound<'a>(
    weights: &'a [i16],
    bias: &'a [i32],
    input: InputQuant,
) -> impl Iterator<Item = i64> + 'a {
    let depth = weights.len() / bias.len().max(1);
    bias.iter().enumerate().map(move |(channel, &bias)| {
        let row = &weights[channel * depth..][..depth];
        let sum: i64 = row.iter().map(|&w| i64::from(w)).sum();
        let absolute: i64 = row.iter().map(|&w| i64::from(w).abs()).sum();
        let folded = i64::from(bias) - i64::from(input.zero_point()) * sum;
        folded.abs() + i64::from(input.max()) * absolute
    })
}
