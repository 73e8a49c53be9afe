//! JPEG as scanners write it: tables apart, colours told by the file around it, sizes told wrong.
//!
//! ```text
//! tables + stream -> segments that matter, written anew -> zune-jpeg -> RGB8
//! ```
//!
//! Written anew are the identifiers of the components, by which the decoder knows their colour, and
//! the size where the file knows better. Segments of applications are left out.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Colour, broken};
use crate::error::Result;
use crate::limits::{MAX_TILE_PIXELS, check};
use crate::raster::Raster;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DHT: u8 = 0xc4;
const DRI: u8 = 0xdd;
const APP14: u8 = 0xee;

/// Decodes a stream to RGB8.
///
/// `tables` is a TIFF file's `JPEGTables`; `size` replaces what the frame header says.
pub(crate) fn decode(
    tables: Option<&[u8]>,
    stream: &[u8],
    colour: Colour,
    size: Option<(u16, u16)>,
) -> Result<Raster> {
    let mut writer = Writer { out: vec![0xff, SOI], colour, size, ..Writer::default() };
    if let Some(tables) = tables {
        writer.copy(tables)?;
    }
    writer.copy(stream)?;
    writer.finish()
}

/// The part of a stream before its compressed data, and the frame that it describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// Pixels of one unit that is coded at once.
    pub(crate) unit_width: u16,
    /// As its width.
    pub(crate) unit_height: u16,
    /// Units between two restarts; 0 without any.
    pub(crate) restart: u16,
    /// Where the compressed data begins.
    pub(crate) data: usize,
}

impl Frame {
    /// Reads the headers of a stream up to its compressed data.
    pub(crate) fn read(head: &[u8]) -> Result<Self> {
        let mut frame =
            Self { width: 0, height: 0, unit_width: 8, unit_height: 8, restart: 0, data: 0 };
        let mut segments = Segments { bytes: head, at: 0 };
        while let Some((marker, content)) = segments.next()? {
            match marker {
                DRI if content.len() >= 2 => frame.restart = be16(content, 0),
                SOS => {
                    frame.data = segments.at;
                    return Ok(frame);
                }
                _ if is_frame(marker) => {
                    let header = Header::read(content)?;
                    (frame.width, frame.height) = (header.width, header.height);
                    let factors = |shift: u8| {
                        let factor = |c: &[u8]| u16::from(c[1] >> shift & 15);
                        header.components.chunks_exact(3).map(factor).max().unwrap_or(1).clamp(1, 4)
                    };
                    // One component alone is coded block by block, whatever its factors.
                    if header.components.len() > 3 {
                        frame.unit_width = 8 * factors(4);
                        frame.unit_height = 8 * factors(0);
                    }
                }
                _ => {}
            }
        }
        Err(broken("its JPEG headers end early"))
    }
}

struct Header<'a> {
    width: u16,
    height: u16,
    components: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(content: &'a [u8]) -> Result<Self> {
        let count = content.get(5).copied().unwrap_or(0);
        let components = content.get(6..6 + 3 * usize::from(count));
        let components = components.ok_or_else(|| broken("its JPEG frame header is cut short"))?;
        if !matches!(count, 1 | 3) {
            return Err(broken(format!("its JPEG stream has {count} components")));
        }
        Ok(Self { width: be16(content, 3), height: be16(content, 1), components })
    }
}

fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, DHT | 0xc8 | 0xcc)
}

/// The segments of a stream. `at` stands behind the one that was read.
struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    /// The next marker and its content, which some have not.
    fn next(&mut self) -> Result<Option<(u8, &'a [u8])>> {
        // Filling bytes, and what some writers leave between segments.
        while let Some(&[first, second]) = self.bytes.get(self.at..self.at + 2) {
            if first == 0xff && !matches!(second, 0 | 0xff) {
                break;
            }
            self.at += 1;
        }
        let Some(&[_, marker]) = self.bytes.get(self.at..self.at + 2) else { return Ok(None) };
        self.at += 2;
        if matches!(marker, SOI | EOI | 0x01 | 0xd0..=0xd7) {
            return Ok(Some((marker, &[])));
        }
        let content = self.bytes.get(self.at..).and_then(|rest| {
            let length = usize::from(be16(rest.get(..2)?, 0));
            rest.get(2..length)
        });
        let content = content.ok_or_else(|| broken("a segment of its JPEG stream is cut short"))?;
        self.at += 2 + content.len();
        Ok(Some((marker, content)))
    }

    /// Compressed data up to the next marker that is none of a restart.
    fn data(&mut self) -> &'a [u8] {
        let start = self.at;
        let rest = &self.bytes[start..];
        let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff | 0xd0..=0xd7);
        let end = rest.windows(2).position(is_end).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

struct Writer {
    out: Vec<u8>,
    colour: Colour,
    size: Option<(u16, u16)>,
    /// Width and height as they were written.
    frame: Option<(u16, u16)>,
    /// Identifiers of the components as they were, and are.
    identifiers: Vec<(u8, u8)>,
    /// Colour transform that an Adobe segment names.
    adobe: Option<u8>,
    has_data: bool,
    /// Whether the compressed data ends with the stream, and not with a marker.
    open_end: bool,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            out: Vec::new(),
            colour: Colour::Own,
            size: None,
            frame: None,
            identifiers: Vec::new(),
            adobe: None,
            has_data: false,
            open_end: false,
        }
    }
}

impl Writer {
    fn copy(&mut self, stream: &[u8]) -> Result<()> {
        self.out.reserve(stream.len());
        let mut segments = Segments { bytes: stream, at: 0 };
        while let Some((marker, content)) = segments.next()? {
            match marker {
                EOI => break,
                DQT | DHT | DRI => self.segment(marker, content),
                APP14 if content.starts_with(b"Adobe") => {
                    self.adobe = content.get(11).copied();
                }
                SOS => {
                    let content = self.scan(content)?;
                    self.segment(SOS, &content);
                    self.out.extend_from_slice(segments.data());
                    self.has_data = true;
                    self.open_end = segments.at == stream.len();
                }
                _ if is_frame(marker) => {
                    let content = self.frame(content)?;
                    self.segment(marker, &content);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn segment(&mut self, marker: u8, content: &[u8]) {
        self.out.extend([0xff, marker]);
        self.out.extend((content.len() as u16 + 2).to_be_bytes());
        self.out.extend_from_slice(content);
    }

    fn frame(&mut self, content: &[u8]) -> Result<Vec<u8>> {
        let header = Header::read(content)?;
        if self.frame.is_some() {
            return Err(broken("its JPEG stream has two frames"));
        }
        let (width, height) = self.size.unwrap_or((header.width, header.height));
        check("the pixels of a tile", u64::from(width) * u64::from(height), MAX_TILE_PIXELS)?;
        if width == 0 || height == 0 {
            return Err(broken("its JPEG stream tells no size"));
        }
        self.frame = Some((width, height));
        let is_rgb = match self.colour {
            Colour::Rgb => true,
            Colour::YCbCr => false,
            own => {
                let named: Vec<u8> = header.components.chunks_exact(3).map(|c| c[0]).collect();
                let unsaid = own == Colour::Stated || named == b"RGB";
                self.adobe.map_or(unsaid, |transform| transform == 0)
            }
        };
        let new: &[u8] = if is_rgb && header.components.len() == 9 { b"RGB" } else { &[1, 2, 3] };
        let mut content = content.to_vec();
        content[1..3].copy_from_slice(&height.to_be_bytes());
        content[3..5].copy_from_slice(&width.to_be_bytes());
        for (component, &new) in content[6..].chunks_exact_mut(3).zip(new) {
            self.identifiers.push((component[0], new));
            component[0] = new;
        }
        Ok(content)
    }

    fn scan(&self, content: &[u8]) -> Result<Vec<u8>> {
        let count = usize::from(content.first().copied().unwrap_or(0));
        if self.frame.is_none() || content.len() < 1 + 2 * count {
            return Err(broken("a scan of its JPEG stream is damaged"));
        }
        let mut content = content.to_vec();
        let mut unused = self.identifiers.clone();
        for component in content[1..1 + 2 * count].chunks_exact_mut(2) {
            // Some writers give two components one identifier: the first that is left is meant.
            let place = unused.iter().position(|(old, _)| *old == component[0]);
            let place = place.ok_or_else(|| broken("a scan of its JPEG stream is damaged"))?;
            component[0] = unused.remove(place).1;
        }
        Ok(content)
    }

    fn finish(mut self) -> Result<Raster> {
        let (Some((width, height)), true) = (self.frame, self.has_data) else {
            return Err(broken("its JPEG stream holds no picture"));
        };
        if self.open_end {
            // Nobody says whether it is all there. What is missing is what the filling decides.
            let filled = |byte: u8| {
                let stream = [&self.out[..], &[byte; 64], &[0xff, EOI]].concat();
                samples(&stream, width, height)
            };
            let (pixels, other) = (filled(0)?, filled(0x5a)?);
            if pixels != other {
                return Err(broken("its JPEG stream ends early"));
            }
            return Ok(pixels);
        }
        self.out.extend([0xff, EOI]);
        samples(&self.out, width, height)
    }
}

fn samples(stream: &[u8], width: u16, height: u16) -> Result<Raster> {
    let most = usize::from(u16::MAX);
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(most)
        .set_max_height(most)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut pixels = Raster::white(width.into(), height.into());
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(stream), options);
    decoder
        .decode_into(&mut pixels.rgb)
        .map_err(|error| broken(format!("its JPEG stream is damaged: {error}")))?;
    Ok(pixels)
}
