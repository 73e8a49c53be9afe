//! Which patches of a slide are judged: their scale, their grid, and the order from coarse to fine.
//!
//! ```text
//! scale     that of the caller; else the coarsest that the model has learned, 0.49 µm a pixel say
//! level     the coarsest that is no coarser than that
//! step      pixels of the level in one of a patch, in 1/65536; 1 where the level is within 2 %
//! grid      columns = (width / step) / patch, rows alike; patch k = (k % columns, k / columns) * patch
//! chosen    those whose middle is in tissue, or in a region that a person outlined
//! order     a few that lie evenly, then blocks of neighbours that lie evenly
//! ```
//!
//! Even is: along a curve that keeps neighbours together (Morton's), the places of the sequence of van
//! der Corput, 0, 1/2, 1/4, 3/4, ... So the first n patches are an even sample for every n. Whoever
//! asks for more has blocks of neighbours next, so that a tile is decoded about once.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::limits::check;
use crate::raster::Raster;
use crate::regions::Region;
use crate::regions::cells::Grid;
use crate::resample::{ONE, Window};
use crate::slide::{SCALES, Slide};
use crate::strokes::Stroke;
use crate::tissue::Tissue;
use crate::warning::{Warning, noted};

/// How far a level may be from the scale that is wanted and be taken as it is.
const CLOSE: f64 = 0.02;
/// How far beyond what a model has learned a slide may be and still be taken as it is.
const MARGIN: f64 = 1.25;
/// Pixels of a patch side by side in one of the slide, at most: nothing is gained by more, and the step is exact to 0.05 %.
const MOST_ENLARGED: u64 = 64;
/// Longer side of what a patch is made from, in pixels of the level, at most.
const WINDOW_SIDE: u64 = 3072;
/// Most cells of the grid.
const MAX_CELLS: u64 = 1 << 22;
/// Most patches: a report of more is none (`MAX_PATCHES` of the core), which must not come out after hours.
const MAX_PATCHES: u64 = 1 << 17;
/// Most patches of all regions together, those that lie in several counted in each.
const MAX_OUTLINED: u64 = 1 << 23;
/// Sides of a patch, in pixels.
const PATCH_SIDES: std::ops::RangeInclusive<u32> = 32..=1024;
/// The first patches lie alone: one in so many of all, and at least [`LEAST_ALONE`].
const ALONE_SHARE: usize = 32;
const LEAST_ALONE: usize = 64;
/// Patches side by side in a block.
const BLOCK: u32 = 8;

/// What a caller asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanOptions {
    /// Side of a patch, in pixels.
    pub patch_size: u32,
    /// Micrometres per pixel of the patches.
    #[serde(default)]
    pub um_per_pixel: Option<f64>,
    /// The scales that the model has learned, least and most: what counts where none is asked for.
    #[serde(default)]
    pub learned: Option<[f64; 2]>,
    /// At most so many patches; all without it.
    #[serde(default)]
    pub max_patches: Option<u32>,
    /// What a person outlined; else tissue counts.
    #[serde(default)]
    pub regions: Option<Vec<Region>>,
    /// What a person corrected of the tissue that was found.
    #[serde(default)]
    pub strokes: Vec<Stroke>,
}

/// The patches of one region.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanRegion {
    /// As the person calls it.
    pub name: String,
    /// Places in [`Plan::patches`], ascending.
    pub patches: Vec<u32>,
}

/// Which patches are judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// Of the patches.
    pub um_per_pixel: f64,
    /// The level that they are made from.
    pub level: usize,
    /// Pixels of the level in one of a patch, in 1/65536.
    #[serde(skip)]
    step: u64,
    /// Pixels of the finest level in one of a patch.
    pub downsample: f64,
    /// Of the slide at the scale of the patches.
    pub width: u32,
    /// Of the slide at the scale of the patches.
    pub height: u32,
    /// Side of a patch, in pixels.
    pub patch_size: u32,
    /// Patches side by side.
    pub columns: u32,
    /// Patches one below the other.
    pub rows: u32,
    /// How many there were before the limit.
    pub candidates: usize,
    /// Row-major places in the grid, in the order in which they are to be judged.
    pub patches: Vec<u32>,
    /// The regions that a person outlined; none where tissue counts.
    pub regions: Vec<PlanRegion>,
    /// What the reader should know, in sentences.
    #[serde(serialize_with = "noted")]
    pub warnings: Vec<Warning>,
}

impl Plan {
    /// Plans the patches.
    ///
    /// # Errors
    /// [`Error::NoScale`], [`Error::ScaleTooFar`], [`Error::NoPatches`], [`Error::Options`], or [`Error::TooLarge`] of a
    /// grid with millions of cells.
    pub fn new(slide: &Slide, options: &PlanOptions, tissue: Option<&Tissue>) -> Result<Self> {
        let own = slide.um_per_pixel().ok_or(Error::NoScale)?;
        let &PlanOptions { patch_size, um_per_pixel, learned, .. } = options;
        if !PATCH_SIDES.contains(&patch_size) {
            let problem = format!("{patch_size} is not in {PATCH_SIDES:?}");
            return Err(Error::Options { option: "patch_size", problem });
        }
        if let Some(um) = um_per_pixel.filter(|um| !SCALES.contains(um)) {
            let problem = format!("{um} is not in 0.01..=100");
            return Err(Error::Options { option: "mpp", problem });
        }
        let wanted = um_per_pixel.unwrap_or(match learned {
            Some([_, most]) if own < most || own > most * MARGIN => most,
            _ => own,
        });
        let levels = slide.levels();
        let um_of = |level: usize| own * levels[level].downsample;
        let level = (0..levels.len()).rev().find(|&at| um_of(at) <= wanted * (1.0 + CLOSE));
        let level = level.unwrap_or(0);
        let ratio = wanted / um_of(level);
        let (um_per_pixel, step) = if (ratio - 1.0).abs() <= CLOSE {
            (um_of(level), ONE)
        } else {
            (wanted, (ratio * ONE as f64).round() as u64)
        };
        // A window of a patch must be a region that a slide gives.
        let steps = ONE / MOST_ENLARGED..=WINDOW_SIDE * ONE / u64::from(patch_size);
        if !steps.contains(&step) {
            let pixels = |step: u64| step as f64 / ONE as f64;
            let (least, most) = (pixels(*steps.start()), pixels(*steps.end()));
            return Err(Error::ScaleTooFar { wanted, found: um_of(level), least, most });
        }
        let mut warnings = Vec::new();
        if um_per_pixel < um_of(0) * (1.0 - CLOSE) {
            warnings.push(Warning::PatchesEnlarged { found: um_of(0), wanted: um_per_pixel });
        }
        let side = |length: u32| u32::try_from(u64::from(length) * ONE / step).unwrap_or(u32::MAX);
        let (width, height) = (side(levels[level].width), side(levels[level].height));
        let (columns, rows) = (width / patch_size, height / patch_size);
        check("the patches of the grid", u64::from(columns) * u64::from(rows), MAX_CELLS)?;
        let mut plan = Self {
            um_per_pixel,
            level,
            step,
            downsample: levels[level].downsample * step as f64 / ONE as f64,
            width,
            height,
            patch_size,
            columns,
            rows,
            candidates: 0,
            patches: Vec::new(),
            regions: Vec::new(),
            warnings,
        };
        let grid = plan.grid();
        let all = 0..columns * rows;
        let mut outlined = Vec::new();
        let chosen: Vec<u32> = match (&options.regions, tissue) {
            (Some(regions), _) => {
                let mut sum = 0;
                for region in regions {
                    let cells = region.cells(grid)?;
                    sum += cells.len() as u64;
                    check("the patches of all regions", sum, MAX_OUTLINED)?;
                    outlined.push(cells);
                }
                let mut chosen = outlined.concat();
                chosen.sort_unstable();
                chosen.dedup();
                chosen
            }
            (None, Some(tissue)) => {
                let tissue = tissue.corrected(&options.strokes)?;
                let middle =
                    |patch: u32| [patch % columns, patch / columns].map(|at| grid.middle(at));
                all.filter(|&patch| tissue.contains(middle(patch))).collect()
            }
            (None, None) => all.collect(),
        };
        if chosen.is_empty() {
            let place = match (columns * rows, &options.regions) {
                (0, _) => "the slide, which is smaller than a patch at this scale",
                (_, Some(_)) => "a region",
                (_, None) => "tissue",
            };
            return Err(Error::NoPatches { place });
        }
        plan.candidates = chosen.len();
        plan.patches =
            order(chosen, columns, options.max_patches.map_or(usize::MAX, |m| m as usize));
        check("the patches that are to be judged", plan.patches.len() as u64, MAX_PATCHES)?;
        let places: HashMap<u32, u32> = plan.patches.iter().copied().zip(0..).collect();
        for (region, cells) in options.regions.iter().flatten().zip(outlined) {
            let mut patches: Vec<u32> =
                cells.iter().filter_map(|cell| places.get(cell).copied()).collect();
            patches.sort_unstable();
            plan.regions.push(PlanRegion { name: region.name.clone(), patches });
        }
        Ok(plan)
    }

    /// Corner of a patch in pixels of the finest level.
    pub fn corner(&self, patch: u32) -> [f64; 2] {
        let grid = self.grid();
        [patch % self.columns, patch / self.columns].map(|at| grid.edge(at))
    }

    fn grid(&self) -> Grid {
        let side = f64::from(self.patch_size) * self.downsample;
        Grid { columns: self.columns, rows: self.rows, side }
    }

    /// Pixels of patches: `uint8 [patches, side, side, 3]`. Tiles that cannot be read are white, and
    /// noted with the slide.
    ///
    /// # Errors
    /// [`Error::Options`] of a patch that the grid has not.
    pub fn pixels(&self, slide: &Slide, patches: &[u32]) -> Result<Vec<u8>> {
        let side = self.patch_size;
        let mut out = Vec::with_capacity(patches.len() * 3 * (side * side) as usize);
        for &patch in patches {
            if patch >= self.columns * self.rows {
                let problem = format!("there is no patch {patch} in the grid");
                return Err(Error::Options { option: "patches", problem });
            }
            let at = |cell: u32| u64::from(cell) * u64::from(side);
            let (x, y) = (at(patch % self.columns), at(patch / self.columns));
            let Raster { rgb, .. } = if self.step == ONE {
                slide.region(self.level, x as i64, y as i64, side, side)?
            } else {
                let window = Window::new(x, y, side, side, self.step);
                let (left, top, width, height) = window.source;
                window.resample(&slide.region(self.level, left, top, width, height)?)
            };
            out.extend(rgb);
        }
        Ok(out)
    }
}

/// Interleaves the bits of a column and a row.
fn morton(column: u32, row: u32) -> u64 {
    let apart =
        |value: u32| (0..32).fold(0, |sum, bit| sum | (u64::from(value) >> bit & 1) << (2 * bit));
    apart(column) | apart(row) << 1
}

/// The places 0..count in the order of van der Corput.
fn evenly(count: usize) -> impl Iterator<Item = usize> {
    let bits = count.next_power_of_two().trailing_zeros();
    let reversed = move |place: usize| {
        if bits == 0 { 0 } else { place.reverse_bits() >> (usize::BITS - bits) }
    };
    (0..1_usize << bits).map(reversed).filter(move |&place| place < count)
}

/// The first `most` of the patches in the order in which they are judged.
fn order(mut patches: Vec<u32>, columns: u32, most: usize) -> Vec<u32> {
    let cell = |patch: u32, side: u32| morton(patch % columns / side, patch / columns / side);
    patches.sort_by_cached_key(|&patch| cell(patch, 1));
    let alone = (patches.len() / ALONE_SHARE).max(LEAST_ALONE);
    // A sample lies evenly to its end.
    let alone = if most < patches.len() { most } else { alone };
    let mut ordered: Vec<u32> = evenly(patches.len()).take(alone).map(|at| patches[at]).collect();
    if most < patches.len() {
        return ordered;
    }
    let first: HashSet<u32> = ordered.iter().copied().collect();
    // Sorted by Morton's curve, patches of a block stand together.
    let blocks: Vec<&[u32]> = patches.chunk_by(|&a, &b| cell(a, BLOCK) == cell(b, BLOCK)).collect();
    for block in evenly(blocks.len()) {
        let mut block: Vec<u32> = blocks[block].to_vec();
        block.retain(|patch| !first.contains(patch));
        block.sort_unstable();
        ordered.extend(block);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patch_comes_once_and_a_sample_lies_evenly() {
        let columns = 40;
        let all: Vec<u32> = (0..40 * 30).collect();
        let mut ordered = order(all.clone(), columns, usize::MAX);
        let quarters = |patches: &[u32]| {
            let mut counts = [0; 4];
            for patch in patches {
                let (x, y) = (patch % columns, patch / columns);
                counts[usize::from(x >= 20) + 2 * usize::from(y >= 15)] += 1;
            }
            counts
        };
        for count in [16, 25, 64, 400] {
            let counts = quarters(&order(all.clone(), columns, count));
            assert_eq!(counts.iter().sum::<usize>(), count);
            let even = count / 4;
            let most = counts.iter().max().unwrap();
            assert!(*most <= even + even / 2 + 1, "{count}: {counts:?}");
        }
        assert_eq!(order(all.clone(), columns, 25), ordered[..25]);
        ordered.sort_unstable();
        assert_eq!(ordered, all);
        assert!(order(vec![], columns, 25).is_empty());
        assert_eq!(order(vec![7], columns, usize::MAX), [7]);
    }

    #[test]
    fn neighbours_come_together() {
        let ordered = order((0..40 * 30).collect(), 40, usize::MAX);
        let near = |pair: &[u32]| {
            pair[0] % 40 / 8 == pair[1] % 40 / 8 && pair[0] / 40 / 8 == pair[1] / 40 / 8
        };
        let together = ordered[64..].windows(2).filter(|pair| near(pair)).count();
        assert!(together > 1000, "{together}");
    }
}
