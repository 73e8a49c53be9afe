//! What a file says of its colours beyond its samples: a profile, or a gamma. The model sees samples as
//! they are stored, as it has learned them from cameras; where viewers show other colours, the reader is
//! told. What cannot be read of it is no reason to refuse intact pixels.

use super::Warning;
use super::jpeg::icc_segment;

/// A profile with more bytes is none of sRGB.
const MAX_PROFILE_BYTES: usize = 1 << 20;

/// In PNG's hundred thousandths: the gamma that stands for sRGB, and how far another may be from it.
const SRGB_GAMMA: u32 = 45_455;
const GAMMA_TOLERANCE: u32 = 1_000;

/// Of a PNG file, by its chunks before the pixels. An `sRGB` chunk goes before the others.
pub(super) fn of_png(bytes: &[u8]) -> Option<Warning> {
    let mut rest = bytes.get(8..)?;
    let mut managed = false;
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let (kind, behind) = behind.split_first_chunk::<4>()?;
        let content = behind.get(..length)?;
        match kind {
            b"IDAT" => break,
            b"sRGB" => return None,
            b"iCCP" => managed = !inflated(content).is_some_and(|profile| is_srgb(&profile)),
            b"gAMA" => {
                let gamma = content.first_chunk().map(|raw| u32::from_be_bytes(*raw));
                managed |= gamma.is_some_and(|gamma| gamma.abs_diff(SRGB_GAMMA) > GAMMA_TOLERANCE);
            }
            _ => {}
        }
        // Behind the content stands its checksum.
        rest = behind.get(length + 4..)?;
    }
    managed.then_some(Warning::ColoursManaged)
}

/// The profile in an `iCCP` chunk: a name, a zero, the method, a zlib stream.
fn inflated(content: &[u8]) -> Option<Vec<u8>> {
    let name = content.iter().position(|&byte| byte == 0)?;
    let stream = content.get(name + 2..)?;
    fdeflate::decompress_to_vec_bounded(stream, MAX_PROFILE_BYTES).ok()
}

/// Of a JPEG file. The first segment of a long profile has its description.
pub(super) fn of_jpeg(bytes: &[u8]) -> Option<Warning> {
    icc_segment(bytes).and_then(of_profile)
}

/// Of an ICC profile.
pub(super) fn of_profile(profile: &[u8]) -> Option<Warning> {
    (!is_srgb(profile)).then_some(Warning::ColoursManaged)
}

/// Whether a profile calls itself one of sRGB, in one byte a letter or in two. One of "Linear sRGB"
/// has other tones.
fn is_srgb(profile: &[u8]) -> bool {
    let says = |name: &str| {
        let wide: Vec<u8> = name.bytes().flat_map(|letter| [0, letter]).collect();
        [name.as_bytes(), &wide]
            .iter()
            .any(|text| profile.windows(text.len()).any(|found| found == *text))
    };
    says("sRGB") && !says("inear sRGB")
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use png::{BitDepth, ColorType, Encoder, Info, ScaledFloat};

    use super::*;
    use crate::decode::decode;

    /// A PNG file of 2 x 1 pixels.
    fn png(change: impl FnOnce(&mut Info<'_>)) -> Vec<u8> {
        let mut info = Info::with_size(2, 1);
        (info.color_type, info.bit_depth) = (ColorType::Rgb, BitDepth::Eight);
        change(&mut info);
        let pixels = vec![0; info.raw_row_length() - 1];
        let mut bytes = Vec::new();
        let mut writer = Encoder::with_info(&mut bytes, info).unwrap().write_header().unwrap();
        writer.write_image_data(&pixels).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn warnings(bytes: &[u8]) -> Vec<Warning> {
        decode(bytes).unwrap().warnings
    }

    const ADOBE: &[u8] = b"profile of Adobe RGB (1998)";
    const SRGB: &[u8] = b"profile of s R G B: sRGB IEC61966-2.1";

    #[test]
    fn a_profile_and_a_gamma_in_png_are_told_of_unless_they_are_those_of_srgb() {
        let of_profile = |profile: &'static [u8]| {
            warnings(&png(|info| info.icc_profile = Some(Cow::Borrowed(profile))))
        };
        assert_eq!(of_profile(ADOBE), [Warning::ColoursManaged]);
        assert_eq!(of_profile(SRGB), []);
        assert_eq!(of_profile(b"\0s\0R\0G\0B"), []);
        assert_eq!(of_profile(b"GIMP built-in Linear sRGB"), [Warning::ColoursManaged]);
        let of_gamma = |gamma: u32| {
            warnings(&png(|info| info.source_gamma = Some(ScaledFloat::from_scaled(gamma))))
        };
        assert_eq!(of_gamma(100_000), [Warning::ColoursManaged]);
        assert_eq!(of_gamma(SRGB_GAMMA), []);
        assert_eq!(warnings(&png(|_| {})), []);
    }

    #[test]
    fn a_palette_with_a_profile_is_told_of_both() {
        let bytes = png(|info| {
            info.color_type = ColorType::Indexed;
            info.palette = Some(Cow::Borrowed(&[0; 6]));
            info.icc_profile = Some(Cow::Borrowed(ADOBE));
        });
        assert_eq!(warnings(&bytes), [Warning::FewColours, Warning::ColoursManaged]);
    }

    #[test]
    fn damage_in_what_is_said_of_colours_refuses_nothing() {
        let whole = png(|info| info.icc_profile = Some(Cow::Borrowed(SRGB)));
        let place = whole.windows(4).position(|kind| kind == b"iCCP").unwrap();
        let mut broken = whole;
        broken[place + 20] ^= 0xff;
        assert_eq!(of_png(&broken), Some(Warning::ColoursManaged));
        for end in 0..broken.len() {
            let _ = of_png(&broken[..end]);
        }
    }

    #[test]
    fn a_profile_in_jpeg_is_told_of_unless_it_is_of_srgb() {
        let with = |profile: &[u8]| {
            let content = [b"ICC_PROFILE\0\x01\x01", profile].concat();
            let length = (content.len() as u16 + 2).to_be_bytes();
            [b"\xff\xd8\xff\xe2", &length[..], &content, b"\xff\xda\0\x02"].concat()
        };
        assert_eq!(of_jpeg(&with(ADOBE)), Some(Warning::ColoursManaged));
        assert_eq!(of_jpeg(&with(SRGB)), None);
        assert_eq!(of_jpeg(b"\xff\xd8\xff\xda\0\x02"), None);
    }
}
