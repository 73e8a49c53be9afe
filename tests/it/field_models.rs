//! Networks as today's exporters write them, with what ONNX Runtime says of one picture; skipped where they are not.

use histoscope::manifest::Manifest;
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::Classifier;

use crate::common;

/// Between engines: of float networks, and of quantised ones, whose activations may round to either side.
const TOLERANCE: f64 = 0.005;
const TOLERANCE_QUANTISED: f64 = 0.02;

/// Quantised networks in which ONNX Runtime's own sums saturate on processors without VNNI: what they are held against
/// is the same network quantised otherwise.
const SATURATED: [(&str, f64); 1] = [("q-qdq-s8s8-perchannel-sym", 0.594)];

/// What is refused, and what the reason has to name.
const REFUSED: [(&str, &str); 8] = [
    ("hostile-abort", ""),
    ("hostile-segv", ""),
    ("hostile-stem", ""),
    ("html-page", "not an ONNX file"),
    ("lfs-pointer", "not an ONNX file"),
    ("nan-weights", "NaN"),
    // Not read yet.
    ("torch-external", "in another file"),
    ("torch-8class", "class scores"),
];

/// The probability of the second class, as ONNX Runtime has it; `None` where it gives no two classes.
fn expected(table: &str, name: &str) -> Option<f64> {
    let row = table.lines().find(|row| row.split('\t').next() == Some(&format!("{name}.onnx")))?;
    row.split('\t').next_back()?.parse().ok()
}

#[test]
fn networks_of_todays_exporters_say_what_they_say_in_onnx_runtime() {
    let folder = common::root().join("../shared/field/models");
    let Ok(table) = std::fs::read_to_string(folder.join("EXPECTED.tsv")) else {
        eprintln!("SKIPPED: no networks of exporters at {}", folder.display());
        return;
    };
    let picture = common::read(&folder.join("patch224.png"));
    let options =
        Options { max_patches: MaxPatches::AtMost(1), screen: false, ..Options::default() };
    let mut compared = 0;
    let mut wrong = vec![];
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let Ok(manifest) = std::fs::read_to_string(path.with_extension("json")) else { continue };
        if path.extension().is_none_or(|extension| extension != "onnx") {
            continue;
        }
        let manifest = Manifest::from_json(&manifest).unwrap();
        let variant = manifest.variant_of(&format!("{name}.onnx")).unwrap();
        let report =
            Classifier::new(&common::read(&path), manifest, variant).and_then(|classifier| {
                classifier.classify(&picture, &name, &options, &|| 0.0, &mut |_, _| {})
            });
        let refused = REFUSED.iter().find(|(refused, _)| *refused == name);
        match (report, refused) {
            (Err(error), Some((_, why))) => {
                common::assert_no_panic(&error);
                assert!(error.to_string().contains(why), "{name}: {error}");
            }
            (Err(error), None) => wrong.push(format!("{name}: {error}")),
            (Ok(_), Some(_)) => wrong.push(format!("{name} runs now: take it out of the list")),
            (Ok(report), None) => {
                let other = SATURATED.iter().find(|(saturated, _)| *saturated == name);
                let expected = other.map(|&(_, value)| value).or_else(|| expected(&table, &name));
                let expected = expected.unwrap_or_else(|| panic!("{name} is not in the table"));
                let found = report.probabilities.unwrap().malignant;
                let tolerance =
                    if name.starts_with("q-") { TOLERANCE_QUANTISED } else { TOLERANCE };
                compared += 1;
                if (found - expected).abs() > tolerance {
                    wrong.push(format!("{name}: {found}, not {expected}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(compared >= 10, "only {compared} networks were compared");
}

/// Files without a manifest: what they are is said before anything else is asked.
#[test]
fn what_is_no_network_is_refused_by_name() {
    let folder = common::root().join("../shared/field/models");
    for (name, why) in REFUSED {
        let Ok(bytes) = std::fs::read(folder.join(format!("{name}.onnx"))) else { continue };
        if name.starts_with("hostile") {
            continue;
        }
        match histoscope::inspection::inspect(&bytes) {
            Ok(found) if found.problems.is_empty() => panic!("{name} has no problem"),
            Ok(found) => assert!(found.problems.join("; ").contains(why), "{:?}", found.problems),
            Err(error) => assert!(error.to_string().contains(why), "{name}: {error}"),
        }
    }
}
