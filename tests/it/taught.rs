//! Features, familiarity and lessons of a small network, from the bytes of images to reports.

use histoscope::evaluate::Labelled;
use histoscope::features::{Features, of_image};
use histoscope::manifest::{Calibration, Manifest, Variant, sha256_hex};
use histoscope::options::Options;
use histoscope::pipeline::{Classifier, PlannedPatch, Said, SlidePlan, SlideRegion};
use histoscope::report::{
    Duplicates, FolderReport, ImageOutcome, ImageReport, LessonSummary, PatchBreakdown,
    SlideSource, TaughtRegion, Timings, Verdict, Votes, outcomes_from_json, saved_from_json,
};
use histoscope::teach::{self, Example, teach};
use serde_json::{Value, json};

use crate::onnx::{Activation, Conv, Network, pixels};

const SIDE: usize = 32;

/// Classes that are the model's own.
const OWN: [&str; 3] = ["stroma", "in situ", "invasive"];

/// A network, fused from end to end, and the names of two of its tensors.
fn network(classes: usize) -> (Vec<u8>, [String; 2]) {
    let (mut network, image) = Network::new(SIDE);
    let wide = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    let thin = network.conv(&wide, Conv::new(6, 1, 1, Activation::Linear));
    network.head(&thin, classes);
    (network.finish(), [wide.name, thin.name])
}

fn manifest(model: &[u8], [wide, thin]: &[String; 2]) -> Value {
    json!({
        "schema_version": 1, "name": "small", "version": "1", "labels": ["benign", "malignant"],
        "input": {"dtype": "uint8", "layout": "NHWC", "channels": "RGB", "patch_size": SIDE},
        "variants": {"int8":
            {"file": "small.onnx", "bytes": model.len(), "sha256": sha256_hex(model)}},
        "calibration": {"temperature": 1.0, "uncertain_below": null},
        "features": {"statistics": ["mean", "mean_square"], "levels": [
            {"name": "wide", "tensor": wide, "channels": 8},
            {"name": "thin", "tensor": thin, "channels": 6},
        ]},
    })
}

fn load(model: &[u8], manifest: &Value) -> histoscope::Result<Classifier> {
    Classifier::new(model, Manifest::from_json(&manifest.to_string())?, Variant::Int8)
}

/// Three patches side by side as a BMP file; `tint` is added to the red of what `seed` makes.
fn picture(seed: u32, tint: u8) -> Vec<u8> {
    let (width, height) = (3 * SIDE, SIDE);
    let mut file = b"BM".to_vec();
    file.extend((54 + 3 * width as u32 * height as u32).to_le_bytes());
    file.extend([0; 4]);
    file.extend(54u32.to_le_bytes());
    file.extend(40u32.to_le_bytes());
    file.extend((width as u32).to_le_bytes());
    file.extend((height as u32).to_le_bytes());
    file.extend([1, 0, 24, 0]);
    file.extend([0; 24]);
    let mut bytes = pixels(3, SIDE, seed);
    // Dark noise, so that there is room for the tint.
    bytes.iter_mut().for_each(|byte| *byte /= 4);
    bytes.iter_mut().skip(2).step_by(3).for_each(|red| *red = red.saturating_add(tint));
    file.extend(bytes);
    file
}

fn options() -> Options {
    Options { screen: false, ..Options::default() }
}

fn judged(classifier: &Classifier, picture: &[u8]) -> (ImageReport, Said) {
    let progress = &mut |_, _| {};
    classifier.classify_by(None, picture, "p.bmp", &options(), &|| 0.0, progress).unwrap()
}

/// Statistics around what `classifier` says of one picture.
fn statistics(classifier: &Classifier, model: &[u8], around: &[u8]) -> Vec<u8> {
    let len = classifier.features().unwrap().len();
    let mean = of_image(&judged(classifier, around).1.features, len);
    let file = json!({"schema_version": 1, "model_sha256": sha256_hex(model), "mean": mean,
        "scale": vec![1.0; len], "limit": 0.75});
    file.to_string().into_bytes()
}

/// A classifier that knows pictures without a tint.
fn knowing() -> Classifier {
    knowing_of(&["benign", "malignant"])
}

/// One whose classes are its own.
fn knowing_own() -> Classifier {
    knowing_of(&OWN)
}

fn knowing_of(labels: &[&str]) -> Classifier {
    let (model, tensors) = network(labels.len());
    let mut manifest = manifest(&model, &tensors);
    manifest["labels"] = labels.into();
    let file = statistics(&load(&model, &manifest).unwrap(), &model, &picture(1, 0));
    manifest["familiarity"] =
        json!({"file": "small.familiarity.json", "bytes": file.len(), "sha256": sha256_hex(&file)});
    load(&model, &manifest).unwrap().with_familiarity(&file).unwrap()
}

#[test]
fn what_is_unlike_all_is_unfamiliar_and_does_not_vote() {
    let classifier = knowing();
    let [near, far] = [picture(2, 0), picture(3, 190)].map(|file| judged(&classifier, &file).0);
    let known = near.familiarity.unwrap();
    assert!(known.familiar && known.distance > 0.0, "{known:?}");
    assert_eq!(near.verdict, near.prediction.unwrap().into());
    let known = far.familiarity.unwrap();
    assert!(!known.familiar && known.distance > known.limit, "{known:?}");
    assert_eq!(far.verdict, Verdict::Unfamiliar);
    assert!(far.probabilities.is_some(), "the reference API has them");

    let outcomes = || [&near, &far].map(|r| ImageOutcome::Success(Box::new(r.clone()))).to_vec();
    let folder = classifier.folder_report(outcomes(), Duplicates::VoteOnce);
    let diagnosis = folder.aggregated_diagnosis.unwrap();
    assert_eq!(diagnosis.probabilities, near.probabilities.unwrap());
    assert_eq!((folder.num_unfamiliar, folder.num_not_assessable), (Some(1), 0));
    let votes = Votes { unfamiliar: true, ..Votes::default() };
    let folder = classifier.folder_report(outcomes(), votes);
    assert_ne!(folder.aggregated_diagnosis.unwrap().probabilities, diagnosis.probabilities);
    assert_eq!((folder.num_unfamiliar, folder.num_not_assessable), (Some(1), 0));
    let alone = vec![ImageOutcome::Success(Box::new(far.clone()))];
    let folder = classifier.folder_report(alone, Duplicates::VoteOnce);
    assert_eq!((folder.verdict, folder.success), (Some(Verdict::Unfamiliar), false));

    // It comes back from a page as it left, and not otherwise.
    let mut json = serde_json::to_value([&far]).unwrap();
    let read = |json: &Value| outcomes_from_json(&json.to_string());
    assert_eq!(read(&json).unwrap(), [ImageOutcome::Success(Box::new(far))]);
    json[0]["verdict"] = "malignant".into();
    assert!(read(&json).unwrap_err().to_string().contains("verdict contradicts familiarity"));
    json[0]["verdict"] = "unfamiliar".into();
    json[0]["familiarity"]["familiar"] = true.into();
    assert!(read(&json).unwrap_err().to_string().contains("familiarity"));
}

#[test]
fn a_model_without_statistics_says_so() {
    let (model, tensors) = network(2);
    let classifier = load(&model, &manifest(&model, &tensors)).unwrap();
    let report = serde_json::to_value(judged(&classifier, &picture(1, 0)).0).unwrap();
    assert_eq!(report["familiarity_unknown"], "no_statistics");
    assert_eq!(report.get("familiarity"), None);
}

#[test]
fn features_that_are_not_there_are_named() {
    let (model, tensors) = network(2);
    let refused = |pointer: &str, value: Value, named: &str| {
        let mut manifest = manifest(&model, &tensors);
        *manifest.pointer_mut(pointer).unwrap() = value;
        let error = load(&model, &manifest).unwrap_err();
        assert_eq!(error.code(), "manifest_invalid");
        assert!(error.to_string().contains(named), "{error}");
    };
    refused("/features/levels/0/tensor", json!("gone"), "no sums of the tensor \"gone\"");
    refused("/features/levels/0/channels", json!(9), "wide has 8 channels, not 9");
    refused("/features/levels", json!([]), "0 levels");
    refused("/features/statistics", json!(["median"]), "median");
    let mut without = manifest(&model, &tensors);
    without["familiarity"] = json!({"file": "f", "bytes": 1, "sha256": sha256_hex(b"")});
    let wrong = load(&model, &without).unwrap().with_familiarity(b"{}").unwrap_err();
    assert_eq!(wrong.code(), "familiarity_invalid");
    without.as_object_mut().unwrap().remove("features");
    assert!(load(&model, &without).unwrap_err().to_string().contains("no features"));
}

/// The lesson that judged.
fn of_lesson(report: &mut ImageReport) -> &mut LessonSummary {
    report.taught.as_mut().unwrap().lesson.as_mut().unwrap()
}

/// Pictures of six patients; those with a tint of 100 are of the second class.
fn lesson(classifier: &Classifier, classes: [&str; 2]) -> String {
    let mut images = Vec::new();
    let mut values = Vec::new();
    for seed in 0..24 {
        let label = usize::from(seed % 2 == 1);
        let file = picture(100 + seed, 100 * label as u8);
        let (report, said) = judged(classifier, &file);
        values.extend(said.features);
        images.push(Example {
            image: Labelled {
                name: format!("{seed}.bmp"),
                patient: Some(format!("p{}", seed % 6)),
                label: Some(classes[label].into()),
                probabilities: None,
                verdict: None,
                sha256: report.sha256,
            },
            patches: 3,
            width: None,
            height: None,
            path: None,
            um_per_pixel: None,
        });
    }
    let request = teach::TeachRequest {
        classes: classes.map(Into::into).to_vec(),
        images,
        options: teach::TeachOptions { name: "tints".into(), force: false },
    };
    let features: &Features = classifier.features().unwrap();
    let outcome = teach(&request, &values, features, &classifier.model()).unwrap();
    outcome.lesson.unwrap()
}

#[test]
fn a_lesson_judges_in_the_place_of_the_model_and_anew_to_the_bit() {
    let classifier = knowing();
    let lesson = classifier.lesson(&lesson(&classifier, ["benign", "malignant"])).unwrap();
    let file = picture(7, 100);
    let progress = &mut |_, _| {};
    let (report, said) = classifier
        .classify_by(Some(&lesson), &file, "p.bmp", &options(), &|| 0.0, progress)
        .unwrap();
    assert_eq!(report.verdict, Verdict::Malignant, "{report:?}");
    let taught = report.taught.clone().unwrap();
    assert_eq!(taught.lesson.unwrap().name, "tints");
    assert_eq!(taught.probabilities.unwrap(), report.probabilities.unwrap().into_array());
    assert_eq!(taught.familiarity, report.familiarity);
    // The model itself does not know such pictures.
    let (plain, _) = judged(&classifier, &file);
    assert_eq!(plain.verdict, Verdict::Unfamiliar);
    assert_eq!(classifier.judge_anew(plain.clone(), &said, Some(&lesson)).unwrap(), report);
    assert_eq!(classifier.judge_anew(report.clone(), &said, None).unwrap(), plain);
    let json = serde_json::to_string(&[&report]).unwrap();
    assert_eq!(
        outcomes_from_json(&json).unwrap(),
        [ImageOutcome::Success(Box::new(report.clone()))]
    );
    // Together, too, the lesson's threshold holds, and never the model's.
    let demanding = Some(report.confidence.unwrap() + 1e-9);
    for (lesson, model, verdict) in [
        (demanding, None, Verdict::Uncertain),
        (None, demanding, Verdict::Malignant),
        (Some(0.5), Some(1.0), Verdict::Malignant),
    ] {
        let mut report = report.clone();
        of_lesson(&mut report).uncertain_below = lesson;
        let calibration = Calibration { temperature: 1.0, uncertain_below: model };
        let (of, engine) = (report.model.clone(), report.engine.clone());
        let outcomes = vec![ImageOutcome::Success(Box::new(report))];
        let folder = FolderReport::new(outcomes, Duplicates::VoteOnce, &calibration, of, engine);
        assert_eq!(folder.verdict, Some(verdict), "{lesson:?} {model:?}");
    }
    // What belongs to another image is refused.
    let other = Said { features: said.features[1..].to_vec(), ..said };
    assert_eq!(classifier.judge_anew(plain, &other, None).unwrap_err().code(), "internal");
}

/// The patches of a picture as if they had been cut from a slide, all of them, one and none outlined.
fn cut_from_slide(of: &ImageReport) -> SlidePlan {
    let region = |name: &str, patches: &[usize]| SlideRegion {
        name: name.into(),
        patches: patches.to_vec(),
    };
    let patches = of.patches.iter();
    SlidePlan {
        filename: "slide.svs".into(),
        identity: "ab".repeat(32),
        width: of.image.width,
        height: of.image.height,
        um_per_pixel: 0.49,
        options: of.options.clone(),
        patches: patches.map(|at| PlannedPatch { x: at.x, y: at.y, screen: at.screen }).collect(),
        slide: SlideSource {
            format: "SVS".into(),
            width: of.image.width,
            height: of.image.height,
            downsample: 1.0,
            candidates: of.num_patches,
        },
        regions: vec![region("all", &[0, 1, 2]), region("one", &[1]), region("none", &[])],
        strokes: vec![],
        warnings: vec![],
    }
}

#[test]
fn regions_of_a_slide_are_told_by_the_classes_of_the_head_that_judged() {
    let by_lesson = knowing();
    let grey_and_red = by_lesson.lesson(&lesson(&by_lesson, ["grey", "red"])).unwrap();
    let in_place = by_lesson.lesson(&lesson(&by_lesson, ["benign", "malignant"])).unwrap();
    for (classifier, lesson) in [(&by_lesson, Some(&grey_and_red)), (&knowing_own(), None)] {
        let (field, said) = judged(classifier, &picture(7, 100));
        let report =
            classifier.slide_report(cut_from_slide(&field), &said, lesson, Timings::default());
        let report = report.unwrap();
        let whole = report.taught.clone().unwrap();
        let [all, one, none] = &report.slide.as_ref().unwrap().regions[..] else { panic!("three") };
        assert_eq!(all.taught, Some(TaughtRegion::from(whole.clone())));
        assert_eq!(all.probabilities, report.probabilities);
        let [one, none] = [one, none].map(|region| region.taught.as_ref().unwrap());
        assert_eq!(one.probabilities.as_ref(), Some(&whole.voters[1]));
        assert_eq!((none.verdict.as_str(), &none.prediction), ("not assessable", &None));

        // It comes back as it left, and not otherwise.
        let json = serde_json::to_value([&report]).unwrap();
        let read = |json: &Value| outcomes_from_json(&json.to_string());
        assert_eq!(read(&json).unwrap(), [ImageOutcome::Success(Box::new(report.clone()))]);
        let path = "/0/slide/regions/1/taught";
        for (field, spoilt) in [
            ("verdict", json!("blue")),
            ("prediction", json!("blue")),
            ("probabilities", json!([1.0])),
            ("probabilities", json!([0.9, 0.9, 0.9])),
            ("probabilities", json!(null)),
            ("confidence", json!(2.0)),
        ] {
            let mut json = json.clone();
            json.pointer_mut(path).unwrap()[field] = spoilt;
            let error = read(&json).unwrap_err().to_string();
            assert!(error.contains("slide.regions.taught contradicts taught"), "{field}: {error}");
        }
    }
    // A lesson of benign and malignant says in the region's own fields what it says.
    let (field, said) = judged(&by_lesson, &picture(7, 100));
    let plan = cut_from_slide(&field);
    let report = by_lesson.slide_report(plan, &said, Some(&in_place), Timings::default()).unwrap();
    let all = &report.slide.as_ref().unwrap().regions[0];
    assert_eq!((&all.taught, all.probabilities), (&None, report.probabilities));
    assert_eq!(report.otherwise(), None);
}

/// A cell's softmax is what the lesson says of it, so the mean of the cells is what it says of the patch.
#[test]
fn a_lessons_map_is_its_logits_place_by_place() {
    let classifier = knowing();
    let lesson = classifier.lesson(&lesson(&classifier, ["grey", "red"])).unwrap();
    let (image, _) = classifier.open(&picture(7, 100), "p.bmp", &options(), &|| 0.0).unwrap();
    let pixels = image.voters(0..3).unwrap();
    let map = classifier.lesson_map(&pixels, &lesson).unwrap();
    let cells = map.height * map.width;
    assert!(cells > 1, "{map:?}");
    assert_eq!(map.values.len(), 3 * cells * 2);
    let features = classifier.infer(&pixels).unwrap().features;
    for (patch, said) in map.values.chunks_exact(2 * cells).zip(lesson.patches(&features)) {
        let mean = |class: usize| {
            patch.iter().skip(class).step_by(2).map(|&v| f64::from(v)).sum::<f64>() / cells as f64
        };
        let share = 1.0 / (1.0 + (mean(0) - mean(1)).exp());
        assert!((share - said[1]).abs() < 1e-5, "{share} and {}", said[1]);
        assert!(patch.iter().any(|value| (value - patch[0]).abs() > 1e-3), "one colour all over");
    }
}

/// What a page puts in the place of a report's fields is what the whole report would say.
#[test]
fn a_judgement_is_what_the_report_says() {
    let classifier = knowing();
    for classes in [["benign", "malignant"], ["grey", "red"]] {
        let lesson = classifier.lesson(&lesson(&classifier, classes)).unwrap();
        let (plain, said) = judged(&classifier, &picture(7, 100));
        for lesson in [None, Some(&lesson)] {
            let report = classifier.judge_anew(plain.clone(), &said, lesson).unwrap();
            let judgement = classifier.judge((&said).into(), 3, lesson, None).unwrap();
            let of_patches = report.patches.iter().filter_map(|patch| patch.probabilities);
            assert!(of_patches.eq(judgement.patches.iter().copied()));
            // Of its other fields those that are not in the judgement are as they were.
            let mut merged = serde_json::to_value(&plain).unwrap();
            let fields = merged.as_object_mut().unwrap();
            for field in ["familiarity", "familiarity_unknown", "taught"] {
                fields.remove(field);
            }
            let judgement = serde_json::to_value(&judgement).unwrap();
            fields.extend(judgement.as_object().unwrap().clone());
            let mut report = serde_json::to_value(&report).unwrap();
            for value in [&mut merged, &mut report] {
                value.as_object_mut().unwrap().remove("patches");
            }
            assert_eq!(merged, report);
        }
    }
}

#[test]
fn whatever_is_written_is_read_back() {
    for classifier in [knowing(), knowing_own()] {
        is_read_back(&classifier);
    }
}

fn is_read_back(classifier: &Classifier) {
    let lessons = [["benign", "malignant"], ["grey", "red"]]
        .map(|classes| classifier.lesson(&lesson(classifier, classes)).unwrap());
    let heads = [None, Some(&lessons[0]), Some(&lessons[1])];
    let progress = &mut |_, _| {};
    for (seed, tint) in [(20, 0), (21, 40), (22, 100), (23, 190)] {
        for (head, uncertain_below) in
            heads.iter().flat_map(|&head| [(head, None), (head, Some(0.99))])
        {
            let options = Options { uncertain_below, ..options() };
            let (report, _) = classifier
                .classify_by(head, &picture(seed, tint), "p.bmp", &options, &|| 0.0, progress)
                .unwrap();
            let outcome = ImageOutcome::Success(Box::new(report));
            let alone = saved_from_json(&serde_json::to_vec(&outcome).unwrap()).unwrap();
            assert_eq!(alone[0].report, outcome);
            let folder = classifier.folder_report(vec![outcome.clone()], Duplicates::VoteOnce);
            let folder = saved_from_json(&serde_json::to_vec_pretty(&folder).unwrap()).unwrap();
            assert_eq!(folder[0].report, outcome);
        }
    }
}

#[test]
fn a_lesson_of_other_classes_speaks_beside_the_model() {
    let classifier = knowing();
    let lesson = classifier.lesson(&lesson(&classifier, ["grey", "red"])).unwrap();
    let progress = &mut |_, _| {};
    let (report, _) = classifier
        .classify_by(Some(&lesson), &picture(9, 100), "p.bmp", &options(), &|| 0.0, progress)
        .unwrap();
    assert_eq!(report.verdict, Verdict::Unfamiliar, "the model itself");
    let taught = report.taught.as_ref().unwrap();
    assert_eq!((taught.verdict.as_str(), taught.prediction_idx), ("red", Some(1)));
    assert_eq!(taught.voters.len(), 3);
    let success = |report: &ImageReport| ImageOutcome::Success(Box::new(report.clone()));
    let folder = classifier.folder_report(vec![success(&report)], Duplicates::VoteOnce);
    let together = folder.taught.unwrap();
    assert_eq!((together.verdict.as_str(), &together.images), ("red", &vec![0, 1]));
    assert_eq!(together.probabilities, taught.probabilities);
    let mut demanding = report.clone();
    of_lesson(&mut demanding).uncertain_below = Some(1.0);
    let folder = classifier.folder_report(vec![success(&demanding)], Duplicates::VoteOnce);
    assert_eq!(folder.taught.unwrap().verdict, "uncertain", "by the lesson's own threshold");
    // What different heads say has no mean.
    let (plain, _) = judged(&classifier, &picture(8, 0));
    let mixed = vec![success(&report), success(&plain)];
    assert_eq!(classifier.folder_report(mixed, Duplicates::VoteOnce).taught, None);
    let mut json = serde_json::to_value([&report]).unwrap();
    assert!(outcomes_from_json(&json.to_string()).is_ok());
    json[0]["taught"]["voters"][0][0] = 0.9.into();
    let error = outcomes_from_json(&json.to_string()).unwrap_err();
    assert!(error.to_string().contains("taught contradicts"), "{error}");
}

#[test]
fn a_model_of_classes_of_its_own_speaks_by_these_and_of_no_others() {
    let classifier = knowing_own();
    let [near, far] = [picture(2, 0), picture(3, 190)].map(|file| judged(&classifier, &file));
    let (report, said) = &near;
    let taught = report.taught.as_ref().unwrap();
    assert_eq!((&taught.lesson, taught.classes.len()), (&None, 3));
    assert_eq!(classifier.columns(), 3);
    assert_eq!(taught.voters, classifier.shares(&said.logits));
    let shares = taught.probabilities.as_ref().unwrap();
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let best = taught.prediction_idx.unwrap();
    assert!(shares.iter().all(|&share| share <= shares[best]));
    assert_eq!((taught.prediction.as_deref(), &*taught.verdict), (Some(OWN[best]), OWN[best]));
    assert_eq!(taught.confidence, Some(shares[best]));
    // Of benign and malignant nothing is said, and nothing claimed.
    assert_eq!((report.prediction, report.probabilities, report.confidence), (None, None, None));
    assert!(report.patches.iter().all(|patch| patch.probabilities.is_none()));
    assert_eq!(report.patch_breakdown, PatchBreakdown::default());
    assert_eq!((report.verdict, report.voters()), (Verdict::Uncertain, 3));
    // What it does not know it does not judge.
    let strange = far.0.taught.as_ref().unwrap();
    assert_eq!((far.0.verdict, &*strange.verdict), (Verdict::Unfamiliar, "unfamiliar"));
    assert_eq!(strange.familiarity, far.0.familiarity);

    let success = |report: &ImageReport| ImageOutcome::Success(Box::new(report.clone()));
    let both = || vec![success(report), success(&far.0)];
    let folder = classifier.folder_report(both(), Duplicates::VoteOnce);
    assert_eq!((folder.success, folder.verdict), (true, Some(Verdict::Uncertain)));
    assert_eq!((folder.num_unfamiliar, folder.num_not_assessable), (Some(1), 0));
    assert_eq!((folder.aggregated_diagnosis, folder.image_breakdown), (None, None));
    let together = folder.taught.unwrap();
    assert_eq!(together.probabilities, taught.probabilities);
    assert_eq!((together.images.iter().sum::<u32>(), &*together.verdict), (1, OWN[best]));
    let votes = Votes { unfamiliar: true, ..Votes::default() };
    assert_eq!(classifier.folder_report(both(), votes).taught.unwrap().images.len(), 3);
    let demanding = Calibration { temperature: 1.0, uncertain_below: Some(1.0) };
    let (of, engine) = (report.model.clone(), report.engine.clone());
    let outcomes = vec![success(report)];
    let folder = FolderReport::new(outcomes, Duplicates::VoteOnce, &demanding, of, engine);
    assert_eq!(folder.taught.unwrap().verdict, "uncertain", "by the model's own threshold");
    let alone = classifier.folder_report(vec![success(&far.0)], Duplicates::VoteOnce);
    assert_eq!((alone.verdict, alone.success), (Some(Verdict::Unfamiliar), false));

    // A lesson of benign and malignant stands in its place, and none takes it away again.
    let lesson = classifier.lesson(&lesson(&classifier, ["benign", "malignant"])).unwrap();
    let taught = classifier.judge_anew(report.clone(), said, Some(&lesson)).unwrap();
    assert!(taught.probabilities.is_some() && taught.taught.as_ref().unwrap().lesson.is_some());
    assert_eq!(&classifier.judge_anew(taught, said, None).unwrap(), report);

    // What comes back spoilt is refused.
    let refused = |pointer: &str, value: Value| {
        let mut json = serde_json::to_value([report]).unwrap();
        assert!(outcomes_from_json(&json.to_string()).is_ok());
        *json.pointer_mut(pointer).unwrap() = value;
        assert!(outcomes_from_json(&json.to_string()).is_err(), "{pointer}");
    };
    refused("/0/verdict", "benign".into());
    refused("/0/verdict", "not assessable".into());
    refused("/0/prediction", "benign".into());
    refused("/0/taught/verdict", "benign".into());
    refused("/0/taught/voters", json!([]));
    refused("/0/taught/classes", json!(["stroma", "stroma", "invasive"]));
    refused("/0/patch_breakdown/benign_patches", 3.into());
}

#[test]
fn a_model_has_up_to_a_hundred_classes_of_its_own() {
    let names: Vec<String> = (0..100).map(|number| format!("class {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for count in [2, 12, 13, 100] {
        let classifier = knowing_of(&names[..count]);
        let (report, _) = judged(&classifier, &picture(2, 0));
        assert_eq!(report.taught.as_ref().unwrap().probabilities.as_ref().unwrap().len(), count);
        let outcome = ImageOutcome::Success(Box::new(report));
        let read = saved_from_json(&serde_json::to_vec(&outcome).unwrap()).unwrap();
        assert_eq!(read[0].report, outcome);
    }
}
