//! What every SIMD backend offers, and which of them a layer gets.

use super::add::Terms;
use super::pack::{Panels, Word};
use super::requant::{Epilogue, InputQuant, OutputQuant};
use super::row::Row;
use super::tiles::{self, Rows, Shuffle, Tiles};
use super::variant::Variant;
use super::weights::Weights;
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

    /// Channels of its vectors, if it adds the products of two words in 16 bits, which [`Panels::ease`] makes exact.
    fn eased_lanes(&self) -> Option<usize> {
        None
    }

    /// Whether it shuffles what it packs of rows with parts of so many bytes.
    fn shuffles(&self, _part_len: usize) -> bool {
        false
    }

    /// Packs at least [`TILE_ROWS`](tiles::TILE_ROWS) rows as [`Tiles`] describes, the bytes of each of the
    /// [`loads`](tiles::loads) in the order of its shuffle where it [shuffles](Backend::shuffles).
    fn pack(&self, rows: &Rows, _shuffles: &[Shuffle], words: &mut [i32]) {
        tiles::pack_tiles(self.word(), rows, words);
    }

    /// Matrix product and epilogue, of panels that are eased as [`Backend::eased_lanes`] asks for: `out` is
    /// `[rows][channels]`; panel `i` starts at channel `i * PANEL`.
    fn gemm_requantised(&self, tiles: &Tiles, panels: &Panels, epilogue: &Epilogue, out: &mut [u8]);

    /// Matrix product alone: `sums` is `[rows][panels][PANEL]`.
    fn gemm_accumulators(&self, tiles: &Tiles, panels: &Panels, sums: &mut [i32]);

    /// A row of depthwise outputs, see [`row::run`](super::row::run).
    fn depthwise(&self, row: &Row, panels: &Panels, epilogue: &Epilogue, out: &mut [u8]);

    /// Residual sum of the first elements; returns how many, a few less than all.
    fn add(&self, terms: &Terms, output: &OutputQuant, a: &[u8], b: &[u8], out: &mut [u8])
    -> usize;
}

/// What a layer with weights runs on: the portable kernels, or a backend, which may need more for this kind of layer.
#[derive(Clone, Debug)]
pub enum Kernel<More> {
    Scalar { weights: Vec<i8>, bias: Vec<i32>, input: InputQuant },
    Simd { backend: &'static dyn Backend, panels: Panels, more: More },
}

impl<More> Kernel<More> {
    /// The portable kernels with these weights.
    pub fn scalar(weights: Weights) -> Self {
        let (values, bias) = (weights.values().to_vec(), weights.bias().to_vec());
        Self::Scalar { weights: values, bias, input: weights.input() }
    }

    /// Name for reports.
    pub fn name(&self) -> &'static str {
        match self {
            Kernel::Scalar { .. } => "scalar",
            Kernel::Simd { backend, .. } => backend.name(),
        }
    }
}

/// First channel of a group. The last group ends with the last channel and may repeat some of the one
/// before, so that every group is full; this needs at least [`GROUP`] channels.
pub fn group_start(group: usize, channels: usize) -> usize {
    (group * GROUP).min(channels - GROUP)
}

/// The backend of a layer whose inputs have seven bits or eight, or `None` where the portable kernels run.
pub fn choose(variant: Variant, seven_bit: bool) -> Option<&'static dyn Backend> {
    match (variant, seven_bit) {
        #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
        (Variant::Relaxed, true) => Some(super::relaxed::choose()),
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        (Variant::Simd128 | Variant::Relaxed, _) => Some(&super::simd128::Pairs),
        #[cfg(target_arch = "x86_64")]
        (Variant::Avx2, seven_bit) => super::x86::choose(seven_bit),
        _ => None,
    }
}
