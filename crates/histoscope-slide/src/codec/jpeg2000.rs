//! JPEG 2000: codestreams as Aperio's scanners write them, in RGB or in YCbCr.

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use super::{Colour, broken};
use crate::error::Result;
use crate::limits::{MAX_TILE_PIXELS, check};
use crate::raster::Raster;

/// The standard numbers the tiles of a codestream in 16 bits.
const MAX_PARTS: u64 = u16::MAX as u64;

/// What the header says of the picture: checked before the decoder allocates anything for it.
struct Size {
    pixels: u64,
    /// Tiles of the codestream's own.
    parts: u64,
    /// Whether all components have a sample for each pixel.
    is_full: bool,
}

/// Decodes a codestream, or one in a JP2 file, to RGB8.
pub(crate) fn decode(stream: &[u8], colour: Colour) -> Result<Raster> {
    let sizes = sizes(stream).ok_or_else(|| broken("its JPEG 2000 header is damaged"))?;
    for size in &sizes {
        check("the pixels of a tile", size.pixels, MAX_TILE_PIXELS)?;
        check("the parts of a tile", size.parts, MAX_PARTS)?;
    }
    let damaged = |error| broken(format!("its JPEG 2000 stream is damaged: {error}"));
    let settings = DecodeSettings { strict: true, ..DecodeSettings::default() };
    let image = Image::new(stream, &settings).map_err(damaged)?;
    let (width, height) = (image.width(), image.height());
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(damaged)?;
    let components = decoded.components();
    let area = width as usize * height as usize;
    if components.iter().any(|component| component.samples().len() < area) {
        return Err(broken("its JPEG 2000 stream has fewer samples than pixels"));
    }
    let sample = |component: usize, at: usize| {
        let component = &components[component];
        let depth = component.bit_depth().clamp(1, 16);
        component.samples()[at] * 255.0 / ((1_u32 << depth) - 1) as f32
    };
    // A subsampled one was converted by the decoder.
    let is_full = sizes.iter().all(|size| size.is_full);
    let convert = colour == Colour::YCbCr && is_full && components.len() >= 3;
    let mut rgb = Vec::with_capacity(3 * area);
    for at in 0..area {
        let pixel = match components.len() {
            0..3 => [sample(0, at); 3],
            _ => [sample(0, at), sample(1, at), sample(2, at)],
        };
        rgb.extend(if convert { to_rgb(pixel) } else { pixel.map(byte) });
    }
    Ok(Raster { width, height, rgb })
}

fn byte(value: f32) -> u8 {
    // Saturates, and takes what is no number for 0.
    (value + 0.5) as u8
}

/// ITU-R BT.601 in full range, as in JFIF.
fn to_rgb([y, cb, cr]: [f32; 3]) -> [u8; 3] {
    let (cb, cr) = (cb - 128.0, cr - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(byte)
}

/// What all size segments claim: which of them is the picture's the boxes around it tell, and a box may hold anything.
fn sizes(stream: &[u8]) -> Option<Vec<Size>> {
    let marks =
        stream.windows(4).enumerate().filter(|(_, bytes)| *bytes == [0xff, 0x4f, 0xff, 0x51]);
    let sizes: Vec<Size> = marks.map(|(at, _)| size(&stream[at + 4..])).collect::<Option<_>>()?;
    (!sizes.is_empty()).then_some(sizes)
}

fn size(segment: &[u8]) -> Option<Size> {
    let word =
        |at: usize| Some(u64::from(u32::from_be_bytes(segment.get(at..at + 4)?.try_into().ok()?)));
    let [right, bottom, left, top] = [word(4)?, word(8)?, word(12)?, word(16)?];
    let [width, height, across, down] = [word(20)?, word(24)?, word(28)?, word(32)?];
    let count = usize::from(u16::from_be_bytes(segment.get(36..38)?.try_into().ok()?));
    if !(1..=5).contains(&count) || width == 0 || height == 0 {
        return None;
    }
    let components = segment.get(38..38 + 3 * count)?;
    let is_full = components.chunks_exact(3).all(|component| component[1..] == [1, 1]);
    let columns = right.checked_sub(across)?.div_ceil(width);
    let rows = bottom.checked_sub(down)?.div_ceil(height);
    Some(Size {
        pixels: right.checked_sub(left)? * bottom.checked_sub(top)?,
        parts: columns * rows,
        is_full,
    })
}
