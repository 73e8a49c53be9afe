//! Compressed bytes of one tile to samples.

pub(crate) mod jpeg;
pub(crate) mod jpeg2000;
pub(crate) mod packed;
pub(crate) mod webp;

use crate::error::Error;

/// A tile is refused for this.
pub(crate) fn broken(detail: impl Into<String>) -> Error {
    Error::Tile { detail: detail.into() }
}

/// What the components of a compressed picture mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// One component, or three that are red, green and blue.
    Rgb,
    /// Luma and two differences.
    YCbCr,
    /// As the compressed picture says itself, and YCbCr if it says nothing.
    Own,
    /// As the compressed picture says itself, and RGB if it says nothing.
    Stated,
}

/// What unpacked samples mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Samples {
    Grey { inverted: bool },
    Rgb,
    YCbCr,
}

/// ITU-R BT.601 in full range, as in JFIF, with 16 bits of a fraction.
pub(crate) fn ycbcr([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y) << 16, i32::from(cb) - 128, i32::from(cr) - 128);
    let to_byte = |value: i32| ((value + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [to_byte(y + 91_881 * cr), to_byte(y - 22_554 * cb - 46_802 * cr), to_byte(y + 116_130 * cb)]
}
