//! The format of an image file by its first bytes.

use super::problem::Unsupported;
use crate::error::{Error, Result};

/// A format that is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    Tiff,
    Bmp,
    WebP,
}

/// Most bytes of a file that [`is_picture`] looks at.
pub const LONGEST_BEGINNING: usize = 12;

/// Whether a file that begins with these bytes is a picture of a format that is decoded, whatever its name says. Not of BMP,
/// whose two letters begin many a text.
pub fn is_picture(beginning: &[u8]) -> bool {
    format(beginning).is_ok_and(|format| format != Format::Bmp)
}

/// The format of a file by its first bytes.
///
/// # Errors
/// [`Error::ImageUnsupportedFormat`] for formats that people do drop and that we refuse by name,
/// [`Error::ImageNotRecognised`] for everything else.
pub(super) fn format(bytes: &[u8]) -> Result<Format> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"\x89PNG\r\n\x1a\n") {
        Ok(Format::Png)
    } else if starts(b"\xff\xd8\xff") {
        Ok(Format::Jpeg)
    } else if [b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b"].into_iter().any(|m| starts(m)) {
        Ok(Format::Tiff)
    } else if starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Ok(Format::WebP)
    } else if starts(b"BM") {
        Ok(Format::Bmp)
    } else {
        Err(match foreign_format(bytes) {
            Some((format, reason)) => Error::ImageUnsupportedFormat { format, reason },
            None => Error::ImageNotRecognised,
        })
    }
}

/// Names a format that we do not decode, and why.
fn foreign_format(bytes: &[u8]) -> Option<(&'static str, Unsupported)> {
    use Unsupported::{Document, Drawing, NoDecoder, Palette};
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"GIF8") {
        Some(("GIF", Palette))
    } else if starts(b"%PDF") {
        Some(("PDF", Document))
    } else if bytes.get(4..8) == Some(b"ftyp") {
        Some(("HEIC/AVIF/MP4", NoDecoder))
    } else if starts(b"\x00\x00\x00\x0cjP  ") || starts(b"\xff\x4f\xff\x51") {
        Some(("JPEG 2000", NoDecoder))
    } else if starts(b"\xff\x0a") || starts(b"\x00\x00\x00\x0cJXL ") {
        Some(("JPEG XL", NoDecoder))
    } else if bytes.get(128..132) == Some(b"DICM") {
        Some(("DICOM", NoDecoder))
    } else if bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'<')
        && bytes.windows(4).take(1024).any(|w| w == b"<svg")
    {
        Some(("SVG", Drawing))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_formats_are_named() {
        for (bytes, name) in [
            (&b"GIF89a"[..], "GIF"),
            (b"%PDF-1.7", "PDF"),
            (b"\0\0\0\x18ftypheic", "HEIC/AVIF/MP4"),
            (b"\xff\x4f\xff\x51", "JPEG 2000"),
            (b"\xff\x0a", "JPEG XL"),
            (&[&[0; 128][..], b"DICM"].concat(), "DICOM"),
            (b"<?xml version=\"1.0\"?>\n<svg xmlns=\"\"/>", "SVG"),
        ] {
            match format(bytes) {
                Err(Error::ImageUnsupportedFormat { format, .. }) => assert_eq!(format, name),
                other => panic!("{name}: {other:?}"),
            }
        }
        assert_eq!(format(b"hello"), Err(Error::ImageNotRecognised));
    }

    #[test]
    fn formats_are_known_by_their_content() {
        assert_eq!(format(b"MM\0\x2b\0\x08"), Ok(Format::Tiff));
        assert_eq!(format(b"RIFF\0\0\0\0WEBP"), Ok(Format::WebP));
        assert_eq!(format(b"RIFF\0\0\0\0WAVE"), Err(Error::ImageNotRecognised));
        assert!(is_picture(b"RIFF\0\0\0\0WEBP"));
        assert!(!is_picture(b"BMI of all patients"));
    }
}
