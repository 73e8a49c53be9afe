//! Slides: patches without an image around them, judged as those of an image are.

use crate::common;
use histoscope::error::Error;
use histoscope::manifest::Variant;
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::{Classifier, Plan, Said, SlidePlan, SlideRegion};
use histoscope::report::{
    ImageOutcome, ImageReport, SlideSource, Stroke, Timings, Verdict, outcomes_from_json,
};
use histoscope::scale::Source;
use histoscope::screen::Screen;

const FIELD: &str = "good/grid_1400x1150.jpg";

/// A field as if it had been cut from a slide: its plan, what is said of it, and its own report.
struct Cut {
    classifier: Classifier,
    plan: SlidePlan,
    said: Said,
    pixels: Vec<u8>,
    field: ImageReport,
}

fn cut() -> Cut {
    let classifier = common::classifier(Variant::Int8);
    let options = Options { max_patches: MaxPatches::All, ..Options::default() };
    let bytes = common::read(&common::fixture(FIELD));
    let (image, _) = classifier.open(&bytes, "slide.svs", &options, &|| 0.0).unwrap();
    let pixels = image.voters(0..image.plan().voters.len()).unwrap();
    let output = classifier.infer(&pixels).unwrap();
    let said = Said { logits: output.logits, features: output.features };
    let field: Plan = image.into_plan();
    let plan = SlidePlan {
        filename: "slide.svs".into(),
        identity: "ab".repeat(32),
        width: field.width,
        height: field.height,
        um_per_pixel: 0.49,
        options,
        patches: field.patches.clone(),
        slide: SlideSource {
            format: "Aperio SVS".into(),
            width: 2 * field.width,
            height: 2 * field.height,
            downsample: 2.0,
            candidates: field.patches.len(),
        },
        regions: Vec::new(),
        strokes: Vec::new(),
        warnings: Vec::new(),
    };
    let field = classifier.report(field, &said, None, Timings::default()).unwrap();
    Cut { classifier, plan, said, pixels, field }
}

fn region(name: &str, patches: impl IntoIterator<Item = usize>) -> SlideRegion {
    SlideRegion { name: name.into(), patches: patches.into_iter().collect() }
}

fn stroke(radius: f64) -> Stroke {
    Stroke { adds: true, radius, points: vec![[10.0, 20.0], [30.5, 40.0]] }
}

impl Cut {
    fn report(&self, plan: SlidePlan) -> Result<ImageReport, Error> {
        self.classifier.slide_report(plan, &self.said, None, Timings::default())
    }
}

#[test]
fn a_slide_is_judged_as_an_image_with_the_same_patches() {
    let cut = cut();
    assert_eq!(cut.field.num_patches, 30, "all of them vote");
    let report = cut.report(cut.plan.clone()).unwrap();
    assert_eq!(report.probabilities, cut.field.probabilities);
    assert_eq!(report.familiarity, cut.field.familiarity);
    assert_eq!(report.verdict, cut.field.verdict);
    assert_eq!(report.patches, cut.field.patches);
    assert_eq!(report.sha256, Some("ab".repeat(32)));
    assert_eq!(report.scale.as_ref().unwrap().um_per_pixel, 0.49);
    assert_eq!(report.slide.as_ref().unwrap().source, cut.plan.slide);
}

#[test]
fn a_region_is_judged_by_its_own_patches() {
    let cut = cut();
    let halves = [
        region("left", (0..30).filter(|i| i % 6 < 3)),
        region("right", (0..30).filter(|i| i % 6 > 2)),
    ];
    let regions = [region("all", 0..30), region("one", [7]), region("none", [])];
    let plan = SlidePlan { regions: [&regions[..], &halves].concat(), ..cut.plan.clone() };
    let report = cut.report(plan).unwrap();
    let of = &report.slide.as_ref().unwrap().regions;
    assert_eq!(of[0].probabilities, report.probabilities);
    assert_eq!((of[0].verdict, of[0].familiarity), (report.verdict, report.familiarity));
    let one = &of[1];
    assert_eq!((one.voters, one.probabilities), (1, report.patches[7].probabilities));
    let none = &of[2];
    assert_eq!((none.voters, none.probabilities, none.verdict), (0, None, Verdict::NotAssessable));
    let [left, right] = [&of[3], &of[4]].map(|half| half.probabilities.unwrap().malignant);
    let whole = report.probabilities.unwrap().malignant;
    assert!(((left + right) / 2.0 - whole).abs() < 1e-12);
    assert_ne!(left, right);
}

#[test]
fn what_is_said_of_too_few_patches_is_dropped() {
    let mut cut = cut();
    for patch in &mut cut.plan.patches[1..] {
        patch.screen = Screen::Blurred;
    }
    cut.said.logits.truncate(2);
    cut.said.features.truncate(cut.said.features.len() / 30);
    let report = cut.report(cut.plan.clone()).unwrap();
    assert_eq!((report.verdict, report.probabilities), (Verdict::NotAssessable, None));
}

#[test]
fn a_plan_that_contradicts_itself_is_refused() {
    let cut = cut();
    type Spoil = fn(&mut SlidePlan);
    let refused: [(&str, Spoil); 9] = [
        ("no patch", |plan| plan.patches.clear()),
        ("order", |plan| plan.patches.swap(3, 4)),
        ("twice", |plan| plan.patches[1] = plan.patches[0]),
        ("off the grid", |plan| plan.patches[5].x += 1),
        ("outside", |plan| plan.width = 1300),
        ("region beyond", |plan| plan.regions = vec![region("", [30])]),
        ("region out of order", |plan| plan.regions = vec![region("", [2, 1])]),
        ("stroke", |plan| plan.strokes = vec![stroke(0.0)]),
        ("scale", |plan| plan.slide.downsample = f64::NAN),
    ];
    for (what, spoil) in refused {
        let mut plan = cut.plan.clone();
        spoil(&mut plan);
        assert!(matches!(cut.report(plan), Err(Error::Internal { .. })), "{what}");
    }
    let fewer = Said { logits: cut.said.logits[2..].to_vec(), ..cut.said.clone() };
    let report = cut.classifier.slide_report(cut.plan.clone(), &fewer, None, Timings::default());
    assert!(matches!(report, Err(Error::Internal { .. })));
}

/// A report comes back from a page when a lesson is to judge it.
#[test]
fn a_report_of_a_slide_survives_the_way_back() {
    let cut = cut();
    let regions = vec![region("first", 0..9), region("one", [7])];
    let strokes = vec![stroke(50.0)];
    let report = cut.report(SlidePlan { regions, strokes, ..cut.plan.clone() }).unwrap();
    let json = serde_json::to_string(&[ImageOutcome::Success(Box::new(report.clone()))]).unwrap();
    let outcomes = outcomes_from_json(&json).unwrap();
    let ImageOutcome::Success(back) = &outcomes[0] else { panic!("a failure came back") };
    assert_eq!(**back, report);
    let anew = cut.classifier.judge_anew(report.clone(), &cut.said, None).unwrap();
    assert_eq!(anew, report);

    for (from, to) in [
        (r#""patches":[7]"#, r#""patches":[99]"#),
        (r#""downsample":2.0"#, r#""downsample":-2.0"#),
        (r#""voters":9"#, r#""voters":10"#),
        (r#""radius":50.0"#, r#""radius":-1.0"#),
    ] {
        let spoilt = json.replace(from, to);
        assert_ne!(spoilt, json, "{from}");
        assert!(matches!(outcomes_from_json(&spoilt), Err(Error::ReportInvalid { .. })), "{to}");
    }
}

#[test]
fn patches_are_screened_as_those_of_an_image() {
    let cut = cut();
    let seen = cut.classifier.look_at(cut.pixels.clone(), true).unwrap();
    let expected: Vec<Screen> = cut.field.patches.iter().map(|patch| patch.screen).collect();
    assert_eq!(seen.screens, expected);
    assert_eq!(seen.output.unwrap().logits, cut.said.logits);
    let odd = cut.classifier.look_at(cut.pixels[1..].to_vec(), true);
    assert!(matches!(odd, Err(Error::Internal { .. })));
}

#[test]
fn glass_is_not_asked_about_and_what_is_not_screened_is() {
    let cut = cut();
    let bytes = cut.pixels.len() / 30;
    let glass = vec![240; bytes];
    let pixels = [&glass, &cut.pixels[bytes..2 * bytes], &glass].concat();
    let seen = cut.classifier.look_at(pixels.clone(), true).unwrap();
    assert_eq!(seen.screens, [Screen::Background, Screen::Assessable, Screen::Background]);
    assert_eq!(seen.output.unwrap().logits, cut.said.logits[2..4]);
    let seen = cut.classifier.look_at(pixels, false).unwrap();
    assert_eq!(seen.screens, [Screen::Unchecked; 3]);
    assert_eq!(seen.output.unwrap().logits[2..4], cut.said.logits[2..4]);
    assert_eq!(cut.classifier.look_at(glass, true).unwrap().output, None);
}

#[test]
fn the_scale_that_is_set_is_that_of_the_finest_level() {
    let cut = cut();
    let set = |um| {
        let options = Options { um_per_pixel: Some(um), ..cut.plan.options.clone() };
        cut.report(SlidePlan { options, ..cut.plan.clone() })
    };
    let report = set(0.245).unwrap();
    assert_eq!(report.options.um_per_pixel, Some(0.245));
    let scale = report.scale.unwrap();
    assert_eq!((scale.um_per_pixel, scale.source), (0.49, Source::Set));
    // That of the patches, which lie on every second pixel.
    assert!(matches!(set(0.49), Err(Error::Internal { .. })));
}
