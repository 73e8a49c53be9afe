//! Bytes of an image file to RGB8 pixels, under explicit limits.
//!
//! The content decides the format, never the file's name. Dimensions and memory are checked from the
//! headers before any pixel is allocated. What is decoded is what a viewer shows: the orientation is
//! applied, alpha is laid over white (the colour of empty glass), 16 bits are rounded to 8, grey is
//! replicated. What cannot be decoded faithfully (animation, GIF, floating point) is refused by name,
//! and what is damaged is never judged as if it were whole.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

pub use self::limits::{MAX_DECODE_MIB, MAX_FILE_BYTES, MAX_MEGAPIXELS, MAX_SIDE};
pub use self::problem::{Damage, Unsupported};
use self::sniff::Format;
pub use self::sniff::{LONGEST_BEGINNING, is_picture};
use crate::error::{Error, Result};
use crate::scale::Scale;
use crate::warning::Warning;

mod colours;
mod jpeg;
mod limits;
mod png;
mod problem;
mod raster;
mod sniff;
mod tiff;
mod white;

/// A decoded image and what its reader should know about the decoding.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// RGB8, row-major, upright.
    pub pixels: RgbImage,
    /// For the report.
    pub warnings: Vec<Warning>,
    /// What the file says of the size of a pixel.
    pub scale: Option<Scale>,
}

/// Pixels as they are stored, not yet turned.
struct Stored {
    pixels: RgbImage,
    orientation: Orientation,
    warnings: Vec<Warning>,
    scale: Option<Scale>,
}

/// Decodes one image file.
///
/// # Errors
/// An [`Error`] whose fault is the image or the limits; see the variants.
pub fn decode(bytes: &[u8]) -> Result<Decoded> {
    if bytes.is_empty() {
        return Err(Error::ImageEmpty);
    }
    limits::check_file(bytes.len() as u64)?;
    let Stored { pixels, orientation, warnings, scale } = match sniff::format(bytes)? {
        Format::Png => png::decode(bytes)?,
        Format::Jpeg => jpeg::decode(bytes)?,
        Format::Tiff => tiff::decode(bytes)?,
        Format::Bmp => raster::bmp(bytes)?,
        Format::WebP => raster::webp(bytes)?,
    };
    let mut image = DynamicImage::ImageRgb8(pixels);
    image.apply_orientation(orientation);
    Ok(Decoded { pixels: image.into_rgb8(), warnings, scale })
}

/// Width and height as the file's headers have them, before it is turned and whether or not the rest
/// of it is sound. `None` where they cannot be read.
pub fn announced_size(bytes: &[u8]) -> Option<(u32, u32)> {
    match sniff::format(bytes).ok()? {
        Format::Png => png::size(bytes),
        Format::Jpeg => jpeg::size(bytes),
        Format::Tiff => tiff::size(bytes),
        Format::Bmp => raster::bmp_size(bytes),
        Format::WebP => raster::webp_size(bytes),
    }
}

fn corrupt(format: &'static str, detail: Damage) -> Error {
    Error::ImageCorrupt { format, detail }
}

fn unsupported(format: &'static str, reason: Unsupported) -> Error {
    Error::ImageUnsupportedFormat { format, reason }
}
