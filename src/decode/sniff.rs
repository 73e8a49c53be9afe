//! The format of an image file by its first bytes.

use crate::error::{Error, Result};

pub(super) const STILL: &str = "a micrograph is one still picture";

/// A format that is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    Tiff,
    Bmp,
    WebP,
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
            Some((format, reason)) => {
                Error::ImageUnsupportedFormat { format, reason: reason.to_owned() }
            }
            None => Error::ImageNotRecognised,
        })
    }
}

/// Names a format that we do not decode, and why.
fn foreign_format(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const NOT_DECODED: &str = "this program has no decoder for it";
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"GIF8") {
        Some(("GIF", "its 256 colours are too few for a stain"))
    } else if starts(b"%PDF") {
        Some(("PDF", "it is a document; export the picture from it"))
    } else if bytes.get(4..8) == Some(b"ftyp") {
        Some(("HEIC, AVIF or a video", NOT_DECODED))
    } else if starts(b"\x00\x00\x00\x0cjP  ") || starts(b"\xff\x4f\xff\x51") {
        Some(("JPEG 2000", NOT_DECODED))
    } else if starts(b"\xff\x0a") || starts(b"\x00\x00\x00\x0cJXL ") {
        Some(("JPEG XL", NOT_DECODED))
    } else if bytes.get(128..132) == Some(b"DICM") {
        Some(("DICOM", NOT_DECODED))
    } else if bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'<')
        && bytes.windows(4).take(1024).any(|w| w == b"<svg")
    {
        Some(("SVG", "it is a drawing, not a micrograph"))
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
            (b"\0\0\0\x18ftypheic", "HEIC, AVIF or a video"),
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
    }
}
