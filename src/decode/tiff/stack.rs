//! Colours that are stored as several grey pages, which the first page alone does not show.
//!
//! ImageJ, OME-TIFF and tifffile write a picture in the order C, Y, X as a grey page for each
//! channel. Nothing in them says that the channels are red, green and blue, rather than stains of
//! fluorescence; and the first alone would be judged as a grey picture.

use super::directory::{Directory, tag};
use super::{Unsupported, refused};
use crate::error::Result;

/// Refuses a page that is one channel of several.
pub(super) fn check(directory: &Directory) -> Result<()> {
    let samples = directory.number(tag::SAMPLES)?.unwrap_or(1);
    let description = directory.raw(tag::DESCRIPTION)?.unwrap_or(&[]);
    if samples == 1 && directory.next > 0 && has_channels(description) {
        return Err(refused(Unsupported::Channels));
    }
    Ok(())
}

/// Whether a description says that there are several channels.
fn has_channels(description: &[u8]) -> bool {
    // Descriptions of OME-TIFF may have megabytes; the sizes stand near the beginning.
    let head = &description[..description.len().min(1 << 16)];
    let text = String::from_utf8_lossy(head);
    let number_after = |key: &str| {
        let (_, rest) = text.split_once(key)?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse::<u32>().ok()
    };
    let several = |number: Option<u32>| number.is_some_and(|number| number > 1);
    if text.starts_with("ImageJ=") {
        several(number_after("\nchannels="))
    } else if text.contains("<OME") || text.contains("<ome:OME") {
        several(number_after("SizeC=\""))
    } else {
        // tifffile: {"shape": [3, 700, 460]}
        text.starts_with('{') && matches!(number_after("\"shape\": ["), Some(2..=4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_found_in_descriptions() {
        for (description, expected) in [
            ("ImageJ=1.54f\nimages=3\nchannels=3\nmode=composite\n", true),
            ("ImageJ=1.54f\nimages=3\nslices=3\n", false),
            (r#"<?xml version="1.0"?><OME><Pixels SizeC="3" SizeT="1">"#, true),
            (r#"<?xml version="1.0"?><OME><Pixels SizeC="1" SizeT="3">"#, false),
            (r#"{"shape": [3, 460, 700]}"#, true),
            (r#"{"shape": [460, 700]}"#, false),
            ("a field of view", false),
            ("", false),
        ] {
            assert_eq!(has_channels(description.as_bytes()), expected, "{description}");
        }
    }
}
