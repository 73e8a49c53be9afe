//! Dense k x k convolution: the stem, and whatever else a model brings.
//!
//! It is the matrix product of the 1x1 convolution, whose rows are the windows under the outputs.
//! The lines of the picture under a row of outputs are copied, with the padding beside them, and
//! the windows are packed from there.
use super::super::epilogue::Epilogue;
use super::super::error::LayerError;
use super::super::isa::Isa;
use super::super::quant::Requant;
use super::super::rows::Rows;
use super::super::scratch;
use super::super::shape::{ConvShape, MapSize};
use super::super::simd::panels::reorder;
use super::super::weights::Weights;
use super::gemm::Gemm;

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
        let taps = shape.taps();
        let depth = weights.depth();
        weights.expect_depth(cin.saturating_mul(taps))?;
        let epilogue = Epilogue::new(requant, weights.channels())?;
        let isa = epilogue.exact_isa(isa, &weights);

        // [cout][kh][kw][cin]: the order in which a map has them.
        let order = (0..depth).map(|at| Some(at % cin * taps + at / cin));
        let ordered = reorder(weights.values(), depth, order);
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
        let [rows, _] = self.shape.kernel();
        let line = self.shape.columns_under(output.width()) * self.cin;
        let lines = rows as u64 * line as u64;
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
        let (h, w) = (input.height(), input.width());
        let [kh, kw] = self.shape.kernel();
        let stride = self.shape.stride()[1];
        // Columns that a row of outputs sees, and those of the map among them.
        let columns = self.shape.columns_under(output.width());
        let left = self.shape.pad()[1].min(columns);
        let inside = left * self.cin..(left + w.min(columns - left)) * self.cin;
        let line = columns * self.cin;
        scratch::with(&scratch::LINES, kh * line, |lines| {
            lines.fill(self.zero_point);
            let row = output.width() * output.channels();
            for (oy, out) in out.chunks_exact_mut(row).enumerate() {
                for (ky, line) in lines.chunks_exact_mut(line).enumerate() {
                    let line = &mut line[inside.clone()];
                    match self.shape.under_tap(0, oy, ky, h) {
                        Some(y) => line.copy_from_slice(&x[y * w * self.cin..][..line.len()]),
                        None => line.fill(self.zero_point),
                    }
                }
                let windows =
                    Rows::windows(lines, output.width(), stride * self.cin, kh, kw * self.cin);
                self.gemm.requantise(&windows, &self.epilogue, out);
            }
        });
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.gemm.kernel_name()
    }
}
