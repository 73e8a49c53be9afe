//! Hamamatsu's NDPI: each level is one JPEG picture, with restarts where a tile would begin.
//!
//! From one restart to the next lies a band of the picture, as wide as the interval and one unit
//! high. Bands below each other, put together with a header of their size, are a picture of their
//! own: so a tile is decoded without what lies before it.

use super::directory::{Directory, tag};
use super::{damaged, of_resolution};
use crate::codec::jpeg::{self, Frame};
use crate::codec::{Colour, broken};
use crate::error::{Error, Result};
use crate::level::{Level, Tiles};
use crate::limits::{MAX_SIDE, MAX_TILE_BYTES, MAX_TILE_PIXELS, MAX_TILES, check};
use crate::raster::Raster;
use crate::slide::{Format, Found};
use crate::source::Bytes;
use crate::warning::Warning;

/// Rows of a tile, about: bands are put together up to this.
const TILE_ROWS: u32 = 256;
/// Most bytes of the headers of a level.
const MAX_HEAD: u64 = 1 << 16;
/// Most bytes of a level without a list of its restarts, which is read as a whole to find them.
const MAX_UNLISTED: u64 = 256 << 20;
/// Most restarts that are looked for: their places are kept, in 16 MiB.
const MAX_FOUND: u64 = 1 << 22;

/// Finds the levels: the pages with an objective, in focus.
pub(super) fn open(file: &Bytes, pages: &[Directory]) -> Result<Found> {
    let mut found = Found::new(Format::Ndpi);
    let mut refusal = None;
    for page in pages {
        let lens = page.real(file, tag::NDPI_LENS);
        // -1 is the glass, -2 a map.
        if lens.is_some_and(|lens| lens <= 0.0) {
            continue;
        }
        let focus = page.number(file, tag::NDPI_FOCUS).ok().flatten().unwrap_or(0);
        if focus != 0 {
            continue;
        }
        match Bands::read(file, page) {
            Ok(bands) => found.levels.push(bands.into_level()),
            Err(error) => {
                found.warnings.push(Warning::LevelUnreadable { detail: error.to_string() });
                refusal.get_or_insert(error);
            }
        }
    }
    if found.levels.is_empty() {
        return Err(refusal.unwrap_or_else(|| damaged("it has no level")));
    }
    found.levels.sort_by_key(|level| std::cmp::Reverse(level.width));
    found.um_per_pixel = of_resolution(file, &pages[0]);
    found.objective = pages[0].real(file, tag::NDPI_LENS);
    Ok(found)
}

/// Where the bands of a picture begin.
#[derive(Debug)]
enum Starts {
    /// The file lists them, from the beginning of the picture's stream on.
    Listed(Box<Directory>),
    /// They were looked for.
    Found(Vec<u32>),
    /// There is one band.
    Whole,
}

#[derive(Debug)]
struct Bands {
    width: u32,
    height: u32,
    tile_width: u32,
    tile_height: u32,
    /// Where the picture's stream lies, and how long it is.
    offset: u64,
    length: u64,
    /// Headers, without compressed data.
    head: Vec<u8>,
    unit_height: u32,
    /// Bands side by side.
    across: u32,
    starts: Starts,
}

impl Bands {
    fn read(file: &Bytes, page: &Directory) -> Result<Self> {
        let number = |tag| Ok::<u64, Error>(page.number(file, tag)?.unwrap_or(0));
        let (width, height) = (number(tag::WIDTH)?, number(tag::HEIGHT)?);
        check("the side of a level", width.max(height), MAX_SIDE)?;
        if width == 0 || height == 0 {
            return Err(damaged("a level has no size"));
        }
        let (width, height) = (width as u32, height as u32);
        if number(tag::COMPRESSION)? != 7 {
            let reason = "a level of it is no JPEG".into();
            return Err(Error::Unsupported { format: "NDPI", reason });
        }
        let offset = page.full_offset(number(tag::STRIP_OFFSETS)?);
        // The length has 32 bits, and a level may have more.
        let length = number(tag::STRIP_BYTES)?.min(file.size().saturating_sub(offset));
        let head = file.read(offset, MAX_HEAD.min(file.size().saturating_sub(offset)))?;
        let frame = Frame::read(&head)?;
        let unit_height = u32::from(frame.unit_height);
        let units_across = width.div_ceil(frame.unit_width.into());
        let restart = u32::from(frame.restart);
        let has_list = page.count(tag::NDPI_STARTS) > 1;
        let even = restart > 0 && units_across % restart == 0;
        let mut bands = Self {
            width,
            height,
            tile_width: width,
            tile_height: height,
            offset,
            length,
            head: head[..frame.data].to_vec(),
            unit_height,
            across: 1,
            starts: Starts::Whole,
        };
        if even {
            bands.across = units_across / restart;
            bands.tile_width = restart * u32::from(frame.unit_width);
            let rows = (TILE_ROWS / unit_height).max(1) * unit_height;
            bands.tile_height = rows.min(height.next_multiple_of(unit_height));
        }
        let pixels = u64::from(bands.tile_width) * u64::from(bands.tile_height);
        check("the pixels of a tile", pixels, MAX_TILE_PIXELS)?;
        let tiles = u64::from(width.div_ceil(bands.tile_width))
            * u64::from(height.div_ceil(bands.tile_height));
        check("the tiles of a level", tiles, MAX_TILES)?;
        if even {
            bands.starts = if has_list {
                Starts::Listed(Box::new(page.clone()))
            } else {
                Starts::Found(bands.look(file)?)
            };
        }
        Ok(bands)
    }

    fn into_level(self) -> Level {
        let (size, tile) = ((self.width, self.height), (self.tile_width, self.tile_height));
        Level::new(size, tile, Box::new(self))
    }

    /// Looks for the restarts in the compressed data.
    fn look(&self, file: &Bytes) -> Result<Vec<u32>> {
        check("the bytes of a level without a list", self.length, MAX_UNLISTED)?;
        let most = u64::from(self.across) * u64::from(self.height.div_ceil(self.unit_height));
        check("the restarts of a level without a list", most, MAX_FOUND)?;
        let head = self.head.len() as u64;
        let mut starts = vec![head as u32];
        let mut at = head;
        let mut last = 0;
        while at < self.length && (starts.len() as u64) < most {
            let piece = file.read(self.offset + at, (1 << 16).min(self.length - at))?;
            for (index, &byte) in piece.iter().enumerate() {
                if last == 0xff && matches!(byte, 0xd0..=0xd7) {
                    starts.push((at + index as u64 + 1) as u32);
                }
                last = byte;
            }
            at += piece.len() as u64;
        }
        Ok(starts)
    }

    /// Where band `index` begins in the stream; that of the end behind the last one.
    fn start(&self, file: &Bytes, index: u64) -> Result<u64> {
        let start = match &self.starts {
            Starts::Listed(page) if index < page.count(tag::NDPI_STARTS) => {
                let low = page.number_at(file, tag::NDPI_STARTS, index)?.unwrap_or(0);
                let high = page.number_at(file, tag::NDPI_STARTS_HIGH, index)?.unwrap_or(0);
                Some(high.checked_mul(1 << 32).map_or(u64::MAX, |high| high | low))
            }
            Starts::Found(starts) => starts.get(index as usize).map(|&start| start.into()),
            _ => None,
        };
        Ok(start.unwrap_or(self.length))
    }

    fn whole(&self, file: &Bytes) -> Result<Raster> {
        check("the bytes of a tile", self.length, MAX_TILE_BYTES)?;
        let stream = file.read(self.offset, self.length)?;
        jpeg::decode(None, &stream, Colour::Own, self.size(self.width, self.height)?)
    }

    fn size(&self, width: u32, height: u32) -> Result<Option<(u16, u16)>> {
        let side = |side| u16::try_from(side).map_err(|_| broken("it is too large for a JPEG"));
        Ok(Some((side(width)?, side(height)?)))
    }
}

impl Tiles for Bands {
    fn tile(&self, files: &[Bytes], column: u32, row: u32) -> Result<Option<Raster>> {
        let file = &files[0];
        if matches!(self.starts, Starts::Whole) {
            return self.whole(file).map(Some);
        }
        let units_down = self.height.div_ceil(self.unit_height);
        let per_tile = self.tile_height / self.unit_height;
        let first = row * per_tile;
        let bands = per_tile.min(units_down - first);
        let mut stream = self.head.clone();
        for band in 0..bands {
            let index = u64::from(first + band) * u64::from(self.across) + u64::from(column);
            let (start, end) = (self.start(file, index)?, self.start(file, index + 1)?);
            let length = end
                .checked_sub(start)
                .ok_or_else(|| broken("the list of its restarts is damaged"))?;
            let sum = length.saturating_add(stream.len() as u64);
            check("the bytes of a tile", sum, MAX_TILE_BYTES)?;
            let at = self.offset.checked_add(start).ok_or_else(|| broken("it lies nowhere"))?;
            let mut data = file.read(at, length)?;
            // The restart, or the end of the picture, behind it.
            while let [.., 0xff, 0xd0..=0xd9] = data[..] {
                data.truncate(data.len() - 2);
            }
            if band > 0 {
                stream.extend([0xff, 0xd0 + ((band - 1) % 8) as u8]);
            }
            stream.extend(data);
        }
        stream.extend([0xff, 0xd9]);
        let size = self.size(self.tile_width, bands * self.unit_height)?;
        jpeg::decode(None, &stream, Colour::Own, size).map(Some)
    }
}
