//! The classifier: a 1x1 convolution whose accumulators become real numbers, and their mean over
//! the map.
use super::super::error::LayerError;
use super::super::isa::Isa;
use super::super::rows::Rows;
use super::super::scratch;
use super::super::shape::MapSize;
use super::super::weights::Weights;
use super::gemm::Gemm;

/// The classifier with its weights packed for one instruction set.
#[derive(Clone, Debug)]
pub struct Head {
    cin: usize,
    classes: usize,
    scale: Vec<f32>,
    gemm: Gemm,
}

impl Head {
    /// `weights` is `[classes][cin]`, `scale` is the real value of one accumulator step for each
    /// class: `input scale * weight scale`.
    ///
    /// # Errors
    /// Where there is not one scale a class, or one that is not finite.
    ///
    /// # Panics
    /// When the instruction set is not available.
    pub fn new(isa: Isa, weights: Weights, scale: Vec<f32>) -> Result<Self, LayerError> {
        assert!(isa.is_available(), "{isa:?} is not available");
        weights.expect_channels(scale.len())?;
        if !scale.iter().all(|scale| scale.is_finite()) {
            return Err(LayerError::Scale);
        }
        let (cin, classes) = (weights.depth(), weights.channels());
        Ok(Self { cin, classes, scale, gemm: Gemm::new(isa, weights, 1) })
    }

    /// Size of the class-activation map that it makes of one of `input`; its channels are the
    /// classes.
    ///
    /// # Errors
    /// Where the input has other channels or no pixel, or the map's real numbers would be too
    /// large.
    pub fn output(&self, input: MapSize) -> Result<MapSize, LayerError> {
        let (expected, found) = (self.cin, input.channels());
        if expected != found {
            return Err(LayerError::Channels { expected, found });
        }
        if input.is_empty() {
            return Err(LayerError::MapBelowKernel([input.height(), input.width()]));
        }
        let sums = input.pixels() as u64 * (self.gemm.sums_stride() * size_of::<i32>()) as u64;
        if sums > MapSize::MAX_BYTES as u64 {
            return Err(LayerError::Memory(sums));
        }
        MapSize::new(input.height(), input.width(), self.classes)
    }

    /// One map `x` `[pixels][cin]`, of a size that [`Head::output`] takes, to the class-activation
    /// map `cam` `[pixels][classes]` and its mean `logits` `[classes]`.
    ///
    /// `cam = acc as f32 * scale`; `logits = (sum of acc, exact) as f64 * scale as f64 / pixels`,
    /// rounded once to `f32`, so it does not depend on the order of the pixels.
    ///
    /// # Panics
    /// When a length does not match or there is no pixel.
    pub fn run(&self, x: &[u8], cam: &mut [f32], logits: &mut [f32]) {
        let pixels = x.len() / self.cin;
        let stride = self.gemm.sums_stride();
        assert!(pixels > 0 && x.len().is_multiple_of(self.cin));
        assert!(
            pixels <= MapSize::MAX_BYTES / size_of::<i32>() / stride,
            "a map beyond the limits"
        );
        assert_eq!(cam.len(), pixels * self.classes);
        assert_eq!(logits.len(), self.classes);
        scratch::with(&scratch::SUMS, pixels * stride, |sums| {
            self.gemm.accumulate(&Rows::contiguous(x, 1, self.cin), sums);
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
