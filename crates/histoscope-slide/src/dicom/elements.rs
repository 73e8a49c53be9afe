//! Elements of a DICOM file: where the values lie that are needed, those in sequences among them.
//!
//! Sequences are walked in place, and an element counts by its tag wherever it stands: the ones that
//! are asked for mean the same everywhere. Places of frames are the exception, of which there is one
//! for each frame; they are kept in their order.

use std::collections::HashMap;

use super::{damaged, unsupported};
use crate::error::Result;
use crate::limits::{MAX_FRAMES, check};
use crate::source::Bytes;

/// The elements that are read.
pub(super) mod tag {
    pub(crate) const TRANSFER_SYNTAX: u32 = 0x0002_0010;
    pub(crate) const IMAGE_TYPE: u32 = 0x0008_0008;
    pub(crate) const SOP_CLASS: u32 = 0x0008_0016;
    pub(crate) const SERIES: u32 = 0x0020_000e;
    pub(crate) const ORGANISATION: u32 = 0x0020_9311;
    pub(crate) const SAMPLES: u32 = 0x0028_0002;
    pub(crate) const PHOTOMETRIC: u32 = 0x0028_0004;
    pub(crate) const PLANAR: u32 = 0x0028_0006;
    pub(crate) const FRAMES: u32 = 0x0028_0008;
    pub(crate) const ROWS: u32 = 0x0028_0010;
    pub(crate) const COLUMNS: u32 = 0x0028_0011;
    pub(crate) const PIXEL_SPACING: u32 = 0x0028_0030;
    pub(crate) const BITS: u32 = 0x0028_0100;
    pub(crate) const VOLUME_WIDTH: u32 = 0x0048_0001;
    pub(crate) const TOTAL_COLUMNS: u32 = 0x0048_0006;
    pub(crate) const TOTAL_ROWS: u32 = 0x0048_0007;
    pub(crate) const OBJECTIVE: u32 = 0x0048_0112;
    pub(crate) const COLUMN_POSITION: u32 = 0x0048_021e;
    pub(crate) const ROW_POSITION: u32 = 0x0048_021f;
    pub(crate) const OFFSETS: u32 = 0x7fe0_0001;
    pub(crate) const LENGTHS: u32 = 0x7fe0_0002;
    pub(crate) const PIXELS: u32 = 0x7fe0_0010;
    pub(crate) const ITEM: u32 = 0xfffe_e000;
    pub(crate) const ITEM_END: u32 = 0xfffe_e00d;
    pub(crate) const SEQUENCE_END: u32 = 0xfffe_e0dd;
}

const KNOWN: [u32; 21] = [
    tag::TRANSFER_SYNTAX,
    tag::IMAGE_TYPE,
    tag::SOP_CLASS,
    tag::SERIES,
    tag::ORGANISATION,
    tag::SAMPLES,
    tag::PHOTOMETRIC,
    tag::PLANAR,
    tag::FRAMES,
    tag::ROWS,
    tag::COLUMNS,
    tag::PIXEL_SPACING,
    tag::BITS,
    tag::VOLUME_WIDTH,
    tag::TOTAL_COLUMNS,
    tag::TOTAL_ROWS,
    tag::OBJECTIVE,
    tag::OFFSETS,
    tag::LENGTHS,
    tag::PIXELS,
    tag::SEQUENCE_END,
];

/// A length that is not told.
const UNDEFINED: u64 = 0xffff_ffff;
/// Sequences in sequences, at most; real ones have about five.
const MAX_DEPTH: usize = 32;
/// Elements, at most, besides those of frames.
const MAX_ELEMENTS: usize = 1 << 16;

/// Where a value lies, and how long it is; [`UNDEFINED`] of pixels in fragments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    pub(super) at: u64,
    length: u64,
}

impl Value {
    /// Its bytes, if they are told.
    pub(super) fn length(self) -> Option<u64> {
        (self.length != UNDEFINED).then_some(self.length)
    }
}

/// The elements of a file.
#[derive(Debug)]
pub(super) struct Elements {
    values: HashMap<u32, Value>,
    /// Column and row of each frame's upper left pixel, from 1, where the file tells them.
    pub(super) positions: Vec<(i32, i32)>,
}

struct Walk<'a> {
    file: &'a Bytes,
    at: u64,
    explicit: bool,
    elements: Elements,
    count: usize,
    column: Option<i32>,
    row: Option<i32>,
}

impl Elements {
    /// Walks through a file up to its pixels.
    pub(super) fn read(file: &Bytes) -> Result<Self> {
        Self::until(file, |walk| Ok(walk.elements.values.contains_key(&tag::PIXELS)))
    }

    /// Walks up to what says which series the file belongs to: not through the places of a million
    /// frames behind it.
    pub(super) fn of_head(file: &Bytes) -> Result<Self> {
        let last = (tag::SERIES >> 16) as u16;
        Self::until(file, |walk| Ok(walk.group()? > last))
    }

    fn until(file: &Bytes, is_over: impl Fn(&Walk<'_>) -> Result<bool>) -> Result<Self> {
        let elements = Self { values: HashMap::new(), positions: Vec::new() };
        let mut walk =
            Walk { file, at: 132, explicit: true, elements, count: 0, column: None, row: None };
        // The group in front is always explicit; what follows is as it says.
        while walk.at + 8 <= file.size() && walk.group()? == 2 {
            walk.element(0)?;
        }
        let syntax = walk.elements.text(file, tag::TRANSFER_SYNTAX);
        walk.explicit = match syntax.as_str() {
            "1.2.840.10008.1.2" => false,
            "1.2.840.10008.1.2.2" => return Err(unsupported("its numbers are big-endian")),
            "1.2.840.10008.1.2.1.99" => return Err(unsupported("it is deflated as a whole")),
            _ => true,
        };
        while walk.at + 8 <= file.size() && !is_over(&walk)? {
            walk.element(0)?;
        }
        Ok(walk.elements)
    }

    pub(super) fn value(&self, tag: u32) -> Option<Value> {
        self.values.get(&tag).copied()
    }

    fn bytes(&self, file: &Bytes, tag: u32) -> Option<Vec<u8>> {
        let value = self.value(tag)?;
        file.read(value.at, value.length()?.min(1024)).ok()
    }

    /// A text without the filling at its ends; empty if there is none.
    pub(super) fn text(&self, file: &Bytes, tag: u32) -> String {
        let bytes = self.bytes(file, tag).unwrap_or_default();
        String::from_utf8_lossy(&bytes).trim_matches([' ', '\0']).to_owned()
    }

    /// Numbers in decimal.
    pub(super) fn reals(&self, file: &Bytes, tag: u32) -> Vec<f64> {
        let text = self.text(file, tag);
        text.split('\\').map_while(|part| part.trim().parse().ok()).collect()
    }

    /// A real number in 32 bits.
    pub(super) fn float(&self, file: &Bytes, tag: u32) -> Option<f64> {
        Some(f32::from_le_bytes(self.bytes(file, tag)?.try_into().ok()?).into())
    }

    /// A whole number in 16 or 32 bits.
    pub(super) fn number(&self, file: &Bytes, tag: u32) -> Option<u64> {
        let bytes = self.bytes(file, tag)?;
        match bytes.len() {
            2 => Some(u16::from_le_bytes([bytes[0], bytes[1]]).into()),
            4 => Some(u32::from_le_bytes(bytes.try_into().ok()?).into()),
            _ => None,
        }
    }
}

impl Walk<'_> {
    fn group(&self) -> Result<u16> {
        let bytes = self.file.read(self.at, 2)?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    /// Tag and length of what stands here, and whether it is a sequence; steps to its value.
    fn head(&mut self) -> Result<(u32, u64, bool)> {
        let head = self.file.read(self.at, 8)?;
        let short = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        let tag = u32::from(short(0)) << 16 | u32::from(short(2));
        self.at += 8;
        let long = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        if !self.explicit || tag >> 16 == 0xfffe {
            // Without a type, a sequence shows by its length, or by the item in it.
            let is_sequence = tag >> 16 != 0xfffe
                && tag != tag::PIXELS
                && (long == UNDEFINED || self.starts_with_item(long)?);
            return Ok((tag, long, is_sequence));
        }
        let kind = &head[4..6];
        const LONG: [&[u8; 2]; 13] = [
            b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT",
            b"UV",
        ];
        if LONG.iter().any(|long| *long == kind) {
            let length = self.file.read(self.at, 4)?;
            self.at += 4;
            let length =
                u64::from(u32::from_le_bytes([length[0], length[1], length[2], length[3]]));
            let is_sequence = kind == b"SQ" || kind == b"UN" && length == UNDEFINED;
            return Ok((tag, length, is_sequence));
        }
        if !kind.iter().all(u8::is_ascii_uppercase) {
            return Err(damaged("an element has no type"));
        }
        Ok((tag, short(6).into(), false))
    }

    fn starts_with_item(&self, length: u64) -> Result<bool> {
        if length < 8 || self.at + 4 > self.file.size() {
            return Ok(false);
        }
        Ok(self.file.read(self.at, 4)? == [0xfe, 0xff, 0x00, 0xe0])
    }

    fn element(&mut self, depth: usize) -> Result<u32> {
        self.count += 1;
        let allowed = MAX_ELEMENTS + 64 * self.elements.positions.len();
        if depth > MAX_DEPTH || self.count > allowed {
            return Err(damaged("its elements are nested too deep, or too many"));
        }
        let (tag, length, is_sequence) = self.head()?;
        let value = Value { at: self.at, length };
        if is_sequence {
            self.sequence(length, depth)?;
            return Ok(tag);
        }
        match tag {
            tag::COLUMN_POSITION => self.column = self.position()?,
            tag::ROW_POSITION => self.row = self.position()?,
            // The first counts, but of the pixels the last: small copies stand before.
            _ if KNOWN.contains(&tag) && (tag != tag::PIXELS || depth == 0) => {
                self.elements.values.entry(tag).or_insert(value);
            }
            _ => {}
        }
        if let (Some(column), Some(row)) = (self.column, self.row) {
            check("the frames", self.elements.positions.len() as u64, MAX_FRAMES)?;
            self.elements.positions.push((column, row));
            (self.column, self.row) = (None, None);
        }
        match value.length() {
            Some(length) => self.skip(length)?,
            // Pixels in fragments, which end the walk, or a copy of them in a sequence.
            None if tag == tag::PIXELS && depth == 0 => {}
            None => self.sequence(UNDEFINED, depth)?,
        }
        Ok(tag)
    }

    fn position(&self) -> Result<Option<i32>> {
        let bytes = self.file.read(self.at, 4)?;
        Ok(Some(i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])))
    }

    fn skip(&mut self, length: u64) -> Result<()> {
        self.at = self.at.checked_add(length).ok_or_else(|| damaged("an element has no end"))?;
        Ok(())
    }

    /// Items up to the end of a sequence.
    fn sequence(&mut self, length: u64, depth: usize) -> Result<()> {
        let end = self.at.saturating_add(length);
        while (length == UNDEFINED || self.at < end) && self.at + 8 <= self.file.size() {
            let (tag, length, _) = self.head()?;
            match tag {
                tag::SEQUENCE_END => return Ok(()),
                tag::ITEM if length == UNDEFINED => {
                    while self.at + 8 <= self.file.size()
                        && self.element(depth + 1)? != tag::ITEM_END
                    {}
                }
                tag::ITEM => {
                    let end = self.at.saturating_add(length);
                    while self.at < end && self.at + 8 <= self.file.size() {
                        self.element(depth + 1)?;
                    }
                    // Going back would read what follows once more, and in nested items again and again.
                    if self.at > end {
                        return Err(damaged("an item reaches beyond its end"));
                    }
                    self.at = end;
                }
                _ => return Err(damaged("a sequence holds what is no item")),
            }
        }
        Ok(())
    }
}
