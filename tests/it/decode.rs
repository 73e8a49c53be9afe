//! Every fixture decodes to the pixels, or fails with the code, that `tests/fixtures/index.json`
//! says; the expectations were computed by the fixtures' generator with another decoder.

mod damage;
mod field;
mod limits;

use crate::common;
use histoscope::decode::{Decoded, decode};
use histoscope::error::{Error, Fault};
use histoscope::manifest::sha256_hex;
use histoscope::warning::Warning;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    file: String,
    what: String,
    expect: String,
    width: Option<u32>,
    height: Option<u32>,
    rgb8_sha256: Option<String>,
    /// A fixture that a lossy one resembles.
    like: Option<String>,
    max_mean_abs_diff: Option<f64>,
    #[serde(default)]
    codes: Vec<String>,
}

fn fixtures() -> Vec<Fixture> {
    let index = common::json(&common::fixture("index.json"));
    serde_json::from_value(index).unwrap()
}

fn open(file: &str) -> Result<Decoded, Error> {
    decode(&common::read(&common::fixture(file)))
}

/// Decodes and, as the pipeline does, refuses what is smaller than a patch.
fn open_for_patches(file: &str) -> Result<Decoded, Error> {
    let decoded = open(file)?;
    let (width, height) = decoded.pixels.dimensions();
    histoscope::grid::Grid::new(width, height, 224, 224)?;
    Ok(decoded)
}

/// As sides in any order: headers do not turn an image.
fn sides((width, height): (u32, u32)) -> [u32; 2] {
    [width.min(height), width.max(height)]
}

#[test]
fn every_image_announces_the_size_that_it_has() {
    let fixtures = fixtures();
    let mut silent = Vec::new();
    for fixture in fixtures.iter().filter(|fixture| fixture.expect == "decode") {
        let (Some(width), Some(height)) = (fixture.width, fixture.height) else { continue };
        match histoscope::decode::announced_size(&common::read(&common::fixture(&fixture.file))) {
            Some(size) => assert_eq!(sides(size), sides((width, height)), "{}", fixture.file),
            None => silent.push(fixture.file.as_str()),
        }
    }
    // Their height stands behind the first scan.
    assert!(silent.iter().all(|file| file.contains("dnl")), "{silent:?}");
}

fn check(fixture: &Fixture) -> Result<(), String> {
    let is_small = fixture.codes.iter().any(|code| code == "image_too_small");
    let opened = if is_small { open_for_patches(&fixture.file) } else { open(&fixture.file) };
    let decoded = match opened {
        Ok(_) if fixture.expect == "error" => {
            return Err(format!("decoded, expected {:?}", fixture.codes));
        }
        Ok(decoded) => decoded,
        Err(error) => {
            let expected = fixture.codes.iter().any(|code| code == error.code());
            return if fixture.expect != "decode" && expected {
                Ok(())
            } else {
                Err(format!("{} ({error}), expected {:?}", error.code(), fixture.codes))
            };
        }
    };
    let (width, height) = decoded.pixels.dimensions();
    if (Some(width), Some(height)) != (fixture.width, fixture.height) {
        return Err(format!("{width}x{height}"));
    }
    if let Some(expected) = &fixture.rgb8_sha256
        && sha256_hex(decoded.pixels.as_raw()) != *expected
    {
        return Err("other pixels than expected".into());
    }
    if let (Some(like), Some(limit)) = (&fixture.like, fixture.max_mean_abs_diff) {
        let other = open(like).map_err(|error| format!("{like}: {error}"))?.pixels;
        if other.dimensions() != (width, height) {
            return Err(format!("another size than {like}"));
        }
        let pairs = decoded.pixels.as_raw().iter().zip(other.as_raw());
        let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        let mean = sum as f64 / other.as_raw().len() as f64;
        if mean > limit {
            return Err(format!("mean difference to {like} is {mean:.2}, the limit {limit}"));
        }
    }
    Ok(())
}

#[test]
fn every_fixture_gets_what_its_index_says() {
    let fixtures = fixtures();
    assert!(fixtures.len() > 150, "the index lists only {} files", fixtures.len());
    let failures: Vec<String> = fixtures
        .iter()
        .filter_map(|fixture| {
            let problem = check(fixture).err()?;
            Some(format!("{} ({}): {problem}", fixture.file, fixture.what))
        })
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn several_pages_are_mentioned() {
    let warnings = open("good/tiff_two_pages.tif").unwrap().warnings;
    assert_eq!(warnings, [Warning::SeveralPages]);
    assert!(open("good/tiff_raw.tif").unwrap().warnings.is_empty());
}

#[test]
fn a_palette_is_mentioned() {
    for file in ["png_palette.png", "png_palette_alpha.png", "tiff_palette.tif", "bmp_palette.bmp"]
    {
        let warnings = open(&format!("good/{file}")).unwrap().warnings;
        assert_eq!(warnings, [Warning::FewColours], "{file}");
    }
    for file in ["png_rgb8.png", "png_grey8.png", "tiff_raw.tif", "bmp_rgb24.bmp", "jpeg_444.jpg"] {
        assert_eq!(open(&format!("good/{file}")).unwrap().warnings, [], "{file}");
    }
}

#[test]
fn reasons_are_true() {
    for (file, reason) in [
        ("bad/animated.png", "PNG is not supported: it is animated"),
        ("bad/animated.webp", "WebP is not supported: it is animated"),
        ("bad/tiff_uint32.tif", "whole numbers without a defined white"),
        ("bad/tiff_floats.tif", "floating point"),
        ("bad/tiff_signed.tif", "numbers with a sign"),
        ("bad/tiff_fax.tif", "fax"),
        ("bad/tiff_lab.tif", "L*a*b*"),
        ("bad/tiff_jpeg2000.tif", "JPEG 2000"),
        ("bad/tiff_channels_imagej.tif", "one for each channel"),
        ("bad/jpeg_12_bits.jpg", "more than 8 bits"),
        ("bad/jpeg_arithmetic.jpg", "arithmetically"),
        ("bad/jpeg_separate_scans.jpg", "one after the other"),
    ] {
        let error = open(file).unwrap_err();
        assert!(error.to_string().contains(reason), "{file}: {error}");
    }
}

/// Cutting a file anywhere gives an error or a picture of the full size, never a panic.
#[test]
fn truncation_anywhere_is_survived() {
    for file in
        ["good/png_rgb8.png", "good/jpeg_420.jpg", "good/tiff_lzw.tif", "good/webp_lossy.webp"]
    {
        let bytes = common::read(&common::fixture(file));
        for length in (0..bytes.len()).step_by(bytes.len().div_ceil(97)) {
            match decode(&bytes[..length]) {
                Ok(decoded) => assert_eq!(decoded.pixels.dimensions(), (238, 226), "{file}"),
                Err(error) => assert_eq!(error.fault(), Fault::Image, "{file}: {error}"),
            }
        }
    }
}
