//! A picture of which a part is missing is never taken for a whole one.

use histoscope::decode::decode;
use histoscope::error::Error;
use histoscope::warning::Warning;

use crate::common;

/// JPEG files of every form: baseline, progressive, with restarts, grey, with inks.
const FORMS: [&str; 6] = [
    "good/jpeg_420.jpg",
    "good/jpeg_444.jpg",
    "good/jpeg_progressive.jpg",
    "good/jpeg_restart.jpg",
    "good/jpeg_grey.jpg",
    "good/jpeg_cmyk.jpg",
];

fn bytes(file: &str) -> Vec<u8> {
    common::read(&common::fixture(file))
}

/// Where the coded bytes of the first scan begin.
fn first_coded_byte(jpeg: &[u8]) -> usize {
    let mut at = 2;
    loop {
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        let marker = jpeg[at + 1];
        at += 2 + length;
        if marker == 0xda {
            return at;
        }
    }
}

fn is_refused(jpeg: &[u8]) -> bool {
    match decode(jpeg) {
        Ok(_) => false,
        Err(Error::ImageCorrupt { format: "JPEG", .. }) => true,
        Err(other) => panic!("refused for another reason: {other}"),
    }
}

#[test]
fn a_cut_picture_with_an_end_marker_is_refused() {
    for file in FORMS {
        let whole = bytes(file);
        let coded = first_coded_byte(&whole);
        for part in 1..100 {
            let mut cut = whole[..coded + (whole.len() - 2 - coded) * part / 100].to_vec();
            cut.extend(b"\xff\xd9");
            assert!(is_refused(&cut), "{file} cut to {part} %");
        }
    }
}

#[test]
fn an_overwritten_picture_is_refused() {
    for file in FORMS {
        let whole = bytes(file);
        let coded = first_coded_byte(&whole);
        let quarter = (whole.len() - coded) / 4;
        for byte in [0x00, 0x55, 0xaa, 0x80] {
            for start in [coded, coded + quarter, coded + 2 * quarter] {
                let mut spoilt = whole.clone();
                spoilt[start..start + quarter].fill(byte);
                assert!(is_refused(&spoilt), "{file}: {byte:#x} from {start}");
            }
        }
    }
}

#[test]
fn a_missing_stretch_is_refused_nearly_nine_times_of_ten() {
    // Now and then the codes fall into step again after just as many blocks; nobody can tell. That
    // happens to 23 of these 234.
    let mut missed = 0;
    let mut tried = 0;
    for file in FORMS {
        let whole = bytes(file);
        let coded = first_coded_byte(&whole);
        for part in 1..40 {
            let start = coded + (whole.len() - coded - 80) * part / 40;
            let mut short = whole.clone();
            short.drain(start..start + 64);
            tried += 1;
            missed += usize::from(!is_refused(&short));
        }
    }
    assert!(missed * 9 < tried, "{missed} of {tried} were taken for whole");
}

#[test]
fn a_missing_restart_interval_is_refused() {
    let whole = bytes("good/jpeg_restart.jpg");
    let coded = first_coded_byte(&whole);
    let marks: Vec<usize> = (coded..whole.len() - 1)
        .filter(|at| whole[*at] == 0xff && (0xd0..=0xd7).contains(&whole[at + 1]))
        .collect();
    assert!(marks.len() > 20);
    // One interval; eight, after which the numbers of the markers go on as if nothing were missing.
    for (from, to) in [(3, 4), (3, 11), (0, 8), (marks.len() - 9, marks.len() - 1)] {
        let mut short = whole.clone();
        short.drain(marks[from]..marks[to]);
        assert!(is_refused(&short), "intervals {from} to {to}");
    }
}

#[test]
fn missing_scans_of_a_progressive_picture_are_refused() {
    let whole = bytes("good/jpeg_progressive.jpg");
    let coded = first_coded_byte(&whole);
    // Each start of a segment behind the first scan is an end that looks whole.
    let ends: Vec<usize> = (coded..whole.len() - 2)
        .filter(|at| whole[*at] == 0xff && matches!(whole[at + 1], 0xc4 | 0xda))
        .collect();
    assert!(ends.len() > 8);
    for end in ends {
        let mut cut = whole[..end].to_vec();
        cut.extend(b"\xff\xd9");
        assert!(is_refused(&cut), "cut at {end}");
    }
}

#[test]
fn what_only_looks_like_damage_is_read() {
    for file in FORMS {
        let whole = bytes(file);
        let pixels = decode(&whole).unwrap().pixels;
        let body = &whole[..whole.len() - 2];
        let padded = [body, &[0; 40], b"\xff\xd9", b"whatever follows the end"].concat();
        let decoded = decode(&padded).unwrap();
        assert_eq!(decoded.pixels, pixels, "{file}, padded");
        assert!(decoded.warnings.is_empty());
        let decoded = decode(body).unwrap();
        assert_eq!(decoded.pixels, pixels, "{file}, without its end marker");
        assert_eq!(decoded.warnings, [Warning::NoEndMarker]);
    }
}

/// The decoder has other code with AVX2 than in a browser; the pixels are the same.
#[test]
fn vectors_change_no_pixel() {
    use zune_jpeg::JpegDecoder;
    use zune_jpeg::zune_core::bytestream::ZCursor;
    use zune_jpeg::zune_core::options::DecoderOptions;
    for file in FORMS {
        let whole = bytes(file);
        let pixels = |vectors| {
            let options = DecoderOptions::default().set_use_unsafe(vectors);
            JpegDecoder::new_with_options(ZCursor::new(&whole), options).decode().unwrap()
        };
        assert_eq!(pixels(true), pixels(false), "{file}");
    }
}
