//! The segments of a JPEG stream (ITU-T T.81, annex B): frame, tables, scans and what stands in
//! between.
//!
//! A marker is `FF xx`, after any number of further `FF`; all but the parameterless ones carry a
//! two-byte length. After a start of scan come entropy-coded bytes, in which `FF 00` is a stuffed
//! `FF` and `FF D0`..`FF D7` are restart markers.

use super::{Damage, StreamProblem, Unsupported, corrupt, unsupported};

pub(super) const SOI: u8 = 0xd8;
pub(super) const EOI: u8 = 0xd9;
pub(super) const SOS: u8 = 0xda;
pub(super) const DQT: u8 = 0xdb;
pub(super) const DNL: u8 = 0xdc;
pub(super) const DRI: u8 = 0xdd;
pub(super) const DHT: u8 = 0xc4;
pub(super) const APP2: u8 = 0xe2;
const DAC: u8 = 0xcc;

/// Reads a stream marker by marker.
pub(super) struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    /// Begins behind the start-of-image marker.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, StreamProblem> {
        if !bytes.starts_with(&[0xff, SOI]) {
            return Err(corrupt(Damage::Headers));
        }
        Ok(Self { bytes, at: 2 })
    }

    /// The next marker, or none at the end of the bytes.
    ///
    /// Zeros between segments are padding that some writers leave; other bytes are damage.
    pub(super) fn marker(&mut self) -> Result<Option<u8>, StreamProblem> {
        while self.bytes.get(self.at) == Some(&0) {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            None => return Ok(None),
            Some(0xff) => {}
            Some(_) => return Err(corrupt(Damage::Headers)),
        }
        while self.bytes.get(self.at) == Some(&0xff) {
            self.at += 1;
        }
        let marker = self.bytes.get(self.at).copied();
        self.at += 1;
        Ok(marker)
    }

    /// The content of a segment that has a length, which is passed over.
    pub(super) fn content(&mut self) -> Result<&'a [u8], StreamProblem> {
        let length = self.bytes.get(self.at..self.at + 2);
        let length = length.map_or(0, |raw| usize::from(u16::from_be_bytes([raw[0], raw[1]])));
        let content = (length >= 2).then(|| self.bytes.get(self.at + 2..self.at + length));
        let content = content.flatten().ok_or_else(|| corrupt(Damage::Headers))?;
        self.at += length;
        Ok(content)
    }

    /// The entropy-coded bytes up to the next marker that is none of a restart, cut at the restarts.
    ///
    /// `most` is the number of restarts that the picture has room for.
    pub(super) fn intervals(&mut self, most: usize) -> Result<Vec<&'a [u8]>, StreamProblem> {
        let mut pieces = Vec::new();
        let mut start = self.at;
        let mut at = self.at;
        loop {
            at += distance_to_ff(&self.bytes[at.min(self.bytes.len())..]);
            let Some(&second) = self.bytes.get(at + 1) else {
                // The stream ends without a marker; a lone FF is the first half of one.
                pieces.push(&self.bytes[start..at.min(self.bytes.len())]);
                self.at = self.bytes.len();
                return Ok(pieces);
            };
            match second {
                0x00 => at += 2,
                0xff => at += 1,
                0xd0..=0xd7 => {
                    if usize::from(second & 7) != pieces.len() % 8 {
                        return Err(corrupt(Damage::Interval));
                    }
                    pieces.push(&self.bytes[start..at]);
                    if pieces.len() > most {
                        return Err(corrupt(Damage::Headers));
                    }
                    at += 2;
                    start = at;
                }
                _ => {
                    pieces.push(&self.bytes[start..at]);
                    self.at = at;
                    return Ok(pieces);
                }
            }
        }
    }
}

/// Bytes before the next `FF`, or all of them; by blocks, which compilers turn into vectors.
fn distance_to_ff(bytes: &[u8]) -> usize {
    let blocks = bytes.as_chunks::<32>().0;
    let clear = blocks.iter().take_while(|block| block.iter().all(|byte| *byte != 0xff)).count();
    let rest = &bytes[clear * 32..];
    clear * 32 + rest.iter().position(|byte| *byte == 0xff).unwrap_or(rest.len())
}

/// A component of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    pub id: u8,
    pub horizontal: u8,
    pub vertical: u8,
    pub quantisation: u8,
}

/// Frame header (B.2.2).
#[derive(Debug)]
pub(super) struct Frame {
    pub progressive: bool,
    pub width: u16,
    /// Zero where a DNL segment behind the first scan tells it.
    pub height: u16,
    pub components: Vec<Component>,
    pub h_max: u8,
    pub v_max: u8,
}

impl Frame {
    /// Reads the frame header that a start-of-frame marker announces.
    pub(super) fn read(marker: u8, content: &[u8]) -> Result<Self, StreamProblem> {
        match marker {
            0xc0..=0xc2 => {}
            0xc3 => return Err(unsupported(Unsupported::Lossless)),
            0xc5..=0xc7 => return Err(unsupported(Unsupported::Hierarchical)),
            _ => return Err(unsupported(Unsupported::Arithmetic)),
        }
        let [precision, h1, h0, w1, w0, count, rest @ ..] = content else {
            return Err(corrupt(Damage::Headers));
        };
        if *precision != 8 {
            return Err(unsupported(Unsupported::Deep));
        }
        if rest.len() != 3 * usize::from(*count) {
            return Err(corrupt(Damage::Headers));
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(unsupported(Unsupported::Components));
        }
        let mut components: Vec<Component> = rest
            .as_chunks::<3>()
            .0
            .iter()
            .map(|&[id, sampling, quantisation]| Component {
                id,
                horizontal: sampling >> 4,
                vertical: sampling & 15,
                quantisation,
            })
            .collect();
        if let [alone] = &mut components[..] {
            // One component is never interleaved, whatever its factors say (A.2.2).
            (alone.horizontal, alone.vertical) = (1, 1);
        }
        let h_max = components.iter().map(|c| c.horizontal).max().unwrap_or(1);
        let v_max = components.iter().map(|c| c.vertical).max().unwrap_or(1);
        for component in &components {
            let (h, v) = (component.horizontal, component.vertical);
            if !(1..=4).contains(&h) || !(1..=4).contains(&v) || component.quantisation > 3 {
                return Err(corrupt(Damage::Headers));
            }
            if !h.is_power_of_two() || !v.is_power_of_two() {
                return Err(unsupported(Unsupported::Sampling));
            }
        }
        // The decoder takes the first component for the one with the most samples, and has no way from
        // two rows to four.
        let first = components[0];
        let is_known = (first.horizontal, first.vertical) == (h_max, v_max)
            && (v_max < 4 || components.iter().all(|component| component.vertical != 2));
        if !is_known {
            return Err(unsupported(Unsupported::Sampling));
        }
        if components.iter().map(|c| u32::from(c.horizontal) * u32::from(c.vertical)).sum::<u32>()
            > 10
        {
            return Err(corrupt(Damage::Headers));
        }
        let width = u16::from_be_bytes([*w1, *w0]);
        let height = u16::from_be_bytes([*h1, *h0]);
        if width == 0 {
            return Err(corrupt(Damage::Headers));
        }
        Ok(Self { progressive: marker == 0xc2, width, height, components, h_max, v_max })
    }

    /// Blocks of 8x8 samples that component `index` has across and down in a scan of its own.
    pub(super) fn blocks(&self, index: usize) -> (usize, usize) {
        let component = self.components[index];
        let side = |pixels: u16, factor: u8, most: u8| {
            (usize::from(pixels) * usize::from(factor)).div_ceil(usize::from(most) * 8)
        };
        (
            side(self.width, component.horizontal, self.h_max),
            side(self.height, component.vertical, self.v_max),
        )
    }

    /// Minimum coded units (A.2) of a scan of these components.
    pub(super) fn units(&self, scan: &Scan) -> usize {
        if let [(index, _)] = scan.components[..] {
            let (across, down) = self.blocks(index);
            return across * down;
        }
        let (across, down) = self.unit_grid();
        across * down
    }

    /// Minimum coded units across and down where all components are interleaved.
    pub(super) fn unit_grid(&self) -> (usize, usize) {
        let side = |pixels: u16, most: u8| usize::from(pixels).div_ceil(usize::from(most) * 8);
        (side(self.width, self.h_max), side(self.height, self.v_max))
    }
}

/// Scan header (B.2.3).
#[derive(Debug)]
pub(super) struct Scan {
    /// Index into the frame's components, and the byte that names its Huffman tables.
    pub components: Vec<(usize, u8)>,
    pub spectral: (u8, u8),
    pub approximation: (u8, u8),
}

impl Scan {
    pub(super) fn read(frame: &Frame, content: &[u8]) -> Result<Self, StreamProblem> {
        let wrong = || corrupt(Damage::Headers);
        let [count, rest @ ..] = content else { return Err(wrong()) };
        let count = usize::from(*count);
        if !(1..=4).contains(&count) || rest.len() != 2 * count + 3 {
            return Err(wrong());
        }
        let mut components: Vec<(usize, u8)> = Vec::with_capacity(count);
        for &[id, tables] in rest[..2 * count].as_chunks::<2>().0 {
            // Some writers give two components one id: then the order counts, as in libjpeg.
            let index = (0..frame.components.len()).find(|index| {
                frame.components[*index].id == id && components.iter().all(|(c, _)| c != index)
            });
            components.push((index.ok_or_else(wrong)?, tables));
        }
        let [first, last, approximation] = rest[2 * count..] else { return Err(wrong()) };
        // They mean something in progressive pictures only.
        let (spectral, approximation) = if frame.progressive {
            ((first, last), (approximation >> 4, approximation & 15))
        } else {
            ((0, 63), (0, 0))
        };
        Ok(Self { components, spectral, approximation })
    }
}

/// Whether a marker announces a frame.
pub(super) fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, DHT | 0xc8 | DAC)
}

/// Whether arithmetic coding is set up, which is refused.
pub(super) fn is_arithmetic(marker: u8) -> bool {
    marker == DAC
}
