//! Scores of weighted cases, and the curves of a page's plots.

use super::draw::{interval, weights};
use super::{BINS, Bin, Calibration, Cases, Interval, Kept, RocPoint, Scores};
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

/// Confidence and whether it was right, for each case.
fn sure(cases: &Cases) -> Vec<(f64, bool)> {
    (0..cases.len())
        .map(|case| {
            let said = greatest(cases.p(case));
            (cases.p(case)[said], said == cases.labels[case])
        })
        .collect()
}

/// The least confidence that there is, and how wide a bin of the calibration is.
fn bins_of(classes: usize) -> (f64, f64) {
    let least = 1.0 / classes as f64;
    (least, (1.0 - least) / BINS as f64)
}

fn bin_of(confidence: f64, classes: usize) -> usize {
    let (least, width) = bins_of(classes);
    (((confidence - least) / width).max(0.0) as usize).min(BINS - 1)
}

pub(super) fn calibration(cases: &Cases) -> Calibration {
    let (least, width) = bins_of(cases.classes);
    let mut sums = [(0u32, 0.0, 0.0); BINS];
    for (confidence, right) in sure(cases) {
        let (count, confidences, rights) = &mut sums[bin_of(confidence, cases.classes)];
        *count += 1;
        *confidences += confidence;
        *rights += f64::from(u8::from(right));
    }
    let total = cases.len().max(1) as f64;
    let gap: f64 = sums.iter().map(|(_, confidence, right)| (confidence - right).abs()).sum();
    let bins = sums.iter().enumerate().map(|(bin, &(count, confidence, right))| {
        let mean = |sum: f64| (count > 0).then(|| sum / f64::from(count));
        let from = least + width * bin as f64;
        Bin { from, to: from + width, count, confidence: mean(confidence), right: mean(right) }
    });
    Calibration { ece: gap / total, bins: bins.collect() }
}

pub(super) fn coverage(cases: &Cases) -> Vec<Kept> {
    let sure = sure(cases);
    let least = (100.0 / cases.classes as f64).floor() as u32;
    (least..=100)
        .map(|percent| {
            let threshold = f64::from(percent) / 100.0;
            let kept: Vec<bool> =
                sure.iter().filter(|(p, _)| *p >= threshold).map(|&(_, right)| right).collect();
            let right = kept.iter().filter(|&&right| right).count() as f64;
            Kept {
                threshold,
                kept: kept.len() as f64 / sure.len().max(1) as f64,
                right: (!kept.is_empty()).then(|| right / kept.len() as f64),
            }
        })
        .collect()
}

pub(super) fn roc(cases: &Cases) -> Vec<RocPoint> {
    if cases.classes != 2 {
        return vec![];
    }
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by(|&a, &b| cases.p(b)[1].total_cmp(&cases.p(a)[1]));
    let count = |label: usize| cases.labels.iter().filter(|&&l| l == label).count() as f64;
    let [negatives, positives] = [count(0), count(1)];
    let mut points = vec![RocPoint { threshold: 2.0, sensitivity: 0.0, specificity: 1.0 }];
    let (mut found, mut wrong) = (0.0, 0.0);
    for tied in order.chunk_by(|&a, &b| cases.p(a)[1] == cases.p(b)[1]) {
        for &case in tied {
            *(if cases.labels[case] == 1 { &mut found } else { &mut wrong }) += 1.0;
        }
        points.push(RocPoint {
            threshold: cases.p(tied[0])[1],
            sensitivity: found / positives,
            specificity: 1.0 - wrong / negatives,
        });
    }
    points
}
