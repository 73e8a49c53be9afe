//! The units in which weights and activations are laid out: words, panels, groups and tiles.

/// Output channels of a panel of the matrix kernels: one 256-bit or two 128-bit vectors of
/// accumulators.
pub(super) const PANEL: usize = 8;
/// Channels that a depthwise kernel takes at once: one 128-bit vector of bytes.
pub(super) const GROUP: usize = 16;
/// Rows of a tile of the matrix product.
pub(super) const TILE_ROWS: usize = 4;

/// Where each of the sixteen bytes of a load comes from.
pub(super) type Shuffle = [u8; 16];

/// How many steps of the depth a 32-bit word holds.
///
/// All SIMD kernels multiply words: one instruction takes a word of activations of one pixel,
/// repeated in every lane, and a word of weights for each of its channels, and adds the products of
/// a word into the lane's accumulator. Only the content of a word differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(any(target_arch = "x86_64", target_family = "wasm")),
    allow(dead_code, reason = "backends say what their words are, and there is none")
)]
pub(super) enum Word {
    /// Four 8-bit steps, for the dot products of i8 weights and 7-bit activations.
    Quad,
    /// Two 16-bit steps, for 8-bit activations and for machines without the former.
    Pair,
}

impl Word {
    /// Steps of the depth in a word.
    pub(super) const fn steps(self) -> usize {
        match self {
            Word::Quad => 4,
            Word::Pair => 2,
        }
    }

    /// The word of up to [`Word::steps`] weights, in a quad those of an `i8`; missing ones are zero.
    pub(super) fn of_weights(self, weights: &[i16]) -> i32 {
        let at = |step: usize| weights.get(step).copied().unwrap_or(0);
        match self {
            Word::Quad => i32::from_le_bytes([at(0), at(1), at(2), at(3)].map(|w| w as u8)),
            Word::Pair => {
                let [low, high] = [at(0), at(1)].map(i16::to_le_bytes);
                i32::from_le_bytes([low[0], low[1], high[0], high[1]])
            }
        }
    }
}

/// First channel of a group. The last group ends with the last channel and may repeat some of the
/// one before, so that every group is full; this needs at least [`GROUP`] channels.
pub(super) fn group_start(group: usize, channels: usize) -> usize {
    (group * GROUP).min(channels - GROUP)
}
