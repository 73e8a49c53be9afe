//! YCbCr without JPEG (TIFF 6.0, section 21): units of several luminances and one colour.

use super::compression::Compression;
use super::directory::{Directory, tag};
use super::samples::Samples;
use super::{Damage, Unsupported, damaged, refused};
use crate::error::Result;

/// Pixels across and down that share one colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subsampling {
    horizontal: usize,
    vertical: usize,
}

/// Reads how colours are stored.
///
/// # Errors
/// Other conversions than JPEG's are refused.
pub(super) fn read(
    directory: &Directory,
    samples: &Samples,
    compression: &Compression,
) -> Result<Subsampling> {
    let is = |given: Option<Vec<f64>>, expected: &[f64]| {
        given.is_none_or(|given| {
            given.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 0.002 * b.max(1.0))
        })
    };
    if !is(directory.fractions(tag::YCBCR_COEFFICIENTS)?, &[0.299, 0.587, 0.114])
        || !is(
            directory.fractions(tag::REFERENCE_BLACK_WHITE)?,
            &[0.0, 255.0, 128.0, 255.0, 128.0, 255.0],
        )
    {
        return Err(refused(Unsupported::YCbCr));
    }
    if samples.planes() > 1 {
        return Err(refused(Unsupported::YCbCr));
    }
    if compression.is_jpeg() {
        // The JPEG streams have factors of their own.
        return Ok(Subsampling { horizontal: 1, vertical: 1 });
    }
    let factors = directory.numbers(tag::YCBCR_SUBSAMPLING)?;
    let factor = |index| factors.map_or(Some(2), |factors| factors.get(index));
    let (Some(horizontal @ (1 | 2 | 4)), Some(vertical @ (1 | 2 | 4))) = (factor(0), factor(1))
    else {
        return Err(damaged(Damage::Directory));
    };
    if samples.bits != 8 || samples.count != 3 || compression.predicts() {
        return Err(refused(Unsupported::YCbCr));
    }
    Ok(Subsampling { horizontal: horizontal as usize, vertical: vertical as usize })
}

impl Subsampling {
    /// Bytes of a chunk of this size.
    pub(super) fn bytes(self, width: u64, rows: u64) -> u64 {
        let units = width.div_ceil(self.horizontal as u64) * rows.div_ceil(self.vertical as u64);
        units.saturating_mul(self.unit() as u64)
    }

    /// The pixels of a row of a chunk `width` wide, as Y, Cb and Cr.
    pub(super) fn row(self, chunk: &[u8], width: usize, y: usize) -> impl Iterator<Item = [u8; 3]> {
        let length = width.div_ceil(self.horizontal) * self.unit();
        let row = &chunk[y / self.vertical * length..][..length];
        let first = y % self.vertical * self.horizontal;
        row.chunks_exact(self.unit()).flat_map(move |unit| {
            let [.., cb, cr] = *unit else { unreachable!("a unit has at least three samples") };
            unit[first..first + self.horizontal].iter().map(move |luminance| [*luminance, cb, cr])
        })
    }

    fn unit(self) -> usize {
        self.horizontal * self.vertical + 2
    }
}

/// Converts pixels by ITU-R BT.601 in full range, as JPEG does.
pub(super) fn to_rgb(pixels: impl Iterator<Item = [u8; 3]>, out: &mut [u8]) {
    /// Factors in 16 bits behind the point.
    const HALF: i32 = 1 << 15;
    for ([y, cb, cr], out) in pixels.zip(out.as_chunks_mut::<3>().0) {
        let (y, cb, cr) = (i32::from(y) << 16, i32::from(cb) - 128, i32::from(cr) - 128);
        let red = y + 91_881 * cr;
        let green = y - 22_554 * cb - 46_802 * cr;
        let blue = y + 116_130 * cb;
        *out = [red, green, blue].map(|sum| ((sum + HALF) >> 16).clamp(0, 255) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_spread_over_their_pixels() {
        let subsampling = Subsampling { horizontal: 2, vertical: 2 };
        assert_eq!(subsampling.bytes(3, 3), 4 * 6);
        // Two units across: luminances 1 to 4 and 5 to 8.
        let chunk = [1, 2, 3, 4, 100, 200, 5, 6, 7, 8, 101, 201];
        let row = |y| subsampling.row(&chunk, 3, y).collect::<Vec<_>>();
        assert_eq!(row(0), [[1, 100, 200], [2, 100, 200], [5, 101, 201], [6, 101, 201]]);
        assert_eq!(row(1), [[3, 100, 200], [4, 100, 200], [7, 101, 201], [8, 101, 201]]);
    }

    #[test]
    fn primary_colours_come_out() {
        let mut out = [0; 12];
        let stored = [[76, 85, 255], [150, 44, 21], [29, 255, 107], [255, 128, 128]];
        to_rgb(stored.into_iter(), &mut out);
        let expected = [254, 0, 0, 0, 255, 1, 0, 0, 254, 255, 255, 255];
        assert!(out.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 1), "{out:?}");
    }
}
