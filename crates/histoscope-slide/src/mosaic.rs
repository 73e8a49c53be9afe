//! One picture of several that were scanned apart: what lies between them is glass.

use std::cell::RefCell;
use std::rc::Rc;

use crate::cache::TileCache;
use crate::error::Result;
use crate::level::{Level, Tiles};
use crate::raster::Raster;
use crate::source::Bytes;

/// Bytes of the parts' decoded tiles that are kept. A tile of the whole is made of up to four of a part, and so are its
/// neighbours: two rows of tiles that a block of patches lies on.
const KEPT: usize = 16 << 20;

/// A level of one of the pictures.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) level: Level,
    /// Where its upper left corner lies in the whole, in pixels of this level.
    pub(crate) corner: (u32, u32),
}

#[derive(Debug)]
struct Mosaic {
    size: (u32, u32),
    tile: (u32, u32),
    parts: Vec<Part>,
    kept: RefCell<TileCache>,
}

/// A level of `size` pixels, tiled like the first of its parts. Where parts overlap the last one that was
/// written there is seen.
pub(crate) fn level(size: (u32, u32), parts: Vec<Part>) -> Level {
    let tile = parts.first().map_or(size, |part| (part.level.tile_width, part.level.tile_height));
    let kept = RefCell::new(TileCache::new(KEPT));
    Level::new(size, tile, Box::new(Mosaic { size, tile, parts, kept }))
}

impl Mosaic {
    /// A tile of a part; `None` of one that was never written, through which what lies under it is seen.
    fn part_tile(
        &self,
        files: &[Bytes],
        number: usize,
        column: u32,
        row: u32,
    ) -> Result<Option<Rc<Raster>>> {
        let place = (number, column, row);
        if let Some(known) = self.kept.borrow_mut().get(place) {
            return known.map(Some);
        }
        let level = &self.parts[number].level;
        let (width, height) = level.tile_size(column, row);
        let Some(tile) = level.tiles.tile(files, column, row).transpose() else { return Ok(None) };
        let tile = tile.map(|tile| Rc::new(tile.fitted(width, height)));
        self.kept.borrow_mut().put(place, &tile);
        tile.map(Some)
    }
}

impl Tiles for Mosaic {
    /// A tile of which a part cannot be read is as damaged as that.
    fn tile(&self, files: &[Bytes], column: u32, row: u32) -> Result<Option<Raster>> {
        let (left, top) = (column * self.tile.0, row * self.tile.1);
        let (width, height) =
            (self.tile.0.min(self.size.0 - left), self.tile.1.min(self.size.1 - top));
        let mut whole: Option<Raster> = None;
        for (number, Part { level, corner }) in self.parts.iter().enumerate() {
            // The tile's corner in pixels of the part, which may begin right of it or below.
            let x = i64::from(left) - i64::from(corner.0);
            let y = i64::from(top) - i64::from(corner.1);
            for (column, row) in level.tiles_under(x, y, width, height) {
                let Some(tile) = self.part_tile(files, number, column, row)? else { continue };
                let (across, down) = level.corner(column, row);
                let whole = whole.get_or_insert_with(|| Raster::white(width, height));
                whole.paste(&tile, across - x, down - y);
            }
        }
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::codec::broken;

    /// Tiles of one grey, of which that at 1, 0 is damaged.
    #[derive(Debug)]
    struct Grey(u8, Rc<Cell<usize>>);

    impl Tiles for Grey {
        fn tile(&self, _: &[Bytes], column: u32, row: u32) -> Result<Option<Raster>> {
            self.1.set(self.1.get() + 1);
            if (column, row) == (1, 0) {
                return Err(broken("so it is drawn"));
            }
            Ok(Some(Raster { width: 4, height: 4, rgb: vec![self.0; 48] }))
        }
    }

    #[test]
    fn parts_lie_at_their_places_and_their_tiles_are_decoded_once() {
        let decoded = Rc::new(Cell::new(0));
        let part = |grey, size, corner| {
            let tiles = Box::new(Grey(grey, decoded.clone()));
            Part { level: Level::new(size, (4, 4), tiles), corner }
        };
        // Four pixels of a part end in the middle of its second row of tiles.
        let whole = level((9, 7), vec![part(1, (3, 6), (2, 1)), part(2, (3, 4), (6, 3))]);
        let mut picture = Raster { width: 9, height: 7, rgb: vec![0; 9 * 7 * 3] };
        for (column, row) in whole.tiles_under(0, 0, 9, 7) {
            let (width, height) = whole.tile_size(column, row);
            let tile = whole.tiles.tile(&[], column, row).unwrap();
            let tile = tile.unwrap_or_else(|| Raster::white(width, height));
            let (x, y) = whole.corner(column, row);
            picture.paste(&tile, x, y);
        }
        let rows: Vec<String> = (0..7)
            .map(|y| {
                picture.row(y).chunks(3).map(|pixel| match pixel[0] {
                    255 => '.',
                    grey => char::from(b'0' + grey),
                })
            })
            .map(Iterator::collect)
            .collect();
        assert_eq!(
            rows,
            [
                ".........",
                "..111....",
                "..111....",
                "..111.222",
                "..111.222",
                "..111.222",
                "..111.222"
            ]
        );
        assert_eq!(decoded.get(), 3, "two tiles of the first, one of the second");
    }

    /// Tiles of which none was written.
    #[derive(Debug)]
    struct Unwritten;

    impl Tiles for Unwritten {
        fn tile(&self, _: &[Bytes], _: u32, _: u32) -> Result<Option<Raster>> {
            Ok(None)
        }
    }

    #[test]
    fn a_part_hides_nothing_where_it_was_not_written() {
        let part = |tiles: Box<dyn Tiles>, corner| Part {
            level: Level::new((4, 4), (4, 4), tiles),
            corner,
        };
        let written = Box::new(Grey(1, Rc::default()));
        let whole = level((8, 4), vec![part(written, (0, 0)), part(Box::new(Unwritten), (2, 0))]);
        let greys = |column| {
            let tile = whole.tiles.tile(&[], column, 0).unwrap()?;
            Some(tile.row(0).chunks(3).map(|pixel| pixel[0]).collect::<Vec<_>>())
        };
        assert_eq!([greys(0), greys(1)], [Some(vec![1; 4]), None]);
    }

    #[test]
    fn a_damaged_tile_of_a_part_is_one_of_the_whole() {
        let tiles = Box::new(Grey(1, Rc::default()));
        let part = Part { level: Level::new((8, 4), (4, 4), tiles), corner: (2, 0) };
        let whole = level((10, 4), vec![part]);
        let is_damaged = |column| whole.tiles.tile(&[], column, 0).is_err();
        assert_eq!([is_damaged(0), is_damaged(1), is_damaged(2)], [false, true, true]);
    }
}
