//! What every SIMD backend offers, and which of them a layer gets.

use super::add::Terms;
use super::pack::{self, Panels, Tiles, Word};
use super::requant::{Epilogue, InputQuant, OutputQuant};
use super::variant::Variant;
use std::fmt::Debug;

/// Output channels of a panel of the matrix kernels: one 256-bit or two 128-bit vectors of accumulators.
pub const PANEL: usize = 8;
/// Channels that a depthwise kernel takes at once: one 128-bit vector of bytes.
pub const GROUP: usize = 16;

/// The kernels of one SIMD instruction set with one kind of [`Word`]. All calls are safe: they check lengths.
pub trait Backend: Debug + Sync {
    /// Name for reports, such as `relaxed_quads`.
    fn name(&self) -> &'static str;

    /// What a word of weights and activations holds.
    fn word(&self) -> Word;

    /// Whether it adds the products of two words in 16 bits, which [`Panels::ease`] makes exact.
    fn adds_in_16_bits(&self) -> bool {
        false
    }

    /// Packs `x` `[rows][depth]`, at least [`TILE_ROWS`](super::pack::TILE_ROWS) rows, as [`Tiles`] describes.
    fn pack(&self, x: &[u8], depth: usize, words: &mut [i32]) {
        pack::pack_tiles(self.word(), x, depth, words);
    }

    /// Matrix product and epilogue, of eased panels where [`Backend::adds_in_16_bits`]: `out` is `[rows][channels]`; panel `i` starts at channel `i * PANEL`.
    fn gemm_requantised(&self, tiles: &Tiles, panels: &Panels, epilogue: &Epilogue, out: &mut [u8]);

    /// Matrix product alone: `sums` is `[rows][panels][PANEL]`.
    fn gemm_accumulators(&self, tiles: &Tiles, panels: &Panels, sums: &mut [i32]);

    /// A run of depthwise outputs, `out` `[outputs][channels]`; panel `i` has the [`GROUP`] channels from
    /// `group_start(i, channels)`.
    fn depthwise(&self, taps: &Taps, panels: &Panels, epilogue: &Epilogue, out: &mut [u8]);

    /// Residual sum of the first elements; returns how many, a few less than all.
    fn add(&self, terms: &Terms, output: &OutputQuant, a: &[u8], b: &[u8], out: &mut [u8])
    -> usize;
}

/// What one tap of a depthwise kernel sees along a run of outputs.
#[derive(Clone, Copy)]
pub struct Tap<'a> {
    /// From the first channel of the pixel under the first output on.
    pub bytes: &'a [u8],
    /// Bytes to the pixel under the next output; zero in the padding.
    pub step: usize,
}

/// The taps of a run of depthwise outputs.
pub struct Taps<'a> {
    /// In the order of [`tap_order`]: the words of `panels.depth`. A step that is no tap may see any pixel.
    pub taps: &'a [Tap<'a>],
    /// Shape of the kernel, where it is square.
    pub square: Option<Square>,
}

/// A square kernel and its step along a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Square {
    pub side: usize,
    pub stride: usize,
}

/// The tap, as an index in row-major order, of each step of a depthwise kernel's words; `None` fills up a word.
///
/// Words take taps of one column where they can: neighbouring outputs see the same columns, so a column that
/// has been interleaved serves several of them. First come the words of the rows from 0 on, column after
/// column; then the rows that are too few for a word of a column, each along its row.
pub fn tap_order(word: Word, [height, width]: [usize; 2]) -> Vec<Option<usize>> {
    let steps = word.steps();
    let bands = column_words(word, height);
    let mut order = Vec::new();
    for band in 0..bands {
        for column in 0..width {
            let rows = band * steps..(band + 1) * steps;
            order.extend(rows.map(|row| (row < height).then_some(row * width + column)));
        }
    }
    for row in bands * steps..height {
        for first in (0..width).step_by(steps) {
            let columns = first..first + steps;
            order.extend(columns.map(|column| (column < width).then_some(row * width + column)));
        }
    }
    order
}

/// Words that a column of `height` taps is cut into; three of four taps count as whole.
pub const fn column_words(word: Word, height: usize) -> usize {
    (height + word.steps() / 4) / word.steps()
}

/// Most taps of a depthwise kernel that the backends take, filled up to whole words: 7 x 7 is 56.
pub const MAX_TAPS: usize = 56;

/// First channel of a group. The last group ends with the last channel and may repeat some of the one
/// before, so that every group is full; this needs at least [`GROUP`] channels.
pub fn group_start(group: usize, channels: usize) -> usize {
    (group * GROUP).min(channels - GROUP)
}

/// The backend of a layer with this input, or `None` where the portable kernels run.
pub fn choose(variant: Variant, input: InputQuant) -> Option<&'static dyn Backend> {
    match (variant, input.is_seven_bit()) {
        #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
        (Variant::Relaxed, true) => Some(super::relaxed::choose()),
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        (Variant::Simd128 | Variant::Relaxed, _) => Some(&super::simd128::Pairs),
        #[cfg(target_arch = "x86_64")]
        (Variant::Avx2, seven_bit) => super::x86::choose(seven_bit),
        _ => None,
    }
}
