//! JPEG, alone or inside a TIFF file, decoded whole or not at all.
//!
//! ```text
//! segments -> prepare (count, write anew) -> zune-jpeg -> samples
//! ```
//!
//! A picture of which a part is missing or out of step must not be judged: the decoder would fill
//! it with grey or with the wrong tissue. zune-jpeg's strict mode does not see all of it, so every
//! interval of the stream is counted before it is decoded ([`count`]). What nobody can tell is damage
//! that leaves a valid stream of as many blocks.

use std::ops::RangeInclusive;

use image::RgbImage;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use self::prepare::{CheckedStream, prepare};
use self::segments::{Frame, Segments};
use super::limits::{MAX_DECODE_MIB, MAX_SIDE};
use super::problem::{Damage, Unsupported};
use super::{Stored, Warning, colours};
use crate::error::{Error, Result};
use crate::scale;

mod count;
mod prepare;
mod segments;

/// Width and height as the frame header has them; `None` where a later segment tells the height.
pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut segments = Segments::new(bytes).ok()?;
    while let Some(marker) = segments.marker().ok()? {
        if marker == segments::SOS || marker == segments::EOI {
            return None;
        }
        let content = segments.content().ok()?;
        if segments::is_frame(marker) {
            let frame = Frame::read(marker, content).ok()?;
            return (frame.height > 0).then(|| (frame.width.into(), frame.height.into()));
        }
    }
    None
}

/// What stands in the first segment of an ICC profile.
pub(super) fn icc_segment(bytes: &[u8]) -> Option<&[u8]> {
    let mut segments = Segments::new(bytes).ok()?;
    while let Some(marker) = segments.marker().ok()?.filter(|&marker| marker != segments::SOS) {
        let content = segments.content().ok()?;
        if marker == segments::APP2
            && let Some(numbered) = content.strip_prefix(b"ICC_PROFILE\0")
        {
            return numbered.get(2..);
        }
    }
    None
}

/// Decodes a JPEG file.
///
/// A file without its end-of-image marker is decoded, with a warning: its pixels are as whole as those
/// of any other, for the stream itself tells whether they are.
///
/// # Errors
/// [`Error::ImageCorrupt`], [`Error::ImageUnsupportedFormat`], [`Error::ImageTooLarge`] and
/// [`Error::ImageTooMuchMemory`].
pub(super) fn decode(bytes: &[u8]) -> Result<Stored> {
    const FORMAT: &str = "JPEG";
    let prepared = prepare(None, bytes, None).map_err(|fault| fault.of(FORMAT))?;
    let samples = decode_samples(&prepared, ColorSpace::RGB, FORMAT)?;
    let (width, height) = (prepared.width.into(), prepared.height.into());
    let end = (!prepared.has_end).then_some(Warning::NoEndMarker);
    Ok(Stored {
        pixels: RgbImage::from_raw(width, height, samples).expect("three samples for each pixel"),
        orientation: prepared.orientation,
        warnings: end.into_iter().chain(colours::of_jpeg(bytes)).collect(),
        scale: scale::of_jfif(bytes),
    })
}

/// Decodes the strip or tile of a TIFF file, of which the file tells the colour.
///
/// `tables` is the file's `JPEGTables`; `rows` are those that the chunk may have. Samples are
/// interleaved, as many in a pixel as the colour has components; YCbCr becomes RGB.
///
/// # Errors
/// As [`decode`], naming TIFF; and another size than the file says.
pub(super) fn decode_chunk(
    tables: Option<&[u8]>,
    bytes: &[u8],
    colour: Components,
    width: usize,
    rows: RangeInclusive<usize>,
) -> Result<Vec<u8>> {
    const FORMAT: &str = "TIFF";
    let prepared = prepare(tables, bytes, Some(colour)).map_err(|fault| fault.of(FORMAT))?;
    if usize::from(prepared.width) != width || !rows.contains(&prepared.height.into()) {
        return Err(corrupt(Damage::Bytes).of(FORMAT));
    }
    let out = if colour == Components::Grey { ColorSpace::Luma } else { ColorSpace::RGB };
    decode_samples(&prepared, out, FORMAT)
}

/// Decodes a prepared stream to 8-bit samples of a colour space.
fn decode_samples(
    prepared: &CheckedStream,
    out: ColorSpace,
    format: &'static str,
) -> Result<Vec<u8>> {
    let area = u64::from(prepared.width) * u64::from(prepared.height);
    let size = area * out.num_components() as u64;
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        .jpeg_set_out_colorspace(out);
    let mut samples = vec![0; size as usize];
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&prepared.bytes), options);
    if decoder.decode_into(&mut samples).is_err() {
        // Its messages are about its own state; what they mean for the file is always this.
        return Err(corrupt(Damage::Bytes).of(format));
    }
    Ok(samples)
}

/// What the components of a JPEG stream mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Components {
    Grey,
    YCbCr,
    Rgb,
    /// Inverted, as Adobe writes it and every viewer takes it.
    Cmyk,
    Ycck,
}

impl Components {
    /// Component identifiers that the decoder takes for this colour.
    fn ids(self) -> &'static [u8] {
        match self {
            Self::Grey => &[1],
            Self::YCbCr => &[1, 2, 3],
            Self::Rgb => b"RGB",
            Self::Cmyk | Self::Ycck => &[1, 2, 3, 4],
        }
    }
}

/// Why a stream is refused, before the name of the file's format is known.
#[derive(Debug)]
enum StreamProblem {
    Corrupt(Damage),
    Unsupported(Unsupported),
    Memory,
    Limits(Error),
}

impl StreamProblem {
    fn of(self, format: &'static str) -> Error {
        match self {
            Self::Corrupt(detail) => Error::ImageCorrupt { format, detail },
            Self::Unsupported(reason) => Error::ImageUnsupportedFormat { format, reason },
            Self::Memory => Error::ImageTooMuchMemory { format, max_mib: MAX_DECODE_MIB },
            Self::Limits(error) => error,
        }
    }
}

impl From<Error> for StreamProblem {
    fn from(error: Error) -> Self {
        Self::Limits(error)
    }
}

fn corrupt(detail: Damage) -> StreamProblem {
    StreamProblem::Corrupt(detail)
}

fn unsupported(reason: Unsupported) -> StreamProblem {
    StreamProblem::Unsupported(reason)
}

/// Whether bytes behind the last coded one mean nothing: some writers fill up with zeros or ones.
fn is_padding(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, 0x00 | 0xff))
}
