//! Dense k x k convolution: the stem, and whatever else a model brings.
//!
//! The window under each output pixel is gathered into a row, a few output rows at a time, and the matrix
//! product of the 1x1 convolution does the rest. Copying costs little: the stem's window is 27 bytes and
//! feeds 32 channels.

use super::gemm::Gemm;
use super::requant::{Epilogue, InputQuant, Requant, accumulator_fits};
use super::scratch;
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
    /// Bytes of a gathered window: its `kh * kw * cin` and zeros up to whole words.
    row: usize,
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

        // [cout][kh][kw][cin] and zeros: the order in which a window is gathered.
        let row = (cin * taps).next_multiple_of(4);
        let mut rows = vec![0; cout * row];
        for (from, to) in weights.chunks_exact(cin * taps).zip(rows.chunks_exact_mut(row)) {
            for (index, &weight) in from.iter().enumerate() {
                to[index % taps * cin + index / taps] = weight;
            }
        }
        Conv {
            cin,
            cout,
            shape,
            zero_point: input.zero_point,
            row,
            gemm: Gemm::new(variant, &rows, bias, input),
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
        scratch::with(&scratch::WINDOWS, ow * self.row, |windows| {
            windows.fill(self.zero_point);
            for (oy, out) in out.chunks_exact_mut(ow * self.cout).enumerate() {
                self.gather(x, h, w, oy, windows);
                self.gemm.requantise(windows, &self.epilogue, out);
            }
        });
    }

    /// Gathers the windows of output row `oy`. What lies in the left or right padding is never written: it
    /// keeps the zero point that `windows` came with.
    fn gather(&self, x: &[u8], h: usize, w: usize, oy: usize, windows: &mut [u8]) {
        let [kh, kw] = self.shape.kernel;
        let run = kw * self.cin;
        for (ox, window) in windows.chunks_exact_mut(self.row).enumerate() {
            // The kernel's columns that lie in the picture: `skipped..skipped + columns`.
            let left = ox * self.shape.stride[1];
            let skipped = self.shape.pad[1].saturating_sub(left).min(kw);
            let column = left.saturating_sub(self.shape.pad[1]);
            let columns = (kw - skipped).min(w.saturating_sub(column));
            if columns == 0 {
                continue;
            }
            let inside = skipped * self.cin..(skipped + columns) * self.cin;
            for (ky, to) in window[..kh * run].chunks_exact_mut(run).enumerate() {
                let to = &mut to[inside.clone()];
                match self.shape.under_tap(0, oy, ky, h) {
                    Some(y) => copy(to, &x[(y * w + column) * self.cin..][..to.len()]),
                    None => to.fill(self.zero_point),
                }
            }
        }
    }

    /// Name of the kernel that was chosen.
    pub fn kernel_name(&self) -> &'static str {
        self.gemm.kernel_name()
    }
}

/// Copies a run of bytes. Where the length is known a copy is a few moves, else a call that costs more than
/// the runs of an RGB picture under 3, 5 or 7 columns, which all stems have.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    fn fixed<const N: usize>(to: &mut [u8], from: &[u8]) -> bool {
        match (to.as_chunks_mut::<N>().0, from.as_chunks::<N>().0) {
            ([to], [from]) => {
                *to = *from;
                true
            }
            _ => false,
        }
    }
    let copied = match to.len() {
        9 => fixed::<9>(to, from),
        15 => fixed::<15>(to, from),
        21 => fixed::<21>(to, from),
        _ => false,
    };
    if !copied {
        to.copy_from_slice(from);
    }
}
