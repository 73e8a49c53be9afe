//! BMP and WebP, as the `image` crate decodes them.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::codecs::webp::WebPDecoder;
use image::error::ImageError;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, RgbImage};

use super::limits::{MAX_DECODE_MIB, check_dimensions, check_memory};
use super::problem::{Damage, Unsupported};
use super::white::flatten;
use super::{Stored, Warning, colours, corrupt, unsupported};
use crate::error::{Error, Result};

/// Width and height as the header has them.
pub(super) fn bmp_size(bytes: &[u8]) -> Option<(u32, u32)> {
    BmpDecoder::new(Cursor::new(bytes)).ok().map(|decoder| decoder.dimensions())
}

/// Width and height as the header has them.
pub(super) fn webp_size(bytes: &[u8]) -> Option<(u32, u32)> {
    WebPDecoder::new(Cursor::new(bytes)).ok().map(|decoder| decoder.dimensions())
}

pub(super) fn bmp(bytes: &[u8]) -> Result<Stored> {
    const FORMAT: &str = "BMP";
    let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(|error| classify(error, FORMAT))?;
    let pixels = read(decoder, FORMAT, 0)?;
    let warnings = bmp_has_palette(bytes).then_some(Warning::FewColours).into_iter().collect();
    Ok(Stored { pixels, orientation: Orientation::NoTransforms, warnings, scale: None })
}

/// Whether up to 8 bits make a pixel; where the header says it depends on the header's length.
fn bmp_has_palette(bytes: &[u8]) -> bool {
    let at = if bytes.get(14) == Some(&12) { 24 } else { 28 };
    bytes.get(at..at + 2).is_some_and(|raw| u16::from_le_bytes([raw[0], raw[1]]) <= 8)
}

pub(super) fn webp(bytes: &[u8]) -> Result<Stored> {
    const FORMAT: &str = "WebP";
    let mut decoder =
        WebPDecoder::new(Cursor::new(bytes)).map_err(|error| classify(error, FORMAT))?;
    if decoder.has_animation() {
        return Err(unsupported(FORMAT, Unsupported::Animated));
    }
    // A damaged EXIF block is no reason to refuse intact pixels.
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = exif.as_deref().and_then(|exif| {
        // The chunk is the EXIF block itself; many writers put JPEG's prefix before it.
        Orientation::from_exif_chunk(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif))
    });
    let managed = webp_profile(bytes).and_then(colours::of_profile);
    // Lossy pictures pass through planes, lossless ones without alpha through RGBA.
    let pixels = read(decoder, FORMAT, 4)?;
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    Ok(Stored { pixels, orientation, warnings: managed.into_iter().collect(), scale: None })
}

/// The colour profile, which stands right behind the header of the extended format.
fn webp_profile(bytes: &[u8]) -> Option<&[u8]> {
    const HEADER: usize = 30;
    bytes.get(12..16).filter(|kind| kind == b"VP8X")?;
    let (kind, rest) = bytes.get(HEADER..)?.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    (kind == b"ICCP").then(|| rest.get(..u32::from_le_bytes(*length) as usize)).flatten()
}

/// Decodes to RGB8. `extra` is what the decoder allocates itself, in bytes a pixel.
fn read(decoder: impl ImageDecoder, format: &'static str, extra: u64) -> Result<RgbImage> {
    let (width, height) = decoder.dimensions();
    check_dimensions(width, height)?;
    let area = u64::from(width) * u64::from(height);
    check_memory(format, decoder.total_bytes() + extra * area)?;
    match DynamicImage::from_decoder(decoder).map_err(|error| classify(error, format))? {
        DynamicImage::ImageRgba8(image) => {
            let pixels = flatten(image.into_raw());
            Ok(RgbImage::from_raw(width, height, pixels).expect("three samples for each pixel"))
        }
        // Both formats have no other pixels than RGB8 and RGBA8; grey would be replicated.
        image => Ok(image.into_rgb8()),
    }
}

/// Sorts a decoder's error by whose fault it is.
fn classify(error: ImageError, format: &'static str) -> Error {
    match error {
        ImageError::Limits(_) => Error::ImageTooMuchMemory { format, max_mib: MAX_DECODE_MIB },
        ImageError::Unsupported(error) => {
            unsupported(format, Unsupported::Decoder { detail: error.to_string() })
        }
        error => corrupt(format, Damage::Decoder { detail: error.to_string() }),
    }
}
