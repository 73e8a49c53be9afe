//! Residual sum of two activations.
use super::super::epilogue::MODERATE;
use super::super::error::LayerError;
use super::super::isa::Isa;
use super::super::quant::{OutputQuant, Terms};
use super::super::scalar;
use super::super::simd::backend::Backend;
use super::super::simd::dispatch::choose;

/// A residual sum. Each operand has a zero point (`za`, `zb`) and a scale; with the ratios
/// `ra = scale of a / scale of the output` and `rb` likewise, rounded to `f32`,
///
/// ```text
/// q = clamp(round_half_even((a - za) as f32 * ra + (b - zb) as f32 * rb) + zero_point, min, max)
/// ```
///
/// with three `f32` roundings, one for each product and one for the sum, and no fused multiply-add.
#[derive(Clone, Debug)]
pub struct Add {
    terms: Terms,
    output: OutputQuant,
    backend: Option<&'static dyn Backend>,
}

impl Add {
    /// `a` and `b` are the operands' zero points and scales; `scale` and `output` belong to the
    /// output.
    ///
    /// # Errors
    /// [`LayerError::Scale`] where a scale over that of the output is no finite number.
    ///
    /// # Panics
    /// When the instruction set is not available.
    pub fn new(
        isa: Isa,
        a: (u8, f32),
        b: (u8, f32),
        scale: f32,
        output: OutputQuant,
    ) -> Result<Self, LayerError> {
        assert!(isa.is_available(), "{isa:?} is not available");
        let ratio = [a.1 / scale, b.1 / scale];
        if !ratio.iter().all(|ratio| ratio.is_finite()) {
            return Err(LayerError::Scale);
        }
        // Beyond this the SIMD epilogue does not round; only degenerate models are.
        let most: f64 = ratio.iter().map(|&r| 255.0 * f64::from(r).abs()).sum();
        let isa = if most < MODERATE { isa } else { Isa::Scalar };
        Ok(Self { terms: Terms { zeros: [a.0, b.0], ratio }, output, backend: choose(isa, false) })
    }

    /// Adds `a` and `b`, element by element, into `out`.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn run(&self, a: &[u8], b: &[u8], out: &mut [u8]) {
        assert_eq!(a.len(), out.len());
        assert_eq!(b.len(), out.len());
        let done =
            self.backend.map_or(0, |backend| backend.add(&self.terms, &self.output, a, b, out));
        scalar::add(&self.terms, &self.output, &a[done..], &b[done..], &mut out[done..]);
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.backend.map_or("scalar", Backend::name)
    }
}
