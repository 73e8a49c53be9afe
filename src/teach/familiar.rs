//! What is familiar to a lesson: the spread of the images that it was taught, from few of them.
//!
//! A laboratory brings some ten images, and features are hundreds: their covariance cannot be known.
//! So it is shrunk strongly. The variance of a feature is drawn to the mean of its level and
//! statistic, as if [`PRIOR`] patients had shown that. Only the few directions with most scatter,
//! one for three patients, are known apart, all others count alike. The limit is what patients that
//! were left out keep below, and somewhat more where there are few.

use super::fit::product;
use super::folds;
use crate::evaluate::Generator;
use crate::familiarity::{Familiarity, Statistics};
use crate::features::Features;
use crate::lesson::short;

/// The patients that the prior stands for.
const PRIOR: f64 = 4.0;
/// The most directions that are known apart.
const DIRECTIONS: usize = 8;
/// Products with the covariance that find them.
const ROUNDS: usize = 12;
/// Of the images of left-out patients so many keep below the limit.
const QUANTILE: f64 = 0.95;

/// Statistics of images with mean features `x`, of patients `groups`, which `fold` leaves out in
/// turn.
pub(crate) fn learn(
    x: &[Vec<f64>],
    groups: &[usize],
    (fold, folds): (&[usize], usize),
    features: &Features,
) -> Statistics {
    let all: Vec<usize> = (0..x.len()).collect();
    let whole = spread(x, &all, groups, features);
    let mut distances = Vec::with_capacity(x.len());
    for left_out in 0..folds {
        let (out, rest): (Vec<usize>, Vec<usize>) =
            all.iter().partition(|&&case| fold[case] == left_out);
        if rest.is_empty() {
            continue;
        }
        if let Ok(familiarity) = Familiarity::new(spread(x, &rest, groups, features), features) {
            distances.extend(out.into_iter().map(|case| (familiarity.distance(&x[case]), case)));
        }
    }
    let weights = folds::weights_of_groups(groups);
    distances.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut below = 0.0;
    let mut limit = 1.0;
    for (distance, case) in distances {
        limit = distance;
        below += weights[case];
        if below >= QUANTILE {
            break;
        }
    }
    let margin = 1.0 + 1.0 / (count(groups, &all) as f64).sqrt();
    Statistics { limit: Some(short((limit * margin).max(1e-6))), ..whole }
}

/// How many patients these cases have.
fn count(groups: &[usize], cases: &[usize]) -> usize {
    let mut seen: Vec<usize> = cases.iter().map(|&case| groups[case]).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

/// Mean, scale and relief of some cases; the limit is still to come.
fn spread(x: &[Vec<f64>], cases: &[usize], groups: &[usize], features: &Features) -> Statistics {
    let groups: Vec<usize> = cases.iter().map(|&case| groups[case]).collect();
    let patients = count(&groups, &(0..groups.len()).collect::<Vec<_>>());
    let weights = folds::weights_of_groups(&groups);
    let len = features.len();
    let mut mean = vec![0.0; len];
    for (&case, &weight) in cases.iter().zip(&weights) {
        for (mean, value) in mean.iter_mut().zip(&x[case]) {
            *mean += weight * value;
        }
    }
    let mut variance = vec![0.0; len];
    for (&case, &weight) in cases.iter().zip(&weights) {
        for ((variance, value), mean) in variance.iter_mut().zip(&x[case]).zip(&mean) {
            *variance += weight * (value - mean) * (value - mean);
        }
    }
    let known = patients as f64;
    for (.., range) in features.blocks() {
        let block = &mut variance[range];
        let usual = block.iter().sum::<f64>() / block.len() as f64;
        for value in block {
            *value = (known * *value + PRIOR * usual) / (known + PRIOR);
        }
    }
    // What never changed says nothing.
    let scale: Vec<f64> =
        variance.iter().map(|&v| if v > 1e-12 { 1.0 / v.sqrt() } else { 0.0 }).collect();
    let scaled: Vec<Vec<f64>> = cases
        .iter()
        .map(|&case| {
            let centred = x[case].iter().zip(&mean).zip(&scale);
            centred.map(|((value, mean), scale)| (value - mean) * scale).collect()
        })
        .collect();
    let directions = directions(&scaled, &weights, DIRECTIONS.min(patients / 3).min(len));
    let total: f64 = scaled.iter().zip(&weights).map(|(z, weight)| weight * product(z, z)).sum();
    let strengths: Vec<f64> = directions.iter().map(|(_, strength)| *strength).collect();
    let others = (len - directions.len()).max(1) as f64;
    let rest = ((total - strengths.iter().sum::<f64>()) / others).max(1e-6);
    let relief =
        directions.iter().filter(|(_, strength)| *strength > rest).map(|(along, strength)| {
            let share = (1.0 / rest - 1.0 / strength).sqrt();
            along.iter().zip(&scale).map(|(along, scale)| short(share * along * scale)).collect()
        });
    let relief = relief.collect();
    let scale = scale.into_iter().map(|scale| short(scale / rest.sqrt())).collect();
    let mean = mean.into_iter().map(short).collect();
    Statistics {
        levels: None,
        statistics: None,
        mean,
        whitening: vec![],
        scale,
        relief,
        limit: Some(1.0),
        limits: vec![],
    }
}

/// The directions of unit length with most scatter, and the variance along each: by repeated
/// products with the covariance, which is never formed.
fn directions(z: &[Vec<f64>], weights: &[f64], count: usize) -> Vec<(Vec<f64>, f64)> {
    let len = z.first().map_or(0, Vec::len);
    let mut generator = Generator::new(1);
    let mut basis: Vec<Vec<f64>> =
        (0..count).map(|_| (0..len).map(|_| generator.unit() - 0.5).collect()).collect();
    orthonormal(&mut basis);
    for _ in 0..ROUNDS {
        for along in &mut basis {
            let mut next = vec![0.0; len];
            for (z, &weight) in z.iter().zip(weights) {
                let share = weight * product(z, along);
                for (next, value) in next.iter_mut().zip(z) {
                    *next += share * value;
                }
            }
            *along = next;
        }
        orthonormal(&mut basis);
    }
    basis
        .into_iter()
        .map(|along| {
            let strength = z
                .iter()
                .zip(weights)
                .map(|(z, weight)| {
                    let share = product(z, &along);
                    weight * share * share
                })
                .sum();
            (along, strength)
        })
        .collect()
}

/// Gram and Schmidt, the modified form; what is nothing stays nothing.
fn orthonormal(basis: &mut [Vec<f64>]) {
    for index in 0..basis.len() {
        let (before, rest) = basis.split_at_mut(index);
        let own = &mut rest[0];
        for other in before.iter() {
            let share = product(own, other);
            for (own, other) in own.iter_mut().zip(other) {
                *own -= share * other;
            }
        }
        let length = product(own, own).sqrt();
        let scale = if length > 1e-150 { 1.0 / length } else { 0.0 };
        own.iter_mut().for_each(|value| *value *= scale);
    }
}
