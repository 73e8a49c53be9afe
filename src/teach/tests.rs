//! The fit against scikit-learn, lessons that are the same in any order, and what is refused.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::fit::LabelledRows;
use super::*;
use crate::features::{Level, Statistic};
use crate::lesson::{self, LessonProblem, Taken};
use crate::manifest::{Variant, sha256_hex};

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

#[test]
fn heads_are_those_of_scikit_learn() {
    let text = include_str!("../../tests/fixtures/reference/lesson_fit.json");
    let reference: Value = serde_json::from_str(text).unwrap();
    let cases = reference["cases"].as_array().unwrap();
    assert!(cases.len() >= 5);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let x = numbers(&case["values"]);
        let labels: Vec<usize> =
            numbers(&case["labels"]).into_iter().map(|label| label as usize).collect();
        let weights = numbers(&case["sample_weights"]);
        let total: f64 = weights.iter().sum();
        let table = LabelledRows {
            features: x.len() / labels.len(),
            classes: case["classes"].as_u64().unwrap() as usize,
            weights: weights.iter().map(|weight| weight / total).collect(),
            x,
            labels,
        };
        let penalty = 1.0 / (case["c"].as_f64().unwrap() * total);
        let head = table.fit(&vec![0.0; table.len()], penalty, 1e-10, 2000);
        let probabilities: Vec<f64> = table
            .x
            .chunks_exact(table.features)
            .flat_map(|x| lesson::softmax(table.logits(&head, x), 1.0))
            .collect();
        for (ours, theirs) in probabilities.iter().zip(numbers(&case["probabilities"])) {
            assert!((ours - theirs).abs() < 1e-4, "{name}: {ours} and {theirs}");
        }
        let weights: Vec<f64> = head
            .chunks_exact(table.features + 1)
            .flat_map(|row| row[..table.features].to_vec())
            .collect();
        for (ours, theirs) in weights.iter().zip(numbers(&case["coefficients"])) {
            assert!((ours - theirs).abs() < 1e-3 * (1.0 + theirs.abs()), "{name}: {ours} {theirs}");
        }
    }
}

/// Values from a fixed sequence, from -1 to 1.
fn sequence(seed: u64) -> impl FnMut() -> f64 {
    let mut generator = crate::evaluate::Generator::new(seed);
    move || generator.unit() * 2.0 - 1.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn at_the_minimum_nothing_slopes_and_the_slope_is_that_of_the_loss(
        seed in any::<u64>(), classes in 2..5_usize, features in 1..8_usize, n in 8..30_usize,
    ) {
        let mut next = sequence(seed);
        let table = LabelledRows {
            x: (0..n * features).map(|_| next()).collect(),
            features,
            labels: (0..n).map(|case| case % classes).collect(),
            weights: vec![1.0 / n as f64; n],
            classes,
        };
        let head = table.fit(&vec![0.0; table.len()], 0.05, 1e-9, 1000);
        let mut slope = vec![0.0; head.len()];
        table.loss(&head, 0.05, &mut slope);
        prop_assert!(slope.iter().all(|slope| slope.abs() < 1e-7), "{slope:?}");
        // Anywhere else it is what small steps say.
        let mut there: Vec<f64> = (0..head.len()).map(|_| next()).collect();
        table.loss(&there, 0.05, &mut slope);
        let mut unused = slope.clone();
        for place in 0..there.len() {
            let at = there[place];
            let mut loss = |value: f64| {
                there[place] = value;
                table.loss(&there, 0.05, &mut unused)
            };
            let (above, below) = (loss(at + 1e-5), loss(at - 1e-5));
            there[place] = at;
            let by_steps = (above - below) / 2e-5;
            prop_assert!((by_steps - slope[place]).abs() < 1e-6, "{by_steps} {}", slope[place]);
        }
    }
}

fn features() -> Features {
    let level = |name: &str| Level { name: name.into(), tensor: name.into(), channels: 3 };
    let statistics = vec![Statistic::Mean, Statistic::MeanSquare];
    Features { levels: vec![level("a"), level("b")], statistics }
}

fn model() -> ModelSummary {
    ModelSummary {
        name: "net".into(),
        version: "1".into(),
        variant: Variant::Int8,
        sha256: sha256_hex(b"net"),
    }
}

/// `patients` of each class with four images of two or three patches; classes differ in the first
/// features.
fn laboratory(classes: &[&str], patients: usize) -> (TeachRequest, Vec<f32>) {
    let mut next = sequence(7);
    let mut images = Vec::new();
    let mut values = Vec::new();
    for (label, class) in classes.iter().enumerate() {
        for patient in 0..patients {
            let own = next() * 0.4;
            for image in 0..4 {
                let name = format!("{class}-{patient}-{image}.png");
                let patches = 2 + image % 2;
                for _ in 0..patches {
                    values.extend((0..12).map(|feature| {
                        let shift = if feature == label { 1.0 } else { 0.0 };
                        (shift + own + next() * 0.5) as f32
                    }));
                }
                let p = 0.5 + next() * 0.4;
                images.push(Example {
                    image: Labelled {
                        sha256: Some(sha256_hex(name.as_bytes())),
                        patient: Some(format!("{class}{patient}")),
                        label: Some((*class).into()),
                        probabilities: (classes.len() == 2).then(|| vec![1.0 - p, p]),
                        verdict: None,
                        name: name.clone(),
                    },
                    patches,
                    path: Some(format!("{class}/{class}{patient}/{name}")),
                    width: Some(700),
                    height: Some(460),
                    um_per_pixel: None,
                });
            }
        }
    }
    let classes = classes.iter().map(|&class| class.into()).collect();
    (
        TeachRequest {
            classes,
            images,
            options: TeachOptions { name: "mine".into(), force: false },
        },
        values,
    )
}

const TWO: [&str; 2] = ["benign", "malignant"];

fn taught(request: &TeachRequest, values: &[f32]) -> Outcome {
    teach(request, values, &features(), &model()).unwrap()
}

fn auc(evaluation: &Option<Evaluation>) -> f64 {
    evaluation.as_ref().unwrap().by_image.as_ref().unwrap().auc.unwrap().value
}

#[test]
fn a_lesson_learns_what_the_model_does_not_know() {
    let (request, values) = laboratory(&TWO, 6);
    let outcome = taught(&request, &values);
    assert_eq!(outcome.refused, None);
    assert!(auc(&outcome.before) < 0.7, "{}", auc(&outcome.before));
    assert!(auc(&outcome.after) > 0.9, "{}", auc(&outcome.after));
    assert!(outcome.difference.unwrap().auc.unwrap().low > 0.0);
    assert_eq!(outcome.warnings, []);
    let lesson =
        Lesson::from_json(outcome.lesson.as_ref().unwrap(), &features(), &model()).unwrap();
    assert!(lesson.is_in_place());
    let written = lesson.written();
    assert_eq!(written.name, "mine");
    assert_eq!(written.taught, [Taken { images: 24, patients: 6 }; 2]);
    assert_eq!(written.images.len(), 48);
    assert!(written.proof.by_patient && written.proof.folds == 10);
    // It judges the images that it was taught, and knows them.
    let mut rest = values.as_slice();
    let (mut right, mut familiar) = (0, 0);
    for example in &request.images {
        let (own, behind) = rest.split_at(example.patches * 12);
        rest = behind;
        let judged = lesson.judge(own, Some(0.5));
        right += usize::from(Some(&judged.verdict) == example.image.label.as_ref());
        familiar += usize::from(judged.familiarity.unwrap().familiar);
    }
    assert!(right >= 40 && familiar >= 43, "{right} right, {familiar} familiar");
    let far = lesson.judge(&[40.0; 12], None);
    assert_eq!(far.verdict, "unfamiliar");
    assert_eq!(lesson.judge(&[], None).verdict, "not assessable");
}

#[test]
fn what_calls_all_classes_as_likely_as_each_other_was_nothing_before() {
    let (mut request, values) = laboratory(&TWO, 6);
    for example in &mut request.images {
        example.image.probabilities = Some(vec![0.5, 0.5]);
    }
    let outcome = taught(&request, &values);
    assert_eq!((&outcome.before, &outcome.difference), (&None, &None));
    assert!(auc(&outcome.after) > 0.9 && outcome.warnings.is_empty());
    request.images[0].image.probabilities = Some(vec![0.6, 0.4]);
    assert!(taught(&request, &values).before.is_some());
}

#[test]
fn of_every_image_it_is_said_what_a_head_said_that_had_not_seen_its_patient() {
    let (request, values) = laboratory(&TWO, 4);
    let outcome = taught(&request, &values);
    let confusion = outcome.after.unwrap().by_image.unwrap().confusion;
    let left_out = outcome.left_out;
    // Those of the evaluation, each once.
    for (label, row) in TWO.iter().zip(&confusion) {
        for (prediction, &count) in TWO.iter().zip(row) {
            let same = |one: &&LeftOut| one.label == *label && one.prediction == *prediction;
            assert_eq!(left_out.iter().filter(same).count() as u32, count);
        }
    }
    let names: BTreeSet<&str> = left_out.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), request.images.len());
    let lesson =
        Lesson::from_json(outcome.lesson.as_ref().unwrap(), &features(), &model()).unwrap();
    let least = lesson.written().uncertain_below.unwrap_or(0.5);
    for one in &left_out {
        let sure = one.probabilities.iter().any(|&p| p > 0.5 && p >= least);
        assert_eq!(one.verdict, if sure { one.prediction.as_str() } else { "uncertain" });
    }

    // Another truth for all images of a patient changes what is said of others, not of its own.
    let mut turned = request.clone();
    for Example { image, .. } in &mut turned.images {
        if image.patient.as_deref() == Some("benign0") {
            image.label = Some("malignant".into());
        }
    }
    let of = |left_out: &[LeftOut], patient: &str| -> Vec<usize> {
        let own = left_out.iter().filter(|one| one.patient.as_deref() == Some(patient));
        own.map(|one| lesson::greatest(&one.probabilities)).collect()
    };
    let turned = taught(&turned, &values).left_out;
    assert_eq!(of(&left_out, "benign0"), of(&turned, "benign0"));
    let said = |left_out: &[LeftOut]| -> Vec<Vec<f64>> {
        left_out.iter().map(|one| one.probabilities.clone()).collect()
    };
    assert_ne!(said(&left_out), said(&turned));
    // Nothing is said where nothing is taught.
    let (request, values) = laboratory(&TWO, 1);
    assert_eq!(taught(&request, &values).left_out, []);
}

#[test]
fn the_order_of_images_changes_no_byte() {
    let (request, values) = laboratory(&TWO, 3);
    let mut turned = request.clone();
    turned.images.reverse();
    let mut blocks = Vec::new();
    let mut rest = values.as_slice();
    for example in &request.images {
        let (own, behind) = rest.split_at(example.patches * 12);
        blocks.push(own.to_vec());
        rest = behind;
    }
    blocks.reverse();
    assert_eq!(taught(&request, &values).lesson, taught(&turned, &blocks.concat()).lesson);
}

#[test]
fn any_classes_may_be_taught() {
    let (request, values) = laboratory(&["in situ", "invasive", "normal"], 4);
    let outcome = taught(&request, &values);
    assert_eq!((&outcome.before, &outcome.difference), (&None, &None));
    assert!(auc(&outcome.after) > 0.85, "{}", auc(&outcome.after));
    let lesson =
        Lesson::from_json(outcome.lesson.as_ref().unwrap(), &features(), &model()).unwrap();
    assert!(!lesson.is_in_place());
    assert_eq!(lesson.judge(&values[..24], None).probabilities.unwrap().len(), 3);
}

#[test]
fn too_little_is_refused_with_the_reason() {
    let (mut request, values) = laboratory(&TWO, 1);
    let refused = taught(&request, &values).refused.unwrap();
    assert_eq!((refused.code, refused.params["images"].as_str()), ("too_few", "4"));
    // Five images, but of one patient: only if it is forced, and then nothing is proven.
    let (full, values) = laboratory(&TWO, 2);
    request = full;
    for example in &mut request.images {
        example.image.patient = example.image.label.clone();
    }
    assert_eq!(taught(&request, &values).refused.unwrap().code, "too_few");
    request.options.force = true;
    let outcome = taught(&request, &values);
    assert!(outcome.warnings.iter().any(|warning| warning.code == "forced"));
    assert!(!lesson::read(&outcome.lesson.unwrap()).unwrap().proof.by_patient);
}

#[test]
fn what_may_mislead_is_said() {
    let (mut request, values) = laboratory(&TWO, 3);
    for example in &mut request.images {
        let label = example.image.label.clone().unwrap();
        example.path = Some(format!("of {label}/x.{label}"));
    }
    let other = request.images[20].image.sha256.clone();
    request.images[0].image.sha256 = other;
    request.images[1].image.patient = None;
    let codes: Vec<&str> =
        taught(&request, &values).warnings.iter().map(|warning| warning.code).collect();
    for code in ["copies", "patients_unknown", "same_image_on_both_sides", "classes_differ_by"] {
        assert!(codes.contains(&code), "{code} {codes:?}");
    }
}

type Params = BTreeMap<&'static str, String>;

/// The codes of a lesson's warnings, each with what it says.
fn warned(request: &TeachRequest, values: &[f32]) -> Vec<(&'static str, Params)> {
    let warnings = taught(request, values).warnings;
    warnings.into_iter().map(|Remark { code, params }| (code, params)).collect()
}

#[test]
fn where_classes_differ_by_more_than_tissue_it_is_said_by_what() {
    let (plain, values) = laboratory(&TWO, 3);
    type Spoil = fn(&mut Example, bool);
    let folder: Spoil = |example, malignant| {
        let folder = if malignant { "march" } else { "april" };
        example.path = Some(format!("{folder}/{}", example.image.name));
    };
    let size: Spoil = |example, malignant| example.width = Some(700 + u32::from(malignant));
    let format: Spoil = |example, malignant| {
        example.path = Some(format!("all/x.{}", if malignant { "tif" } else { "jpg" }));
    };
    let scale: Spoil = |example, malignant| {
        example.um_per_pixel = Some(if malignant { 0.5 } else { 0.49 });
    };
    for (what, spoil) in [("folder", folder), ("size", size), ("format", format), ("scale", scale)]
    {
        let said = |spare: usize| {
            let mut request = plain.clone();
            for (index, example) in request.images.iter_mut().enumerate() {
                let malignant = example.image.label.as_deref() == Some("malignant");
                // One image of the other kind is enough to speak against it.
                spoil(example, malignant != (index < spare));
            }
            let warned = warned(&request, &values).into_iter();
            let of = |(code, params): (&str, Params)| {
                (code == "classes_differ_by").then(|| params["what"].clone())
            };
            warned.filter_map(of).collect::<Vec<_>>()
        };
        assert_eq!(said(0), [what]);
        assert_eq!(said(1), [""; 0], "{what}");
    }
}

#[test]
fn a_lesson_that_may_be_no_better_says_so() {
    let codes = |request: &TeachRequest, values: &[f32]| -> Vec<&str> {
        warned(request, values).into_iter().map(|(code, _)| code).collect()
    };
    let (mut request, values) = laboratory(&TWO, 4);
    assert!(!codes(&request, &values).contains(&"not_better"));
    // The model itself was right and sure of all of them.
    for Example { image, .. } in &mut request.images {
        let malignant = image.label.as_deref() == Some("malignant");
        image.probabilities = Some(if malignant { vec![0.01, 0.99] } else { vec![0.99, 0.01] });
    }
    assert!(codes(&request, &values).contains(&"not_better"));
    // Classes of which the model knew nothing, and features that tell them apart, or do not.
    let (request, mut values) = laboratory(&["in situ", "invasive"], 4);
    assert!(!codes(&request, &values).contains(&"not_better_than_chance"));
    let mut next = sequence(3);
    values.fill_with(|| next() as f32);
    assert!(codes(&request, &values).contains(&"not_better_than_chance"));
}

#[test]
fn a_patient_of_several_labels_is_named_and_an_unknown_label_refused() {
    let (mut request, values) = laboratory(&TWO, 3);
    request.images[0].image.patient = Some("malignant0".into());
    let both =
        warned(&request, &values).into_iter().find(|(code, _)| *code == "patient_on_both_sides");
    assert_eq!(both.unwrap().1["patient"], "malignant0");
    request.images[0].image.label = Some("normal".into());
    let refused = taught(&request, &values).refused.unwrap();
    assert_eq!((refused.code, refused.params["label"].as_str()), ("unknown_label", "normal"));
}

#[test]
fn more_images_than_are_taught_are_refused_by_their_number() {
    let (mut request, _) = laboratory(&TWO, 1);
    let mut image = request.images[0].clone();
    image.patches = 0;
    request.images = vec![image; MAX_IMAGES + 1];
    let error = teach(&request, &[], &features(), &model()).unwrap_err();
    assert!(error.to_string().contains(&(MAX_IMAGES + 1).to_string()), "{error}");
}

#[test]
fn a_lesson_of_another_version_or_too_large_is_refused_by_name() {
    let (request, values) = laboratory(&TWO, 2);
    let text = taught(&request, &values).lesson.unwrap();
    let refused = |text: &str| Lesson::from_json(text, &features(), &model()).unwrap_err();
    let newer: Value = {
        let mut lesson: Value = serde_json::from_str(&text).unwrap();
        lesson["version"] = (VERSION + 1).into();
        lesson
    };
    let error = refused(&newer.to_string());
    let problem = LessonProblem::Version { found: VERSION + 1, known: VERSION };
    assert_eq!(error, Error::LessonInvalid { problem });
    let error = refused(&(text + &" ".repeat(lesson::MAX_LESSON_BYTES)));
    assert!(
        matches!(error, Error::LessonInvalid { problem: LessonProblem::TooLarge { .. } }),
        "{error}"
    );
}

#[test]
fn a_request_that_is_none_is_refused_by_name() {
    let (request, values) = laboratory(&TWO, 2);
    let refused = |change: &dyn Fn(&mut TeachRequest), values: &[f32]| {
        let mut request = request.clone();
        change(&mut request);
        teach(&request, values, &features(), &model()).unwrap_err().to_string()
    };
    assert!(refused(&|_| {}, &values[1..]).contains("features"));
    let mut wrong = values.clone();
    wrong[3] = f32::NAN;
    assert!(refused(&|_| {}, &wrong).contains("no number"));
    assert!(refused(&|r| r.classes = vec!["a".into()], &values).contains("classes"));
    assert!(refused(&|r| r.options.name = "a\nb".into(), &values).contains("name"));
    // What turns the direction of the text behind it.
    assert!(refused(&|r| r.options.name = "a\u{202e}b".into(), &values).contains("name"));
    assert!(refused(&|r| r.classes[0] = "a\u{202e}b".into(), &values).contains("classes"));
    assert!(refused(&|r| r.images[0].patches = usize::MAX, &values).contains("features"));
    assert!(TeachRequest::from_json("{}").unwrap_err().to_string().contains("classes"));
}

#[test]
fn a_spoilt_lesson_is_refused_or_judges() {
    let (request, values) = laboratory(&TWO, 2);
    let text = taught(&request, &values).lesson.unwrap();
    let read = |text: &str| Lesson::from_json(text, &features(), &model());
    read(&text).unwrap();
    let (mut refused, mut read_again) = (0, 0);
    for place in 0..text.len() {
        for byte in [b'0', b'-', b'"', b'}', b'e'] {
            let mut spoilt = text.clone().into_bytes();
            if spoilt[place] == byte {
                continue;
            }
            spoilt[place] = byte;
            match read(std::str::from_utf8(&spoilt).unwrap()) {
                Ok(lesson) => {
                    read_again += 1;
                    let judged = lesson.judge(&values[..12], None);
                    let p = judged.probabilities.unwrap();
                    assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "{p:?}");
                }
                Err(error) => {
                    refused += 1;
                    let code = error.code();
                    assert!(code.starts_with("lesson_"), "{code}");
                }
            }
        }
    }
    assert!(refused > read_again / 2, "{refused} {read_again}");
    let other = ModelSummary { sha256: sha256_hex(b"other"), ..model() };
    let error = Lesson::from_json(&text, &features(), &other).unwrap_err();
    assert_eq!(error.code(), "lesson_of_other_model");
}
