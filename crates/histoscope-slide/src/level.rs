//! A level of a slide: one picture at one resolution, in tiles.

use std::fmt;

use serde::Serialize;

use crate::error::Result;
use crate::raster::Raster;
use crate::source::Bytes;

/// How a format stores the tiles of a level.
pub(crate) trait Tiles: fmt::Debug {
    /// A tile, which may reach beyond the level; `None` of one that was never written.
    fn tile(&self, files: &[Bytes], column: u32, row: u32) -> Result<Option<Raster>>;
}

/// A level.
#[derive(Debug, Serialize)]
pub struct Level {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Pixels of the finest level side by side in one of this.
    pub downsample: f64,
    /// In pixels.
    pub tile_width: u32,
    /// In pixels.
    pub tile_height: u32,
    /// Tiles side by side.
    pub columns: u32,
    /// Tiles one below the other.
    pub rows: u32,
    #[serde(skip)]
    pub(crate) tiles: Box<dyn Tiles>,
}

impl Level {
    /// A level of known size; [`crate::Slide`] tells its downsample when all are known.
    pub(crate) fn new(size: (u32, u32), tile: (u32, u32), tiles: Box<dyn Tiles>) -> Self {
        Self {
            width: size.0,
            height: size.1,
            downsample: 1.0,
            tile_width: tile.0,
            tile_height: tile.1,
            columns: size.0.div_ceil(tile.0),
            rows: size.1.div_ceil(tile.1),
            tiles,
        }
    }

    /// Columns and rows of the tiles that a rectangle touches, row by row.
    pub(crate) fn tiles_under(
        &self,
        x: i64,
        y: i64,
        width: u32,
        height: u32,
    ) -> impl Iterator<Item = (u32, u32)> + use<> {
        let touched = |start: i64, length: u32, side: u32, count: u32| {
            let end = start.saturating_add(length.into());
            let first = start.div_euclid(side.into()).clamp(0, count.into());
            let last =
                end.saturating_sub(1).div_euclid(side.into()).clamp(-1, i64::from(count) - 1);
            first as u32..(last + 1) as u32
        };
        let columns = touched(x, width, self.tile_width, self.columns);
        let rows = touched(y, height, self.tile_height, self.rows);
        rows.flat_map(move |row| columns.clone().map(move |column| (column, row)))
    }

    /// Where the upper left corner of a tile is.
    pub(crate) fn corner(&self, column: u32, row: u32) -> (i64, i64) {
        let at = |place: u32, side: u32| i64::from(place) * i64::from(side);
        (at(column, self.tile_width), at(row, self.tile_height))
    }

    /// Width and height of a tile, which are smaller at the right and lower edge.
    pub fn tile_size(&self, column: u32, row: u32) -> (u32, u32) {
        (
            self.tile_width.min(self.width - column * self.tile_width),
            self.tile_height.min(self.height - row * self.tile_height),
        )
    }
}
