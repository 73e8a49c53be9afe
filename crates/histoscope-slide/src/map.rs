//! The map of a slide as a picture that lies over it: tiled pyramidal TIFF, or PNG.
//!
//! ```text
//! squares -> cells of the patches' grid -> RGBA, a tile or a row at a time -> file
//! ```
//!
//! Upper left corners coincide, and a patch is a square of a power of two pixels. What was not looked at is
//! transparent, what does not vote is grey. The file says how many micrometres a pixel has, by which programs such as
//! QuPath lay it over the slide.

use std::io::{Seek, Write};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::regions::Square;
use crate::slide::SCALES;

mod png;
mod tiff;

/// Pixels along a patch, at most.
const MOST_OF_PATCH: u32 = 16;
/// Longer side of the picture, in pixels; only a grid with more cells has more.
const MOST_OF_SIDE: f64 = 8192.0;
/// Most cells, as of a plan.
const MAX_CELLS: f64 = (1 << 22) as f64;
/// Colours of the probabilities of malignant 0, 1/4, 1/2, 3/4 and 1, between which they are mixed: those of the page.
const STOPS: [[u8; 3]; 5] =
    [[12, 84, 158], [100, 160, 210], [244, 241, 232], [243, 158, 80], [186, 74, 0]];
/// Of patches that do not vote.
const LEFT_OUT: [u8; 4] = [120, 120, 120, 112];
/// Of what was not looked at: white for programs that know no transparency.
const NOTHING: [u8; 4] = [255, 255, 255, 0];
/// What the file says of itself.
const DESCRIPTION: &str = "Histoscope: probability of malignant by patch, from blue (0) to orange (1); grey was left out. \
                           Research use only.";

/// As what a map is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapFormat {
    /// In tiles of 256x256 pixels, at several sizes.
    Tiff,
    /// At one size.
    Png,
}

/// What a map is made of.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapSource {
    /// Of the finest level, in pixels.
    pub width: u32,
    /// Of the finest level, in pixels.
    pub height: u32,
    /// Of the finest level.
    pub um_per_pixel: f64,
    /// The patches that were looked at, all of one size and on a grid of it.
    pub squares: Vec<Square>,
}

/// A map that can be drawn at several sizes.
#[derive(Debug)]
struct Map {
    columns: u32,
    /// `[rows, columns]`.
    cells: Vec<[u8; 4]>,
    /// Patches side by side in the slide, a part of the last one among them.
    across: f64,
    down: f64,
    /// Micrometres along a patch.
    patch_um: f64,
}

/// Writes a map, without holding its pixels.
///
/// # Errors
/// [`Error::Options`] of squares that are no grid over the slide; [`Error::Unwritable`].
pub fn write_map(source: &MapSource, format: MapFormat, out: impl Write + Seek) -> Result<()> {
    let map = Map::new(source)?;
    match format {
        MapFormat::Tiff => tiff::write(&map, out),
        MapFormat::Png => png::write(&map, out),
    }
    .map_err(|error| Error::Unwritable { detail: error.to_string() })
}

impl Map {
    fn new(source: &MapSource) -> Result<Self> {
        let &MapSource { width, height, um_per_pixel, ref squares } = source;
        let wrong = |problem: &str| Error::Options { option: "map", problem: problem.into() };
        if !SCALES.contains(&um_per_pixel) {
            return Err(wrong("no slide has this scale"));
        }
        let side = squares.first().map_or(0.0, |square| square.side);
        let (across, down) = (f64::from(width) / side, f64::from(height) / side);
        if !(side > 0.0 && across > 0.0 && down > 0.0 && across.ceil() * down.ceil() <= MAX_CELLS) {
            return Err(wrong("the squares have no size, or are too small"));
        }
        let (columns, rows) = (across.ceil() as u32, down.ceil() as u32);
        let mut cells = vec![NOTHING; columns as usize * rows as usize];
        for square in squares {
            let (column, row) = (square.x / side, square.y / side);
            let is_cell = |at: f64, count: u32| {
                at > -0.5 && at.round() < f64::from(count) && (at - at.round()).abs() < 0.01
            };
            let is_same = (square.side / side - 1.0).abs() < 1e-6;
            if !(is_same && is_cell(column, columns) && is_cell(row, rows)) {
                return Err(wrong("a square lies beside the grid"));
            }
            cells[row.round() as usize * columns as usize + column.round() as usize] =
                square.malignant.map_or(LEFT_OUT, colour);
        }
        Ok(Self { columns, cells, across, down, patch_um: side * um_per_pixel })
    }

    /// Pixels along a patch at the largest size.
    fn finest(&self) -> u32 {
        let most = (MOST_OF_SIDE / self.across.max(self.down)).clamp(1.0, MOST_OF_PATCH.into());
        1 << most.log2() as u32
    }

    /// Width and height with so many pixels along a patch.
    fn size(&self, along: u32) -> (u32, u32) {
        let length = |patches: f64| (patches * f64::from(along)).ceil() as u32;
        (length(self.across), length(self.down))
    }

    /// Pixels of a row, `uint8 [width, 4]`, from column `x` on.
    fn draw(&self, along: u32, x: u32, y: u32, row: &mut [[u8; 4]]) {
        let cells = &self.cells[(y / along * self.columns) as usize..][..self.columns as usize];
        for (pixel, x) in row.iter_mut().zip(x..) {
            *pixel = cells.get((x / along) as usize).copied().unwrap_or(NOTHING);
        }
    }
}

/// The colour of a probability of malignant; what is outside counts as the nearer end.
fn colour(malignant: f64) -> [u8; 4] {
    let last = STOPS.len() - 1;
    let place = malignant.clamp(0.0, 1.0) * last as f64;
    let low = (place as usize).min(last - 1);
    let mix = |channel: usize| {
        let [from, to] = [low, low + 1].map(|stop| f64::from(STOPS[stop][channel]));
        (from + (to - from) * (place - low as f64)).round() as u8
    };
    [mix(0), mix(1), mix(2), 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(squares: Vec<Square>) -> MapSource {
        MapSource { width: 1000, height: 700, um_per_pixel: 0.25, squares }
    }

    fn square(x: f64, y: f64, malignant: Option<f64>) -> Square {
        Square { x, y, side: 100.0, malignant }
    }

    #[test]
    fn colours_are_those_of_the_stops_and_between_them() {
        assert_eq!(colour(0.0), [12, 84, 158, 255]);
        assert_eq!(colour(1.0), [186, 74, 0, 255]);
        assert_eq!(colour(7.0), colour(1.0));
        assert_eq!(colour(0.625), [244, 200, 156, 255]);
    }

    #[test]
    fn patches_are_squares_and_the_rest_is_transparent() {
        let map = Map::new(&source(vec![
            square(0.0, 0.0, Some(1.0)),
            square(900.0, 600.0, None),
            square(200.001, 0.0, Some(0.0)),
        ]))
        .unwrap();
        assert_eq!((map.finest(), map.size(16), map.size(1)), (16, (160, 112), (10, 7)));
        let mut row = [[0; 4]; 48];
        map.draw(16, 0, 15, &mut row);
        assert_eq!(
            [row[0], row[15], row[16], row[47]],
            [colour(1.0), colour(1.0), NOTHING, colour(0.0)]
        );
        map.draw(16, 144, 111, &mut row);
        // Beyond the right edge is nothing.
        assert_eq!([row[0], row[15], row[16]], [LEFT_OUT, LEFT_OUT, NOTHING]);
    }

    #[test]
    fn a_large_grid_has_fewer_pixels_for_a_patch() {
        let map = |width| {
            let squares = vec![Square { x: 0.0, y: 0.0, side: 1.0, malignant: None }];
            Map::new(&MapSource { width, height: 100, ..source(squares) }).unwrap()
        };
        assert_eq!([512, 513, 4096, 6000].map(|width| map(width).finest()), [16, 8, 2, 1]);
    }

    #[test]
    fn what_is_no_grid_over_the_slide_is_refused() {
        for squares in [
            vec![],
            vec![Square { side: 0.0, ..square(0.0, 0.0, None) }],
            vec![Square { side: f64::NAN, ..square(0.0, 0.0, None) }],
            vec![Square { side: 0.1, ..square(0.0, 0.0, None) }],
            vec![square(1000.0, 0.0, None)],
            vec![square(-100.0, 0.0, None)],
            vec![square(50.0, 0.0, None)],
            vec![square(f64::NAN, 0.0, None)],
            vec![square(0.0, 0.0, None), Square { side: 50.0, ..square(0.0, 0.0, None) }],
        ] {
            let error = Map::new(&source(squares.clone())).unwrap_err();
            assert_eq!(error.code(), "options_invalid", "{squares:?}");
        }
        let none = MapSource { um_per_pixel: 0.0, ..source(vec![square(0.0, 0.0, None)]) };
        assert_eq!(Map::new(&none).unwrap_err().code(), "options_invalid");
    }
}
