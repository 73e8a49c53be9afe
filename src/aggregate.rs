//! From logits to probabilities, from patches to an image, from images to a patient's folder.
//!
//! Sums run in index order in f64 with an `exp` that is the same on every platform, so that a
//! report does not depend on the machine, the number of workers or the order in which they finish.

/// Class probabilities in label order; they sum to 1 within rounding.
pub type Probabilities = Vec<f64>;

/// `softmax(logits / temperature)`, shifted by the greatest logit so that nothing overflows.
pub fn softmax(logits: &[f32], temperature: f64) -> Probabilities {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut values: Vec<f64> = logits
        .iter()
        .map(|&logit| libm::exp((f64::from(logit) - f64::from(greatest)) / temperature))
        .collect();
    let sum: f64 = values.iter().sum();
    for value in &mut values {
        *value /= sum;
    }
    values
}

/// Index of the greatest value; the first of equals, as numpy and PyTorch do.
pub fn argmax(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}

/// What a set of patches says of its image, or a set of images of their patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Mean over the members, in label order.
    pub probabilities: Probabilities,
    /// Index of the label with the greatest mean.
    pub prediction: usize,
    /// The greatest mean.
    pub confidence: f64,
    /// How many members have each label as their own greatest.
    pub counts: Vec<u32>,
}

impl Aggregate {
    /// Averages `members` in their order; `None` if there are none.
    pub fn of<'a>(members: impl IntoIterator<Item = &'a [f64]>) -> Option<Self> {
        let mut sums: Vec<f64> = Vec::new();
        let mut counts: Vec<u32> = Vec::new();
        for member in members {
            sums.resize(member.len(), 0.0);
            counts.resize(member.len(), 0);
            for (sum, value) in sums.iter_mut().zip(member) {
                *sum += value;
            }
            counts[argmax(member)] += 1;
        }
        let total = f64::from(counts.iter().sum::<u32>());
        if counts.is_empty() {
            return None;
        }
        let probabilities: Probabilities = sums.into_iter().map(|sum| sum / total).collect();
        let prediction = argmax(&probabilities);
        Some(Self { confidence: probabilities[prediction], prediction, probabilities, counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_matches_values_worked_out_by_hand() {
        let p = softmax(&[0.0, 0.0], 1.0);
        assert_eq!(p, [0.5, 0.5]);
        // e / (1 + e)
        let p = softmax(&[0.0, 1.0], 1.0);
        assert!((p[1] - 0.731_058_578_630_004_9).abs() < 1e-15);
        // A temperature of 2 halves the logits.
        assert_eq!(softmax(&[0.0, 2.0], 2.0), p);
    }

    #[test]
    fn softmax_survives_extreme_logits() {
        assert_eq!(softmax(&[1e30, -1e30], 1.0), [1.0, 0.0]);
        assert_eq!(softmax(&[-1e30, -1e30], 1.0), [0.5, 0.5]);
    }

    #[test]
    fn ties_go_to_the_first_label() {
        assert_eq!(argmax(&[0.5, 0.5]), 0);
        assert_eq!(argmax(&[0.4, 0.6]), 1);
    }

    #[test]
    fn the_mean_decides_and_not_the_majority() {
        let patches: [[f64; 2]; 3] = [[0.55, 0.45], [0.55, 0.45], [0.05, 0.95]];
        let image = Aggregate::of(patches.iter().map(|p| &p[..])).unwrap();
        assert_eq!(image.prediction, 1);
        assert_eq!(image.counts, [2, 1]);
        assert!((image.confidence - (0.45 + 0.45 + 0.95) / 3.0).abs() < 1e-15);
    }

    #[test]
    fn nothing_has_no_mean() {
        assert_eq!(Aggregate::of(std::iter::empty()), None);
    }
}
