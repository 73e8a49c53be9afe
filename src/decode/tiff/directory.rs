//! The first image file directory of a TIFF or BigTIFF file, whose values stay in the file's bytes.

use super::{Damage, damaged};
use crate::error::Result;

/// The tags that are read.
pub(super) mod tag {
    pub(crate) const SUBFILE: u16 = 254;
    pub(crate) const WIDTH: u16 = 256;
    pub(crate) const HEIGHT: u16 = 257;
    pub(crate) const BITS: u16 = 258;
    pub(crate) const COMPRESSION: u16 = 259;
    pub(crate) const PHOTOMETRIC: u16 = 262;
    pub(crate) const FILL_ORDER: u16 = 266;
    pub(crate) const DESCRIPTION: u16 = 270;
    pub(crate) const STRIP_OFFSETS: u16 = 273;
    pub(crate) const ORIENTATION: u16 = 274;
    pub(crate) const SAMPLES: u16 = 277;
    pub(crate) const ROWS_PER_STRIP: u16 = 278;
    pub(crate) const STRIP_BYTES: u16 = 279;
    pub(crate) const X_RESOLUTION: u16 = 282;
    pub(crate) const Y_RESOLUTION: u16 = 283;
    pub(crate) const PLANAR: u16 = 284;
    pub(crate) const RESOLUTION_UNIT: u16 = 296;
    pub(crate) const PREDICTOR: u16 = 317;
    pub(crate) const COLOUR_MAP: u16 = 320;
    pub(crate) const TILE_WIDTH: u16 = 322;
    pub(crate) const TILE_HEIGHT: u16 = 323;
    pub(crate) const TILE_OFFSETS: u16 = 324;
    pub(crate) const TILE_BYTES: u16 = 325;
    pub(crate) const INK_SET: u16 = 332;
    pub(crate) const EXTRA_SAMPLES: u16 = 338;
    pub(crate) const SAMPLE_FORMAT: u16 = 339;
    pub(crate) const JPEG_TABLES: u16 = 347;
    pub(crate) const YCBCR_COEFFICIENTS: u16 = 529;
    pub(crate) const YCBCR_SUBSAMPLING: u16 = 530;
    pub(crate) const REFERENCE_BLACK_WHITE: u16 = 532;
    pub(crate) const ICC_PROFILE: u16 = 34_675;
}

/// Most entries of a directory; real ones have some dozens.
const MAX_ENTRIES: u64 = 4096;

/// A directory.
#[derive(Debug)]
pub(super) struct Directory<'a> {
    bytes: &'a [u8],
    big_endian: bool,
    /// BigTIFF: offsets and counts of 64 bits.
    big: bool,
    entries: &'a [u8],
    /// Where the next directory lies; 0 if there is none.
    pub next: u64,
}

impl<'a> Directory<'a> {
    /// Reads the first directory of a file.
    pub(super) fn first(bytes: &'a [u8]) -> Result<Self> {
        let big_endian = bytes.starts_with(b"MM");
        let big = bytes.get(2..4).is_some_and(|version| version.contains(&43));
        let mut directory = Self { bytes, big_endian, big, entries: &[], next: 0 };
        let at = if big { directory.u64_at(8) } else { directory.u32_at(4) };
        let entry = if big { 20 } else { 12 };
        let read = || {
            let at = at?;
            let (count, head) =
                if big { (directory.u64_at(at)?, 8) } else { (directory.u16_at(at)?, 2) };
            let start = at.checked_add(head)?;
            let length = count.checked_mul(entry)?;
            let entries = directory.slice(start, length).filter(|_| count <= MAX_ENTRIES)?;
            let end = start + length;
            // Some writers end the file with the last entry.
            let next = if big { directory.u64_at(end) } else { directory.u32_at(end) };
            Some((entries, next.unwrap_or(0)))
        };
        let (entries, next) = read().ok_or_else(|| damaged(Damage::Directory))?;
        (directory.entries, directory.next) = (entries, next);
        Ok(directory)
    }

    /// Whether numbers begin with their highest byte.
    pub(super) fn is_big_endian(&self) -> bool {
        self.big_endian
    }

    /// The first of a tag's whole numbers.
    pub(super) fn number(&self, tag: u16) -> Result<Option<u64>> {
        Ok(self.numbers(tag)?.and_then(|numbers| numbers.get(0)))
    }

    /// A tag's whole numbers.
    pub(super) fn numbers(&self, tag: u16) -> Result<Option<Numbers<'a>>> {
        let Some((kind, raw)) = self.find(tag)? else { return Ok(None) };
        let width = match kind {
            1 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 13 => 4,
            16..=18 => 8,
            _ => return Err(damaged(Damage::Directory)),
        };
        Ok(Some(Numbers { raw, width, big_endian: self.big_endian }))
    }

    /// A tag's fractions.
    pub(super) fn fractions(&self, tag: u16) -> Result<Option<Vec<f64>>> {
        let Some((5, raw)) = self.find(tag)? else { return Ok(None) };
        let parts = Numbers { raw, width: 4, big_endian: self.big_endian };
        let part = |index| parts.get(index).unwrap_or(0) as f64;
        Ok(Some((0..(parts.len() / 2).min(8)).map(|i| part(2 * i) / part(2 * i + 1)).collect()))
    }

    /// A tag's bytes.
    pub(super) fn raw(&self, tag: u16) -> Result<Option<&'a [u8]>> {
        Ok(self.find(tag)?.map(|(_, raw)| raw))
    }

    /// The type and the bytes of a tag's value.
    fn find(&self, tag: u16) -> Result<Option<(u16, &'a [u8])>> {
        let size = if self.big { 20 } else { 12 };
        let mut entries = self.entries.chunks_exact(size);
        let Some(entry) = entries.find(|entry| self.u16_of(entry) == tag) else { return Ok(None) };
        let kind = self.u16_of(&entry[2..]);
        let width = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => return Err(damaged(Damage::Directory)),
        };
        let value = &entry[if self.big { 12 } else { 8 }..];
        let field = |raw: &[u8]| if self.big { self.u64_of(raw) } else { self.u32_of(raw) };
        let length = field(&entry[4..]).checked_mul(width);
        let raw = length.and_then(|length| match value.get(..usize::try_from(length).ok()?) {
            Some(inline) => Some(inline),
            None => self.slice(field(value), length),
        });
        match raw {
            Some(raw) => Ok(Some((kind, raw))),
            None => Err(damaged(Damage::Directory)),
        }
    }

    fn slice(&self, at: u64, length: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(at).ok()?;
        self.bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    }

    fn u16_at(&self, at: u64) -> Option<u64> {
        Some(u64::from(self.u16_of(self.slice(at, 2)?)))
    }

    fn u32_at(&self, at: u64) -> Option<u64> {
        Some(self.u32_of(self.slice(at, 4)?))
    }

    fn u64_at(&self, at: u64) -> Option<u64> {
        Some(self.u64_of(self.slice(at, 8)?))
    }

    fn u16_of(&self, raw: &[u8]) -> u16 {
        number(&raw[..2], self.big_endian) as u16
    }

    fn u32_of(&self, raw: &[u8]) -> u64 {
        number(&raw[..4], self.big_endian)
    }

    fn u64_of(&self, raw: &[u8]) -> u64 {
        number(&raw[..8], self.big_endian)
    }
}

/// Whole numbers in the file's bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers<'a> {
    raw: &'a [u8],
    width: usize,
    big_endian: bool,
}

impl Numbers<'_> {
    pub(super) fn len(&self) -> usize {
        self.raw.len() / self.width
    }

    pub(super) fn get(&self, index: usize) -> Option<u64> {
        let start = index.checked_mul(self.width)?;
        Some(number(self.raw.get(start..start + self.width)?, self.big_endian))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

fn number(raw: &[u8], big_endian: bool) -> u64 {
    let digit = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    if big_endian { raw.iter().fold(0, digit) } else { raw.iter().rev().fold(0, digit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_outside_of_the_file_is_damage() {
        for bytes in [&b"II\x2a\0\xff\xff\xff\xff"[..], b"MM\0\x2a", b"II\x2b\0\x08\0\0\0"] {
            assert!(Directory::first(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn values_lie_in_the_entry_or_behind_it() {
        // Two entries: two shorts inline, three bytes... of a count that leaves the file.
        let mut bytes = b"II\x2a\0\x08\0\0\0\x02\0".to_vec();
        bytes.extend(b"\0\x01\x03\0\x02\0\0\0\x05\0\x06\0");
        bytes.extend(b"\x01\x01\x01\0\xff\xff\xff\xff\0\0\0\0");
        bytes.extend([0; 4]);
        let directory = Directory::first(&bytes).unwrap();
        let numbers = directory.numbers(256).unwrap().unwrap();
        assert_eq!(numbers.iter().collect::<Vec<_>>(), [5, 6]);
        assert!(directory.numbers(257).is_err());
        assert!(directory.numbers(258).unwrap().is_none());
        assert_eq!(directory.next, 0);
    }
}
