//! From logits to probabilities, from patches to an image, from images to a patient's folder.
//!
//! Sums run in index order in f64 with an `exp` that is the same on every platform: from the same
//! logits come the same bits, whatever the machine, the number of workers or the order in which they
//! finish. Whether the logits are the same is the engine's matter ([`crate::report::Arithmetic`]).

use crate::class::{ByClass, Class};

/// Class probabilities; they sum to 1 within rounding.
pub type Probabilities = ByClass<f64>;

/// `softmax(logits / temperature)`, shifted by the greater logit so that nothing overflows.
pub fn softmax(logits: ByClass<f32>, temperature: f64) -> Probabilities {
    let greater = logits.benign.max(logits.malignant);
    let values =
        logits.map(|logit| libm::exp((f64::from(logit) - f64::from(greater)) / temperature));
    let sum = values.benign + values.malignant;
    values.map(|value| value / sum)
}

/// What a set of patches says of its image, or a set of images of their patient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aggregate {
    /// Mean over the members.
    pub probabilities: Probabilities,
    /// The class with the greater mean.
    pub prediction: Class,
    /// The greater mean.
    pub confidence: f64,
    /// How many members have each class as their own greater one.
    pub counts: ByClass<u32>,
}

impl Aggregate {
    /// Averages `members` in their order; `None` if there are none.
    pub fn of<'a>(members: impl IntoIterator<Item = &'a Probabilities>) -> Option<Self> {
        let mut sums = Probabilities::default();
        let mut counts = ByClass::<u32>::default();
        for member in members {
            sums.benign += member.benign;
            sums.malignant += member.malignant;
            *counts.of_mut(member.greatest()) += 1;
        }
        let total = counts.benign + counts.malignant;
        if total == 0 {
            return None;
        }
        let probabilities = sums.map(|sum| sum / f64::from(total));
        let prediction = probabilities.greatest();
        let confidence = *probabilities.of(prediction);
        Some(Self { probabilities, prediction, confidence, counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_matches_values_worked_out_by_hand() {
        let p = softmax([0.0, 0.0].into(), 1.0);
        assert_eq!(p, [0.5, 0.5].into());
        // e / (1 + e)
        let p = softmax([0.0, 1.0].into(), 1.0);
        assert!((p.malignant - 0.731_058_578_630_004_9).abs() < 1e-15);
        // A temperature of 2 halves the logits.
        assert_eq!(softmax([0.0, 2.0].into(), 2.0), p);
    }

    #[test]
    fn softmax_survives_extreme_logits() {
        assert_eq!(softmax([1e30, -1e30].into(), 1.0), [1.0, 0.0].into());
        assert_eq!(softmax([-1e30, -1e30].into(), 1.0), [0.5, 0.5].into());
    }

    #[test]
    fn the_mean_decides_and_not_the_majority() {
        let patches = [[0.55, 0.45], [0.55, 0.45], [0.05, 0.95]].map(Probabilities::from);
        let image = Aggregate::of(&patches).unwrap();
        assert_eq!(image.prediction, Class::Malignant);
        assert_eq!(image.counts, [2, 1].into());
        assert!((image.confidence - (0.45 + 0.45 + 0.95) / 3.0).abs() < 1e-15);
    }

    #[test]
    fn nothing_has_no_mean() {
        assert_eq!(Aggregate::of([]), None);
    }
}
