//! 1x1 convolution: a matrix product over pixels, nine tenths of the network's arithmetic.

use super::gemm::Gemm;
use super::requant::{Epilogue, InputQuant, Requant, accumulator_fits};
use super::tiles::Rows;
use super::variant::Variant;

/// A 1x1 convolution with its weights packed for one variant.
#[derive(Clone, Debug)]
pub struct Pointwise {
    cin: usize,
    cout: usize,
    gemm: Gemm,
    epilogue: Epilogue,
}

impl Pointwise {
    /// `weights` is `[cout][cin]`, `bias` is `[cout]` without the zero point's share.
    ///
    /// # Panics
    /// When lengths disagree or are zero, the variant is not available, or [`accumulator_fits`] is false.
    pub fn new(
        variant: Variant,
        weights: &[i8],
        bias: &[i32],
        cin: usize,
        cout: usize,
        input: InputQuant,
        requant: Requant,
    ) -> Self {
        assert!(variant.is_available(), "{variant:?} is not available");
        assert!(cin > 0 && cout > 0);
        assert_eq!(weights.len(), cout * cin);
        assert_eq!(bias.len(), cout);
        assert!(accumulator_fits(weights, bias, input));
        let epilogue = Epilogue::new(requant, cout);
        let variant = epilogue.exact_variant(variant, weights, bias, input);
        Pointwise { cin, cout, gemm: Gemm::new(variant, weights, bias, input, 1), epilogue }
    }

    /// `x` `[pixels][cin]` to `out` `[pixels][cout]`; pixels of several pictures may follow one another.
    ///
    /// # Panics
    /// When a length does not match.
    pub fn run(&self, x: &[u8], out: &mut [u8]) {
        assert_eq!(x.len() % self.cin, 0);
        assert_eq!(out.len(), x.len() / self.cin * self.cout);
        self.gemm.requantise(&Rows::contiguous(x, self.cin), &self.epilogue, out);
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.gemm.kernel_name()
    }
}
