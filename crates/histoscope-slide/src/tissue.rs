//! Where tissue lies: a mask of the thumbnail.
//!
//! ```text
//! colourfulness (greatest - least channel), mean of 3x3 -> Otsu's threshold, within bounds
//!   -> closed by 2 pixels -> islands and holes below 64 pixels left out
//! ```
//!
//! Glass is grey under any lamp and stain is not, nor is the shadow of a cover slip. Integers only.

use serde::Serialize;

use crate::error::Result;
use crate::raster::Raster;
use crate::slide::Slide;
use crate::strokes::Stroke;

/// Longer side of the thumbnail on which tissue is looked for.
const SIDE: u32 = 1024;
/// Bounds of the threshold: JPEG's noise on glass reaches 6, pale stroma has 14 and more.
const THRESHOLDS: std::ops::RangeInclusive<u8> = 8..=24;
/// How far closing reaches, in pixels.
const REACH: usize = 2;
/// Islands and holes of fewer pixels are left out.
const LEAST_AREA: usize = 64;

/// A mask over the thumbnail.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tissue {
    /// Of the mask, in pixels.
    pub width: u32,
    /// Of the mask, in pixels.
    pub height: u32,
    /// Pixels of the finest level side by side in one of the mask.
    pub downsample: f64,
    /// The colourfulness from which a pixel is tissue.
    pub threshold: u8,
    /// Share of the mask that is tissue, 0 to 1.
    pub share: f64,
    /// Runs of tissue: row, first column, length.
    pub runs: Vec<[u32; 3]>,
    /// Outlines and holes in pixels of the finest level; inside is what an odd number of them holds.
    pub rings: Vec<Vec<[f64; 2]>>,
    #[serde(skip)]
    mask: Vec<bool>,
}

impl Tissue {
    /// Looks for tissue.
    ///
    /// # Errors
    /// As [`Slide::thumbnail`].
    pub fn of(slide: &Slide) -> Result<Self> {
        let longest = |level: &crate::Level| level.width.max(level.height);
        let side = slide.levels().first().map_or(SIDE, longest).min(SIDE);
        let thumbnail = slide.thumbnail(side)?;
        let width = slide.levels().first().map_or(1, |level| level.width);
        Ok(Self::find(&thumbnail, f64::from(width) / f64::from(thumbnail.width)))
    }

    fn find(picture: &Raster, downsample: f64) -> Self {
        let size = (picture.width as usize, picture.height as usize);
        let colour = smooth(&colourfulness(picture), size);
        let threshold = otsu(&colour).clamp(*THRESHOLDS.start(), *THRESHOLDS.end());
        let mut mask: Vec<bool> = colour.iter().map(|&value| value >= threshold).collect();
        mask = spread(&mask, size, true);
        mask = spread(&mask, size, false);
        drop_small(&mut mask, size, true);
        drop_small(&mut mask, size, false);
        Self::of_mask(mask, (picture.width, picture.height), downsample, threshold)
    }

    fn of_mask(
        mask: Vec<bool>,
        (width, height): (u32, u32),
        downsample: f64,
        threshold: u8,
    ) -> Self {
        let size = (width as usize, height as usize);
        let inside = mask.iter().filter(|&&tissue| tissue).count();
        Self {
            width,
            height,
            downsample,
            threshold,
            share: inside as f64 / mask.len() as f64,
            runs: runs(&mask, size.0),
            rings: rings(&mask, size, downsample),
            mask,
        }
    }

    /// With the strokes of a person over it.
    ///
    /// # Errors
    /// [`crate::Error::Options`] of strokes that no brush makes.
    pub fn corrected(&self, strokes: &[Stroke]) -> Result<Self> {
        Stroke::check(strokes)?;
        let mut mask = self.mask.clone();
        for stroke in strokes {
            stroke.paint(&mut mask, (self.width as usize, self.height as usize), self.downsample);
        }
        Ok(Self::of_mask(mask, (self.width, self.height), self.downsample, self.threshold))
    }

    /// Whether a point of the finest level is in tissue.
    pub fn contains(&self, [x, y]: [f64; 2]) -> bool {
        let (column, row) = ((x / self.downsample) as u32, (y / self.downsample) as u32);
        let inside = x >= 0.0 && y >= 0.0 && column < self.width && row < self.height;
        inside && self.mask[(row * self.width + column) as usize]
    }
}

fn colourfulness(picture: &Raster) -> Vec<u8> {
    let pixels = picture.rgb.as_chunks::<3>().0.iter();
    pixels.map(|&[r, g, b]| r.max(g).max(b) - r.min(g).min(b)).collect()
}

/// Mean of the 3x3 pixels around each.
fn smooth(values: &[u8], (width, height): (usize, usize)) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len());
    for y in 0..height {
        let rows = y.saturating_sub(1)..(y + 2).min(height);
        for x in 0..width {
            let columns = x.saturating_sub(1)..(x + 2).min(width);
            let count = rows.len() * columns.len();
            let sum: usize = rows
                .clone()
                .flat_map(|y| &values[y * width..][columns.clone()])
                .map(|&value| usize::from(value))
                .sum();
            out.push((sum / count) as u8);
        }
    }
    out
}

/// The least value of the upper of two classes that differ most from each other (Otsu, A threshold
/// selection method from gray-level histograms, IEEE Trans. SMC 9, 1979).
fn otsu(values: &[u8]) -> u8 {
    let mut histogram = [0_u64; 256];
    for &value in values {
        histogram[usize::from(value)] += 1;
    }
    let total = values.len() as u64;
    let all: u64 = histogram.iter().zip(0..).map(|(count, value)| count * value).sum();
    let (mut below, mut sum) = (0_u64, 0_u64);
    let mut best = (0_u128, 0_u8);
    for value in 0..255_u8 {
        below += histogram[usize::from(value)];
        sum += histogram[usize::from(value)] * u64::from(value);
        let above = total - below;
        if below == 0 || above == 0 {
            continue;
        }
        // Variance between the classes, times constants: the same order without a fraction of note.
        let difference = i128::from(sum) * i128::from(total) - i128::from(all) * i128::from(below);
        let between = (difference * difference) as u128 / (u128::from(below) * u128::from(above));
        if between > best.0 {
            best = (between, value + 1);
        }
    }
    best.1
}

/// Grows the mask by a square, or shrinks it; beyond the picture there is neither.
fn spread(mask: &[bool], (width, height): (usize, usize), grow: bool) -> Vec<bool> {
    let line = |length: usize, at: &dyn Fn(usize) -> bool| -> Vec<bool> {
        let near = |i: usize| i.saturating_sub(REACH)..(i + REACH + 1).min(length);
        (0..length).map(|i| near(i).any(|j| at(j) == grow) == grow).collect()
    };
    let mut across = Vec::with_capacity(mask.len());
    for row in mask.chunks_exact(width) {
        across.extend(line(width, &|x| row[x]));
    }
    let mut out = vec![false; mask.len()];
    for x in 0..width {
        for (y, value) in line(height, &|y| across[y * width + x]).into_iter().enumerate() {
            out[y * width + x] = value;
        }
    }
    out
}

/// Turns islands of `value` below the least area over. Neighbours share an edge.
fn drop_small(mask: &mut [bool], (width, height): (usize, usize), value: bool) {
    let mut seen = vec![false; mask.len()];
    let mut island = Vec::new();
    for start in 0..mask.len() {
        if seen[start] || mask[start] != value {
            continue;
        }
        island.clear();
        island.push(start);
        seen[start] = true;
        let mut next = 0;
        while next < island.len() {
            let at = island[next];
            next += 1;
            let (x, y) = (at % width, at / width);
            let neighbours = [
                (x > 0).then(|| at - 1),
                (x + 1 < width).then(|| at + 1),
                (y > 0).then(|| at - width),
                (y + 1 < height).then(|| at + width),
            ];
            for neighbour in neighbours.into_iter().flatten() {
                if mask[neighbour] == value && !seen[neighbour] {
                    seen[neighbour] = true;
                    island.push(neighbour);
                }
            }
        }
        if island.len() < LEAST_AREA {
            island.iter().for_each(|&at| mask[at] = !value);
        }
    }
}

fn runs(mask: &[bool], width: usize) -> Vec<[u32; 3]> {
    let mut runs = Vec::new();
    for (y, row) in mask.chunks_exact(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] {
                runs.push([y as u32, x as u32, run.len() as u32]);
            }
            x += run.len();
        }
    }
    runs
}

/// Follows the edges between tissue and glass; where two corners meet, the rings stay apart.
fn rings(mask: &[bool], (width, height): (usize, usize), downsample: f64) -> Vec<Vec<[f64; 2]>> {
    let at = |x: isize, y: isize| {
        let inside = (0..width as isize).contains(&x) && (0..height as isize).contains(&y);
        inside && mask[y as usize * width + x as usize]
    };
    // Directions: right, down, left, up. An edge in direction d from a corner has tissue at its right.
    const STEPS: [(isize, isize); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
    let is_edge = |x: isize, y: isize, direction: usize| match direction {
        0 => at(x, y) && !at(x, y - 1),
        1 => at(x - 1, y) && !at(x, y),
        2 => at(x - 1, y - 1) && !at(x - 1, y),
        _ => at(x, y - 1) && !at(x - 1, y - 1),
    };
    let corners = width + 1;
    let mut used = vec![false; corners * (height + 1)];
    let mut rings = Vec::new();
    for y in 0..height as isize {
        for x in 0..width as isize {
            // Every ring has an edge to the right.
            if !is_edge(x, y, 0) || used[y as usize * corners + x as usize] {
                continue;
            }
            let (mut cx, mut cy, mut direction) = (x, y, 0);
            let mut ring = Vec::new();
            loop {
                if direction == 0 {
                    used[cy as usize * corners + cx as usize] = true;
                }
                let (dx, dy) = STEPS[direction];
                (cx, cy) = (cx + dx, cy + dy);
                // Right first: tissue that meets at a corner only is two islands.
                let turns = [(direction + 1) % 4, direction, (direction + 3) % 4];
                let next = turns.into_iter().find(|&turn| is_edge(cx, cy, turn));
                let Some(next) = next else { break };
                if next != direction {
                    ring.push([cx as f64 * downsample, cy as f64 * downsample]);
                }
                direction = next;
                if (cx, cy, direction) == (x, y, 0) {
                    break;
                }
            }
            rings.push(ring);
        }
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::cells::Grid;

    /// A grey sheet with a stained square of 30 pixels with a hole of 10, and a speck.
    fn sheet() -> Raster {
        let mut sheet = Raster { width: 60, height: 50, rgb: vec![235; 60 * 50 * 3] };
        let mut paint = |x: u32, y: u32, side: u32, colour: [u8; 3]| {
            let rgb = colour.repeat((side * side) as usize);
            sheet.paste(&Raster { width: side, height: side, rgb }, x.into(), y.into());
        };
        paint(10, 10, 30, [180, 90, 160]);
        paint(20, 20, 10, [235, 235, 235]);
        paint(50, 4, 3, [180, 90, 160]);
        sheet
    }

    #[test]
    fn stained_squares_are_tissue_and_specks_are_not() {
        let tissue = Tissue::find(&sheet(), 4.0);
        assert!(tissue.contains([4.0 * 15.0, 4.0 * 15.0]));
        assert!(!tissue.contains([4.0 * 51.0, 4.0 * 5.0]));
        assert!(!tissue.contains([0.0, 0.0]) && !tissue.contains([-1.0, 0.0]));
        assert!(!tissue.contains([1e9, 1e9]));
        let inside: u32 = tissue.runs.iter().map(|run| run[2]).sum();
        assert_eq!(f64::from(inside) / 3000.0, tissue.share);
    }

    #[test]
    fn what_a_person_corrects_counts_and_leaves_what_was_found() {
        let found = Tissue::find(&sheet(), 4.0);
        let stroke = |adds, x: f64, y: f64| Stroke { adds, radius: 12.0, points: vec![[x, y]] };
        let corrected =
            found.corrected(&[stroke(true, 204.0, 20.0), stroke(false, 60.0, 60.0)]).unwrap();
        assert!(corrected.contains([4.0 * 51.0, 4.0 * 5.0]));
        assert!(!corrected.contains([4.0 * 15.0, 4.0 * 15.0]));
        assert!(corrected.contains([4.0 * 35.0, 4.0 * 35.0]));
        assert!(!found.contains([4.0 * 51.0, 4.0 * 5.0]));
        let inside: u32 = corrected.runs.iter().map(|run| run[2]).sum();
        assert_eq!(f64::from(inside) / 3000.0, corrected.share);
        assert_eq!(found.corrected(&[]).unwrap(), found);
    }

    #[test]
    fn rings_hold_what_the_mask_holds() {
        let mut mask = vec![false; 12 * 9];
        // Two squares that meet at a corner, one with a hole, and a lone pixel at the edge.
        for (x, y) in [
            (1, 1),
            (2, 1),
            (3, 1),
            (1, 2),
            (3, 2),
            (1, 3),
            (2, 3),
            (3, 3),
            (4, 4),
            (5, 4),
            (11, 8),
        ] {
            mask[y * 12 + x] = true;
        }
        let found = rings(&mask, (12, 9), 1.0);
        assert_eq!(found.len(), 4);
        let region = crate::Region { name: String::new(), rings: found };
        let cells = region.cells(Grid { columns: 12, rows: 9, side: 1.0 }).unwrap();
        let expected: Vec<u32> = (0..12 * 9).filter(|&at| mask[at as usize]).collect();
        assert_eq!(cells, expected);
    }

    #[test]
    fn the_threshold_lies_between_two_colours() {
        let values = [vec![2; 700], vec![60; 300]].concat();
        assert!((3..=60).contains(&otsu(&values)));
        assert_eq!(otsu(&[5; 10]), 0);
    }
}
