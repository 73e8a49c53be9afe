//! The classifier: a 1x1 convolution whose accumulators become real numbers, and their mean over the map.

use super::gemm::Gemm;
use super::requant::{InputQuant, accumulator_fits};
use super::scratch;
use super::tiles::Rows;
use super::variant::Variant;

/// The classifier with its weights packed for one variant.
#[derive(Clone, Debug)]
pub struct Head {
    cin: usize,
    classes: usize,
    scale: Vec<f32>,
    gemm: Gemm,
}

impl Head {
    /// `weights` is `[classes][cin]`, `bias` is `[classes]` without the zero point's share, `scale` is the
    /// real value of one accumulator step for each class: `input scale * weight scale`.
    ///
    /// # Panics
    /// When lengths disagree or are zero, the variant is not available, or [`accumulator_fits`] is false.
    pub fn new(
        variant: Variant,
        weights: &[i8],
        bias: &[i32],
        cin: usize,
        classes: usize,
        input: InputQuant,
        scale: &[f32],
    ) -> Self {
        assert!(variant.is_available(), "{variant:?} is not available");
        assert!(cin > 0 && classes > 0);
        assert_eq!(weights.len(), classes * cin);
        assert_eq!(bias.len(), classes);
        assert_eq!(scale.len(), classes);
        assert!(accumulator_fits(weights, bias, input));
        Head {
            cin,
            classes,
            scale: scale.to_vec(),
            gemm: Gemm::new(variant, weights, bias, input, 1),
        }
    }

    /// One picture's map `x` `[pixels][cin]` to the class-activation map `cam` `[pixels][classes]` and its
    /// mean `logits` `[classes]`.
    ///
    /// `cam = acc as f32 * scale`; `logits = (sum of acc, exact) as f64 * scale as f64 / pixels`, rounded once
    /// to `f32`, so it does not depend on the order of the pixels.
    ///
    /// # Panics
    /// When a length does not match or there is no pixel.
    pub fn run(&self, x: &[u8], cam: &mut [f32], logits: &mut [f32]) {
        let pixels = x.len() / self.cin;
        assert!(pixels > 0 && x.len() == pixels * self.cin);
        assert_eq!(cam.len(), pixels * self.classes);
        assert_eq!(logits.len(), self.classes);
        let stride = self.gemm.sums_stride();
        scratch::with(&scratch::SUMS, pixels * stride, |sums| {
            self.gemm.accumulate(&Rows::contiguous(x, self.cin), sums);
            for (class, (logit, &scale)) in logits.iter_mut().zip(&self.scale).enumerate() {
                let mut total = 0;
                for (sums, cam) in sums.chunks_exact(stride).zip(cam.chunks_exact_mut(self.classes))
                {
                    cam[class] = sums[class] as f32 * scale;
                    total += i64::from(sums[class]);
                }
                *logit = (total as f64 * f64::from(scale) / pixels as f64) as f32;
            }
        });
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.gemm.kernel_name()
    }
}
