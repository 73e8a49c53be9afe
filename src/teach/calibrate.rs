//! Temperature and threshold of a lesson, from what it says of patients that were left out.

use crate::evaluate::Cases;
use crate::lesson::{greatest, mean_of, softmax};

/// Of what is called more than uncertain so much should be right.
const RIGHT: f64 = 0.9;
/// So much of all images is not called uncertain, at least.
const KEPT: f64 = 2.0 / 3.0;
/// Bounds of the temperature.
const COLDEST: f64 = 0.2;
const HOTTEST: f64 = 10.0;
/// Sections of that range: the temperature is known to a thousandth.
const SECTIONS: usize = 20;

/// Mean probabilities of an image from the logits of its patches.
pub(crate) fn image(patches: &[Vec<f64>], temperature: f64) -> Vec<f64> {
    let patches: Vec<Vec<f64>> =
        patches.iter().map(|logits| softmax(logits.clone(), temperature)).collect();
    mean_of(&patches).unwrap_or_default()
}

/// The temperature with the least `sum of weight * -log(probability of the label)`, by the golden
/// section of its logarithm. `logits` are those of each image's patches.
pub(crate) fn temperature(logits: &[Vec<Vec<f64>>], labels: &[usize], weights: &[f64]) -> f64 {
    let loss = |at: f64| {
        let temperature = libm::exp(at);
        let mut sum = 0.0;
        for ((patches, &label), weight) in logits.iter().zip(labels).zip(weights) {
            sum -= weight * libm::log(image(patches, temperature)[label].max(1e-12));
        }
        sum
    };
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (libm::log(COLDEST), libm::log(HOTTEST));
    let mut a = high - golden * (high - low);
    let mut b = low + golden * (high - low);
    let (mut at_a, mut at_b) = (loss(a), loss(b));
    for _ in 0..SECTIONS {
        if at_a <= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - golden * (high - low);
            at_a = loss(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + golden * (high - low);
            at_b = loss(b);
        }
    }
    libm::exp((low + high) / 2.0)
}

/// The least confidence, in hundredths, above which [`RIGHT`] of the images are right and at least
/// [`KEPT`] are left; if there is none, the one with most right that leaves so many. `None` if that is
/// the least there is.
pub(crate) fn threshold(cases: &Cases) -> Option<f64> {
    let least = 100usize.div_ceil(cases.classes);
    let sure: Vec<(f64, bool)> = (0..cases.len())
        .map(|case| {
            let p = cases.p(case);
            (p[greatest(p)], greatest(p) == cases.labels[case])
        })
        .collect();
    let mut best = (least, 0.0);
    for percent in least..=95 {
        let threshold = percent as f64 / 100.0;
        let kept = sure.iter().filter(|(p, _)| *p >= threshold).count() as f64;
        if kept < KEPT * sure.len() as f64 {
            break;
        }
        let right = sure.iter().filter(|(p, right)| *p >= threshold && *right).count() as f64;
        if right / kept > best.1 {
            best = (percent, right / kept);
        }
        if right >= RIGHT * kept {
            best = (percent, right / kept);
            break;
        }
    }
    (best.0 > least).then(|| best.0 as f64 / 100.0)
}
