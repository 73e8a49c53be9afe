//! Slides: patches that somebody else cut from a scan are screened, and what the network says of them becomes a report.
//!
//! A scan is never decoded as a whole, so its patches come without an image around them. Which they
//! are, and where, is the plan of whoever reads the scan.

use serde::{Deserialize, Serialize};

use super::{Classifier, Grid, Judgement, Plan, PlannedPatch, Said};
use crate::error::{Error, Result};
use crate::features::Features;
use crate::grid::MAX_PATCHES;
use crate::lesson::Lesson;
use crate::model::BatchOutput;
use crate::options::Options;
use crate::report::{
    ImageReport, RegionReport, SlideSource, SlideSummary, Stroke, Taught, TaughtRegion, Timings,
};
use crate::scale::{Scale, Source};
use crate::screen::{self, Screen};
use crate::warning::Note;

/// How far the scale of the patches may be from the one that was set: steps between their pixels are rounded.
const SCALE_SLACK: f64 = 2e-3;

/// Patches that lie in one outline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlideRegion {
    /// As a person calls it.
    pub name: String,
    /// Indices of [`SlidePlan::patches`], ascending.
    pub patches: Vec<usize>,
}

impl From<RegionReport> for SlideRegion {
    fn from(RegionReport { name, patches, .. }: RegionReport) -> Self {
        Self { name, patches }
    }
}

/// What was looked at of a slide; everything of its report but what the network says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlidePlan {
    /// As the caller calls the slide.
    pub filename: String,
    /// A SHA-256 that tells it from others, lower-case hexadecimal: of pieces of it, for slides are
    /// too large to be read as a whole.
    pub identity: String,
    /// Of the slide at the scale of the patches, in pixels.
    pub width: u32,
    /// Of the slide at the scale of the patches, in pixels.
    pub height: u32,
    /// Of the patches.
    pub um_per_pixel: f64,
    /// What the caller has set; of these a slide has no stride, for its patches touch, and its
    /// `um_per_pixel` is that of the finest level.
    pub options: Options,
    /// Row-major from the top left, on a grid of their own size.
    pub patches: Vec<PlannedPatch>,
    /// The scan.
    pub slide: SlideSource,
    /// What a person outlined; none where all tissue counts.
    pub regions: Vec<SlideRegion>,
    /// What a person corrected of the tissue that was found.
    #[serde(default)]
    pub strokes: Vec<Stroke>,
    /// What reading has to say.
    pub warnings: Vec<Note>,
}

impl SlidePlan {
    /// Whether this is a plan that a reader of slides makes: one that went through a page is not
    /// taken on trust.
    fn is_sound(&self, patch_size: u32) -> bool {
        let Self { width, height, um_per_pixel, options, patches, slide, regions, strokes, .. } =
            self;
        let place = |patch: &PlannedPatch| (patch.y, patch.x);
        let on_grid = |patch: &PlannedPatch| {
            patch.x.is_multiple_of(patch_size)
                && patch.y.is_multiple_of(patch_size)
                && patch.x.checked_add(patch_size).is_some_and(|end| end <= *width)
                && patch.y.checked_add(patch_size).is_some_and(|end| end <= *height)
        };
        // The finest level's, whichever program set it, and never that of the patches.
        let as_set = |set: f64| (set * slide.downsample / um_per_pixel - 1.0).abs() < SCALE_SLACK;
        options.validate().is_ok()
            && options.um_per_pixel.is_none_or(as_set)
            && (1..=MAX_PATCHES).contains(&patches.len())
            && patches.iter().all(on_grid)
            && patches.is_sorted_by(|a, b| place(a) < place(b))
            && slide.downsample.is_finite()
            && slide.downsample > 0.0
            && strokes.iter().all(Stroke::is_sound)
            && regions.iter().all(|region| {
                region.patches.is_sorted_by(|a, b| a < b)
                    && region.patches.last().is_none_or(|&last| last < patches.len())
            })
    }
}

/// What was found on patches that somebody else cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// Of every patch.
    pub screens: Vec<Screen>,
    /// What the network says of those that may vote, in their order; `None` where none may.
    pub output: Option<BatchOutput>,
}

impl Classifier {
    /// Screens patches, `uint8 [n, patch, patch, 3]`, and runs the network over those that may vote;
    /// without `screen` over all.
    ///
    /// # Errors
    /// [`Error::Internal`] if the length is no multiple of a patch, and as [`Classifier::infer`].
    pub fn look_at(&self, mut pixels: Vec<u8>, screen: bool) -> Result<Looked> {
        let side = self.manifest.input.patch_size as usize;
        let bytes = side * side * 3;
        if !pixels.len().is_multiple_of(bytes) {
            return Err(Error::internal(format!("{} bytes are no patches", pixels.len())));
        }
        let of = |patch| if screen { Screen::of(patch, side) } else { Screen::Unchecked };
        let screens: Vec<Screen> = pixels.chunks_exact(bytes).map(of).collect();
        // What may vote moves up, over what may not.
        let mut voters = 0;
        for (patch, _) in screens.iter().enumerate().filter(|(_, screen)| screen.may_vote()) {
            pixels.copy_within(patch * bytes..(patch + 1) * bytes, voters * bytes);
            voters += 1;
        }
        pixels.truncate(voters * bytes);
        let output = if voters > 0 { Some(self.infer(&pixels)?) } else { None };
        Ok(Looked { screens, output })
    }

    /// Folds what the network says of a slide's patches into a report, of the whole and of each
    /// region.
    ///
    /// `said` is of all patches that may vote, in the order of the plan; where too few of them may,
    /// it is dropped.
    ///
    /// # Errors
    /// [`Error::Internal`] if the plan contradicts
    /// itself or `said` does not belong to it.
    pub fn slide_report(
        &self,
        plan: SlidePlan,
        said: &Said,
        lesson: Option<&Lesson>,
        timings: Timings,
    ) -> Result<ImageReport> {
        let side = self.manifest.input.patch_size;
        if !plan.is_sound(side) {
            return Err(Error::internal("the plan of the slide is not as it was made"));
        }
        let screens = || plan.patches.iter().map(|patch| patch.screen);
        let may_vote = screens().filter(|screen| screen.may_vote()).count();
        self.check_heard(said.into(), may_vote)?;
        let regions = plan
            .regions
            .iter()
            .map(|region| self.region_report(region, &plan, said, lesson))
            .collect();
        let voters = screen::voters(screens());
        let none = Said::default();
        let said = if voters.is_empty() { &none } else { said };
        let source =
            if plan.options.um_per_pixel.is_some() { Source::Set } else { Source::Resolution };
        let summary = SlideSummary { source: plan.slide, regions, strokes: plan.strokes };
        let plan = Plan {
            filename: plan.filename,
            sha256: plan.identity,
            width: plan.width,
            height: plan.height,
            grid: Grid::new(plan.width, plan.height, side, side)?,
            options: Options { stride: None, ..plan.options },
            patches: plan.patches,
            voters,
            scale: Scale::new(plan.um_per_pixel, source),
            warnings: plan.warnings,
        };
        let report = self.fold(plan, said, lesson, timings)?;
        Ok(ImageReport { slide: Some(summary), ..report })
    }

    /// What the patches in an outline come to, by the rules that hold for an image.
    fn region_report(
        &self,
        region: &SlideRegion,
        plan: &SlidePlan,
        said: &Said,
        lesson: Option<&Lesson>,
    ) -> RegionReport {
        let len =
            if said.features.is_empty() { 0 } else { self.features().map_or(0, Features::len) };
        // For each patch that may vote, its row in `said`.
        let mut row = 0;
        let rows: Vec<Option<usize>> = plan
            .patches
            .iter()
            .map(|patch| {
                let own = patch.screen.may_vote().then_some(row);
                row += usize::from(own.is_some());
                own
            })
            .collect();
        let screens = region.patches.iter().map(|&patch| plan.patches[patch].screen);
        let columns = self.columns();
        let mut own = Said::default();
        let voters = screen::voters(screens);
        for &place in &voters {
            let row = rows[region.patches[place]].expect("a voter may vote");
            own.logits.extend_from_slice(&said.logits[columns * row..columns * (row + 1)]);
            own.features.extend_from_slice(&said.features[len * row..len * (row + 1)]);
        }
        let Judgement { probabilities, familiarity, verdict, taught, .. } =
            self.outcome((&own).into(), voters.len(), lesson, plan.options.uncertain_below);
        RegionReport {
            name: region.name.clone(),
            patches: region.patches.clone(),
            voters: voters.len(),
            probabilities,
            verdict,
            familiarity,
            // One of benign and malignant speaks in the fields above.
            taught: taught.filter(|taught: &Taught| !taught.is_in_place()).map(TaughtRegion::from),
        }
    }
}
