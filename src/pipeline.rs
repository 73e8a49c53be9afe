//! The order of the stages: decode, choose patches, screen them, infer in batches, fold into a report.
//!
//! [`Classifier::classify`] runs them one after the other. A pool of workers calls the same stages
//! itself: [`Classifier::open`] in one worker, [`Classifier::infer`] for each batch in any, and
//! [`Classifier::report`] once all logits have come back.

use image::{RgbImage, RgbaImage, imageops};
use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Probabilities, softmax};
use crate::decode::{self, Decoded};
use crate::error::{Error, Result};
use crate::grid::{Grid, Origin};
use crate::manifest::{Manifest, Variant};
use crate::model::{BatchOutput, Model};
use crate::options::Options;
use crate::report::{
    self, EngineSummary, FolderReport, GridSummary, ImageOutcome, ImageReport, ImageSize,
    ModelSummary, PatchReport, Timings,
};
use crate::screen::{self, Counts, Screen};

/// A patch of the sample, and whether it can be assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPatch {
    /// Top left corner in the image, in pixels.
    pub x: u32,
    pub y: u32,
    pub screen: Screen,
}

/// What will be classified of one image; everything of a report that is known before inference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub filename: String,
    /// Of the upright image, in pixels.
    pub width: u32,
    /// Of the upright image, in pixels.
    pub height: u32,
    pub grid: Grid,
    pub options: Options,
    /// The sampled patches, row-major from the top left.
    pub patches: Vec<PlannedPatch>,
    /// Indices of the patches that are classified, ascending; none if the image is not assessable.
    /// Batch `i` holds those from `i * options.batch_size` on.
    pub voters: Vec<usize>,
    /// What decoding has to say; [`Classifier::report`] adds what the screen found.
    pub warnings: Vec<String>,
}

impl Plan {
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
    decode_ms: f64,
    screen_ms: f64,
}

impl Micrograph {
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Pixels of the patches of batch `index`: `uint8 [n, patch, patch, 3]`, RGB, row-major.
    ///
    /// # Panics
    /// If `index` is not below [`Plan::batch_count`].
    pub fn batch(&self, index: usize) -> Vec<u8> {
        let Plan { patches, voters, options, grid, .. } = &self.plan;
        let batch = voters
            .chunks(options.batch_size as usize)
            .nth(index)
            .expect("the caller counts up to batch_count");
        let side = grid.patch_size as usize;
        let mut out = Vec::with_capacity(batch.len() * side * side * 3);
        for &voter in batch {
            let PlannedPatch { x, y, .. } = patches[voter];
            cut(&self.pixels, Origin { x, y }, side, &mut out);
        }
        out
    }

    /// Milliseconds from the file's bytes to pixels.
    pub fn decode_ms(&self) -> f64 {
        self.decode_ms
    }

    /// Milliseconds that the screen took for all sampled patches.
    pub fn screen_ms(&self) -> f64 {
        self.screen_ms
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

/// Appends the RGB bytes of one patch.
fn cut(pixels: &RgbImage, Origin { x, y }: Origin, side: usize, out: &mut Vec<u8>) {
    let row_bytes = pixels.width() as usize * 3;
    let left = x as usize * 3;
    for row in pixels.as_raw().chunks_exact(row_bytes).skip(y as usize).take(side) {
        out.extend_from_slice(&row[left..left + side * 3]);
    }
}

/// A model that is ready to classify images.
#[derive(Debug)]
pub struct Classifier {
    manifest: Manifest,
    variant: Variant,
    model: Model,
}

impl Classifier {
    /// Verifies `model` against the manifest, then parses and prepares it.
    ///
    /// # Errors
    /// [`Error::ModelHashMismatch`], [`Error::ModelInvalid`] or [`Error::ManifestInvalid`].
    pub fn new(model: &[u8], manifest: Manifest, variant: Variant) -> Result<Self> {
        manifest.file(variant)?.verify(model)?;
        let model = Model::load(model, &manifest.input, &manifest.outputs)?;
        Ok(Self { manifest, variant, model })
    }

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

    /// How many layers there are, fused or not.
    pub fn layer_count(&self) -> usize {
        self.model.layers().len()
    }

    /// Decodes an image, plans its patches and screens them.
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
    ) -> Result<Micrograph> {
        options.validate()?;
        let start = clock();
        let Decoded { pixels, warnings } = decode::decode(bytes)?;
        let decoded = clock();
        let (width, height) = pixels.dimensions();
        let patch_size = self.manifest.input.patch_size;
        let grid = Grid::new(width, height, patch_size, options.stride.unwrap_or(patch_size))?;
        let side = patch_size as usize;
        let mut patch = Vec::with_capacity(side * side * 3);
        let patches: Vec<PlannedPatch> = grid
            .sample(options.max_patches)
            .into_iter()
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
        let plan = Plan {
            filename: filename.into(),
            width,
            height,
            grid,
            patches,
            voters,
            options: options.clone(),
            warnings,
        };
        Ok(Micrograph { pixels, plan, decode_ms: decoded - start, screen_ms: clock() - decoded })
    }

    /// One forward pass over `uint8 [n, patch, patch, 3]` pixels; logits and map have the order of
    /// [`crate::manifest::CLASSES`].
    ///
    /// # Errors
    /// [`Error::Internal`] if the length is no multiple of a patch; [`Error::ModelInvalid`] if the
    /// model fails on the input that its manifest describes.
    pub fn infer(&self, pixels: &[u8]) -> Result<BatchOutput> {
        let mut output = self.model.infer(pixels)?;
        if self.manifest.malignant_first {
            for pair in output.logits.chunks_exact_mut(2).chain(output.cam.chunks_exact_mut(2)) {
                pair.reverse();
            }
        }
        Ok(output)
    }

    /// Calibrated probabilities of each patch, for logits `[n, labels]`.
    pub fn probabilities(&self, logits: &[f32]) -> Vec<Probabilities> {
        let temperature = self.manifest.calibration.temperature;
        logits
            .chunks_exact(self.manifest.labels.len())
            .map(|patch| softmax(patch, temperature))
            .collect()
    }

    /// Folds the logits of all voters, `[voters, labels]` in index order, into a report.
    ///
    /// # Errors
    /// [`Error::Internal`] if there are not as many logits as the plan has voters.
    pub fn report(&self, plan: Plan, logits: &[f32], timings: Timings) -> Result<ImageReport> {
        let manifest = &self.manifest;
        let probabilities = self.probabilities(logits);
        if logits.len() != plan.voters.len() * manifest.labels.len() {
            return Err(Error::internal(format!(
                "{} logits for {} voters of {} labels",
                logits.len(),
                plan.voters.len(),
                manifest.labels.len()
            )));
        }
        let image = Aggregate::of(probabilities.iter().map(Vec::as_slice));
        let counts = Counts::of(plan.patches.iter().map(|patch| patch.screen));
        let side = plan.grid.patch_size;
        let mut patches: Vec<PatchReport> = plan
            .patches
            .iter()
            .map(|&PlannedPatch { x, y, screen }| PatchReport {
                x,
                y,
                width: side,
                height: side,
                screen,
                probabilities: None,
            })
            .collect();
        for (&voter, probabilities) in plan.voters.iter().zip(&probabilities) {
            let patch = patches
                .get_mut(voter)
                .ok_or_else(|| Error::internal(format!("no patch {voter} in the plan")))?;
            patch.probabilities = Some(report::probabilities_by_label(manifest, probabilities));
        }
        let mut warnings = plan.warnings;
        warnings.extend(counts.explain());
        Ok(ImageReport {
            schema_version: report::SCHEMA_VERSION,
            success: true,
            filename: plan.filename,
            prediction: image.as_ref().map(|image| manifest.labels[image.prediction].clone()),
            prediction_idx: image.as_ref().map(|image| image.prediction),
            confidence: image.as_ref().map(|image| image.confidence),
            probabilities: image
                .as_ref()
                .map(|image| report::probabilities_by_label(manifest, &image.probabilities)),
            num_patches: patches.len(),
            patch_breakdown: report::patch_breakdown(manifest, image.as_ref()),
            screen: counts,
            verdict: report::verdict(image.as_ref(), manifest, plan.options.uncertain_below),
            image: ImageSize { width: plan.width, height: plan.height },
            grid: GridSummary {
                columns: plan.grid.columns,
                rows: plan.grid.rows,
                stride: plan.grid.stride,
                total_patches: plan.grid.len(),
            },
            patches,
            model: self.model(),
            engine: EngineSummary::current(),
            options: plan.options,
            timings_ms: timings,
            warnings,
        })
    }

    /// Averages the outcomes of several images of one patient.
    pub fn folder_report(&self, outcomes: Vec<ImageOutcome>) -> FolderReport {
        FolderReport::new(outcomes, &self.manifest, self.model())
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
        let start = clock();
        let micrograph = self.open(bytes, filename, options, clock)?;
        let opened = clock();
        let total = micrograph.plan.voters.len();
        let labels = self.manifest.labels.len();
        let mut logits = Vec::with_capacity(total * labels);
        for index in 0..micrograph.plan.batch_count() {
            logits.extend(self.infer(&micrograph.batch(index))?.logits);
            progress(logits.len() / labels, total);
        }
        let inferred = clock();
        let timings = Timings {
            decode: micrograph.decode_ms,
            screen: micrograph.screen_ms,
            inference: inferred - opened,
            total: inferred - start,
        };
        self.report(micrograph.plan, &logits, timings)
    }
}
