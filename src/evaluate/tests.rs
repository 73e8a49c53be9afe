//! Scores against numbers worked out by hand, and what is refused.

use super::*;
use proptest::prelude::*;

fn image(name: &str, patient: &str, label: &str, p: f64) -> Labelled {
    Labelled {
        name: name.into(),
        patient: Some(patient.into()),
        label: Some(label.into()),
        probabilities: Some(vec![1.0 - p, p]),
        verdict: Some(if p > 0.5 { "b" } else { "a" }.into()),
        sha256: None,
    }
}

fn request(images: Vec<Labelled>) -> EvaluateRequest {
    EvaluateRequest { classes: vec!["a".into(), "b".into()], images, taught: vec![] }
}

/// Two patients of each class with three images each.
fn twelve() -> Vec<Labelled> {
    let probabilities = [
        ("p", "a", [0.1, 0.2, 0.3]),
        ("q", "a", [0.2, 0.4, 0.7]),
        ("r", "b", [0.9, 0.8, 0.6]),
        ("s", "b", [0.9, 0.45, 0.55]),
    ];
    let of = |&(patient, label, ps): &(&str, &str, [f64; 3])| {
        ps.map(|p| image(&format!("{patient}{p}"), patient, label, p))
    };
    probabilities.iter().flat_map(of).collect()
}

#[test]
fn scores_are_those_worked_out_by_hand() {
    let evaluation = evaluate(&request(twelve()));
    assert_eq!(evaluation.refused, None);
    assert_eq!((evaluation.images, evaluation.patients), (12, 4));
    let scores = evaluation.by_image.unwrap();
    assert_eq!(scores.confusion, [[5, 1], [1, 5]]);
    let value = |interval: Option<Interval>| interval.unwrap().value;
    assert!((value(scores.accuracy) - 10.0 / 12.0).abs() < 1e-12);
    assert!((value(scores.sensitivity) - 5.0 / 6.0).abs() < 1e-12);
    // Of 36 pairs 0.7 is above 0.6, 0.45 and 0.55: three are the wrong way round.
    assert!((value(scores.auc) - 33.0 / 36.0).abs() < 1e-12);
    let error = scores.calibration_error.unwrap();
    let gap = |bin: &Bin| {
        bin.confidence.map_or(0.0, |p| f64::from(bin.count) * (p - bin.right.unwrap().value).abs())
    };
    let gaps: f64 = scores.curves.calibration.iter().map(gap).sum();
    assert!((error.value - gaps / 12.0).abs() < 1e-12);
    assert!(0.0 <= error.low && error.low <= error.high && error.high <= 1.0, "{error:?}");
    let interval = scores.accuracy.unwrap();
    assert!(interval.low <= interval.value && interval.value <= interval.high);
    assert!(interval.low < interval.high);
    let patients = evaluation.by_patient.unwrap();
    assert_eq!(patients.confusion, [[2, 0], [0, 2]]);
    assert_eq!(value(patients.auc), 1.0);
    assert_eq!(evaluation.worst[0].name, "q0.7");
    assert_eq!(evaluation.worst.len(), 2);
    assert_eq!(evaluation.verdicts["a"], 6);
}

#[test]
fn curves_of_images_and_of_patients_are_those_worked_out_by_hand() {
    let evaluation = evaluate(&request(twelve()));
    let [images, patients] =
        [evaluation.by_image, evaluation.by_patient].map(|scores| scores.unwrap().curves);
    for (curves, cases) in [(&images, 12), (&patients, 4)] {
        let roc = &curves.roc;
        assert_eq!((roc[0].sensitivity, roc[0].specificity), (0.0, 1.0));
        let last = &roc[roc.len() - 1];
        assert_eq!((last.sensitivity, last.specificity), (1.0, 0.0));
        assert_eq!(curves.coverage[0].kept, 1.0);
        assert_eq!(curves.coverage.len(), 51);
        assert_eq!(curves.calibration.iter().map(|bin| bin.count).sum::<u32>(), cases);
        assert_eq!(curves.roc_band.len(), 101);
        assert_eq!(curves.roc_band[100].sensitivity.low, 1.0);
    }
    // One of six benign images has 0.7, and three of six malignant ones have more.
    let band = |false_alarms: usize| images.roc_band[false_alarms].sensitivity;
    assert!((band(0).value - 3.0 / 6.0).abs() < 1e-12, "{:?}", band(0));
    assert!((band(16).value - 3.0 / 6.0).abs() < 1e-12, "{:?}", band(16));
    assert_eq!(band(17).value, 1.0);
    // Drawn q with s alone it is one of three, and p lies below all of r and s.
    assert_eq!((band(0).low, band(0).high), (1.0 / 3.0, 1.0));
    // The means of patients are 0.2, 0.43, 0.77 and 0.63: all are right, in every draw.
    assert_eq!(patients.roc_band[0].sensitivity.low, 1.0);
    let right = |curves: &Curves, percent: usize| curves.coverage[percent - 50].right;
    let all = Interval { value: 1.0, low: 1.0, high: 1.0 };
    assert_eq!(right(&patients, 50), Some(all));
    assert_eq!(right(&patients, 79), Some(all));
    assert_eq!((right(&patients, 81), patients.coverage[31].kept), (None, 0.0));
    // Of the images 0.7 and 0.45 are wrong; from 0.6 on only the former is left, of ten.
    let of_images = right(&images, 60).unwrap();
    assert!((of_images.value - 9.0 / 10.0).abs() < 1e-12, "{of_images:?}");
    assert!(of_images.low < of_images.value && of_images.high == 1.0, "{of_images:?}");
    for Bin { from, to, confidence, .. } in &images.calibration {
        assert!(confidence.is_none_or(|p| (from - 1e-9..=to + 1e-9).contains(&p)), "{from}");
    }
}

#[test]
fn more_than_two_classes_have_no_roc() {
    let mut images = Vec::new();
    for class in ["a", "b", "c"] {
        for patient in 0..3 {
            images.extend((0..2).map(|number| Labelled {
                probabilities: Some(vec![0.2, 0.3, 0.5]),
                ..image(
                    &format!("{class}{patient}{number}"),
                    &format!("{class}{patient}"),
                    class,
                    0.0,
                )
            }));
        }
    }
    let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
    let curves =
        evaluate(&EvaluateRequest { classes, images, taught: vec![] }).by_patient.unwrap().curves;
    assert_eq!((curves.roc, curves.roc_band), (vec![], vec![]));
    // From a third on, in hundredths.
    assert_eq!((curves.coverage.len(), curves.coverage[0].threshold), (68, 0.33));
}

#[test]
fn the_calibration_error_is_the_gap_of_each_bin() {
    let mut cases = Cases::new(2);
    // In one bin: right, wrong. In another: right.
    for (label, p) in [(1, 0.9), (0, 0.9), (1, 0.62)] {
        cases.push(label, None, &[1.0 - p, p]);
    }
    let measure = scores::Measure::new(&cases);
    for (weights, expected) in [
        ([1.0, 1.0, 1.0], (0.8 + 0.38) / 3.0),
        ([3.0, 1.0, 0.0], 0.6 / 4.0),
        ([0.0, 2.0, 1.0], (1.8 + 0.38) / 3.0),
    ] {
        let found = measure.with(&weights).calibration_error.unwrap();
        assert!((found - expected).abs() < 1e-12, "{weights:?}: {found} and {expected}");
    }
    assert_eq!(measure.with(&[0.0; 3]).calibration_error, None);
}

#[test]
fn too_few_are_refused_and_counted() {
    let few = |images: Vec<Labelled>| evaluate(&request(images)).refused.unwrap();
    let mut images = twelve();
    images.retain(|image| image.patient.as_deref() != Some("q"));
    let refused = few(images);
    assert_eq!((refused.code, refused.params["patients"].as_str()), ("too_few", "1"));
    assert!(refused.sentence().contains("\"a\" has 3 images of 1 patients"), "{refused:?}");
    assert_eq!(few(vec![]).code, "too_few");
    let mut images = twelve();
    images[0].label = Some("c".into());
    assert_eq!(few(images).code, "unknown_label");
    let mut images = twelve();
    images[0].probabilities = Some(vec![0.5, 0.6]);
    assert_eq!(few(images).code, "no_probabilities");
}

#[test]
fn what_stands_on_both_sides_is_named() {
    let mut images = twelve();
    images[0].patient = Some("r".into());
    images[0].sha256 = Some("x".into());
    images[7].sha256 = Some("x".into());
    let evaluation = evaluate(&request(images));
    let codes: Vec<&str> = evaluation.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["patient_on_both_sides", "same_image_on_both_sides"]);
    let mut images = twelve();
    images[0].patient = None;
    assert_eq!(evaluate(&request(images)).warnings[0].code, "patients_unknown");
}

#[test]
fn without_probabilities_an_image_is_counted_apart() {
    let mut images = twelve();
    images.push(Labelled { probabilities: None, ..images[0].clone() });
    images.push(Labelled { label: None, ..images[0].clone() });
    let evaluation = evaluate(&request(images));
    assert_eq!((evaluation.images, evaluation.not_judged), (12, 1));
}

proptest! {
    #[test]
    fn the_auc_is_the_share_of_pairs_in_the_right_order(
        values in proptest::collection::vec((0..2_usize, 0..20_u8, 0..4_u32), 2..40),
    ) {
        let mut cases = Cases::new(2);
        for &(label, p, _) in &values {
            let p = f64::from(p) / 20.0;
            cases.push(label, None, &[1.0 - p, p]);
        }
        let weights: Vec<f64> = values.iter().map(|value| f64::from(value.2)).collect();
        let (mut right, mut all) = (0.0, 0.0);
        for (a, wa) in values.iter().zip(&weights).filter(|(value, _)| value.0 == 1) {
            for (b, wb) in values.iter().zip(&weights).filter(|(value, _)| value.0 == 0) {
                all += wa * wb;
                right += wa * wb * match a.1.cmp(&b.1) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
        let found = scores::Measure::new(&cases).with(&weights).auc;
        prop_assert_eq!(found.is_some(), all > 0.0);
        if let Some(found) = found {
            prop_assert!((found - right / all).abs() < 1e-9);
        }
    }
}

#[test]
fn what_the_lesson_was_taught_does_not_count_nor_do_its_patients() {
    let hash = |number: usize| format!("{number:064x}");
    let mut images = twelve();
    for (number, image) in images.iter_mut().enumerate() {
        image.sha256 = Some(hash(number));
    }
    let unknown = evaluate(&request(images.clone()));
    // One image of a further patient was taught, and that patient has another one.
    let mut more = images.clone();
    for (number, p) in [(20, 0.01), (21, 0.02)] {
        more.push(Labelled { sha256: Some(hash(number)), ..image("seen", "t", "a", p) });
    }
    let asked = EvaluateRequest { taught: vec![hash(20), hash(99)], ..request(more) };
    let evaluation = evaluate(&asked);
    assert_eq!((evaluation.images, evaluation.taught), (12, 2));
    assert_eq!(evaluation.by_image, unknown.by_image);
    assert_eq!(evaluation.verdicts, unknown.verdicts);
    let warning = evaluation.warnings.iter().find(|warning| warning.code == "taught").unwrap();
    assert_eq!(warning.params["count"], "2");
    assert!(warning.sentence().contains("do not count"));

    let all = evaluate(&EvaluateRequest { taught: (0..12).map(hash).collect(), ..request(images) });
    assert_eq!((all.images, all.taught), (0, 12));
    assert_eq!(all.refused.as_ref().unwrap().code, "all_taught");
    assert!(all.refused.unwrap().sentence().contains("12"));
}
