//! A JPEG stream, checked and written anew in the one form that the decoder is trusted with.
//!
//! The decoder forgives: it takes what is missing for zeros, leaves bytes unread, guesses colours by
//! identifiers, and knows neither DNL nor components that share one. So nothing of a file reaches it
//! but tables and coded bytes that were counted: frame and scans are written anew, and restarts,
//! scans, the precision that a progressive picture reaches, and the bits of every interval are what
//! the size of the picture demands.

use std::ops::Range;

use image::metadata::Orientation;

use super::count::{self, Band, Part, Tables};
use super::segments::{self, Frame, Scan, Segments};
use super::{Components, Damage, StreamProblem, Unsupported, corrupt, unsupported};
use crate::decode::limits::{MAX_DECODE_MIB, MAX_MEGAPIXELS, MAX_SIDE, check_dimensions};

/// Most scans of a progressive picture; writers make about ten.
const MAX_SCANS: usize = 100;

/// A stream that may be decoded.
#[derive(Debug)]
pub(super) struct CheckedStream {
    pub width: u16,
    pub height: u16,
    pub bytes: Vec<u8>,
    pub orientation: Orientation,
    /// Whether the file has its end-of-image marker.
    pub has_end: bool,
}

/// What the file says before its first scan.
#[derive(Default)]
struct Header {
    /// Quantisation and Huffman tables, as segments.
    tables: Vec<u8>,
    huffman: Tables,
    restart_interval: usize,
    frame: Option<Frame>,
    jfif: bool,
    adobe: Option<u8>,
    orientation: Option<Orientation>,
}

/// Reads and checks a stream.
///
/// `tables` is a stream of tables alone that goes before it (TIFF's JPEGTables); `colour` overrides
/// what the stream says of its colours.
pub(super) fn prepare(
    tables: Option<&[u8]>,
    bytes: &[u8],
    colour: Option<Components>,
) -> Result<CheckedStream, StreamProblem> {
    let mut header = Header::default();
    if let Some(tables) = tables {
        let mut segments = Segments::new(tables)?;
        while let Some(marker) = segments.marker()?.filter(|marker| *marker != segments::EOI) {
            if marker == segments::SOS || segments::is_frame(marker) {
                return Err(corrupt(Damage::Headers));
            }
            header.take(marker, &mut segments)?;
        }
    }
    let mut segments = Segments::new(bytes)?;
    loop {
        match segments.marker()? {
            None | Some(segments::EOI) => return Err(corrupt(Damage::Empty)),
            Some(segments::SOS) => break,
            Some(marker) => header.take(marker, &mut segments)?,
        }
    }
    let frame = header.frame.take().ok_or_else(|| corrupt(Damage::Headers))?;
    let colour = colour.unwrap_or_else(|| header.colour(&frame));
    Writer::new(header, frame, colour, bytes.len() as u64)?.scans(segments)
}

impl Header {
    /// Takes one segment that is no scan.
    fn take(&mut self, marker: u8, segments: &mut Segments) -> Result<(), StreamProblem> {
        if segments::is_arithmetic(marker) {
            return Err(unsupported(Unsupported::Arithmetic));
        }
        let content = segments.content()?;
        match marker {
            segments::DQT => append(&mut self.tables, marker, content),
            segments::DHT => {
                self.huffman.take(content)?;
                append(&mut self.tables, marker, content);
            }
            segments::DRI => self.restart_interval = restart_interval(content)?,
            0xe0 if content.starts_with(b"JFIF\0") => self.jfif = true,
            0xe1 if self.orientation.is_none() && content.starts_with(b"Exif\0\0") => {
                self.orientation = Orientation::from_exif_chunk(&content[6..]);
            }
            0xee if content.starts_with(b"Adobe") => self.adobe = content.get(11).copied(),
            // Application data and comments; and a height out of place, which nobody reads.
            0xe0..=0xef | 0xfe | segments::DNL => {}
            marker if segments::is_frame(marker) => {
                if self.frame.is_some() {
                    return Err(corrupt(Damage::Headers));
                }
                let frame = Frame::read(marker, content)?;
                self.frame = Some(frame);
            }
            _ => return Err(corrupt(Damage::Headers)),
        }
        Ok(())
    }

    /// The colours that the components mean, by libjpeg's rules, which browsers follow.
    fn colour(&self, frame: &Frame) -> Components {
        let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
        match (ids.len(), self.jfif, self.adobe) {
            (1, ..) => Components::Grey,
            (3, true, _) => Components::YCbCr,
            (3, false, Some(0)) => Components::Rgb,
            (3, false, None) if ids == *b"RGB" => Components::Rgb,
            (3, ..) => Components::YCbCr,
            (_, _, Some(2)) => Components::Ycck,
            _ => Components::Cmyk,
        }
    }
}

/// Refuses a picture beyond the limits, before anything is made for its pixels.
fn check_size(frame: &Frame, stored_bytes: u64) -> Result<(), StreamProblem> {
    let (width, height) = (u32::from(frame.width), u32::from(frame.height));
    check_dimensions(width, height)?;
    let (across, down) = frame.unit_grid();
    let in_unit: u64 = frame.components.iter().map(|c| u64::from(c.horizontal * c.vertical)).sum();
    let blocks = across as u64 * down as u64 * in_unit;
    // A progressive picture keeps its coefficients to the end, and which of them are not zero.
    let kept = if frame.progressive { blocks * (64 * 2 + 8) } else { 0 };
    let pixels = 3 * u64::from(width) * u64::from(height);
    if pixels + kept + stored_bytes > MAX_DECODE_MIB << 20 {
        return Err(StreamProblem::Memory);
    }
    Ok(())
}

fn restart_interval(content: &[u8]) -> Result<usize, StreamProblem> {
    match content {
        [high, low] => Ok(usize::from(u16::from_be_bytes([*high, *low]))),
        _ => Err(corrupt(Damage::Headers)),
    }
}

fn append(out: &mut Vec<u8>, marker: u8, content: &[u8]) {
    out.extend([0xff, marker]);
    out.extend((content.len() as u16 + 2).to_be_bytes());
    out.extend(content);
}

/// Writes the stream anew.
struct Writer {
    header: Header,
    frame: Frame,
    /// Identifiers that make the decoder see the right colours.
    ids: &'static [u8],
    out: Vec<u8>,
    /// Where the frame's height stands, for a DNL segment.
    height_at: usize,
    /// The length of the file.
    stored_bytes: u64,
    /// Of each block of each component, which AC coefficients of a progressive picture are not zero.
    set: Vec<Vec<u64>>,
    /// Low bits that are still to come of each coefficient of each component; 255: not seen yet.
    to_come: Vec<[u8; 64]>,
}

const NOT_SEEN: u8 = 255;

impl Writer {
    fn new(
        header: Header,
        frame: Frame,
        colour: Components,
        stored_bytes: u64,
    ) -> Result<Self, StreamProblem> {
        if colour.ids().len() != frame.components.len() {
            return Err(corrupt(Damage::Headers));
        }
        if frame.height > 0 {
            check_size(&frame, stored_bytes)?;
        }
        let mut out = vec![0xff, segments::SOI];
        if colour == Components::Ycck {
            append(&mut out, 0xee, b"Adobe\0\x64\0\0\0\0\x02");
        }
        out.extend(&header.tables);
        let mut content = vec![8];
        content.extend(frame.height.to_be_bytes());
        content.extend(frame.width.to_be_bytes());
        content.push(frame.components.len() as u8);
        for (component, id) in frame.components.iter().zip(colour.ids()) {
            let sampling = component.horizontal << 4 | component.vertical;
            content.extend([*id, sampling, component.quantisation]);
        }
        let height_at = out.len() + 5;
        append(&mut out, if frame.progressive { 0xc2 } else { 0xc0 }, &content);
        let interval = header.restart_interval;
        let to_come = vec![[NOT_SEEN; 64]; frame.components.len()];
        let set = vec![Vec::new(); frame.components.len()];
        let mut writer =
            Self { header, frame, ids: colour.ids(), out, height_at, stored_bytes, set, to_come };
        writer.set_restart_interval(interval);
        Ok(writer)
    }

    fn set_restart_interval(&mut self, interval: usize) {
        let changed = interval > 0 || self.header.restart_interval > 0;
        self.header.restart_interval = interval;
        if changed {
            append(&mut self.out, segments::DRI, &(interval as u16).to_be_bytes());
        }
    }

    /// Reads the scans, from behind the first start-of-scan marker to the end of the image.
    fn scans(mut self, mut segments: Segments) -> Result<CheckedStream, StreamProblem> {
        for number in 0..MAX_SCANS {
            let scan = Scan::read(&self.frame, segments.content()?)?;
            self.check(&scan, number)?;
            let intervals = segments.intervals(self.most_restarts())?;
            let mut next = segments.marker()?;
            if number == 0 && next == Some(segments::DNL) {
                self.set_height(segments.content()?)?;
                next = segments.marker()?;
            }
            if self.frame.height == 0 {
                return Err(corrupt(Damage::Headers));
            }
            self.write(&scan, intervals)?;
            while let Some(marker) = next.filter(|m| !matches!(*m, segments::EOI | segments::SOS)) {
                self.take_between(marker, &mut segments)?;
                next = segments.marker()?;
            }
            if next != Some(segments::SOS) {
                return self.finish(next.is_some());
            }
        }
        Err(corrupt(Damage::Headers))
    }

    /// Refuses a scan that its frame cannot have, or cannot have now.
    fn check(&mut self, scan: &Scan, number: usize) -> Result<(), StreamProblem> {
        if !self.frame.progressive {
            if scan.components.len() < self.frame.components.len() {
                return Err(unsupported(Unsupported::Separate));
            }
            return if number == 0 { Ok(()) } else { Err(corrupt(Damage::Headers)) };
        }
        let out_of_order = || corrupt(Damage::Headers);
        let ((first, last), (high, low)) = (scan.spectral, scan.approximation);
        let alone = scan.components.len() == 1;
        let in_range = last <= 63 && low <= 13 && if first == 0 { last == 0 } else { alone };
        if first > last || !in_range || (high != 0 && high != low + 1) {
            return Err(out_of_order());
        }
        for (index, _) in &scan.components {
            let to_come = &mut self.to_come[*index];
            if first > 0 && to_come[0] == NOT_SEEN {
                return Err(out_of_order());
            }
            for bits in &mut to_come[usize::from(first)..=usize::from(last)] {
                if *bits != if high == 0 { NOT_SEEN } else { high } {
                    return Err(out_of_order());
                }
                *bits = low;
            }
        }
        Ok(())
    }

    /// The restarts that a scan has room for; the height may still be unknown.
    fn most_restarts(&self) -> usize {
        let width = usize::from(self.frame.width);
        let lines = match self.frame.height {
            0 => (MAX_MEGAPIXELS as usize * 1_000_000 / width).min(MAX_SIDE as usize),
            known => usize::from(known),
        };
        let blocks = width.div_ceil(8) * lines.div_ceil(8);
        blocks.checked_div(self.header.restart_interval).map_or(0, |restarts| restarts + 1)
    }

    /// Takes the number of lines from a DNL segment (B.2.5).
    fn set_height(&mut self, content: &[u8]) -> Result<(), StreamProblem> {
        let &[high, low] = content else { return Err(corrupt(Damage::Headers)) };
        self.frame.height = u16::from_be_bytes([high, low]);
        check_size(&self.frame, self.stored_bytes)?;
        self.out[self.height_at..self.height_at + 2].copy_from_slice(&[high, low]);
        Ok(())
    }

    /// Takes a segment between two scans, or behind the last.
    fn take_between(&mut self, marker: u8, segments: &mut Segments) -> Result<(), StreamProblem> {
        match marker {
            segments::DRI => self.set_restart_interval(restart_interval(segments.content()?)?),
            segments::DQT | segments::DHT => {
                self.header.tables.clear();
                self.header.take(marker, segments)?;
                self.out.append(&mut self.header.tables);
            }
            0xe0..=0xef | 0xfe | segments::DNL => {
                segments.content()?;
            }
            _ => return Err(corrupt(Damage::Headers)),
        }
        Ok(())
    }

    /// Writes one scan with its intervals.
    fn write(&mut self, scan: &Scan, intervals: Vec<&[u8]>) -> Result<(), StreamProblem> {
        let units = self.frame.units(scan);
        let interval = match self.header.restart_interval {
            0 => units,
            interval => interval,
        };
        let count = units.div_ceil(interval);
        // Some writers end with a restart behind which nothing comes.
        let surplus = intervals.get(count..).unwrap_or(&[]);
        if intervals.len() < count || !surplus.iter().all(|piece| piece.is_empty()) {
            return Err(corrupt(Damage::Interval));
        }
        let mut content = vec![scan.components.len() as u8];
        for (index, tables) in &scan.components {
            content.extend([self.ids[*index], *tables]);
        }
        content.extend(if self.frame.progressive {
            [scan.spectral.0, scan.spectral.1, scan.approximation.0 << 4 | scan.approximation.1]
        } else {
            [0, 63, 0]
        });
        append(&mut self.out, segments::SOS, &content);
        for (number, data) in intervals[..count].iter().enumerate() {
            let first = number * interval;
            if !self.is_whole(scan, data, first..units.min(first + interval))? {
                return Err(corrupt(Damage::Bytes));
            }
            self.out.extend(*data);
            if number + 1 < count {
                self.out.extend([0xff, 0xd0 | (number % 8) as u8]);
            }
        }
        Ok(())
    }

    /// Whether coded bytes are those of these units of a scan.
    fn is_whole(
        &mut self,
        scan: &Scan,
        data: &[u8],
        units: Range<usize>,
    ) -> Result<bool, StreamProblem> {
        let tables = &self.header.huffman;
        let refines = scan.approximation.0 > 0;
        if let ([(index, named)], (first @ 1.., last)) = (&scan.components[..], scan.spectral) {
            let (across, down) = self.frame.blocks(*index);
            let set = &mut self.set[*index];
            set.resize(across * down, 0);
            let band = Band { tables: *named, first, last, refines };
            return count::holds_band(data, tables, &band, &mut set[units]);
        }
        let alone = scan.components.len() == 1;
        let part = |(index, tables): &(usize, u8)| {
            let component = self.frame.components[*index];
            let blocks = if alone { 1 } else { component.horizontal * component.vertical };
            Part { tables: *tables, blocks }
        };
        let parts: Vec<Part> = scan.components.iter().map(part).collect();
        if self.frame.progressive {
            count::holds_differences(data, tables, &parts, units.len(), refines)
        } else {
            count::holds_units(data, tables, &parts, units.len())
        }
    }

    fn finish(mut self, has_end: bool) -> Result<CheckedStream, StreamProblem> {
        let frame = &self.frame;
        if frame.progressive && self.to_come.iter().flatten().any(|bits| *bits != 0) {
            return Err(corrupt(Damage::Scans));
        }
        self.out.extend([0xff, segments::EOI]);
        Ok(CheckedStream {
            width: frame.width,
            height: frame.height,
            bytes: self.out,
            orientation: self.header.orientation.unwrap_or(Orientation::NoTransforms),
            has_end,
        })
    }
}
