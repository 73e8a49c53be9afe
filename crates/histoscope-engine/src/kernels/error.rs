//! Why a layer cannot be made, or cannot run on a map: what a model file may have wrong.

use std::error::Error;
use std::fmt;

use super::limits;

/// What a layer's constructor refuses. Every case can be caused by a model file, none by chance.
#[allow(missing_docs, reason = "the sentence of each variant names its values")]
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LayerError {
    /// Rows and columns of a kernel outside of `1..=`[`MAX_KERNEL`](super::ConvShape::MAX_KERNEL).
    Kernel([usize; 2]),
    /// Steps down and across outside of `1..=`[`MAX_STRIDE`](super::ConvShape::MAX_STRIDE).
    Stride([usize; 2]),
    /// Padding, top, left, bottom, right, of which a side is as large as the kernel.
    Pad([usize; 4]),
    /// Rows, columns and channels beyond the limits of [`MapSize`](super::MapSize).
    Map([usize; 3]),
    /// A kernel that is larger than the padded map of so many rows and columns.
    MapBelowKernel([usize; 2]),
    /// So many bytes of working memory, more than [`MAX_BYTES`](super::MapSize::MAX_BYTES).
    Memory(u64),
    /// So many channels where the layer has another number of them.
    Channels { expected: usize, found: usize },
    /// Weights that are none, too many, or not the same number for each output channel.
    Weights { weights: usize, channels: usize },
    /// A weight outside of `-255..=255`.
    Weight(i16),
    /// So many weights an output channel where the layer takes another number of them.
    Depth { expected: usize, found: usize },
    /// Sums of products that could leave 32 bits.
    Accumulator,
    /// A zero point above the greatest input, or a least output above the greatest.
    Range,
    /// A scale or multiplier that is no finite number.
    Scale,
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel([rows, columns]) => {
                write!(f, "a kernel of {rows} x {columns}: a side has 1 to {}", limits::KERNEL)
            }
            Self::Stride([down, across]) => {
                write!(f, "strides of {down} and {across}: they are 1 to {}", limits::STRIDE)
            }
            Self::Pad(pad) => write!(f, "padding of {pad:?}: it is less than the kernel's side"),
            Self::Map(size) => {
                write!(f, "a map of {size:?} rows, columns and channels is too large")
            }
            Self::MapBelowKernel([rows, columns]) => {
                write!(f, "a map of {rows} x {columns} is smaller than the kernel")
            }
            Self::Memory(bytes) => {
                write!(f, "{bytes} bytes of working memory: at most {}", limits::BYTES)
            }
            Self::Channels { expected, found } => {
                write!(f, "{found} channels instead of {expected}")
            }
            Self::Weights { weights, channels } => write!(
                f,
                "{weights} weights for {channels} output channels: at most {}, and {} a channel",
                limits::WEIGHTS,
                limits::DEPTH
            ),
            Self::Weight(weight) => write!(f, "a weight of {weight}: at most 255 of either sign"),
            Self::Depth { expected, found } => {
                write!(f, "{found} weights an output channel instead of {expected}")
            }
            Self::Accumulator => f.write_str("sums of products could leave 32 bits"),
            Self::Range => f.write_str("a range of bytes without a byte in it"),
            Self::Scale => f.write_str("a scale that is no finite number"),
        }
    }
}

impl Error for LayerError {}
