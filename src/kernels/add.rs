//! Residual sum of two activations.

use super::variant::Variant;

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
    /// Zero points of the operands.
    zeros: [u8; 2],
    /// Scales of the operands over the scale of the output.
    ratio: [f32; 2],
    zero_point: u8,
    min: u8,
    max: u8,
}

impl Add {
    /// `a` and `b` are the operands' zero points and scales; `zero_point`, `min` and `max` belong to the output.
    ///
    /// # Panics
    /// When the variant is not available or `min > max`.
    pub fn new(
        variant: Variant,
        a: (u8, f32),
        b: (u8, f32),
        out_scale: f32,
        zero_point: u8,
        min: u8,
        max: u8,
    ) -> Self {
        assert!(variant.is_available(), "{variant:?} is not available");
        assert!(min <= max, "an empty output range");
        Add { zeros: [a.0, b.0], ratio: [a.1 / out_scale, b.1 / out_scale], zero_point, min, max }
    }

    /// Adds `a` and `b`, element by element, into `out`.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn run(&self, a: &[u8], b: &[u8], out: &mut [u8]) {
        assert_eq!(a.len(), out.len());
        assert_eq!(b.len(), out.len());
        for ((&a, &b), out) in a.iter().zip(b).zip(out) {
            *out = self.apply(a, b);
        }
    }

    /// The definition for one pair of bytes.
    fn apply(&self, a: u8, b: u8) -> u8 {
        let a = f32::from(i16::from(a) - i16::from(self.zeros[0])) * self.ratio[0];
        let b = f32::from(i16::from(b) - i16::from(self.zeros[1])) * self.ratio[1];
        let q = ((a + b).round_ties_even() as i32).saturating_add(i32::from(self.zero_point));
        q.clamp(i32::from(self.min), i32::from(self.max)) as u8
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        "add_scalar"
    }
}
