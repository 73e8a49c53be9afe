//! PNG, row by row straight to RGB8, so that 16 bits and alpha take no second picture.

use std::io::Cursor;

use image::RgbImage;
use image::metadata::Orientation;
use png::{
    BitDepth, ColorType, Decoder, DecodingError, InterlaceInfo, Limits, Transformations, Unit,
};

use super::limits::{MAX_DECODE_MIB, check_dimensions, check_memory};
use super::problem::{Damage, Unsupported};
use super::white::{narrow, over_white};
use super::{Stored, Warning, colours, corrupt, unsupported};
use crate::error::{Error, Result};
use crate::scale::{Scale, Source};

const FORMAT: &str = "PNG";

/// Width and height as the header has them.
pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    Decoder::new(Cursor::new(bytes)).read_header_info().ok().map(|info| info.size())
}

pub(super) fn decode(bytes: &[u8]) -> Result<Stored> {
    let limits = Limits { bytes: (MAX_DECODE_MIB << 20) as usize };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    // Palettes, single bits and transparent colours become samples of 8 bits.
    decoder.set_transformations(Transformations::EXPAND);
    let (width, height) = decoder.read_header_info().map_err(classify)?.size();
    check_dimensions(width, height)?;
    check_memory(FORMAT, 3 * u64::from(width) * u64::from(height))?;

    let mut reader = decoder.read_info().map_err(classify)?;
    let info = reader.info();
    if info.animation_control.is_some_and(|animation| animation.num_frames > 1) {
        return Err(unsupported(FORMAT, Unsupported::Animated));
    }
    // A damaged EXIF block is no reason to refuse intact pixels.
    let orientation = info.exif_metadata.as_deref().and_then(Orientation::from_exif_chunk);
    let scale = info.pixel_dims.filter(|dims| dims.unit == Unit::Meter).and_then(|dims| {
        let [across, down] = [dims.xppu, dims.yppu].map(f64::from);
        Scale::of_density(across, down, 1e6, Source::Resolution)
    });
    let interlaced = info.interlaced;
    let palette = (info.color_type == ColorType::Indexed).then_some(Warning::FewColours);

    let kind = reader.output_color_type();
    let stride = 3 * width as usize;
    let mut pixels = vec![0; stride * height as usize];
    if interlaced {
        let mut rgb = vec![0; stride];
        while let Some(row) = reader.next_interlaced_row().map_err(classify)? {
            let count = to_rgb(kind, row.data(), &mut rgb);
            if let InterlaceInfo::Adam7(place) = row.interlace() {
                png::expand_interlaced_row(&mut pixels, stride, &rgb[..3 * count], place, 24);
            }
        }
    } else if kind == (ColorType::Rgb, BitDepth::Eight) {
        reader.next_frame(&mut pixels).map_err(classify)?;
    } else {
        let mut rows = pixels.chunks_exact_mut(stride);
        while let Some(row) = reader.next_row().map_err(classify)? {
            to_rgb(kind, row.data(), rows.next().expect("as many rows as the height"));
        }
    }
    Ok(Stored {
        pixels: RgbImage::from_raw(width, height, pixels).expect("three samples for each pixel"),
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
        warnings: palette.into_iter().chain(colours::of_png(bytes)).collect(),
        scale,
    })
}

/// Converts a row and returns its number of pixels.
fn to_rgb((colour, depth): (ColorType, BitDepth), row: &[u8], rgb: &mut [u8]) -> usize {
    match depth {
        BitDepth::Sixteen => {
            // Big-endian.
            let sample = |row: &[u8], index: usize| {
                narrow(u16::from_be_bytes([row[2 * index], row[2 * index + 1]]))
            };
            pixels_to_rgb(colour, row, 2, sample, rgb)
        }
        _ => pixels_to_rgb(colour, row, 1, |row, index| row[index], rgb),
    }
}

fn pixels_to_rgb(
    colour: ColorType,
    row: &[u8],
    bytes: usize,
    sample: impl Fn(&[u8], usize) -> u8,
    rgb: &mut [u8],
) -> usize {
    let (samples, alpha) = match colour {
        ColorType::Grayscale | ColorType::Indexed => (1, None),
        ColorType::GrayscaleAlpha => (2, Some(1)),
        ColorType::Rgb => (3, None),
        ColorType::Rgba => (4, Some(3)),
    };
    let is_grey = samples < 3;
    let pixels = row.chunks_exact(samples * bytes);
    let count = pixels.len();
    for (pixel, out) in pixels.zip(rgb.as_chunks_mut::<3>().0) {
        *out = [0, 1, 2].map(|channel| sample(pixel, if is_grey { 0 } else { channel }));
        if let Some(alpha) = alpha.map(|index| sample(pixel, index)) {
            *out = out.map(|sample| over_white(sample, alpha));
        }
    }
    count
}

fn classify(error: DecodingError) -> Error {
    match error {
        DecodingError::LimitsExceeded => {
            Error::ImageTooMuchMemory { format: FORMAT, max_mib: MAX_DECODE_MIB }
        }
        error => corrupt(FORMAT, Damage::Decoder { detail: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_pixel_is_read_where_it_is_that_of_a_microscope() {
        let encode = |per_metre: u32, unit: Unit| {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
            encoder.set_color(ColorType::Rgb);
            encoder.set_pixel_dims(Some(png::PixelDimensions {
                xppu: per_metre,
                yppu: per_metre,
                unit,
            }));
            encoder.write_header().unwrap().write_image_data(&[0; 6]).unwrap();
            decode(&bytes).unwrap().scale.map(|scale| scale.um_per_pixel)
        };
        assert_eq!(encode(4_000_000, Unit::Meter), Some(0.25));
        assert_eq!(encode(4_000_000, Unit::Unspecified), None);
        assert_eq!(encode(11_811, Unit::Meter), None, "300 dots per inch");
    }
}
