//! What a head, the model's own or a lesson's, makes of what the network said of an image's voters.

use serde::Serialize;

use super::{Classifier, Plan, PlannedPatch, Said, SlidePlan, SlideRegion};
use crate::aggregate::{Aggregate, Probabilities};
use crate::class::Class;
use crate::error::{Error, Result};
use crate::familiarity::{Familiar, Unknown};
use crate::features::{self, Features};
use crate::grid::Grid;
use crate::lesson::{Lesson, Map};
use crate::report::{
    GridSummary, ImageReport, ImageSize, PatchBreakdown, PatchReport, SlideSummary, Taught, Verdict,
};
use crate::screen;
use crate::warning::Note;

/// [`Said`], that somebody else holds.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// `[voters, columns]`, as of [`Classifier::columns`].
    pub logits: &'a [f32],
    /// `[voters, features]`; empty where they are not known.
    pub features: &'a [f32],
}

impl<'a> From<&'a Said> for Heard<'a> {
    fn from(Said { logits, features }: &'a Said) -> Self {
        Self { logits, features }
    }
}

/// What a head says of an image: those fields of its report that depend on the head.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Judgement {
    /// As in an [`ImageReport`], like all that follow.
    pub prediction: Option<Class>,
    /// [`Class::index`] of the prediction.
    pub prediction_idx: Option<usize>,
    /// The greater mean probability.
    pub confidence: Option<f64>,
    /// Mean over the voters.
    pub probabilities: Option<Probabilities>,
    /// What the voters say.
    pub patch_breakdown: PatchBreakdown,
    /// What it comes to.
    pub verdict: Verdict,
    /// How far the image is from what the head has learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub familiarity: Option<Familiar>,
    /// Why that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub familiarity_unknown: Option<Unknown>,
    /// What a lesson says, or a model by classes of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub taught: Option<Taught>,
    /// Of each voter; beside the JSON, as numbers. None of a model whose classes are its own.
    #[serde(skip)]
    pub patches: Vec<Probabilities>,
}

impl Classifier {
    /// What the model's own head says of an image with so many voters, or a lesson in its place, or
    /// beside it where its classes are others. Of a model whose classes are its own no benign or
    /// malignant is said. `uncertain_below` stands for the head's own threshold.
    ///
    /// # Errors
    /// [`Error::Internal`] if there are not as many logits or features as voters, if one is not
    /// finite, or if there is a lesson and no features.
    pub fn judge(
        &self,
        heard: Heard<'_>,
        voters: usize,
        lesson: Option<&Lesson>,
        uncertain_below: Option<f64>,
    ) -> Result<Judgement> {
        self.check_heard(heard, voters)?;
        let len = self.features().map_or(0, Features::len);
        if lesson.is_some() && heard.features.len() != voters * len {
            return Err(Error::internal("a lesson judges by features, and there are none"));
        }
        Ok(self.outcome(heard, voters, lesson, uncertain_below))
    }

    /// As [`Classifier::judge`], of what was checked before.
    pub(super) fn outcome(
        &self,
        Heard { logits, features }: Heard<'_>,
        voters: usize,
        lesson: Option<&Lesson>,
        uncertain_below: Option<f64>,
    ) -> Judgement {
        let len = self.features().map_or(0, Features::len);
        let mean = features::of_image(features, len);
        let by_lesson = lesson.map(|lesson| Taught::of(lesson, features, &mean, uncertain_below));
        let in_place = lesson.zip(by_lesson.as_ref()).filter(|(lesson, _)| lesson.is_in_place());
        let patches = match in_place {
            Some((_, taught)) => taught.voters.iter().map(|p| [p[0], p[1]].into()).collect(),
            None if self.manifest.own_classes().is_some() => vec![],
            None => self.probabilities(logits),
        };
        let image = Aggregate::of(&patches);
        let familiarity = if voters == 0 {
            Err(Unknown::NoVoters)
        } else if let Some((_, taught)) = in_place {
            taught.familiarity.ok_or(Unknown::NoStatistics)
        } else if features.is_empty() && len > 0 {
            Err(Unknown::NoFeatures)
        } else {
            self.familiar(&mean, voters)
        };
        let usual = match in_place {
            Some((lesson, _)) => lesson.uncertain_below(),
            None => self.manifest.calibration.uncertain_below,
        };
        let threshold = uncertain_below.or(usual);
        let familiar = familiarity.as_ref().ok().copied();
        let verdict = match Verdict::of(image.as_ref(), familiar.as_ref(), threshold) {
            // Voters, and none of them for benign or malignant.
            Verdict::NotAssessable if voters > 0 => {
                let strange = familiar.is_some_and(|familiar| !familiar.familiar);
                if strange { Verdict::Unfamiliar } else { Verdict::Uncertain }
            }
            verdict => verdict,
        };
        let taught = by_lesson.or_else(|| {
            let classes = self.manifest.own_classes()?;
            let patches = self.shares(logits);
            Some(Taught::by_model(classes, patches, familiar, threshold))
        });
        Judgement {
            prediction: image.map(|image| image.prediction),
            prediction_idx: image.map(|image| image.prediction.index()),
            confidence: image.map(|image| image.confidence),
            probabilities: image.map(|image| image.probabilities),
            patch_breakdown: image
                .map_or_else(PatchBreakdown::default, |image| image.counts.into()),
            verdict,
            familiarity: familiarity.ok(),
            familiarity_unknown: familiarity.err(),
            taught,
            patches,
        }
    }

    /// Whether there is a finite number where one has to be, for so many voters.
    pub(super) fn check_heard(&self, heard: Heard<'_>, voters: usize) -> Result<()> {
        let Heard { logits, features } = heard;
        if logits.len() != self.columns() * voters {
            let logits = logits.len();
            return Err(Error::internal(format!("{logits} logits for {voters} voters")));
        }
        let expected = voters * self.features().map_or(0, Features::len);
        // A caller may keep none; then nothing is known but what the model's own head says.
        if !features.is_empty() && features.len() != expected {
            let features = features.len();
            return Err(Error::internal(format!("{features} features where {expected} must be")));
        }
        for (what, values) in [("logit", logits), ("feature", features)] {
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return Err(Error::internal(format!("a {what} is {value}")));
            }
        }
        Ok(())
    }

    /// What an image with these mean features of so many voters is to the model.
    fn familiar(&self, features: &[f64], voters: usize) -> Result<Familiar, Unknown> {
        match (&self.familiarity, &self.manifest.familiarity) {
            (Some(familiarity), _) => Ok(familiarity.of(features, voters)),
            (None, Some(_)) if self.features().is_none() => Err(Unknown::NoFeatures),
            (None, _) => Err(Unknown::NoStatistics),
        }
    }

    /// What a lesson says of places within patches, `uint8 [n, patch, patch, 3]` pixels, RGB: runs
    /// the network over them, and its levels through the lesson.
    ///
    /// # Errors
    /// As [`Classifier::infer`].
    pub fn lesson_map(&self, pixels: &[u8], lesson: &Lesson) -> Result<Map> {
        let features = self.features().ok_or(Error::NoFeatures)?;
        let mut map = lesson.map(self.model.taps(), features);
        self.model.see(pixels, &mut |patch, level, bytes| map.see(patch, level, bytes))?;
        Ok(map.finish())
    }

    /// The report that a lesson, or none, makes of an image that was judged before: nothing runs
    /// again. `said` is what the network said then; a report that comes from outside has to be
    /// checked before ([`report::outcomes_from_json`]).
    ///
    /// # Errors
    /// [`Error::Internal`] if `said` does not belong to the report, or that has no patches.
    pub fn judge_anew(
        &self,
        report: ImageReport,
        said: &Said,
        lesson: Option<&Lesson>,
    ) -> Result<ImageReport> {
        let ImageSize { width, height } = report.image;
        let GridSummary { stride, .. } = report.grid;
        let patches: Vec<PlannedPatch> = report
            .patches
            .iter()
            .map(|&PatchReport { x, y, screen, .. }| PlannedPatch { x, y, screen })
            .collect();
        let voters = screen::voters(patches.iter().map(|patch| patch.screen));
        // These follow from what is known, and the report will say them anew.
        let unseen = report.scale.as_ref().and_then(|s| s.warning(self.manifest.um_per_pixel()));
        let follow = [report.screen.explain(), unseen].map(|warning| warning.map(Note::from));
        let said_again =
            |note: &Note| follow.iter().flatten().any(|other| other.sentence == note.sentence);
        let mut warnings = Note::of_report(report.warnings, report.warning_causes);
        warnings.retain(|note| !said_again(note));
        if let Some(SlideSummary { source, regions, strokes }) = report.slide {
            let regions = regions.into_iter().map(SlideRegion::from).collect();
            let plan = SlidePlan {
                filename: report.filename,
                identity: report.sha256.unwrap_or_default(),
                width,
                height,
                um_per_pixel: report.scale.map_or(0.0, |scale| scale.um_per_pixel),
                options: report.options,
                patches,
                slide: source,
                regions,
                strokes,
                warnings,
            };
            return self.slide_report(plan, said, lesson, report.timings_ms);
        }
        let plan = Plan {
            filename: report.filename,
            sha256: report.sha256.unwrap_or_default(),
            width,
            height,
            grid: Grid::new(width, height, self.manifest.input.patch_size, stride)?,
            options: report.options,
            patches,
            voters,
            warnings,
            scale: report.scale,
        };
        self.report(plan, said, lesson, report.timings_ms)
    }
}
