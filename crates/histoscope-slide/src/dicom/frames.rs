//! The frames of a DICOM instance: where each lies in the file and in the picture.

use std::cell::RefCell;
use std::collections::HashMap;

use super::elements::{Elements, Value, tag};
use super::{damaged, unsupported};
use crate::codec::packed::runs;
use crate::codec::{Colour, Samples, broken, jpeg, jpeg2000};
use crate::error::Result;
use crate::level::Tiles;
use crate::limits::{MAX_FRAMES, MAX_SIDE, MAX_TILE_BYTES, MAX_TILE_PIXELS, MAX_TILES, check};
use crate::raster::Raster;
use crate::source::Bytes;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Plain,
    Jpeg,
    Jpeg2000,
    Runs,
}

/// The frames of an instance.
#[derive(Debug)]
pub(super) struct Frames {
    /// Place of its file.
    file: usize,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) tile_width: u32,
    pub(super) tile_height: u32,
    count: u64,
    /// Frame of each column and row of tiles; empty where all are there in their order.
    sparse: HashMap<(u32, u32), u64>,
    syntax: Syntax,
    samples: Samples,
    is_planar: bool,
    bytes_per_sample: u64,
    store: Store,
}

/// How frames are found in the file.
#[derive(Debug)]
enum Store {
    /// One behind the other, of one size.
    Plain(Value),
    /// The file lists where the fragments begin, and how long they are.
    Listed { first: u64, offsets: Value, lengths: Value },
    /// Fragments are walked through once, when the first frame is asked for.
    Walked { pixels: Value, fragments: RefCell<Option<Fragments>> },
}

/// The pieces in which compressed frames lie.
#[derive(Debug)]
struct Fragments {
    /// Place and length, in the order of the file.
    pieces: Vec<(u64, u64)>,
    /// The first piece of each frame; the next frame begins behind its last one.
    firsts: Vec<usize>,
}

impl Frames {
    pub(super) fn read(file: &Bytes, elements: &Elements, place: usize) -> Result<Self> {
        let syntax = match elements.text(file, tag::TRANSFER_SYNTAX).as_str() {
            "1.2.840.10008.1.2" | "1.2.840.10008.1.2.1" => Syntax::Plain,
            "1.2.840.10008.1.2.4.50" | "1.2.840.10008.1.2.4.51" => Syntax::Jpeg,
            "1.2.840.10008.1.2.4.90" | "1.2.840.10008.1.2.4.91" => Syntax::Jpeg2000,
            "1.2.840.10008.1.2.5" => Syntax::Runs,
            other => return Err(unsupported(format!("its transfer syntax is {other}"))),
        };
        let number = |tag| elements.number(file, tag);
        let side = |tag, what| number(tag).filter(|side| *side > 0).ok_or_else(|| damaged(what));
        let tile_width = side(tag::COLUMNS, "its frames have no width")?;
        let tile_height = side(tag::ROWS, "its frames have no height")?;
        check("the pixels of a tile", tile_width * tile_height, MAX_TILE_PIXELS)?;
        let width = number(tag::TOTAL_COLUMNS).filter(|side| *side > 0).unwrap_or(tile_width);
        let height = number(tag::TOTAL_ROWS).filter(|side| *side > 0).unwrap_or(tile_height);
        check("the side of a level", width.max(height), MAX_SIDE)?;
        let tiles = width.div_ceil(tile_width) * height.div_ceil(tile_height);
        check("the tiles of a level", tiles, MAX_TILES)?;
        let per_pixel = number(tag::SAMPLES).unwrap_or(1);
        let photometric = elements.text(file, tag::PHOTOMETRIC);
        let samples = match (photometric.as_str(), per_pixel) {
            ("MONOCHROME1", 1) => Samples::Grey { inverted: true },
            ("MONOCHROME2", 1) => Samples::Grey { inverted: false },
            // The codestream's own transform, which its decoder undoes.
            ("RGB" | "YBR_ICT" | "YBR_RCT", 3) => Samples::Rgb,
            ("YBR_FULL", 3) => Samples::YCbCr,
            ("YBR_FULL_422", 3) if syntax != Syntax::Plain => Samples::YCbCr,
            _ => {
                return Err(unsupported(format!(
                    "its colours are {photometric}, {per_pixel} each"
                )));
            }
        };
        let bits = number(tag::BITS).unwrap_or(8);
        if !matches!((bits, syntax), (8, _) | (16, Syntax::Plain)) {
            return Err(unsupported(format!("its samples have {bits} bits")));
        }
        let count = elements.reals(file, tag::FRAMES).first().map_or(1, |&count| count as u64);
        check("the frames", count, MAX_FRAMES)?;
        let pixels = elements.value(tag::PIXELS).ok_or_else(|| damaged("it has no pixels"))?;
        let store = if syntax == Syntax::Plain {
            Store::Plain(pixels)
        } else {
            let listed = elements.value(tag::OFFSETS).zip(elements.value(tag::LENGTHS));
            match listed.filter(|(offsets, _)| offsets.length().is_some_and(|l| l >= 8 * count)) {
                Some((offsets, lengths)) => {
                    // Behind the empty table in front.
                    let table = file.read(pixels.at + 4, 4)?;
                    let table = u32::from_le_bytes([table[0], table[1], table[2], table[3]]);
                    Store::Listed { first: pixels.at + 8 + u64::from(table), offsets, lengths }
                }
                None => Store::Walked { pixels, fragments: RefCell::default() },
            }
        };
        let mut sparse = HashMap::new();
        let is_full = elements.text(file, tag::ORGANISATION) == "TILED_FULL";
        if !is_full {
            for (frame, &(column, row)) in elements.positions.iter().enumerate() {
                let place = |position: i32, side: u64| {
                    u32::try_from(i64::from(position) - 1).ok().map(|at| at / side as u32)
                };
                let place = place(column, tile_width).zip(place(row, tile_height));
                // Of several focal planes or paths, the first.
                place.map(|place| sparse.entry(place).or_insert(frame as u64));
            }
        }
        Ok(Self {
            file: place,
            width: width as u32,
            height: height as u32,
            tile_width: tile_width as u32,
            tile_height: tile_height as u32,
            count,
            sparse,
            syntax,
            samples,
            // Runs are always planes, and come out of their decoder as pixels.
            is_planar: syntax == Syntax::Plain && per_pixel == 3 && number(tag::PLANAR) == Some(1),
            bytes_per_sample: bits / 8,
            store,
        })
    }

    fn channels(&self) -> u64 {
        if matches!(self.samples, Samples::Grey { .. }) { 1 } else { 3 }
    }

    fn stored(&self, file: &Bytes, frame: u64) -> Result<Vec<u8>> {
        let read = |at: u64, length: u64| {
            check("the bytes of a tile", length, MAX_TILE_BYTES)?;
            file.read(at, length)
        };
        match &self.store {
            Store::Plain(pixels) => {
                let area = u64::from(self.tile_width) * u64::from(self.tile_height);
                let length = area * self.channels() * self.bytes_per_sample;
                read(pixels.at + frame * length, length)
            }
            Store::Listed { first, offsets, lengths } => {
                let entry = |list: &Value| {
                    let bytes = file.read(list.at + 8 * frame, 8)?;
                    Ok(u64::from_le_bytes(bytes.try_into().expect("eight were read")))
                };
                let at = first.checked_add(entry(offsets)?).and_then(|at| at.checked_add(8));
                read(at.ok_or_else(|| broken("it lies nowhere"))?, entry(lengths)?)
            }
            Store::Walked { pixels, fragments } => {
                let mut known = fragments.borrow_mut();
                let known = match &mut *known {
                    Some(known) => known,
                    none => none.insert(Fragments::walk(file, *pixels, self.count)?),
                };
                let frame = frame as usize;
                let missing = || broken("its fragment is missing");
                let first = *known.firsts.get(frame).ok_or_else(missing)?;
                let end = known.firsts.get(frame + 1).copied().unwrap_or(known.pieces.len());
                let pieces = known.pieces.get(first..end).ok_or_else(missing)?;
                let length = pieces.iter().fold(0, |sum: u64, piece| sum.saturating_add(piece.1));
                check("the bytes of a tile", length, MAX_TILE_BYTES)?;
                let mut bytes = Vec::new();
                for &(at, length) in pieces {
                    bytes.extend(read(at, length)?);
                }
                Ok(bytes)
            }
        }
    }

    fn plain(&self, mut bytes: Vec<u8>) -> Raster {
        if self.bytes_per_sample == 2 {
            bytes = bytes.as_chunks::<2>().0.iter().map(|pair| pair[1]).collect();
        }
        let area = self.tile_width as usize * self.tile_height as usize;
        let mut rgb = Vec::with_capacity(3 * area);
        for at in 0..area {
            rgb.extend(match self.samples {
                Samples::Grey { inverted } => {
                    [if inverted { 255 - bytes[at] } else { bytes[at] }; 3]
                }
                _ if self.is_planar => [bytes[at], bytes[area + at], bytes[2 * area + at]],
                _ => [bytes[3 * at], bytes[3 * at + 1], bytes[3 * at + 2]],
            });
        }
        if self.samples == Samples::YCbCr {
            rgb.as_chunks_mut::<3>()
                .0
                .iter_mut()
                .for_each(|pixel| *pixel = crate::codec::ycbcr(*pixel));
        }
        Raster { width: self.tile_width, height: self.tile_height, rgb }
    }

    /// Segments of runs, one for each channel.
    fn unpack_runs(&self, stored: &[u8]) -> Result<Vec<u8>> {
        let area = self.tile_width as usize * self.tile_height as usize;
        let word = |at: usize| {
            let bytes = stored.get(4 * at..4 * at + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
        };
        let channels = self.channels() as usize;
        if word(0) != Some(channels) {
            return Err(broken("its runs have another number of segments"));
        }
        let mut planes = Vec::with_capacity(channels * area);
        for channel in 1..=channels {
            let mut plane = Vec::new();
            let segment = word(channel).and_then(|start| stored.get(start..));
            runs(segment.ok_or_else(|| broken("its runs are cut short"))?, area, &mut plane);
            if plane.len() < area {
                return Err(broken("its runs are cut short"));
            }
            planes.extend(plane);
        }
        if channels == 1 {
            return Ok(planes);
        }
        Ok((0..area)
            .flat_map(|at| [planes[at], planes[area + at], planes[2 * area + at]])
            .collect())
    }
}

impl Fragments {
    fn walk(file: &Bytes, pixels: Value, frames: u64) -> Result<Self> {
        let mut at = pixels.at;
        let mut pieces = Vec::new();
        let mut table = None;
        while at + 8 <= file.size() {
            let head = file.read(at, 8)?;
            let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
            if head[..4] != [0xfe, 0xff, 0x00, 0xe0] {
                break;
            }
            at += 8;
            if table.is_none() {
                check("the bytes of the table of frames", length, 4 * MAX_FRAMES)?;
                table = Some(file.read(at, length)?);
            } else {
                check("the fragments", pieces.len() as u64, MAX_FRAMES)?;
                pieces.push((at, length));
            }
            at = at.saturating_add(length);
        }
        let firsts = if frames == 1 {
            vec![0]
        } else if pieces.len() as u64 <= frames {
            (0..pieces.len()).collect()
        } else {
            // The table says where each frame begins, from the first fragment's head on.
            let head = pieces[0].0;
            let table = table.unwrap_or_default();
            let offsets = table.as_chunks::<4>().0.iter().map(|&bytes| u32::from_le_bytes(bytes));
            let begins = |offset: u32| {
                pieces.binary_search_by_key(&(head + u64::from(offset)), |piece| piece.0).ok()
            };
            let firsts: Vec<usize> = offsets.filter_map(begins).collect();
            if firsts.len() as u64 != frames || !firsts.is_sorted() {
                return Err(unsupported("its frames lie in several fragments without a table"));
            }
            firsts
        };
        Ok(Self { pieces, firsts })
    }
}

impl Tiles for Frames {
    fn tile(&self, files: &[Bytes], column: u32, row: u32) -> Result<Option<Raster>> {
        let columns = self.width.div_ceil(self.tile_width);
        let frame = if self.sparse.is_empty() {
            u64::from(row) * u64::from(columns) + u64::from(column)
        } else {
            match self.sparse.get(&(column, row)) {
                Some(&frame) => frame,
                None => return Ok(None),
            }
        };
        if frame >= self.count {
            return Ok(None);
        }
        let stored = self.stored(&files[self.file], frame)?;
        let pixels = match self.syntax {
            Syntax::Plain => self.plain(stored),
            Syntax::Runs => self.plain(self.unpack_runs(&stored)?),
            Syntax::Jpeg => {
                // Some writers say RGB of what they have converted; then the stream says it.
                let is_ybr = self.samples == Samples::YCbCr;
                let colour = if is_ybr { Colour::YCbCr } else { Colour::Stated };
                jpeg::decode(None, &stored, colour, None)?
            }
            Syntax::Jpeg2000 => {
                let is_ybr = self.samples == Samples::YCbCr;
                jpeg2000::decode(&stored, if is_ybr { Colour::YCbCr } else { Colour::Rgb })?
            }
        };
        if pixels.width < self.tile_width || pixels.height < self.tile_height {
            let Raster { width, height, .. } = pixels;
            let (tile_width, tile_height) = (self.tile_width, self.tile_height);
            return Err(broken(format!(
                "it has {width}x{height} pixels, {tile_width}x{tile_height} are wanted"
            )));
        }
        Ok(Some(pixels))
    }
}
