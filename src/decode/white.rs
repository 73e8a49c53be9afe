//! Transparency over white, the colour of empty glass, and 16 bits to 8.

/// One sample of a pixel whose colours are stored as they are, with its alpha.
///
/// Rounded to nearest; exact for alpha 0 and 255.
pub(super) fn over_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// One sample of a pixel whose colours are stored already multiplied with alpha ("associated").
///
/// Undoing that and laying it over white is one addition.
pub(super) fn premultiplied_over_white(sample: u8, alpha: u8) -> u8 {
    sample.saturating_add(255 - alpha)
}

/// 16 bits to 8, rounded to nearest.
pub(super) fn narrow(sample: u16) -> u8 {
    ((u32::from(sample) + 128) / 257) as u8
}

/// Turns RGBA8 into RGB8 in place.
pub(super) fn flatten(mut pixels: Vec<u8>) -> Vec<u8> {
    let count = pixels.len() / 4;
    for index in 0..count {
        let [red, green, blue, alpha] = [0, 1, 2, 3].map(|channel| pixels[index * 4 + channel]);
        for (channel, sample) in [red, green, blue].into_iter().enumerate() {
            pixels[index * 3 + channel] = over_white(sample, alpha);
        }
    }
    pixels.truncate(count * 3);
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_white_and_everything_is_itself() {
        for sample in 0..=255 {
            assert_eq!(over_white(sample, 0), 255);
            assert_eq!(over_white(sample, 255), sample);
            assert_eq!(premultiplied_over_white(sample, 255), sample);
        }
        assert_eq!(premultiplied_over_white(0, 0), 255);
    }

    #[test]
    fn both_kinds_of_alpha_give_the_same_picture() {
        for alpha in 0..=255u8 {
            for sample in 0..=255u8 {
                let stored = (u32::from(sample) * u32::from(alpha) + 127) / 255;
                let difference = premultiplied_over_white(stored as u8, alpha)
                    .abs_diff(over_white(sample, alpha));
                assert!(difference <= 1, "{sample} at {alpha}");
            }
        }
    }

    #[test]
    fn narrowing_rounds_to_nearest() {
        for sample in 0..=u16::MAX {
            assert_eq!(narrow(sample), (f64::from(sample) * 255.0 / 65535.0).round() as u8);
        }
    }

    #[test]
    fn flattening_is_pixel_by_pixel() {
        assert_eq!(flatten(vec![10, 20, 30, 255, 1, 2, 3, 0]), [10, 20, 30, 255, 255, 255]);
    }
}
