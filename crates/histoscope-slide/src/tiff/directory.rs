//! Directories of TIFF, BigTIFF and Hamamatsu's TIFF beyond 4 GB; their values stay in the file.
//!
//! An entry holds only where its value lies. The list of a million tiles is therefore never read as
//! a whole: the place of a tile is asked for when the tile is.

use std::collections::{BTreeMap, HashSet};

use crate::error::{Error, Result};
use crate::limits::{MAX_DIRECTORIES, MAX_ENTRIES, MAX_TEXT};
use crate::source::Bytes;
use crate::warning::Warning;

/// The tags that are read.
pub(crate) mod tag {
    macro_rules! tags {
        ($($(#[$note:meta])* $name:ident = $number:literal,)*) => {
            $($(#[$note])* pub(crate) const $name: u16 = $number;)*
            /// All of them: a file may have thousands of others, which are passed over.
            pub(crate) const ALL: &[u16] = &[$($number),*];
        };
    }

    tags! {
        SUBFILE = 254,
        WIDTH = 256,
        HEIGHT = 257,
        BITS = 258,
        COMPRESSION = 259,
        PHOTOMETRIC = 262,
        DESCRIPTION = 270,
        STRIP_OFFSETS = 273,
        SAMPLES = 277,
        ROWS_PER_STRIP = 278,
        STRIP_BYTES = 279,
        X_RESOLUTION = 282,
        Y_RESOLUTION = 283,
        PLANAR = 284,
        RESOLUTION_UNIT = 296,
        SOFTWARE = 305,
        PREDICTOR = 317,
        TILE_WIDTH = 322,
        TILE_HEIGHT = 323,
        TILE_OFFSETS = 324,
        TILE_BYTES = 325,
        SUB_IFDS = 330,
        EXTRA_SAMPLES = 338,
        SAMPLE_FORMAT = 339,
        JPEG_TABLES = 347,
        YCBCR_SUBSAMPLING = 530,
        XMP = 700,
        /// Only Hamamatsu's files have it.
        NDPI = 65420,
        NDPI_LENS = 65421,
        NDPI_FOCUS = 65424,
        NDPI_STARTS = 65426,
        NDPI_STARTS_HIGH = 65432,
    }
}

/// How numbers are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Notation {
    pub(crate) big_endian: bool,
    /// BigTIFF: offsets and counts of 64 bits.
    pub(crate) big: bool,
    /// Offsets of directories have 64 bits, those in them 32.
    pub(crate) ndpi: bool,
}

impl Notation {
    fn number(self, bytes: &[u8]) -> u64 {
        let join = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        if self.big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) }
    }

    fn at(self, file: &Bytes, offset: u64, width: u64) -> Result<u64> {
        Ok(self.number(&file.read(offset, width)?))
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: u16,
    count: u64,
    /// Where the value lies in the file, be it in the entry itself.
    at: u64,
}

/// A directory.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    notation: Notation,
    /// Where it lies.
    pub(crate) offset: u64,
    entries: BTreeMap<u16, Entry>,
    /// The directories that it names as smaller copies of its picture.
    pub(crate) children: Vec<Directory>,
}

/// All directories of a file, and what is wrong with the rest.
#[derive(Debug)]
pub(crate) struct Directories {
    pub(crate) pages: Vec<Directory>,
    pub(crate) warnings: Vec<Warning>,
}

/// Whether a file begins like a TIFF.
pub(crate) fn is_tiff(head: &[u8]) -> bool {
    let Some(head) = head.get(..4) else { return false };
    matches!(head, b"II\x2a\0" | b"II\x2b\0" | b"MM\0\x2a" | b"MM\0\x2b")
}

/// Reads all directories. Those behind a damaged one, or one that was read before, are left out.
///
/// # Errors
/// If not even the first one can be read.
pub(crate) fn read(file: &Bytes) -> Result<Directories> {
    let head = file.read(0, 8)?;
    let big_endian = head[0] == b'M';
    let big = head[2..4].contains(&43);
    let plain = Notation { big_endian, big, ndpi: false };
    if !big && !big_endian {
        // Hamamatsu's files have no sign of it in front.
        let ndpi = Notation { ndpi: true, ..plain };
        if let Ok(found) = walk(file, ndpi)
            && found.pages[0].entries.contains_key(&tag::NDPI)
        {
            return Ok(found);
        }
    }
    walk(file, plain)
}

fn walk(file: &Bytes, notation: Notation) -> Result<Directories> {
    let mut next = match notation {
        Notation { big: true, .. } => notation.at(file, 8, 8)?,
        Notation { ndpi: true, .. } => notation.at(file, 4, 8)?,
        _ => notation.at(file, 4, 4)?,
    };
    let mut seen = HashSet::new();
    let mut found = Directories { pages: Vec::new(), warnings: Vec::new() };
    while next != 0 {
        if !seen.insert(next) {
            found.warnings.push(Warning::DirectoriesInACircle);
            break;
        }
        if seen.len() > MAX_DIRECTORIES {
            found.warnings.push(Warning::TooManyDirectories { most: MAX_DIRECTORIES });
            break;
        }
        match Directory::read(file, notation, next) {
            Ok((mut directory, following)) => {
                nested(file, &mut directory, &mut seen, &mut found.warnings);
                found.pages.push(directory);
                next = following;
            }
            Err(error) if found.pages.is_empty() => return Err(error),
            Err(error) => {
                found.warnings.push(Warning::DirectoryUnreadable { detail: error.to_string() });
                break;
            }
        }
    }
    if found.pages.is_empty() {
        return Err(damaged("it has no directory"));
    }
    Ok(found)
}

fn nested(file: &Bytes, of: &mut Directory, seen: &mut HashSet<u64>, warnings: &mut Vec<Warning>) {
    let count = of.count(tag::SUB_IFDS).min(64);
    for index in 0..count {
        let read = of.number_at(file, tag::SUB_IFDS, index).and_then(|at| match at {
            Some(at) if at > 0 && seen.insert(at) && seen.len() <= MAX_DIRECTORIES => {
                Directory::read(file, of.notation, at).map(|(child, _)| Some(child))
            }
            _ => Ok(None),
        });
        match read {
            Ok(child) => of.children.extend(child),
            Err(error) => {
                let detail = error.to_string();
                warnings.push(Warning::NestedDirectoryUnreadable { detail });
            }
        }
    }
}

fn damaged(detail: impl Into<String>) -> Error {
    Error::Damaged { format: "TIFF", detail: detail.into() }
}

impl Directory {
    fn read(file: &Bytes, notation: Notation, offset: u64) -> Result<(Self, u64)> {
        let Notation { big, ndpi, .. } = notation;
        let (head, size, field) = if big { (8, 20, 8) } else { (2, 12, 4) };
        let count = notation.at(file, offset, head)?;
        if count == 0 || count > MAX_ENTRIES {
            return Err(damaged(format!("a directory claims {count} entries")));
        }
        let start = offset + head;
        let bytes = file.read(start, count * size)?;
        let mut entries = BTreeMap::new();
        for (index, entry) in bytes.chunks_exact(size as usize).enumerate() {
            let tag = notation.number(&entry[..2]) as u16;
            if !tag::ALL.contains(&tag) {
                continue;
            }
            let kind = notation.number(&entry[2..4]) as u16;
            let count = notation.number(&entry[4..4 + field]);
            let value = &entry[4 + field..];
            let length = count.checked_mul(width(kind));
            let is_inside = length.is_some_and(|length| length <= field as u64);
            let at = if is_inside {
                start + index as u64 * size + 4 + field as u64
            } else if ndpi {
                below(offset, notation.number(value))
            } else {
                notation.number(value)
            };
            // The first of several entries with one tag counts.
            entries.entry(tag).or_insert(Entry { kind, count, at });
        }
        // Some writers end the file with the last entry.
        let next_width = if big || ndpi { 8 } else { 4 };
        let next = notation.at(file, start + count * size, next_width).unwrap_or(0);
        Ok((Self { notation, offset, entries, children: Vec::new() }, next))
    }

    pub(crate) fn is_big_endian(&self) -> bool {
        self.notation.big_endian
    }

    pub(crate) fn has(&self, tag: u16) -> bool {
        self.entries.contains_key(&tag)
    }

    /// How many values a tag has; 0 without it.
    pub(crate) fn count(&self, tag: u16) -> u64 {
        self.entries.get(&tag).map_or(0, |entry| entry.count)
    }

    /// A tag's whole number at `index`.
    pub(crate) fn number_at(&self, file: &Bytes, tag: u16, index: u64) -> Result<Option<u64>> {
        let Some(entry) = self.entries.get(&tag).filter(|entry| index < entry.count) else {
            return Ok(None);
        };
        if !matches!(entry.kind, 1 | 3 | 4 | 6..=9 | 13 | 16..=18) {
            return Err(damaged(format!("its tag {tag} is no whole number")));
        }
        let width = width(entry.kind);
        let at = index.checked_mul(width).and_then(|skip| skip.checked_add(entry.at));
        let at = at.ok_or_else(|| damaged(format!("its tag {tag} lies nowhere")))?;
        self.notation.at(file, at, width).map(Some)
    }

    /// A tag's first whole number.
    pub(crate) fn number(&self, file: &Bytes, tag: u16) -> Result<Option<u64>> {
        self.number_at(file, tag, 0)
    }

    /// A tag's first number, be it a fraction. What is damaged or divided by zero is none.
    pub(crate) fn real(&self, file: &Bytes, tag: u16) -> Option<f64> {
        let entry = self.entries.get(&tag)?;
        let value = match entry.kind {
            5 | 10 => {
                let above = self.notation.at(file, entry.at, 4).ok()? as f64;
                above / self.notation.at(file, entry.at.checked_add(4)?, 4).ok()? as f64
            }
            11 => f32::from_bits(self.notation.at(file, entry.at, 4).ok()? as u32).into(),
            12 => f64::from_bits(self.notation.at(file, entry.at, 8).ok()?),
            _ => self.number(file, tag).ok()?? as f64,
        };
        value.is_finite().then_some(value)
    }

    /// A tag's bytes, at most `most` of them.
    pub(crate) fn bytes(&self, file: &Bytes, tag: u16, most: u64) -> Result<Option<Vec<u8>>> {
        let Some(entry) = self.entries.get(&tag) else { return Ok(None) };
        let length = entry.count.saturating_mul(width(entry.kind)).min(most);
        file.read(entry.at, length).map(Some)
    }

    /// A tag's text up to its first zero; empty if there is none, or it cannot be read.
    pub(crate) fn text(&self, file: &Bytes, tag: u16) -> String {
        self.head(file, tag, MAX_TEXT)
    }

    /// The first bytes of a tag's text, at most `most`.
    pub(crate) fn head(&self, file: &Bytes, tag: u16, most: u64) -> String {
        let bytes = self.bytes(file, tag, most).ok().flatten().unwrap_or_default();
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }

    /// Where something lies that this directory of 32 bits names, in a file beyond 4 GB.
    pub(crate) fn full_offset(&self, offset: u64) -> u64 {
        if self.notation.ndpi { below(self.offset, offset) } else { offset }
    }
}

/// Hamamatsu's files name what lies before a directory by the low 32 bits.
fn below(directory: u64, low: u64) -> u64 {
    let low = low & 0xffff_ffff;
    let full = directory & !0xffff_ffff | low;
    if full >= directory && full > 0xffff_ffff { full - (1 << 32) } else { full }
}

/// Bytes of a value of a type; 0 of one that does not exist.
fn width(kind: u16) -> u64 {
    match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_offsets_lie_before_their_directory() {
        assert_eq!(below(500, 100), 100);
        assert_eq!(below(500, 600), 600);
        assert_eq!(below(5 << 32 | 500, 100), 5 << 32 | 100);
        assert_eq!(below(5 << 32 | 500, 600), 4 << 32 | 600);
    }

    #[test]
    fn only_tags_that_are_read_are_kept() {
        let mut file = b"II\x2a\0\x08\0\0\0\0\x10".to_vec();
        for tag in 0..4096_u16 {
            file.extend(tag.to_le_bytes());
            file.extend(b"\x03\0\x01\0\0\0\x10\0\0\0");
        }
        file.extend([0; 4]);
        let found = read(&Bytes::new(Box::new(file))).unwrap();
        let kept: Vec<u16> = found.pages[0].entries.keys().copied().collect();
        let known: Vec<u16> = tag::ALL.iter().copied().filter(|&tag| tag < 4096).collect();
        assert_eq!(kept, known);
    }

    #[test]
    fn a_circle_of_directories_ends() {
        let mut file = b"II\x2a\0\x08\0\0\0".to_vec();
        file.extend(b"\x01\0\0\x01\x03\0\x01\0\0\0\x10\0\0\0\x08\0\0\0");
        let found = read(&Bytes::new(Box::new(file))).unwrap();
        assert_eq!(found.pages.len(), 1);
        assert_eq!(found.warnings, [Warning::DirectoriesInACircle]);
    }
}
