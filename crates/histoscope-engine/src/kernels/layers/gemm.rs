//! The matrix product under the 1x1 convolution, the dense convolution and the classifier.
//!
//! ```text
//! for each block of rows (pixels) that fits the first-level cache
//!     pack the block: tiles of 4 rows, and in a tile word after word of all 4     (see `Tiles`)
//!     for each panel of 8 channels                     (its weights stay in the first-level cache)
//!         for each tile of the block
//!             accumulators = bias
//!             for each word, or two, of the depth         (the inner loop of the backend)
//!                 accumulators[row][channel] += dot(activations[row], weights[channel])
//!             requantise, clamp, narrow, store
//! ```
//!
//! The tile's accumulators live in registers from the bias to the stored bytes. A block bounds how
//! far apart in time the bytes of one output pixel are written, and how often weights pass through
//! the cache. Packing pays because WebAssembly addresses are a base and a constant: with four rows
//! side by side the inner loop needs one pointer for all activations instead of an addition for
//! each load.
use super::super::epilogue::Epilogue;
use super::super::isa::Isa;
use super::super::layout::{PANEL, TILE_ROWS};
use super::super::rows::Rows;
use super::super::scalar;
use super::super::scratch;
use super::super::simd::backend::Backend;
use super::super::simd::dispatch::choose;
use super::super::simd::panels::{Panels, reorder};
use super::super::simd::settle::settle;
use super::super::simd::tiles::{Tiles, loads, word_order};
use super::super::weights::Weights;
use super::runner::Runner;

/// Bytes of activations in a block: half of a 32 KiB first-level cache, the other half for weights
/// and outputs.
const BLOCK_BYTES: usize = 16 * 1024;
/// Most rows of a block, however thin they are.
const BLOCK_ROWS: usize = 256;

/// A matrix product with packed weights: `[rows][depth]` activations times `[channels][depth]`
/// weights.
#[derive(Clone, Debug)]
pub(super) struct Gemm {
    channels: usize,
    runner: Runner,
}

impl Gemm {
    /// The depth of `weights` consists of so many `parts` as the rows will.
    pub(super) fn new(isa: Isa, weights: Weights, parts: usize) -> Self {
        let (channels, depth) = (weights.channels(), weights.depth());
        let runner = match choose(isa, weights.fit_quads()) {
            Some(backend) => {
                let starts: Vec<usize> = (0..channels).step_by(PANEL).collect();
                let (word, zero) = (backend.word(), weights.input().zero_point());
                let part_len = depth / parts;
                let order: Vec<_> = word_order(word, parts, part_len).map(Some).collect();
                let ordered = reorder(weights.values(), depth, order.iter().copied());
                let (ordered, shuffles) = if backend.shuffles(part_len) {
                    settle(&ordered, channels, &loads(parts, part_len))
                } else {
                    (ordered, vec![])
                };
                let mut panels = Panels::new(word, &ordered, weights.bias(), zero, &starts, PANEL)
                    .settled(shuffles);
                if let Some(lanes) = backend.eased_lanes() {
                    panels.ease(lanes);
                }
                Runner::Simd { backend, panels }
            }
            None => Runner::scalar(weights),
        };
        Self { channels, runner }
    }

    /// Requantised product of `x`, to `out` `[rows][channels]`.
    pub(super) fn requantise(&self, x: &Rows, epilogue: &Epilogue, out: &mut [u8]) {
        match &self.runner {
            Runner::Scalar { weights, bias, input } => {
                scalar::gemm(x, weights, bias, *input, |row, channel, acc| {
                    out[row * self.channels + channel] = epilogue.apply(acc, channel);
                });
            }
            Runner::Simd { backend, panels } => {
                self.for_each_block(x, out, self.channels, *backend, panels, |tiles, out| {
                    backend.gemm_requantised(tiles, panels, epilogue, out);
                });
            }
        }
    }

    /// The accumulators themselves, of `x`, to `sums` `[rows][sums_stride]`, of which the first
    /// `channels` of a row count.
    pub(super) fn accumulate(&self, x: &Rows, sums: &mut [i32]) {
        let stride = self.sums_stride();
        match &self.runner {
            Runner::Scalar { weights, bias, input } => {
                scalar::gemm(x, weights, bias, *input, |row, channel, acc| {
                    sums[row * stride + channel] = acc
                });
            }
            Runner::Simd { backend, panels } => {
                self.for_each_block(x, sums, stride, *backend, panels, |tiles, sums| {
                    backend.gemm_accumulators(tiles, panels, sums);
                });
            }
        }
    }

    /// Elements from one row of accumulators to the next.
    pub(super) fn sums_stride(&self) -> usize {
        self.channels.next_multiple_of(PANEL)
    }

    /// Name of the kernel, for reports.
    pub(super) fn kernel_name(&self) -> &'static str {
        self.runner.name()
    }

    /// Calls `work(packed activations, outputs)` for blocks of rows.
    ///
    /// A block has [`TILE_ROWS`] rows or more: a last one that would be smaller begins earlier, and
    /// its first rows are computed twice. Fewer rows in all are filled up with zeros.
    fn for_each_block<T: Copy + Default>(
        &self,
        x: &Rows,
        out: &mut [T],
        out_stride: usize,
        backend: &dyn Backend,
        panels: &Panels,
        mut work: impl FnMut(&Tiles, &mut [T]),
    ) {
        if (1..TILE_ROWS).contains(&x.count()) {
            let mut filled = vec![0; TILE_ROWS * x.parts() * x.part_len()];
            x.copy_to(&mut filled);
            let filled = Rows::contiguous(&filled, x.parts(), x.part_len());
            let mut filled_out = vec![T::default(); TILE_ROWS * out_stride];
            self.for_each_block(&filled, &mut filled_out, out_stride, backend, panels, work);
            out.copy_from_slice(&filled_out[..out.len()]);
            return;
        }
        let depth = x.depth(backend.word());
        let most = (BLOCK_BYTES / (depth * 4)).clamp(TILE_ROWS, BLOCK_ROWS) / TILE_ROWS * TILE_ROWS;
        for start in (0..x.count()).step_by(most) {
            let end = x.count().min(start + most);
            let start = start.min(end - TILE_ROWS);
            let x = x.range(start..end);
            let out = &mut out[start * out_stride..end * out_stride];
            scratch::with(&scratch::TILES, Tiles::len(x.count(), depth), |words| {
                backend.pack(&x, panels.shuffles(), words);
                work(&Tiles::new(words, x.count(), depth), out);
            });
        }
    }
}
