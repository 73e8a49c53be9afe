//! Labels, evaluation and lessons on the command line, on the drawn study that the page offers.

#[path = "../../../tests/common/mod.rs"]
mod common;

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
    // Taught again it is the same, to the byte.
    run(&teach, 0);
    assert_eq!(std::fs::read_to_string(lesson).unwrap(), written);

    let all = labels(&common::empty_folder("teach_all"), |_| true);
    let untaught = json(&["evaluate", "--labels", all.to_str().unwrap(), "--json", study], 0);
    assert_eq!(untaught["images"], 24);
    assert_eq!(untaught["verdicts"], serde_json::json!({"unfamiliar": 24}));
    // Of the patients that it has not seen, too, each field is called what it is.
    for row in common::json(&self::study().join("study.json")).as_array().unwrap() {
        if row["patient"].as_u64().unwrap() > 4 {
            let field = format!("{study}/{}", row["file"].as_str().unwrap());
            let report = json(&["predict", "--lesson", lesson, "--json", &field], 0);
            assert_eq!(report["taught"]["verdict"], row["label"], "{}", report["taught"]);
        }
    }

    let field = format!("{study}/drawn-6-1.jpg");
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
    assert!(!Path::new(lesson).exists());
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
