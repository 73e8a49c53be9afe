//! What is refused before anything is allocated for it.

use crate::error::{Error, Result};

/// Greatest side of a level in pixels: a whole slide at 0.1 µm a pixel has 750,000.
pub(crate) const MAX_SIDE: u64 = 1 << 22;
/// Most tiles of a level: 4 million of 256x256 are a square of half a million pixels a side.
pub(crate) const MAX_TILES: u64 = 1 << 24;
/// Most frames of a DICOM file, whose places are kept.
pub(crate) const MAX_FRAMES: u64 = 1 << 22;
/// Most pixels of a tile, strip or undivided level: 48 MiB as RGB.
pub(crate) const MAX_TILE_PIXELS: u64 = 1 << 24;
/// Most compressed bytes of a tile.
pub(crate) const MAX_TILE_BYTES: u64 = 64 << 20;
/// Most bytes of a tile that is unpacked, and not yet RGB.
pub(crate) const MAX_UNPACKED: u64 = 96 << 20;
/// Most directories of a file, the nested ones included.
pub(crate) const MAX_DIRECTORIES: usize = 1024;
/// Most entries of a directory; real ones have some dozens.
pub(crate) const MAX_ENTRIES: u64 = 4096;
/// Most bytes of a text in the file, such as OME-XML.
pub(crate) const MAX_TEXT: u64 = 16 << 20;

/// Checks a count against its limit.
pub(crate) fn check(what: &'static str, found: u64, most: u64) -> Result<()> {
    if found > most { Err(Error::TooLarge { what, found, most }) } else { Ok(()) }
}
