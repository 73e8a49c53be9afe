//! Reports as text: what is written to the byte, and what is taken back.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::manifest::Calibration;
use crate::patients::Patients;

/// As the reference API and this program have written it since version 2 of the layout; what came
/// later stands at the end.
const WRITTEN: &str = concat!(
    r#"{"schema_version":2,"success":true,"filename":"a.png","prediction":"malignant","#,
    r#""prediction_idx":1,"confidence":0.75,"probabilities":{"benign":0.25,"malignant":0.75},"#,
    r#""num_patches":3,"patch_breakdown":{"benign_patches":0,"malignant_patches":2},"#,
    r#""screen":{"assessable":2,"background":0,"blurred":1,"not_he":0,"unchecked":0},"#,
    r#""verdict":"malignant","image":{"width":700,"height":230},"#,
    r#""grid":{"columns":3,"rows":1,"stride":224,"total_patches":3},"patches":["#,
    r#"{"x":0,"y":0,"width":224,"height":224,"screen":"assessable","#,
    r#""probabilities":{"benign":0.125,"malignant":0.875}},"#,
    r#"{"x":224,"y":0,"width":224,"height":224,"screen":"assessable","#,
    r#""probabilities":{"benign":0.375,"malignant":0.625}},"#,
    r#"{"x":448,"y":0,"width":224,"height":224,"screen":"blurred","probabilities":null}],"#,
    r#""model":{"name":"net","version":"1","variant":"int8","sha256":"ab"},"#,
    r#""engine":{"name":"histoscope","version":"0.1.0"},"#,
    r#""options":{"max_patches":25,"batch_size":16,"screen":true},"#,
    r#""timings_ms":{"decode":1.0,"screen":2.0,"inference":3.0,"total":6.5},"#,
    r#""warnings":["1 of 3 patches did not vote: 1 blurred."]}"#,
);

pub(super) fn written() -> Value {
    serde_json::from_str(WRITTEN).unwrap()
}

pub(super) fn failed() -> Value {
    json!({"schema_version": 2, "success": false, "filename": "b.png", "error":
        {"code": "image_empty", "message": "m", "remedy": "r", "fault": "image", "values": {"n": 1}}})
}

fn read(reports: &[Value]) -> Result<Vec<ImageOutcome>> {
    outcomes_from_json(&serde_json::to_string(reports).unwrap())
}

fn together(outcomes: Vec<ImageOutcome>, duplicates: Duplicates) -> FolderReport {
    let ImageOutcome::Success(report) = &read(&[written()]).unwrap()[0] else { unreachable!() };
    let calibration = Calibration { temperature: 1.0, uncertain_below: None };
    let (model, engine) = (report.model.clone(), report.engine.clone());
    FolderReport::new(outcomes, duplicates, &calibration, model, engine)
}

pub(super) fn aggregated(reports: &[Value]) -> FolderReport {
    together(read(reports).unwrap(), Duplicates::VoteOnce)
}

#[test]
fn a_report_is_written_as_ever_to_the_byte() {
    let report: ImageReport = serde_json::from_str(WRITTEN).unwrap();
    assert_eq!(serde_json::to_string(&report).unwrap(), WRITTEN);
    let report = ImageReport {
        engine: EngineSummary {
            edition: Some("int8".into()),
            kernels: Some("avx2".into()),
            arithmetic: Some(Arithmetic::Exact),
            runtime: Some(ComputedBy::Fused),
            ..report.engine
        },
        scale: Scale::new(0.25, crate::scale::Source::Aperio),
        sha256: Some("cd".repeat(32)),
        duplicate_of: Some(0),
        ..report
    };
    let json = serde_json::to_string(&report).unwrap();
    let engine = concat!(
        r#""version":"0.1.0","edition":"int8","kernels":"avx2","arithmetic":"exact","#,
        r#""runtime":"fused"}"#
    );
    assert!(json.contains(engine), "{json}");
    let end = format!(
        r#"blurred."],"scale":{{"um_per_pixel":0.25,"source":"aperio"}},"sha256":"{}","duplicate_of":0}}"#,
        "cd".repeat(32)
    );
    assert!(json.ends_with(&end), "{json}");
}

#[test]
fn a_folder_is_written_as_ever() {
    let json = serde_json::to_value(aggregated(&[written(), failed()])).unwrap();
    let diagnosis = json!({"prediction": "malignant", "prediction_idx": 1, "confidence": 0.75,
        "probabilities": {"benign": 0.25, "malignant": 0.75}, "verdict": "malignant"});
    assert_eq!(json["aggregated_diagnosis"], diagnosis);
    assert_eq!(json["image_breakdown"], json!({"benign_images": 0, "malignant_images": 1}));
    assert_eq!((&json["num_images"], &json["num_failed"]), (&json!(2), &json!(1)));
    assert_eq!(json["partial"], true, "one failed");
    assert_eq!(json["individual_results"][0], written());
    assert_eq!(serde_json::from_value::<FolderReport>(json).unwrap().num_images, 2);
    assert!(!aggregated(&[written()]).partial);
}

#[test]
fn the_order_of_keys_decides_nothing() {
    let turned = WRITTEN
        .replace(r#"{"benign":0.25,"malignant":0.75}"#, r#"{"malignant":0.75,"benign":0.25}"#)
        .replace(
            r#"{"benign_patches":0,"malignant_patches":2}"#,
            r#"{"malignant_patches":2,"benign_patches":0}"#,
        );
    assert_ne!(turned, WRITTEN);
    let outcomes = outcomes_from_json(&format!("[{turned}]")).unwrap();
    assert_eq!(outcomes, read(&[written()]).unwrap());
    let diagnosis = together(outcomes, Duplicates::VoteOnce).aggregated_diagnosis.unwrap();
    assert_eq!((diagnosis.prediction, diagnosis.confidence), (Class::Malignant, 0.75));
}

#[test]
fn reports_that_contradict_themselves_are_refused_by_name() {
    let cases = [
        // Form: missing, unknown, of another type.
        ("/probabilities", json!({"benign": 0.25}), "missing field `malignant`"),
        (
            "/probabilities",
            json!({"benign": 0.25, "malignant": 0.75, "other": 0.7}),
            "unknown field `other`",
        ),
        ("/patch_breakdown", json!({"benign_patches": 2}), "missing field `malignant_patches`"),
        ("/prediction", json!("normal"), "unknown variant `normal`"),
        ("/verdict", json!("perhaps"), "unknown variant `perhaps`"),
        ("/confidence", json!("0.75"), "invalid type"),
        ("/num_patches", json!(-3), "invalid value"),
        ("/filename", json!(7), "invalid type"),
        // Values that none of our reports has.
        ("/schema_version", json!(3), "schema_version is 3"),
        ("/probabilities/malignant", json!(1.75), "probabilities is 1.75"),
        ("/probabilities", json!({"benign": 0.25, "malignant": 0.5}), "the sum 0.75"),
        ("/image/width", json!(0), "image.width is 0"),
        ("/num_patches", json!(0), "num_patches is 0"),
        ("/timings_ms/total", json!(-1.0), "timings_ms is -1"),
        ("/options/batch_size", json!(0), "options"),
        // Values that do not follow from each other.
        ("/prediction", json!("benign"), "prediction contradicts probabilities"),
        ("/prediction", json!(null), "prediction contradicts probabilities"),
        ("/prediction_idx", json!(0), "prediction_idx contradicts prediction"),
        ("/confidence", json!(0.76), "confidence contradicts probabilities"),
        ("/verdict", json!("benign"), "verdict contradicts prediction"),
        ("/verdict", json!("not assessable"), "verdict contradicts prediction"),
        ("/probabilities", json!(null), "prediction contradicts probabilities"),
        ("/num_patches", json!(2), "screen contradicts num_patches"),
        ("/grid/columns", json!(4), "grid.total_patches contradicts"),
        ("/patch_breakdown/benign_patches", json!(1), "patch_breakdown contradicts screen"),
        ("/screen/blurred", json!(0), "screen contradicts num_patches"),
        ("/patches/0/x", json!(477), "patches contradicts image"),
        ("/patches/0/x", json!(4_294_967_295_u32), "patches contradicts image"),
        ("/patches/0/screen", json!("blurred"), "patches contradicts screen"),
        ("/patches/0/probabilities", json!(null), "patches contradicts patch_breakdown"),
        (
            "/patches/0/probabilities",
            json!({"benign": 0.25, "malignant": 0.75}),
            "probabilities contradicts patches",
        ),
    ];
    for (pointer, value, named) in cases {
        let mut report = written();
        *report.pointer_mut(pointer).unwrap() = value;
        let error = read(&[failed(), report]).expect_err(pointer);
        assert_eq!(error.code(), "report_invalid", "{pointer}");
        let message = error.to_string();
        assert!(message.contains(named), "{pointer}: {message}");
        assert!(message.contains("a.png") || message.contains("image 2"), "{message}");
    }
}

#[test]
fn unknown_keys_are_refused_wherever_they_decide_something() {
    for pointer in ["", "/image", "/grid", "/patches/0", "/screen", "/options", "/model", "/engine"]
    {
        let mut report = written();
        report.pointer_mut(pointer).unwrap()["other"] = json!(1);
        let error = read(&[report]).expect_err(pointer).to_string();
        assert!(error.contains("unknown field `other`"), "{pointer}: {error}");
    }
}

#[test]
fn what_is_no_list_of_reports_is_refused() {
    for text in ["", "{}", "null", "[1]", "[{}]", "[null]", &"[".repeat(100_000)] {
        assert_eq!(outcomes_from_json(text).unwrap_err().code(), "report_invalid");
    }
    assert_eq!(outcomes_from_json("[]").unwrap(), []);
}

#[test]
fn reports_have_a_greatest_size() {
    let text = format!("[{WRITTEN}]");
    assert_eq!(check::read(&text, text.len()).unwrap().len(), 1);
    assert_eq!(check::read(&text, text.len() - 1).unwrap_err().code(), "report_too_large");
    let error = outcomes_from_json(&" ".repeat(MAX_REPORTS_BYTES + 1)).unwrap_err();
    assert_eq!(error.code(), "report_too_large");
}

#[test]
fn patches_may_be_left_out_and_what_is_not_assessable_has_no_numbers() {
    let mut report = written();
    report["patches"] = json!([]);
    read(&[report.clone()]).unwrap();
    for field in ["prediction", "prediction_idx", "confidence", "probabilities"] {
        report[field] = json!(null);
    }
    report["verdict"] = json!("not assessable");
    report["patch_breakdown"] = json!({"benign_patches": 0, "malignant_patches": 0});
    let folder = aggregated(&[report]);
    assert_eq!((folder.success, folder.num_not_assessable), (false, 1));
    assert_eq!(folder.verdict, Some(Verdict::NotAssessable));
}

/// A consistent report of one patch; `sha256` is the byte that its digest repeats, in hexadecimal.
pub(super) fn of_one_patch(filename: &str, malignant: f64, sha256: Option<&str>) -> Value {
    let probabilities = ByClass::from([1.0 - malignant, malignant]);
    let class = probabilities.greatest();
    let mut report = written();
    report["filename"] = json!(filename);
    report["probabilities"] = json!(probabilities);
    report["prediction"] = json!(class);
    report["prediction_idx"] = json!(class.index());
    report["confidence"] = json!(probabilities.of(class));
    report["verdict"] = json!(class);
    report["num_patches"] = json!(1);
    report["patches"] = json!([]);
    report["screen"] = json!(Counts { assessable: 1, ..Counts::default() });
    let counts = ByClass { benign: 1 - class.index() as u32, malignant: class.index() as u32 };
    report["patch_breakdown"] = json!(PatchBreakdown::from(counts));
    if let Some(sha256) = sha256 {
        report["sha256"] = json!(sha256.repeat(32));
    }
    report
}

#[test]
fn a_digest_has_64_hexadecimal_digits() {
    let mut report = written();
    for good in ["00".repeat(32), "af".repeat(32)] {
        report["sha256"] = json!(good);
        read(&[report.clone()]).unwrap();
    }
    for odd in [String::new(), "ab".repeat(31), "ab".repeat(33), "AB".repeat(32), "é".repeat(32)] {
        report["sha256"] = json!(odd);
        let error = read(&[report.clone()]).unwrap_err();
        assert_eq!(error.code(), "report_invalid");
        assert!(error.to_string().contains("which is no SHA-256"), "{error}");
    }
}

#[test]
fn the_same_bytes_vote_once() {
    let reports = [
        failed(),
        of_one_patch("a.png", 0.75, Some("aa")),
        of_one_patch("b.png", 0.25, Some("bb")),
        of_one_patch("copy of a.png", 0.75, Some("aa")),
        of_one_patch("of old.png", 0.75, None),
        of_one_patch("of old again.png", 0.75, None),
    ];
    let once = aggregated(&reports);
    let duplicate_of: Vec<Option<usize>> = once
        .individual_results
        .iter()
        .map(|outcome| match outcome {
            ImageOutcome::Success(report) => report.duplicate_of,
            ImageOutcome::Failure(_) => None,
        })
        .collect();
    assert_eq!(duplicate_of, [None, None, None, Some(1), None, None]);
    assert_eq!((once.num_images, once.num_failed, once.num_duplicates), (6, 1, 1));
    assert_eq!(once.num_not_assessable, 0);
    let mean = |folder: &FolderReport| folder.aggregated_diagnosis.as_ref().unwrap().confidence;
    assert_eq!(mean(&once), 0.625);

    // In another company it is no duplicate any more.
    let copy = once.individual_results[3].clone();
    let alone = together(vec![copy], Duplicates::VoteOnce);
    assert_eq!((alone.num_duplicates, mean(&alone)), (0, 0.75));

    let each = together(once.individual_results, Duplicates::Keep);
    assert_eq!((each.num_duplicates, mean(&each)), (0, 0.65));
}

#[test]
fn images_of_several_patients_have_no_verdict_together() {
    let [first, second] = ["SOB_B_A-14-1-40-001.png", "below/SOB_M_DC-14-2AB-40-001.png"];
    let reports = [
        of_one_patch(first, 0.25, Some("aa")),
        of_one_patch(second, 0.75, Some("bb")),
        of_one_patch("SOB_B_A-14-1-40-002.png", 0.75, Some("bb")),
        of_one_patch("field.png", 0.5, None),
    ];
    let folder = aggregated(&reports);
    assert!(folder.success);
    assert_eq!((folder.verdict, &folder.aggregated_diagnosis), (None, &None));
    assert_eq!(folder.no_verdict, Some(NoVerdict::SeveralPatients));
    let counts = folder.image_breakdown.unwrap();
    assert_eq!((counts.benign_images, counts.malignant_images), (2, 1));
    let [one, two] = &*folder.patients else { panic!("{:?}", folder.patients) };
    assert_eq!((&*one.patient, &*one.images, one.num_duplicates), ("14-1", &[0, 2][..], 1));
    assert_eq!((&*two.patient, &*two.images, two.num_duplicates), ("14-2", &[1][..], 0));
    let malignant =
        |of: &PatientReport| of.aggregated_diagnosis.as_ref().unwrap().probabilities.malignant;
    assert_eq!((malignant(one), malignant(two)), (0.25, 0.75));
    let json = serde_json::to_value(&folder).unwrap();
    assert_eq!(json["no_verdict"], "several patients");
    assert_eq!(serde_json::from_value::<FolderReport>(json).unwrap(), folder);

    // Of numbers alone it is the same, unless they have no names.
    let (model, engine) = (folder.model.clone(), folder.engine.clone());
    let calibration = Calibration { temperature: 1.0, uncertain_below: None };
    let mut votes: Vec<Vote> = folder.individual_results.iter().map(Vote::of).collect();
    let whole = Whole::of(&votes, Votes::default(), &calibration, model.clone(), engine.clone());
    assert_eq!((whole.no_verdict, &whole.patients), (folder.no_verdict, &folder.patients));
    for vote in &mut votes {
        vote.name = None;
    }
    let nameless = Whole::of(&votes, Votes::default(), &calibration, model.clone(), engine.clone());
    // As a person may say of named ones.
    let rule = Votes { patients: Patients::One, ..Votes::default() };
    let of_one = FolderReport::new(folder.individual_results, rule, &calibration, model, engine);
    assert_eq!((of_one.no_verdict, &*of_one.patients), (None, &[][..]));
    assert_eq!(of_one.aggregated_diagnosis.as_ref().unwrap().probabilities.malignant, 0.5);
    assert_eq!(nameless.aggregated_diagnosis, of_one.aggregated_diagnosis);
    // Or that the second is another's, and nothing of the last, whose name would tell.
    let told = ["b", "a", "b"].map(|patient| Some(patient.to_owned()));
    let rule = Votes { patients: Patients::Told(&told), ..Votes::default() };
    let (model, engine) = (of_one.model.clone(), of_one.engine.clone());
    let told = FolderReport::new(of_one.individual_results, rule, &calibration, model, engine);
    let whose: Vec<_> = told.patients.iter().map(|of| (&*of.patient, &*of.images)).collect();
    assert_eq!(whose, [("a", &[1][..]), ("b", &[0, 2][..])]);
    assert_eq!((told.no_verdict, told.verdict), (Some(NoVerdict::SeveralPatients), None));
    // One patient, and images of nobody, have one: what is not known may be theirs.
    let folder = aggregated(&[reports[0].clone(), reports[3].clone()]);
    assert_eq!((folder.no_verdict, folder.patients.len()), (None, 1));
    assert!(folder.aggregated_diagnosis.is_some());
}

/// The text of `value` with the keys of every object in the order that `turns` gives.
fn shuffled(value: &Value, turns: &mut impl Iterator<Item = usize>) -> String {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            for place in (1..keys.len()).rev() {
                keys.swap(place, turns.next().unwrap_or(0) % (place + 1));
            }
            let fields: Vec<String> = keys
                .into_iter()
                .map(|key| format!("{}:{}", json!(key), shuffled(&fields[key], turns)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| shuffled(item, turns)).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_mean_is_that_of_the_keys_in_any_order(
        malignant in prop::collection::vec(0.0..=1.0_f64, 1..6),
        turns in prop::collection::vec(any::<usize>(), 64),
    ) {
        let reports: Vec<Value> =
            malignant.iter().map(|&p| of_one_patch("x", p, None)).collect();
        let text = shuffled(&json!(reports), &mut turns.into_iter());
        let folder = together(outcomes_from_json(&text).unwrap(), Duplicates::VoteOnce);
        let mean = malignant.iter().sum::<f64>() / malignant.len() as f64;
        let diagnosis = folder.aggregated_diagnosis.unwrap();
        prop_assert!((diagnosis.probabilities.malignant - mean).abs() < 1e-12);
        let greatest = diagnosis.probabilities.greatest();
        prop_assert_eq!(diagnosis.prediction, greatest);
        // And what goes out comes back as it was.
        let again = serde_json::to_string(&folder.individual_results).unwrap();
        prop_assert_eq!(outcomes_from_json(&again).unwrap(), folder.individual_results);
    }

    #[test]
    fn any_text_is_read_or_refused(
        start in 0..WRITTEN.len(),
        length in 0..40_usize,
        insert in "[0-9a-z{}\\[\\]\",:.-]{0,8}",
    ) {
        let end = (start + length).min(WRITTEN.len());
        let text = format!("[{}{insert}{}]", &WRITTEN[..start], &WRITTEN[end..]);
        if let Ok(outcomes) = outcomes_from_json(&text) {
            for outcome in outcomes {
                if let ImageOutcome::Success(report) = outcome {
                    let sum: f64 = report.probabilities.map_or(1.0, |p| p.benign + p.malignant);
                    prop_assert!((sum - 1.0).abs() <= TOLERANCE);
                }
            }
        }
    }
}
