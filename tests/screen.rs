//! The screen finds the same integers everywhere: natively, in the browser, and in its Python twin.
//!
//! `fixtures/screen` is written by `python -m models.train.screen.fixtures`;
//! `models/train/tests/screen` holds the twin to the same file.

use histoscope::screen::{Measures, Screen};
use serde::Deserialize;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const EXPECTED: &str = include_str!("fixtures/screen/expected.json");

#[derive(Deserialize)]
struct Expected {
    file: String,
    screen: Screen,
    measures: Measures,
}

/// Files by name; the browser has no folder to list.
macro_rules! files {
    ($($name:literal,)*) => { [$(($name, include_bytes!(concat!("fixtures/", $name)).as_slice())),*] };
}

const FILES: &[(&str, &[u8])] = &files![
    "screen/black.png",
    "screen/blue_lamp.png",
    "screen/blur_0_5.png",
    "screen/blur_1.png",
    "screen/checkerboard.png",
    "screen/dab.png",
    "screen/dark.png",
    "screen/defocus_5.png",
    "screen/defocus_8.png",
    "screen/dim_lamp.png",
    "screen/document.png",
    "screen/fluorescence.png",
    "screen/gaussian_2.png",
    "screen/gaussian_3.png",
    "screen/gaussian_4.png",
    "screen/gaussian_6.png",
    "screen/glass.png",
    "screen/grass.png",
    "screen/grey.png",
    "screen/inverted.png",
    "screen/jitter.png",
    "screen/jpeg_35.png",
    "screen/jpeg_60.png",
    "screen/motion_15.png",
    "screen/noise_3.png",
    "screen/noise_6.png",
    "screen/pale.png",
    "screen/pen.png",
    "screen/red_and_green_swapped.png",
    "screen/saturated.png",
    "screen/scale_0_6.png",
    "screen/scale_1_6.png",
    "screen/screenshot.png",
    "screen/skin.png",
    "screen/sky.png",
    "screen/static.png",
    "screen/tissue_100.png",
    "screen/tissue_32.png",
    "screen/tissue_61.png",
    "screen/tissue_64.png",
    "screen/very_pink.png",
    "screen/very_purple.png",
    "screen/wood.png",
    "screen/yellow_lamp.png",
    "reference/patch_0.png",
    "reference/patch_1.png",
    "reference/patch_2.png",
    "reference/patch_3.png",
    "reference/patch_4.png",
    "reference/patch_5.png",
    "reference/patch_6.png",
    "reference/patch_7.png",
];

#[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_family = "wasm"), test)]
fn measures_and_results_are_the_committed_ones() {
    let expected: Vec<Expected> = serde_json::from_str(EXPECTED).unwrap();
    let names: Vec<&str> = expected.iter().map(|entry| entry.file.as_str()).collect();
    let embedded: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    assert_eq!(embedded, names, "list in this file what expected.json lists");
    for (Expected { file, screen, measures }, (_, bytes)) in expected.iter().zip(FILES) {
        let pixels = histoscope::decode::decode(bytes).unwrap().pixels;
        let side = pixels.width() as usize;
        assert_eq!(&Measures::of(pixels.as_raw(), side), measures, "{file}");
        assert_eq!(Screen::of(pixels.as_raw(), side), *screen, "{file}");
    }
}

/// Of real patches less than one in a hundred may be lost at any magnification, but at 40x: there two
/// patients have sections whose stain lies just below the limit of green (decision 4).
#[cfg(not(target_family = "wasm"))]
#[test]
fn real_patches_are_assessable() {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use histoscope::grid::{Grid, Origin};
    use histoscope::options::MaxPatches;

    /// How many patches a picture has, and how many of them are lost.
    fn of_one(path: &Path) -> (usize, usize) {
        let pixels = histoscope::decode::decode(&common::read(path)).unwrap().pixels;
        let grid = Grid::new(pixels.width(), pixels.height(), 224, 224).unwrap();
        let (mut total, mut lost) = (0, 0);
        for Origin { x, y } in grid.sample(MaxPatches::AtMost(25)) {
            let patch = image::imageops::crop_imm(&pixels, x, y, 224, 224).to_image();
            total += 1;
            lost += usize::from(Screen::of(patch.as_raw(), 224) != Screen::Assessable);
        }
        (total, lost)
    }

    let Some(paths) = common::real_images() else { return };
    let found: Mutex<BTreeMap<String, (usize, usize)>> = Mutex::default();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            // SOB_B_A-14-22549AB-100-001: the magnification stands before the last number.
            let name = path.file_stem().unwrap().to_str().unwrap();
            let magnification = name.rsplit('-').nth(1).unwrap();
            let (total, lost) = of_one(path);
            let mut found = found.lock().unwrap();
            let sums = found.entry(magnification.into()).or_default();
            *sums = (sums.0 + total, sums.1 + lost);
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    let found = found.into_inner().unwrap();
    assert!(found.values().map(|(total, _)| total).sum::<usize>() > 0);
    for (magnification, (total, lost)) in found {
        let hundredths = if magnification == "40" { 3 } else { 1 };
        assert!(lost * 100 < hundredths * total, "{magnification}x: {lost} of {total}");
    }
}

#[cfg(not(target_family = "wasm"))]
mod common;
