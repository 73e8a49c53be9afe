//! 1x1 convolution: a matrix product over pixels, nine tenths of the network's arithmetic.
use super::super::epilogue::Epilogue;
use super::super::error::LayerError;
use super::super::isa::Isa;
use super::super::quant::Requant;
use super::super::rows::Rows;
use super::super::shape::MapSize;
use super::super::weights::Weights;
use super::gemm::Gemm;

/// A 1x1 convolution with its weights packed for one instruction set.
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
    /// When the instruction set is not available.
    pub fn new(isa: Isa, weights: Weights, requant: Requant) -> Result<Self, LayerError> {
        assert!(isa.is_available(), "{isa:?} is not available");
        let epilogue = Epilogue::new(requant, weights.channels())?;
        let isa = epilogue.exact_isa(isa, &weights);
        let (cin, cout) = (weights.depth(), weights.channels());
        Ok(Self { cin, cout, gemm: Gemm::new(isa, weights, 1), epilogue })
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

    /// `x` `[pixels][cin]` to `out` `[pixels][cout]`; pixels of several pictures may follow one
    /// another.
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
