//! What the command line does where reading or writing goes wrong: full disks, closed pipes, folders
//! that may not be read, devices, links that go in circles, names that are no Unicode.
#![cfg(unix)]

#[path = "../../../tests/common/mod.rs"]
mod common;

use std::ffi::OsStr;
use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn histoscope() -> Command {
    command("predict")
}

fn command(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_histoscope"));
    command.arg(name);
    command
}

fn image() -> PathBuf {
    common::fixture("good/grid_448x224.jpg")
}

fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().expect("it ended by itself"), text(stdout), text(stderr))
}

fn json(command: &mut Command, code: i32) -> Value {
    let (found, stdout, stderr) = run(command.arg("--json"));
    assert_eq!(found, code, "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

/// A device on which nothing can be written: there is never any space left.
fn full() -> Option<File> {
    let full = OpenOptions::new().write(true).open("/dev/full").ok();
    if full.is_none() {
        eprintln!("SKIPPED: this system has no /dev/full");
    }
    full
}

#[test]
fn results_that_cannot_be_written_are_an_error() {
    let Some(full) = full() else { return };
    for format in [&[][..], &["--json"], &["--csv"]] {
        for inputs in [vec![image()], vec![image(), image()]] {
            let mut command = histoscope();
            command.args(format).args(&inputs).stdout(full.try_clone().unwrap());
            let (code, _, stderr) = run(&mut command);
            assert_eq!(code, 1, "{format:?}: {stderr}");
            assert!(stderr.contains("error[output_failed]: the results cannot be"), "{stderr}");
        }
    }
    // What a failure says as JSON, and help, are results, too.
    let mut command = histoscope();
    command.args(["--json", "--model", "no such file", "x.png"]).stdout(full.try_clone().unwrap());
    let (code, _, stderr) = run(&mut command);
    assert_eq!(code, 1);
    assert!(stderr.contains("model_missing") && stderr.contains("output_failed"), "{stderr}");
    let (code, _, stderr) = run(histoscope().arg("--help").stdout(full));
    assert_eq!(code, 1, "{stderr}");
}

/// Fields of two drawn patients of each kind, in folders that tell both.
fn study() -> PathBuf {
    let folder = common::empty_folder("streams-study");
    let drawn = common::root().join("www/public/demo-study");
    for (patient, kind) in [(1, "benign"), (2, "malignant"), (3, "benign"), (4, "malignant")] {
        let of_patient = folder.join(kind).join(format!("p{patient}"));
        std::fs::create_dir_all(&of_patient).unwrap();
        for field in 1..=4 {
            let name = format!("drawn-{patient}-{field}.jpg");
            std::fs::copy(drawn.join(&name), of_patient.join(&name)).unwrap();
        }
    }
    folder
}

#[test]
fn lessons_and_figures_that_cannot_be_written_are_an_error() {
    let Some(full) = full() else { return };
    let study = study();
    let lesson = study.join("ours.lesson.json");
    let of_study = |name: &str| {
        let mut command = command(name);
        command.arg(&study).args(["--no-screen", "--max-patches", "2"]);
        command
    };
    let refused = |command: &mut Command| {
        let (code, _, stderr) = run(command);
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains("error[output_failed]: the results cannot be"), "{stderr}");
    };
    refused(of_study("teach").arg("--out").arg("/dev/full"));
    refused(of_study("teach").arg("--out").arg(&lesson).stdout(full.try_clone().unwrap()));
    // The file is there: only what was to be said of it is lost.
    assert!(lesson.is_file());
    refused(command("export").arg("--lesson").arg(&lesson).args(["--out", "/dev/full"]));
    for format in [&[][..], &["--json"]] {
        refused(of_study("evaluate").args(format).stdout(full.try_clone().unwrap()));
    }
    #[cfg(feature = "tract")]
    {
        let model = common::root().join("models/histoscope-v0.int8.onnx");
        refused(command("inspect").arg(model).stdout(full));
    }
}

#[test]
fn labels_and_lessons_are_not_read_from_devices() {
    let image = image();
    for arguments in [["evaluate", "--labels"], ["predict", "--lesson"], ["predict", "--region"]] {
        let (code, _, stderr) =
            run(command(arguments[0]).arg(&image).arg(arguments[1]).arg("/dev/zero"));
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.contains("error[text_unreadable]: /dev/zero"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_pipe_that_is_closed_is_no_failure() {
    for (image, code) in [(image(), 0), (common::fixture("bad/empty.png"), 1)] {
        let mut child = histoscope()
            .args(["--json", "--no-screen"])
            .arg(image)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        assert_eq!(status.code(), Some(code));
        assert!(!String::from_utf8(stderr).unwrap().contains("output_failed"));
    }
}

#[test]
fn an_error_that_cannot_even_be_said_has_its_exit_status() {
    let Some(full) = full() else { return };
    let (code, ..) = run(histoscope().arg("no such file.png").stderr(full));
    assert_eq!(code, 1);
}

#[test]
fn devices_pipes_and_folders_are_refused_and_not_read() {
    let folder = common::empty_folder("streams-devices");
    let pipe = folder.join("pipe.png");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [Path::new("/dev/zero"), &pipe] {
        let report = json(histoscope().arg(path), 1);
        assert_eq!(report["error"]["code"], "file_not_regular", "{}", path.display());
        let report = json(histoscope().arg(image()).arg("--model").arg(path), 1);
        assert_eq!(report["error"]["code"], "model_missing", "{}", path.display());
    }
    let report = json(histoscope().arg(image()).arg("--model").arg(&folder), 1);
    assert_eq!(report["error"]["code"], "model_missing");
    // In a folder it is a failure among the others.
    std::fs::copy(image(), folder.join("a.jpg")).unwrap();
    let report = json(histoscope().arg(&folder), 1);
    assert_eq!((&report["num_images"], &report["partial"]), (&2.into(), &true.into()));
    assert_eq!(report["individual_results"][1]["error"]["code"], "file_not_regular");
}

#[test]
fn nothing_is_read_without_a_bound() {
    let folder = common::empty_folder("streams-bounds");
    let hole = |name: &str, bytes: u64| {
        let path = folder.join(name);
        File::create(&path).unwrap().set_len(bytes).unwrap();
        path
    };
    let report = json(histoscope().arg(hole("large.png", (512 << 20) + 1)), 1);
    assert_eq!(report["error"]["code"], "file_too_large");
    let large = hole("large.onnx", (256 << 20) + 1);
    let report = json(histoscope().arg(image()).arg("--model").arg(large), 1);
    assert_eq!(report["error"]["code"], "model_too_large");
    let model = hole("model.onnx", 10);
    let report = json(histoscope().arg(image()).arg("--model").arg(&model), 1);
    // What is no network is told before its manifest is asked for.
    assert_eq!(report["error"]["code"], "model_invalid");
    hole("model.json", (1 << 20) + 1);
    symlink("/dev/zero", folder.join("zero.json")).unwrap();
    let report = json(histoscope().arg(image()).arg("--model").arg(&model), 1);
    assert_eq!(report["error"]["code"], "manifest_too_large");
}

/// Whether permissions bind us: they do not bind root.
fn may_be_denied(path: &Path) -> bool {
    std::fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
    std::fs::read_dir(path).is_err()
}

#[test]
fn what_cannot_be_listed_is_a_failure_and_the_rest_is_partial() {
    let folder = common::empty_folder("streams-denied");
    std::fs::copy(image(), folder.join("a.jpg")).unwrap();
    let inner = folder.join("locked");
    std::fs::create_dir(&inner).unwrap();
    if !may_be_denied(&inner) {
        // Root may read every folder; a link that leads nowhere fails for everybody.
        eprintln!("SKIPPED in part: permissions do not bind this user");
        std::fs::remove_dir(&inner).unwrap();
        symlink("locked", &inner).unwrap();
    }
    let mut command = histoscope();
    // Drawn fields vote on request alone.
    command.arg(&folder).arg("--count-unfamiliar");
    let report = json(&mut command, 1);
    let (_, text, stderr) = run(histoscope().arg(&folder).arg("--count-unfamiliar"));
    let _ = std::fs::set_permissions(&inner, Permissions::from_mode(0o700));
    assert_eq!((&report["num_images"], &report["num_failed"]), (&2.into(), &1.into()));
    assert_eq!(report["partial"], true);
    assert_eq!(report["success"], true);
    let failure = &report["individual_results"][1];
    assert_eq!((&failure["filename"], &failure["success"]), (&"locked".into(), &false.into()));
    let code = failure["error"]["code"].as_str().unwrap();
    assert!(matches!(code, "folder_unreadable" | "file_unreadable"), "{code}");
    assert!(text.contains("mean of 1 of 2 images"), "{text}");
    assert!(text.contains("Partial: 1 failed"), "{text}");
    assert!(stderr.contains("locked: "), "{stderr}");
}

#[test]
fn links_are_followed_but_not_in_circles() {
    let folder = common::empty_folder("streams-links");
    let inner = folder.join("inner");
    std::fs::create_dir(&inner).unwrap();
    symlink(&folder, inner.join("back")).unwrap();
    symlink(image(), inner.join("linked.jpg")).unwrap();
    symlink("nowhere", inner.join("notes.txt")).unwrap();
    let report = json(histoscope().arg(&folder), 0);
    assert_eq!(report["num_images"], 1);
    assert_eq!(report["individual_results"][0]["filename"], "inner/linked.jpg");
    assert_eq!(report["partial"], false);

    symlink("nowhere", inner.join("lost.png")).unwrap();
    let report = json(histoscope().arg(&folder), 1);
    assert_eq!(report["num_images"], 2);
    assert_eq!(report["individual_results"][1]["error"]["code"], "file_unreadable");
}

#[test]
fn names_need_not_be_unicode_and_command_no_terminal() {
    let folder = common::empty_folder("streams-names");
    let odd = OsStr::from_bytes(b"caf\xe9.jpg");
    if std::fs::copy(image(), folder.join(odd)).is_err() {
        eprintln!("SKIPPED: this file system wants Unicode");
        return;
    }
    let report = json(histoscope().arg(folder.join(odd)), 0);
    assert_eq!(report["filename"], "caf\u{fffd}.jpg");
    let report = json(histoscope().arg(&folder), 0);
    assert_eq!(report["individual_results"][0]["filename"], "caf\u{fffd}.jpg");

    std::fs::write(folder.join("\u{1b}[2J\n.png"), "").unwrap();
    let (code, stdout, stderr) = run(histoscope().arg(&folder));
    assert_eq!(code, 1);
    assert!(!(stdout + &stderr).contains('\u{1b}'));
    // To look at, its end is ".jpg".
    std::fs::write(folder.join("case-\u{202e}gpj.png"), "").unwrap();
    let (_, stdout, stderr) = run(histoscope().arg(&folder));
    assert!(stdout.contains("case-\u{fffd}gpj.png: failed"), "{stdout}");
    assert!(!(stdout + &stderr).contains('\u{202e}'));

    let formula = folder.join("=1+1.jpg");
    std::fs::copy(image(), &formula).unwrap();
    let (_, stdout, _) = run(histoscope().arg(&formula).arg("--csv"));
    assert!(stdout.contains("\n'=1+1.jpg,"), "{stdout}");
}

#[test]
fn the_same_bytes_vote_once_unless_they_are_to_be_kept() {
    let folder = common::empty_folder("streams-twice");
    for name in ["a.jpg", "copy.jpg"] {
        std::fs::copy(image(), folder.join(name)).unwrap();
    }
    std::fs::copy(common::fixture("good/grid_700x460.jpg"), folder.join("other.jpg")).unwrap();
    let report = json(histoscope().arg(&folder).arg("--count-unfamiliar"), 0);
    assert_eq!(report["num_duplicates"], 1);
    assert_eq!(report["individual_results"][1]["duplicate_of"], 0);
    let p = |value: &Value| value["probabilities"]["malignant"].as_f64().unwrap();
    let results = &report["individual_results"];
    let mean = (p(&results[0]) + p(&results[2])) / 2.0;
    assert!((p(&report["aggregated_diagnosis"]) - mean).abs() < 1e-12);

    let (_, text, _) = run(histoscope().arg(&folder).arg("--count-unfamiliar"));
    assert!(text.contains("copy.jpg: same as a.jpg, does not vote"), "{text}");
    assert!(text.contains("mean of 2 of 3 images"), "{text}");
    let (_, csv, _) = run(histoscope().arg(&folder).arg("--csv"));
    assert!(csv.contains(",,a.jpg,"), "{csv}");

    let report =
        json(histoscope().arg(&folder).args(["--keep-duplicates", "--count-unfamiliar"]), 0);
    assert_eq!(report["num_duplicates"], 0);
    let mean = (2.0 * p(&results[0]) + p(&results[2])) / 3.0;
    assert!((p(&report["aggregated_diagnosis"]) - mean).abs() < 1e-12);
}
