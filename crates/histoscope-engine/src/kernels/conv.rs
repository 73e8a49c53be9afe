//! Dense k x k convolution: the stem, and whatever else a model brings.
//!
//! It is the matrix product of the 1x1 convolution, whose rows are the windows under the outputs. The lines of the
//! picture under a row of outputs are copied, with the padding beside them, and the windows are packed from there.

use super::gemm::Gemm;
use super::pack::reorder;
use super::requant::{Epilogue, InputQuant, Requant, accumulator_fits};
use super::scratch;
use super::tiles::Rows;
use super::variant::Variant;

/// Geometry of a convolution over one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvShape {
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Steps down and across.
    pub stride: [usize; 2],
    /// Rows and columns of padding: top, left, bottom, right.
    pub pad: [usize; 4],
}

impl ConvShape {
    /// Height and width of the output for a picture of `height` x `width`; zero where the kernel does not fit.
    pub fn output(&self, height: usize, width: usize) -> (usize, usize) {
        let along = |size: usize, axis: usize| {
            (size + self.pad[axis] + self.pad[axis + 2])
                .checked_sub(self.kernel[axis])
                .map_or(0, |room| room / self.stride[axis] + 1)
        };
        (along(height, 0), along(width, 1))
    }

    /// Number of taps.
    pub(super) fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// The row or column under tap `tap` of output `output` along `axis`, or `None` in the padding.
    pub(super) fn under_tap(
        &self,
        axis: usize,
        output: usize,
        tap: usize,
        size: usize,
    ) -> Option<usize> {
        (output * self.stride[axis] + tap).checked_sub(self.pad[axis]).filter(|&at| at < size)
    }

    pub(super) fn check(&self) {
        assert!(self.taps() > 0, "an empty kernel");
        assert!(self.stride[0] > 0 && self.stride[1] > 0, "a stride of zero");
    }
}

/// A dense convolution with its weights packed for one variant.
#[derive(Clone, Debug)]
pub struct Conv {
    cin: usize,
    cout: usize,
    shape: ConvShape,
    zero_point: u8,
    gemm: Gemm,
    epilogue: Epilogue,
}

impl Conv {
    /// `weights` is `[cout][cin][kh][kw]`, `bias` is `[cout]` without the zero point's share.
    ///
    /// # Panics
    /// When lengths disagree or are zero, the variant is not available, or [`accumulator_fits`] is false.
    #[expect(clippy::too_many_arguments, reason = "a layer has that many parts")]
    pub fn new(
        variant: Variant,
        weights: &[i8],
        bias: &[i32],
        cin: usize,
        cout: usize,
        shape: ConvShape,
        input: InputQuant,
        requant: Requant,
    ) -> Self {
        let taps = shape.taps();
        shape.check();
        assert!(variant.is_available(), "{variant:?} is not available");
        assert!(cin > 0 && cout > 0);
        assert_eq!(weights.len(), cout * cin * taps);
        assert_eq!(bias.len(), cout);
        assert!(accumulator_fits(weights, bias, input));
        let epilogue = Epilogue::new(requant, cout);
        let variant = epilogue.exact_variant(variant, weights, bias, input);

        // [cout][kh][kw][cin]: the order in which a picture has them.
        let order = (0..cin * taps).map(|at| Some(at % cin * taps + at / cin));
        let ordered = reorder(weights, cin * taps, order);
        Conv {
            cin,
            cout,
            shape,
            zero_point: input.zero_point,
            gemm: Gemm::new(variant, &ordered, bias, input, shape.kernel[0]),
            epilogue,
        }
    }

    /// One picture `x` `[h][w][cin]` to `out` `[oh][ow][cout]`, with `(oh, ow)` from [`ConvShape::output`].
    ///
    /// # Panics
    /// When a length does not match.
    pub fn run(&self, x: &[u8], h: usize, w: usize, out: &mut [u8]) {
        let (oh, ow) = self.shape.output(h, w);
        assert_eq!(x.len(), h * w * self.cin);
        assert_eq!(out.len(), oh * ow * self.cout);
        if out.is_empty() {
            return;
        }
        let [kh, kw] = self.shape.kernel;
        let stride = self.shape.stride[1];
        // Columns that a row of outputs sees, and those of the picture among them.
        let columns = (ow - 1) * stride + kw;
        let left = self.shape.pad[1].min(columns);
        let inside = left * self.cin..(left + w.min(columns - left)) * self.cin;
        let line = columns * self.cin;
        scratch::with(&scratch::LINES, kh * line, |lines| {
            lines.fill(self.zero_point);
            for (oy, out) in out.chunks_exact_mut(ow * self.cout).enumerate() {
                for (ky, line) in lines.chunks_exact_mut(line).enumerate() {
                    let line = &mut line[inside.clone()];
                    match self.shape.under_tap(0, oy, ky, h) {
                        Some(y) => line.copy_from_slice(&x[y * w * self.cin..][..line.len()]),
                        None => line.fill(self.zero_point),
                    }
                }
                let windows = Rows {
                    data: lines,
                    count: ow,
                    step: stride * self.cin,
                    parts: kh,
                    part_step: line,
                    part_len: kw * self.cin,
                };
                self.gemm.requantise(&windows, &self.epilogue, out);
            }
        });
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.gemm.kernel_name()
    }
}
