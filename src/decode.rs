//! Bytes of an image file to RGB8 pixels, under explicit limits.
//!
//! The content decides the format, never the file's name. Dimensions are checked before any pixel
//! is allocated. What is decoded is what a viewer shows: the EXIF orientation is applied, alpha is
//! composited over white (the colour of empty glass), 16 bits are rounded to 8, grey is replicated.
//! What cannot be decoded faithfully (animation, GIF, floating point) is refused by name.

use std::io::Cursor;

use image::error::ImageError;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

use crate::error::{Error, Result};

mod sniff;

/// Largest width and height in pixels.
pub const MAX_SIDE: u32 = 20_000;
/// Largest area, in millions of pixels: 384 MiB as RGB8.
pub const MAX_MEGAPIXELS: u32 = 128;
/// Most memory that a decoder may allocate, in MiB; 128 megapixels of 16-bit RGBA.
pub const MAX_DECODE_MIB: u64 = 1024;
/// Largest file: 128 megapixels of uncompressed RGB8 and some metadata.
pub const MAX_FILE_BYTES: u64 = 512 << 20;

/// A decoded image and what its reader should know about the decoding.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// RGB8, row-major, upright.
    pub pixels: RgbImage,
    /// Sentences for the report.
    pub warnings: Vec<String>,
}

/// Decodes one image file.
///
/// # Errors
/// An [`Error`] whose fault is the image or the limits; see the variants.
pub fn decode(bytes: &[u8]) -> Result<Decoded> {
    if bytes.is_empty() {
        return Err(Error::ImageEmpty);
    }
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Error::FileTooLarge { bytes: bytes.len() as u64, max_bytes: MAX_FILE_BYTES });
    }
    let format = sniff::format(bytes)?;
    let name = format_name(format);
    let mut warnings = Vec::new();
    match format {
        ImageFormat::Tiff if sniff::tiff_has_more_pages(bytes) => {
            warnings.push("The TIFF file has several pages; only the first was read.".into());
        }
        ImageFormat::WebP if sniff::webp_is_animated(bytes) => {
            return Err(Error::ImageUnsupportedFormat {
                format: "animated WebP",
                reason: "a micrograph is one still picture".into(),
            });
        }
        _ => {}
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    // Sides and area are checked below, with a message that names the size; here only the memory.
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODE_MIB << 20);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| classify(error, name))?;

    let (width, height) = decoder.dimensions();
    check_dimensions(width, height)?;
    if format == ImageFormat::Jpeg && !sniff::jpeg_is_complete(bytes) {
        // The decoder would fill what is missing with grey, and the model would judge that.
        return Err(Error::ImageCorrupt {
            format: name,
            detail: "it ends before its end-of-image marker".into(),
        });
    }
    if matches!(decoder.color_type(), ColorType::Rgb32F | ColorType::Rgba32F) {
        return Err(Error::ImageUnsupportedFormat {
            format: name,
            reason: "its samples are floating point numbers without a defined white".into(),
        });
    }
    // A damaged EXIF block is no reason to refuse intact pixels.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| classify(error, name))?;
    image.apply_orientation(orientation);
    Ok(Decoded { pixels: over_white(image), warnings })
}

fn check_dimensions(width: u32, height: u32) -> Result<()> {
    let area = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || area > u64::from(MAX_MEGAPIXELS) * 1_000_000 {
        return Err(Error::ImageTooLarge {
            width,
            height,
            max_side: MAX_SIDE,
            max_megapixels: MAX_MEGAPIXELS,
        });
    }
    Ok(())
}

/// Converts to RGB8; what is transparent becomes white.
fn over_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let rgba = image.into_rgba8();
    let (width, height) = rgba.dimensions();
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    for &[r, g, b, a] in rgba.as_raw().as_chunks::<4>().0 {
        let a = u32::from(a);
        for channel in [r, g, b] {
            // Rounded to nearest; exact for a = 0 and a = 255.
            rgb.push(((u32::from(channel) * a + 255 * (255 - a) + 127) / 255) as u8);
        }
    }
    RgbImage::from_raw(width, height, rgb).expect("three bytes were pushed for each pixel")
}

fn format_name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::Bmp => "BMP",
        ImageFormat::WebP => "WebP",
        _ => unreachable!("sniff::format returns no other"),
    }
}

/// Sorts a decoder's error by whose fault it is.
fn classify(error: ImageError, format: &'static str) -> Error {
    match error {
        ImageError::Limits(_) => Error::ImageTooMuchMemory { format, max_mib: MAX_DECODE_MIB },
        ImageError::Unsupported(error) => {
            Error::ImageUnsupportedFormat { format, reason: error.to_string() }
        }
        error => Error::ImageCorrupt { format, detail: error.to_string() },
    }
}
