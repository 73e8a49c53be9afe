//! Leica's SCN: a description names the page of each level of each region, and where on the glass it was scanned.
//!
//! ```text
//! pictures that are named -> those of the finest scale: the regions -> levels of each -> one picture
//! ```
//!
//! Regions lie in one picture as on the glass, as OpenSlide shows them, with the least rectangle around
//! them all in place of the whole glass.

use roxmltree::Node;

use super::chunks::UNLISTED;
use super::directory::Directory;
use super::{ASPECT, TagName, damaged, levels, number, xml};
use crate::error::Result;
use crate::level::Level;
use crate::limits::{MAX_DIRECTORIES, MAX_SIDE, MAX_TILES};
use crate::mosaic::{self, Part};
use crate::slide::{Format, Found};
use crate::source::Bytes;
use crate::warning::Warning;

/// How much coarser than the finest region another one may be and lie in one picture with it.
const SAME_SCALE: f64 = 1.01;

/// A picture that the description names.
struct Scan<'a> {
    node: Node<'a, 'a>,
    um_per_pixel: f64,
    /// Of its finest level.
    pixels: f64,
    /// Width and height on the glass, in nanometres.
    size: [f64; 2],
    /// Its upper left corner on the glass, in nanometres.
    place: Option<[f64; 2]>,
}

impl<'a> Scan<'a> {
    fn read(node: Node<'a, 'a>) -> Option<Self> {
        let child = |name: &str| node.children().find(|child| child.has_tag_name_anywhere(name));
        let (view, pixels) = (child("view")?, child("pixels")?);
        let (width, height) = (number(&pixels, "sizeX")?, number(&pixels, "sizeY")?);
        let across = number(&view, "sizeX")?;
        let um_per_pixel = across / width / 1e3;
        let offset = |axis| number(&view, axis).filter(|offset| offset.is_finite());
        let place = offset("offsetX").zip(offset("offsetY")).map(|(x, y)| [x, y]);
        let down = number(&view, "sizeY").unwrap_or(0.0);
        (um_per_pixel > 0.0).then_some(Self {
            node,
            um_per_pixel,
            pixels: width * height,
            size: [across, down],
            place,
        })
    }

    /// Whether `other` lies within it on the glass.
    fn shows(&self, other: &Self) -> bool {
        let (Some(own), Some(place)) = (self.place, other.place) else { return true };
        (0..2).all(|axis| {
            own[axis] <= place[axis]
                && place[axis] + other.size[axis] <= own[axis] + self.size[axis]
        })
    }

    /// The pages of its levels in focus, by their places in the file; `None` of what is no place.
    fn pages(&self) -> impl Iterator<Item = Option<usize>> + use<'a> {
        let is_dimension = |node: &Node<'_, '_>| node.has_tag_name_anywhere("dimension");
        let in_focus = |node: &Node<'_, '_>| {
            ["z", "c"].iter().all(|axis| number(node, axis).unwrap_or(0.0) == 0.0)
        };
        let named = self.node.descendants().filter(is_dimension).filter(in_focus);
        named.filter_map(|node| node.attribute("ifd")).map(|place| place.trim().parse().ok())
    }

    fn objective(&self) -> Option<f64> {
        let mut nodes = self.node.descendants();
        nodes.find(|node| node.has_tag_name_anywhere("objective"))?.text()?.trim().parse().ok()
    }
}

/// A region, and its levels from the finest on, at least one.
struct LeicaRegion<'a> {
    scan: Scan<'a>,
    levels: Vec<Level>,
}

pub(super) fn open(file: &Bytes, pages: &[Directory], description: &str) -> Result<Found> {
    let mut found = Found::new(Format::Leica);
    let document = xml(description).ok_or_else(|| damaged("its description is no XML"))?;
    let images = document.descendants().filter(|node| node.has_tag_name_anywhere("image"));
    // Each picture has a page of its own.
    let scans: Vec<Scan<'_>> = images.filter_map(Scan::read).take(MAX_DIRECTORIES).collect();
    let scales = scans.iter().map(|scan| scan.um_per_pixel);
    let finest = scales.min_by(f64::total_cmp);
    let finest = finest.ok_or_else(|| damaged("its description names no picture"))?;
    let is_region = |scan: &Scan<'_>| scan.um_per_pixel <= finest * SAME_SCALE;
    let (mut scans, coarser): (Vec<_>, Vec<_>) = scans.into_iter().partition(is_region);
    let largest = (0..scans.len()).max_by(|&a, &b| scans[a].pixels.total_cmp(&scans[b].pixels));
    scans.swap(0, largest.unwrap_or(0));
    // A coarser picture that shows a region is an overview, as that of the whole glass is.
    let is_apart = |coarse: &&Scan<'_>| !scans.iter().any(|scan| coarse.shows(scan));
    let apart = coarser.iter().filter(is_apart).count();
    if apart > 0 {
        found.warnings.push(Warning::CoarserRegions { regions: apart });
    }

    let mut regions = Vec::new();
    let mut refusal = None;
    // A page that is named twice is read once.
    let mut left: Vec<Option<&Directory>> = pages.iter().map(Some).collect();
    for scan in scans {
        let told = found.warnings.len();
        let (own, lacking): (Vec<_>, Vec<_>) =
            scan.pages().map(|page| left.get_mut(page?)?.take()).partition(Option::is_some);
        if !lacking.is_empty() {
            let lacking = lacking.len();
            let detail = format!("pages of a region that are not there or are taken: {lacking}");
            found.warnings.push(Warning::LevelUnreadable { detail });
        }
        let own = own.into_iter().flatten().map(|page| vec![page.clone()]).collect();
        match levels(file, own, &mut found.warnings) {
            Ok(levels) => regions.push(LeicaRegion { scan, levels }),
            Err(error) => {
                // A region never goes without a word.
                if found.warnings.len() == told {
                    let detail = format!("a region: {error}");
                    found.warnings.push(Warning::LevelUnreadable { detail });
                }
                refusal.get_or_insert(error);
            }
        }
    }
    let Some(largest) = regions.first() else {
        return Err(refusal.unwrap_or_else(|| damaged("its description names no picture")));
    };
    found.um_per_pixel = Some(largest.scan.um_per_pixel);
    found.objective = largest.scan.objective();
    found.levels = match together(&regions) {
        Some(plan) => plan.carry_out(regions),
        None => {
            if regions.len() > 1 {
                found.warnings.push(Warning::SeveralRegions { regions: regions.len() });
            }
            regions.swap_remove(0).levels
        }
    };
    Ok(found)
}

/// How several regions come into one picture.
struct Together {
    /// Of the finest level.
    size: [f64; 2],
    /// Of each region, in pixels of the finest level.
    corners: Vec<[f64; 2]>,
    /// By how much each level is smaller, and which level of each region it is made of; none is in two.
    levels: Vec<(f64, Vec<usize>)>,
}

/// Plans one picture of the regions. `None` of one region, where a place is missing, and where they lie
/// so far apart that most of their coarsest level would be glass that nobody has scanned.
fn together(regions: &[LeicaRegion<'_>]) -> Option<Together> {
    let largest = regions.first().filter(|_| regions.len() > 1)?;
    let places = regions.iter().map(|region| region.scan.place).collect::<Option<Vec<_>>>()?;
    let nm = largest.scan.um_per_pixel * 1e3;
    let least = |axis: usize| places.iter().map(|place| place[axis]).fold(f64::INFINITY, f64::min);
    let least = [least(0), least(1)];
    let corner = |place: &[f64; 2]| [0, 1].map(|axis| ((place[axis] - least[axis]) / nm).round());
    let corners: Vec<[f64; 2]> = places.iter().map(corner).collect();
    let mut size = [0.0_f64; 2];
    for (region, corner) in regions.iter().zip(&corners) {
        let own = &region.levels[0];
        size[0] = size[0].max(corner[0] + f64::from(own.width));
        size[1] = size[1].max(corner[1] + f64::from(own.height));
    }
    if size.iter().any(|&side| side > MAX_SIDE as f64) {
        return None;
    }
    let shrinks = |region: &LeicaRegion<'_>, level: usize| {
        f64::from(region.levels[0].width) / f64::from(region.levels[level].width)
    };
    // Levels that every region has, each of which lies in one level of the whole.
    let mut levels: Vec<(f64, Vec<usize>)> = Vec::new();
    for level in 0..largest.levels.len() {
        let wanted = shrinks(largest, level);
        let nearest = |(number, region): (usize, &LeicaRegion<'_>)| {
            let narrow = f64::from(region.levels[0].width.min(region.levels[0].height));
            let most = (ASPECT + wanted * 2.0 / narrow) * wanted;
            let apart = |own: usize| (shrinks(region, own) - wanted).abs();
            (0..region.levels.len())
                .filter(|&own| apart(own) <= most)
                .filter(|own| levels.iter().all(|(_, chosen)| chosen[number] != *own))
                .min_by(|&a, &b| apart(a).total_cmp(&apart(b)))
        };
        let chosen = regions.iter().enumerate().map(nearest).collect::<Option<Vec<_>>>();
        levels.extend(chosen.map(|chosen| (wanted, chosen)));
    }
    let tiles = |(shrunk, own): &(f64, Vec<usize>)| {
        let level = &largest.levels[own[0]];
        let along = |side: f64, tile: u32| (side / shrunk / f64::from(tile)).ceil();
        along(size[0], level.tile_width) * along(size[1], level.tile_height)
    };
    let (finest, coarsest) = (tiles(levels.first()?), tiles(levels.last()?));
    let fits = finest <= MAX_TILES as f64 && coarsest <= UNLISTED as f64;
    fits.then_some(Together { size, corners, levels })
}

impl Together {
    fn carry_out(self, regions: Vec<LeicaRegion<'_>>) -> Vec<Level> {
        let mut own: Vec<Vec<Option<Level>>> = regions
            .into_iter()
            .map(|region| region.levels.into_iter().map(Some).collect())
            .collect();
        let mut levels = Vec::with_capacity(self.levels.len());
        for (shrunk, chosen) in self.levels {
            let scaled =
                |[x, y]: [f64; 2]| ((x / shrunk).round() as u32, (y / shrunk).round() as u32);
            let parts = own.iter_mut().zip(chosen).zip(&self.corners);
            // Each level was chosen once.
            let parts = parts.filter_map(|((own, level), &corner)| {
                Some(Part { level: own[level].take()?, corner: scaled(corner) })
            });
            let parts = parts.collect();
            let (width, height) = scaled(self.size);
            levels.push(mosaic::level((width.max(1), height.max(1)), parts));
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Tiles;
    use crate::raster::Raster;

    /// Tiles of which none was written.
    #[derive(Debug)]
    struct Unwritten;

    impl Tiles for Unwritten {
        fn tile(&self, _: &[Bytes], _: u32, _: u32) -> Result<Option<Raster>> {
            Ok(None)
        }
    }

    /// A plan of regions of half a micrometre a pixel at their places in pixels, with levels of these sizes in
    /// tiles of one side.
    fn plan(tile: u32, regions: &[(f64, &[(u32, u32)])]) -> Option<Together> {
        let document = xml("<image/>").unwrap();
        let region = |&(place, sizes): &(f64, &[(u32, u32)])| {
            let level = |&size| Level::new(size, (tile, tile), Box::new(Unwritten));
            let scan = Scan {
                node: document.root_element(),
                um_per_pixel: 0.5,
                pixels: 0.0,
                size: [0.0; 2],
                place: Some([place * 500.0; 2]),
            };
            LeicaRegion { scan, levels: sizes.iter().map(level).collect() }
        };
        together(&regions.iter().map(region).collect::<Vec<_>>())
    }

    #[test]
    fn a_level_is_made_of_the_nearest_of_each_region() {
        let largest = &[(4000, 4000), (1000, 1000), (985, 985)];
        let chosen = |other| {
            let plan = plan(256, &[(0.0, largest), (4000.0, other)]).unwrap();
            plan.levels.into_iter().map(|(_, chosen)| chosen).collect::<Vec<_>>()
        };
        let both = &[(2000, 2000), (500, 500), (492, 492)];
        assert_eq!(chosen(both), [[0, 0], [1, 1], [2, 2]]);
        // One that is like two of the largest region's lies in the finer of them.
        assert_eq!(chosen(&both[..2]), [[0, 0], [1, 1]]);
        assert_eq!(chosen(&[(2000, 2000), (505, 505), (500, 500)])[1], [1, 2]);
    }

    /// So narrow a region's only level is like each of the other's.
    #[test]
    fn a_picture_whose_only_level_has_too_many_tiles_is_none() {
        let side = 32_000;
        let largest = &[(side, side), (side / 100, side / 100)];
        assert!(plan(16, &[(0.0, largest), (0.0, &[(2, 2)])]).is_none());
        assert!(plan(256, &[(0.0, largest), (0.0, &[(2, 2)])]).is_some());
    }
}
