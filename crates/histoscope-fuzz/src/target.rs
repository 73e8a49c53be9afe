//! What is fuzzed: each way by which bytes of others come in.

use std::sync::OnceLock;

use histoscope::manifest::{Manifest, Variant};
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::Classifier;
use histoscope::report::{Duplicates, outcomes_from_json, saved_from_json};
use histoscope_engine::input::{Dtype, Layout};
use histoscope_engine::{Engine, Input, Lowering, Normalisation};
use histoscope_slide::{Plan, PlanOptions, Region, Slide, Tissue};

use crate::seeds::{INT8, MANIFEST, NETWORK_SIDE};

/// A way by which bytes come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The bytes of an image, to its report.
    Image,
    /// An ONNX file, to inference: fused where it can be, else in tract's plan.
    Network,
    /// The same, planned by tract even where all is fused.
    Planned,
    /// The description of an ONNX file.
    Inspection,
    /// A model's manifest.
    Manifest,
    /// Options of a page or a package.
    Options,
    /// Reports of images that come back, to the report of their folder.
    Reports,
    /// A saved report, of an image or of a study.
    Saved,
    /// A lesson of the shipped model, to what it says of an image.
    Lesson,
    /// A whole slide, to its tissue and the pixels of some patches.
    Slide,
    /// Regions in GeoJSON.
    Regions,
}

impl Target {
    /// Those of this build.
    pub const ALL: &'static [Self] = &[
        Self::Image,
        Self::Network,
        #[cfg(feature = "tract")]
        Self::Planned,
        Self::Inspection,
        Self::Manifest,
        Self::Options,
        Self::Reports,
        Self::Saved,
        Self::Lesson,
        Self::Slide,
        Self::Regions,
    ];

    /// As the command line names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Network => "network",
            Self::Planned => "planned",
            Self::Inspection => "inspection",
            Self::Manifest => "manifest",
            Self::Options => "options",
            Self::Reports => "reports",
            Self::Saved => "saved",
            Self::Lesson => "lesson",
            Self::Slide => "slide",
            Self::Regions => "regions",
        }
    }

    /// Most bytes that an execution may hold at a time.
    #[must_use]
    pub fn most_memory(self) -> usize {
        match self {
            // The decoder's own limit, and the pixels beside it.
            Self::Image => 1 << 30,
            // Activations and working memory are at most half of it each.
            Self::Network | Self::Planned | Self::Inspection => 1536 << 20,
            // A tile and what it is unpacked from, beside the caches of both.
            Self::Slide => 512 << 20,
            Self::Manifest
            | Self::Options
            | Self::Reports
            | Self::Saved
            | Self::Lesson
            | Self::Regions => 64 << 20,
        }
    }

    /// Whether `input` is accepted.
    #[must_use]
    pub fn run(self, input: &[u8]) -> bool {
        match self {
            Self::Image => {
                let options = Options { max_patches: MaxPatches::AtMost(1), ..Options::default() };
                let run = classifier().classify(input, "fuzzed", &options, &|| 0.0, &mut |_, _| {});
                run.is_ok()
            }
            Self::Network => network(input, Lowering::Fused),
            Self::Planned => network(input, Lowering::Planned),
            Self::Inspection => histoscope::inspection::inspect(input).is_ok(),
            Self::Manifest => text(input).is_some_and(|json| Manifest::from_json(json).is_ok()),
            Self::Options => text(input).is_some_and(|json| {
                Options::from_json(json).and_then(|options| options.validate()).is_ok()
            }),
            Self::Reports => text(input).is_some_and(reports),
            Self::Saved => {
                saved_from_json(input).is_ok_and(|images| serde_json::to_string(&images).is_ok())
            }
            Self::Lesson => text(input).is_some_and(lesson),
            Self::Slide => slide(input).is_ok(),
            Self::Regions => text(input).is_some_and(|json| Region::from_geojson(json).is_ok()),
        }
    }
}

fn text(input: &[u8]) -> Option<&str> {
    std::str::from_utf8(input).ok()
}

/// What is read judges by probabilities, and is written again.
fn lesson(json: &str) -> bool {
    let classifier = classifier();
    let Ok(lesson) = classifier.lesson(json) else { return false };
    let len = classifier.features().expect("the shipped model has features").len();
    let features: Vec<f32> = (0..2 * len).map(|at| (at % 23) as f32 / 8.0).collect();
    let judged = lesson.judge(&features, None);
    let of_image = judged.probabilities.expect("two patches vote");
    for shares in judged.patches.iter().chain([&of_image]) {
        let sum: f64 = shares.iter().sum();
        assert!((sum - 1.0).abs() < 1e-6, "{shares:?} are no probabilities");
    }
    serde_json::to_string(lesson.written()).is_ok()
}

fn classifier() -> &'static Classifier {
    static CLASSIFIER: OnceLock<Classifier> = OnceLock::new();
    CLASSIFIER.get_or_init(|| {
        let manifest = Manifest::from_json(MANIFEST).expect("the shipped manifest is good");
        Classifier::new(INT8, manifest, Variant::Int8).expect("the shipped model is good")
    })
}

fn network(file: &[u8], lowering: Lowering) -> bool {
    let raw = Input::raw(NETWORK_SIDE as u32);
    let scaled = Input {
        dtype: Dtype::Float32,
        layout: Layout::Nchw,
        normalisation: Some(Normalisation { divisor: 255.0, mean: [0.5; 3], std: [0.25; 3] }),
        ..raw.clone()
    };
    let all = |found: &[histoscope_engine::Output]| {
        Ok((0..found.len()).filter(|&index| found[index].shape.is_some()).collect())
    };
    let load = |input| Engine::with_lowering(file, input, &all, lowering);
    let Ok(engine) = load(&raw).or_else(|_| load(&scaled)) else { return false };
    let picture: Vec<u8> = (0..NETWORK_SIDE * NETWORK_SIDE * 3).map(|i| (i * 37) as u8).collect();
    engine.infer(&picture).is_ok()
}

fn slide(file: &[u8]) -> histoscope_slide::Result<()> {
    let mut slide = Slide::open(vec![("fuzzed".into(), Box::new(file.to_vec()))])?;
    for level in 0..slide.levels().len() {
        let (column, row) = (slide.levels()[level].columns - 1, slide.levels()[level].rows - 1);
        // A tile may be damaged; that is no reason to refuse the rest.
        let _ = slide.tile(level, column, row);
    }
    // A slide of millions of tiles takes its time, as it may.
    let of = &slide.levels()[slide.levels().len() - 1];
    if u64::from(of.columns) * u64::from(of.rows) > 64 {
        return Ok(());
    }
    slide.thumbnail(48)?;
    let tissue = Tissue::of(&slide)?;
    slide.set_um_per_pixel(0.5)?;
    let options = PlanOptions { patch_size: 32, max_patches: Some(4), ..PlanOptions::default() };
    let plan = Plan::new(&slide, &options, Some(&tissue))?;
    plan.pixels(&slide, &plan.patches)?;
    Ok(())
}

fn reports(json: &str) -> bool {
    let Ok(outcomes) = outcomes_from_json(json) else { return false };
    let folder = classifier().folder_report(outcomes, Duplicates::VoteOnce);
    serde_json::to_string(&folder).is_ok()
}
