//! The last steps of a layer with weights, as its kernels read them: from accumulators to bytes.

use super::error::LayerError;
use super::isa::Isa;
use super::layout::PANEL;
use super::quant::{OutputQuant, Requant};
use super::weights::Weights;

/// Numbers below this in magnitude are rounded correctly in every SIMD epilogue: half of the limit
/// of the addition that rounds in WebAssembly, so that the rounding of the number itself needs no
/// thought.
pub(super) const MODERATE: f64 = (1 << 21) as f64;

/// A layer's [`Requant`] as its kernels read it.
#[derive(Clone, Debug)]
pub(super) struct Epilogue {
    /// Multipliers, and zeros up to a multiple of [`PANEL`].
    pub multiplier: Vec<f32>,
    /// Output channels that exist.
    pub channels: usize,
    /// Where the products go.
    pub output: OutputQuant,
}

impl Epilogue {
    /// # Errors
    /// [`LayerError::Channels`] where there is not one multiplier for each of the `channels`.
    pub(super) fn new(requant: Requant, channels: usize) -> Result<Self, LayerError> {
        let Requant { mut multiplier, output } = requant;
        if multiplier.len() != channels {
            return Err(LayerError::Channels { expected: channels, found: multiplier.len() });
        }
        multiplier.resize(channels.next_multiple_of(PANEL), 0.0);
        Ok(Self { multiplier, channels, output })
    }

    /// The same for pixels of so many channels, of which the new ones are zero points.
    pub(super) fn widened(mut self, channels: usize) -> Self {
        let len = self.multiplier.len().max(channels.next_multiple_of(PANEL));
        self.multiplier.resize(len, 0.0);
        Self { channels, ..self }
    }

    /// The output byte of an accumulator of channel `channel`.
    pub(super) fn apply(&self, acc: i32, channel: usize) -> u8 {
        self.output.quantise(acc as f32 * self.multiplier[channel])
    }

    /// `isa` where its SIMD epilogue gives the bytes of [`Epilogue::apply`] for every accumulator
    /// that the layer can have, else `Scalar`.
    ///
    /// The limit, [`MODERATE`], is far beyond any output range: only degenerate models fall back.
    pub(super) fn exact_isa(&self, isa: Isa, weights: &Weights) -> Isa {
        let moderate = weights
            .bound()
            .zip(&self.multiplier)
            .all(|(bound, &m)| bound as f64 * f64::from(m).abs() < MODERATE);
        if moderate { isa } else { Isa::Scalar }
    }
}
