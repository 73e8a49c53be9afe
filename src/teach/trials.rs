//! Heads without each fold, for every penalty, and what they say of the fold.

use super::fit::{self, LabelledRows};
use super::folds;
use super::prepare::TeachingSet;
use crate::lesson::{self, short};

/// Penalties that are tried, from strong to weak: each begins where the one before ended.
pub(super) const PENALTIES: [f64; 8] = [3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
/// Greatest slope and most steps of a head that only chooses.
const ROUGH: (f64, usize) = (1e-4, 60);
/// Of the head that is kept.
const FINE: (f64, usize) = (1e-8, 400);

/// Images with their features standardised: mean 0 and spread 1, by weight.
struct Standard {
    table: LabelledRows,
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl Standard {
    /// Of those images that `is_in` holds of.
    fn of(prepared: &TeachingSet<'_>, is_in: impl Fn(usize) -> bool, classes: usize) -> Self {
        let cases: Vec<usize> = (0..prepared.x.len()).filter(|&case| is_in(case)).collect();
        let pick = |values: &[usize]| -> Vec<usize> { cases.iter().map(|&c| values[c]).collect() };
        let (labels, groups) = (pick(&prepared.labels), pick(&prepared.groups));
        let weights = folds::weights(&labels, &groups);
        let features = prepared.x.first().map_or(0, Vec::len);
        let mut mean = vec![0.0; features];
        let mut variance = vec![0.0; features];
        for (&case, weight) in cases.iter().zip(&weights) {
            for (mean, value) in mean.iter_mut().zip(&prepared.x[case]) {
                *mean += weight * value;
            }
        }
        for (&case, weight) in cases.iter().zip(&weights) {
            for ((variance, value), mean) in variance.iter_mut().zip(&prepared.x[case]).zip(&mean) {
                *variance += weight * (value - mean) * (value - mean);
            }
        }
        // What never changes says nothing.
        let scale: Vec<f64> =
            variance.iter().map(|&v| if v > 1e-12 { 1.0 / v.sqrt() } else { 0.0 }).collect();
        let mut x = Vec::with_capacity(cases.len() * features);
        for &case in &cases {
            let centred = prepared.x[case].iter().zip(&mean).zip(&scale);
            x.extend(centred.map(|((value, mean), scale)| (value - mean) * scale));
        }
        Self { table: LabelledRows { x, features, labels, weights, classes }, mean, scale }
    }

    /// Weights and biases by class for features as they are, as a lesson has them.
    fn folded(&self, head: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let (weights, bias) = self.table.by_class(head);
        let weights: Vec<Vec<f64>> = weights
            .into_iter()
            .map(|row| row.iter().zip(&self.scale).map(|(w, scale)| short(w * scale)).collect())
            .collect();
        // Of the rounded weights: else the rounding would add up at the mean.
        let bias = weights
            .iter()
            .zip(bias)
            .map(|(row, bias)| short(bias - fit::product(row, &self.mean)))
            .collect();
        (weights, bias)
    }
}

/// The head of this penalty, on a path from the strongest one.
fn path(table: &LabelledRows, penalty: f64, (tolerance, most): (f64, usize)) -> Vec<f64> {
    let mut head = vec![0.0; table.len()];
    for on_the_way in PENALTIES.into_iter().take_while(|&other| other > penalty) {
        head = table.fit(&head, on_the_way, ROUGH.0, ROUGH.1);
    }
    table.fit(&head, penalty, tolerance, most)
}

/// The head of all images with the penalty at this place.
pub(super) fn head(prepared: &TeachingSet<'_>, classes: usize, penalty: usize) -> Folded {
    let standard = Standard::of(prepared, |_| true, classes);
    standard.folded(&path(&standard.table, PENALTIES[penalty], FINE))
}

/// Weights and biases by class, of features as they are.
pub(super) type Folded = (Vec<Vec<f64>>, Vec<f64>);

/// Heads without each fold, for every penalty.
pub(super) struct Trials {
    /// `[fold][penalty]`
    heads: Vec<Vec<Folded>>,
    /// `[penalty][case]`: `-log(probability of the label)` of the image's mean features, by the head
    /// without it.
    losses: Vec<Vec<f64>>,
}

impl Trials {
    pub(super) fn of(
        prepared: &TeachingSet<'_>,
        fold: &[usize],
        folds: usize,
        classes: usize,
    ) -> Self {
        let mut heads = Vec::with_capacity(folds);
        let mut losses = vec![vec![0.0; prepared.x.len()]; PENALTIES.len()];
        for left_out in 0..folds {
            let standard = Standard::of(prepared, |case| fold[case] != left_out, classes);
            let mut head = vec![0.0; standard.table.len()];
            let mut of_fold = Vec::with_capacity(PENALTIES.len());
            for (penalty, losses) in PENALTIES.into_iter().zip(&mut losses) {
                head = standard.table.fit(&head, penalty, ROUGH.0, ROUGH.1);
                let (weights, bias) = standard.folded(&head);
                for case in (0..prepared.x.len()).filter(|&case| fold[case] == left_out) {
                    let x = &prepared.x[case];
                    let logits =
                        weights.iter().zip(&bias).map(|(row, bias)| bias + fit::product(row, x));
                    let p = lesson::softmax(logits.collect(), 1.0);
                    losses[case] = -libm::log(p[prepared.labels[case]].max(1e-12));
                }
                of_fold.push((weights, bias));
            }
            heads.push(of_fold);
        }
        Self { heads, losses }
    }

    /// The penalty with the least loss on all cases but those of the fold `without`: a fold has no
    /// say in what judges it.
    pub(super) fn best(
        &self,
        without: Option<usize>,
        labels: &[usize],
        weights: &[f64],
        fold: &[usize],
    ) -> usize {
        let loss = |losses: &[f64]| -> f64 {
            let cases = (0..labels.len()).filter(|&case| Some(fold[case]) != without);
            cases.map(|case| weights[case] * losses[case]).sum()
        };
        let mut best = (0, f64::INFINITY);
        for (penalty, losses) in self.losses.iter().enumerate() {
            let loss = loss(losses);
            if loss < best.1 {
                best = (penalty, loss);
            }
        }
        best.0
    }

    /// Logits of each image's patches, by the head that was taught without it.
    pub(super) fn left_out(
        &self,
        prepared: &TeachingSet<'_>,
        fold: &[usize],
        weights: &[f64],
    ) -> Vec<Vec<Vec<f64>>> {
        let chosen: Vec<usize> = (0..self.heads.len())
            .map(|left_out| self.best(Some(left_out), &prepared.labels, weights, fold))
            .collect();
        prepared
            .patches
            .iter()
            .zip(fold)
            .map(|(patches, &fold)| {
                let (weights, bias) = &self.heads[fold][chosen[fold]];
                lesson::logits(weights, bias, patches)
            })
            .collect()
    }
}
