//! Saved reports: what is written comes back, and what is damaged or hostile is refused by name.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::tests::{aggregated, failed, of_one_patch, written};
use super::*;
use crate::report::{FailureReport, MAX_TEXT_BYTES};

fn study(change: &Value) -> Value {
    let mut study = json!({
        "schema_version": 2, "success": true, "num_images": 3,
        "individual_results": [written(), failed(), of_one_patch("c.png", 0.25, Some("cc"))],
        "patients": [
            {"patient": "p", "images": [0], "verdict": "malignant"},
            {"patient": " q ", "images": [2]},
        ],
        "paths": ["x/a.png", "x/b.png", "y/c.png"],
        "labels": ["malignant", null, "in situ"],
        "sha256": ["ab".repeat(32), null, null],
        "demos": [2], "left_out": [0], "incomplete": ["x/d.png"],
        "duplicates": [{"path": "z/a.png", "same_as": "x/a.png"}],
    });
    for (field, value) in change.as_object().into_iter().flatten() {
        study[field] = value.clone();
    }
    study
}

fn read(json: &Value) -> Result<Vec<Saved>> {
    saved_from_json(json.to_string().as_bytes())
}

/// Why it is refused.
fn refused(json: &[u8]) -> String {
    let error = saved_from_json(json).unwrap_err();
    assert_eq!(error.code(), "report_invalid");
    error.to_string()
}

#[test]
fn a_study_is_read_with_all_that_it_says_of_its_images() {
    let [first, second, third] = &read(&study(&json!({}))).unwrap()[..] else { panic!("three") };
    assert_eq!((first.path.as_str(), second.path.as_str()), ("x/a.png", "x/b.png"));
    assert_eq!(first.patient.as_deref(), Some("p"));
    assert_eq!(second.patient.as_deref(), Some(""), "nobody knows");
    assert_eq!(third.patient.as_deref(), Some(" q "), "as it stands there");
    assert_eq!(second.label.as_deref(), Some(""));
    assert_eq!(third.label.as_deref(), Some("in situ"));
    assert_eq!(first.sha256, Some("ab".repeat(32)));
    assert_eq!(third.sha256, Some("cc".repeat(32)), "as its report says");
    assert_eq!((first.demo, third.demo), (false, true));
    assert_eq!((first.left_out, third.left_out), (true, false));
    assert_eq!([first, second, third].map(|image| image.by_folder), [None; 3]);
    let told = read(&study(&json!({"by_folder": [0, 2]}))).unwrap();
    let told: Vec<_> = told.iter().map(|image| image.by_folder).collect();
    assert_eq!(told, [Some(true), Some(false), Some(true)]);
    assert_eq!(read(&study(&json!({"by_folder": []}))).unwrap()[0].by_folder, Some(false));
    assert!(matches!(second.report, ImageOutcome::Failure(_)));
}

#[test]
fn what_the_command_line_writes_knows_neither_patients_nor_labels() {
    let folder = aggregated(&[written(), failed()]);
    let images = saved_from_json(&serde_json::to_vec(&folder).unwrap()).unwrap();
    let reports: Vec<&ImageOutcome> = images.iter().map(|image| &image.report).collect();
    assert_eq!(reports, folder.individual_results.iter().collect::<Vec<_>>());
    for Saved { path, patient, label, .. } in &images {
        assert!(path == "a.png" || path == "b.png", "{path}");
        assert_eq!((patient, label), (&None, &None));
    }
}

#[test]
fn one_image_is_read_with_a_byte_order_mark_or_without() {
    let text = written().to_string();
    let [image] = &saved_from_json(text.as_bytes()).unwrap()[..] else { panic!("one") };
    assert_eq!(image.path, "a.png");
    assert_eq!(saved_from_json(format!("\u{feff}{text}").as_bytes()).unwrap()[0], *image);
    let failure = read(&failed()).unwrap();
    assert!(matches!(&failure[0].report, ImageOutcome::Failure(FailureReport { .. })));
}

#[test]
fn a_failure_keeps_its_cause() {
    let error = Error::ImageTooSmall { width: 3, height: 4, least: 224 };
    let failure = FailureReport::new("a.png", &error);
    let written = serde_json::to_value(&failure).unwrap();
    assert_eq!(written["error"]["cause"]["params"]["least"], 224);
    assert_eq!(read(&written).unwrap()[0].report, ImageOutcome::Failure(failure));
    let mut long = written;
    long["error"]["cause"]["params"]["detail"] = json!("x".repeat(MAX_TEXT_BYTES));
    assert!(refused(long.to_string().as_bytes()).contains("error.cause has"));
}

#[test]
fn what_is_no_report_is_refused_and_says_so() {
    let cut = written().to_string();
    let cases: &[(&[u8], &str)] = &[
        (b"", "no JSON"),
        (b"not { json", "no JSON"),
        (&cut.as_bytes()[..cut.len() - 9], "cut off"),
        (b"{\"schema_version\": NaN}", "no JSON"),
        (b"\xff\xfe{\0}\0", "no JSON"),
        (br#"{"name": "npm"}"#, "no report of Histoscope"),
        (b"7", "form of a report"),
        (br#"[{"schema_version": 2}]"#, "form of a report"),
        (br#"{"schema_version": 1}"#, "schema_version is 1, this program reads 2"),
        (br#"{"schema_version": "2"}"#, "form of a report"),
        (br#"{"schema_version": 2}"#, "missing field `success`"),
        (br#"{"schema_version": 2, "individual_results": 3}"#, "a list of at most"),
        (br#"{"schema_version": 2, "individual_results": []}"#, "no image"),
        (br#"{"schema_version": 2, "schema_version": 2}"#, "duplicate field"),
    ];
    for (json, named) in cases {
        let message = refused(json);
        assert!(message.contains(named), "{}: {message}", String::from_utf8_lossy(json));
    }
}

#[test]
fn an_error_has_values_that_can_be_shown() {
    let with = |params: &Value| {
        let mut report = failed();
        report["error"]["cause"] = json!({"kind": "image_truncated", "params": params});
        read(&report)
    };
    let nested = json!({"problem": {"kind": "form", "params": {"detail": "d"}}});
    for good in [json!({}), json!({"bytes": 7, "what": "JPEG"}), nested] {
        with(&good).unwrap();
    }
    for bad in [
        json!({"problem": null}),
        json!({"problem": [1]}),
        json!({"problem": true}),
        json!({"problem": {"detail": "d"}}),
        json!({"problem": {"kind": "form", "params": {"detail": null}}}),
    ] {
        assert_eq!(with(&bad).unwrap_err().code(), "report_invalid", "{bad}");
    }
}

#[test]
fn a_study_that_contradicts_its_images_is_refused() {
    let long = "x".repeat(MAX_TEXT_BYTES + 1);
    for (change, named) in [
        (json!({"paths": ["a.png"]}), "paths contradicts individual_results"),
        (json!({"paths": [1, 2, 3]}), "invalid type"),
        (json!({"paths": ["", "", long]}), "paths has 65537 bytes"),
        (json!({"labels": "benign"}), "a list of at most"),
        (json!({"labels": [1, null, null]}), "invalid type"),
        (json!({"labels": [null]}), "labels contradicts"),
        (json!({"sha256": ["x", null, null]}), "which is no SHA-256"),
        (json!({"demos": [3]}), "demos contradicts individual_results"),
        (json!({"demos": [-1]}), "invalid value"),
        (json!({"left_out": [0.5]}), "invalid type"),
        (json!({"by_folder": [3]}), "by_folder"),
        (json!({"patients": [{"patient": "p", "images": [3]}]}), "patients contradicts"),
        (json!({"patients": [{"patient": long, "images": []}]}), "patients has"),
        (json!({"patients": [{"patient": null, "images": []}]}), "invalid type"),
        (json!({"individual_results": [1]}), "report on image 1"),
    ] {
        let message = refused(study(&change).to_string().as_bytes());
        assert!(message.contains(named), "{change}: {message}");
    }
}

#[test]
fn images_that_nobody_could_draw_are_refused() {
    let long = json!("x".repeat(MAX_TEXT_BYTES + 1));
    for (pointer, value, named) in [
        ("/image/width", json!(9_000_000), "image.width is 9000000"),
        ("/image/width", json!(9e15), "form of a report"),
        ("/grid/stride", json!(1), "grid.stride is 1"),
        ("/patches/0/width", json!(0), "patches contradicts image"),
        ("/patches/0/width", json!(3_000_000_000_u32), "patches contradicts image"),
        ("/filename", long.clone(), "filename has 65537 bytes"),
        ("/warnings", json!([long]), "warnings has 65537 bytes"),
        ("/warnings", json!(vec![""; 1001]), "a list of more than 1000"),
        ("/model/name", long.clone(), "model has 65537 bytes"),
        ("/engine/version", long.clone(), "engine has 65537 bytes"),
    ] {
        let mut report = written();
        *report.pointer_mut(pointer).unwrap() = value;
        let message = refused(report.to_string().as_bytes());
        assert!(message.contains(named), "{pointer}: {message}");
    }
    let mut failure = failed();
    failure["error"]["message"] = long;
    assert!(refused(failure.to_string().as_bytes()).contains("error has 65537 bytes"));
    failure["error"] = json!(null);
    refused(failure.to_string().as_bytes());
}

#[test]
fn a_warning_has_one_cause_or_none_is_told() {
    let with = |causes: Value| {
        let mut report = written();
        report["warnings"] = json!(["One.", "Two."]);
        report["warning_causes"] = causes;
        read(&report)
    };
    let cause = |kind: &str| json!({"kind": kind, "params": {"found": 2, "what": "pages"}});
    for good in [json!([]), json!([cause("several_pages"), cause("of a later version")])] {
        with(good).unwrap();
    }
    for bad in [
        json!([cause("several_pages")]),
        json!([cause("a"), cause("b"), cause("c")]),
        json!([cause("a"), {"kind": "b", "params": {"list": [1]}}]),
        json!([cause("a"), {"kind": "x".repeat(MAX_TEXT_BYTES + 1)}]),
        json!([cause("a"), "b"]),
        json!("a"),
    ] {
        assert_eq!(with(bad.clone()).unwrap_err().code(), "report_invalid", "{bad}");
    }
}

#[test]
fn a_hostile_file_is_refused_before_much_is_made_of_it() {
    let many = |entry: &str, count: usize| {
        let list = vec![entry; count].join(",");
        format!(r#"{{"schema_version":2,"individual_results":[{list}]}}"#)
    };
    assert!(refused(many("1", 10_000_000).as_bytes()).contains("a list of more than 100000"));
    let deep = format!("{}{}", "[".repeat(5_000_000), "]".repeat(5_000_000));
    assert!(refused(deep.as_bytes()).contains("form of a report"));
    // What nobody asked for is passed over, however deep it is.
    let beside = written().to_string().replacen(
        '{',
        &format!(r#"{{"individual_results":[],"x":{deep},"#),
        1,
    );
    assert!(refused(beside.as_bytes()).contains("no image"));
    let within =
        written().to_string().replacen(r#""warnings":["#, &format!(r#""warnings":[{deep},"#), 1);
    refused(within.as_bytes());

    let text = written().to_string();
    assert!(super::read(text.as_bytes(), text.len()).is_ok());
    let error = super::read(text.as_bytes(), text.len() - 1).unwrap_err();
    assert_eq!(error.code(), "report_too_large");
    let error = saved_from_json(&vec![b' '; MAX_REPORTS_BYTES + 1]).unwrap_err();
    assert_eq!(error.code(), "report_too_large");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_comes_back(
        images in prop::collection::vec(prop::option::of((0.0..=1.0_f64, "\\PC{0,20}")), 1..8),
        turned in any::<bool>(),
    ) {
        let reports: Vec<Value> = images.iter().map(|image| match image {
            Some((malignant, name)) => of_one_patch(name, *malignant, Some("ab")),
            None => failed(),
        }).collect();
        let folder = aggregated(&reports);
        let saved = saved_from_json(&serde_json::to_vec(&folder).unwrap()).unwrap();
        prop_assert_eq!(saved.len(), folder.individual_results.len());
        for (saved, outcome) in saved.into_iter().zip(&folder.individual_results) {
            prop_assert_eq!(&saved.report, outcome);
            // By itself, too, indented or not.
            let alone = if turned { serde_json::to_vec_pretty(outcome) } else { serde_json::to_vec(outcome) };
            prop_assert_eq!(&saved_from_json(&alone.unwrap()).unwrap()[..], &[saved][..]);
        }
    }

    #[test]
    fn any_damage_is_read_or_refused(
        place in 0.0..1.0_f64,
        length in 0..40_usize,
        insert in "[0-9a-z{}\\[\\]\",:.-]{0,8}",
    ) {
        let text = study(&json!({})).to_string();
        let start = (place * text.len() as f64) as usize;
        let end = (start + length).min(text.len());
        let text = format!("{}{insert}{}", &text[..start], &text[end..]);
        if let Err(error) = saved_from_json(text.as_bytes()) {
            prop_assert_eq!(error.code(), "report_invalid");
        }
    }
}
