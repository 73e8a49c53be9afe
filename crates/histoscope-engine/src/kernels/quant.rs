//! Quantisation parameters: what is known of an input, and where results go.

use super::error::LayerError;

/// What is known of a layer's input: its zero point and its greatest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InputQuant {
    zero_point: u8,
    max: u8,
}

impl InputQuant {
    /// `zero_point` is the byte that stands for real zero; padding has this value. Inputs lie in
    /// `0..=max`: 127 for the network's own activations, 255 for raw pixels. A larger byte gives
    /// unspecified (but memory-safe) results.
    ///
    /// # Errors
    /// [`LayerError::Range`] where `zero_point > max`: padding is an input, too.
    pub fn new(zero_point: u8, max: u8) -> Result<Self, LayerError> {
        if zero_point <= max { Ok(Self { zero_point, max }) } else { Err(LayerError::Range) }
    }

    /// The byte that stands for real zero.
    pub fn zero_point(self) -> u8 {
        self.zero_point
    }

    /// Greatest input.
    pub fn max(self) -> u8 {
        self.max
    }

    /// Whether the 7-bit dot products are exact for this input.
    pub(super) fn is_seven_bit(self) -> bool {
        self.max <= 127
    }
}

/// From accumulators to output bytes: `clamp(round_half_even(acc as f32 * multiplier) + zero_point,
/// min, max)`.
#[derive(Clone, Debug)]
pub struct Requant {
    pub(super) multiplier: Vec<f32>,
    pub(super) output: OutputQuant,
}

impl Requant {
    /// `multiplier` is one factor for each output channel: `input scale * weight scale / output
    /// scale`.
    ///
    /// # Errors
    /// [`LayerError::Scale`] where a multiplier is not finite.
    pub fn new(multiplier: Vec<f32>, output: OutputQuant) -> Result<Self, LayerError> {
        if multiplier.iter().all(|m| m.is_finite()) {
            Ok(Self { multiplier, output })
        } else {
            Err(LayerError::Scale)
        }
    }

    /// One factor for each output channel.
    pub fn multiplier(&self) -> &[f32] {
        &self.multiplier
    }

    /// Where the products go.
    pub fn output(&self) -> OutputQuant {
        self.output
    }
}

/// Where a layer's real results go: the last steps of every kernel, after the multiplication.
#[derive(Clone, Copy, Debug)]
pub struct OutputQuant {
    zero_point: u8,
    min: u8,
    max: u8,
    /// [`ROUNDER`], as a variable: JavaScript engines build a constant vector anew at each use, in
    /// three instructions, but keep what was loaded in a register.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    rounder: f32,
}

/// 1.5 * 2^23: added to a number of magnitude below 2^22 it leaves no bit for a fraction, so the
/// addition itself rounds, half to even.
pub(crate) const ROUNDER: f32 = 12_582_912.0;

impl OutputQuant {
    /// `zero_point` is the byte that stands for real zero; outputs are clamped to `min..=max`.
    ///
    /// # Errors
    /// [`LayerError::Range`] where `min > max`.
    pub fn new(zero_point: u8, min: u8, max: u8) -> Result<Self, LayerError> {
        if min > max {
            return Err(LayerError::Range);
        }
        Ok(Self {
            zero_point,
            min,
            max,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            rounder: ROUNDER,
        })
    }

    /// The byte that stands for real zero.
    pub fn zero_point(&self) -> u8 {
        self.zero_point
    }

    /// Least output.
    pub fn min(&self) -> u8 {
        self.min
    }

    /// Greatest output.
    pub fn max(&self) -> u8 {
        self.max
    }

    /// See [`ROUNDER`].
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    pub(super) fn rounder(&self) -> f32 {
        self.rounder
    }

    /// The output byte of a number in output steps: the definition for every backend.
    ///
    /// The conversion to `i32` saturates, so numbers of any size are defined.
    pub(super) fn quantise(&self, steps: f32) -> u8 {
        let q = (steps.round_ties_even() as i32).saturating_add(i32::from(self.zero_point));
        q.clamp(i32::from(self.min), i32::from(self.max)) as u8
    }
}

/// The operands of a residual sum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Zero points.
    pub zeros: [u8; 2],
    /// Scales over the scale of the output.
    pub ratio: [f32; 2],
}
