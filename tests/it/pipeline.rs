//! The whole path on fixtures: what a report says and what it must not depend on.

use crate::common;
use histoscope::decode::decode;
use histoscope::error::Error;
use histoscope::features::Features;
use histoscope::manifest::Variant;
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::{Classifier, Plan, Said};
use histoscope::report::{
    Arithmetic, Duplicates, FailureReport, FolderReport, ImageOutcome, ImageReport, PatchBreakdown,
    Timings, Verdict,
};
use histoscope::screen::{Counts, Screen};

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

/// A frame of a camera is judged as the same pixels in a file are; it has no digest.
#[test]
fn pixels_without_a_file_are_judged_as_those_of_one() {
    let classifier = common::classifier(Variant::Int8);
    let options = Options { um_per_pixel: Some(0.5), ..Options::default() };
    let expected = classify(&classifier, "good/png_rgb8.png", &options).unwrap();
    let decoded = decode(&common::read(&common::fixture("good/png_rgb8.png"))).unwrap();
    let size = decoded.pixels.dimensions();
    let rgba = image::DynamicImage::ImageRgb8(decoded.pixels).into_rgba8().into_raw();
    let open = |rgba: &[u8]| classifier.open_pixels(rgba, size, "live", &options, &|| 0.0);
    let (frame, _) = open(&rgba).unwrap();
    let output = classifier.infer(&frame.voters(0..frame.plan().voters.len()).unwrap()).unwrap();
    let said = Said { logits: output.logits, features: output.features };
    let report = classifier.report(frame.into_plan(), &said, None, Timings::default()).unwrap();
    assert_eq!(report.sha256, None);
    let of_file = ImageReport {
        filename: "live".into(),
        sha256: None,
        timings_ms: report.timings_ms,
        ..expected
    };
    assert_eq!(report, of_file);
    for rgba in [&rgba[4..], &rgba[1..], &[]] {
        assert!(matches!(open(rgba), Err(Error::Internal { .. })));
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
    let folder = classifier.folder_report(outcomes.clone(), Duplicates::Keep);
    assert!(folder.success);
    assert_eq!((folder.num_images, folder.num_failed), (4, 2));
    let malignant: Vec<f64> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            ImageOutcome::Success(report) => Some(report.probabilities.unwrap().malignant),
            ImageOutcome::Failure(_) => None,
        })
        .collect();
    let diagnosis = folder.aggregated_diagnosis.as_ref().unwrap();
    let mean = (malignant[0] + malignant[1]) / 2.0;
    assert!((diagnosis.probabilities.malignant - mean).abs() < 1e-12);
    let json = serde_json::to_string(&folder).unwrap();
    assert_eq!(serde_json::from_str::<FolderReport>(&json).unwrap(), folder);

    let nothing = classifier.folder_report(vec![outcomes[1].clone()], Duplicates::Keep);
    assert!(!nothing.success);
    assert_eq!(nothing.aggregated_diagnosis, None);
    assert_eq!(nothing.verdict, None);
}

/// A field of 224-pixel tiles: `t` is rendered tissue, `g` is bare glass, `b` is grey.
fn field(tiles: &str) -> Vec<u8> {
    let tissue = common::read(&common::fixture("reference/patch_3.png"));
    let tissue = histoscope::decode::decode(&tissue).unwrap().pixels;
    let side = 224 * tiles.len() as u32;
    let pixels =
        image::RgbImage::from_fn(side, 224, |x, y| match tiles.as_bytes()[(x / 224) as usize] {
            b't' => *tissue.get_pixel(x % 224, y),
            b'g' => image::Rgb([240, 241, 238]),
            _ => image::Rgb([tissue.get_pixel(x % 224, y)[1]; 3]),
        });
    let mut bytes = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, image::ImageFormat::Bmp).unwrap();
    bytes.into_inner()
}

fn classify_field(classifier: &Classifier, tiles: &str, options: &Options) -> ImageReport {
    classifier.classify(&field(tiles), tiles, options, &|| 0.0, &mut |_, _| {}).unwrap()
}

#[test]
fn patches_that_cannot_be_assessed_do_not_vote() {
    let classifier = common::classifier(Variant::Int8);
    let alone = classify_field(&classifier, "tt", &Options::default());
    let report = classify_field(&classifier, "gtbtg", &Options::default());
    let found: Vec<Screen> = report.patches.iter().map(|patch| patch.screen).collect();
    use Screen::{Assessable, Background, NotHe};
    assert_eq!(found, [Background, Assessable, NotHe, Assessable, Background]);
    assert_eq!(report.num_patches, 5);
    assert_eq!(
        report.screen,
        Counts { assessable: 2, background: 2, not_he: 1, ..Counts::default() }
    );
    assert_eq!(report.probabilities, alone.probabilities, "the voters decide alone");
    assert_eq!(report.patches[1].probabilities, alone.probabilities);
    assert_eq!(report.patches[0].probabilities, None);
    assert_eq!(report.patch_breakdown.voters(), 2);
    assert_eq!(report.warnings, ["3 of 5 patches did not vote: 2 background, 1 not H&E."]);
}

#[test]
fn batches_hold_the_voters_in_order_and_a_pool_gets_the_same_report() {
    let classifier = common::classifier(Variant::Int8);
    let options = Options { batch_size: 2, ..Options::default() };
    let whole = classify_field(&classifier, "tgttg", &options);
    let (micrograph, _) = classifier.open(&field("tgttg"), "tgttg", &options, &|| 0.0).unwrap();
    let plan = micrograph.plan().clone();
    assert_eq!(plan.voters, [0, 2, 3]);
    assert_eq!(plan.batch_count(), 2);
    let patch = 224 * 224 * 3;
    assert_eq!(micrograph.voters(0..2), Some(micrograph.batch(0)));
    assert_eq!(micrograph.voters(2..3), Some(micrograph.batch(1)));
    assert_eq!((micrograph.voters(2..4), micrograph.voters(9..9)), (None, None));
    assert_eq!([0, 1].map(|index| micrograph.batch(index).len()), [2 * patch, patch]);
    let mut said = Said::default();
    for batch in (0..2).map(|index| classifier.infer(&micrograph.batch(index)).unwrap()) {
        said.logits.extend(batch.logits);
        said.features.extend(batch.features);
    }
    // As in the page: the plan goes out and comes back as JSON.
    let json = serde_json::to_string(&plan).unwrap();
    let plan = serde_json::from_str(&json).unwrap();
    assert_eq!(classifier.report(plan, &said, None, Timings::default()).unwrap(), whole);
}

#[test]
fn logits_and_voters_have_to_agree() {
    let classifier = common::classifier(Variant::Int8);
    let (micrograph, _) = classifier.open(&field("ttg"), "", &Options::default(), &|| 0.0).unwrap();
    let report = |plan, logits: &[f32]| {
        let features = 2 * classifier.features().map_or(0, Features::len);
        let said = Said { logits: logits.to_vec(), features: vec![0.0; features] };
        classifier.report(plan, &said, None, Timings::default())
    };
    for logits in [&[][..], &[0.0], &[0.0; 3], &[0.0; 6]] {
        let error = report(micrograph.plan().clone(), logits).unwrap_err();
        assert_eq!(error.code(), "internal", "{logits:?}");
    }
    let error = |plan, logits: &[f32]| report(plan, logits).unwrap_err().to_string();
    for logit in [f32::NAN, f32::INFINITY] {
        let said = error(micrograph.plan().clone(), &[0.0, logit, 0.0, 0.0]);
        assert!(said.contains("a logit is"), "{said}");
    }
    let spoilt: [&dyn Fn(&mut Plan); 7] = [
        &|plan| plan.voters = vec![0, 2],
        &|plan| plan.voters = vec![0, 0],
        &|plan| plan.options.batch_size = 0,
        &|plan| plan.options.stride = Some(0),
        &|plan| plan.grid.columns = u32::MAX,
        &|plan| plan.patches[0].x = 1,
        &|plan| plan.patches.clear(),
    ];
    for (index, spoil) in spoilt.into_iter().enumerate() {
        let mut plan = micrograph.plan().clone();
        spoil(&mut plan);
        let logits = vec![0.0; 2 * plan.voters.len()];
        let said = error(plan, &logits);
        assert!(said.contains("not as it was made"), "{index}: {said}");
    }
}

#[test]
fn a_report_says_how_it_was_computed() {
    let classifier = common::classifier(Variant::Int8);
    let report = classify(&classifier, "good/grid_448x224.jpg", &Options::default()).unwrap();
    assert_eq!(report.engine.arithmetic, Some(Arithmetic::Exact));
    assert_eq!(report.engine.edition.as_deref(), Some(histoscope::engine::EDITION));
    let kernels = histoscope::engine::kernels::Isa::best().name();
    assert_eq!(report.engine.kernels.as_deref(), Some(kernels));
    let bytes = common::read(&common::fixture("good/grid_448x224.jpg"));
    assert_eq!(report.sha256, Some(histoscope::manifest::sha256_hex(&bytes)));
}

#[cfg(feature = "tract")]
#[test]
fn a_report_says_that_floating_point_is_not_exact() {
    let classifier = common::classifier(Variant::F32);
    let report = classify(&classifier, "good/grid_448x224.jpg", &Options::default()).unwrap();
    assert_eq!(report.engine.arithmetic, Some(Arithmetic::Float));
}

#[test]
fn an_image_without_enough_to_assess_is_not_inferred() {
    let classifier = common::classifier(Variant::Int8);
    // One patch is no verdict unless it is all there is. Glass counts little against an image; what
    // is no H&E does, from three quarters on.
    for (tiles, assessable) in [
        ("t", true),
        ("g", false),
        ("ggt", false),
        ("ggggttgg", true),
        ("ttbbbb", true),
        ("ttbbbbbbb", false),
    ] {
        let mut batches = 0;
        let report = classifier
            .classify(&field(tiles), tiles, &Options::default(), &|| 0.0, &mut |_, _| batches += 1)
            .unwrap();
        assert!(report.success);
        assert_eq!(report.verdict != Verdict::NotAssessable, assessable, "{tiles}");
        assert_eq!(batches, u32::from(assessable), "{tiles}");
        let json = serde_json::to_value(&report).unwrap();
        for field in ["prediction", "prediction_idx", "confidence", "probabilities"] {
            assert_eq!(json[field].is_null(), !assessable, "{tiles} {field}");
        }
        assert_eq!(serde_json::from_value::<ImageReport>(json).unwrap(), report);
    }
    let report = classify_field(&classifier, "ttbbbbbbb", &Options::default());
    assert_eq!(report.patches[0].screen, Screen::Assessable);
    assert!(report.patches.iter().all(|patch| patch.probabilities.is_none()));
    assert_eq!(report.patch_breakdown, PatchBreakdown::default());
    assert!(report.warnings[0].starts_with("Not assessable: 2 of 9 patches"), "{report:?}");
    assert!(report.warnings[0].contains("haematoxylin and eosin"), "{report:?}");
}

#[test]
fn without_the_screen_every_patch_votes_and_is_called_unchecked() {
    let classifier = common::classifier(Variant::Int8);
    let options = Options { screen: false, ..Options::default() };
    let report = classify_field(&classifier, "gtb", &options);
    assert_eq!(report.screen, Counts { unchecked: 3, ..Counts::default() });
    assert!(report.patches.iter().all(|patch| patch.probabilities.is_some()));
    assert_eq!(report.warnings, Vec::<String>::new());
    assert!(!report.options.screen);
}

#[test]
fn the_threshold_of_the_options_goes_before_that_of_the_model() {
    let classifier = common::classifier(Variant::Int8);
    let report = |uncertain_below| {
        let options = Options { uncertain_below, ..Options::default() };
        classify(&classifier, "good/grid_700x460.jpg", &options).unwrap()
    };
    let (bold, careful, own) = (report(Some(0.5)), report(Some(1.0)), report(None));
    assert_eq!(Some(bold.verdict), bold.prediction.map(Verdict::from));
    assert_eq!(careful.verdict, Verdict::Uncertain);
    assert_eq!(careful.options.uncertain_below, Some(1.0));
    assert_eq!(careful.probabilities, own.probabilities);

    // In a folder it counts if all images had it.
    let verdict = |reports: [&ImageReport; 2]| {
        let outcome = |report: &ImageReport| ImageOutcome::Success(Box::new(report.clone()));
        classifier.folder_report(reports.map(outcome).into(), Duplicates::Keep).verdict.unwrap()
    };
    assert_eq!(verdict([&careful, &careful]), Verdict::Uncertain);
    assert_eq!(verdict([&bold, &bold]), bold.verdict);
    assert_eq!(verdict([&bold, &careful]), own.verdict);
}

#[test]
fn images_that_are_not_assessable_do_not_vote_in_a_folder() {
    let classifier = common::classifier(Variant::Int8);
    let options = Options::default();
    let outcome =
        |tiles| ImageOutcome::Success(Box::new(classify_field(&classifier, tiles, &options)));
    let folder = classifier.folder_report(vec![outcome("g"), outcome("tt")], Duplicates::Keep);
    assert!(folder.success);
    assert_eq!((folder.num_images, folder.num_failed, folder.num_not_assessable), (2, 0, 1));
    let diagnosis = folder.aggregated_diagnosis.as_ref().unwrap();
    assert_eq!(folder.verdict, Some(diagnosis.verdict));
    let ImageOutcome::Success(voter) = &folder.individual_results[1] else { unreachable!() };
    assert_eq!(Some(diagnosis.probabilities), voter.probabilities);

    let failed = ImageOutcome::Failure(FailureReport::new("", &Error::ImageEmpty));
    let nothing = classifier.folder_report(vec![outcome("g"), failed], Duplicates::Keep);
    assert!(!nothing.success);
    assert_eq!((nothing.num_failed, nothing.num_not_assessable), (1, 1));
    assert_eq!(nothing.verdict, Some(Verdict::NotAssessable));
    assert_eq!(nothing.aggregated_diagnosis, None);
    let json = serde_json::to_string(&nothing).unwrap();
    assert_eq!(serde_json::from_str::<FolderReport>(&json).unwrap(), nothing);
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
