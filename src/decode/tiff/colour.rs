//! What the samples of a page mean.

use super::compression::Compression;
use super::directory::{Directory, tag};
use super::samples::Samples;
use super::ycbcr::{self, Subsampling};
use super::{Damage, Unsupported, damaged, refused};
use crate::decode::jpeg;
use crate::decode::white::{over_white, premultiplied_over_white};
use crate::error::Result;

#[derive(Debug)]
pub(super) enum Colour {
    Grey { inverted: bool, alpha: Option<Alpha> },
    Rgb(Option<Alpha>),
    Palette(Vec<[u8; 3]>),
    Cmyk,
    YCbCr(Subsampling),
}

/// Transparency in the first sample behind the colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alpha {
    /// The colours are multiplied with it.
    Associated,
    Unassociated,
}

impl Colour {
    /// # Errors
    /// Colour spaces that are not read are refused by name, and depths that one cannot have.
    pub(super) fn read(
        directory: &Directory,
        samples: &mut Samples,
        compression: &Compression,
    ) -> Result<Self> {
        let photometric = directory.number(tag::PHOTOMETRIC)?;
        let colours = match photometric {
            Some(0 | 1 | 3) => 1,
            Some(2 | 6) => 3,
            Some(5) => 4,
            Some(4) => return Err(refused(Unsupported::Colours)),
            Some(8..=10) => return Err(refused(Unsupported::Lab)),
            Some(32803 | 34892) => return Err(refused(Unsupported::Sensor)),
            Some(_) => return Err(refused(Unsupported::Colours)),
            None => return Err(damaged(Damage::Directory)),
        };
        if samples.count < colours {
            return Err(damaged(Damage::Directory));
        }
        if compression.is_jpeg() && (samples.bits != 8 || samples.count != colours || colours > 3) {
            return Err(refused(Unsupported::Colours));
        }
        if compression.predicts() && !matches!(samples.bits, 8 | 16) {
            return Err(refused(Unsupported::Samples));
        }
        if colours > 1 && samples.bits < 8 {
            return Err(refused(Unsupported::Colours));
        }
        let alpha = alpha(directory, samples, colours)?;
        // Microscopes write a grey sample for each stain: the first alone is not the picture.
        let is_grey = matches!(photometric, Some(0 | 1));
        if is_grey && samples.count > 1 + usize::from(alpha.is_some()) {
            return Err(refused(Unsupported::Stains));
        }
        Ok(match photometric {
            Some(photometric @ (0 | 1)) => Self::Grey { inverted: photometric == 0, alpha },
            Some(2) => Self::Rgb(alpha),
            Some(3) => {
                samples.are_indices = true;
                Self::Palette(palette(directory, samples)?)
            }
            Some(5) => {
                if directory.number(tag::INK_SET)?.unwrap_or(1) != 1 {
                    return Err(refused(Unsupported::Colours));
                }
                Self::Cmyk
            }
            _ => Self::YCbCr(ycbcr::read(directory, samples, compression)?),
        })
    }

    /// What the components of a JPEG chunk are, where the page has so many planes.
    pub(super) fn of_jpeg(&self, planes: usize) -> jpeg::Components {
        match self {
            _ if planes > 1 => jpeg::Components::Grey,
            Self::YCbCr(_) => jpeg::Components::YCbCr,
            Self::Rgb(_) | Self::Cmyk => jpeg::Components::Rgb,
            Self::Grey { .. } | Self::Palette(_) => jpeg::Components::Grey,
        }
    }

    /// Converts interleaved pixels of `count` 8-bit samples.
    pub(super) fn to_rgb(&self, row: &[u8], count: usize, out: &mut [u8]) {
        let pixels = row.chunks_exact(count).zip(out.as_chunks_mut::<3>().0);
        match self {
            Self::Grey { inverted, alpha } => {
                for (pixel, out) in pixels {
                    let grey = if *inverted { 255 - pixel[0] } else { pixel[0] };
                    *out = [over(grey, *alpha, pixel, 1); 3];
                }
            }
            Self::Rgb(alpha) => {
                for (pixel, out) in pixels {
                    *out = [0, 1, 2].map(|channel| over(pixel[channel], *alpha, pixel, 3));
                }
            }
            Self::Palette(colours) => {
                for (pixel, out) in pixels {
                    *out = colours[usize::from(pixel[0])];
                }
            }
            Self::Cmyk => {
                for (pixel, out) in pixels {
                    let light = 255 - u32::from(pixel[3]);
                    *out = [0, 1, 2].map(|ink| {
                        ((255 - u32::from(pixel[ink])) * light + 127).div_euclid(255) as u8
                    });
                }
            }
            // JPEG gave RGB; without JPEG, another way is taken.
            Self::YCbCr(_) => {
                for (pixel, out) in pixels {
                    *out = [pixel[0], pixel[1], pixel[2]];
                }
            }
        }
    }
}

fn over(sample: u8, alpha: Option<Alpha>, pixel: &[u8], at: usize) -> u8 {
    match alpha {
        None => sample,
        Some(Alpha::Associated) => premultiplied_over_white(sample, pixel[at]),
        Some(Alpha::Unassociated) => over_white(sample, pixel[at]),
    }
}

/// The meaning of the first sample behind the colours (TIFF 6.0, section 18).
fn alpha(directory: &Directory, samples: &Samples, colours: usize) -> Result<Option<Alpha>> {
    if samples.count == colours {
        return Ok(None);
    }
    let extra = directory.numbers(tag::EXTRA_SAMPLES)?.and_then(|extra| extra.get(0));
    Ok(match extra {
        Some(1) => Some(Alpha::Associated),
        Some(2) => Some(Alpha::Unassociated),
        // A fourth sample of which nothing is said is alpha to every viewer.
        None if samples.count == colours + 1 && colours == 3 => Some(Alpha::Unassociated),
        _ => None,
    })
}

/// The colour map: all reds, all greens, all blues, of 16 bits.
fn palette(directory: &Directory, samples: &Samples) -> Result<Vec<[u8; 3]>> {
    if samples.bits > 8 {
        return Err(refused(Unsupported::Colours));
    }
    let size = 1 << samples.bits;
    let map = directory.numbers(tag::COLOUR_MAP)?.filter(|map| map.len() >= 3 * size);
    let map = map.ok_or_else(|| damaged(Damage::Directory))?;
    // Some writers fill in 8 bits.
    let shift = if map.iter().all(|value| value < 256) { 0 } else { 8 };
    let value = |index| (map.get(index).unwrap_or(0) >> shift) as u8;
    Ok((0..size).map(|index| [0, 1, 2].map(|channel| value(channel * size + index))).collect())
}
