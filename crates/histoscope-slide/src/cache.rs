//! Decoded tiles that are kept: those that were used last, within a number of bytes.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::raster::Raster;

/// Level, column and row.
type Place = (usize, u32, u32);
/// What keeping a tile costs besides its pixels, about: a file may claim millions of tiny ones.
const OVERHEAD: usize = 256;

#[derive(Debug)]
struct Kept {
    tile: Result<Rc<Raster>>,
    /// When it was used last.
    used: u64,
}

/// Tiles by their places.
#[derive(Debug)]
pub(crate) struct TileCache {
    most: usize,
    tiles: HashMap<Place, Kept>,
    /// The places by their last use.
    order: BTreeMap<u64, Place>,
    bytes: usize,
    clock: u64,
}

impl TileCache {
    /// Keeps tiles of at most so many bytes; the last one always.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, tiles: HashMap::new(), order: BTreeMap::new(), bytes: 0, clock: 0 }
    }

    /// A tile that is kept, or why it cannot be had.
    pub(crate) fn get(&mut self, place: Place) -> Option<Result<Rc<Raster>>> {
        let kept = self.tiles.get_mut(&place)?;
        self.clock += 1;
        self.order.remove(&kept.used);
        kept.used = self.clock;
        self.order.insert(self.clock, place);
        Some(kept.tile.clone())
    }

    /// Keeps a tile. A damaged one stays damaged, so that it is tried once; a file that could not
    /// be read just now may be readable again.
    pub(crate) fn put(&mut self, place: Place, tile: &Result<Rc<Raster>>) {
        if matches!(tile, Err(Error::Unreadable { .. })) {
            return;
        }
        self.clock += 1;
        self.bytes += cost(tile);
        self.tiles.insert(place, Kept { tile: tile.clone(), used: self.clock });
        self.order.insert(self.clock, place);
        while self.bytes > self.most && self.tiles.len() > 1 {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            let Some(kept) = self.tiles.remove(&oldest) else { break };
            self.bytes -= cost(&kept.tile);
        }
    }
}

fn cost(tile: &Result<Rc<Raster>>) -> usize {
    OVERHEAD + tile.as_ref().map_or(0, |tile| tile.rgb.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(side: u32) -> Result<Rc<Raster>> {
        Ok(Rc::new(Raster::white(side, side)))
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let mut cache = TileCache::new(3 * (OVERHEAD + 3 * 16));
        for column in 0..3 {
            cache.put((0, column, 0), &tile(4));
        }
        assert!(cache.get((0, 0, 0)).is_some());
        cache.put((0, 3, 0), &tile(4));
        let kept = |cache: &mut TileCache| [0, 1, 2, 3].map(|at| cache.get((0, at, 0)).is_some());
        assert_eq!(kept(&mut cache), [true, false, true, true]);
        // One that is larger than all that may be kept is kept alone.
        cache.put((1, 0, 0), &tile(100));
        assert_eq!(kept(&mut cache), [false; 4]);
        assert!(cache.get((1, 0, 0)).is_some());
    }

    #[test]
    fn a_million_tiny_tiles_take_no_more_than_large_ones() {
        let mut cache = TileCache::new(1 << 20);
        for column in 0..1_000_000 {
            cache.put((0, column, 0), &tile(1));
        }
        assert!(cache.tiles.len() <= (1 << 20) / OVERHEAD, "{}", cache.tiles.len());
        assert_eq!(cache.tiles.len(), cache.order.len());
    }

    #[test]
    fn a_damaged_tile_is_tried_once_and_an_unreadable_file_again() {
        let mut cache = TileCache::new(1 << 20);
        let damaged = Err(Error::Tile { detail: "cut short".into() });
        cache.put((0, 0, 0), &damaged);
        assert_eq!(cache.get((0, 0, 0)), Some(damaged));
        cache.put((0, 1, 0), &Err(Error::Unreadable { detail: "the disk is busy".into() }));
        assert_eq!(cache.get((0, 1, 0)), None);
    }
}
