//! A slide: its levels, its scale, and the pixels of any part of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::cache::TileCache;
use crate::dicom;
use crate::error::{Error, Fault, Result};
use crate::foreign;
use crate::level::Level;
use crate::limits::{MAX_TILE_PIXELS, check};
use crate::raster::Raster;
use crate::source::{Bytes, Source};
use crate::tiff;
use crate::warning::{Warning, noted};

/// Bytes of decoded tiles that are kept.
const TILE_CACHE: usize = 48 << 20;
/// Most pixels of a picture that is read as a whole.
const MOST_OF_PICTURE: u64 = 100_000_000;
/// Faults that are kept until somebody asks.
const MAX_FAULTS: usize = 100;
/// Micrometres that a pixel may have.
pub const SCALES: std::ops::RangeInclusive<f64> = 0.01..=100.0;

/// Who wrote a slide, in which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Aperio's SVS.
    Aperio,
    /// TIFF or BigTIFF without a sign of its maker.
    Tiff,
    /// OME-TIFF.
    Ome,
    /// Philips' TIFF.
    Philips,
    /// Leica's SCN.
    Leica,
    /// Hamamatsu's NDPI.
    Ndpi,
    /// DICOM, whole slides and plain pictures.
    Dicom,
}

impl Format {
    /// As a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aperio => "SVS",
            Self::Tiff => "TIFF",
            Self::Ome => "OME-TIFF",
            Self::Philips => "Philips TIFF",
            Self::Leica => "SCN",
            Self::Ndpi => "NDPI",
            Self::Dicom => "DICOM",
        }
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What the reader of a format finds.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) format: Format,
    /// From the finest to the coarsest.
    pub(crate) levels: Vec<Level>,
    pub(crate) um_per_pixel: Option<f64>,
    pub(crate) objective: Option<f64>,
    pub(crate) warnings: Vec<Warning>,
}

impl Found {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, levels: vec![], um_per_pixel: None, objective: None, warnings: vec![] }
    }
}

/// What a slide says of itself.
#[derive(Debug, Serialize)]
pub struct Description<'a> {
    /// Its form.
    pub format: Format,
    /// From the finest to the coarsest.
    pub levels: &'a [Level],
    /// Micrometres of a pixel of the finest level.
    pub um_per_pixel: Option<f64>,
    /// Magnification of the objective.
    pub objective: Option<f64>,
    /// SHA-256 of the sizes of its files and of some blocks of each, lower-case hexadecimal: what
    /// tells two slides apart without reading gigabytes.
    pub identity: &'a str,
    /// As [`Slide::is_picture`].
    pub is_picture: bool,
    /// What the reader should know.
    #[serde(serialize_with = "noted")]
    pub warnings: &'a [Warning],
}

/// An open slide.
///
/// It belongs to one thread; others open the file once more, which takes some reads of a few KiB.
#[derive(Debug)]
pub struct Slide {
    files: Vec<Bytes>,
    found: Found,
    identity: String,
    cache: RefCell<TileCache>,
    decoded: Cell<u64>,
    faults: RefCell<Vec<Fault>>,
}

impl Slide {
    /// Opens a file; of several, those of one DICOM slide. `names` tells formats that only a name
    /// tells.
    ///
    /// # Errors
    /// [`Error::NotRecognised`], [`Error::Foreign`] of formats that are known but not read, or what
    /// is wrong with the file. A level that is damaged is left out with a warning.
    pub fn open(sources: Vec<(String, Box<dyn Source>)>) -> Result<Self> {
        let (names, sources): (Vec<_>, Vec<_>) = sources.into_iter().unzip();
        let mut files: Vec<Bytes> = sources.into_iter().map(Bytes::new).collect();
        let first = files.first().ok_or(Error::NotRecognised)?;
        let head = first.read(0, first.size().min(4096))?;
        foreign::check(&head, &names[0])?;
        let found = if directory_is_tiff(&head) {
            files.truncate(1);
            tiff::open(&files[0])?
        } else if dicom::is_dicom(&head) || files.len() > 1 {
            dicom::open(&mut files)?
        } else {
            return Err(Error::NotRecognised);
        };
        Self::new(files, found)
    }

    fn new(files: Vec<Bytes>, mut found: Found) -> Result<Self> {
        let width = f64::from(found.levels.first().ok_or(Error::NotRecognised)?.width);
        for level in &mut found.levels {
            level.downsample = width / f64::from(level.width);
        }
        if found.um_per_pixel.is_some_and(|um| !SCALES.contains(&um)) {
            let um = found.um_per_pixel.take().unwrap_or_default();
            found.warnings.push(Warning::ScaleImpossible { found: um.to_string() });
        }
        found.objective = found.objective.filter(|power| (0.5..=200.0).contains(power));
        let identity = identity(&files)?;
        let cache = RefCell::new(TileCache::new(TILE_CACHE));
        Ok(Self {
            files,
            found,
            identity,
            cache,
            decoded: Cell::new(0),
            faults: RefCell::default(),
        })
    }

    /// What it says of itself.
    pub fn describe(&self) -> Description<'_> {
        let Found { format, levels, um_per_pixel, objective, warnings } = &self.found;
        Description {
            format: *format,
            levels,
            um_per_pixel: *um_per_pixel,
            objective: *objective,
            identity: &self.identity,
            is_picture: self.is_picture(),
            warnings,
        }
    }

    /// Whether this is a picture like any other, which is read as a whole: plain TIFF up to 100
    /// megapixels, whose pages may be anything, and OME-TIFF of one size, which microscopes write of
    /// fields.
    pub fn is_picture(&self) -> bool {
        let Found { format, levels, .. } = &self.found;
        let pixels = u64::from(levels[0].width) * u64::from(levels[0].height);
        let plain = *format == Format::Tiff || *format == Format::Ome && levels.len() == 1;
        plain && pixels <= MOST_OF_PICTURE
    }

    /// From the finest to the coarsest.
    pub fn levels(&self) -> &[Level] {
        &self.found.levels
    }

    /// Micrometres of a pixel of the finest level.
    pub fn um_per_pixel(&self) -> Option<f64> {
        self.found.um_per_pixel
    }

    /// Has a person's word count instead of the file's.
    ///
    /// # Errors
    /// [`Error::Options`] if no microscope has such a scale.
    pub fn set_um_per_pixel(&mut self, um: f64) -> Result<()> {
        if !SCALES.contains(&um) {
            let problem = format!("{um} is not in 0.01..=100");
            return Err(Error::Options { option: "um_per_pixel", problem });
        }
        self.found.um_per_pixel = Some(um);
        Ok(())
    }

    /// What went wrong with tiles since the last call; they were shown as white.
    pub fn take_faults(&self) -> Vec<Fault> {
        self.faults.take()
    }

    /// A tile at the size that [`Level::tile_size`] tells.
    ///
    /// # Errors
    /// [`Error::NoTile`], or what is wrong with this tile.
    pub fn tile(&self, level: usize, column: u32, row: u32) -> Result<Rc<Raster>> {
        let none = || Error::NoTile { level, column, row };
        let of = self.levels().get(level).ok_or_else(none)?;
        if column >= of.columns || row >= of.rows {
            return Err(none());
        }
        let place = (level, column, row);
        if let Some(known) = self.cache.borrow_mut().get(place) {
            return known;
        }
        self.decoded.set(self.decoded.get() + 1);
        let (width, height) = of.tile_size(column, row);
        let white = || Raster::white(width, height);
        let tile = of.tiles.tile(&self.files, column, row);
        let tile = tile.map(|tile| Rc::new(tile.map_or_else(white, |t| t.fitted(width, height))));
        self.cache.borrow_mut().put(place, &tile);
        tile
    }

    /// How many times a tile was decoded: more often than there are tiles where some were asked for
    /// again after they had been let go.
    pub fn decoded(&self) -> u64 {
        self.decoded.get()
    }

    /// Pixels of a level; what lies outside it, and tiles that cannot be read, are white.
    ///
    /// # Errors
    /// [`Error::NoTile`] without such a level, [`Error::TooLarge`] above 16 megapixels.
    pub fn region(&self, level: usize, x: i64, y: i64, width: u32, height: u32) -> Result<Raster> {
        check("the pixels of a region", u64::from(width) * u64::from(height), MAX_TILE_PIXELS)?;
        let of = self.levels().get(level).ok_or(Error::NoTile { level, column: 0, row: 0 })?;
        let mut out = Raster::white(width, height);
        for (column, row) in of.tiles_under(x, y, width, height) {
            match self.tile(level, column, row) {
                Ok(tile) => {
                    let (left, top) = of.corner(column, row);
                    out.paste(&tile, left - x, top - y);
                }
                Err(error) => self.note(&error, level, column, row),
            }
        }
        Ok(out)
    }

    fn note(&self, error: &Error, level: usize, column: u32, row: u32) {
        let mut faults = self.faults.borrow_mut();
        let is_known = faults.iter().any(|f| (f.level, f.column, f.row) == (level, column, row));
        if faults.len() < MAX_FAULTS && !is_known {
            faults.push(Fault {
                code: error.code(),
                message: error.to_string(),
                level,
                column,
                row,
            });
        }
    }

    /// A small picture of all, whose sides are at most `side` pixels, from the coarsest level that
    /// has so many.
    ///
    /// # Errors
    /// [`Error::Options`] if `side` is not in 1..=4096.
    pub fn thumbnail(&self, side: u32) -> Result<Raster> {
        if !(1..=4096).contains(&side) {
            let problem = format!("{side} is not in 1..=4096");
            return Err(Error::Options { option: "thumbnail", problem });
        }
        crate::thumbnail::of(self, side)
    }
}

fn directory_is_tiff(head: &[u8]) -> bool {
    tiff::directory::is_tiff(head)
}

/// Blocks of a file that enter its identity, and their size.
const BLOCKS: u64 = 16;
const BLOCK: u64 = 16 << 10;

fn identity(files: &[Bytes]) -> Result<String> {
    let mut hash = Sha256::new();
    for file in files {
        let size = file.size();
        hash.update(size.to_le_bytes());
        if size <= BLOCKS * BLOCK {
            hash.update(file.read(0, size)?);
            continue;
        }
        for block in 0..BLOCKS {
            // From the first byte to the last one, evenly.
            let at = (u128::from(size - BLOCK) * u128::from(block) / u128::from(BLOCKS - 1)) as u64;
            hash.update(file.read(at, BLOCK)?);
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Tiles;

    #[derive(Debug)]
    struct Nothing;

    impl Tiles for Nothing {
        fn tile(&self, _: &[Bytes], _: u32, _: u32) -> Result<Option<Raster>> {
            Ok(None)
        }
    }

    #[test]
    fn a_plan_decodes_each_tile_about_once() {
        // 800 MB of tiles, of which 48 MiB are kept.
        let mut found = Found::new(Format::Tiff);
        found.levels = vec![Level::new((1 << 14, 1 << 14), (256, 256), Box::new(Nothing))];
        let mut slide = Slide::new(vec![], found).unwrap();
        slide.set_um_per_pixel(0.5).unwrap();
        let options = crate::PlanOptions { patch_size: 224, ..Default::default() };
        let plan = crate::Plan::new(&slide, &options, None).unwrap();
        for patches in plan.patches.chunks(16) {
            plan.pixels(&slide, patches).unwrap();
        }
        let tiles = 64 * 64;
        assert!((tiles..tiles * 6 / 5).contains(&slide.decoded()), "{}", slide.decoded());
    }

    #[test]
    fn a_picture_is_what_can_be_read_as_a_whole() {
        let is_picture = |format, sizes: &[(u32, u32)]| {
            let mut found = Found::new(format);
            let level = |&size| Level::new(size, (256, 256), Box::new(Nothing));
            found.levels = sizes.iter().map(level).collect();
            Slide::new(vec![], found).unwrap().is_picture()
        };
        let (large, small) = ((10_000, 10_000), (5000, 5000));
        assert!(is_picture(Format::Tiff, &[large, small]));
        assert!(!is_picture(Format::Tiff, &[(10_001, 10_000)]));
        assert!(is_picture(Format::Ome, &[large]));
        assert!(!is_picture(Format::Ome, &[large, small]));
        assert!(!is_picture(Format::Aperio, &[small]));
    }
}
