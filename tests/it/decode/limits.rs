//! Every limit of decoding: its constant, its error, and that the message names both.
//! That nothing is allocated before, tests/allocation.rs tells.

use histoscope::decode::{MAX_DECODE_MIB, MAX_FILE_BYTES, MAX_MEGAPIXELS, MAX_SIDE, decode};
use histoscope::error::{Error, Fault};

use super::open;

#[test]
fn sides_and_area_are_limited_in_every_format() {
    for (file, claimed) in [
        ("bad/claims_30000x30000.png", (30_000, 30_000)),
        ("bad/claims_2147483647.png", (2_147_483_647, 2_147_483_647)),
        ("bad/claims_65000x65000.jpg", (65_000, 65_000)),
        ("bad/claims_30000x30000.tif", (30_000, 30_000)),
        ("bad/claims_30000x30000.bmp", (30_000, 30_000)),
    ] {
        let error = open(file).unwrap_err();
        let Error::ImageTooLarge { width, height, max_side, max_megapixels } = error else {
            panic!("{file}: {error}");
        };
        assert_eq!((width, height), claimed, "{file}");
        assert_eq!((max_side, max_megapixels), (MAX_SIDE, MAX_MEGAPIXELS));
        assert_eq!(error.fault(), Fault::Limits);
        let message = error.to_string();
        for named in [format!("{width}x{height}"), MAX_SIDE.to_string(), MAX_MEGAPIXELS.to_string()]
        {
            assert!(message.contains(&named), "{message}");
        }
    }
}

#[test]
fn each_side_has_its_limit_and_so_has_the_area() {
    let claim = |width: u32, height: u32| {
        let mut bmp = b"BM".to_vec();
        bmp.extend([0; 8]);
        bmp.extend(54u32.to_le_bytes());
        bmp.extend(40u32.to_le_bytes());
        bmp.extend(width.to_le_bytes());
        bmp.extend(height.to_le_bytes());
        bmp.extend([1, 0, 24, 0]);
        bmp.extend([0; 24]);
        decode(&bmp).unwrap_err().code()
    };
    assert_eq!(claim(MAX_SIDE + 1, 1), "image_too_large");
    assert_eq!(claim(1, MAX_SIDE + 1), "image_too_large");
    assert_eq!(claim(MAX_SIDE, MAX_MEGAPIXELS * 1_000_000 / MAX_SIDE + 1), "image_too_large");
    // Within the limits what counts is that the pixels are missing.
    assert_eq!(claim(300, 300), "image_truncated_or_corrupt");
}

#[test]
fn memory_is_limited() {
    for file in ["bad/jpeg_claims_memory.jpg", "bad/tiff_tile_of_10_9.tif"] {
        let error = open(file).unwrap_err();
        assert!(
            matches!(error, Error::ImageTooMuchMemory { max_mib: MAX_DECODE_MIB, .. }),
            "{file}: {error}"
        );
        assert_eq!((error.code(), error.fault()), ("image_too_large", Fault::Limits));
        assert!(error.to_string().contains(&MAX_DECODE_MIB.to_string()), "{error}");
    }
}

#[test]
fn the_file_is_limited() {
    // Zeros that nobody reads take no memory.
    let bytes = vec![0; MAX_FILE_BYTES as usize + 1];
    let error = decode(&bytes).unwrap_err();
    let expected = Error::FileTooLarge { bytes: MAX_FILE_BYTES + 1, max_bytes: MAX_FILE_BYTES };
    assert_eq!(error, expected);
    assert_eq!(error.fault(), Fault::Limits);
    assert_eq!(decode(&bytes[1..]).unwrap_err(), Error::ImageNotRecognised);
}
