//! Tiles and strips of one picture of a TIFF file.

use super::directory::{Directory, tag};
use crate::codec::packed::{Packing, undo_differences, unpack};
use crate::codec::{Colour, Samples, broken, jpeg, jpeg2000, webp, ycbcr};
use crate::error::{Error, Result};
use crate::level::Tiles;
use crate::limits::{MAX_SIDE, MAX_TILE_BYTES, MAX_TILE_PIXELS, MAX_TILES, MAX_UNPACKED, check};
use crate::raster::Raster;
use crate::source::Bytes;

const FORMAT: &str = "TIFF";
/// A level of more tiles has to list them all: white ones would take seconds, and cost a file nothing.
pub(crate) const UNLISTED: u64 = 1 << 14;

/// How the samples of a chunk are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    Packed(Packing),
    Jpeg,
    /// With the colour that the number of the compression names.
    Jpeg2000(Colour),
    Webp,
}

/// One picture: its tiles lie in one directory, or its planes in one each.
#[derive(Debug)]
pub(crate) struct Chunks {
    planes: Vec<Directory>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) chunk_width: u32,
    pub(crate) chunk_height: u32,
    pub(crate) is_tiled: bool,
    columns: u32,
    rows: u32,
    offsets: u16,
    lengths: u16,
    compression: Compression,
    samples: Samples,
    /// Samples of a pixel in one plane, those without meaning among them.
    channels: usize,
    /// Whether samples of a kind lie apart in this directory.
    is_planar: bool,
    has_alpha: bool,
    bytes_per_sample: usize,
    predicts: bool,
    big_endian: bool,
    tables: Option<Vec<u8>>,
}

fn unsupported(reason: impl Into<String>) -> Error {
    Error::Unsupported { format: FORMAT, reason: reason.into() }
}

impl Chunks {
    /// Reads how a picture is stored; its tiles are looked at one by one, later.
    pub(crate) fn read(file: &Bytes, planes: Vec<Directory>) -> Result<Self> {
        let directory = &planes[0];
        let number = |tag| directory.number(file, tag);
        let or = |tag, usual| Ok::<u64, Error>(number(tag)?.unwrap_or(usual));
        let side = |tag| {
            let side = or(tag, 0)?;
            check("the side of a level", side, MAX_SIDE)?;
            let none = || Error::Damaged { format: FORMAT, detail: "a level has no size".into() };
            u32::try_from(side).ok().filter(|side| *side > 0).ok_or_else(none)
        };
        let (width, height) = (side(tag::WIDTH)?, side(tag::HEIGHT)?);
        let is_tiled = directory.has(tag::TILE_WIDTH);
        let (chunk_width, chunk_height) = if is_tiled {
            (side(tag::TILE_WIDTH)?, side(tag::TILE_HEIGHT)?)
        } else {
            let rows = or(tag::ROWS_PER_STRIP, height.into())?.clamp(1, height.into());
            (width, rows as u32)
        };
        let pixels = u64::from(chunk_width) * u64::from(chunk_height);
        check("the pixels of a tile", pixels, MAX_TILE_PIXELS)?;
        let (columns, rows) = (width.div_ceil(chunk_width), height.div_ceil(chunk_height));
        check("the tiles of a level", u64::from(columns) * u64::from(rows), MAX_TILES)?;
        let (offsets, lengths) = if directory.has(tag::TILE_OFFSETS) {
            (tag::TILE_OFFSETS, tag::TILE_BYTES)
        } else {
            (tag::STRIP_OFFSETS, tag::STRIP_BYTES)
        };
        let (tiles, listed) = (u64::from(columns) * u64::from(rows), directory.count(offsets));
        if tiles > UNLISTED && listed < tiles {
            let detail = format!("a level of {tiles} tiles lists {listed}");
            return Err(Error::Damaged { format: FORMAT, detail });
        }

        let photometric = or(tag::PHOTOMETRIC, 2)?;
        let colour = if photometric == 6 { Colour::YCbCr } else { Colour::Rgb };
        let compression = match or(tag::COMPRESSION, 1)? {
            1 => Compression::Packed(Packing::None),
            5 => Compression::Packed(Packing::Lzw),
            7 => Compression::Jpeg,
            8 | 32946 => Compression::Packed(Packing::Deflate),
            32773 => Compression::Packed(Packing::Runs),
            33003 => Compression::Jpeg2000(Colour::YCbCr),
            33004 | 33005 | 34712 => Compression::Jpeg2000(colour),
            34926 | 50000 => Compression::Packed(Packing::Zstd),
            34927 | 50001 => Compression::Webp,
            6 => return Err(unsupported("its JPEG is of the old form (compression 6)")),
            22610 | 34934 => return Err(unsupported("its tiles are compressed as JPEG XR")),
            50002 | 52546 => return Err(unsupported("its tiles are compressed as JPEG XL")),
            34887 => return Err(unsupported("its tiles are compressed as LERC")),
            other => return Err(unsupported(format!("its compression is number {other}"))),
        };
        let samples = match photometric {
            0 => Samples::Grey { inverted: true },
            1 => Samples::Grey { inverted: false },
            2 => Samples::Rgb,
            6 => Samples::YCbCr,
            3 => return Err(unsupported("its colours come from a palette")),
            other => return Err(unsupported(format!("its colours are of kind {other}"))),
        };
        let is_packed = matches!(compression, Compression::Packed(_));
        let bits = or(tag::BITS, 1)?;
        if !matches!(bits, 8 | 16) || (bits != 8 && !is_packed) {
            return Err(unsupported(format!("its samples have {bits} bits")));
        }
        if or(tag::SAMPLE_FORMAT, 1)? != 1 {
            return Err(unsupported("its samples are no whole numbers above zero"));
        }
        let per_pixel = or(tag::SAMPLES, 1)?;
        let needed =
            if planes.len() > 1 || matches!(samples, Samples::Grey { .. }) { 1 } else { 3 };
        if !(needed..=8).contains(&per_pixel) {
            return Err(unsupported(format!("a pixel has {per_pixel} samples")));
        }
        let subsampled = [0, 1].iter().any(|&index| {
            !matches!(directory.number_at(file, tag::YCBCR_SUBSAMPLING, index), Ok(Some(1)))
        });
        if samples == Samples::YCbCr && is_packed && subsampled {
            return Err(unsupported("its colours are subsampled without JPEG"));
        }
        let unpacked = pixels * per_pixel * bits / 8;
        check("the bytes of an unpacked tile", unpacked, MAX_UNPACKED)?;
        let is_planar = planes.len() == 1 && per_pixel > 1 && or(tag::PLANAR, 1)? == 2;
        let extra = or(tag::EXTRA_SAMPLES, 0)?;
        let has_alpha = is_packed && !is_planar && matches!(extra, 1 | 2) && per_pixel > needed;
        let tables = directory.bytes(file, tag::JPEG_TABLES, 1 << 16)?;
        Ok(Self {
            width,
            height,
            chunk_width,
            chunk_height,
            is_tiled,
            columns,
            rows,
            offsets,
            lengths,
            compression,
            samples: if planes.len() > 1 { Samples::Rgb } else { samples },
            channels: if is_planar { 1 } else { per_pixel as usize },
            is_planar,
            has_alpha,
            bytes_per_sample: bits as usize / 8,
            predicts: is_packed && or(tag::PREDICTOR, 1)? == 2,
            big_endian: directory.is_big_endian(),
            tables: tables.filter(|tables| tables.len() > 4),
            planes,
        })
    }

    /// Compressed bytes of a chunk; `None` of one that was never written.
    fn stored(&self, file: &Bytes, plane: &Directory, index: u64) -> Result<Option<Vec<u8>>> {
        let offset = plane.number_at(file, self.offsets, index)?;
        let offset = offset.ok_or_else(|| broken("its place is missing in the directory"))?;
        let length = match plane.number_at(file, self.lengths, index)? {
            Some(length) => length,
            None if plane.has(self.lengths) => {
                return Err(broken("its length is missing in the directory"));
            }
            // Nobody says it, so what is left of the file may belong to it.
            None => file.size().saturating_sub(offset).min(MAX_TILE_BYTES),
        };
        if offset == 0 || length == 0 {
            return Ok(None);
        }
        check("the bytes of a tile", length, MAX_TILE_BYTES)?;
        file.read(offset, length).map(Some)
    }

    fn decode(&self, file: &Bytes, column: u32, row: u32) -> Result<Option<Raster>> {
        let index = u64::from(row) * u64::from(self.columns) + u64::from(column);
        if self.is_planar || self.planes.len() > 1 {
            return self.decode_planes(file, index, row);
        }
        let Some(stored) = self.stored(file, &self.planes[0], index)? else { return Ok(None) };
        let pixels = match self.compression {
            Compression::Packed(packing) => {
                let samples = self.unpack(packing, &stored, row)?;
                self.to_rgb(&samples)
            }
            _ => self.decode_picture(&stored)?,
        };
        Ok(Some(pixels))
    }

    fn decode_picture(&self, stored: &[u8]) -> Result<Raster> {
        match self.compression {
            Compression::Jpeg => {
                let colour =
                    if self.samples == Samples::YCbCr { Colour::YCbCr } else { Colour::Rgb };
                jpeg::decode(self.tables.as_deref(), stored, colour, None)
            }
            Compression::Jpeg2000(colour) => jpeg2000::decode(stored, colour),
            Compression::Webp => webp::decode(stored),
            Compression::Packed(_) => unreachable!("samples are unpacked elsewhere"),
        }
    }

    /// Red, green and blue lie apart.
    fn decode_planes(&self, file: &Bytes, index: u64, row: u32) -> Result<Option<Raster>> {
        let mut pixels: Option<Raster> = None;
        for channel in 0..3 {
            let (plane, index) = if self.is_planar {
                let before = u64::from(self.columns) * u64::from(self.rows) * channel as u64;
                (&self.planes[0], index + before)
            } else {
                (&self.planes[channel], index)
            };
            let Some(stored) = self.stored(file, plane, index)? else { return Ok(None) };
            let samples = match self.compression {
                Compression::Packed(packing) => self.unpack(packing, &stored, row)?,
                _ => {
                    let grey = self.decode_picture(&stored)?;
                    grey.fitted(self.chunk_width, self.chunk_height)
                        .rgb
                        .into_iter()
                        .step_by(3)
                        .collect()
                }
            };
            let (width, rows) = (self.chunk_width, samples.len() / self.chunk_width as usize);
            let pixels = pixels.get_or_insert_with(|| Raster::white(width, rows as u32));
            for (pixel, &sample) in pixels.rgb.chunks_exact_mut(3).zip(&samples) {
                pixel[channel] = sample;
            }
        }
        Ok(pixels)
    }

    /// Unpacked 8-bit samples of a chunk, `channels` a pixel. A last strip has fewer rows.
    fn unpack(&self, packing: Packing, stored: &[u8], row: u32) -> Result<Vec<u8>> {
        let rows = if self.is_tiled {
            self.chunk_height
        } else {
            self.chunk_height.min(self.height - row * self.chunk_height)
        };
        let stride = self.chunk_width as usize * self.channels * self.bytes_per_sample;
        let mut bytes = unpack(packing, stored, stride * rows as usize)?;
        if self.bytes_per_sample == 2 && self.big_endian != cfg!(target_endian = "big") {
            bytes.as_chunks_mut::<2>().0.iter_mut().for_each(|pair| pair.reverse());
        }
        if self.predicts {
            for row in bytes.chunks_exact_mut(stride) {
                undo_differences(row, self.channels, self.bytes_per_sample);
            }
        }
        if self.bytes_per_sample == 2 {
            let (pairs, _) = bytes.as_chunks::<2>();
            bytes = pairs.iter().map(|&pair| (u16::from_ne_bytes(pair) >> 8) as u8).collect();
        }
        Ok(bytes)
    }

    fn to_rgb(&self, samples: &[u8]) -> Raster {
        let width = self.chunk_width;
        let height = (samples.len() / self.channels / width as usize) as u32;
        let mut rgb = Vec::with_capacity(samples.len() / self.channels * 3);
        for pixel in samples.chunks_exact(self.channels) {
            let (colour, extra) = match self.samples {
                Samples::Grey { inverted } => {
                    ([if inverted { 255 - pixel[0] } else { pixel[0] }; 3], pixel.get(1))
                }
                Samples::Rgb => ([pixel[0], pixel[1], pixel[2]], pixel.get(3)),
                Samples::YCbCr => (ycbcr([pixel[0], pixel[1], pixel[2]]), pixel.get(3)),
            };
            let [r, g, b] = colour;
            match extra {
                Some(&alpha) if self.has_alpha => rgb.extend(webp::over_white([r, g, b, alpha])),
                _ => rgb.extend(colour),
            }
        }
        Raster { width, height, rgb }
    }
}

impl Tiles for Chunks {
    fn tile(&self, files: &[Bytes], column: u32, row: u32) -> Result<Option<Raster>> {
        let Some(pixels) = self.decode(&files[0], column, row)? else { return Ok(None) };
        // Some writers cut the last tiles off at the picture's edge.
        let needed = |side: u32, chunk: u32, at: u32| chunk.min(side - at * chunk);
        let width = needed(self.width, self.chunk_width, column);
        let height = needed(self.height, self.chunk_height, row);
        if pixels.width < width || pixels.height < height {
            let Raster { width, height, .. } = pixels;
            return Err(broken(format!(
                "it has {width}x{height} pixels, {}x{} are wanted",
                self.chunk_width, self.chunk_height
            )));
        }
        Ok(Some(pixels))
    }
}
