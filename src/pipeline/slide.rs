//! Slides: patches that somebody else cut from a scan are screened, and what the network says of them becomes a report.
//!
//! A scan is never decoded as a whole, so its patches come without an image around them. Which they
//! are, and where, is the plan of whoever reads the scan.

use serde::{Deserialize, Serialize};

use super::{Classifier, Grid, Outcome, Plan, PlannedPatch, Said};
use crate::error::{Error, Result};
use crate::features::Features;
use crate::grid::MAX_PATCHES;
use crate::lesson::Lesson;
use crate::options::Options;
use crate::report::{ImageReport, RegionReport, SlideSource, SlideSummary, Timings};
use crate::scale::{Scale, Source};
use crate::screen::{self, Screen};

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
    /// What the caller has set; of these a slide has no stride, for its patches touch.
    pub options: Options,
    /// Row-major from the top left, on a grid of their own size.
    pub patches: Vec<PlannedPatch>,
    /// The scan.
    pub slide: SlideSource,
    /// What a person outlined; none where all tissue counts.
    pub regions: Vec<SlideRegion>,
    /// What reading has to say.
    pub warnings: Vec<String>,
}

impl SlidePlan {
    /// Whether this is a plan that a reader of slides makes: one that went through a page is not
    /// taken on trust.
    fn is_sound(&self, patch_size: u32) -> bool {
        let Self { width, height, patches, slide, regions, .. } = self;
        let place = |patch: &PlannedPatch| (patch.y, patch.x);
        let on_grid = |patch: &PlannedPatch| {
            patch.x.is_multiple_of(patch_size)
                && patch.y.is_multiple_of(patch_size)
                && patch.x.checked_add(patch_size).is_some_and(|end| end <= *width)
                && patch.y.checked_add(patch_size).is_some_and(|end| end <= *height)
        };
        self.options.validate().is_ok()
            && (1..=MAX_PATCHES).contains(&patches.len())
            && patches.iter().all(on_grid)
            && patches.is_sorted_by(|a, b| place(a) < place(b))
            && slide.downsample.is_finite()
            && slide.downsample > 0.0
            && regions.iter().all(|region| {
                region.patches.is_sorted_by(|a, b| a < b)
                    && region.patches.last().is_none_or(|&last| last < patches.len())
            })
    }
}

impl Classifier {
    /// What the screen finds of each patch in `uint8 [n, patch, patch, 3]` pixels.
    ///
    /// # Errors
    /// [`Error::Internal`] if the length is no multiple of a patch.
    pub fn screen(&self, pixels: &[u8]) -> Result<Vec<Screen>> {
        let side = self.manifest.input.patch_size as usize;
        let patches = pixels.chunks_exact(side * side * 3);
        if !patches.remainder().is_empty() {
            return Err(Error::internal(format!("{} bytes are no patches", pixels.len())));
        }
        Ok(patches.map(|patch| Screen::of(patch, side)).collect())
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
        self.check_said(said, may_vote)?;
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
        let summary = SlideSummary { source: plan.slide, regions };
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
        let mut own = Said::default();
        let voters = screen::voters(screens);
        for &place in &voters {
            let row = rows[region.patches[place]].expect("a voter may vote");
            own.logits.extend_from_slice(&said.logits[2 * row..2 * (row + 1)]);
            own.features.extend_from_slice(&said.features[len * row..len * (row + 1)]);
        }
        let Outcome { image, familiarity, verdict, .. } =
            self.outcome(&own, voters.len(), lesson, plan.options.uncertain_below);
        RegionReport {
            name: region.name.clone(),
            patches: region.patches.clone(),
            voters: voters.len(),
            probabilities: image.map(|image| image.probabilities),
            verdict,
            familiarity: familiarity.ok(),
        }
    }
}
