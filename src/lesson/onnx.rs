//! A model and a lesson as one ONNX file, which any runtime of that format runs.

use histoscope_engine::head::{Block, LinearHead, with_head};

use super::{Lesson, Written};
use crate::error::{Error, Result};
use crate::features::{Features, Statistic};
use crate::manifest::sha256_hex;

impl Lesson {
    /// The ONNX file of the model that was taught with this lesson as its head.
    ///
    /// It reads patches as the model does. Its outputs, both float `[N, classes]`, are "logits" and
    /// "probabilities", their softmax: those of [`Lesson::patches`] up to rounding. An image's are
    /// the mean over its patches that the screen lets vote. Its metadata name the classes, as JSON,
    /// and the lesson.
    ///
    /// # Errors
    /// [`Error::LessonOfOtherModel`] if `model` are not the bytes of the model that was taught;
    /// [`Error::ModelInvalid`] if no head can be put on it.
    pub fn onnx(&self, model: &[u8], features: &Features) -> Result<Vec<u8>> {
        let Written { weights, bias, temperature, classes, model: base, .. } = &self.written;
        let found = sha256_hex(model);
        if found != base.sha256 {
            let taught = format!("{} {}", base.name, base.version);
            return Err(Error::LessonOfOtherModel { taught, found: format!("SHA-256 {found}") });
        }
        let tensors = features.statistics.iter().flat_map(|statistic| {
            features.levels.iter().map(|level| Block {
                tensor: level.tensor.clone(),
                channels: level.channels,
                square: *statistic == Statistic::MeanSquare,
            })
        });
        let cooled = |values: &[f64]| values.iter().map(|value| value / temperature).collect();
        let classes = serde_json::to_string(classes).map_err(Error::internal)?;
        let summary = self.summary();
        let metadata = [
            ("classes", classes),
            ("lesson", summary.name.clone()),
            ("lesson_sha256", summary.sha256.clone()),
            ("model_sha256", base.sha256.clone()),
        ];
        let head = LinearHead {
            blocks: tensors.collect(),
            weights: weights.iter().map(|row| cooled(row)).collect(),
            bias: cooled(bias),
            metadata: metadata.map(|(name, value)| (format!("histoscope.{name}"), value)).into(),
        };
        Ok(with_head(model, &head)?)
    }
}
