//! A map as PNG, written row by row.

use std::io::{self, Write};

use png::{BitDepth, ColorType, Encoder, PixelDimensions, Unit};

use super::Map;

pub(super) fn write(map: &Map, out: impl Write) -> io::Result<()> {
    let along = map.finest();
    let (width, height) = map.size(along);
    let mut encoder = Encoder::new(out, width, height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    let metre = (1e6 * f64::from(along) / map.patch_um).round() as u32;
    let dimensions = PixelDimensions { xppu: metre, yppu: metre, unit: Unit::Meter };
    encoder.set_pixel_dims(Some(dimensions));
    // Of international text: names of classes are in any script.
    encoder.add_itxt_chunk("Description".into(), map.description.clone())?;
    let mut header = encoder.write_header()?;
    let mut writer = header.stream_writer()?;
    let mut row = vec![[0; 4]; width as usize];
    for y in 0..height {
        map.draw(along, 0, y, &mut row);
        writer.write_all(row.as_flattened())?;
    }
    writer.finish()?;
    header.finish().map_err(Into::into)
}
