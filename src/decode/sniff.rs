//! What can be told of an image file from its structure, without decoding it.

use image::ImageFormat;

use crate::error::{Error, Result};

/// The format of a file by its first bytes.
///
/// # Errors
/// [`Error::ImageUnsupportedFormat`] for formats that people do drop and that we refuse by name,
/// [`Error::ImageNotRecognised`] for everything else.
pub(super) fn format(bytes: &[u8]) -> Result<ImageFormat> {
    if let Ok(
        format @ (ImageFormat::Png
        | ImageFormat::Jpeg
        | ImageFormat::Tiff
        | ImageFormat::Bmp
        | ImageFormat::WebP),
    ) = image::guess_format(bytes)
    {
        return Ok(format);
    }
    Err(match foreign_format(bytes) {
        Some((format, reason)) => {
            Error::ImageUnsupportedFormat { format, reason: reason.to_owned() }
        }
        None => Error::ImageNotRecognised,
    })
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
    } else if starts(b"II\x2b\x00") || starts(b"MM\x00\x2b") {
        Some(("BigTIFF", "it usually is a whole slide; export a field of view from it"))
    } else if bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'<')
        && bytes.windows(4).take(1024).any(|w| w == b"<svg")
    {
        Some(("SVG", "it is a drawing, not a micrograph"))
    } else {
        None
    }
}

/// Whether a JPEG stream reaches its end-of-image marker.
///
/// Walks the segments (ITU-T T.81, annex B): a marker is `FF xx`; all but the parameterless ones
/// carry a two-byte length; after start-of-scan come entropy-coded bytes, in which `FF 00` is a
/// stuffed FF and `FF D0`..`FF D7` are restart markers.
pub(super) fn jpeg_is_complete(bytes: &[u8]) -> bool {
    const SOS: u8 = 0xda;
    const EOI: u8 = 0xd9;
    let mut at = 2; // past the start-of-image marker
    loop {
        // Entropy-coded data or fill bytes: on to the next marker.
        while bytes.get(at).is_some_and(|&byte| byte != 0xff) {
            at += 1;
        }
        while bytes.get(at) == Some(&0xff) {
            at += 1;
        }
        let Some(&marker) = bytes.get(at) else { return false };
        at += 1;
        match marker {
            EOI => return true,
            0x00 | 0x01 | 0xd0..=0xd8 => {}
            _ => {
                let Some(length) = bytes.get(at..at + 2) else { return false };
                at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
                if marker == SOS && at >= bytes.len() {
                    return false;
                }
            }
        }
    }
}

/// Whether a TIFF file's first image file directory links to a second one.
pub(super) fn tiff_has_more_pages(bytes: &[u8]) -> bool {
    let little = bytes.starts_with(b"II");
    let u16_at = |at: usize| {
        let raw = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(raw) } else { u16::from_be_bytes(raw) })
    };
    let u32_at = |at: usize| {
        let raw = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(raw) } else { u32::from_be_bytes(raw) })
    };
    let next = (|| {
        let directory = u32_at(4)? as usize;
        let entries = usize::from(u16_at(directory)?);
        u32_at(directory.checked_add(2 + entries * 12)?)
    })();
    next.is_some_and(|next| next != 0)
}

/// Whether a WebP file has the animation flag in its extended header.
pub(super) fn webp_is_animated(bytes: &[u8]) -> bool {
    const ANIMATION: u8 = 0b10;
    bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & ANIMATION != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpeg_ends_with_its_own_marker_and_not_with_its_thumbnails() {
        let thumbnail = [0xff, 0xd8, 0xff, 0xd9];
        let mut jpeg = vec![0xff, 0xd8, 0xff, 0xe1, 0x00, 2 + thumbnail.len() as u8];
        jpeg.extend(thumbnail);
        // Start of scan with an empty header, then stuffed FF, restart marker, data.
        jpeg.extend([0xff, 0xda, 0x00, 0x02, 0x12, 0xff, 0x00, 0xff, 0xd0, 0x34]);
        assert!(!jpeg_is_complete(&jpeg));
        jpeg.extend([0xff, 0xd9]);
        assert!(jpeg_is_complete(&jpeg));
        for length in 0..jpeg.len() {
            assert!(!jpeg_is_complete(&jpeg[..length]), "{length}");
        }
    }

    #[test]
    fn foreign_formats_are_named() {
        for (bytes, name) in [
            (&b"GIF89a"[..], "GIF"),
            (b"%PDF-1.7", "PDF"),
            (b"\0\0\0\x18ftypheic", "HEIC, AVIF or a video"),
            (b"<?xml version=\"1.0\"?>\n<svg xmlns=\"\"/>", "SVG"),
            (b"II\x2b\x00\x08\x00", "BigTIFF"),
        ] {
            match format(bytes) {
                Err(Error::ImageUnsupportedFormat { format, .. }) => assert_eq!(format, name),
                other => panic!("{name}: {other:?}"),
            }
        }
        assert_eq!(format(b"hello"), Err(Error::ImageNotRecognised));
    }

    #[test]
    fn a_damaged_tiff_directory_is_no_page() {
        assert!(!tiff_has_more_pages(b"II\x2a\x00\xff\xff\xff\xff"));
        assert!(!tiff_has_more_pages(b"MM\x00\x2a"));
    }
}
