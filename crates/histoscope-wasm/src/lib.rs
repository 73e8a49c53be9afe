//! Glue for JavaScript: converts, calls, converts back. Runs in module workers, never in a page.
//!
//! Structured values cross as JSON text, pixels and logits as typed arrays. Every thrown value is a
//! JavaScript `Error` with the string properties `code`, `remedy` and `fault`, and `cause`, the Rust
//! type `error::Cause`. A Rust panic traps:
//! the instance is then unusable and its worker has to be thrown away.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Float32Array, Float64Array, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use histoscope::class::Class;
use histoscope::error::Error;
use histoscope::evaluate;
use histoscope::labels;
use histoscope::lesson::{self, Lesson};
use histoscope::manifest::Manifest;
use histoscope::model::{self, Runtime};
use histoscope::options::Options;
use histoscope::pipeline::{self, Classifier, Heard, Said, SlidePlan};
use histoscope::report::{self, Duplicates, ImageOutcome, Timings, Vote, Votes};
use histoscope::teach;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds; pages and workers both have it.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Prints a panic's message to the console before the trap hides it.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// What this module is, as JSON `{version, edition, kernels}`; `edition` is "int8" or "general", `kernels` is
/// "simd128", "relaxed" or "scalar".
#[wasm_bindgen]
pub fn engine_info() -> String {
    serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "edition": histoscope::engine::EDITION,
        "kernels": histoscope::engine::kernels::Isa::best().name(),
    })
    .to_string()
}

/// How many pixels an image file says that it has, before anything is decoded; 0 where it does not
/// say so, which decoding will complain of.
#[wasm_bindgen]
pub fn announced_pixels(bytes: &[u8]) -> f64 {
    histoscope::decode::announced_size(bytes)
        .map_or(0.0, |(width, height)| f64::from(width) * f64::from(height))
}

/// Reads a saved report, of one image or of a study, strictly and within bounds.
///
/// @param json the file
/// @returns of each image, JSON of the Rust type `report::Saved`
#[wasm_bindgen]
pub fn read_saved(json: &[u8]) -> Result<Vec<String>, JsValue> {
    let images = report::saved_from_json(json).map_err(throw)?;
    images.iter().map(to_json).collect()
}

/// What was found in an ONNX file.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug)]
pub struct Inspected {
    /// JSON of the Rust type `inspection::Inspection`, of the model in one file.
    pub inspection: String,
    /// SHA-256 of the file alone, in hexadecimal.
    pub sha256: String,
    /// The model in one file, where its weights lay in others.
    pub joined: Option<Vec<u8>>,
}

/// Describes an ONNX file without opening it. The int8 edition throws `model_needs_tract` where only the
/// general one can tell.
///
/// @param names of files that came with it; its weights may lie in them
/// @param data their bytes, in the same order
#[wasm_bindgen]
pub fn inspect_model(
    model: &[u8],
    names: Vec<String>,
    data: Vec<Uint8Array>,
) -> Result<Inspected, JsValue> {
    use histoscope::engine::{self, DataFile};
    let run = || {
        let wanted = engine::data_files(model)?;
        let data: Vec<(&String, Vec<u8>)> = names
            .iter()
            .zip(&data)
            .filter(|(name, _)| wanted.contains(name))
            .map(|(name, bytes)| (name, bytes.to_vec()))
            .collect();
        let files: Vec<DataFile<'_>> =
            data.iter().map(|(name, bytes)| DataFile { name, bytes }).collect();
        let joined = if wanted.is_empty() { None } else { Some(engine::join(model, &files)?) };
        let inspection = histoscope::inspection::inspect(joined.as_deref().unwrap_or(model))?;
        Ok::<_, Error>((inspection, joined))
    };
    let (inspection, joined) = run().map_err(throw)?;
    let sha256 = match joined {
        Some(_) => histoscope::manifest::sha256_hex(model),
        None => inspection.sha256.clone(),
    };
    Ok(Inspected { inspection: to_json(&inspection)?, sha256, joined })
}

/// Tries how the pixels of a float model are scaled: JSON of the Rust type `scaling::Advice`, or null for a model that
/// reads raw bytes. The scaling of its manifest is the one that may be doubted. As of `inspect_model`.
#[wasm_bindgen]
pub fn advise_scaling(model: &[u8], manifest_json: &str) -> Result<String, JsValue> {
    let run = || {
        let inspection = histoscope::inspection::inspect(model)?;
        let manifest = Manifest::from_json(manifest_json)?;
        let mut engine = histoscope::scaling::open(model, &inspection, &manifest.input)?;
        histoscope::scaling::advise(&mut engine, &inspection, &manifest.input)
    };
    to_json(&run().map_err(throw)?)
}

/// A model that is ready to classify.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Session {
    classifier: Classifier,
    /// The lesson that was read last, so that a thousand images read it once.
    lesson: RefCell<Option<(String, Rc<Lesson>)>>,
}

#[wasm_bindgen]
impl Session {
    /// Verifies the model's bytes against the manifest's SHA-256, then parses, lowers and packs it.
    ///
    /// @param model the ONNX file
    /// @param manifest_json the manifest as text
    /// @param variant "int8" or "f32"
    /// @param runtime "fused", which is the default, or "tract" to have tract alone compute it
    /// @param familiarity the file of statistics that the manifest names; empty without it
    #[wasm_bindgen(constructor)]
    pub fn new(
        model: &[u8],
        manifest_json: &str,
        variant: &str,
        runtime: Option<String>,
        familiarity: Option<Vec<u8>>,
    ) -> Result<Session, JsValue> {
        let load = || {
            let variant = variant.parse()?;
            let runtime = runtime.as_deref().map_or(Ok(Runtime::default()), str::parse)?;
            let manifest = Manifest::from_json(manifest_json)?;
            let classifier = Classifier::with_runtime(model, manifest, variant, runtime)?;
            match familiarity.filter(|file| !file.is_empty()) {
                Some(file) => classifier.with_familiarity(&file),
                None => Ok(classifier),
            }
        };
        let classifier = load().map_err(throw)?;
        Ok(Self { classifier, lesson: RefCell::default() })
    }

    /// JSON `{name, version, variant, sha256, labels, patch_size, fused_layers, fused_share, layers,
    /// fallback, features}`; `labels` are the classes that it tells apart, those of all columns;
    /// `layers` counts those that are not fused, too; `fused_share` is the part
    /// of the arithmetic that is, 0 to 1; `fallback` says why none is although some could be, or is
    /// null; `features` is how many a patch has, 0 if they are not
    /// known: then the model can be taught nothing.
    pub fn model_info(&self) -> String {
        let model = self.classifier.model();
        let manifest = self.classifier.manifest();
        serde_json::json!({
            "name": model.name,
            "version": model.version,
            "variant": model.variant,
            "sha256": model.sha256,
            "labels": self.classes(),
            "patch_size": manifest.input.patch_size,
            "fused_layers": self.classifier.fused_layers(),
            "fused_share": self.classifier.fused_share(),
            "layers": self.classifier.layer_count(),
            "fallback": self.classifier.fallback(),
            "features": self.classifier.features().map_or(0, |features| features.len()),
        })
        .to_string()
    }

    /// The classes of all columns of logits: benign and malignant, or those of the model's own.
    #[wasm_bindgen(getter)]
    pub fn classes(&self) -> Vec<String> {
        let usual = || Class::ALL.map(|class| class.name().into()).to_vec();
        self.classifier.manifest().own_classes().map_or_else(usual, <[String]>::to_vec)
    }

    /// Decodes an image file, plans its patches and screens them.
    ///
    /// @param options_json
    /// `{max_patches?: number | "all", batch_size?: number, stride?: number, screen?: boolean,
    /// uncertain_below?: number}`
    pub fn decode(
        &self,
        bytes: &[u8],
        filename: &str,
        options_json: &str,
    ) -> Result<JsMicrograph, JsValue> {
        let open =
            || self.classifier.open(bytes, filename, &Options::from_json(options_json)?, &now);
        open().map(JsMicrograph::from).map_err(throw)
    }

    /// As `decode`, of pixels that come from no file: a frame of a camera.
    ///
    /// @param rgba uint8 [height, width, 4]
    /// @param name as the report is to call it
    /// @param options_json as of `decode`, and `um_per_pixel?: number`
    pub fn frame(
        &self,
        rgba: &[u8],
        width: u32,
        height: u32,
        name: &str,
        options_json: &str,
    ) -> Result<JsMicrograph, JsValue> {
        let open = || {
            let options = Options::from_json(options_json)?;
            self.classifier.open_pixels(rgba, (width, height), name, &options, &now)
        };
        open().map(JsMicrograph::from).map_err(throw)
    }

    /// Runs the network, patch by patch.
    ///
    /// @param pixels uint8 [n, patch, patch, 3], RGB
    pub fn infer(&self, pixels: &[u8]) -> Result<JsBatchOutput, JsValue> {
        Ok(self.calibrated(self.classifier.infer(pixels).map_err(throw)?))
    }

    /// Runs the network over `count` voters of an image, from the one at place `first` on.
    pub fn infer_voters(
        &self,
        image: &JsMicrograph,
        first: usize,
        count: usize,
    ) -> Result<JsBatchOutput, JsValue> {
        self.infer(&image.voters(first, count)?)
    }

    /// Folds all patches of an image into its report, and frees the image.
    ///
    /// @param logits float32 [voters, labels] in the order of the plan's `voters`; empty if it has none
    /// @param features float32 [voters, features], likewise; empty if the model has none
    /// @param lesson the text of the lesson that judges; empty without one
    /// @param timings_json `{decode, screen, inference, total}` in milliseconds
    /// @returns the image report as JSON
    pub fn report(
        &self,
        image: JsMicrograph,
        logits: Vec<f32>,
        features: Vec<f32>,
        lesson: &str,
        timings_json: &str,
    ) -> Result<String, JsValue> {
        let timings: Timings = from_json(timings_json, "timings")?;
        let lesson = self.lesson(lesson)?;
        let said = Said { logits, features };
        let report =
            self.classifier.report(image.image.into_plan(), &said, lesson.as_deref(), timings);
        to_json(&report.map_err(throw)?)
    }

    /// Screens patches that somebody else cut, and runs the network over those that may vote.
    ///
    /// @param pixels uint8 [n, patch, patch, 3], RGB
    /// @param screen whether they are screened; else all vote
    pub fn look_at(&self, pixels: Vec<u8>, screen: bool) -> Result<Looked, JsValue> {
        let pipeline::Looked { screens, output } =
            self.classifier.look_at(pixels, screen).map_err(throw)?;
        let screens = screens.into_iter().map(|screen| screen as u8).collect();
        Ok(Looked { screens, output: output.map(|output| self.calibrated(output)) })
    }

    /// Folds what the network says of a slide's patches into its report.
    ///
    /// @param plan_json JSON of the Rust type `pipeline::SlidePlan`
    /// @param logits float32 [n, labels] of the plan's patches that may vote, in its order
    /// @param features float32 [n, features], likewise; empty if the model has none
    /// @param lesson the text of the lesson that judges; empty without one
    /// @param timings_json `{decode, screen, inference, total}` in milliseconds
    /// @returns the image report as JSON, with `slide`
    pub fn slide_report(
        &self,
        plan_json: &str,
        logits: Vec<f32>,
        features: Vec<f32>,
        lesson: &str,
        timings_json: &str,
    ) -> Result<String, JsValue> {
        let plan: SlidePlan = from_json(plan_json, "plan")?;
        let timings: Timings = from_json(timings_json, "timings")?;
        let lesson = self.lesson(lesson)?;
        let said = Said { logits, features };
        let report = self.classifier.slide_report(plan, &said, lesson.as_deref(), timings);
        to_json(&report.map_err(throw)?)
    }

    /// What a lesson, or the model without one, makes of images that were judged before; nothing
    /// runs again. Of slides, `judge_anew`.
    ///
    /// @param voters how many each image has
    /// @param thresholds in place of the head's own, one for each image; NaN for none
    /// @param logits float32 [all voters, labels], those of one image behind the other
    /// @param features float32 [all voters, features], likewise
    /// @param lesson the text of the lesson that judges; empty for the model's own head
    pub fn judge(
        &self,
        voters: &[u32],
        thresholds: &[f64],
        logits: &[f32],
        features: &[f32],
        lesson: &str,
    ) -> Result<Judgements, JsValue> {
        if voters.len() != thresholds.len() {
            return Err(throw(internal("a threshold for each image is wanted")));
        }
        let lesson = self.lesson(lesson)?;
        let len = self.classifier.features().map_or(0, |features| features.len());
        let (mut logits, mut features) = (logits, features);
        let mut judgements = Vec::with_capacity(voters.len());
        let (mut patches, mut taught) = (Vec::new(), Vec::new());
        for (&voters, &threshold) in voters.iter().zip(thresholds) {
            let voters = voters as usize;
            let own = Heard {
                logits: take(&mut logits, self.classifier.columns() * voters)?,
                features: take(&mut features, len * voters)?,
            };
            let threshold = Some(threshold).filter(|threshold| !threshold.is_nan());
            let judged = self.classifier.judge(own, voters, lesson.as_deref(), threshold);
            let mut judged = judged.map_err(throw)?;
            patches.extend(judged.patches.iter().flat_map(|pair| pair.into_array()));
            if let Some(said) = &mut judged.taught {
                taught.extend(std::mem::take(&mut said.voters).into_iter().flatten());
            }
            judgements.push(judged);
        }
        nothing_left(logits, features)?;
        Ok(Judgements { judgements: to_json(&judgements)?, patches, taught })
    }

    /// As `judge`, of slides, whose regions are judged, too: of their whole reports.
    ///
    /// @param reports_json JSON array of image reports as this module wrote them; failures stay
    /// @param logits float32 [all voters, labels], those of one report behind the other
    /// @param features float32 [all voters, features], likewise
    /// @param lesson the text of the lesson that judges; empty for the model's own head
    /// @returns JSON array of reports in the same order
    pub fn judge_anew(
        &self,
        reports_json: &str,
        logits: &[f32],
        features: &[f32],
        lesson: &str,
    ) -> Result<String, JsValue> {
        let lesson = self.lesson(lesson)?;
        let len = self.classifier.features().map_or(0, |features| features.len());
        let outcomes = report::outcomes_from_json(reports_json).map_err(throw)?;
        let (mut logits, mut features) = (logits, features);
        let mut anew = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            anew.push(match outcome {
                ImageOutcome::Failure(failure) => ImageOutcome::Failure(failure),
                ImageOutcome::Success(report) => {
                    // Of a slide all that may vote were asked, also where they do not suffice: its regions may.
                    let voters = if report.slide.is_some() {
                        report.patches.iter().filter(|patch| patch.screen.may_vote()).count()
                    } else {
                        report.voters()
                    };
                    let said = Said {
                        logits: take(&mut logits, self.classifier.columns() * voters)?.to_vec(),
                        features: take(&mut features, len * voters)?.to_vec(),
                    };
                    let report = self.classifier.judge_anew(*report, &said, lesson.as_deref());
                    ImageOutcome::Success(Box::new(report.map_err(throw)?))
                }
            });
        }
        nothing_left(logits, features)?;
        to_json(&anew)
    }

    /// Teaches the model labelled images.
    ///
    /// @param request_json JSON of the Rust type `teach::TeachRequest`
    /// @param features float32 [all voters, features], those of one image behind the other
    /// @returns JSON of `teach::Outcome`; `lesson` in it is the text of the lesson's file
    pub fn teach(&self, request_json: &str, features: &[f32]) -> Result<String, JsValue> {
        let run = || {
            let request = teach::TeachRequest::from_json(request_json)?;
            let known = self.classifier.features().ok_or(Error::NoFeatures)?;
            teach::teach(&request, features, known, &self.classifier.model())
        };
        to_json(&run().map_err(throw)?)
    }

    /// What a lesson says of places within patches; runs the network over `count` voters of an
    /// image, from the one at place `first` on.
    ///
    /// @param lesson the text of the lesson
    pub fn lesson_map(
        &self,
        image: &JsMicrograph,
        first: usize,
        count: usize,
        lesson: &str,
    ) -> Result<LessonMap, JsValue> {
        let lesson = self.classifier.lesson(lesson).map_err(throw)?;
        let pixels = image.voters(first, count)?;
        self.classifier.lesson_map(&pixels, &lesson).map(LessonMap).map_err(throw)
    }

    /// The ONNX file of the model with a lesson as its head, as `histoscope export` writes it.
    ///
    /// @param model the file that this session was made of
    /// @param lesson the text of the lesson
    pub fn export_lesson(&self, model: &[u8], lesson: &str) -> Result<Vec<u8>, JsValue> {
        let lesson = self.classifier.lesson(lesson).map_err(throw)?;
        self.classifier.export(&lesson, model).map_err(throw)
    }

    /// Reads a lesson strictly, as a file from anywhere; throws a coded error if it is none, or was
    /// taught to another model.
    ///
    /// @returns JSON of the Rust type `lesson::Written` without its weights, with its `sha256`
    pub fn check_lesson(&self, lesson: &str) -> Result<String, JsValue> {
        summary(&self.classifier.lesson(lesson).map_err(throw)?)
    }

    fn lesson(&self, text: &str) -> Result<Option<Rc<Lesson>>, JsValue> {
        if text.is_empty() {
            return Ok(None);
        }
        let mut last = self.lesson.borrow_mut();
        if let Some((known, lesson)) = &*last
            && known == text
        {
            return Ok(Some(lesson.clone()));
        }
        let lesson = Rc::new(self.classifier.lesson(text).map_err(throw)?);
        *last = Some((text.into(), lesson.clone()));
        Ok(Some(lesson))
    }

    /// Averages several images, those of each patient apart where votes have names that tell them.
    ///
    /// @param votes_json JSON array of the Rust type `report::Vote`, one for each image
    /// @param keep_duplicates whether images of the same bytes vote each
    /// @param count_unfamiliar whether images vote that are unlike what the model has learned
    /// @returns JSON of the Rust type `report::Whole`: the folder report without its images
    pub fn together(
        &self,
        votes_json: &str,
        keep_duplicates: bool,
        count_unfamiliar: bool,
    ) -> Result<String, JsValue> {
        let votes: Vec<Vote> = from_json(votes_json, "votes")?;
        let duplicates = if keep_duplicates { Duplicates::Keep } else { Duplicates::VoteOnce };
        let rule = Votes { duplicates, unfamiliar: count_unfamiliar, ..Votes::default() };
        to_json(&self.classifier.together(&votes, rule))
    }
}

/// How right verdicts are, where labels are known.
///
/// @param request_json JSON of the Rust type `evaluate::EvaluateRequest`
/// @returns JSON of `evaluate::Evaluation`
#[wasm_bindgen]
pub fn evaluate(request_json: &str) -> Result<String, JsValue> {
    let request: evaluate::EvaluateRequest = from_json(request_json, "request")?;
    to_json(&evaluate::evaluate(&request))
}

/// Labels and patients that paths of images tell, by names of BreakHis or by folders.
///
/// @param paths_json JSON array of paths, parts separated by "/"
/// @returns JSON array of `{label: string | null, patient: string | null}`
#[wasm_bindgen]
pub fn labels_of_paths(paths_json: &str) -> Result<String, JsValue> {
    let paths: Vec<String> = from_json(paths_json, "paths")?;
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    to_json(&labels::from_paths(&paths).labels)
}

/// What a lesson's file says of itself, whatever model is open.
///
/// @returns JSON of the Rust type `lesson::Written` without its weights
#[wasm_bindgen]
pub fn read_lesson(lesson: &str) -> Result<String, JsValue> {
    to_json(&without_weights(lesson::read(lesson).map_err(throw)?)?)
}

impl Session {
    fn calibrated(&self, output: model::BatchOutput) -> JsBatchOutput {
        let shares = self.classifier.shares(&output.logits).into_iter().flatten();
        let probabilities = shares.map(|share| share as f32).collect();
        JsBatchOutput { output, probabilities }
    }
}

fn summary(lesson: &Lesson) -> Result<String, JsValue> {
    let mut value = without_weights(lesson.written().clone())?;
    value["sha256"] = lesson.summary().sha256.clone().into();
    to_json(&value)
}

fn without_weights(written: lesson::Written) -> Result<serde_json::Value, JsValue> {
    let mut value = serde_json::to_value(written).map_err(|error| throw(internal(error)))?;
    if let Some(fields) = value.as_object_mut() {
        for field in ["weights", "bias", "familiarity"] {
            fields.remove(field);
        }
    }
    Ok(value)
}

/// The first `count` of `rest`, which goes on behind them.
fn take<'a>(rest: &mut &'a [f32], count: usize) -> Result<&'a [f32], JsValue> {
    let (own, behind) = rest
        .split_at_checked(count)
        .ok_or_else(|| throw(internal("fewer logits or features than voters")))?;
    *rest = behind;
    Ok(own)
}

fn nothing_left(logits: &[f32], features: &[f32]) -> Result<(), JsValue> {
    if logits.is_empty() && features.is_empty() {
        return Ok(());
    }
    Err(throw(internal("more logits or features than voters")))
}

/// What a head says of images.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Judgements {
    judgements: String,
    patches: Vec<f64>,
    taught: Vec<f64>,
}

#[wasm_bindgen]
impl Judgements {
    /// JSON array of the Rust type `pipeline::Judgement`, without what it says of patches.
    #[wasm_bindgen(getter)]
    pub fn judgements(&self) -> String {
        self.judgements.clone()
    }

    /// float64 [all voters, 2], those of one image behind the other; empty of a model whose classes
    /// are its own
    #[wasm_bindgen(getter)]
    pub fn patches(&self) -> Float64Array {
        Float64Array::from(self.patches.as_slice())
    }

    /// float64 [all voters, classes of the lesson or of the model's own], likewise; empty without
    #[wasm_bindgen(getter)]
    pub fn taught(&self) -> Float64Array {
        Float64Array::from(self.taught.as_slice())
    }
}

/// What a lesson says of places within patches.
#[wasm_bindgen]
#[derive(Debug)]
pub struct LessonMap(lesson::Map);

#[wasm_bindgen]
impl LessonMap {
    /// float32 [n, height, width, classes]; its mean over the map is the logits over the temperature
    #[wasm_bindgen(getter)]
    pub fn values(&self) -> Float32Array {
        Float32Array::from(self.0.values.as_slice())
    }

    /// Columns of the map; 0 without one.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> usize {
        self.0.width
    }

    /// Rows of the map; 0 without one.
    #[wasm_bindgen(getter)]
    pub fn height(&self) -> usize {
        self.0.height
    }
}

/// A decoded image with its planned patches, and how long that took.
#[wasm_bindgen(js_name = Micrograph)]
#[derive(Debug)]
pub struct JsMicrograph {
    image: pipeline::Micrograph,
    timings: Timings,
}

impl From<(pipeline::Micrograph, Timings)> for JsMicrograph {
    fn from((image, timings): (pipeline::Micrograph, Timings)) -> Self {
        Self { image, timings }
    }
}

#[wasm_bindgen(js_class = Micrograph)]
impl JsMicrograph {
    /// The plan as JSON; see the Rust type `pipeline::Plan`.
    pub fn plan(&self) -> Result<String, JsValue> {
        to_json(self.image.plan())
    }

    /// How many patches are to be classified; 0 if the image is not assessable.
    #[wasm_bindgen(getter)]
    pub fn voter_count(&self) -> usize {
        self.image.plan().voters.len()
    }

    /// What decoding took, in milliseconds.
    #[wasm_bindgen(getter)]
    pub fn decode_ms(&self) -> f64 {
        self.timings.decode
    }

    /// What screening all sampled patches took, in milliseconds.
    #[wasm_bindgen(getter)]
    pub fn screen_ms(&self) -> f64 {
        self.timings.screen
    }

    /// Pixels of `count` voters from the one at place `first` on, uint8 [count, patch, patch, 3].
    pub fn pixels(&self, first: usize, count: usize) -> Result<Uint8Array, JsValue> {
        Ok(Uint8Array::from(self.voters(first, count)?.as_slice()))
    }

    /// A small copy for display, neither side longer than `max_side` pixels.
    pub fn preview(&self, max_side: u32) -> Preview {
        let small = self.image.preview(max_side);
        Preview { width: small.width(), height: small.height(), rgba: small.into_raw() }
    }
}

impl JsMicrograph {
    fn voters(&self, first: usize, count: usize) -> Result<Vec<u8>, JsValue> {
        let places = first..first.saturating_add(count);
        let all = self.voter_count();
        self.image
            .voters(places.clone())
            .ok_or_else(|| throw(internal(format!("voters {places:?} of {all}"))))
    }
}

/// A small RGBA copy of an image.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Preview {
    rgba: Vec<u8>,
    /// In pixels.
    #[wasm_bindgen(readonly)]
    pub width: u32,
    /// In pixels.
    #[wasm_bindgen(readonly)]
    pub height: u32,
}

#[wasm_bindgen]
impl Preview {
    /// uint8 [height, width, 4]; alpha is 255 throughout.
    #[wasm_bindgen(getter)]
    pub fn rgba(&self) -> Uint8Array {
        Uint8Array::from(self.rgba.as_slice())
    }
}

/// What the model says of the patches of one batch.
#[wasm_bindgen(js_name = BatchOutput)]
#[derive(Debug)]
pub struct JsBatchOutput {
    output: model::BatchOutput,
    probabilities: Vec<f32>,
}

#[wasm_bindgen(js_class = BatchOutput)]
impl JsBatchOutput {
    /// float32 [n, labels]
    #[wasm_bindgen(getter)]
    pub fn logits(&self) -> Float32Array {
        Float32Array::from(self.output.logits.as_slice())
    }

    /// float32 [n, labels], calibrated
    #[wasm_bindgen(getter)]
    pub fn probabilities(&self) -> Float32Array {
        Float32Array::from(self.probabilities.as_slice())
    }

    /// float32 [n, cam_height, cam_width, labels]; its mean over the map is the logits
    #[wasm_bindgen(getter)]
    pub fn cam(&self) -> Float32Array {
        Float32Array::from(self.output.cam.as_slice())
    }

    /// float32 [n, features]; empty if the model has none
    #[wasm_bindgen(getter)]
    pub fn features(&self) -> Float32Array {
        Float32Array::from(self.output.features.as_slice())
    }

    /// Columns of the map; 0 without one.
    #[wasm_bindgen(getter)]
    pub fn cam_width(&self) -> usize {
        self.output.cam_width
    }

    /// Rows of the map; 0 without one.
    #[wasm_bindgen(getter)]
    pub fn cam_height(&self) -> usize {
        self.output.cam_height
    }
}

/// What was found on patches that somebody else cut.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Looked {
    screens: Vec<u8>,
    output: Option<JsBatchOutput>,
}

#[wasm_bindgen]
impl Looked {
    /// uint8 [n]: places in the list "assessable", "background", "blurred", "not_he", "unchecked".
    #[wasm_bindgen(getter)]
    pub fn screens(&self) -> Uint8Array {
        Uint8Array::from(self.screens.as_slice())
    }

    /// Of those that may vote, in their order; undefined where none may, and once it was taken.
    pub fn take_output(&mut self) -> Option<JsBatchOutput> {
        self.output.take()
    }
}

fn throw(error: Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    let fault = error.fault().to_string();
    for (key, value) in [
        ("name", "HistoscopeError"),
        ("code", error.code()),
        ("remedy", error.remedy()),
        ("fault", fault.as_str()),
    ] {
        // Setting a property of a fresh Error cannot fail.
        let _ = Reflect::set(&js, &key.into(), &value.into());
    }
    let cause = serde_json::to_string(&error.cause()).ok();
    if let Some(cause) = cause.and_then(|json| js_sys::JSON::parse(&json).ok()) {
        let _ = Reflect::set(&js, &"cause".into(), &cause);
    }
    js.into()
}

fn internal(detail: impl std::fmt::Display) -> Error {
    Error::Internal { detail: detail.to_string() }
}

fn to_json<T: Serialize>(value: &T) -> Result<String, JsValue> {
    serde_json::to_string(value).map_err(|error| throw(internal(error)))
}

fn from_json<T: DeserializeOwned>(json: &str, what: &'static str) -> Result<T, JsValue> {
    serde_json::from_str(json).map_err(|error| throw(internal(format!("{what}: {error}"))))
}
