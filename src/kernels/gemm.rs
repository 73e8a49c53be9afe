//! The matrix product under the 1x1 convolution, the dense convolution and the classifier.
//!
//! ```text
//! for each block of rows (pixels) that fits the first-level cache
//!     make the block's activations whole words          (nothing to do for 7-bit ones of usual depths)
//!     for each panel of 8 channels                        (its weights stay in the first-level cache)
//!         for each tile of a few rows in the block
//!             accumulators = bias
//!             for each word of the depth                  (the inner loop of the backend)
//!                 accumulators[row][channel] += dot(activations[row], weights[channel])
//!             requantise, clamp, narrow, store
//! ```
//!
//! The tile's accumulators live in registers from the bias to the stored bytes. A block bounds how far
//! apart in time the bytes of one output pixel are written, and how often weights pass through the cache.

use super::backend::{self, Backend, PANEL};
use super::pack::{Panels, Word};
use super::requant::{Epilogue, InputQuant};
use super::scalar;
use super::scratch;
use super::variant::Variant;

/// Bytes of activations in a block: half of a 32 KiB first-level cache, the other half for weights and outputs.
const BLOCK_BYTES: usize = 16 * 1024;
/// Rows of a block, however thin they are; a multiple of every backend's tile.
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
                let panels = Panels::new(backend.word(), weights, bias, zero, &starts, PANEL);
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
                self.for_each_block(x, backend.word(), |first, count, words| {
                    let out = &mut out[first * self.channels..][..count * self.channels];
                    backend.gemm_requantised(words, panels, epilogue, out);
                })
            }
        }
    }

    /// The accumulators themselves: `x` `[rows][depth]`, one call of `each(row, channel, accumulator)` each.
    pub fn accumulate(&self, x: &[u8], mut each: impl FnMut(usize, usize, i32)) {
        match &self.kernel {
            Kernel::Scalar { weights, bias, input } => scalar::gemm(x, weights, bias, *input, each),
            Kernel::Simd { backend, panels } => {
                self.for_each_block(x, backend.word(), |first, count, words| {
                    let stride = self.channels.next_multiple_of(PANEL);
                    scratch::with(&scratch::SUMS, count * stride, |sums| {
                        backend.gemm_accumulators(words, panels, sums);
                        for (row, sums) in sums.chunks_exact(stride).enumerate() {
                            for (channel, &acc) in sums[..self.channels].iter().enumerate() {
                                each(first + row, channel, acc);
                            }
                        }
                    });
                })
            }
        }
    }

    /// Name of the kernel, for reports.
    pub fn kernel_name(&self) -> &'static str {
        match &self.kernel {
            Kernel::Scalar { .. } => "scalar",
            Kernel::Simd { backend, .. } => backend.name(),
        }
    }

    /// Calls `work(first row, rows, activations as whole words)` for each block.
    fn for_each_block(&self, x: &[u8], word: Word, mut work: impl FnMut(usize, usize, &[u8])) {
        let row_bytes = self.depth.div_ceil(word.steps()) * 4;
        let rows_in_block = (BLOCK_BYTES / row_bytes / 8 * 8).clamp(8, BLOCK_ROWS);
        for (index, x) in x.chunks(rows_in_block * self.depth).enumerate() {
            let first = index * rows_in_block;
            let count = x.len() / self.depth;
            match word {
                Word::Quad if self.depth == row_bytes => work(first, count, x),
                Word::Quad => scratch::with(&scratch::ROWS, count * row_bytes, |words| {
                    pad_rows(x, self.depth, words, row_bytes);
                    work(first, count, words);
                }),
                Word::Pair => scratch::with(&scratch::ROWS, count * row_bytes, |words| {
                    widen_rows(x, self.depth, words, row_bytes);
                    work(first, count, words);
                }),
            }
        }
    }
}

/// Copies rows of `depth` bytes to rows of `row_bytes`, with zeros behind.
fn pad_rows(x: &[u8], depth: usize, words: &mut [u8], row_bytes: usize) {
    for (x, words) in x.chunks_exact(depth).zip(words.chunks_exact_mut(row_bytes)) {
        let (data, rest) = words.split_at_mut(depth);
        data.copy_from_slice(x);
        rest.fill(0);
    }
}

/// Widens rows of `depth` bytes to little-endian 16-bit steps, with zeros behind.
fn widen_rows(x: &[u8], depth: usize, words: &mut [u8], row_bytes: usize) {
    for (x, words) in x.chunks_exact(depth).zip(words.chunks_exact_mut(row_bytes)) {
        let (data, rest) = words.split_at_mut(2 * depth);
        for (wide, &x) in data.chunks_exact_mut(2).zip(x) {
            wide.copy_from_slice(&u16::from(x).to_le_bytes());
        }
        rest.fill(0);
    }
}
