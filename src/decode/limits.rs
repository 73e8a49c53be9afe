//! The limits of decoding, and the checks that come before anything is allocated.

use crate::error::{Error, Result};

/// Largest width and height in pixels.
pub const MAX_SIDE: u32 = 20_000;
/// Largest area, in millions of pixels: 384 MB as RGB8.
pub const MAX_MEGAPIXELS: u32 = 128;
/// Most memory that the decoding of one image may take at once, the file's own bytes apart, in MiB.
pub const MAX_DECODE_MIB: u64 = 1024;
/// Largest file: 128 megapixels of uncompressed RGB8 and some metadata.
pub const MAX_FILE_BYTES: u64 = 512 << 20;

/// Refuses a file that is longer than [`MAX_FILE_BYTES`].
pub(super) fn check_file(bytes: u64) -> Result<()> {
    if bytes > MAX_FILE_BYTES {
        return Err(Error::FileTooLarge { bytes, max_bytes: MAX_FILE_BYTES });
    }
    Ok(())
}

/// Refuses sides beyond [`MAX_SIDE`] and areas beyond [`MAX_MEGAPIXELS`].
pub(super) fn check_dimensions(width: u32, height: u32) -> Result<()> {
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

/// Refuses what would take more than [`MAX_DECODE_MIB`].
///
/// `bytes` is an estimate from the headers: the buffers that grow with the picture, and no tables.
pub(super) fn check_memory(format: &'static str, bytes: u64) -> Result<()> {
    if bytes > MAX_DECODE_MIB << 20 {
        return Err(Error::ImageTooMuchMemory { format, max_mib: MAX_DECODE_MIB });
    }
    Ok(())
}
