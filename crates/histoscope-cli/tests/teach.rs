//! Labels, evaluation and lessons on the command line, on the drawn study that the page offers.

#[path = "../../../tests/common/mod.rs"]
mod common;

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// 24 fields of six patients, three of each kind, drawn by a program.
fn study() -> PathBuf {
    common::root().join("www/public/demo-study")
}

fn run(arguments: &[&str], code: i32) -> (String, String) {
    let mut command = Command::cargo_bin("histoscope").unwrap();
    let output = command.args(arguments).assert().code(code).get_output().clone();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn json(arguments: &[&str], code: i32) -> Value {
    serde_json::from_str(&run(arguments, code).0).unwrap()
}

/// The study's labels as a table, of the patients that are asked for.
fn labels(folder: &Path, wanted: impl Fn(u64) -> bool) -> PathBuf {
    let mut table = "file,label,patient\n".to_owned();
    for row in common::json(&study().join("study.json")).as_array().unwrap() {
        let patient = row["patient"].as_u64().unwrap();
        if wanted(patient) {
            let [file, label] = ["file", "label"].map(|key| row[key].as_str().unwrap());
            writeln!(table, "{file},{label},{patient}").unwrap();
        }
    }
    let path = folder.join("labels.csv");
    std::fs::write(&path, table).unwrap();
    path
}

#[test]
fn a_lesson_of_four_patients_judges_the_other_two() {
    let folder = common::empty_folder("teach");
    let (study, lesson) = (study(), folder.join("drawn.lesson.json"));
    let [study, lesson] = [&study, &lesson].map(|path| path.to_str().unwrap());
    let taught = labels(&folder, |patient| patient <= 4);
    let taught = taught.to_str().unwrap();

    let teach = ["teach", "--labels", taught, "--name", "drawn", "--out", lesson, "--json", study];
    let answer = json(&teach, 0);
    let written = std::fs::read_to_string(lesson).unwrap();
    assert_eq!(answer["lesson"].as_str(), Some(written.as_str()));
    let left_out = answer["left_out"].as_array().unwrap();
    assert_eq!(left_out.len(), 16);
    let right = left_out.iter().filter(|said| said["prediction"] == said["label"]).count();
    assert!(right >= 12, "{left_out:?}");
    // Taught again it is the same, to the byte.
    run(&teach, 0);
    assert_eq!(std::fs::read_to_string(lesson).unwrap(), written);

    let all = labels(&common::empty_folder("teach_all"), |_| true);
    let untaught = json(&["evaluate", "--labels", all.to_str().unwrap(), "--json", study], 0);
    assert_eq!(untaught["images"], 24);
    assert_eq!(untaught["verdicts"], serde_json::json!({"unfamiliar": 24}));
    for (of, cases) in [("by_image", 24), ("by_patient", 6)] {
        let curves = &untaught[of]["curves"];
        let bins = curves["calibration"].as_array().unwrap().iter();
        assert_eq!(bins.map(|bin| bin["count"].as_u64().unwrap()).sum::<u64>(), cases, "{of}");
        assert_eq!(curves["coverage"][0]["kept"], 1.0, "{of}");
        assert_eq!(curves["roc_band"].as_array().unwrap().len(), 101, "{of}");
    }
    // Of the patients that it has not seen, too, each field is called what it is.
    for row in common::json(&self::study().join("study.json")).as_array().unwrap() {
        if row["patient"].as_u64().unwrap() > 4 {
            let field = format!("{study}/{}", row["file"].as_str().unwrap());
            let report = json(&["predict", "--lesson", lesson, "--json", &field], 0);
            assert_eq!(report["taught"]["verdict"], row["label"], "{}", report["taught"]);
        }
    }

    // What it was taught does not speak for it: of six patients two are left, one of each kind.
    let table = all.to_str().unwrap();
    let own = json(&["evaluate", "--lesson", lesson, "--labels", table, "--json", study], 1);
    assert_eq!((&own["images"], &own["taught"]), (&8.into(), &16.into()), "{own}");
    assert_eq!(own["warnings"][0]["code"], "taught", "{own}");
    assert_eq!(own["refused"]["code"], "too_few", "{own}");
    let own = json(&["evaluate", "--lesson", lesson, "--labels", taught, "--json", study], 1);
    assert_eq!(own["refused"]["code"], "all_taught", "{own}");

    let field = format!("{study}/drawn-6-1.jpg");
    let (text, _) = run(&["predict", "--lesson", lesson, "--csv", &field], 0);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row: HashMap<String, String> = reader.deserialize().next().unwrap().unwrap();
    assert_eq!((&*row["lesson"], &*row["counts"]), ("drawn", "yes"), "{text}");
    assert_eq!(row["lesson_sha256"].len(), 64, "{text}");
    let report = json(&["predict", "--lesson", lesson, "--json", &field], 0);
    assert_eq!(report["taught"]["lesson"]["name"], "drawn", "{}", report["taught"]);
    let plain = json(&["predict", "--json", &field], 0);
    assert_eq!(plain["verdict"], "unfamiliar");
    assert!(plain.get("taught").is_none_or(Value::is_null));
}

#[test]
fn what_cannot_be_taught_or_said_is_refused_with_its_reason() {
    let folder = common::empty_folder("teach_refused");
    let (study, lesson) = (study(), folder.join("none.lesson.json"));
    let [study, lesson] = [&study, &lesson].map(|path| path.to_str().unwrap());
    // Four fields of one patient of each kind.
    let few = labels(&folder, |patient| patient <= 2);
    let few = few.to_str().unwrap();
    let (said, _) = run(&["teach", "--labels", few, "--out", lesson, study], 1);
    assert!(said.starts_with("Nothing is taught: class \"benign\" has 4 images"), "{said}");
    assert!(said.ends_with("not a medical device.\n"), "{said}");
    assert!(!Path::new(lesson).exists());
    let (said, _) = run(&["evaluate", "--labels", few, study], 1);
    assert!(said.ends_with("not a medical device.\n"), "{said}");
    let said = json(&["evaluate", "--labels", few, "--json", study], 1);
    assert_eq!(said["refused"]["code"], "too_few", "{said}");

    let one = labels(&folder, |patient| patient == 1);
    let (_, error) = run(&["evaluate", "--labels", one.to_str().unwrap(), study], 2);
    assert!(error.starts_with("error[labels_invalid]"), "{error}");

    std::fs::write(lesson, "{\"format\":\"histoscope-lesson\"").unwrap();
    let field = format!("{study}/drawn-1-1.jpg");
    let (_, error) = run(&["predict", "--lesson", lesson, &field], 1);
    assert!(error.starts_with("error[lesson_invalid]"), "{error}");
}

#[test]
fn classes_may_have_any_names_and_have_columns_of_their_own() {
    let folder = common::empty_folder("teach_classes");
    let study = study();
    // The drawn kinds under other names, and one of them in two.
    let mut table = "file,label,patient\n".to_owned();
    for row in common::json(&study.join("study.json")).as_array().unwrap() {
        let patient = row["patient"].as_u64().unwrap();
        let file = row["file"].as_str().unwrap();
        let kind = if row["label"] == "benign" { "normal" } else { "in situ" };
        // A patient is two people here, so that each of three kinds has two of them.
        let kind = if patient % 3 == 0 { "-invasive" } else { kind };
        let half = file.ends_with("1.jpg") || file.ends_with("2.jpg");
        writeln!(table, "{file},{kind},{patient}{}", if half { "a" } else { "b" }).unwrap();
    }
    let labels = folder.join("labels.csv");
    std::fs::write(&labels, table).unwrap();
    let lesson = folder.join("three.lesson.json");
    let [study, lesson, labels] = [&study, &lesson, &labels].map(|path| path.to_str().unwrap());
    let teach = ["teach", "--labels", labels, "--out", lesson, "--json", study];
    let answer = json(&teach, 0);
    assert_eq!(answer["after"]["by_image"]["confusion"].as_array().unwrap().len(), 3);
    let folder = json(&["predict", "--lesson", lesson, "--json", study], 0);
    let together = &folder["taught"];
    let images = together["images"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap());
    assert!(images.sum::<u64>() > 18, "{together}");
    assert_eq!(together["probabilities"].as_array().unwrap().len(), 3);
    let (text, _) = run(&["predict", "--lesson", lesson, study], 0);
    assert!(text.contains("\nTogether: ") && text.contains("  lesson: lesson\n"), "{text}");
    let verdict = together["verdict"].as_str().unwrap();
    assert!(text.contains(&format!("Together: {verdict} (")), "{text}");
    let (text, _) = run(&["predict", "--lesson", lesson, "--csv", study], 0);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 24);
    for row in rows {
        let shares = ["-invasive", "in situ", "normal"]
            .map(|class| row[&format!("probability_{class}")].parse::<f64>().unwrap());
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{row:?}");
        assert_eq!(
            row["confidence"].parse::<f64>().unwrap(),
            shares.into_iter().fold(0.0, f64::max)
        );
        assert_eq!(row["probability_malignant"], "");
        // A spreadsheet must not take it for a formula.
        assert!(["'-invasive", "in situ", "normal"].contains(&&*row["prediction"]), "{row:?}");
    }
}

#[test]
fn folders_that_are_read_as_labels_are_said() {
    let folder = common::empty_folder("teach_folders");
    let put = |file: &str, to: &str| {
        let to = folder.join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(study().join(file), to).unwrap();
    };
    // Names of BreakHis say more than whose folder it is.
    put("drawn-1-1.jpg", "patients/p1/SOB_B_TA-14-22549-40-001.jpg");
    put("drawn-2-1.jpg", "patients/p2/SOB_M_DC-14-2523-40-001.jpg");
    put("drawn-1-1.jpg", "days/monday/1.jpg");
    put("drawn-2-1.jpg", "days/tuesday/2.jpg");
    let evaluate = |folder: PathBuf| run(&["evaluate", "--json", folder.to_str().unwrap()], 1);
    let (said, error) = evaluate(folder.join("patients"));
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["classes"], serde_json::json!(["benign", "malignant"]), "{said}");
    assert!(!error.contains("Labels by folders"), "{error}");
    let learned = "These may be images that the model has learned from";
    assert!(error.contains(learned), "{error}");
    let (_, error) = evaluate(folder.join("days"));
    let told = "Labels by folders: monday, tuesday; --labels FILE gives others.\n";
    assert!(error.contains(told) && !error.contains(learned), "{error}");
}

#[test]
fn what_holds_before_and_after_teaching_is_noted_once() {
    let folder = common::empty_folder("teach_notes");
    let mut table = "file,label\n".to_owned();
    for row in common::json(&study().join("study.json")).as_array().unwrap() {
        let [file, label] = ["file", "label"].map(|key| row[key].as_str().unwrap());
        writeln!(table, "{file},{label}").unwrap();
    }
    let labels = folder.join("labels.csv");
    std::fs::write(&labels, table).unwrap();
    let lesson = folder.join("ours.lesson.json");
    let (study, [labels, lesson]) =
        (study(), [&labels, &lesson].map(|path| path.to_str().unwrap()));
    let teach = ["teach", "--labels", labels, "--out", lesson, study.to_str().unwrap()];
    let (said, _) = run(&teach, 0);
    assert_eq!(said.matches("  note: patients are not known").count(), 1, "{said}");
}

/// Runs the command line with models looked for in `folder`.
fn run_among(folder: &Path, arguments: &[&str], code: i32) -> (String, String) {
    let mut command = Command::cargo_bin("histoscope").unwrap();
    command.env("HISTOSCOPE_MODELS", folder).args(arguments);
    let output = command.assert().code(code).get_output().clone();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_deeper_lesson_finds_the_network_that_it_was_taught_to() {
    let folder = common::empty_folder("teach_deeper");
    let (models, nowhere) = (common::root().join("models"), common::empty_folder("teach_nowhere"));
    let manifest = common::json(&models.join("histoscope-teaching.json"));
    let sha256 = manifest["variants"]["int8"]["sha256"].as_str().unwrap();
    let (study, lesson) = (study(), folder.join("deeper.lesson.json"));
    let [study, lesson] = [&study, &lesson].map(|path| path.to_str().unwrap());
    let labels = labels(&folder, |patient| patient <= 4);
    let teach =
        ["teach", "--deeper", "--labels", labels.to_str().unwrap(), "--out", lesson, "--json"];
    let teach = [&teach[..], &[study]].concat();

    let (_, error) = run_among(&nowhere, &teach, 1);
    assert!(error.starts_with("error[model_not_at_hand]") && error.contains(sha256), "{error}");
    assert!(!Path::new(lesson).exists());
    let both = [&teach[..], &["--model", "other.onnx"]].concat();
    run_among(&models, &both, 2);

    let answer: Value = serde_json::from_str(&run_among(&models, &teach, 0).0).unwrap();
    let written: Value = serde_json::from_str(answer["lesson"].as_str().unwrap()).unwrap();
    assert_eq!(written["model"]["sha256"], sha256);
    let width = written["weights"][0].as_array().unwrap().len();
    assert_eq!(width, 2 * (80 + 112 + 192));
    // Before is what the built-in model said; and its own lesson, of the same patients.
    assert_eq!(answer["before"]["images"], 16);
    let own = scores_of(&json(&["evaluate", "--labels", teach[3], "--json", study], 0));
    assert_eq!(scores_of(&answer["before"]), own);
    assert_eq!(answer["built_in"]["images"], 16);

    let field = format!("{study}/drawn-6-1.jpg");
    let predict = ["predict", "--lesson", lesson, "--json", &field];
    let (said, found) = run_among(&models, &predict, 0);
    let report: Value = serde_json::from_str(&said).unwrap();
    assert!(found.contains("Model: histoscope-lite0-teaching 0.1.0, "), "{found}");
    assert_eq!(report["model"]["sha256"], sha256);
    assert_eq!(report["taught"]["verdict"], "malignant", "{}", report["taught"]);
    let (said, error) = run_among(&nowhere, &predict, 1);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["error"]["code"], "model_not_at_hand", "{error}");
    assert!(
        error.contains(&format!("histoscope-lite0-teaching 0.1.0 (SHA-256 {sha256})")),
        "{error}"
    );
    // A model that is named is the one that judges, and another one says whose the lesson is.
    let shipped = models.join("histoscope-v0.int8.onnx");
    let named = [&predict[..], &["--model", shipped.to_str().unwrap()]].concat();
    let (_, error) = run_among(&models, &named, 1);
    assert!(error.contains("taught to the model histoscope-lite0-teaching 0.1.0"), "{error}");

    // Beside the lesson it is found, and spoilt it is refused.
    for name in ["histoscope-teaching.json", "histoscope-teaching.int8.onnx"] {
        std::fs::copy(models.join(name), folder.join(name)).unwrap();
    }
    if let Some(file) = manifest["familiarity"]["file"].as_str() {
        std::fs::copy(models.join(file), folder.join(file)).unwrap();
    }
    run_among(&nowhere, &predict, 0);
    let onnx = folder.join("ours.onnx");
    let export = ["export", "--lesson", lesson, "--out", onnx.to_str().unwrap()];
    run_among(&nowhere, &export, 0);
    assert!(std::fs::metadata(&onnx).unwrap().len() > 2_000_000);
    let mut bytes = common::read(&folder.join("histoscope-teaching.int8.onnx"));
    bytes[1000] ^= 1;
    std::fs::write(folder.join("histoscope-teaching.int8.onnx"), bytes).unwrap();
    let (_, error) = run_among(&nowhere, &predict, 1);
    assert!(error.starts_with("error[model_hash_mismatch]"), "{error}");
}

/// AUC and share of what is right, by image.
fn scores_of(evaluation: &Value) -> [Value; 2] {
    ["auc", "accuracy"].map(|score| evaluation["by_image"][score]["value"].clone())
}

#[test]
fn the_deeper_network_untaught_leaves_every_image_open() {
    let model = common::root().join("models/histoscope-teaching.int8.onnx");
    let model = model.to_str().unwrap();
    for file in ["drawn-1-1.jpg", "drawn-2-1.jpg"] {
        let field = study().join(file);
        let arguments = ["predict", "--model", model, "--json", field.to_str().unwrap()];
        let report = json(&arguments, 0);
        assert_eq!(report["probabilities"]["malignant"], 0.5);
        let verdict = report["verdict"].as_str().unwrap();
        assert!(["uncertain", "unfamiliar"].contains(&verdict), "{verdict}");
    }
}
