//! Patches as GeoJSON and as colours of a map: of both the page makes the same, which its own test
//! compares with the same fixture (`www/test/tiles.test.ts`).

use histoscope::report::{ImageOutcome, ImageReport, outcomes_from_json};
use histoscope::{colours, tiles};
use serde_json::{Value, json};

use crate::common;

const FILE: &str = "tiles.json";

/// The report of a case, as it came from outside.
fn report_of(case: &Value) -> ImageReport {
    let outcomes = outcomes_from_json(&json!([case["report"]]).to_string()).unwrap();
    match outcomes.into_iter().next() {
        Some(ImageOutcome::Success(report)) => *report,
        other => panic!("{}: {other:?}", case["name"]),
    }
}

/// Of each patch the colour that maps have, `null` of one that did not vote.
fn colours_of(report: &ImageReport) -> Value {
    let classes = report.classes();
    let shares = report.patch_shares().into_iter();
    shares.map(|shares| json!(shares.map(|shares| colours::of_shares(&classes, &shares)))).collect()
}

#[test]
fn patches_of_any_classes_are_the_tiles_and_colours_of_the_page() {
    let path = common::fixture(FILE);
    let known = common::json(&path);
    let written: Vec<Value> = known
        .as_array()
        .unwrap()
        .iter()
        .map(|case| {
            let report = report_of(case);
            let mut case = case.clone();
            case["tiles"] = json!(tiles::of(&report));
            case["colours"] = colours_of(&report);
            case
        })
        .collect();
    let lines: Vec<String> = written.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    if known == serde_json::from_str::<Value>(&text).unwrap() {
        return;
    }
    if std::env::var_os("WRITE_TILES").is_some() {
        std::fs::write(&path, text).unwrap();
        panic!("{FILE} is written anew: look at what changed, and run again");
    }
    panic!("{FILE} is not what the core makes of its reports; WRITE_TILES=1 writes it");
}
