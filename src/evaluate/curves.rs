//! The curves of an evaluation, with where they lie in 95 of 100 draws of patients.

use super::draw::{interval, weights};
use super::{BINS, Bin, Cases, Curves, Interval, Kept, RocBand, RocPoint};
use crate::lesson::greatest;

/// Steps of the false alarms at which the ROC has its band.
const STEPS: usize = 100;

pub(super) fn of(cases: &Cases) -> Curves {
    let grouped = Grouped::new(cases);
    let whole = grouped.with(&vec![1.0; cases.len()]);
    // Of each draw its sums are kept and not its weights, of which there are as many as cases.
    let drawn: Vec<Drawn> = weights(cases).map(|weights| grouped.with(&weights)).collect();
    Curves {
        calibration: grouped.calibration(&whole, &drawn),
        coverage: grouped.coverage(&whole, &drawn),
        roc: grouped.roc.as_ref().map(Roc::points).unwrap_or_default(),
        roc_band: band(&whole, &drawn),
    }
}

/// Confidence and whether it was right, for each case.
pub(super) fn sure(cases: &Cases) -> Vec<(f64, bool)> {
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

/// The bin of the calibration that a confidence lies in.
pub(super) fn bin_of(confidence: f64, classes: usize) -> usize {
    let (least, width) = bins_of(classes);
    (((confidence - least) / width).max(0.0) as usize).min(BINS - 1)
}

/// Weights of cases by the group that each is in: of all, and of what is right.
struct GroupWeights(Vec<[f64; 2]>);

impl GroupWeights {
    fn of(groups: &[usize], sure: &[(f64, bool)], weights: &[f64], count: usize) -> Self {
        let mut sums = vec![[0.0; 2]; count];
        for ((&group, (_, right)), &weight) in groups.iter().zip(sure).zip(weights) {
            sums[group][0] += weight;
            if *right {
                sums[group][1] += weight;
            }
        }
        Self(sums)
    }

    /// Each with all groups behind it.
    fn with_those_behind(mut self) -> Self {
        for group in (1..self.0.len()).rev() {
            let [all, right] = self.0[group];
            self.0[group - 1][0] += all;
            self.0[group - 1][1] += right;
        }
        self
    }

    /// Share of a group that is right.
    fn right(&self, group: usize) -> Option<f64> {
        let [all, right] = self.0[group];
        (all > 0.0).then(|| right / all)
    }
}

/// What is summed up of the cases, or of a draw of them.
struct Drawn {
    /// By bin.
    calibration: GroupWeights,
    /// By how many thresholds are reached, with all that reach more.
    coverage: GroupWeights,
    /// At each step of false alarms; empty where there is no ROC.
    sensitivities: Vec<f64>,
}

/// Where a share that is right lies.
fn right_of(
    whole: &Drawn,
    drawn: &[Drawn],
    group: usize,
    of: fn(&Drawn) -> &GroupWeights,
) -> Option<Interval> {
    let of_draws = drawn.iter().filter_map(|draw| of(draw).right(group));
    interval(of(whole).right(group), of_draws.collect())
}

/// Cases put into their groups once, so that each draw costs one pass.
struct Grouped<'a> {
    classes: usize,
    sure: Vec<(f64, bool)>,
    /// Of each case.
    bins: Vec<usize>,
    /// Hundredths from the least confidence to 1.
    thresholds: Vec<f64>,
    /// How many of these a case reaches. The sum of probabilities need not be 1 to the last digit, so
    /// it may be none.
    reached: Vec<usize>,
    /// Of two classes.
    roc: Option<Roc<'a>>,
}

impl<'a> Grouped<'a> {
    fn new(cases: &'a Cases) -> Self {
        let classes = cases.classes;
        let sure = sure(cases);
        let thresholds: Vec<f64> =
            (100 / classes..=100).map(|percent| percent as f64 / 100.0).collect();
        let reached = |&(p, _): &(f64, bool)| thresholds.partition_point(|&least| least <= p);
        Self {
            classes,
            bins: sure.iter().map(|&(p, _)| bin_of(p, classes)).collect(),
            reached: sure.iter().map(reached).collect(),
            sure,
            thresholds,
            roc: Roc::new(cases),
        }
    }

    /// With so much weight of each case.
    fn with(&self, weights: &[f64]) -> Drawn {
        let Self { sure, bins, thresholds, reached, roc, .. } = self;
        Drawn {
            calibration: GroupWeights::of(bins, sure, weights, BINS),
            coverage: GroupWeights::of(reached, sure, weights, thresholds.len() + 1)
                .with_those_behind(),
            sensitivities: roc
                .as_ref()
                .map(|roc| sensitivities(&roc.walk(weights)))
                .unwrap_or_default(),
        }
    }

    fn calibration(&self, whole: &Drawn, drawn: &[Drawn]) -> Vec<Bin> {
        let (least, width) = bins_of(self.classes);
        let mut confidences = [0.0; BINS];
        for (&bin, (confidence, _)) in self.bins.iter().zip(&self.sure) {
            confidences[bin] += confidence;
        }
        let bins = confidences.into_iter().enumerate().map(|(bin, confidence)| {
            let [count, _] = whole.calibration.0[bin];
            let from = least + width * bin as f64;
            Bin {
                from,
                to: from + width,
                count: count as u32,
                confidence: (count > 0.0).then(|| confidence / count),
                right: right_of(whole, drawn, bin, |sums| &sums.calibration),
            }
        });
        bins.collect()
    }

    fn coverage(&self, whole: &Drawn, drawn: &[Drawn]) -> Vec<Kept> {
        let all = self.sure.len().max(1) as f64;
        // The first group has those that reach none, too.
        let groups = self.thresholds.iter().zip(1..);
        let kept = groups.map(|(&threshold, group)| Kept {
            threshold,
            kept: whole.coverage.0[group][0] / all,
            right: right_of(whole, drawn, group, |sums| &sums.coverage),
        });
        kept.collect()
    }
}

fn band(whole: &Drawn, drawn: &[Drawn]) -> Vec<RocBand> {
    let steps = whole.sensitivities.iter().enumerate();
    let band = steps.filter_map(|(step, &value)| {
        let of_draws = drawn.iter().filter_map(|draw| draw.sensitivities.get(step).copied());
        Some(RocBand {
            false_alarms: step as f64 / STEPS as f64,
            sensitivity: interval(Some(value), of_draws.collect())?,
        })
    });
    band.collect()
}

/// Cases of two classes in steps of falling probability of the second.
struct Roc<'a> {
    cases: &'a Cases,
    /// Those of a step have the same probability.
    steps: Vec<Vec<usize>>,
}

impl<'a> Roc<'a> {
    /// `None` of more than two classes.
    fn new(cases: &'a Cases) -> Option<Self> {
        if cases.classes != 2 {
            return None;
        }
        let mut order: Vec<usize> = (0..cases.len()).collect();
        order.sort_by(|&a, &b| cases.p(b)[1].total_cmp(&cases.p(a)[1]));
        let steps = order.chunk_by(|&a, &b| cases.p(a)[1] == cases.p(b)[1]);
        Some(Self { cases, steps: steps.map(<[usize]>::to_vec).collect() })
    }

    /// False alarms and sensitivity after each step, with so much weight of each case; empty where a
    /// class has none.
    fn walk(&self, weights: &[f64]) -> Vec<[f64; 2]> {
        let mut sums = [0.0; 2];
        let mut points = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            for &case in step {
                sums[self.cases.labels[case]] += weights[case];
            }
            points.push(sums);
        }
        if sums.contains(&0.0) {
            return vec![];
        }
        for point in &mut points {
            *point = [point[0] / sums[0], point[1] / sums[1]];
        }
        points
    }

    fn points(&self) -> Vec<RocPoint> {
        let walked = self.walk(&vec![1.0; self.cases.len()]);
        let first = RocPoint { threshold: 2.0, sensitivity: 0.0, specificity: 1.0 };
        let points = walked.into_iter().zip(&self.steps);
        let points = points.map(|([false_alarms, sensitivity], step)| RocPoint {
            threshold: self.cases.p(step[0])[1],
            sensitivity,
            specificity: 1.0 - false_alarms,
        });
        std::iter::once(first).chain(points).collect()
    }
}

/// The greatest sensitivity at each step of false alarms, along straight lines from (0, 0) through
/// these points to (1, 1), their last.
fn sensitivities(points: &[[f64; 2]]) -> Vec<f64> {
    let Some(&[_, highest]) = points.last() else { return vec![] };
    let mut found = Vec::with_capacity(STEPS + 1);
    let [mut before, mut found_before] = [0.0; 2];
    for &[alarms, sensitivity] in points {
        while found.len() <= STEPS {
            let at = found.len() as f64 / STEPS as f64;
            if at >= alarms {
                break;
            }
            found.push(
                found_before + (sensitivity - found_before) * (at - before) / (alarms - before),
            );
        }
        [before, found_before] = [alarms, sensitivity];
    }
    found.resize(STEPS + 1, highest);
    found
}
