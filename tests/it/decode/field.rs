//! Real files of cameras, scanners and other decoders' tests, which are not in the repository: those of
//! `../shared/field/images`, where it is there. Each of their kinds is a fixture of our own, too.

use std::path::PathBuf;

use histoscope::decode::{Decoded, decode};
use histoscope::error::Error;
use histoscope::manifest::sha256_hex;

use crate::common;

/// What is made of a file.
enum Expected {
    /// These pixels, as another decoder sees them.
    Pixels((u32, u32), &'static str),
    /// Lossy: this size, and these means of red, green and blue, of another decoder.
    Means((u32, u32), [f64; 3]),
    Refused(&'static str),
}

const FILES: &[(&str, Expected)] = &[
    (
        "12bit.cropped.rgb.tiff",
        Expected::Pixels(
            (64, 64),
            "35e31a92962c5baa92cb3978399adc9534d85d085c881af2c31a80fb57f602ca",
        ),
    ),
    ("ball.png", Expected::Refused("it is animated")),
    ("dnl-marker.jpg", Expected::Means((194, 132), [229.33, 235.47, 238.50])),
    ("duplicate-component-ids.jpg", Expected::Means((367, 242), [34.95, 28.21, 27.67])),
    (
        "hopper_bigtiff.tif",
        Expected::Pixels(
            (128, 128),
            "87ce2dc3eea0549d83beb8013872498a3ce5267acaa22fbd26335ccb680700d5",
        ),
    ),
    ("hopper_orientation_6.webp", Expected::Means((128, 128), [89.82, 80.15, 95.66])),
    ("hopper_unknown_pixel_mode.tif", Expected::Refused("whole numbers without a defined white")),
    (
        "seq-4c-8b-rgba-50969cda.tiff",
        Expected::Pixels(
            (16, 16),
            "516c1b150e89773696af20e0dd54f8f35ada1ca61fdca76bfa30d022d5e274be",
        ),
    ),
    (
        "tiff_strip_ycbcr_jpeg_2x2_sampling.tif",
        Expected::Means((480, 360), [119.30, 131.99, 94.10]),
    ),
    (
        "tiff_tiled_planar_raw.tif",
        Expected::Pixels(
            (278, 374),
            "1d4460fa59aa117b8266e2e050bdf5e9ba1319f159f791926b97d91ae5631187",
        ),
    ),
    ("tiled-jpeg-ycbcr.tif", Expected::Means((374, 499), [82.46, 69.62, 59.52])),
];

#[test]
fn real_files_are_decoded_to_the_right_colours_or_refused_by_name() {
    let folder: PathBuf = common::root().join("../shared/field/images");
    if !folder.is_dir() {
        eprintln!("SKIPPED: {} is not there; the fixtures stand for it", folder.display());
        return;
    }
    for (file, expected) in FILES {
        let decoded = decode(&common::read(&folder.join(file)));
        check(&decoded, expected).unwrap_or_else(|problem| panic!("{file}: {problem}"));
    }
    let mut listed: Vec<&str> = FILES.iter().map(|(file, _)| *file).collect();
    listed.sort_unstable();
    let mut there: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort_unstable();
    assert_eq!(listed, there, "every file has its expectation");
}

fn check(decoded: &Result<Decoded, Error>, expected: &Expected) -> Result<(), String> {
    let (size, decoded) = match (decoded, expected) {
        (Ok(decoded), Expected::Pixels(size, _) | Expected::Means(size, _)) => (size, decoded),
        (Err(error), Expected::Refused(reason)) if error.to_string().contains(reason) => {
            return Ok(());
        }
        (Err(error), _) => return Err(error.to_string()),
        (Ok(_), _) => return Err("decoded".into()),
    };
    if decoded.pixels.dimensions() != *size {
        return Err(format!("{:?}", decoded.pixels.dimensions()));
    }
    match expected {
        Expected::Pixels(_, digest) if sha256_hex(decoded.pixels.as_raw()) != *digest => {
            Err("other pixels".into())
        }
        Expected::Means(_, means) => {
            let mut sums = [0u64; 3];
            for pixel in decoded.pixels.pixels() {
                sums.iter_mut().zip(pixel.0).for_each(|(sum, value)| *sum += u64::from(value));
            }
            let count = f64::from(size.0) * f64::from(size.1);
            let found = sums.map(|sum| sum as f64 / count);
            let is_near = found.iter().zip(means).all(|(a, b)| (a - b).abs() < 0.5);
            is_near.then_some(()).ok_or_else(|| format!("mean colour {found:?}"))
        }
        _ => Ok(()),
    }
}
