//! WebP tiles, lossy and lossless.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::broken;
use crate::error::Result;
use crate::limits::{MAX_TILE_PIXELS, check};
use crate::raster::Raster;

/// Decodes a picture to RGB8; what is transparent lies over white.
pub(crate) fn decode(stream: &[u8]) -> Result<Raster> {
    let damaged = |error| broken(format!("its WebP stream is damaged: {error}"));
    let mut decoder = WebPDecoder::new(Cursor::new(stream)).map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    check("the pixels of a tile", u64::from(width) * u64::from(height), MAX_TILE_PIXELS)?;
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let mut samples = vec![0; width as usize * height as usize * channels];
    decoder.read_image(&mut samples).map_err(damaged)?;
    if channels == 4 {
        samples = samples.as_chunks::<4>().0.iter().flat_map(|&pixel| over_white(pixel)).collect();
    }
    Ok(Raster { width, height, rgb: samples })
}

/// A pixel with alpha over white.
pub(crate) fn over_white([r, g, b, alpha]: [u8; 4]) -> [u8; 3] {
    let alpha = u32::from(alpha);
    [r, g, b].map(|value| ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}
