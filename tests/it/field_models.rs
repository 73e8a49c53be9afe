//! Networks as today's exporters write them, with what ONNX Runtime says of one picture; skipped where they are not.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use histoscope::engine::{self, DataFile, Engine};
use histoscope::inspection::Inspection;
use histoscope::manifest::{Manifest, Variant};
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::Classifier;

use crate::common;

/// Between engines: of float networks, and of quantised ones, whose activations may round to either side.
const TOLERANCE: f64 = 0.005;
const TOLERANCE_QUANTISED: f64 = 0.02;

/// Of the arithmetic of a network that is quantised beforehand, what has to run in the int8 kernels.
const LEAST_SHARE: f64 = 0.95;

/// Quantised networks in which ONNX Runtime's own sums saturate on processors without VNNI: what they are held against
/// is the same network quantised otherwise.
const SATURATED: [(&str, f64); 1] = [("q-qdq-s8s8-perchannel-sym", 0.594)];

/// What is refused, and what the reason has to name.
const REFUSED: [(&str, &str); 3] = [
    ("html-page", "not an ONNX file but a web page"),
    ("lfs-pointer", "not an ONNX file but a Git LFS pointer"),
    ("nan-weights", "NaN"),
];

/// The probability of the second class, as ONNX Runtime has it; `None` where it gives no two classes.
fn expected(table: &str, name: &str) -> Option<f64> {
    let row = table.lines().find(|row| row.split('\t').next() == Some(&format!("{name}.onnx")))?;
    row.split('\t').next_back()?.parse().ok()
}

/// The folder of networks, and what is expected of them.
fn field() -> Option<(PathBuf, String)> {
    let folder = common::root().join("../shared/field/models");
    let table = std::fs::read_to_string(folder.join("EXPECTED.tsv")).ok();
    if table.is_none() {
        eprintln!("SKIPPED: no networks of exporters at {}", folder.display());
    }
    Some((folder, table?))
}

fn one_patch() -> Options {
    Options { max_patches: MaxPatches::AtMost(1), screen: false, ..Options::default() }
}

/// The model at `path`, with the weights that lie beside it.
fn classifier(path: &Path, manifest: Manifest, variant: Variant) -> histoscope::Result<Classifier> {
    let model = common::read(path);
    let names = engine::data_files(&model)?;
    if names.is_empty() {
        return Classifier::new(&model, manifest, variant);
    }
    let data: Vec<Vec<u8>> =
        names.iter().map(|name| common::read(&path.with_file_name(name))).collect();
    let files = names.iter().zip(&data).map(|(name, bytes)| DataFile { name, bytes });
    let joined = engine::join(&model, &files.collect::<Vec<_>>())?;
    let manifest = manifest.of_joined(variant, &model, &joined)?;
    Classifier::new(&joined, manifest, variant)
}

#[test]
fn networks_of_todays_exporters_say_what_they_say_in_onnx_runtime() {
    let Some((folder, table)) = field() else { return };
    let picture = common::read(&folder.join("patch224.png"));
    let options = one_patch();
    let mut rows = vec![];
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
        let report = classifier(&path, manifest, variant).and_then(|classifier| {
            let report = classifier.classify(&picture, &name, &options, &|| 0.0, &mut |_, _| {})?;
            Ok((report, classifier.fused_share()))
        });
        let refused = REFUSED.iter().find(|(refused, _)| *refused == name);
        match (report, refused) {
            (Err(error), Some((_, why))) => {
                common::assert_no_panic(&error);
                assert!(error.to_string().contains(why), "{name}: {error}");
            }
            (Err(error), None) => wrong.push(format!("{name}: {error}")),
            (Ok(_), Some(_)) => wrong.push(format!("{name} runs now: take it out of the list")),
            (Ok((report, share)), None) => {
                let other = SATURATED.iter().find(|(saturated, _)| *saturated == name);
                let expected = other.map(|&(_, value)| value).or_else(|| expected(&table, &name));
                let expected = expected.unwrap_or_else(|| panic!("{name} is not in the table"));
                let found = report.probabilities.unwrap().malignant;
                let tolerance =
                    if name.starts_with("q-") { TOLERANCE_QUANTISED } else { TOLERANCE };
                let about = histoscope::inspection::inspect(&common::read(&path));
                rows.push(row(&name, expected, found, share, about.ok()));
                if name.starts_with("q-q") && share < LEAST_SHARE {
                    wrong.push(format!("of {name} only {share} is fused"));
                }
                if (found - expected).abs() > tolerance {
                    wrong.push(format!("{name}: {found}, not {expected}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(rows.len() >= 10, "only {} networks were compared", rows.len());
    rows.sort();
    let heads = "| network | written by | arithmetic on the fast path | ONNX Runtime | Histoscope |\n\
                 |---|---|---|---|---|\n";
    check_docs("networks that were found", &[heads, &rows.concat()].concat());
}

/// A row of the table in the documentation.
fn row(name: &str, expected: f64, found: f64, share: f64, about: Option<Inspection>) -> String {
    let written = match about {
        Some(Inspection { producer, opset, .. }) => {
            format!("{producer}, opset {}", opset.unwrap_or_default())
        }
        // Its weights lie beside it.
        None => "weights in another file".into(),
    };
    let share = 100.0 * share;
    format!("| {name} | {written} | {share:.0} % | {expected:.3} | {found:.3} |\n")
}

/// The table of that name in the documentation is this one; HISTOSCOPE_BLESS=1 writes it.
fn check_docs(name: &str, table: &str) {
    const END: &str = "<!-- end of table -->";
    let start = format!("<!-- table of tests/it/field_models.rs: {name} -->\n");
    let path = common::root().join("docs/own-model.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(&start).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let table = format!("\n{table}\n");
    if std::env::var_os("HISTOSCOPE_BLESS").is_some() {
        std::fs::write(&path, [before, &start, &table, END, after].concat()).unwrap();
    } else {
        assert_eq!(found, table, "HISTOSCOPE_BLESS=1 writes the table into {}", path.display());
    }
}

/// Small networks in every form that tests/exporters/generate.py gives them; by hand, since PyTorch makes them:
/// HISTOSCOPE_NETWORKS names their folder.
#[test]
fn every_form_of_a_network_says_what_it_says_in_onnx_runtime() {
    let Some(folder) = std::env::var_os("HISTOSCOPE_NETWORKS").map(PathBuf::from) else { return };
    let table = std::fs::read_to_string(folder.join("EXPECTED.tsv")).unwrap();
    let picture = common::read(&folder.join("patch.png"));
    let mut wrong = vec![];
    let (mut networks, mut forms) = (vec![], vec![]);
    let mut cells: HashMap<(&str, &str), (f64, f64)> = HashMap::new();
    for row in table.lines() {
        let (file, expected) = row.split_once('\t').unwrap();
        let expected: f64 = expected.parse().unwrap();
        let (network, form) = file.trim_end_matches(".onnx").split_once('.').unwrap();
        for (name, all) in [(network, &mut networks), (form, &mut forms)] {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        let path = folder.join(file);
        let manifest = std::fs::read_to_string(path.with_extension("json")).unwrap();
        let manifest = Manifest::from_json(&manifest).unwrap();
        let judged = classifier(&path, manifest, Variant::F32).and_then(|classifier| {
            let report =
                classifier.classify(&picture, file, &one_patch(), &|| 0.0, &mut |_, _| {})?;
            Ok((report, classifier.fused_share()))
        });
        let (report, share) = match judged {
            Ok(judged) => judged,
            Err(error) => {
                wrong.push(format!("{file}: {error}"));
                continue;
            }
        };
        let found = report.probabilities.unwrap().malignant;
        let is_exact = ["torchscript", "dynamo-", "onnx", "ort", "paddle2onnx", "tf2onnx"];
        let is_exact = is_exact.iter().any(|kind| form.starts_with(kind));
        if (found - expected).abs() > if is_exact { TOLERANCE } else { TOLERANCE_QUANTISED } {
            wrong.push(format!("{file}: {found}, not {expected}"));
        }
        cells.insert((network, form), (found - expected, share));
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let heads = networks.iter().map(|name| (*name).to_owned());
    let mut table = line(["form".to_owned()].into_iter().chain(heads).collect());
    table.push_str(&line(vec!["---".into(); networks.len() + 1]));
    for form in forms {
        let cell = |network: &&str| match cells.get(&(*network, form)) {
            Some((difference, 0.0)) => format!("{:.3}", difference.abs()),
            Some((difference, share)) => {
                format!("{:.3}, {:.0} %", difference.abs(), 100.0 * share)
            }
            None => "–".into(),
        };
        table.push_str(&line(
            [form.to_owned()].into_iter().chain(networks.iter().map(cell)).collect(),
        ));
    }
    if std::env::var_os("HISTOSCOPE_BLESS").is_some() {
        check_docs("networks that were made", &table);
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn more_than_two_classes_count_as_benign_or_malignant_or_stand_for_themselves() {
    let Some((folder, table)) = field() else { return };
    let picture = common::read(&folder.join("patch224.png"));
    let manifest = std::fs::read_to_string(folder.join("torch-small-dyn.json")).unwrap();
    for (name, classes) in [("torch-3class", 3), ("torch-8class", 8)] {
        let model = common::read(&folder.join(format!("{name}.onnx")));
        let inspection = histoscope::inspection::inspect(&model).unwrap();
        assert_eq!(inspection.problems, Vec::<String>::new());
        assert_eq!(inspection.scores.unwrap().columns, Some(classes));

        let labels: Vec<String> = (0..classes).map(|class| format!("class {class}")).collect();
        let mut json: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        json["groups"] = serde_json::json!({"benign": labels[..2], "malignant": labels[2..]});
        json["labels"] = serde_json::json!(labels);
        json["variants"]["f32"] = serde_json::json!({
            "file": format!("{name}.onnx"), "bytes": model.len(),
            "sha256": histoscope::manifest::sha256_hex(&model),
        });
        let report = |json: &serde_json::Value| {
            let manifest = Manifest::from_json(&json.to_string()).unwrap();
            Classifier::new(&model, manifest, Variant::F32)
                .and_then(|c| c.classify(&picture, name, &one_patch(), &|| 0.0, &mut |_, _| {}))
                .unwrap()
        };
        let found = report(&json).probabilities.unwrap().malignant;
        json.as_object_mut().unwrap().remove("groups");
        let own = report(&json).taught.unwrap().probabilities.unwrap();
        assert!((own[2..].iter().sum::<f64>() - found).abs() < 1e-6, "{name}: {own:?}");
        let row = table.lines().find(|row| row.starts_with(name)).unwrap();
        let scores = row.split('\t').nth(3).unwrap().trim_matches(['[', ']']);
        let powers: Vec<f64> =
            scores.split(", ").map(|score| score.parse::<f64>().unwrap().exp()).collect();
        // The table has the first four of eight.
        if powers.len() as u64 == classes {
            let expected = powers[2..].iter().sum::<f64>() / powers.iter().sum::<f64>();
            assert!((found - expected).abs() < TOLERANCE, "{name}: {found}, not {expected}");
            for (found, power) in own.iter().zip(&powers) {
                let expected = power / powers.iter().sum::<f64>();
                assert!((found - expected).abs() < TOLERANCE, "{name}: {found}, not {expected}");
            }
        }
        assert!((0.0..1.0).contains(&found), "{name}: {found}");
    }
}

#[test]
fn weights_in_another_file_have_to_come_with_it() {
    let Some((folder, _)) = field() else { return };
    let model = common::read(&folder.join("torch-external.onnx"));
    let error = histoscope::inspection::inspect(&model).unwrap_err();
    assert_eq!(error.code(), "model_data_missing");
    assert!(error.to_string().contains("torch-external.onnx.data"), "{error}");
}

/// Files without a manifest: what they are is said before anything else is asked.
#[test]
fn what_is_no_network_is_refused_by_name() {
    let folder = common::root().join("../shared/field/models");
    for (name, why) in REFUSED {
        let Ok(bytes) = std::fs::read(folder.join(format!("{name}.onnx"))) else { continue };
        match histoscope::inspection::inspect(&bytes) {
            Ok(found) if found.problems.is_empty() => panic!("{name} has no problem"),
            Ok(found) => assert!(found.problems.join("; ").contains(why), "{:?}", found.problems),
            Err(error) => assert!(error.to_string().contains(why), "{name}: {error}"),
        }
    }
}

/// Files that made the engine read past its buffers, ask for 90 TB, or compute something else than they say.
#[test]
fn files_that_mean_harm_are_refused_by_name() {
    let Some((folder, _)) = field() else { return };
    let load = |name: &str| {
        let model = common::read(&folder.join(format!("hostile-{name}.onnx")));
        Engine::load(&model, &engine::Input::raw(32), &|found| Ok((0..found.len()).collect()))
    };
    for (name, why) in [("segv", "strides"), ("stem", "strides"), ("blocked", "block_size")] {
        let error = load(name).unwrap_err();
        assert!(!matches!(error, engine::Error::Panicked { .. }), "{name}: {error}");
        assert!(error.to_string().contains(why), "{name}: {error}");
    }
    // A stride past the map leaves one column, which is legal; it is no layer of ours, and 880 GB no more.
    let abort = load("abort").unwrap();
    assert!(abort.layers().iter().any(|layer| !layer.fused));
    let scores = abort.infer(&[7; 32 * 32 * 3]).unwrap();
    assert!(scores.iter().flatten().all(|score| score.is_finite()), "{scores:?}");
}
