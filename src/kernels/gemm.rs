//! The matrix product under the 1x1 convolution, the dense convolution and the classifier.
//!
//! ```text
//! for each block of rows (pixels) that fits the first-level cache
//!     pack the block: tiles of 4 rows, and in a tile word after word of all 4     (see `Tiles`)
//!     for each panel of 8 channels                        (its weights stay in the first-level cache)
//!         for each tile of the block
//!             accumulators = bias
//!             for each word, or two, of the depth         (the inner loop of the backend)
//!                 accumulators[row][channel] += dot(activations[row], weights[channel])
//!             requantise, clamp, narrow, store
//! ```
//!
//! The tile's accumulators live in registers from the bias to the stored bytes. A block bounds how far
//! apart in time the bytes of one output pixel are written, and how often weights pass through the cache.
//! Packing pays because WebAssembly addresses are a base and a constant: with four rows side by side the
//! inner loop needs one pointer for all activations instead of an addition for each load.

use super::backend::{self, Backend, PANEL};
use super::pack::{Panels, TILE_ROWS, Tiles};
use super::requant::{Epilogue, InputQuant};
use super::scalar;
use super::scratch;
use super::variant::Variant;

/// Bytes of activations in a block: half of a 32 KiB first-level cache, the other half for weights and outputs.
const BLOCK_BYTES: usize = 16 * 1024;
/// Most rows of a block, however thin they are.
const BLOCK_ROWS: usize = 256;

/// A matrix product with packed weights: `[rows][depth]` activations times `[channels][depth]` weights.
#[derive(Clone, Debug)]
pub struct Gemm {
    depth: usize,
    channels: usize,
    kernel: Kernel,
}

#[derive(Clone, Debug)]
enum Kernel {
    Scalar { weights: Vec<i8>, bias: Vec<i32>, input: InputQuant },
    Simd { backend: &'static dyn Backend, panels: Panels },
}

impl Gemm {
    /// `weights` is `[channels][depth]`, `bias` `[channels]`.
    pub fn new(variant: Variant, weights: &[i8], bias: &[i32], input: InputQuant) -> Self {
        let channels = bias.len();
        let kernel = match backend::choose(variant, input) {
            Some(backend) => {
                let starts: Vec<usize> = (0..channels).step_by(PANEL).collect();
                let zero = input.zero_point;
                let mut panels = Panels::new(backend.word(), weights, bias, zero, &starts, PANEL);
                if backend.adds_in_16_bits() {
                    panels.ease();
                }
                Kernel::Simd { backend, panels }
            }
            None => Kernel::Scalar { weights: weights.to_vec(), bias: bias.to_vec(), input },
        };
        Gemm { depth: weights.len() / channels, channels, kernel }
    }

    /// Requantised product: `x` `[rows][depth]` to `out` `[rows][channels]`.
    pub fn requantise(&self, x: &[u8], epilogue: &Epilogue, out: &mut [u8]) {
        match &self.kernel {
            Kernel::Scalar { weights, bias, input } => {
                scalar::gemm(x, weights, bias, *input, |row, channel, acc| {
                    out[row * self.channels + channel] = epilogue.apply(acc, channel);
                });
            }
            Kernel::Simd { backend, panels } => {
                self.for_each_block(x, out, self.channels, *backend, |tiles, out| {
                    backend.gemm_requantised(tiles, panels, epilogue, out);
                });
            }
        }
    }

    /// The accumulators themselves: `x` `[rows][depth]` to `sums` `[rows][sums_stride]`, of which the first
    /// `channels` of a row count.
    pub fn accumulate(&self, x: &[u8], sums: &mut [i32]) {
        let stride = self.sums_stride();
        match &self.kernel {
            Kernel::Scalar { weights, bias, input } => {
                scalar::gemm(x, weights, bias, *input, |row, channel, acc| {
                    sums[row * stride + channel] = acc
                });
            }
            Kernel::Simd { backend, panels } => {
                self.for_each_block(x, sums, stride, *backend, |tiles, sums| {
                    backend.gemm_accumulators(tiles, panels, sums);
                });
            }
        }
    }

    /// Elements from one row of accumulators to the next.
    pub fn sums_stride(&self) -> usize {
        self.channels.next_multiple_of(PANEL)
    }

    /// Name of the kernel, for reports.
    pub fn kernel_name(&self) -> &'static str {
        match &self.kernel {
            Kernel::Scalar { .. } => "scalar",
            Kernel::Simd { backend, .. } => backend.name(),
        }
    }

    /// Calls `work(packed activations, outputs)` for blocks of rows.
    ///
    /// A block has [`TILE_ROWS`] rows or more: a last one that would be smaller begins earlier, and its first
    /// rows are computed twice. Fewer rows in all are filled up with zeros.
    fn for_each_block<T: Copy + Default>(
        &self,
        x: &[u8],
        out: &mut [T],
        out_stride: usize,
        backend: &dyn Backend,
        mut work: impl FnMut(&Tiles, &mut [T]),
    ) {
        let rows = x.len() / self.depth;
        if (1..TILE_ROWS).contains(&rows) {
            let mut filled_x = vec![0; TILE_ROWS * self.depth];
            filled_x[..x.len()].copy_from_slice(x);
            let mut filled_out = vec![T::default(); TILE_ROWS * out_stride];
            self.for_each_block(&filled_x, &mut filled_out, out_stride, backend, work);
            out.copy_from_slice(&filled_out[..out.len()]);
            return;
        }
        let depth = self.depth.div_ceil(backend.word().steps());
        let most = (BLOCK_BYTES / (depth * 4)).clamp(TILE_ROWS, BLOCK_ROWS) / TILE_ROWS * TILE_ROWS;
        for start in (0..rows).step_by(most) {
            let end = rows.min(start + most);
            let start = start.min(end - TILE_ROWS);
            let x = &x[start * self.depth..end * self.depth];
            let out = &mut out[start * out_stride..end * out_stride];
            scratch::with(&scratch::TILES, Tiles::len(end - start, depth), |words| {
                backend.pack(x, self.depth, words);
                work(&Tiles { words, rows: end - start, depth }, out);
            });
        }
    }
}
