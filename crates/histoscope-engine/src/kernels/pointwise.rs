//! 1x1 convolution: a matrix product over pixels, nine tenths of the network's arithmetic.

use super::error::LayerError;
use super::gemm::Gemm;
use super::requant::{Epilogue, Requant};
use super::shape::MapSize;
use super::tiles::Rows;
use super::variant::Variant;
use super::weights::Weights;

/// A 1x1 convolution with its weights packed for one variant.
#[derive(Clone, Debug)]
pub struct Pointwise {
    cin: usize,
    cout: usize,
    gemm: Gemm,
    epilogue: Epilogue,
}

impl Pointwise {
    /// `weights` is `[cout][cin]`.
    ///
    /// # Errors
    /// Where there is not one multiplier for each output channel.
    ///
    /// # Panics
    /// When the variant is not available.
    pub fn new(variant: Variant, weights: Weights, requant: Requant) -> Result<Self, LayerError> {
        assert!(variant.is_available(), "{variant:?} is not available");
        let epilogue = Epilogue::new(requant, weights.channels())?;
        let variant = epilogue.exact_variant(variant, &weights);
        let (cin, cout) = (weights.depth(), weights.channels());
        Ok(Self { cin, cout, gemm: Gemm::new(variant, weights, 1), epilogue })
    }

    /// Size of the map that it makes of one of `input`.
    ///
    /// # Errors
    /// Where the input has other channels, or the output would be too large.
    pub fn output(&self, input: MapSize) -> Result<MapSize, LayerError> {
        let (expected, found) = (self.cin, input.channels());
        if expected != found {
            return Err(LayerError::Channels { expected, found });
        }
        MapSize::new(input.height(), input.width(), self.cout)
    }

    /// `x` `[pixels][cin]` to `out` `[pixels][cout]`; pixels of several pictures may follow one another.
    ///
    /// # Panics
    /// When a length does not match.
    pub fn run(&self, x: &[u8], out: &mut [u8]) {
        let pixels = x.len() / self.cin;
        assert_eq!(x.len() % self.cin, 0);
        assert!(out.len().is_multiple_of(self.cout) && out.len() / self.cout == pixels);
        self.gemm.requantise(&Rows::contiguous(x, 1, self.cin), &self.epilogue, out);
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.gemm.kernel_name()
    }
}
