//! TIFF 6.0 and BigTIFF: the first page, chunk by chunk straight to RGB8.
//!
//! ```text
//! directory -> layout (where the strips and tiles lie)  \
//!           -> colour (what the samples mean)            > per chunk: expand -> samples -> RGB8
//!           -> compression                              /
//! ```
//!
//! Nothing is allocated for a chunk before its size was computed from the directory and checked. The
//! whole picture exists once, as RGB8; besides it there is one row of chunks in memory.

use image::RgbImage;
use image::metadata::Orientation;

use self::colour::Colour;
use self::compression::{Compression, JpegSize};
use self::directory::{Directory, tag};
use self::layout::Layout;
use self::samples::Samples;
use super::limits::{check_dimensions, check_memory};
use super::problem::{Damage, Unsupported};
use super::{Stored, Warning, colours, corrupt, unsupported};
use crate::error::{Error, Result};
use crate::scale::{self, Scale};

mod colour;
mod compression;
mod directory;
mod layout;
mod samples;
mod stack;
mod ycbcr;

const FORMAT: &str = "TIFF";

fn damaged(detail: Damage) -> Error {
    corrupt(FORMAT, detail)
}

fn refused(reason: Unsupported) -> Error {
    unsupported(FORMAT, reason)
}

/// Width and height of the first page as its directory has them.
pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    sides(&Directory::first(bytes).ok()?).ok()
}

fn sides(directory: &Directory) -> Result<(u32, u32)> {
    let side = |tag| -> Result<u32> {
        let side = directory.number(tag)?.unwrap_or(0);
        u32::try_from(side).ok().filter(|side| *side > 0).ok_or_else(|| damaged(Damage::Directory))
    };
    Ok((side(tag::WIDTH)?, side(tag::HEIGHT)?))
}

/// Decodes the first page.
pub(super) fn decode(bytes: &[u8]) -> Result<Stored> {
    let directory = Directory::first(bytes)?;
    let (width, height) = sides(&directory)?;
    check_dimensions(width, height)?;
    if directory.number(tag::SUBFILE)?.unwrap_or(0) & 1 == 1 {
        return Err(refused(Unsupported::Copy));
    }
    stack::check(&directory)?;

    let mut samples = Samples::read(&directory)?;
    let compression = Compression::read(&directory)?;
    let colour = Colour::read(&directory, &mut samples, &compression)?;
    let layout = Layout::read(&directory, width, height, samples.planes())?;
    let is_palette = matches!(colour, Colour::Palette(_));
    let pixels = Picture { bytes, layout, samples, compression, colour }.decode()?;

    let orientation = directory.number(tag::ORIENTATION)?.and_then(|value| {
        // A value that means nothing turns nothing.
        Orientation::from_exif(u8::try_from(value).ok()?)
    });
    let scale = scale_of(&directory);
    let profile = directory.raw(tag::ICC_PROFILE).ok().flatten();
    let warnings = [
        (directory.next > 0).then_some(Warning::SeveralPages),
        is_palette.then_some(Warning::FewColours),
        profile.and_then(colours::of_profile),
    ];
    Ok(Stored {
        pixels: RgbImage::from_raw(width, height, pixels).expect("three samples for each pixel"),
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
        warnings: warnings.into_iter().flatten().collect(),
        scale,
    })
}

/// What the directory says of the size of a pixel. Damage there is no reason to refuse intact pixels.
fn scale_of(directory: &Directory) -> Option<Scale> {
    let fraction = |tag| directory.fractions(tag).ok().flatten()?.first().copied();
    let [across, down] = [fraction(tag::X_RESOLUTION), fraction(tag::Y_RESOLUTION)];
    let density = across.zip(down).map(|(across, down)| [across, down]);
    let description = directory.raw(tag::DESCRIPTION).ok().flatten().unwrap_or(&[]);
    scale::of_description(description, density).or_else(|| {
        let unit = match directory.number(tag::RESOLUTION_UNIT).ok()?.unwrap_or(2) {
            2 => 25_400.0,
            3 => 10_000.0,
            _ => return None,
        };
        let [across, down] = density?;
        Scale::of_density(across, down, unit, scale::Source::Resolution)
    })
}

/// A page that is about to be decoded.
struct Picture<'a> {
    bytes: &'a [u8],
    layout: Layout<'a>,
    samples: Samples,
    compression: Compression<'a>,
    colour: Colour,
}

impl Picture<'_> {
    fn decode(mut self) -> Result<Vec<u8>> {
        let (width, height) = (self.layout.width, self.layout.height);
        let out_bytes = 3 * width as u64 * height as u64;
        let planes = self.samples.planes();
        let plane_bytes = self.plane_bytes(self.layout.chunk_height.min(height))?;
        let expanded = if self.compression.is_none() { 0 } else { plane_bytes * planes as u64 };
        check_memory(FORMAT, out_bytes + expanded)?;

        let mut pixels = vec![0; out_bytes as usize];
        let mut buffers = vec![Vec::new(); planes];
        let mut row = Vec::new();
        let mut deep = Vec::new();
        for chunk in 0..self.layout.across * self.layout.down {
            let place = self.layout.place(chunk);
            let length = self.plane_bytes(place.rows)?;
            let length = usize::try_from(length).map_err(|_| damaged(Damage::Directory))?;
            let mut expanded = Vec::with_capacity(planes);
            for (plane, buffer) in buffers.iter_mut().enumerate() {
                let stored = self.layout.stored(self.bytes, chunk, plane)?;
                let jpeg = JpegSize {
                    colour: self.colour.of_jpeg(planes),
                    width: self.layout.chunk_width,
                    rows: place.rows..=self.layout.chunk_height,
                };
                expanded.push(self.compression.expand(stored, jpeg, length, buffer)?);
            }
            let out = |y: usize| {
                let start = 3 * ((place.y + y) * width + place.x);
                start..start + 3 * place.columns
            };
            if let Colour::YCbCr(subsampling) = self.colour
                && !self.compression.is_jpeg()
            {
                for y in 0..place.rows {
                    let units = subsampling.row(expanded[0], self.layout.chunk_width, y);
                    ycbcr::to_rgb(units, &mut pixels[out(y)]);
                }
                continue;
            }
            let stride = length / place.rows;
            for y in 0..place.rows {
                let range = y * stride..(y + 1) * stride;
                let out = &mut pixels[out(y)];
                if self.is_rgb8() {
                    out.copy_from_slice(&expanded[0][range][..out.len()]);
                    continue;
                }
                let predictor = self.compression.predicts();
                let count = place.columns;
                self.samples.read_row(&expanded, range, count, predictor, &mut deep, &mut row);
                self.colour.to_rgb(&row, self.samples.count, out);
            }
        }
        Ok(pixels)
    }

    /// Bytes of one plane of a chunk of this many rows once it is expanded.
    fn plane_bytes(&self, rows: usize) -> Result<u64> {
        let width = self.layout.chunk_width as u64;
        if let Colour::YCbCr(subsampling) = self.colour
            && !self.compression.is_jpeg()
        {
            return Ok(subsampling.bytes(width, rows as u64));
        }
        // YCbCr in JPEG comes out as RGB.
        let bits = width.checked_mul(self.samples.in_plane() as u64 * u64::from(self.samples.bits));
        let bytes = bits.and_then(|bits| bits.div_ceil(8).checked_mul(rows as u64));
        bytes.ok_or_else(|| damaged(Damage::Directory))
    }

    /// Whether expanded rows are what is wanted already.
    fn is_rgb8(&self) -> bool {
        let is_rgb = matches!(self.colour, Colour::Rgb(None) | Colour::YCbCr(_));
        is_rgb && self.samples.is_plain_rgb8() && !self.compression.predicts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with a resolution and its unit, and perhaps a description.
    fn scale(density: [u32; 2], unit: u8, description: &[u8]) -> Option<f64> {
        let mut entries = Vec::new();
        let mut values = Vec::new();
        let values_at = 8 + 2 + 4 * 12 + 4;
        let mut entry = |tag: u16, kind: u16, count: u32, value: &[u8]| {
            entries.extend(tag.to_le_bytes());
            entries.extend(kind.to_le_bytes());
            entries.extend(count.to_le_bytes());
            if value.len() > 4 {
                entries.extend((values_at + values.len() as u32).to_le_bytes());
                values.extend(value);
            } else {
                entries.extend(value.iter().chain(&[0; 4]).take(4));
            }
        };
        let fraction = [density[0].to_le_bytes(), density[1].to_le_bytes()].concat();
        entry(tag::DESCRIPTION, 2, description.len() as u32, description);
        entry(tag::X_RESOLUTION, 5, 1, &fraction);
        entry(tag::Y_RESOLUTION, 5, 1, &fraction);
        entry(tag::RESOLUTION_UNIT, 3, 1, &[unit, 0]);
        let bytes = [b"II\x2a\0\x08\0\0\0\x04\0".to_vec(), entries, vec![0; 4], values].concat();
        scale_of(&Directory::first(&bytes).unwrap()).map(|scale| scale.um_per_pixel)
    }

    #[test]
    fn resolution_and_description_tell_the_size_of_a_pixel() {
        assert_eq!(scale([40_000, 1], 3, b""), Some(0.25));
        assert_eq!(scale([101_600, 2], 2, b""), Some(0.5));
        assert_eq!(scale([72, 1], 2, b""), None);
        assert_eq!(scale([40_000, 0], 3, b""), None);
        assert_eq!(scale([40_000, 1], 1, b""), None);
        assert_eq!(scale([4, 1], 1, b"ImageJ=1.54f\nunit=um\n"), Some(0.25));
        assert_eq!(scale([72, 1], 2, b"Aperio|MPP = 0.5|"), Some(0.5));
    }
}
