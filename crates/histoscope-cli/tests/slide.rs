//! Slides on the command line: a scan that this test writes, by tissue, by regions, and with damage.

#[path = "../../../tests/common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::process::Stdio;

use assert_cmd::Command;
use serde_json::Value;

fn histoscope() -> Command {
    let mut command = Command::cargo_bin("histoscope").unwrap();
    command.arg("predict");
    command
}

fn small(file: &str) -> PathBuf {
    common::fixture("slides").join(file)
}

fn run(command: &mut Command, code: i32) -> (String, String) {
    let output = command.assert().code(code).get_output().clone();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

fn json(command: &mut Command) -> Value {
    serde_json::from_str(&run(command.arg("--json"), 0).0).unwrap()
}

/// Width, height, pixels in RGB and description.
type Page = (u32, u32, Vec<u8>, String);

/// A TIFF of two levels: 960x720 pixels of a drawn field at 0.4 µm, and half of it.
fn scan(folder: &Path) -> PathBuf {
    let path = folder.join("scan.svs");
    std::fs::write(&path, tiff(&drawn())).unwrap();
    path
}

/// The levels of that scan.
fn drawn() -> [Page; 2] {
    let field = common::fixture("good").join("grid_700x460.jpg");
    let field = histoscope::decode::decode(&std::fs::read(field).unwrap()).unwrap().pixels;
    let (width, height) = (960_u32, 720_u32);
    let fine: Vec<u8> = (0..width * height)
        .flat_map(|at| field.get_pixel(at % width % 700, at / width % 460).0)
        .collect();
    let half: Vec<u8> = (0..width * height / 4)
        .flat_map(|at| {
            let (x, y) = (at % (width / 2) * 2, at / (width / 2) * 2);
            [0, 1, 2].map(|channel| fine[(3 * (y * width + x)) as usize + channel])
        })
        .collect();
    let text = String::new();
    [(width, height, fine, text.clone()), (width / 2, height / 2, half, text)]
}

/// Pages of plain RGB tiles of 120x120 pixels; their sides are multiples of that.
fn tiff(pages: &[Page]) -> Vec<u8> {
    const SIDE: u32 = 120;
    let mut out = b"II\x2a\0\0\0\0\0".to_vec();
    let mut link = 4;
    for (width, height, pixels, text) in pages {
        let mut places = Vec::new();
        for y in (0..*height).step_by(SIDE as usize) {
            for x in (0..*width).step_by(SIDE as usize) {
                places.push(out.len() as u32);
                for row in y..y + SIDE {
                    let at = 3 * (row * width + x) as usize;
                    out.extend(&pixels[at..at + 3 * SIDE as usize]);
                }
            }
        }
        let mut list = |values: &[u32]| {
            let at = out.len() as u32;
            values.iter().for_each(|value| out.extend(value.to_le_bytes()));
            at
        };
        let count = places.len() as u32;
        let (offsets, lengths) = (list(&places), list(&vec![3 * SIDE * SIDE; places.len()]));
        let (bits, scale) = (list(&[8 | 8 << 16, 8]), list(&[25_000, 1]));
        let text_at = out.len() as u32;
        out.extend(text.as_bytes());
        // Longer than what fits into an entry.
        out.extend([0; 8]);
        let entries = [
            (256, 4, 1, *width),
            (257, 4, 1, *height),
            (258, 3, 3, bits),
            (259, 3, 1, 1),
            (262, 3, 1, 2),
            (270, 2, text.len() as u32 + 8, text_at),
            (277, 3, 1, 3),
            (282, 5, 1, scale),
            (283, 5, 1, scale),
            (296, 3, 1, 3),
            (322, 4, 1, SIDE),
            (323, 4, 1, SIDE),
            (324, 4, count, offsets),
            (325, 4, count, lengths),
        ];
        let at = out.len() as u32;
        out[link..link + 4].copy_from_slice(&at.to_le_bytes());
        out.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in entries {
            out.extend(u16::to_le_bytes(tag));
            out.extend(u16::to_le_bytes(kind));
            out.extend(u32::to_le_bytes(count));
            out.extend(u32::to_le_bytes(value));
        }
        link = out.len();
        out.extend([0; 4]);
    }
    out
}

fn outline(folder: &Path, rings: &str) -> PathBuf {
    let path = folder.join("regions.geojson");
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"name":"left"}},
        "geometry":{{"type":"Polygon","coordinates":[{rings}]}}}}]}}"#
    );
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_slide_gives_one_report_with_its_scale_and_a_map() {
    let folder = common::empty_folder("slide-report");
    let (scan, map) = (scan(&folder), folder.join("map.geojson"));
    let whole = |threads: &str| {
        let mut command = histoscope();
        command.arg(&scan).args(["--max-patches", "all", "--mpp", "0.4", "--threads", threads]);
        json(command.arg("--geojson").arg(&map))
    };
    let report = whole("1");
    assert_eq!(report["slide"]["source"]["format"], "TIFF");
    assert_eq!(report["scale"]["um_per_pixel"], 0.4);
    assert_eq!(report["image"], serde_json::json!({"width": 960, "height": 720}));
    let patches = report["patches"].as_array().unwrap();
    assert_eq!(report["slide"]["source"]["candidates"], patches.len());
    assert!((4..12).contains(&patches.len()), "{}", patches.len());
    // However many threads there are, the numbers are the same.
    let again = whole("3");
    for field in ["patches", "probabilities", "verdict", "familiarity", "sha256"] {
        assert_eq!(report[field], again[field], "{field}");
    }
    let picture = folder.join("map.tif");
    run(
        histoscope()
            .arg(&scan)
            .args(["--max-patches", "all", "--mpp", "0.4", "--map"])
            .arg(&picture),
        0,
    );
    // 960 x 720 pixels of 0.4 µm, 16 pixels for a patch of 224.
    let picture = histoscope::decode::decode(&std::fs::read(picture).unwrap()).unwrap();
    assert_eq!(picture.pixels.dimensions(), (69, 52));
    let map: Value = serde_json::from_str(&std::fs::read_to_string(&map).unwrap()).unwrap();
    assert_eq!(map["features"].as_array().unwrap().len(), patches.len());
    let first = &map["features"][0]["properties"];
    assert_eq!((&first["objectType"], &first["name"]), (&"tile".into(), &"1".into()));
}

#[test]
fn the_picture_of_a_label_is_no_level_and_nothing_of_it_goes_out() {
    const NAME: &str = "Nobody Whosoever";
    let folder = common::empty_folder("slide-label");
    let [mut fine, half] = drawn();
    fine.3 = "Aperio Image Library\n960x720|MPP = 0.4".into();
    let (width, height, ..) = half;
    // Of the shape and the size of a level, and as tiled.
    let magenta = [255, 0, 255].repeat((width * height) as usize);
    let label = format!("Aperio Image Library\nlabel {width}x{height}|Text = {NAME}");
    let label = (width, height, magenta, label);
    let [named, bare] = ["named.svs", "bare.svs"].map(|name| folder.join(name));
    std::fs::write(&named, tiff(&[fine.clone(), label])).unwrap();
    std::fs::write(&bare, tiff(&[fine])).unwrap();

    let [map, picture] = ["map.geojson", "map.png"].map(|name| folder.join(name));
    let mut command = histoscope();
    command.arg(&named).args(["--mpp", "0.8", "--max-patches", "all", "--geojson"]).arg(&map);
    let (out, said) = run(command.arg("--map").arg(&picture).arg("--json"), 0);
    for text in [&out, &said, &std::fs::read_to_string(&map).unwrap()] {
        assert!(!text.contains(NAME), "{text}");
    }
    // Patches are those of the slide without it: at this scale the level would be the label.
    let report: Value = serde_json::from_str(&out).unwrap();
    let plain = json(histoscope().arg(&bare).args(["--mpp", "0.8", "--max-patches", "all"]));
    for field in ["patches", "probabilities", "verdict"] {
        assert_eq!(report[field], plain[field], "{field}");
    }
    let picture = std::fs::read(&picture).unwrap();
    assert!(!picture.windows(NAME.len()).any(|part| part == NAME.as_bytes()));
}

#[test]
fn the_scale_that_the_model_has_learned_is_the_usual_one() {
    let folder = common::empty_folder("slide-scale");
    let report = json(histoscope().arg(scan(&folder)));
    assert_eq!(report["scale"]["um_per_pixel"], 0.49);
    assert!((report["slide"]["source"]["downsample"].as_f64().unwrap() - 1.225).abs() < 1e-4);
    let set = json(histoscope().arg(scan(&folder)).args(["--um-per-pixel", "0.49"]));
    assert_eq!(set["slide"]["source"]["downsample"], 1.0);
}

/// `script` gives a program a terminal, here of 80 columns; that of other systems has other options.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_is_told_how_far_a_slide_is_and_how_long_it_takes() {
    let folder = common::empty_folder("slide-progress");
    let scan = scan(&folder);
    let program = env!("CARGO_BIN_EXE_histoscope");
    let options = "--mpp 0.4 --max-patches all --batch-size 1 --threads 1 --json";
    let command = format!("stty cols 80; '{program}' predict '{}' {options}", scan.display());
    let mut terminal = std::process::Command::new("script");
    let output = terminal.args(["-qec", &command, "/dev/null"]).stdin(Stdio::null()).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let report = json(histoscope().arg(&scan).args(["--mpp", "0.4", "--max-patches", "all"]));
    let total = report["num_patches"].as_u64().unwrap();
    for done in 1..=total {
        let told = format!("{done}/{total} patches, ");
        let (_, left) = said.split_once(&told).unwrap_or_else(|| panic!("{told}: {said}"));
        let (seconds, name) = left.split_once(" s left: ").unwrap();
        assert!(seconds.parse::<u32>().is_ok() && name.starts_with("scan.svs"), "{left}");
    }
    // A file is told nothing of it.
    let (_, silent) = run(histoscope().arg(&scan).args(["--max-patches", "1"]), 0);
    assert!(!silent.contains("patches"), "{silent}");
}

#[test]
fn regions_are_judged_by_themselves() {
    let folder = common::empty_folder("slide-regions");
    let scan = scan(&folder);
    let regions = outline(&folder, "[[0,0],[480,0],[480,720],[0,720],[0,0]]");
    let mut command = histoscope();
    command.arg(&scan).args(["--mpp", "0.4", "--max-patches", "all"]).arg("--region");
    let report = json(command.arg(&regions));
    let region = &report["slide"]["regions"][0];
    assert_eq!(region["name"], "left");
    // Six patches have their middle in the left half, which is all that is judged.
    assert_eq!(
        region["patches"].as_array().unwrap().len(),
        report["patches"].as_array().unwrap().len()
    );
    assert_eq!(region["probabilities"], report["probabilities"]);
    let nowhere = outline(&folder, "[[5000,0],[5100,0],[5100,100]]");
    let (_, said) = run(histoscope().arg(&scan).arg("--region").arg(nowhere), 1);
    assert!(said.contains("error[slide_no_patches]"), "{said}");
}

/// A lesson of three kinds of the page's drawn study, and where it lies.
fn three_kinds(folder: &Path) -> PathBuf {
    let study = common::root().join("www/public/demo-study");
    let mut table = "file,label,patient\n".to_owned();
    for (index, field) in
        common::json(&study.join("study.json")).as_array().unwrap().iter().enumerate()
    {
        let [file, label] = ["file", "label"].map(|key| field[key].as_str().unwrap());
        let kind = match label {
            "benign" => "normal",
            _ if index % 2 == 0 => "in situ",
            _ => "invasive",
        };
        table += &format!("{file},{kind},{}\n", field["patient"]);
    }
    let [labels, lesson] = ["labels.csv", "three.lesson.json"].map(|name| folder.join(name));
    std::fs::write(&labels, table).unwrap();
    let mut command = Command::cargo_bin("histoscope").unwrap();
    command.arg("teach").arg("--labels").arg(labels).arg("--out").arg(&lesson).arg(study);
    run(&mut command, 0);
    lesson
}

#[test]
fn a_lesson_of_other_classes_speaks_of_regions_and_in_both_maps() {
    let folder = common::empty_folder("slide-classes");
    let (scan, lesson) = (scan(&folder), three_kinds(&folder));
    let [map, picture] = ["map.geojson", "map.png"].map(|name| folder.join(name));
    let regions = outline(&folder, "[[0,0],[960,0],[960,720],[0,720],[0,0]]");
    let judge = || {
        let mut command = histoscope();
        command.arg(&scan).args(["--mpp", "0.4", "--max-patches", "all", "--lesson"]).arg(&lesson);
        command.arg("--region").arg(&regions);
        command
    };
    let report = json(judge().arg("--geojson").arg(&map).arg("--map").arg(&picture));
    let taught = &report["taught"];
    let classes = ["in situ", "invasive", "normal"];
    assert_eq!(taught["classes"], serde_json::json!(classes));
    let region = &report["slide"]["regions"][0]["taught"];
    for field in ["verdict", "prediction", "confidence", "probabilities", "familiarity"] {
        assert_eq!(region[field], taught[field], "{field}");
    }
    let (text, _) = run(&mut judge(), 0);
    let verdict = region["verdict"].as_str().unwrap();
    assert!(text.contains(&format!("  region left: {verdict}")), "{text}");

    let map: Value = serde_json::from_slice(&common::read(&map)).unwrap();
    let [annotation, tiles @ ..] = &map["features"].as_array().unwrap()[..] else {
        panic!("{map}")
    };
    assert_eq!(annotation["properties"]["objectType"], "annotation");
    let picture = histoscope::decode::decode(&common::read(&picture)).unwrap().pixels;
    let mut voters = taught["voters"].as_array().unwrap().iter();
    let patches = report["patches"].as_array().unwrap();
    assert_eq!(patches.len(), tiles.len());
    for (patch, tile) in patches.iter().zip(tiles) {
        let said = &tile["properties"];
        if patch["screen"] != "assessable" {
            assert!(said["classification"]["name"].as_str().unwrap().starts_with("left out: "));
            continue;
        }
        let shares: Vec<f64> = serde_json::from_value(voters.next().unwrap().clone()).unwrap();
        let place = (0..3).max_by(|&a, &b| shares[a].total_cmp(&shares[b])).unwrap();
        let tone = histoscope::colours::tone(&classes, place);
        let class = serde_json::json!({"name": classes[place], "color": tone});
        assert_eq!(said["classification"], class, "{tile}");
        for (class, share) in classes.iter().zip(&shares) {
            assert_eq!(said["measurements"][format!("probability_{class}")], *share);
        }
        // 16 pixels for a patch of 224.
        let [x, y] = ["x", "y"].map(|at| patch[at].as_u64().unwrap() as u32 / 14);
        let painted = picture.get_pixel(x + 1, y + 1).0;
        assert_eq!(painted, histoscope::colours::of_shares(&classes, &shares));
    }
    assert_eq!(voters.next(), None);
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = common::empty_folder("slide-errors");
    let scan = scan(&folder);
    for (file, code) in [
        ("bad-czi.czi", "slide_foreign_format"),
        ("bad-text.svs", "slide_not_recognised"),
        ("bad-zero-scale.svs", "slide_no_scale"),
        ("jpeg-444.svs", "slide_no_patches"),
    ] {
        let (out, said) = run(histoscope().arg(small(file)), 1);
        assert!(said.contains(&format!("error[{code}]")), "{file}: {said}");
        assert!(out.contains("failed"), "{out}");
    }
    let field = common::fixture("good").join("grid_700x460.jpg");
    let (_, said) = run(histoscope().arg(&field).args(["--mpp", "0.5"]), 2);
    assert!(said.contains("--mpp is for slides"), "{said}");
    let (_, said) = run(histoscope().arg(&scan).arg(&field).arg("--geojson").arg("x"), 2);
    assert!(said.contains("--geojson is for one image"), "{said}");
    let (_, said) = run(histoscope().arg(&field).args(["--map", "map.png"]), 2);
    assert!(said.contains("--map is for slides"), "{said}");
    let (_, said) = run(histoscope().arg(&scan).args(["--map", "map.jpg"]), 2);
    assert!(said.contains(".tif or .png"), "{said}");
    let (_, said) = run(histoscope().arg(&scan).args(["--mpp", "0"]), 2);
    assert!(said.contains("error[options_invalid]"), "{said}");
}

#[test]
fn a_plain_tiff_of_pages_is_a_picture_as_in_the_page() {
    let report = json(histoscope().arg(common::fixture("good").join("tiff_two_pages.tif")));
    assert_eq!(report["success"], true, "{report}");
    assert!(report.get("slide").is_none_or(Value::is_null), "{report}");
}

#[test]
fn instances_of_a_folder_are_one_slide_and_captures_are_pictures() {
    let folder = common::empty_folder("dicom_folder");
    for (from, to) in [
        ("dicom-level-0.dcm", "benign/a-0.dcm"),
        ("dicom-level-1.dcm", "benign/a-1.dcm"),
        ("dicom-capture.dcm", "malignant/b-0.dcm"),
        ("dicom-capture.dcm", "malignant/b-1.dcm"),
    ] {
        let path = folder.join(to);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(small(from), path).unwrap();
    }
    // They are smaller than a patch, which is said of each.
    let (out, _) = run(histoscope().arg(&folder).args(["--keep-duplicates", "--json"]), 1);
    let report: Value = serde_json::from_str(&out).unwrap();
    let names = report["individual_results"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|result| result["filename"].as_str().unwrap()).collect();
    assert_eq!(names, ["benign/a-0.dcm", "malignant/b-0.dcm", "malignant/b-1.dcm"], "{report}");
    // The folder labels the slide as it labels pictures: else there were one class.
    let evaluated = Command::cargo_bin("histoscope").unwrap().arg("evaluate").arg(&folder).output();
    let said = String::from_utf8(evaluated.unwrap().stderr).unwrap();
    assert!(said.contains("error[slide_no_patches]"), "{said}");
}

/// An instance of another series than that of the fixtures.
fn of_another_series(file: &str) -> Vec<u8> {
    let mut bytes = std::fs::read(small(file)).unwrap();
    let tag = b"\x20\0\x0e\0UI";
    let at = bytes.windows(tag.len()).position(|here| here == tag).unwrap() + tag.len();
    let length = usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let last = bytes[at + 2..at + 2 + length].iter().rposition(u8::is_ascii_digit).unwrap();
    bytes[at + 2 + last] = b'7';
    bytes
}

#[test]
fn series_of_one_folder_are_slides_of_their_own() {
    let folder = common::empty_folder("dicom_series");
    for (from, to) in [("dicom-level-0.dcm", "a-0.dcm"), ("dicom-level-1.dcm", "c-1.dcm")] {
        std::fs::copy(small(from), folder.join(to)).unwrap();
    }
    std::fs::write(folder.join("b-0.dcm"), of_another_series("dicom-level-1.dcm")).unwrap();
    // They are smaller than a patch, which is said of each.
    let (out, said) = run(histoscope().arg(&folder).arg(&folder).arg("--json"), 1);
    let report: Value = serde_json::from_str(&out).unwrap();
    let names = report["individual_results"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|result| result["filename"].as_str().unwrap()).collect();
    assert_eq!(names, ["a-0.dcm", "b-0.dcm"], "{report}");
    assert_eq!(said.matches("error[slide_no_patches]").count(), 2, "{said}");
}

#[test]
fn a_map_that_cannot_be_written_loses_no_results() {
    let folder = common::empty_folder("slide-map-lost");
    let scan = scan(&folder);
    for (option, name) in [("--map", "map.tif"), ("--geojson", "map.geojson")] {
        let map = folder.join("missing").join(name);
        let (out, said) = run(
            histoscope().arg(&scan).args(["--max-patches", "1", "--json", option]).arg(&map),
            1,
        );
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["success"], true, "{option}");
        assert!(said.contains("error[output_failed]") && said.contains(name), "{said}");
    }
}
