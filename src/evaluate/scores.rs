//! Scores of weighted cases.

use super::curves::{self, bin_of, sure};
use super::draw::{interval, weights};
use super::{BINS, Cases, Interval, Scores};
use crate::lesson::greatest;

/// Cases sorted once, so that each draw costs one pass.
#[derive(Debug)]
pub(crate) struct Measure<'a> {
    cases: &'a Cases,
    said: Vec<usize>,
    /// Bin of the confidence of each case, and by how much that exceeds what is right, 0 or 1.
    gaps: Vec<(usize, f64)>,
    /// For each class the cases by its probability, ascending.
    orders: Vec<Vec<usize>>,
}

/// What is measured at once; `None` where a class has no weight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) accuracy: Option<f64>,
    pub(crate) balanced_accuracy: Option<f64>,
    pub(crate) sensitivity: Option<f64>,
    pub(crate) specificity: Option<f64>,
    pub(crate) auc: Option<f64>,
    pub(crate) calibration_error: Option<f64>,
}

impl<'a> Measure<'a> {
    pub(crate) fn new(cases: &'a Cases) -> Self {
        let said = (0..cases.len()).map(|case| greatest(cases.p(case))).collect();
        let gaps = sure(cases).into_iter().map(|(confidence, right)| {
            (bin_of(confidence, cases.classes), confidence - f64::from(u8::from(right)))
        });
        let gaps = gaps.collect();
        // Of two classes one order is the other, turned round.
        let first = if cases.classes == 2 { 1 } else { 0 };
        let orders = (first..cases.classes)
            .map(|class| {
                let mut order: Vec<usize> = (0..cases.len()).collect();
                order.sort_by(|&a, &b| cases.p(a)[class].total_cmp(&cases.p(b)[class]));
                order
            })
            .collect();
        Self { cases, said, gaps, orders }
    }

    /// With so much weight of each case.
    pub(crate) fn with(&self, weights: &[f64]) -> Measured {
        let Self { cases, said, gaps, orders } = self;
        let mut total = vec![0.0; cases.classes];
        let mut right = vec![0.0; cases.classes];
        for ((&label, &said), &weight) in cases.labels.iter().zip(said).zip(weights) {
            total[label] += weight;
            if said == label {
                right[label] += weight;
            }
        }
        let all: f64 = total.iter().sum();
        let mut bins = [0.0_f64; BINS];
        for (&(bin, gap), &weight) in gaps.iter().zip(weights) {
            bins[bin] += gap * weight;
        }
        let gap: f64 = bins.iter().map(|gap| gap.abs()).sum();
        let share = |class: usize| (total[class] > 0.0).then(|| right[class] / total[class]);
        let shares: Option<Vec<f64>> = (0..cases.classes).map(share).collect();
        let first = cases.classes - orders.len();
        let areas: Option<Vec<f64>> = orders
            .iter()
            .enumerate()
            .map(|(index, order)| self.area(first + index, order, weights))
            .collect();
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let two = cases.classes == 2;
        Measured {
            accuracy: (all > 0.0).then(|| right.iter().sum::<f64>() / all),
            balanced_accuracy: shares.map(mean),
            sensitivity: if two { share(1) } else { None },
            specificity: if two { share(0) } else { None },
            auc: areas.map(mean),
            calibration_error: (all > 0.0).then(|| gap / all),
        }
    }

    /// Area under the ROC of one class against the others; equal probabilities count a half.
    fn area(&self, class: usize, order: &[usize], weights: &[f64]) -> Option<f64> {
        let cases = self.cases;
        let (mut below, mut area, mut positive) = (0.0, 0.0, 0.0);
        let equal = |a: &usize, b: &usize| cases.p(*a)[class] == cases.p(*b)[class];
        for tied in order.chunk_by(equal) {
            let (mut with, mut without) = (0.0, 0.0);
            for &case in tied {
                let is = cases.labels[case] == class;
                *(if is { &mut with } else { &mut without }) += weights[case];
            }
            area += with * (below + without / 2.0);
            below += without;
            positive += with;
        }
        (positive > 0.0 && below > 0.0).then(|| area / (positive * below))
    }
}

pub(super) fn of(cases: &Cases) -> Scores {
    let measure = Measure::new(cases);
    let whole = measure.with(&vec![1.0; cases.len()]);
    let draws: Vec<Measured> = weights(cases).map(|weights| measure.with(&weights)).collect();
    let of = |value: fn(&Measured) -> Option<f64>| -> Option<Interval> {
        interval(value(&whole), draws.iter().filter_map(value).collect())
    };
    let mut confusion = vec![vec![0; cases.classes]; cases.classes];
    for (&label, &said) in cases.labels.iter().zip(&measure.said) {
        confusion[label][said] += 1;
    }
    Scores {
        confusion,
        accuracy: of(|m| m.accuracy),
        balanced_accuracy: of(|m| m.balanced_accuracy),
        sensitivity: of(|m| m.sensitivity),
        specificity: of(|m| m.specificity),
        auc: of(|m| m.auc),
        calibration_error: of(|m| m.calibration_error),
        curves: curves::of(cases),
    }
}

/// By how much `after` is better than `before` in AUC, accuracy and balanced accuracy, drawn
/// together: both judge the same cases.
pub(crate) fn differences(before: &Cases, after: &Cases) -> [Option<Interval>; 3] {
    let [old, new] = [before, after].map(Measure::new);
    let values: [fn(&Measured) -> Option<f64>; 3] =
        [|m| m.auc, |m| m.accuracy, |m| m.balanced_accuracy];
    let difference = |weights: &[f64]| {
        let (old, new) = (old.with(weights), new.with(weights));
        values.map(|value| Some(value(&new)? - value(&old)?))
    };
    let whole = difference(&vec![1.0; before.len()]);
    let draws: Vec<_> = weights(before).map(|weights| difference(&weights)).collect();
    [0, 1, 2]
        .map(|index| interval(whole[index], draws.iter().filter_map(|draw| draw[index]).collect()))
}
