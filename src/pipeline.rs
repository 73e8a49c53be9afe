//! The order of the stages: decode, choose patches, infer in batches, fold into a report.
//!
//! [`Classifier::classify`] runs them one after the other. A pool of workers calls the same stages
//! itself: [`Classifier::open`] in one worker, [`Classifier::infer`] for each batch in any, and
//! [`Classifier::report`] once all logits have come back.

use image::{RgbImage, RgbaImage, imageops};
use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Probabilities, softmax};
use crate::decode::{self, Decoded};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::grid::{Grid, Origin};
use crate::manifest::{Manifest, Variant};
use crate::options::Options;
use crate::report::{
    self, EngineSummary, FolderReport, GridSummary, ImageOutcome, ImageReport, ImageSize,
    ModelSummary, PatchReport, Timings,
};

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
    /// Corners of the patches in index order. Batch `i` holds the patches from
    /// `i * options.batch_size` on.
    pub patches: Vec<Origin>,
    pub warnings: Vec<String>,
}

impl Plan {
    /// Number of batches; the last one may be smaller.
    pub fn batch_count(&self) -> usize {
        self.patches.len().div_ceil(self.options.batch_size as usize)
    }
}

/// A decoded image with its plan, ready to hand out batches of patches.
#[derive(Debug)]
pub struct Micrograph {
    pixels: RgbImage,
    plan: Plan,
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
        let Plan { patches, options, grid, .. } = &self.plan;
        let batch = patches
            .chunks(options.batch_size as usize)
            .nth(index)
            .expect("the caller counts up to batch_count");
        let side = grid.patch_size as usize;
        let row_bytes = self.pixels.width() as usize * 3;
        let mut out = Vec::with_capacity(batch.len() * side * side * 3);
        for &Origin { x, y } in batch {
            let left = x as usize * 3;
            for row in self.pixels.as_raw().chunks_exact(row_bytes).skip(y as usize).take(side) {
                out.extend_from_slice(&row[left..left + side * 3]);
            }
        }
        out
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

/// What the model says of the patches of one batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchOutput {
    /// `[n, labels]`.
    pub logits: Vec<f32>,
    /// Class-activation map `[n, cam_height, cam_width, labels]`; its mean over height and width
    /// is the logits. Empty if the model has no such output.
    pub cam: Vec<f32>,
    pub cam_height: usize,
    pub cam_width: usize,
}

/// A model that is ready to classify images.
#[derive(Debug)]
pub struct Classifier {
    manifest: Manifest,
    variant: Variant,
    engine: Engine,
}

impl Classifier {
    /// Verifies `model` against the manifest, then parses and prepares it.
    ///
    /// # Errors
    /// [`Error::ModelHashMismatch`], [`Error::ModelInvalid`] or [`Error::ManifestInvalid`].
    pub fn new(model: &[u8], manifest: Manifest, variant: Variant) -> Result<Self> {
        manifest.file(variant)?.verify(model)?;
        let engine = Engine::load(model, manifest.input.patch_size, manifest.labels.len())?;
        Ok(Self { manifest, variant, engine })
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Identity of the model file in use, as it stands in reports.
    pub fn model(&self) -> ModelSummary {
        ModelSummary::new(&self.manifest, self.variant).expect("checked in new")
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Decodes an image and plans its patches.
    ///
    /// # Errors
    /// Errors of the image, the limits and the options.
    pub fn open(&self, bytes: &[u8], filename: &str, options: &Options) -> Result<Micrograph> {
        options.validate()?;
        let Decoded { pixels, warnings } = decode::decode(bytes)?;
        let (width, height) = pixels.dimensions();
        let patch_size = self.manifest.input.patch_size;
        let grid = Grid::new(width, height, patch_size, options.stride.unwrap_or(patch_size))?;
        let plan = Plan {
            filename: filename.into(),
            width,
            height,
            grid,
            patches: grid.sample(options.max_patches),
            options: options.clone(),
            warnings,
        };
        Ok(Micrograph { pixels, plan })
    }

    /// One forward pass over `uint8 [n, patch, patch, 3]` pixels.
    ///
    /// # Errors
    /// [`Error::Internal`] if the length is no multiple of a patch; [`Error::ModelInvalid`] if the
    /// model fails on the input that its manifest describes.
    pub fn infer(&self, pixels: &[u8]) -> Result<BatchOutput> {
        self.engine.infer(pixels)
    }

    /// Calibrated probabilities of each patch, for logits `[n, labels]`.
    pub fn probabilities(&self, logits: &[f32]) -> Vec<Probabilities> {
        let temperature = self.manifest.calibration.temperature;
        logits
            .chunks_exact(self.manifest.labels.len())
            .map(|patch| softmax(patch, temperature))
            .collect()
    }

    /// Folds the logits of all patches, `[patches, labels]` in index order, into a report.
    ///
    /// # Errors
    /// [`Error::Internal`] if there are not as many logits as the plan has patches.
    pub fn report(&self, plan: Plan, logits: &[f32], timings: Timings) -> Result<ImageReport> {
        let probabilities = self.probabilities(logits);
        if probabilities.len() != plan.patches.len() {
            return Err(Error::internal(format!(
                "{} logits for {} patches of {} labels",
                logits.len(),
                plan.patches.len(),
                self.manifest.labels.len()
            )));
        }
        let image = Aggregate::of(probabilities.iter().map(Vec::as_slice))
            .ok_or_else(|| Error::internal("a plan has at least one patch"))?;
        let manifest = &self.manifest;
        let side = plan.grid.patch_size;
        Ok(ImageReport {
            schema_version: report::SCHEMA_VERSION,
            success: true,
            filename: plan.filename,
            prediction: manifest.labels[image.prediction].clone(),
            prediction_idx: image.prediction,
            confidence: image.confidence,
            probabilities: report::probabilities_by_label(manifest, &image.probabilities),
            num_patches: plan.patches.len(),
            patch_breakdown: report::patch_breakdown(manifest, &image.counts),
            verdict: report::verdict(&image, manifest),
            image: ImageSize { width: plan.width, height: plan.height },
            grid: GridSummary {
                columns: plan.grid.columns,
                rows: plan.grid.rows,
                stride: plan.grid.stride,
                total_patches: plan.grid.len(),
            },
            patches: plan
                .patches
                .iter()
                .zip(&probabilities)
                .map(|(&Origin { x, y }, probabilities)| PatchReport {
                    x,
                    y,
                    width: side,
                    height: side,
                    probabilities: report::probabilities_by_label(manifest, probabilities),
                })
                .collect(),
            model: self.model(),
            engine: EngineSummary::current(),
            options: plan.options,
            timings_ms: timings,
            warnings: plan.warnings,
        })
    }

    /// Averages the outcomes of several images of one patient.
    pub fn folder_report(&self, outcomes: Vec<ImageOutcome>) -> FolderReport {
        FolderReport::new(outcomes, &self.manifest, self.model())
    }

    /// All stages for one image, one after the other.
    ///
    /// `clock` returns milliseconds from any fixed moment: this crate reads none. `progress` is
    /// told after each batch how many patches of how many are done.
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
        let micrograph = self.open(bytes, filename, options)?;
        let decoded = clock();
        let total = micrograph.plan.patches.len();
        let labels = self.manifest.labels.len();
        let mut logits = Vec::with_capacity(total * labels);
        for index in 0..micrograph.plan.batch_count() {
            logits.extend(self.infer(&micrograph.batch(index))?.logits);
            progress(logits.len() / labels, total);
        }
        let inferred = clock();
        let timings = Timings {
            decode: decoded - start,
            inference: inferred - decoded,
            total: inferred - start,
        };
        self.report(micrograph.plan, &logits, timings)
    }
}
