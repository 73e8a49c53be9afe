//! Where the strips or tiles of a page lie, in the picture and in the file.

use super::directory::{Directory, Numbers, tag};
use super::{Damage, damaged};
use crate::error::Result;

/// A strip is a tile as wide as the picture; both are chunks.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub width: usize,
    pub height: usize,
    pub chunk_width: usize,
    pub chunk_height: usize,
    pub across: usize,
    pub down: usize,
    offsets: Numbers<'a>,
    /// None in old files of one uncompressed strip.
    lengths: Option<Numbers<'a>>,
}

/// The part of the picture that a chunk covers; what sticks out at the right or bottom is cut off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub x: usize,
    pub y: usize,
    pub columns: usize,
    pub rows: usize,
}

impl<'a> Layout<'a> {
    /// Reads the layout of a page whose size is within the limits.
    pub(super) fn read(
        directory: &Directory<'a>,
        width: u32,
        height: u32,
        planes: usize,
    ) -> Result<Self> {
        let (width, height) = (width as usize, height as usize);
        let side = |tag, default: usize| -> Result<usize> {
            let side = directory.number(tag)?.unwrap_or(default as u64);
            Ok(usize::try_from(side).unwrap_or(usize::MAX))
        };
        let tile_offsets = directory.numbers(tag::TILE_OFFSETS)?;
        let is_tiled = tile_offsets.is_some();
        let (offsets, lengths, chunk_width, chunk_height) = if is_tiled {
            let lengths = directory.numbers(tag::TILE_BYTES)?;
            (tile_offsets, lengths, side(tag::TILE_WIDTH, 0)?, side(tag::TILE_HEIGHT, 0)?)
        } else {
            let lengths = directory.numbers(tag::STRIP_BYTES)?;
            let rows = side(tag::ROWS_PER_STRIP, height)?.min(height);
            (directory.numbers(tag::STRIP_OFFSETS)?, lengths, width, rows)
        };
        // Sides of tiles are multiples of 16 (TIFF 6.0, section 15); less would be millions of them.
        let is_possible = chunk_height > 0 && (!is_tiled || chunk_width.min(chunk_height) >= 16);
        let offsets = offsets.filter(|_| is_possible);
        let offsets = offsets.ok_or_else(|| damaged(Damage::Chunks))?;
        let (across, down) = (width.div_ceil(chunk_width), height.div_ceil(chunk_height));
        let count = across * down * planes;
        if offsets.len() < count || lengths.is_some_and(|lengths| lengths.len() < count) {
            return Err(damaged(Damage::Chunks));
        }
        Ok(Self { width, height, chunk_width, chunk_height, across, down, offsets, lengths })
    }

    pub(super) fn place(&self, chunk: usize) -> Place {
        let x = chunk % self.across * self.chunk_width;
        let y = chunk / self.across * self.chunk_height;
        let columns = self.chunk_width.min(self.width - x);
        let rows = self.chunk_height.min(self.height - y);
        Place { x, y, columns, rows }
    }

    /// The bytes of a chunk as they are stored.
    pub(super) fn stored(&self, bytes: &'a [u8], chunk: usize, plane: usize) -> Result<&'a [u8]> {
        let index = plane * self.across * self.down + chunk;
        let range = || {
            let start = usize::try_from(self.offsets.get(index)?).ok()?;
            let Some(lengths) = &self.lengths else { return bytes.get(start..) };
            let length = usize::try_from(lengths.get(index)?).ok()?;
            bytes.get(start..start.checked_add(length)?)
        };
        range().ok_or_else(|| damaged(Damage::CutShort))
    }
}
