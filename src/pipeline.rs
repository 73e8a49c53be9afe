//! The order of the stages: decode, choose patches, screen them, infer, fold into a report.
//!
//! [`Classifier::classify`] runs them one after the other. A page calls the same stages itself: one
//! worker has the image from [`Classifier::open`] to [`Classifier::report`], and where others have
//! nothing to do it lends them some of its patches for [`Classifier::infer`].

mod judging;
mod slide;

use std::ops::Range;

use image::{RgbImage, RgbaImage, imageops};
use serde::{Deserialize, Serialize};

use crate::aggregate::{Probabilities, softmax};
use crate::class::{ByClass, Class};
use crate::decode::{self, Decoded};
use crate::error::{Error, Result};
use crate::familiarity::{Familiarity, FamiliarityProblem};
use crate::features::Features;
use crate::grid::{Grid, Origin};
use crate::lesson::{self, Lesson};
use crate::manifest::{Manifest, Meaning, Variant, sha256_hex};
use crate::model::{BatchOutput, Model, Runtime};
use crate::options::Options;
use crate::report::{
    self, EngineSummary, FolderReport, GridSummary, ImageOutcome, ImageReport, ImageSize,
    ModelSummary, PatchReport, Timings, Votes,
};
use crate::scale::{self, Scale, Source};
use crate::screen::{self, Counts, Screen};
use crate::warning::Note;

pub use self::judging::{Heard, Judgement};
pub use self::slide::{Looked, SlidePlan, SlideRegion};

/// The most bytes of pixels in one batch: 426 patches of 224x224, or 21 of the largest.
pub const MAX_BATCH_BYTES: u64 = 64 << 20;

/// A patch of the sample, and whether it can be assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PlannedPatch {
    /// Left edge in the image, in pixels.
    pub x: u32,
    /// Upper edge in the image, in pixels.
    pub y: u32,
    /// What the screen found.
    pub screen: Screen,
}

/// What will be classified of one image; everything of a report that is known before inference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Plan {
    /// As the caller calls the image.
    pub filename: String,
    /// Of the image file, lower-case hexadecimal; empty where there is none.
    pub sha256: String,
    /// Of the upright image, in pixels.
    pub width: u32,
    /// Of the upright image, in pixels.
    pub height: u32,
    /// Where patches lie.
    pub grid: Grid,
    /// What the caller has set.
    pub options: Options,
    /// The sampled patches, row-major from the top left.
    pub patches: Vec<PlannedPatch>,
    /// Indices of the patches that are classified, ascending; none if the image is not assessable.
    /// Batch `i` holds those from `i * options.batch_size` on.
    pub voters: Vec<usize>,
    /// The size of a pixel, where file, name or caller tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub scale: Option<Scale>,
    /// What decoding has to say; [`Classifier::report`] adds what the screen found.
    pub warnings: Vec<Note>,
}

impl Plan {
    /// Whether this is a plan that [`Classifier::open`] made, at most with another threshold: one
    /// that went through a page is not taken on trust.
    fn is_sound(&self, patch_size: u32) -> bool {
        let Self { grid, options, patches, voters, .. } = self;
        if options.validate().is_err() || self.scale.as_ref().is_some_and(|s| !s.is_sound()) {
            return false;
        }
        let stride = options.stride.unwrap_or(patch_size);
        Grid::new(self.width, self.height, patch_size, stride).as_ref() == Ok(grid)
            && grid.sampled(options.max_patches) == Ok(patches.len())
            && grid
                .sample(options.max_patches)
                .zip(patches)
                .all(|(origin, patch)| origin == Origin { x: patch.x, y: patch.y })
            && *voters == screen::voters(patches.iter().map(|patch| patch.screen))
    }

    /// Number of batches; the last one may be smaller.
    pub fn batch_count(&self) -> usize {
        self.voters.len().div_ceil(self.options.batch_size as usize)
    }
}

/// A decoded image with its plan, ready to hand out batches of patches.
#[derive(Debug)]
pub struct Micrograph {
    pixels: RgbImage,
    plan: Plan,
}

impl Micrograph {
    /// What will be classified of it.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Pixels of the patches of batch `index`: `uint8 [n, patch, patch, 3]`, RGB, row-major.
    ///
    /// # Panics
    /// If `index` is not below [`Plan::batch_count`].
    pub fn batch(&self, index: usize) -> Vec<u8> {
        let size = self.plan.options.batch_size as usize;
        let first = index * size;
        let count = size.min(self.plan.voters.len() - first);
        self.voters(first..first + count).expect("the caller counts up to batch_count")
    }

    /// Pixels of those voters whose places among [`Plan::voters`] are `places`, as of [`Self::batch`].
    /// `None` if there are not so many.
    pub fn voters(&self, places: Range<usize>) -> Option<Vec<u8>> {
        let Plan { patches, voters, grid, .. } = &self.plan;
        let wanted = voters.get(places)?;
        let side = grid.patch_size as usize;
        let mut out = Vec::with_capacity(wanted.len() * side * side * 3);
        for &voter in wanted {
            let PlannedPatch { x, y, .. } = patches[voter];
            cut(&self.pixels, Origin { x, y }, side, &mut out);
        }
        Some(out)
    }

    /// Lets go of the pixels; what is left is what a report is made from.
    pub fn into_plan(self) -> Plan {
        self.plan
    }

    /// A small copy for display where the browser cannot decode the file itself; neither side is
    /// longer than `max_side` pixels.
    pub fn preview(&self, max_side: u32) -> RgbaImage {
        let (width, height) = self.pixels.dimensions();
        let scale = f64::from(max_side.max(1)) / f64::from(width.max(height));
        if scale >= 1.0 {
            return image::DynamicImage::ImageRgb8(self.pixels.clone()).into_rgba8();
        }
        let fit = |side: u32| ((f64::from(side) * scale) as u32).max(1);
        let small = imageops::thumbnail(&self.pixels, fit(width), fit(height));
        image::DynamicImage::ImageRgb8(small).into_rgba8()
    }
}

/// Checks that `patches` patches of `side` pixels a side are within [`MAX_BATCH_BYTES`].
fn check_batch(patches: u32, side: u32) -> Result<()> {
    let bytes = [u64::from(side), 3, u64::from(patches)]
        .into_iter()
        .try_fold(u64::from(side), u64::checked_mul);
    if bytes.is_none_or(|bytes| bytes > MAX_BATCH_BYTES) {
        return Err(Error::BatchTooLarge { patches, side, max_mib: MAX_BATCH_BYTES >> 20 });
    }
    Ok(())
}

/// The caller's word before the file's, and the name of a known set before a bare resolution.
fn scale_of(file: Option<Scale>, filename: &str, options: &Options) -> Option<Scale> {
    let set = options.um_per_pixel.and_then(|set| Scale::new(set, Source::Set));
    let named = || scale::of_name(filename);
    match file {
        _ if set.is_some() => set,
        Some(file) if file.source == Source::Resolution => named().or(Some(file)),
        None => named(),
        file => file,
    }
}

/// Appends the RGB bytes of one patch.
fn cut(pixels: &RgbImage, Origin { x, y }: Origin, side: usize, out: &mut Vec<u8>) {
    let row_bytes = pixels.width() as usize * 3;
    let left = x as usize * 3;
    for row in pixels.as_raw().chunks_exact(row_bytes).skip(y as usize).take(side) {
        out.extend_from_slice(&row[left..left + side * 3]);
    }
}

/// What is known of an image besides its pixels.
struct Provenance {
    filename: String,
    sha256: String,
    scale: Option<Scale>,
    warnings: Vec<Note>,
}

/// A model that is ready to classify images.
#[derive(Debug)]
pub struct Classifier {
    manifest: Manifest,
    variant: Variant,
    model: Model,
    familiarity: Option<Familiarity>,
}

/// What the network says of the voters of one image, in index order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// `[voters, columns]`, as of [`Classifier::columns`].
    pub logits: Vec<f32>,
    /// `[voters, features]`; empty where they are not known.
    pub features: Vec<f32>,
}

impl Classifier {
    /// Verifies `model` against the manifest, then parses and prepares it.
    ///
    /// # Errors
    /// [`Error::ModelHashMismatch`], [`Error::ModelInvalid`] or [`Error::ManifestInvalid`].
    pub fn new(model: &[u8], manifest: Manifest, variant: Variant) -> Result<Self> {
        Self::with_runtime(model, manifest, variant, Runtime::default())
    }

    /// As [`Classifier::new`], with a choice of what computes the network.
    ///
    /// # Errors
    /// As [`Classifier::new`]; [`Error::ModelNeedsTract`] from a build without tract.
    pub fn with_runtime(
        model: &[u8],
        manifest: Manifest,
        variant: Variant,
        runtime: Runtime,
    ) -> Result<Self> {
        manifest.file(variant)?.verify(model)?;
        let (input, outputs) = (&manifest.input, &manifest.outputs);
        let model = Model::with_lowering(model, input, outputs, runtime.into())?;
        // The f32 file has no quantised tensors of which sums could be taken.
        let features = manifest.features.as_ref().filter(|_| variant == Variant::Int8);
        let model = model.with_features(features)?;
        Ok(Self { manifest, variant, model, familiarity: None })
    }

    /// Takes the statistics that tell what is familiar: the file that the manifest names.
    ///
    /// Of a model that brings no features, its f32 variant say, nothing is known all the same.
    ///
    /// # Errors
    /// [`Error::FamiliarityInvalid`] if the manifest names no such file, it is another one, or it
    /// does not fit.
    pub fn with_familiarity(mut self, file: &[u8]) -> Result<Self> {
        let invalid = |problem| Error::FamiliarityInvalid { problem };
        let (Some(features), Some(named)) = (&self.manifest.features, &self.manifest.familiarity)
        else {
            return Err(invalid(FamiliarityProblem::NoFeatures));
        };
        if named.verify(file).is_err() {
            let (expected, found) = (named.sha256.clone(), sha256_hex(file));
            return Err(invalid(FamiliarityProblem::OtherFile { expected, found }));
        }
        let int8 = &self.manifest.file(Variant::Int8)?.sha256;
        let familiarity = Familiarity::from_json(file, features, int8)?;
        self.familiarity = self.model.features().is_some().then_some(familiarity);
        Ok(self)
    }

    /// The features that every batch brings; `None` if they are not known.
    pub fn features(&self) -> Option<&Features> {
        self.model.features()
    }

    /// Reads a lesson for this model.
    ///
    /// # Errors
    /// [`Error::LessonInvalid`], [`Error::LessonOfOtherModel`], or [`Error::NoFeatures`] from a
    /// model that can be taught nothing.
    pub fn lesson(&self, json: &str) -> Result<Lesson> {
        let features = self.features().ok_or(Error::NoFeatures)?;
        Lesson::from_json(json, features, &self.model())
    }

    /// The ONNX file of this model, whose own file `model` is, with `lesson` as its head.
    ///
    /// # Errors
    /// As [`Lesson::onnx`]; [`Error::NoFeatures`] from a model that can be taught nothing.
    pub fn export(&self, lesson: &Lesson, model: &[u8]) -> Result<Vec<u8>> {
        lesson.onnx(model, self.features().ok_or(Error::NoFeatures)?)
    }

    /// What is known of the model.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Identity of the model file in use, as it stands in reports.
    pub fn model(&self) -> ModelSummary {
        ModelSummary::new(&self.manifest, self.variant).expect("checked in new")
    }

    /// How many layers run in the int8 kernels; 0 for a float model.
    pub fn fused_layers(&self) -> usize {
        self.model.fused_layers()
    }

    /// The part of its arithmetic, products of convolutions and matrices, that runs in the int8
    /// kernels, 0 to 1.
    pub fn fused_share(&self) -> f64 {
        self.model.fused_share()
    }

    /// Why no layer is fused although some could be; `None` if all is as it should be.
    pub fn fallback(&self) -> Option<&str> {
        self.model.fallback()
    }

    /// How many layers there are, fused or not.
    pub fn layer_count(&self) -> usize {
        self.model.layers().len()
    }

    /// How this classifier computes, as it stands in reports.
    pub fn engine_summary(&self) -> EngineSummary {
        EngineSummary::of(&self.model)
    }

    /// Whether this model can run with these options.
    ///
    /// # Errors
    /// [`Error::OptionsInvalid`] or [`Error::BatchTooLarge`].
    pub fn check(&self, options: &Options) -> Result<()> {
        options.validate()?;
        check_batch(options.batch_size, self.manifest.input.patch_size)
    }

    /// Decodes an image, plans its patches and screens them; also returns the times of both.
    ///
    /// `clock` as in [`Classifier::classify`].
    ///
    /// # Errors
    /// Errors of the image, the limits and the options.
    pub fn open(
        &self,
        bytes: &[u8],
        filename: &str,
        options: &Options,
        clock: &dyn Fn() -> f64,
    ) -> Result<(Micrograph, Timings)> {
        self.check(options)?;
        let start = clock();
        let Decoded { pixels, warnings, scale } = decode::decode(bytes)?;
        let warnings = warnings.into_iter().map(Note::from).collect();
        let sha256 = sha256_hex(bytes);
        let scale = scale_of(scale, filename, options);
        let origin = Provenance { filename: filename.into(), sha256, scale, warnings };
        self.lay_out(pixels, origin, options, start, clock)
    }

    /// As [`Classifier::open`], of pixels that come from no file, as a camera's do: the report has
    /// no digest, and its scale is what the caller sets.
    ///
    /// `rgba` is `uint8 [height, width, 4]`; what is said of transparency is left out.
    ///
    /// # Errors
    /// [`Error::Internal`] if there are not as many bytes; else as [`Classifier::open`].
    pub fn open_pixels(
        &self,
        rgba: &[u8],
        (width, height): (u32, u32),
        filename: &str,
        options: &Options,
        clock: &dyn Fn() -> f64,
    ) -> Result<(Micrograph, Timings)> {
        self.check(options)?;
        let start = clock();
        let (pixels, rest) = rgba.as_chunks::<4>();
        if !rest.is_empty() || pixels.len() as u64 != u64::from(width) * u64::from(height) {
            let bytes = rgba.len();
            return Err(Error::internal(format!("{bytes} bytes for {width}x{height} pixels")));
        }
        let rgb = pixels.iter().flat_map(|&[red, green, blue, _]| [red, green, blue]).collect();
        let pixels = RgbImage::from_raw(width, height, rgb).expect("as many as were counted");
        let scale = scale_of(None, "", options);
        let origin = Provenance {
            filename: filename.into(),
            sha256: String::new(),
            scale,
            warnings: vec![],
        };
        self.lay_out(pixels, origin, options, start, clock)
    }

    /// Plans the patches of decoded pixels and screens them; decoding began at `start`.
    fn lay_out(
        &self,
        pixels: RgbImage,
        origin: Provenance,
        options: &Options,
        start: f64,
        clock: &dyn Fn() -> f64,
    ) -> Result<(Micrograph, Timings)> {
        let decoded = clock();
        let (width, height) = pixels.dimensions();
        let patch_size = self.manifest.input.patch_size;
        let grid = Grid::new(width, height, patch_size, options.stride.unwrap_or(patch_size))?;
        grid.sampled(options.max_patches)?;
        let side = patch_size as usize;
        let mut patch = Vec::with_capacity(side * side * 3);
        let patches: Vec<PlannedPatch> = grid
            .sample(options.max_patches)
            .map(|Origin { x, y }| {
                let screen = if options.screen {
                    patch.clear();
                    cut(&pixels, Origin { x, y }, side, &mut patch);
                    Screen::of(&patch, side)
                } else {
                    Screen::Unchecked
                };
                PlannedPatch { x, y, screen }
            })
            .collect();
        let voters = screen::voters(patches.iter().map(|patch| patch.screen));
        let Provenance { filename, sha256, scale, warnings } = origin;
        let plan = Plan {
            filename,
            sha256,
            width,
            height,
            grid,
            patches,
            voters,
            scale,
            options: options.clone(),
            warnings,
        };
        let timings =
            Timings { decode: decoded - start, screen: clock() - decoded, ..Timings::default() };
        Ok((Micrograph { pixels, plan }, timings))
    }

    /// Logits of each patch: two, in the order of [`Class::ALL`], or one for each class of the
    /// model's own, in its order.
    pub fn columns(&self) -> usize {
        self.manifest.own_classes().map_or(Class::ALL.len(), <[String]>::len)
    }

    /// Runs the model over `uint8 [n, patch, patch, 3]` pixels; logits and map of benign and malignant
    /// have the order of [`Class::ALL`], whatever that of the model's scores is.
    ///
    /// # Errors
    /// [`Error::Internal`] if the length is no multiple of a patch; [`Error::ModelInvalid`] if the
    /// model fails on the input that its manifest describes.
    pub fn infer(&self, pixels: &[u8]) -> Result<BatchOutput> {
        let mut output = self.model.infer(pixels)?;
        // Here, at the engine's edge, and nowhere else.
        let turned = Class::ALL.map(|class| Class::ALL[1 - class.index()]);
        if self.manifest.outputs.meaning == Meaning::Pair(turned) {
            for pair in output.logits.chunks_exact_mut(2).chain(output.cam.chunks_exact_mut(2)) {
                pair.reverse();
            }
        }
        Ok(output)
    }

    /// Calibrated probabilities of each patch, for logits `[n, 2]` as of [`Classifier::infer`].
    fn probabilities(&self, logits: &[f32]) -> Vec<Probabilities> {
        let temperature = self.manifest.calibration.temperature;
        let (pairs, _) = logits.as_chunks::<2>();
        pairs.iter().map(|&pair| softmax(ByClass::from(pair), temperature)).collect()
    }

    /// Calibrated probabilities of each patch, for logits `[n, columns]` as of
    /// [`Classifier::infer`]: the classes' in the same order.
    pub fn shares(&self, logits: &[f32]) -> Vec<Vec<f64>> {
        if self.manifest.own_classes().is_none() {
            let pairs = self.probabilities(logits).into_iter();
            return pairs.map(|pair| pair.into_array().to_vec()).collect();
        }
        let temperature = self.manifest.calibration.temperature;
        let patches = logits.chunks_exact(self.columns());
        let wide = |patch: &[f32]| patch.iter().map(|&logit| f64::from(logit)).collect();
        patches.map(|patch| lesson::softmax(wide(patch), temperature)).collect()
    }

    /// Folds what the network says of all voters into a report; a lesson judges in the place of the
    /// shipped head, if it has the same two classes, else beside it.
    ///
    /// # Errors
    /// [`Error::Internal`] if the plan is none of this classifier's, if there are not as many
    /// logits or features as it has voters, or if one is not finite.
    pub fn report(
        &self,
        plan: Plan,
        said: &Said,
        lesson: Option<&Lesson>,
        timings: Timings,
    ) -> Result<ImageReport> {
        if !plan.is_sound(self.manifest.input.patch_size) {
            return Err(Error::internal("the plan is not as it was made"));
        }
        self.fold(plan, said, lesson, timings)
    }

    /// As [`Classifier::report`], of a plan that was checked before.
    fn fold(
        &self,
        plan: Plan,
        said: &Said,
        lesson: Option<&Lesson>,
        timings: Timings,
    ) -> Result<ImageReport> {
        let voters = plan.voters.len();
        let judgement = self.judge(said.into(), voters, lesson, plan.options.uncertain_below)?;
        let counts = Counts::of(plan.patches.iter().map(|patch| patch.screen));
        let side = plan.grid.patch_size;
        let mut votes = plan.voters.iter().zip(&judgement.patches).peekable();
        let patches: Vec<PatchReport> = plan
            .patches
            .iter()
            .enumerate()
            .map(|(index, &PlannedPatch { x, y, screen })| PatchReport {
                x,
                y,
                width: side,
                height: side,
                screen,
                probabilities: votes.next_if(|(voter, _)| **voter == index).map(|(_, &p)| p),
            })
            .collect();
        let unseen = plan.scale.as_ref().and_then(|s| s.warning(self.manifest.um_per_pixel()));
        let found = [counts.explain(), unseen].into_iter().flatten().map(Note::from);
        let notes = plan.warnings.into_iter().chain(found);
        let (warnings, warning_causes) =
            notes.map(|Note { sentence, cause }| (sentence, cause)).unzip();
        Ok(ImageReport {
            schema_version: report::SCHEMA_VERSION,
            success: true,
            filename: plan.filename,
            prediction: judgement.prediction,
            prediction_idx: judgement.prediction.map(Class::index),
            confidence: judgement.confidence,
            probabilities: judgement.probabilities,
            num_patches: patches.len(),
            patch_breakdown: judgement.patch_breakdown,
            screen: counts,
            verdict: judgement.verdict,
            image: ImageSize { width: plan.width, height: plan.height },
            grid: GridSummary {
                columns: plan.grid.columns,
                rows: plan.grid.rows,
                stride: plan.grid.stride,
                total_patches: plan.grid.len(),
            },
            patches,
            model: self.model(),
            engine: self.engine_summary(),
            options: plan.options,
            timings_ms: timings,
            warnings,
            warning_causes,
            scale: plan.scale,
            sha256: Some(plan.sha256).filter(|digest| !digest.is_empty()),
            duplicate_of: None,
            familiarity: judgement.familiarity,
            familiarity_unknown: judgement.familiarity_unknown,
            taught: judgement.taught,
            slide: None,
        })
    }

    /// Averages the outcomes of several images, those of each patient apart. What comes from outside
    /// has to be checked before: [`report::outcomes_from_json`].
    pub fn folder_report<'a>(
        &self,
        outcomes: Vec<ImageOutcome>,
        votes: impl Into<Votes<'a>>,
    ) -> FolderReport {
        let Manifest { calibration, .. } = &self.manifest;
        let (model, engine) = (self.model(), self.engine_summary());
        FolderReport::new(outcomes, votes, calibration, model, engine)
    }

    /// As [`Self::folder_report`], of numbers alone. Each vote's probabilities are taken on trust.
    pub fn together<'a>(
        &self,
        votes: &[report::Vote],
        rule: impl Into<Votes<'a>>,
    ) -> report::Whole {
        let Manifest { calibration, .. } = &self.manifest;
        let (model, engine) = (self.model(), self.engine_summary());
        report::Whole::of(votes, rule, calibration, model, engine)
    }

    /// All stages for one image, one after the other.
    ///
    /// `clock` returns milliseconds from any fixed moment: this crate reads none. `progress` is
    /// told after each batch how many voters of how many are done.
    ///
    /// # Errors
    /// As [`Classifier::open`] and [`Classifier::infer`].
    pub fn classify(
        &self,
        bytes: &[u8],
        filename: &str,
        options: &Options,
        clock: &dyn Fn() -> f64,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<ImageReport> {
        self.classify_by(None, bytes, filename, options, clock, progress).map(|(report, _)| report)
    }

    /// As [`Classifier::classify`], judged by a lesson if there is one; and what the network said.
    ///
    /// # Errors
    /// As [`Classifier::classify`].
    pub fn classify_by(
        &self,
        lesson: Option<&Lesson>,
        bytes: &[u8],
        filename: &str,
        options: &Options,
        clock: &dyn Fn() -> f64,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(ImageReport, Said)> {
        let start = clock();
        let (micrograph, timings) = self.open(bytes, filename, options, clock)?;
        let opened = clock();
        let total = micrograph.plan.voters.len();
        let mut said = Said::default();
        for index in 0..micrograph.plan.batch_count() {
            let BatchOutput { logits, features, .. } = self.infer(&micrograph.batch(index))?;
            said.logits.extend(logits);
            said.features.extend(features);
            progress(said.logits.len() / self.columns(), total);
        }
        let inferred = clock();
        let timings = Timings { inference: inferred - opened, total: inferred - start, ..timings };
        let report = self.report(micrograph.plan, &said, lesson, timings)?;
        Ok((report, said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_batch_are_bounded() {
        check_batch(Options::MAX_BATCH_SIZE, 224).unwrap();
        check_batch(Options::default().batch_size, Manifest::MAX_PATCH_SIZE).unwrap();
        check_batch(21, 1024).unwrap();
        for (patches, side) in [(22, 1024), (256, 512), (u32::MAX, u32::MAX)] {
            let error = check_batch(patches, side).unwrap_err();
            assert_eq!(error.code(), "batch_too_large", "{patches} {side}");
        }
    }
}
