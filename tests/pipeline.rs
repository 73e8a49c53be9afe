//! The whole path on fixtures: what a report says and what it must not depend on.
#![cfg(not(target_family = "wasm"))]

mod common;

use histoscope::error::Error;
use histoscope::manifest::Variant;
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::Classifier;
use histoscope::report::{FailureReport, FolderReport, ImageOutcome, ImageReport};

fn classify(classifier: &Classifier, file: &str, options: &Options) -> Result<ImageReport, Error> {
    let bytes = common::read(&common::fixture(file));
    classifier.classify(&bytes, file, options, &|| 0.0, &mut |_, _| {})
}

#[test]
fn a_report_holds_what_the_reference_api_promises() {
    let classifier = common::classifier(Variant::Int8);
    let report = classify(&classifier, "good/grid_700x460.jpg", &Options::default()).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["success"], true);
    assert_eq!(json["num_patches"], 6);
    assert_eq!(json["grid"]["columns"], 3);
    assert_eq!(json["grid"]["rows"], 2);
    let p = |value: &serde_json::Value, label: &str| value[label].as_f64().unwrap();
    let probabilities = &json["probabilities"];
    assert!((p(probabilities, "benign") + p(probabilities, "malignant") - 1.0).abs() < 1e-12);
    // The image's probability is the mean over its patches, the label its greatest.
    let patches = json["patches"].as_array().unwrap();
    let mean: f64 =
        patches.iter().map(|patch| p(&patch["probabilities"], "malignant")).sum::<f64>() / 6.0;
    assert!((mean - p(probabilities, "malignant")).abs() < 1e-12);
    let index = usize::from(p(probabilities, "malignant") > 0.5);
    assert_eq!(json["prediction_idx"], index);
    assert_eq!(json["prediction"], ["benign", "malignant"][index]);
    assert_eq!(json["confidence"], json["probabilities"][json["prediction"].as_str().unwrap()]);
    let breakdown = &json["patch_breakdown"];
    let counted = patches.iter().filter(|q| p(&q["probabilities"], "malignant") > 0.5).count();
    assert_eq!(breakdown["malignant_patches"], counted);
    assert_eq!(breakdown["benign_patches"], 6 - counted);
    assert_eq!(patches[4]["x"], 224);
    assert_eq!(patches[4]["y"], 224);
}

#[test]
fn reports_survive_a_round_trip_through_json() {
    let classifier = common::classifier(Variant::Int8);
    let report = classify(&classifier, "good/grid_470x260.jpg", &Options::default()).unwrap();
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ImageReport>(&json).unwrap(), report);
}

/// Batches are a matter of memory and speed; the same bytes always give the same report.
#[test]
fn the_batch_size_does_not_change_the_report() {
    let classifier = common::classifier(Variant::Int8);
    let report = |batch_size| {
        let options = Options { batch_size, ..Options::default() };
        let report = classify(&classifier, "good/grid_1400x1150.jpg", &options).unwrap();
        ImageReport { options: Options::default(), ..report }
    };
    let expected = report(16);
    assert_eq!(expected.num_patches, 25);
    assert_eq!(expected.grid.total_patches, 30);
    for batch_size in [1, 7, 256] {
        assert_eq!(report(batch_size), expected, "{batch_size}");
    }
}

#[test]
fn all_patches_are_classified_on_request() {
    let classifier = common::classifier(Variant::Int8);
    let options = Options { max_patches: MaxPatches::All, ..Options::default() };
    let report = classify(&classifier, "good/grid_1400x1150.jpg", &options).unwrap();
    assert_eq!(report.num_patches, 30);
    let mut progress = Vec::new();
    let bytes = common::read(&common::fixture("good/grid_1400x1150.jpg"));
    classifier
        .classify(&bytes, "", &options, &|| 0.0, &mut |done, total| progress.push((done, total)))
        .unwrap();
    assert_eq!(progress, [(16, 30), (30, 30)]);
}

#[test]
fn lossless_copies_of_one_picture_give_one_result() {
    let classifier = common::classifier(Variant::Int8);
    let probabilities =
        |file: &str| classify(&classifier, file, &Options::default()).unwrap().probabilities;
    let expected = probabilities("good/png_rgb8.png");
    for file in ["good/tiff_lzw.tif", "good/bmp_rgb24.bmp", "good/webp_lossless.webp"] {
        assert_eq!(probabilities(file), expected, "{file}");
    }
}

#[test]
fn a_folder_averages_its_images_and_counts_the_failed() {
    let classifier = common::classifier(Variant::Int8);
    let options = Options::default();
    let mut outcomes = Vec::new();
    for file in
        ["good/grid_448x224.jpg", "bad/size_1x1.png", "good/grid_470x260.jpg", "bad/empty.png"]
    {
        outcomes.push(match classify(&classifier, file, &options) {
            Ok(report) => ImageOutcome::Success(Box::new(report)),
            Err(error) => ImageOutcome::Failure(FailureReport::new(file, &error)),
        });
    }
    let folder = classifier.folder_report(outcomes.clone());
    assert!(folder.success);
    assert_eq!((folder.num_images, folder.num_failed), (4, 2));
    let malignant: Vec<f64> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            ImageOutcome::Success(report) => Some(report.probabilities.0[1].1),
            ImageOutcome::Failure(_) => None,
        })
        .collect();
    let diagnosis = folder.aggregated_diagnosis.as_ref().unwrap();
    let mean = (malignant[0] + malignant[1]) / 2.0;
    assert!((diagnosis.probabilities.0[1].1 - mean).abs() < 1e-12);
    let json = serde_json::to_string(&folder).unwrap();
    assert_eq!(serde_json::from_str::<FolderReport>(&json).unwrap(), folder);

    let nothing = classifier.folder_report(vec![outcomes[1].clone()]);
    assert!(!nothing.success);
    assert_eq!(nothing.aggregated_diagnosis, None);
}

#[test]
fn a_model_that_was_changed_or_cut_short_is_refused() {
    let bytes = common::model_bytes(Variant::Int8);
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    for bad in [&changed[..], &bytes[..bytes.len() - 1], b""] {
        let error = Classifier::new(bad, common::manifest(), Variant::Int8).unwrap_err();
        assert_eq!(error.code(), "model_hash_mismatch");
    }
    let error = Classifier::new(&bytes, common::manifest(), Variant::F32).unwrap_err();
    assert_eq!(error.code(), "model_hash_mismatch");
}
