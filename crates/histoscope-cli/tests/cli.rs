//! The command line as a user runs it: output formats, exit codes, bad input.

#[path = "../../../tests/common/mod.rs"]
mod common;
#[cfg(feature = "tract")]
#[path = "../../../tests/common/onnx.rs"]
mod onnx;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn histoscope() -> Command {
    let mut command = Command::cargo_bin("histoscope").unwrap();
    command.arg("predict");
    command
}

fn good(file: &str) -> PathBuf {
    common::fixture("good").join(file)
}

fn bad(file: &str) -> PathBuf {
    common::fixture("bad").join(file)
}

/// Standard output, after checking the exit code.
fn stdout(command: &mut Command, code: i32) -> String {
    let output = command.assert().code(code).get_output().clone();
    String::from_utf8(output.stdout).unwrap()
}

fn stderr(command: &mut Command, code: i32) -> String {
    let output = command.assert().code(code).get_output().clone();
    String::from_utf8(output.stderr).unwrap()
}

fn json(command: &mut Command, code: i32) -> Value {
    serde_json::from_str(&stdout(command.arg("--json"), code)).unwrap()
}

fn copy_into(folder: &Path, files: &[PathBuf]) {
    for file in files {
        std::fs::copy(file, folder.join(file.file_name().unwrap())).unwrap();
    }
}

/// The lines of a CSV, each by the names of its columns.
fn csv_rows(text: &str, delimiter: u8) -> Vec<HashMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn one_image_gives_text_with_the_research_notice() {
    let text = stdout(histoscope().arg(good("grid_700x460.jpg")), 0);
    assert!(text.starts_with("grid_700x460.jpg: "), "{text}");
    assert!(text.contains("6 of 6 patches"), "{text}");
    assert!(text.contains("research use only"), "{text}");
}

#[test]
fn one_image_gives_the_image_report_as_json() {
    let report = json(histoscope().arg(good("grid_700x460.jpg")), 0);
    assert_eq!(report["success"], true);
    assert_eq!(report["filename"], "grid_700x460.jpg");
    assert_eq!(report["num_patches"], 6);
    assert_eq!(report["model"]["variant"], "int8");
    assert!(report["timings_ms"]["total"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_same_bytes_give_the_same_report() {
    let run = || {
        let mut report = json(histoscope().arg(good("grid_470x260.jpg")), 0);
        report["timings_ms"].take();
        report
    };
    assert_eq!(run(), run());
}

#[test]
fn options_reach_the_report() {
    let path = good("grid_1400x1150.jpg");
    for (arguments, patches) in [
        (vec![], 25),
        (vec!["--max-patches", "all"], 30),
        (vec!["--max-patches", "3", "--batch-size", "2"], 3),
    ] {
        let report = json(histoscope().arg(&path).args(&arguments), 0);
        assert_eq!(report["num_patches"], patches, "{arguments:?}");
    }
    let report = json(histoscope().arg(&path).args(["--stride", "500", "--max-patches", "all"]), 0);
    assert_eq!(report["grid"]["columns"], 3);
    assert_eq!(report["patches"][1]["x"], 500);
}

#[test]
fn single_precision_agrees_with_int8() {
    let path = good("grid_448x224.jpg");
    let int8 = json(histoscope().arg(&path), 0);
    let f32 = json(histoscope().arg(&path).arg("--no-quantization"), 0);
    assert_eq!(f32["model"]["variant"], "f32");
    let p = |report: &Value| report["probabilities"]["malignant"].as_f64().unwrap();
    assert!((p(&int8) - p(&f32)).abs() < 0.1, "{} {}", p(&int8), p(&f32));
}

#[test]
fn a_folder_gives_one_diagnosis_and_goes_on_after_failures() {
    let folder = common::empty_folder("cli-folder");
    copy_into(&folder, &[good("grid_448x224.jpg"), good("grid_470x260.jpg"), bad("truncated.png")]);
    std::fs::write(folder.join("notes.txt"), "not for us").unwrap();
    // What a Mac leaves on other systems' disks.
    std::fs::write(folder.join("._grid_448x224.jpg"), "not for us").unwrap();

    // Drawn fields are unlike all that the model has learned, and vote only on request.
    let report = json(histoscope().arg(&folder), 1);
    assert_eq!((&report["num_unfamiliar"], &report["verdict"]), (&2.into(), &"unfamiliar".into()));
    let report = json(histoscope().arg(&folder).arg("--count-unfamiliar"), 1);
    assert_eq!((&report["num_images"], &report["num_failed"]), (&3.into(), &1.into()));
    assert!(report["aggregated_diagnosis"]["confidence"].as_f64().unwrap() >= 0.5);
    let failed = &report["individual_results"][2];
    assert_eq!(failed["filename"], "truncated.png");
    assert_eq!(failed["error"]["code"], "image_truncated_or_corrupt");

    let text = stdout(histoscope().arg(&folder).arg("--count-unfamiliar"), 1);
    assert!(text.contains("Together: "), "{text}");
    assert!(text.contains("mean of 2 of 3 images"), "{text}");
    let errors = stderr(histoscope().arg(&folder), 1);
    assert!(errors.contains("error[image_truncated_or_corrupt]: truncated.png"), "{errors}");
}

/// As the page does: a scan without an extension is no less one of its patient's.
#[test]
fn the_content_of_a_file_decides_whether_a_folder_has_an_image_more() {
    let folder = common::empty_folder("cli-content");
    for (from, to) in [
        ("grid_448x224.jpg", "scan 1"),
        ("grid_470x260.jpg", "b.jfif"),
        ("grid_700x460.jpg", "c.x"),
    ] {
        std::fs::copy(good(from), folder.join(to)).unwrap();
    }
    std::fs::write(folder.join("BMI.txt"), "BMI of all patients").unwrap();
    let report = json(histoscope().arg(&folder), 0);
    let names = report["individual_results"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|result| result["filename"].as_str().unwrap()).collect();
    assert_eq!(names, ["b.jfif", "c.x", "scan 1"], "{report}");
}

#[test]
fn folders_or_a_table_tell_patients_where_that_is_asked_for() {
    let root = common::empty_folder("cli-patients-told");
    for (from, to) in [
        ("grid_448x224.jpg", "a/case-1/40x/1.jpg"),
        ("grid_470x260.jpg", "a/case-2/benign/1.jpg"),
        ("grid_700x460.jpg", "b/case-1/SOB_M_DC-14-2523-40-001.jpg"),
        ("grid_1400x1150.jpg", "b/case-1/2.jpg"),
    ] {
        let to = root.join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(good(from), to).unwrap();
    }
    let [a, b] = ["a", "b"].map(|name| root.join(name));
    let run = |patients: &str| {
        let mut command = histoscope();
        command.args([&a, &b]).args(["--count-unfamiliar", "--patients", patients]);
        command
    };
    let whose = |report: &Value| -> Vec<(String, Value)> {
        let patients = report["patients"].as_array().into_iter().flatten();
        let of = |of: &Value| (of["patient"].as_str().unwrap().to_owned(), of["images"].clone());
        patients.map(of).collect()
    };
    let by_names = json(&mut run("names"), 0);
    assert_eq!(whose(&by_names), [("14-2523".to_owned(), serde_json::json!([3]))]);
    assert!(by_names["verdict"].is_string());

    // Equal names of two folders are two patients.
    let report = json(&mut run("folders"), 0);
    let expected = [("14-2523", [3]), ("a/case-1", [0]), ("b/case-1", [2]), ("case-2", [1])];
    let expected = expected.map(|(of, images)| (of.to_owned(), serde_json::json!(images)));
    assert_eq!(whose(&report), expected);
    assert_eq!(report["no_verdict"], "several patients");
    // However they are named, and also where one of them cannot be read.
    #[cfg(unix)]
    std::os::unix::fs::symlink("gone.jpg", b.join("case-1/3.jpg")).unwrap();
    let mut elsewhere = histoscope();
    elsewhere.current_dir(b.join("case-1")).args([".", "../../a/case-2", "--patients", "folders"]);
    let report = json(elsewhere.arg("--count-unfamiliar"), if cfg!(unix) { 1 } else { 0 });
    let names: Vec<String> = whose(&report).into_iter().map(|(of, _)| of).collect();
    assert_eq!(names, ["14-2523", "case-1", "case-2"], "{report}");
    #[cfg(unix)]
    {
        assert_eq!(report["patients"][1]["num_failed"], 1);
        std::fs::remove_file(b.join("case-1/3.jpg")).unwrap();
    }
    let text = stdout(run("folders").arg("--csv"), 0);
    let rows = csv_rows(&text, b',');
    let labels: Vec<&str> = rows.iter().map(|row| &*row["label"]).collect();
    assert_eq!(labels, ["", "benign", "", "malignant"]);

    let table = root.join("patients.csv");
    let lines = "file;case;patient\n\
                 ./a/case-1/40x/1.jpg;no one;anna\n\
                 2.jpg;no one;anna\n\
                 SOB_M_DC-14-2523-40-001.jpg;no one;berta\n";
    std::fs::write(&table, lines).unwrap();
    let table = table.to_str().unwrap();
    let report = json(&mut run(table), 0);
    let expected = [("anna", serde_json::json!([0, 2])), ("berta", serde_json::json!([3]))];
    assert_eq!(whose(&report), expected.map(|(of, images)| (of.to_owned(), images)));
    let text = stdout(&mut run(table), 0);
    assert!(text.contains("\nImages of no known patient: 1, no verdict\n"), "{text}");
    let text = stdout(run(table).arg("--csv"), 0);
    let rows = csv_rows(&text, b',');
    let patients: Vec<&str> = rows.iter().map(|row| &*row["patient"]).collect();
    assert_eq!(patients, ["anna", "", "anna", "berta"]);
    // Of what a table says nothing of nothing is known, whatever its name.
    assert!(rows.iter().all(|row| row["label"].is_empty()));

    std::fs::write(table, "file,label\n1.jpg,benign\n").unwrap();
    let output = run(table).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("the table has no column \"patient\""), "{said}");
    std::fs::write(table, "file\tpatient\tlabel\n1.jpg\tanna\tbenign\n5.jpg\tberta\t\n").unwrap();
    let output = run(table).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("names the patient of none of these images"), "{said}");
    std::fs::write(table, "file\tpatient\tlabel\n2.jpg\tanna\tbenign\n").unwrap();
    let output = run(table).arg("--csv").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("note: whose 3 of 4 images are, nothing tells"), "{said}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("/2.jpg,2.jpg,anna,benign,"), "{said}");

    for wrong in [["--one-patient", "--json"], ["--spreadsheet=point", "--json"]] {
        assert_eq!(run("folders").args(wrong).output().unwrap().status.code(), Some(2));
    }
    let missing = run("no-such-table.csv").output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-table.csv"));
}

#[test]
fn each_patient_that_names_tell_has_a_verdict_and_all_have_none() {
    let folder = common::empty_folder("cli-patients");
    for (from, to) in [
        ("grid_448x224.jpg", "SOB_M_DC-14-2523-40-001.jpg"),
        ("grid_470x260.jpg", "SOB_M_DC-14-2523-40-002.jpg"),
        ("grid_700x460.jpg", "SOB_B_TA-14-22549AB-40-001.jpg"),
        ("grid_448x224.jpg", "SOB_B_TA-14-22549AB-40-002.jpg"),
    ] {
        std::fs::copy(good(from), folder.join(to)).unwrap();
    }
    let run = || {
        let mut command = histoscope();
        command.arg(&folder).arg("--count-unfamiliar");
        command
    };
    let text = stdout(&mut run(), 0);
    assert!(!text.contains("Together"), "{text}");
    assert!(text.contains("Images of several patients have no verdict together."), "{text}");
    // Each line is what the patient's images give by themselves; the same bytes count once.
    for (patient, voted) in [("14-2523", "1 of 2"), ("14-22549", "2 of 2")] {
        let line = text.lines().find(|line| line.starts_with(&format!("Patient {patient}: ")));
        let line = line.unwrap_or_else(|| panic!("{patient}: {text}"));
        assert!(line.ends_with(&format!(" - mean of {voted} images")), "{text}");
    }
    let of_one = ["TA-14-22549AB-40-001", "TA-14-22549AB-40-002"];
    let of_one = of_one.map(|name| folder.join(format!("SOB_B_{name}.jpg")));
    let alone = stdout(histoscope().args(&of_one).arg("--count-unfamiliar"), 0);
    let said = alone.lines().find_map(|line| line.strip_prefix("Together: ")).unwrap();
    assert!(text.contains(&format!("Patient 14-22549: {said}\n")), "{text}{alone}");

    copy_into(&folder, &[good("grid_1400x1150.jpg")]);
    let text = stdout(&mut run(), 0);
    assert!(text.contains("\nImages of no known patient: 1, no verdict\n"), "{text}");
    // For programs it is the same, with the reason, and counts over all.
    let report = json(&mut run(), 0);
    assert_eq!((&report["verdict"], &report["aggregated_diagnosis"]), (&Value::Null, &Value::Null));
    assert_eq!(report["no_verdict"], "several patients");
    let counts = &report["image_breakdown"];
    assert_eq!(
        counts["benign_images"]
            .as_u64()
            .zip(counts["malignant_images"].as_u64())
            .map(|(b, m)| b + m),
        Some(4)
    );
    let of = |place: usize| &report["patients"][place];
    assert_eq!(of(0)["images"], serde_json::json!([0, 1]));
    assert_eq!((&of(1)["patient"], &of(1)["num_duplicates"]), (&"14-2523".into(), &1.into()));
    // A person may know better than names.
    let one = json(run().arg("--one-patient"), 0);
    assert!(one["aggregated_diagnosis"]["confidence"].is_f64());
    assert_eq!(one.get("patients"), None);

    let text = stdout(run().arg("--csv"), 0);
    let told =
        csv_rows(&text, b',').into_iter().map(|row| (row["patient"].clone(), row["label"].clone()));
    let expected = [
        ("14-22549", "benign"),
        ("14-22549", "benign"),
        ("14-2523", "malignant"),
        ("14-2523", "malignant"),
        ("", ""),
    ];
    assert!(told.eq(expected.map(|(p, l)| (p.to_owned(), l.to_owned()))), "{text}");

    let lines = |which: &str| csv_rows(&stdout(run().arg(which), 0), b',');
    let patients = lines("--csv=patients");
    assert_eq!(
        patients.iter().map(|of| &of["patient"]).collect::<Vec<_>>(),
        ["14-22549", "14-2523"]
    );
    let together = json(histoscope().args(&of_one).arg("--count-unfamiliar"), 0);
    let diagnosis = &together["aggregated_diagnosis"];
    let [one, ..] = &*patients else { panic!() };
    assert_eq!(one["confidence"].parse().ok(), diagnosis["confidence"].as_f64());
    assert_eq!(of(0)["aggregated_diagnosis"], *diagnosis);
    assert_eq!(together["patients"][0]["aggregated_diagnosis"], *diagnosis);
    assert_eq!(one["verdict"], *diagnosis["verdict"].as_str().unwrap());
    assert_eq!((&*one["images"], &*one["missing"], &*one["max_patches"]), ("2", "0", "25"));
    assert_eq!(one["model_sha256"], *together["model"]["sha256"].as_str().unwrap());

    let patches = lines("--csv=patches");
    let results = together["individual_results"].as_array().unwrap();
    let of_first = results[0]["patches"].as_array().unwrap();
    for (patch, row) in of_first.iter().zip(&patches) {
        assert_eq!(row["path"], *results[0]["filename"].as_str().unwrap());
        assert_eq!((&*row["patient"], &*row["label"]), ("14-22549", "benign"));
        assert_eq!(row["x"].parse().ok(), patch["x"].as_u64());
        assert_eq!(row["screen"], *patch["screen"].as_str().unwrap());
        let malignant = patch["probabilities"]["malignant"].as_f64();
        assert_eq!(row["probability_malignant"].parse().ok(), malignant);
        assert!(!row["analysed_utc"].is_empty());
    }
    // For a spreadsheet they are the same numbers, as its country writes them.
    let german = stdout(run().args(["--csv=patches", "--spreadsheet=comma"]), 0);
    let german = german.strip_prefix('\u{feff}').unwrap();
    let german = csv_rows(german, b';');
    assert_eq!(german.len(), patches.len());
    for (row, plain) in german.iter().zip(&patches) {
        assert_eq!(row["probability_benign"], plain["probability_benign"].replace('.', ","));
        assert_eq!(
            (&row["path"], &row["model_version"]),
            (&plain["path"], &plain["model_version"])
        );
    }
    assert!(german.iter().any(|row| row["probability_benign"].contains(',')));
    let english = stdout(run().args(["--csv=patches", "--spreadsheet=point"]), 0);
    assert!(english.starts_with("\u{feff}path,patient,"), "{english}");
    let next = &patches[of_first.len()];
    assert_eq!(
        (&*next["patch"], &next["path"]),
        ("1", &results[1]["filename"].as_str().unwrap().into())
    );
}

#[test]
fn what_is_not_assessable_is_said_in_plain_words_and_is_no_failure() {
    let grey = good("png_grey8.png");
    let text = stdout(histoscope().arg(&grey), 0);
    assert!(text.starts_with("png_grey8.png: not assessable, "), "{text}");
    assert!(text.contains("note: Not assessable: 0 of 1 patches can be assessed"), "{text}");
    let report = json(histoscope().arg(&grey), 0);
    assert_eq!(report["verdict"], "not assessable");
    assert!(report["prediction"].is_null());
    assert_eq!(report["options"]["screen"], true);

    let report = json(histoscope().arg(&grey).arg("--no-screen"), 0);
    assert_eq!(report["patches"][0]["screen"], "unchecked");
    assert!(report["prediction"].is_string());

    let both = [&grey, &good("grid_448x224.jpg")];
    let text = stdout(histoscope().args(both).arg("--count-unfamiliar"), 0);
    assert!(text.contains("mean of 1 of 2 images"), "{text}");
    for (option, counts) in [(None, ["no", "no"]), (Some("--count-unfamiliar"), ["no", "yes"])] {
        let text = stdout(histoscope().args(both).arg("--csv").args(option), 0);
        assert!(csv_rows(&text, b',').iter().map(|row| &*row["counts"]).eq(counts), "{text}");
    }
    let text = stdout(histoscope().args(both), 0);
    assert!(text.contains("Together: unfamiliar - no image voted"), "{text}");
    let text = stdout(histoscope().args([&grey, &good("png_grey16.png")]), 0);
    assert!(text.contains("Together: not assessable"), "{text}");

    let text = stdout(histoscope().arg(&grey).arg("--csv"), 0);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row: HashMap<String, String> = reader.deserialize().next().unwrap().unwrap();
    assert_eq!((&*row["verdict"], &*row["prediction"]), ("not assessable", ""));
    assert_eq!((&*row["num_patches"], &*row["benign_patches"]), ("1", "0"));
    assert_eq!((&*row["width"], &*row["state"], &*row["counts"]), ("238", "done", "no"));
}

#[test]
fn csv_has_one_line_per_image() {
    let text =
        stdout(histoscope().args([good("grid_448x224.jpg"), bad("empty.png")]).arg("--csv"), 1);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(&rows[0][column("state")], "done");
    assert_eq!(&rows[0][column("verdict")], "unfamiliar");
    assert_eq!(&rows[0][column("counts")], "no");
    let number = |name: &str| rows[0][column(name)].parse::<f64>().unwrap();
    assert!(number("distance") > number("distance_limit"));
    assert_eq!(&rows[0][column("max_patches")], "25");
    // Each digest says of what it is.
    let [file, model] = ["file_sha256", "model_sha256"].map(|name| &rows[0][column(name)]);
    assert!(file.len() == 64 && model.len() == 64 && file != model);
    assert!(headers.iter().all(|header| header != "sha256"));
    assert_eq!(&rows[0][column("num_patches")], "2");
    assert_eq!(&rows[1][column("state")], "failed");
    assert_eq!(&rows[1][column("filename")], "empty.png");
    assert_eq!(&rows[1][column("error_code")], "image_empty");
}

#[test]
fn a_failed_image_exits_with_1_and_says_what_to_do() {
    for (file, code) in [
        ("empty.png", "image_empty"),
        ("text.png", "image_not_recognised"),
        ("size_1x1.png", "image_too_small"),
        ("claims_30000x30000.png", "image_too_large"),
        ("still.gif", "image_unsupported_format"),
    ] {
        let report = json(histoscope().arg(bad(file)), 1);
        assert_eq!(report["success"], false);
        assert_eq!(report["error"]["code"], code, "{file}");
        assert!(!report["error"]["remedy"].as_str().unwrap().is_empty());
    }
    let report = json(histoscope().arg("no such file.png"), 1);
    assert_eq!(report["error"]["code"], "file_unreadable");
}

#[test]
fn wrong_usage_exits_with_2() {
    let path = good("grid_448x224.jpg");
    for arguments in [
        &["--max-patches", "0"][..],
        &["--max-patches", "many"],
        &["--batch-size", "0"],
        &["--stride", "3"],
        &["--json", "--csv"],
        &["--csv=slides"],
        &["--no-such-option"],
    ] {
        histoscope().arg(&path).args(arguments).assert().code(2);
    }
    histoscope().assert().code(2);
    let empty = common::empty_folder("cli-no-image");
    let errors = stderr(histoscope().arg(&empty), 2);
    assert!(errors.contains("holds no image"), "{errors}");
}

#[test]
fn another_model_is_found_with_its_manifest_and_verified() {
    let models = common::root().join("models");
    let manifest = common::json(&models.join("histoscope-v0.json"));
    let file = manifest["variants"]["int8"]["file"].as_str().unwrap();
    let image = good("grid_448x224.jpg");
    let report = json(histoscope().arg(&image).arg("--model").arg(models.join(file)), 0);
    assert_eq!(report["success"], true);

    let folder = common::empty_folder("cli-model");
    let model = folder.join(file);
    let run = |model: &Path| json(histoscope().arg(&image).arg("--model").arg(model), 1);
    assert_eq!(run(&model)["error"]["code"], "model_missing");

    let mut bytes = common::read(&models.join(file));
    std::fs::write(&model, &bytes).unwrap();
    assert_eq!(run(&model)["error"]["code"], "manifest_missing");

    copy_into(&folder, &[models.join("histoscope-v0.json")]);
    bytes[1000] ^= 1;
    std::fs::write(&model, &bytes).unwrap();
    assert_eq!(run(&model)["error"]["code"], "model_hash_mismatch");

    let spoilt = format!("{{\"variants\": \"{file}\"");
    std::fs::write(folder.join("histoscope-v0.json"), spoilt).unwrap();
    assert_eq!(run(&model)["error"]["code"], "manifest_invalid");
}

/// Of the patches of [`linear`].
#[cfg(feature = "tract")]
const SIDE: usize = 16;

/// Writes a model of somebody else, linear in the mean colour, with its manifest beside it.
#[cfg(feature = "tract")]
fn linear(folder: &Path, labels: &[&str], weights: &[f32]) -> Vec<u8> {
    use histoscope::manifest::sha256_hex;
    use onnx::{DataType, Network};

    let mut network = Network::with_input(DataType::Float, &[1, 3, SIDE, SIDE]);
    let bias: Vec<f32> = (0..labels.len()).map(|class| 0.1 - 0.3 * class as f32).collect();
    let scores = network.linear_of_mean("image", weights, &bias);
    network.output(&scores);
    let model = network.finish();
    let manifest = serde_json::json!({
        "schema_version": 1, "name": "linear", "version": "1", "labels": labels,
        "input": {
            "dtype": "float32", "layout": "NCHW", "channels": "RGB", "patch_size": SIDE,
            "normalisation": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
        },
        "variants": {"f32": {
            "file": "linear.onnx", "bytes": model.len(), "sha256": sha256_hex(&model),
        }},
        "calibration": {"temperature": 1, "uncertain_below": null},
    });
    std::fs::write(folder.join("linear.onnx"), &model).unwrap();
    std::fs::write(folder.join("linear.json"), manifest.to_string()).unwrap();
    model
}

#[cfg(feature = "tract")]
#[test]
fn a_model_runs_with_its_manifest_beside_it() {
    use histoscope::manifest::sha256_hex;

    let folder = common::empty_folder("own-model");
    let probabilities = |labels: [&str; 2]| {
        let model = linear(&folder, &labels, &[1.0, -2.0, 0.5, -0.25, 0.75, 3.0]);
        let mut command = histoscope();
        command.arg(good("grid_448x224.jpg")).args(["--no-screen", "--max-patches", "7"]);
        let report = json(command.arg("--model").arg(folder.join("linear.onnx")), 0);
        assert_eq!(report["model"]["name"], "linear");
        assert_eq!(report["model"]["sha256"], sha256_hex(&model));
        assert_eq!(report["patches"][0]["width"], SIDE);
        assert!(report["verdict"] == report["prediction"], "nothing is uncertain: {report}");
        ["benign", "malignant"].map(|label| report["probabilities"][label].as_f64().unwrap())
    };
    let [benign, malignant] = probabilities(["benign", "malignant"]);
    assert!((benign + malignant - 1.0).abs() < 1e-9 && benign != malignant);
    assert_eq!(probabilities(["malignant", "benign"]), [malignant, benign]);
}

/// A model of three classes that nobody counted as benign or malignant speaks by these, wherever a
/// lesson of other classes does.
#[cfg(feature = "tract")]
#[test]
fn a_model_speaks_by_classes_of_its_own() {
    let folder = common::empty_folder("own-classes");
    let classes = ["stroma", "in situ", "invasive"];
    linear(&folder, &classes, &[1.0, -2.0, 0.5, -0.25, 0.75, 3.0, 2.0, 0.5, -1.0]);
    let images = folder.join("images");
    std::fs::create_dir(&images).unwrap();
    for (file, image) in [
        ("grid_448x224.jpg", "14-22549AB-40-001"),
        ("grid_700x460.jpg", "14-22549AB-40-002"),
        ("grid_1400x1150.jpg", "14-2523-40-001"),
    ] {
        std::fs::copy(good(file), images.join(format!("SOB_B_A-{image}.jpg"))).unwrap();
    }
    let run = || {
        let mut command = histoscope();
        command.arg("--model").arg(folder.join("linear.onnx"));
        command.args(["--no-screen", "--max-patches", "7"]);
        command
    };

    let report = json(run().arg(good("grid_448x224.jpg")), 0);
    let said = &report["taught"];
    assert_eq!(said["classes"], serde_json::json!(classes));
    assert_eq!(said["prediction"], said["verdict"]);
    assert!(said.get("lesson").is_none(), "{said}");
    assert_eq!((&report["prediction"], &report["probabilities"]), (&Value::Null, &Value::Null));
    assert_eq!((&report["success"], &report["verdict"]), (&true.into(), &"uncertain".into()));
    let verdict = said["verdict"].as_str().unwrap();
    let text = stdout(run().arg(good("grid_448x224.jpg")), 0);
    assert!(text.contains(&format!(": {verdict} (")) && !text.contains("lesson"), "{text}");

    let map = folder.join("map.geojson");
    json(run().arg(good("grid_448x224.jpg")).arg("--geojson").arg(&map), 0);
    let map: Value = serde_json::from_slice(&std::fs::read(map).unwrap()).unwrap();
    let tiles = map["features"].as_array().unwrap();
    assert_eq!(tiles.len(), said["voters"].as_array().unwrap().len());
    for (tile, shares) in tiles.iter().zip(said["voters"].as_array().unwrap()) {
        let tile = &tile["properties"];
        let name = tile["classification"]["name"].as_str().unwrap();
        let place = classes.iter().position(|class| *class == name).unwrap();
        let color = serde_json::json!(histoscope::colours::tone(&classes, place));
        assert_eq!(tile["classification"]["color"], color);
        assert_eq!(tile["measurements"][format!("probability_{name}")], shares[place]);
    }

    let together = json(run().arg(&images), 0);
    assert_eq!(together["success"], true);
    assert_eq!(together["num_not_assessable"], 0);
    assert_eq!(together["patients"][0]["success"], true);
    assert_eq!(together["patients"][0]["taught"]["classes"], serde_json::json!(classes));
    let text = stdout(run().arg(&images), 0);
    assert!(text.contains(&format!("Patient 14-22549: {verdict} (")), "{text}");

    let rows = |lines: &str| {
        let text = stdout(run().arg(&images).arg(lines), 0);
        csv_rows(&text, b',')
    };
    let share = |row: &HashMap<String, String>, class: &str| {
        row[&format!("probability_{class}")].parse::<f64>().unwrap()
    };
    for lines in ["--csv=images", "--csv=patients", "--csv=patches"] {
        let rows = rows(lines);
        assert!(rows.len() > 1, "{lines}");
        for row in rows {
            let sum: f64 = classes.iter().map(|class| share(&row, class)).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{lines} {row:?}");
            assert_eq!((&*row["probability_benign"], &*row["lesson"]), ("", ""), "{lines}");
        }
    }
    assert_eq!(rows("--csv=images")[0]["counts"], "yes");
    assert_eq!(rows("--csv=patients")[0][&format!("{verdict}_images")], "2");
}

/// In place of a manifest: what other programs write beside a model, or into it.
#[cfg(feature = "tract")]
#[test]
fn a_model_runs_with_what_its_makers_wrote_beside_it() {
    use histoscope::engine::proto::{ModelProto, StringStringEntryProto};
    use histoscope::manifest::sha256_hex;
    use onnx::{DataType, Network};
    use prost::Message;

    const SIDE: usize = 16;
    let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
    let weights = [1.0, -2.0, 0.5, -0.25, 0.75, 3.0];
    let scores = network.linear_of_mean("image", &weights, &[0.1, -0.2]);
    network.declared_output(&scores, DataType::Float, &[0, 2]);
    let model = network.finish();
    let folder = common::empty_folder("own-model-configs");
    let file = folder.join("model.onnx");
    let predict = |model: &[u8], code| {
        std::fs::write(&file, model).unwrap();
        let mut command = histoscope();
        command.arg(good("grid_448x224.jpg")).args(["--no-screen", "--max-patches", "7"]);
        json(command.arg("--model").arg(&file), code)
    };
    let beside = |name: &str, config: Value| {
        std::fs::write(folder.join(name), config.to_string()).unwrap();
    };
    assert_eq!(predict(&model, 1)["error"]["code"], "manifest_missing");

    let wsinfer = |names: [&str; 2]| {
        let [mean, std] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
        let normalise = serde_json::json!({"mean": mean, "std": std});
        serde_json::json!({
            "name": "breast", "class_names": names, "patch_size_pixels": 32, "spacing_um_px": 0.25,
            "transform": [{"name": "Resize", "arguments": {"size": SIDE}},
                          {"name": "Normalize", "arguments": normalise}],
        })
    };
    beside("config.json", wsinfer(["notumor", "tumor"]));
    let report = predict(&model, 0);
    assert_eq!(report["model"]["name"], "breast");
    assert_eq!(report["model"]["sha256"], sha256_hex(&model));
    assert_eq!(report["patches"][0]["width"], SIDE);
    let said = |report: &Value| report["probabilities"]["malignant"].as_f64().unwrap();
    beside("config.json", wsinfer(["tumor", "notumor"]));
    assert!((said(&report) + said(&predict(&model, 0)) - 1.0).abs() < 1e-9);

    // Two of transformers, which say one part each.
    beside("config.json", serde_json::json!({"id2label": {"0": "benign", "1": "LABEL_1"}}));
    let error = predict(&model, 1)["error"].clone();
    assert_eq!(error["code"], "manifest_incomplete");
    let message = error["message"].as_str().unwrap();
    assert!(message.ends_with("tells how its pixels are scaled"), "{message}");
    let half = [0.5, 0.5, 0.5];
    beside("config.json", serde_json::json!({"id2label": {"0": "benign", "1": "idc"}}));
    beside(
        "preprocessor_config.json",
        serde_json::json!({"image_mean": half, "image_std": half, "size": 224}),
    );
    assert_eq!(predict(&model, 0)["model"]["name"], "model");
    // What else lies there, and what else names the model, keeps nobody from reading them.
    std::fs::write(folder.join("a-study.json"), " ".repeat((1 << 20) + 1)).unwrap();
    let format = serde_json::json!({"use_external_data_format": {"model.onnx": 1}});
    let config = |second: &str| {
        serde_json::json!({
            "id2label": {"0": "benign", "1": second}, "transformers.js_config": format,
        })
    };
    beside("config.json", config("idc"));
    assert_eq!(predict(&model, 0)["model"]["name"], "model");
    std::fs::remove_file(folder.join("a-study.json")).unwrap();
    assert_eq!(predict(&model, 0)["model"]["name"], "model");
    let mut command = histoscope();
    command.arg(good("grid_448x224.jpg")).arg("--model").arg(&file);
    let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
    assert!(said.contains("Without a manifest, counted as malignant: idc"), "{said}");
    // Nobody's manifest is blamed for a name that none may have.
    beside("config.json", config("uncertain"));
    assert_eq!(predict(&model, 1)["error"]["code"], "manifest_incomplete");
    let mut inspect = Command::cargo_bin("histoscope").unwrap();
    inspect.arg("inspect").arg(&file).assert().success();

    // What was meant as its manifest is not passed over for them.
    beside("config.json", config("idc"));
    std::fs::write(folder.join("own.json"), r#"{"variants": {"f32": {"file": "model.onnx"}}}"#)
        .unwrap();
    let error = predict(&model, 1)["error"].clone();
    assert_eq!(error["code"], "manifest_invalid");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("own.json cannot be used"), "{message}");
    let mut inspect = Command::cargo_bin("histoscope").unwrap();
    inspect.arg("inspect").arg(&file).assert().failure();
    std::fs::remove_file(folder.join("own.json")).unwrap();

    // Within the file, and nothing beside it.
    for name in ["config.json", "preprocessor_config.json"] {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    let mut yolo = ModelProto::decode(&*model).unwrap();
    for (key, value) in [("author", "Ultralytics"), ("names", "{0: 'normal', 1: 'cancer'}")] {
        let (key, value) = (key.into(), value.into());
        yolo.metadata_props.push(StringStringEntryProto { key, value });
    }
    let report = predict(&yolo.encode_to_vec(), 0);
    assert_eq!(report["success"], true);
}

/// As exporters write networks that are not small: the weights lie beside the model.
#[cfg(feature = "tract")]
#[test]
fn weights_in_another_file_are_read_where_they_lie_beside_the_model() {
    use histoscope::engine::proto::StringStringEntryProto;
    use histoscope::manifest::sha256_hex;
    use onnx::{DataType, Network};

    const SIDE: usize = 16;
    let network = |external: bool| {
        let mut network = Network::with_input(DataType::Float, &[1, 3, SIDE, SIDE]);
        let weights = [1.0, -2.0, 0.5, -0.25, 0.75, 3.0];
        let scores = network.linear_of_mean("image", &weights, &[0.1, -0.2]);
        network.output(&scores);
        let tensor = &mut network.graph().initializer[0];
        let data = tensor.raw_data.clone();
        if external {
            tensor.raw_data.clear();
            tensor.data_location = 1;
            let [key, value] = ["location", "linear.onnx.data"].map(Into::into);
            tensor.external_data = vec![StringStringEntryProto { key, value }];
        }
        (network.finish(), data)
    };
    let folder = common::empty_folder("external-data");
    let run = |model: &[u8], code| {
        std::fs::write(folder.join("linear.onnx"), model).unwrap();
        let manifest = serde_json::json!({
            "schema_version": 1, "name": "linear", "version": "1",
            "labels": ["benign", "malignant"],
            "input": {"dtype": "float32", "layout": "NCHW", "channels": "RGB", "patch_size": SIDE,
                      "normalisation": {"mean": [0, 0, 0], "std": [1, 1, 1]}},
            "variants": {"f32": {
                "file": "linear.onnx", "bytes": model.len(), "sha256": sha256_hex(model),
            }},
            "calibration": {"temperature": 1, "uncertain_below": null},
        });
        std::fs::write(folder.join("linear.json"), manifest.to_string()).unwrap();
        let mut command = histoscope();
        command.arg(good("grid_448x224.jpg")).args(["--no-screen", "--max-patches", "3"]);
        json(command.arg("--model").arg(folder.join("linear.onnx")), code)
    };
    let (whole, data) = network(false);
    let (part, _) = network(true);
    let expected = run(&whole, 0);
    let missing = run(&part, 1);
    assert_eq!(missing["error"]["code"], "model_data_missing");
    assert!(missing["error"]["message"].as_str().unwrap().contains("linear.onnx.data"));
    std::fs::write(folder.join("linear.onnx.data"), &data).unwrap();
    let found = run(&part, 0);
    assert_eq!(found["probabilities"], expected["probabilities"]);
    std::fs::write(folder.join("linear.onnx.data"), &data[1..]).unwrap();
    assert_eq!(run(&part, 1)["error"]["code"], "model_invalid");
}

#[cfg(feature = "tract")]
#[test]
fn a_model_is_described_and_the_scaling_of_its_manifest_doubted() {
    use histoscope::manifest::sha256_hex;
    use onnx::{DataType, Network};

    const SIDE: usize = 32;
    let folder = common::empty_folder("inspect");
    let file = folder.join("linear.onnx");
    let model = {
        let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
        let weights = [1.0, -2.0, 0.5, -0.25, 0.75, 3.0];
        let scores = network.linear_of_mean("image", &weights, &[0.125, -0.25]);
        network.declared_output(&scores, DataType::Float, &[0, 2]);
        network.finish()
    };
    std::fs::write(&file, &model).unwrap();
    let inspect = |file: &Path, json: bool| {
        let mut command = Command::cargo_bin("histoscope").unwrap();
        stdout(command.arg("inspect").arg(file).args(json.then_some("--json")), 0)
    };
    let said = inspect(&file, false);
    for part in [
        "ONNX operators 13",
        "float32 [N, 3, 32, 32]",
        "0.0 % of its arithmetic",
        "scaled to 0 to 255 every picture",
        "no manifest (.json) in the folder of",
    ] {
        assert!(said.contains(part), "{said}");
    }

    let manifest = serde_json::json!({
        "schema_version": 1, "name": "linear", "version": "1", "labels": ["benign", "malignant"],
        "input": {
            "dtype": "float32", "layout": "NCHW", "channels": "RGB", "patch_size": SIDE,
            "normalisation": {"divisor": 1, "mean": [0, 0, 0], "std": [1, 1, 1]},
        },
        "variants": {"f32": {
            "file": "linear.onnx", "bytes": model.len(), "sha256": sha256_hex(&model),
        }},
        "calibration": {"temperature": 1, "uncertain_below": null},
    });
    std::fs::write(folder.join("linear.json"), manifest.to_string()).unwrap();
    let said = inspect(&file, false);
    assert!(said.contains("likelier: mean and deviation of ImageNet"), "{said}");
    assert!(!said.contains("no manifest"), "{said}");
    let known: Value = serde_json::from_str(&inspect(&file, true)).unwrap();
    assert_eq!(known["fused_share"], 0.0);
    assert_eq!(known["scaling"]["doubt"], "saturated");
    assert_eq!(known["scaling"]["suggested"], "imagenet");
    assert_eq!(known["opset"], 13);

    let own = common::root().join("models/histoscope-v0.int8.onnx");
    let said = inspect(&own, false);
    assert!(said.contains("100.0 % of its arithmetic") && !said.contains("pixels "), "{said}");
}

/// A sum of two shapes, which the file does not tell: its fused layers are refused, and it runs all the same.
#[cfg(feature = "tract")]
#[test]
fn a_model_that_runs_without_its_fused_layers_says_so() {
    use histoscope::manifest::sha256_hex;
    use onnx::{Activation, Conv, Network};

    const SIDE: usize = 32;
    let model = {
        let (mut network, image) = Network::new(SIDE);
        let stem = network.conv(&image, Conv::new(16, 3, 2, Activation::Relu6));
        let real = network.real(&stem);
        let mean = network.node("GlobalAveragePool", &[&real], vec![]);
        let mean = network.quantise(&mean, 16, 6.0 / 127.0, 0);
        let sum = network.add(&stem, &mean, Activation::Linear);
        network.float_head(&sum);
        network.finish()
    };
    let folder = common::empty_folder("fallback");
    std::fs::write(folder.join("sum.onnx"), &model).unwrap();
    let manifest = serde_json::json!({
        "schema_version": 1, "name": "sum", "version": "1", "labels": ["benign", "malignant"],
        "input": {"dtype": "uint8", "layout": "NHWC", "channels": "RGB", "patch_size": SIDE},
        "variants": {"int8": {
            "file": "sum.onnx", "bytes": model.len(), "sha256": sha256_hex(&model),
        }},
        "calibration": {"temperature": 1, "uncertain_below": null},
    });
    std::fs::write(folder.join("sum.json"), manifest.to_string()).unwrap();
    let run = || {
        let mut command = histoscope();
        command.arg(good("grid_448x224.jpg")).args(["--no-screen", "--max-patches", "2"]);
        command.arg("--model").arg(folder.join("sum.onnx"));
        command
    };
    let report = json(&mut run(), 0);
    assert_eq!(report["engine"]["runtime"], "tract");
    let why = report["engine"]["fallback"].as_str().unwrap();
    let said = stderr(&mut run(), 0);
    assert!(said.contains("without its fused layers") && said.contains(why), "{said}");
    // Where nobody wants them, nothing is missing.
    let report = json(run().args(["--engine", "tract"]), 0);
    assert!(report["engine"]["fallback"].is_null(), "{report}");
    assert_eq!(stderr(run().args(["--engine", "tract"]), 0), "");
}

#[cfg(feature = "tract")]
#[test]
fn tract_alone_computes_the_model_where_it_is_asked_to() {
    let image = good("grid_448x224.jpg");
    let report = |engine| json(histoscope().arg(&image).args(["--engine", engine]), 0);
    let (fused, tract) = (report("fused"), report("tract"));
    assert_eq!(fused["engine"]["runtime"], "fused");
    assert_eq!(fused["engine"]["arithmetic"], "exact");
    assert_eq!(tract["engine"]["runtime"], "tract");
    assert_eq!(tract["engine"]["arithmetic"], "float");
    assert_eq!(fused["model"], tract["model"]);
    assert_eq!(fused["prediction"], tract["prediction"]);
    histoscope().arg(&image).args(["--engine", "onnxruntime"]).assert().code(2);
}

#[test]
fn the_threshold_of_uncertain_reaches_the_verdict() {
    let image = good("grid_700x460.jpg");
    // A drawn field is unfamiliar, whatever the threshold; their mean is not.
    let of_two = |threshold: &str| {
        let mut command = histoscope();
        command.args([&image, &good("grid_448x224.jpg")]);
        command.args(["--count-unfamiliar", "--uncertain-below", threshold]);
        command
    };
    let verdict = |threshold: &str| {
        let report = json(&mut of_two(threshold), 0);
        let first = &report["individual_results"][0];
        assert_eq!(first["options"]["uncertain_below"], threshold.parse::<f64>().unwrap());
        assert_eq!(first["verdict"], "unfamiliar");
        let together = &report["aggregated_diagnosis"];
        (together["verdict"].clone(), together["prediction"].clone())
    };
    assert_eq!(verdict("1").0, "uncertain");
    let (bold, prediction) = verdict("0.5");
    assert_eq!(bold, prediction);
    let text = stdout(&mut of_two("1"), 0);
    assert!(text.contains("Together: uncertain (rather "), "{text}");
    for wrong in ["0.4", "1.1", "NaN", "much"] {
        histoscope().arg(&image).args(["--uncertain-below", wrong]).assert().code(2);
    }
}

#[test]
fn the_int8_file_is_not_run_without_quantisation() {
    let models = common::root().join("models");
    let manifest = common::json(&models.join("histoscope-v0.json"));
    let file = |variant: &str| models.join(manifest["variants"][variant]["file"].as_str().unwrap());
    let image = good("grid_448x224.jpg");
    let mut command = histoscope();
    command.arg(&image).arg("--no-quantization").arg("--model").arg(file("int8"));
    let report = json(&mut command, 2);
    assert_eq!(report["error"]["code"], "model_quantised");
    #[cfg(feature = "tract")]
    for arguments in [&[][..], &["--no-quantization"]] {
        let mut command = histoscope();
        command.arg(&image).args(arguments).arg("--model").arg(file("f32"));
        let report = json(&mut command, 0);
        assert_eq!(report["model"]["variant"], "f32");
        assert_eq!(report["engine"]["arithmetic"], "float");
    }
}
