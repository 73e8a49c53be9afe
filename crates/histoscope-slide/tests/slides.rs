//! Every small slide against what other programs decode it to, and the damaged ones against their errors.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use histoscope_slide::{
    Error, FileSource, MapFormat, MapSource, Plan, PlanOptions, Raster, Region, Slide, Source,
    Square, Stroke, Tissue, Warning, write_map,
};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/slides")
}

fn index() -> Vec<Value> {
    let text = fs::read_to_string(folder().join("index.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn open<P: AsRef<Path>>(files: &[P]) -> Result<Slide, Error> {
    let sources = files.iter().map(|file| {
        let file = file.as_ref();
        let source = FileSource::new(File::open(file).unwrap()).unwrap();
        (file.to_string_lossy().into_owned(), Box::new(source) as Box<dyn Source>)
    });
    Slide::open(sources.collect())
}

fn files(entry: &Value) -> Vec<PathBuf> {
    let names = entry["files"].as_array().unwrap().iter();
    names.map(|name| folder().join(name.as_str().unwrap())).collect()
}

fn slide(name: &str) -> Slide {
    open(&[folder().join(name)]).unwrap()
}

fn picture(path: &Path) -> Raster {
    let file = std::io::BufReader::new(File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb, "{}", path.display());
    Raster { width: info.width, height: info.height, rgb }
}

fn whole(slide: &Slide, level: usize) -> Raster {
    let of = &slide.levels()[level];
    slide.region(level, 0, 0, of.width, of.height).unwrap()
}

/// The greatest difference of a sample, and where it is.
fn difference(a: &Raster, b: &Raster) -> (u8, usize) {
    assert_eq!((a.width, a.height), (b.width, b.height));
    let samples = a.rgb.iter().zip(&b.rgb).enumerate();
    let by = samples.map(|(at, (a, b))| (a.abs_diff(*b), at / 3));
    by.max_by_key(|(by, _)| *by).unwrap()
}

#[test]
fn every_format_is_read_as_other_programs_read_it() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for entry in index().iter().filter(|entry| entry.get("levels").is_some()) {
        let name = entry["files"][0].as_str().unwrap();
        let slide = match open(&files(entry)) {
            Ok(slide) => slide,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let said = slide.describe();
        assert_eq!(said.format.name(), entry["format"], "{name}");
        let um = entry["um_per_pixel"].as_f64();
        let same = match (said.um_per_pixel, um) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-6,
            (a, b) => a == b,
        };
        if !same {
            wrong.push(format!("{name}: {:?} um per pixel", said.um_per_pixel));
        }
        if let Some(power) = entry.get("objective") {
            assert_eq!(said.objective, power.as_f64(), "{name}");
        }
        assert_eq!(said.warnings, [], "{name}");
        let levels = entry["levels"].as_array().unwrap();
        if slide.levels().len() != levels.len() {
            wrong.push(format!("{name}: {} levels", slide.levels().len()));
            continue;
        }
        for (number, level) in levels.iter().enumerate() {
            let expected = picture(&folder().join(level["png"].as_str().unwrap()));
            let found = whole(&slide, number);
            if (found.width, found.height) != (expected.width, expected.height) {
                wrong.push(format!("{name}: level {number} is {}x{}", found.width, found.height));
                continue;
            }
            let (by, at) = difference(&found, &expected);
            if u64::from(by) > level["most"].as_u64().unwrap() {
                let (x, y) = (at as u32 % found.width, at as u32 / found.width);
                wrong.push(format!("{name}: level {number} differs by {by} at {x}, {y}"));
            }
            compared += 1;
        }
        let faults = slide.take_faults();
        if !faults.is_empty() {
            wrong.push(format!("{name}: {faults:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 40, "{compared}");
}

#[test]
fn damage_is_named_and_the_rest_goes_on() {
    let mut seen = 0;
    for entry in index().iter().filter(|entry| entry.get("levels").is_none()) {
        let name = entry["files"][0].as_str().unwrap();
        seen += 1;
        let opened = open(&files(entry));
        if let Some(code) = entry.get("error") {
            let error = opened.expect_err(name);
            assert_eq!(error.code(), code, "{name}: {error}");
            assert!(!error.remedy().is_empty());
            continue;
        }
        let slide = opened.unwrap_or_else(|error| panic!("{name}: {error}"));
        if let Some(part) = entry.get("warning").and_then(Value::as_str) {
            let warnings = slide.describe().warnings;
            assert!(
                warnings.iter().any(|warning| warning.to_string().contains(part)),
                "{name}: {warnings:?}"
            );
        }
        let found = whole(&slide, 0);
        let faults = slide.take_faults();
        assert_eq!(faults.len() as u64, entry["faults"].as_u64().unwrap(), "{name}: {faults:?}");
        let Some(code) = entry.get("fault") else { continue };
        assert_eq!(faults[0].code, code, "{name}: {faults:?}");
        // Damaged tiles are white; the others are what they were.
        let mut expected = picture(&folder().join(entry["png"].as_str().unwrap()));
        for fault in &faults {
            let (left, top) = (64 * fault.column, 64 * fault.row);
            for y in top..(top + 64).min(expected.height) {
                for x in left..(left + 64).min(expected.width) {
                    let at = 3 * (y * expected.width + x) as usize;
                    expected.rgb[at..at + 3].fill(255);
                }
            }
        }
        assert!(difference(&found, &expected).0 <= 2, "{name}");
    }
    assert!(seen >= 10, "{seen}");
}

#[test]
fn a_level_of_more_tiles_than_are_listed_is_no_level() {
    let mut bytes = fs::read(folder().join("jpeg-444.svs")).unwrap();
    set(&mut bytes, 256, 4, 3_000_000);
    match Slide::open(vec![("wide.svs".into(), Box::new(bytes))]) {
        Ok(slide) => assert!(slide.levels()[0].width < 1000, "{:?}", slide.describe().warnings),
        Err(error) => assert_eq!(error.code(), "slide_truncated_or_corrupt", "{error}"),
    }
}

fn number(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// Where the entries of the first directory of a little-endian TIFF begin, and how many there are.
fn entries(bytes: &[u8]) -> (usize, usize) {
    let directory = number(bytes, 4);
    let count = u16::from_le_bytes(bytes[directory..directory + 2].try_into().unwrap());
    (directory + 2, count.into())
}

/// Gives an entry of the first directory another type and value.
fn set(bytes: &mut [u8], tag: u16, kind: u16, value: u32) {
    let (first, count) = entries(bytes);
    let mut places = (0..count).map(|index| first + 12 * index);
    let at = places.find(|&at| bytes[at..at + 2] == tag.to_le_bytes()).unwrap();
    bytes[at + 2..at + 4].copy_from_slice(&kind.to_le_bytes());
    bytes[at + 8..at + 12].copy_from_slice(&value.to_le_bytes());
}

#[test]
fn directories_that_overlap_cost_nothing_but_themselves() {
    let good = fs::read(folder().join("jpeg-444.svs")).unwrap();
    let expected = whole(&slide("jpeg-444.svs"), 0);
    let (first, count) = entries(&good);
    // The last directory leads to another one, which begins somewhere in the first.
    let mut last = first - 2;
    let link = loop {
        let entries = u16::from_le_bytes(good[last..last + 2].try_into().unwrap());
        let link = last + 2 + 12 * usize::from(entries);
        match number(&good, link) {
            0 => break link,
            next => last = next,
        }
    };
    let mut said = 0;
    for place in (first..first + 12 * count).step_by(2) {
        let mut bytes = good.clone();
        bytes[link..link + 4].copy_from_slice(&(place as u32).to_le_bytes());
        let slide = of_bytes("overlap.svs", bytes).unwrap();
        assert_eq!(whole(&slide, 0), expected, "{place}");
        said += usize::from(!slide.describe().warnings.is_empty());
    }
    assert!(said > 6 * count / 2, "{said}");
}

#[test]
fn restarts_that_are_listed_anywhere_are_refused_with_their_tile() {
    let mut bytes = fs::read(folder().join("ndpi.ndpi")).unwrap();
    let (first, count) = entries(&bytes);
    let entry = (0..count).map(|index| first + 12 * index);
    let entry = entry.clone().find(|&at| bytes[at..at + 2] == 65426_u16.to_le_bytes()).unwrap();
    // Places of 64 bits: the first band is as long as numbers go.
    let list = number(&bytes, entry + 8);
    set(&mut bytes, 65426, 16, list as u32);
    bytes[list..list + 8].fill(0);
    bytes[list + 8..list + 16].fill(0xff);
    let slide = of_bytes("a.ndpi", bytes).unwrap();
    assert_eq!(slide.tile(0, 0, 0).unwrap_err().code(), "slide_too_large");
}

#[test]
fn no_more_restarts_are_looked_for_than_are_kept() {
    let mut bytes = fs::read(folder().join("ndpi-unlisted.ndpi")).unwrap();
    set(&mut bytes, 256, 4, 1 << 20);
    set(&mut bytes, 257, 4, 1 << 13);
    let slide = of_bytes("a.ndpi", bytes).unwrap();
    let warnings = slide.describe().warnings;
    assert!(warnings[0].to_string().contains("the restarts of a level"), "{warnings:?}");
    assert_eq!(slide.levels().len(), 1);
}

#[test]
fn nothing_is_told_of_a_patient() {
    let names = ["dicom-level-0.dcm", "dicom-level-1.dcm", "dicom-label.dcm"];
    for name in names {
        let bytes = fs::read(folder().join(name)).unwrap();
        assert!(bytes.windows(6).any(|part| part == b"Nobody"), "{name}");
    }
    let slide = open(&names.map(|name| folder().join(name))).unwrap();
    let said = serde_json::to_string(&slide.describe()).unwrap();
    assert!(!said.contains("Nobody"), "{said}");
}

#[test]
fn a_scale_that_is_none_is_no_scale() {
    let mut slide = slide("bad-zero-scale.svs");
    assert_eq!(slide.um_per_pixel(), None);
    let options = PlanOptions { patch_size: 32, ..PlanOptions::default() };
    assert_eq!(Plan::new(&slide, &options, None).unwrap_err().code(), "slide_no_scale");
    assert_eq!(slide.set_um_per_pixel(f64::NAN).unwrap_err().code(), "options_invalid");
    slide.set_um_per_pixel(0.5).unwrap();
    assert_eq!(Plan::new(&slide, &options, None).unwrap().patches.len(), 12);
}

#[test]
fn a_label_is_never_a_level() {
    for name in ["jpeg-rgb.svs", "philips.tiff", "leica.scn", "ndpi.ndpi", "pyramid.ome.tif"] {
        assert_eq!(slide(name).levels().len(), 2, "{name}");
    }
}

#[test]
fn a_region_is_the_same_whatever_tiles_it_touches() {
    let slide = slide("tiff-lzw.tif");
    let all = whole(&slide, 0);
    for (x, y, width, height) in
        [(0, 0, 1, 1), (60, 60, 10, 10), (-5, -5, 20, 20), (140, 100, 30, 30), (500, 500, 4, 4)]
    {
        let found = slide.region(0, x, y, width, height).unwrap();
        for (index, pixel) in found.rgb.chunks(3).enumerate() {
            let (px, py) =
                (x + index as i64 % i64::from(width), y + index as i64 / i64::from(width));
            let inside = (0..150).contains(&px) && (0..110).contains(&py);
            let expected =
                if inside { &all.rgb[3 * (py * 150 + px) as usize..][..3] } else { &[255; 3] };
            assert_eq!(pixel, expected, "{px} {py}");
        }
    }
    assert_eq!(slide.region(9, 0, 0, 1, 1).unwrap_err().code(), "slide_no_tile");
    assert_eq!(slide.region(0, 0, 0, 1 << 13, 1 << 12).unwrap_err().code(), "slide_too_large");
    assert_eq!(slide.tile(0, 3, 0).unwrap_err().code(), "slide_no_tile");
}

#[test]
fn patches_come_from_the_level_of_their_scale() {
    // 0.5 µm and 1 µm a pixel.
    let slide = slide("tiff-none.tif");
    let plan = |um| {
        let options =
            PlanOptions { patch_size: 32, um_per_pixel: Some(um), ..PlanOptions::default() };
        Plan::new(&slide, &options, None).unwrap()
    };
    let fine = plan(0.5);
    assert_eq!((fine.level, fine.columns, fine.rows, fine.downsample), (0, 4, 3, 1.0));
    let patch = fine.pixels(&slide, &[5]).unwrap();
    assert_eq!(patch, slide.region(0, 32, 32, 32, 32).unwrap().rgb);
    let coarse = plan(1.01);
    assert_eq!((coarse.level, coarse.columns, coarse.rows), (1, 2, 1));
    assert_eq!(coarse.pixels(&slide, &[1]).unwrap(), slide.region(1, 32, 0, 32, 32).unwrap().rgb);
    // Between two levels it is made from the finer one.
    let between = plan(0.75);
    assert_eq!((between.level, between.width, between.height), (0, 100, 73));
    assert_eq!(between.pixels(&slide, &[0, 3]).unwrap().len(), 2 * 32 * 32 * 3);
    let enlarged = plan(0.25);
    assert!(matches!(enlarged.warnings[..], [Warning::PatchesEnlarged { .. }]));
    assert_eq!((enlarged.columns, enlarged.rows), (9, 6));
    assert_eq!(enlarged.pixels(&slide, &[53]).unwrap().len(), 32 * 32 * 3);
}

#[test]
fn a_scale_too_far_from_the_slides_is_refused_and_the_last_one_is_exact() {
    let mut slide = slide("tiff-none.tif");
    slide.set_um_per_pixel(32.0).unwrap();
    let plan = |um| {
        let options =
            PlanOptions { patch_size: 32, um_per_pixel: Some(um), ..PlanOptions::default() };
        Plan::new(&slide, &options, None)
    };
    let last = plan(0.5).unwrap();
    assert_eq!((last.um_per_pixel, last.downsample), (0.5, 1.0 / 64.0));
    assert_eq!((last.width, last.height), (150 * 64, 110 * 64));
    for um in [0.49, 0.01] {
        let error = plan(um).unwrap_err();
        assert_eq!(error.code(), "slide_scale_too_far", "{um}: {error}");
    }
    // 1024 pixels of the slide along one of a patch are too many: a patch would be made from 32,768.
    slide.set_um_per_pixel(0.01).unwrap();
    let options =
        PlanOptions { patch_size: 32, um_per_pixel: Some(10.24), ..PlanOptions::default() };
    let error = Plan::new(&slide, &options, None).unwrap_err();
    assert_eq!(error.code(), "slide_scale_too_far", "{error}");
}

#[test]
fn what_the_model_has_learned_tells_the_scale() {
    let mut slide = slide("tiff-none.tif");
    for (own, chosen) in [(0.25, 0.49), (0.5, 0.5), (0.61, 0.61), (0.7, 0.49)] {
        slide.set_um_per_pixel(own).unwrap();
        let options =
            PlanOptions { patch_size: 32, learned: Some([0.05, 0.49]), ..PlanOptions::default() };
        let plan = Plan::new(&slide, &options, None).unwrap();
        // A level within 2 % is taken as it is.
        assert!((plan.um_per_pixel / chosen - 1.0).abs() <= 0.021, "{own}: {}", plan.um_per_pixel);
    }
}

#[test]
fn regions_and_tissue_choose_patches() {
    let slide = slide("tiff-none.tif");
    let square = |name: &str, left: f64, right: f64| Region {
        name: name.into(),
        rings: vec![vec![[left, 0.0], [right, 0.0], [right, 110.0], [left, 110.0]]],
    };
    let regions = Some(vec![square("left", 0.0, 40.0), square("more", 20.0, 70.0)]);
    let options =
        PlanOptions { patch_size: 32, um_per_pixel: Some(0.5), regions, ..PlanOptions::default() };
    let plan = Plan::new(&slide, &options, None).unwrap();
    let mut patches = plan.patches.clone();
    patches.sort_unstable();
    assert_eq!(patches, [0, 1, 4, 5, 8, 9]);
    let of = |region: usize| {
        let mut own: Vec<u32> =
            plan.regions[region].patches.iter().map(|&at| plan.patches[at as usize]).collect();
        own.sort_unstable();
        own
    };
    assert_eq!((of(0), of(1)), (vec![0, 4, 8], vec![1, 5, 9]));
    let tissue = Tissue::of(&slide).unwrap();
    assert!(tissue.share > 0.3, "{}", tissue.share);
    let options = PlanOptions { regions: None, ..options };
    let plan = Plan::new(&slide, &options, Some(&tissue)).unwrap();
    assert!((1..=12).contains(&plan.candidates));
    // What a person rubs out and paints decides.
    let stroke = |adds, radius, at| Stroke { adds, radius, points: vec![at] };
    let strokes = vec![stroke(false, 500.0, [75.0, 55.0]), stroke(true, 4.0, [48.0, 48.0])];
    let plan = Plan::new(&slide, &PlanOptions { strokes, ..options }, Some(&tissue)).unwrap();
    assert_eq!(plan.patches, [5]);
}

#[test]
fn a_map_that_is_written_is_read_back() {
    let square = |column: u32, row: u32, malignant: Option<f64>| {
        let at = |cell: u32| 448.0 * f64::from(cell);
        let shares = malignant.map(|share| vec![1.0 - share, share]);
        Square { x: at(column), y: at(row), side: 448.0, shares }
    };
    let squares = vec![square(0, 0, Some(0.0)), square(88, 0, Some(1.0)), square(40, 66, None)];
    let classes = ["benign", "malignant"].map(String::from).into();
    let source = MapSource { width: 40_000, height: 30_000, um_per_pixel: 0.25, classes, squares };
    let write = |format| {
        let mut file = std::io::Cursor::new(Vec::new());
        write_map(&source, format, &mut file).unwrap();
        file.into_inner()
    };
    let tiff = write(MapFormat::Tiff);
    assert!(tiff.len() < 100_000, "{}", tiff.len());
    let slide = of_bytes("map.tif", tiff).unwrap();
    assert_eq!(slide.describe().warnings, []);
    // A patch of 112 µm has 16 pixels, 8, 4 and 2.
    let sizes: Vec<_> = slide.levels().iter().map(|level| (level.width, level.height)).collect();
    assert_eq!(sizes, [(1429, 1072), (715, 536), (358, 268), (179, 134)]);
    let pixel =
        |level: usize, x: u32, y: u32| slide.region(level, x.into(), y.into(), 1, 1).unwrap().rgb;
    for (level, along) in [(0, 16), (1, 8), (2, 4), (3, 2)] {
        assert_eq!(pixel(level, along - 1, along - 1), [12, 84, 158]);
        assert_eq!(pixel(level, along, 0), [255; 3]);
        assert_eq!(pixel(level, 88 * along, 0), [186, 74, 0]);
        assert_eq!(pixel(level, 40 * along, 67 * along - 1), [196; 3]);
    }
    assert_eq!(slide.take_faults(), []);

    let png = write(MapFormat::Png);
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut rgba = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut rgba).unwrap();
    let info = reader.info();
    let said = info.utf8_text[0].get_text().unwrap();
    assert!(said.starts_with("Histoscope: probability of malignant"), "{said}");
    assert_eq!((info.width, info.height), (1429, 1072));
    // 7 µm.
    assert_eq!(info.pixel_dims.unwrap().xppu, 142_857);
    assert_eq!((&rgba[..4], &rgba[64..68]), (&[12, 84, 158, 255][..], &[255, 255, 255, 0][..]));
}

/// Two scanners' own files lie beside a checkout; they are in no repository.
#[test]
fn slides_of_scanners_are_read() {
    let field = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/field/slides");
    let text = fs::read_to_string(folder().join("field.json")).unwrap();
    let index: Vec<Value> = serde_json::from_str(&text).unwrap();
    for entry in &index {
        let names = entry["files"].as_array().unwrap().iter();
        let paths: Vec<PathBuf> = names.map(|name| field.join(name.as_str().unwrap())).collect();
        if paths.iter().any(|path| !path.exists()) {
            continue;
        }
        let slide = open(&paths).unwrap();
        assert_eq!(slide.um_per_pixel(), entry["um_per_pixel"].as_f64(), "{paths:?}");
        let levels = entry["levels"].as_array().unwrap();
        assert_eq!(slide.levels().len(), levels.len(), "{paths:?}");
        for (number, level) in levels.iter().enumerate() {
            let of = &slide.levels()[number];
            assert_eq!(serde_json::json!([of.width, of.height]), level["size"]);
            let all = whole(&slide, number);
            for sample in level["samples"].as_array().unwrap() {
                let at = |index: usize| sample[index].as_u64().unwrap() as usize;
                let pixel = &all.rgb[3 * (at(1) * all.width as usize + at(0))..][..3];
                for (channel, &value) in pixel.iter().enumerate() {
                    let by = at(2 + channel).abs_diff(value.into());
                    assert!(by <= 2, "{paths:?} level {number} {sample}: {pixel:?}");
                }
            }
        }
        assert_eq!(slide.take_faults(), []);
    }
}

fn of_bytes(name: &str, bytes: Vec<u8>) -> Result<Slide, Error> {
    Slide::open(vec![(name.into(), Box::new(bytes) as Box<dyn Source>)])
}

#[test]
fn of_several_regions_without_a_place_the_largest_is_read() {
    let mut bytes = fs::read(folder().join("leica.scn")).unwrap();
    let place = |text: &[u8]| bytes.windows(text.len()).position(|here| here == text).unwrap();
    let end = b"</collection></scn>";
    let (start, end) = (place(b"<image name=\"macro\""), place(end));
    let region = |width: u32, height: u32, page: u32| {
        format!(
            r#"<image><pixels sizeX="{width}" sizeY="{height}"><dimension ifd="{page}"/></pixels><view sizeX="{}"/></image>"#,
            500 * width
        )
    };
    let both = region(75, 55, 2) + &region(150, 110, 1);
    assert!(both.len() <= end - start);
    bytes[start..end].fill(b' ');
    bytes[start..start + both.len()].copy_from_slice(both.as_bytes());
    let slide = of_bytes("two.scn", bytes).unwrap();
    assert_eq!((slide.levels()[0].width, slide.um_per_pixel()), (150, Some(0.5)));
    assert_eq!(slide.describe().warnings, [Warning::SeveralRegions { regions: 2 }]);
}

/// A Leica scan with other texts in its description, none longer than what it stands in the place of.
fn leica_with(name: &str, changes: &[(&str, &str)]) -> Slide {
    let mut bytes = fs::read(folder().join(name)).unwrap();
    for (before, after) in changes {
        let place = bytes.windows(before.len()).position(|here| here == before.as_bytes()).unwrap();
        let after = format!("{after:width$}", width = before.len());
        bytes[place..place + before.len()].copy_from_slice(after.as_bytes());
    }
    of_bytes(name, bytes).unwrap()
}

#[test]
fn regions_too_far_apart_for_one_picture_are_told_and_the_largest_is_read() {
    // A million kilometres; and two metres, most of which nobody has scanned.
    for far in ["9e17", "2e9"] {
        let offset = r#"offsetX="160000""#;
        let slide = leica_with("leica-regions.scn", &[(offset, &format!(r#"offsetX="{far}""#))]);
        assert_eq!((slide.levels().len(), slide.levels()[0].width), (2, 100), "{far}");
        assert_eq!(slide.describe().warnings, [Warning::SeveralRegions { regions: 2 }], "{far}");
    }
}

#[test]
fn a_region_that_was_scanned_more_coarsely_is_told() {
    let slide = leica_with("leica.scn", &[(r#"offsetX="0""#, r#"offsetX="9""#)]);
    assert_eq!(slide.describe().warnings, [Warning::CoarserRegions { regions: 1 }]);
    assert_eq!(slide.levels()[0].width, 150);
}

#[test]
fn a_page_that_is_named_twice_is_one_level() {
    let slide = leica_with("leica-regions.scn", &[(r#"r="1" ifd="2""#, r#"r="1" ifd="1""#)]);
    // The second region has a smaller level, the first none.
    assert_eq!((slide.levels().len(), slide.levels()[0].width), (1, 180));
    let warnings = slide.describe().warnings;
    assert!(matches!(warnings[..], [Warning::LevelUnreadable { .. }]), "{warnings:?}");
}

#[test]
fn a_region_that_cannot_be_read_is_told() {
    // Pages that are not there, that are no pages (the first of the file is the whole glass), and another's.
    for [finest, smaller] in [["9", "8"], ["-1", "NaN"], ["0.5", "-0"], ["1", "2"], ["", " "]] {
        let at = |page: &str| format!(r#"ifd="{page}""#);
        let (finest, smaller) = (at(finest), at(smaller));
        let changes = [(r#"r="0" ifd="3""#, &*finest), (r#"r="1" ifd="4""#, &smaller)];
        let slide = leica_with("leica-regions.scn", &changes);
        assert_eq!((slide.levels().len(), slide.levels()[0].width), (2, 100), "{changes:?}");
        let warnings = slide.describe().warnings;
        assert!(matches!(warnings[..], [Warning::LevelUnreadable { .. }]), "{warnings:?}");
    }
}

#[test]
fn instances_of_a_series_are_told_and_captures_are_none() {
    let series = |name: &str| {
        let source = FileSource::new(File::open(folder().join(name)).unwrap()).unwrap();
        histoscope_slide::whole_slide_series(Box::new(source))
    };
    let first = series("dicom-level-0.dcm");
    assert!(first.as_ref().is_some_and(|series| series.starts_with(|c: char| c.is_ascii_digit())));
    assert_eq!(series("dicom-level-1.dcm"), first);
    // Its label belongs to it, and is left out by whoever reads the slide.
    assert_eq!(series("dicom-label.dcm"), first);
    assert!(series("dicom-implicit.dcm").is_some());
    for name in ["dicom-capture.dcm", "jpeg-444.svs", "bad-text.svs"] {
        assert_eq!(series(name), None, "{name}");
    }
}

#[test]
fn plain_tiff_is_a_picture_and_scans_are_none() {
    for (name, expected) in [
        ("tiff-none.tif", true),
        ("pyramid.ome.tif", false),
        ("jpeg-444.svs", false),
        ("dicom-plain.dcm", false),
    ] {
        assert_eq!(slide(name).is_picture(), expected, "{name}");
    }
}

#[test]
fn runs_are_planes_whatever_is_said_of_planes() {
    let mut bytes = fs::read(folder().join("dicom-runs.dcm")).unwrap();
    let tag = b"\x28\0\x06\0US\x02\0";
    let at = bytes.windows(tag.len()).position(|here| here == tag).unwrap() + tag.len();
    bytes[at] = 1;
    let planar = of_bytes("a.dcm", bytes).unwrap();
    assert_eq!(whole(&planar, 0), whole(&slide("dicom-runs.dcm"), 0));
}

#[test]
fn items_that_reach_beyond_their_end_are_read_once() {
    let sequence = b"\x34\x12\x10\0SQ\0\0\xff\xff\xff\xff";
    let item = |length: u32| [&b"\xfe\xff\0\xe0"[..], &length.to_le_bytes()].concat();
    let syntax = b"\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0";
    let nested = [&item(12)[..], sequence].concat().repeat(28);
    let bytes =
        [&[0; 128][..], b"DICM", syntax, sequence, &nested, &item(0).repeat(20_000)].concat();
    assert_eq!(of_bytes("a.dcm", bytes).unwrap_err().code(), "slide_truncated_or_corrupt");
}
