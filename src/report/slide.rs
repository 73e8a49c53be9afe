//! What a report says of a slide besides what it says of every image.

use serde::{Deserialize, Serialize};

use super::{TaughtRegion, Verdict, bounded};
use crate::aggregate::Probabilities;
use crate::familiarity::Familiar;
use crate::grid::MAX_PATCHES;

/// The scan that patches were cut from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct SlideSource {
    /// As its reader calls it, such as "Aperio SVS".
    pub format: String,
    /// Of its finest level, in pixels.
    pub width: u32,
    /// Of its finest level, in pixels.
    pub height: u32,
    /// Pixels of the finest level along one of the patches' scale; places of patches times this are
    /// places in the file.
    pub downsample: f64,
    /// How many patches there were before the most that were wanted.
    pub candidates: usize,
}

/// What patches in one outline say together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct RegionReport {
    /// As a person calls it.
    pub name: String,
    /// Which of the report's patches lie in it, ascending.
    #[serde(deserialize_with = "bounded::list::<_, _, MAX_PATCHES>")]
    pub patches: Vec<usize>,
    /// How many of them voted.
    pub voters: usize,
    /// Mean over those that voted; `None` where too few can be assessed.
    pub probabilities: Option<Probabilities>,
    /// What it comes to.
    pub verdict: Verdict,
    /// How far it is from what the model, or the lesson that judged, has learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub familiarity: Option<Familiar>,
    /// What a head of other classes says, as of the image; reports of earlier versions do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub taught: Option<TaughtRegion>,
}

/// A stroke of a round brush with which a person corrected the tissue that was found, in pixels of
/// the finest level. The patches come from what was found with the strokes over it, one by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Stroke {
    /// Whether it makes tissue; else glass.
    pub adds: bool,
    /// Of the brush.
    pub radius: f64,
    /// Where it went, in straight lines; one point is a dab.
    pub points: Vec<[f64; 2]>,
}

impl Stroke {
    /// Whether it is one that a brush makes.
    pub(crate) fn is_sound(&self) -> bool {
        let is_finite = |point: &[f64; 2]| point.iter().all(|at| at.is_finite());
        self.radius > 0.0 && self.radius.is_finite() && self.points.iter().all(is_finite)
    }
}

/// A slide, and what was outlined on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct SlideSummary {
    /// What it is.
    pub source: SlideSource,
    /// In the order in which they were outlined; empty where all tissue counts.
    pub regions: Vec<RegionReport>,
    /// What a person corrected of the tissue that was found; empty where nothing was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<Stroke>>", optional))]
    pub strokes: Vec<Stroke>,
}
