//! What every SIMD backend offers.

use std::fmt::Debug;

use super::super::epilogue::Epilogue;
use super::super::layout::{Shuffle, Word};
use super::super::quant::{OutputQuant, Terms};
use super::super::rows::Rows;
use super::panels::Panels;
use super::row::Row;
use super::tiles::{self, Tiles};

/// How an instruction set multiplies words, whatever the width of its vectors.
pub(crate) trait Multiplier: Copy + Debug + Sync + 'static {
    /// Name of the backend.
    const NAME: &'static str;
    /// Content of a word.
    const WORD: Word;
    /// Whether it adds the products of two words in 16 bits, for which weights have to be eased.
    const ADDS_IN_16_BITS: bool;
}

/// The kernels of one SIMD instruction set with one kind of [`Word`]. All calls are safe: they
/// check lengths.
pub(crate) trait Backend: Debug + Sync {
    /// Name for reports, such as `relaxed_quads`.
    fn name(&self) -> &'static str;

    /// What a word of weights and activations holds.
    fn word(&self) -> Word;

    /// Channels of its vectors, if it adds the products of two words in 16 bits, which
    /// [`Panels::ease`] makes exact.
    fn eased_lanes(&self) -> Option<usize> {
        None
    }

    /// Whether it shuffles what it packs of rows with parts of so many bytes.
    fn shuffles(&self, _part_len: usize) -> bool {
        false
    }

    /// Packs at least [`TILE_ROWS`](super::super::layout::TILE_ROWS) rows as [`Tiles`] describes,
    /// the bytes of each of the [`loads`](tiles::loads) in the order of its shuffle where it
    /// [shuffles](Backend::shuffles).
    fn pack(&self, rows: &Rows, _shuffles: &[Shuffle], words: &mut [i32]) {
        tiles::pack_tiles(self.word(), rows, words);
    }

    /// Matrix product and epilogue, of panels that are eased as [`Backend::eased_lanes`] asks for:
    /// `out` is `[rows][channels]`; panel `i` starts at channel `i * PANEL`.
    fn gemm_requantised(&self, tiles: &Tiles, panels: &Panels, epilogue: &Epilogue, out: &mut [u8]);

    /// Matrix product alone: `sums` is `[rows][panels][PANEL]`.
    fn gemm_accumulators(&self, tiles: &Tiles, panels: &Panels, sums: &mut [i32]);

    /// A row of depthwise outputs, see [`row::run`](super::row::run).
    fn depthwise(&self, row: &Row, panels: &Panels, epilogue: &Epilogue, out: &mut [u8]);

    /// A row of depthwise accumulators, `sums` being `[outputs][channels]`.
    fn depthwise_sums(&self, row: &Row, panels: &Panels, channels: usize, sums: &mut [i32]);

    /// Residual sum of the first elements; returns how many, a few less than all.
    fn add(&self, terms: &Terms, output: &OutputQuant, a: &[u8], b: &[u8], out: &mut [u8])
    -> usize;
}
