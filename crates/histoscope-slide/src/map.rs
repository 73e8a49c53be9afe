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

use histoscope_colours::{self as colours, Rgb};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::slide::SCALES;

mod png;
mod tiff;

/// Pixels along a patch, at most.
const MOST_OF_PATCH: u32 = 16;
/// Longer side of the picture, in pixels; only a grid with more cells has more.
const MOST_OF_SIDE: f64 = 8192.0;
/// Most cells, as of a plan.
const MAX_CELLS: f64 = (1 << 22) as f64;
/// How opaque patches are that do not vote.
const LEFT_OUT_ALPHA: u8 = 112;
/// Of what was not looked at: white for programs that know no transparency.
const NOTHING: [u8; 4] = [255, 255, 255, 0];
/// Most classes, as of a model.
const MAX_CLASSES: usize = 100;

/// As what a map is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapFormat {
    /// In tiles of 256x256 pixels, at several sizes.
    Tiff,
    /// At one size.
    Png,
}

/// A patch of a map: its square in pixels of the finest level, and what is said of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Square {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Of the square.
    pub side: f64,
    /// Probabilities by class, 0 to 1; `None` of one that did not vote.
    pub shares: Option<Vec<f64>>,
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
    /// Names of the classes that were told apart, two or more, in the order of all shares.
    pub classes: Vec<String>,
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
    /// What the file says of itself.
    description: String,
}

/// Writes a map, without holding its pixels.
///
/// # Errors
/// [`Error::Options`] of squares that are no grid over the slide, or fit no classes; [`Error::Unwritable`].
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
        let &MapSource { width, height, um_per_pixel, ref classes, ref squares } = source;
        let wrong = |problem: &str| Error::Options { option: "map", problem: problem.into() };
        if !SCALES.contains(&um_per_pixel) {
            return Err(wrong("no slide has this scale"));
        }
        if !(2..=MAX_CLASSES).contains(&classes.len()) {
            return Err(wrong("so many classes no model has"));
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
            if square.shares.as_ref().is_some_and(|shares| shares.len() != classes.len()) {
                return Err(wrong("a square has not one share of each class"));
            }
            cells[row.round() as usize * columns as usize + column.round() as usize] =
                colour(classes, square.shares.as_deref());
        }
        let (patch_um, description) = (side * um_per_pixel, describe(classes));
        Ok(Self { columns, cells, across, down, patch_um, description })
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

/// Of a patch with these shares; of `None` that of one that did not vote.
fn colour(classes: &[String], shares: Option<&[f64]>) -> [u8; 4] {
    let opaque = |[red, green, blue]: Rgb, alpha| [red, green, blue, alpha];
    match shares {
        Some(shares) => opaque(colours::of_shares(classes, shares), 255),
        None => opaque(colours::LEFT_OUT, LEFT_OUT_ALPHA),
    }
}

/// What the colours mean, in a sentence or two.
fn describe(classes: &[String]) -> String {
    let meaning = if colours::is_own(classes) {
        "probability of malignant by patch, from blue (0) to orange (1)".into()
    } else {
        let named = legend(classes).join(", ");
        format!("the most probable class of each patch, paler the less sure: {named}")
    };
    format!("Histoscope: {meaning}; grey was left out. Research use only.")
}

/// "normal #332288" of each class; those that share the last colour are one line.
fn legend(classes: &[String]) -> Vec<String> {
    let last = colours::TONES.len() - 1;
    let line = |place: usize| {
        let [red, green, blue] = colours::tone(classes, place);
        let name = match classes.len() - place {
            left if place == last && left > 1 => format!("{left} others"),
            _ => classes[place].clone(),
        };
        format!("{name} #{red:02x}{green:02x}{blue:02x}")
    };
    (0..classes.len().min(last + 1)).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(classes: &[&str]) -> Vec<String> {
        classes.iter().map(|&name| name.into()).collect()
    }

    fn source(squares: Vec<Square>) -> MapSource {
        let classes = names(&colours::OWN_CLASSES);
        MapSource { width: 1000, height: 700, um_per_pixel: 0.25, classes, squares }
    }

    fn square(x: f64, y: f64, malignant: Option<f64>) -> Square {
        Square { x, y, side: 100.0, shares: malignant.map(|share| vec![1.0 - share, share]) }
    }

    const BLUE: [u8; 4] = [12, 84, 158, 255];
    const ORANGE: [u8; 4] = [186, 74, 0, 255];
    const GREY: [u8; 4] = [120, 120, 120, 112];

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
        assert_eq!([row[0], row[15], row[16], row[47]], [ORANGE, ORANGE, NOTHING, BLUE]);
        map.draw(16, 144, 111, &mut row);
        // Beyond the right edge is nothing.
        assert_eq!([row[0], row[15], row[16]], [GREY, GREY, NOTHING]);
        assert!(map.description.contains("malignant"), "{}", map.description);
    }

    #[test]
    fn classes_of_any_names_have_their_colours_and_a_legend() {
        let classes = names(&["normal", "Häm", "invasive"]);
        let sure = |place: usize| {
            let shares = (0..3).map(|at| f64::from(u8::from(at == place))).collect();
            let x = 100.0 * place as f64;
            Square { x, y: 0.0, side: 100.0, shares: Some(shares) }
        };
        let map = Map::new(&MapSource { classes, ..source((0..3).map(sure).collect()) }).unwrap();
        let mut row = [[0; 4]; 3];
        map.draw(1, 0, 0, &mut row);
        assert_eq!(row, [[51, 34, 136, 255], [221, 204, 119, 255], [68, 170, 153, 255]]);
        let legend = "less sure: normal #332288, Häm #ddcc77, invasive #44aa99; grey";
        assert!(map.description.contains(legend), "{}", map.description);
    }

    #[test]
    fn of_more_classes_than_colours_the_rest_is_one_line_of_the_legend() {
        let many: Vec<String> = (1..=100).map(|number| format!("class {number}")).collect();
        let legend = legend(&many);
        assert_eq!((legend.len(), legend[11].as_str()), (12, "89 others #bbbbbb"));
        assert_eq!(super::legend(&many[..12])[11], "class 12 #bbbbbb");
    }

    #[test]
    fn a_large_grid_has_fewer_pixels_for_a_patch() {
        let map = |width| {
            let squares = vec![Square { x: 0.0, y: 0.0, side: 1.0, shares: None }];
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
            vec![Square { shares: Some(vec![1.0]), ..square(0.0, 0.0, None) }],
        ] {
            let error = Map::new(&source(squares.clone())).unwrap_err();
            assert_eq!(error.code(), "options_invalid", "{squares:?}");
        }
        let one = || source(vec![square(0.0, 0.0, None)]);
        let none = MapSource { um_per_pixel: 0.0, ..one() };
        assert_eq!(Map::new(&none).unwrap_err().code(), "options_invalid");
        for count in [0, 1, MAX_CLASSES + 1] {
            let odd = MapSource { classes: vec!["one".into(); count], ..one() };
            assert_eq!(Map::new(&odd).unwrap_err().code(), "options_invalid", "{count}");
        }
    }
}
