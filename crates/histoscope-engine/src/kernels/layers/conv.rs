//! Dense k x k convolution: the stem, and whatever else a model brings.
//!
//! It is the matrix product of the 1x1 convolution, whose rows are the windows under the outputs.
use super::super::epilogue::Epilogue;
use super::super::error::LayerError;
use super::super::isa::Isa;
use super::super::quant::Requant;
use super::super::shape::{ConvShape, MapSize};
use super::super::weights::Weights;
use super::gemm::Gemm;
use super::windows;

/// A dense convolution with its weights packed for one instruction set.
#[derive(Clone, Debug)]
pub struct Conv {
    cin: usize,
    shape: ConvShape,
    zero_point: u8,
    gemm: Gemm,
    epilogue: Epilogue,
}

impl Conv {
    /// `weights` is `[cout][cin][kh][kw]`.
    ///
    /// # Errors
    /// Where an output channel has not `cin` times as many weights as `shape` has taps, or not one
    /// multiplier.
    ///
    /// # Panics
    /// When the instruction set is not available.
    pub fn new(
        isa: Isa,
        weights: Weights,
        cin: usize,
        shape: ConvShape,
        requant: Requant,
    ) -> Result<Self, LayerError> {
        assert!(isa.is_available(), "{isa:?} is not available");
        weights.expect_depth(cin.saturating_mul(shape.taps()))?;
        let epilogue = Epilogue::new(requant, weights.channels())?;
        let isa = epilogue.exact_isa(isa, &weights);
        let ordered = windows::order(weights.values(), cin, shape.taps());
        let ordered = Weights::new(&ordered, weights.bias(), weights.input())?;
        Ok(Self {
            cin,
            shape,
            zero_point: weights.input().zero_point(),
            gemm: Gemm::new(isa, ordered, shape.kernel()[0]),
            epilogue,
        })
    }

    /// Size of the map that it makes of one of `input`.
    ///
    /// # Errors
    /// Where the input has other channels or is smaller than the kernel, or the output or the lines
    /// under a row of it would be too large.
    pub fn output(&self, input: MapSize) -> Result<MapSize, LayerError> {
        if input.channels() != self.cin {
            let (expected, found) = (self.cin, input.channels());
            return Err(LayerError::Channels { expected, found });
        }
        let output = self.shape.output(input, self.epilogue.channels)?;
        let lines = windows::lines_len(&self.shape, output.width(), self.cin);
        if lines > MapSize::MAX_BYTES as u64 {
            return Err(LayerError::Memory(lines));
        }
        Ok(output)
    }

    /// One map `x` of size `input` to `out` of the size [`Conv::output`].
    ///
    /// # Panics
    /// When a length does not match, or there is no output.
    pub fn run(&self, x: &[u8], input: MapSize, out: &mut [u8]) {
        let output = self.output(input).expect("an input with an output");
        assert_eq!(x.len(), input.len());
        assert_eq!(out.len(), output.len());
        let row = output.width() * output.channels();
        windows::each_row(x, input, self.shape, output, self.zero_point, |index, windows| {
            self.gemm.requantise(windows, &self.epilogue, &mut out[index * row..][..row]);
        });
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.gemm.kernel_name()
    }
}
