//! The greatest sizes that a layer may have, and why no length computed from them overflows.
//!
//! A `usize` may have 32 bits, as in WebAssembly, and a slice at most 2^31 - 1 bytes. What the
//! kernels compute from a [`MapSize`](super::MapSize), a [`ConvShape`](super::ConvShape) and
//! [`Weights`](super::Weights) is
//!
//! | length | bound |
//! |---|---|
//! | a padded side: 2^16 and twice a pad | 65,662 < 2^17 |
//! | the row or column under a tap: less than a padded side | 2^17 |
//! | bytes of a map, the output's among them | 2^29, checked |
//! | bytes of a padded row: those of the map's and 126 pixels | 2^29 + 126 * 2^16 < 2^30 |
//! | lines under a row of outputs of a dense convolution: 64 padded rows | 2^29, checked |
//! | a row of depthwise outputs, filled up to 16 channels: 2^17 outputs | 2^21, or 2^29 where none is filled up |
//! | lines under such a row, filled up: 56 of 2^16 pixels | 2^26 |
//! | interleaved columns of a depthwise row: 4 planes, 2^17 columns, 64 bytes | 2^25 |
//! | sums of a head: pixels times classes, filled up to eight, four bytes each | 2^29, checked |
//! | packed weights: two bytes a step, channels filled up to 16 | 2 * (2^28 + 15 * 2^24) < 2^30 |
//! | packed activations of a block: the cache's share, or four rows of 2^24 steps | 2^27 |
//!
//! What is checked is checked by [`MapSize::new`](super::MapSize::new),
//! [`Conv::output`](super::Conv::output) and [`Head::output`](super::Head::output), in 64 bits,
//! where the bounds of the factors leave room. `run` goes by what `output` says.

/// Most rows, and most columns, of a map.
pub(super) const SIDE: usize = 1 << 16;
/// Most channels.
pub(super) const CHANNELS: usize = 1 << 16;
/// Most bytes of a map, and of what a layer needs beside it.
pub(super) const BYTES: usize = 1 << 29;
/// Most rows, and most columns, of a kernel.
pub(super) const KERNEL: usize = 64;
/// Greatest step of a kernel.
pub(super) const STRIDE: usize = 4096;
/// Most weights of a layer.
pub(super) const WEIGHTS: usize = 1 << 28;
/// Most weights of an output channel.
pub(super) const DEPTH: usize = 1 << 24;
