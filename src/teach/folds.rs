//! Who is left out together: patients, so that a lesson is always judged on people it has not seen.

use std::collections::BTreeMap;

/// The most groups that are left out one after the other.
pub(crate) const MOST: usize = 10;

/// The fold of each case, and how many there are. `groups` are the patients, or the images where
/// there are too few patients; of each class they go round in turn, those with most cases first.
pub(crate) fn of(labels: &[usize], groups: &[usize], classes: usize) -> (Vec<usize>, usize) {
    // By group: how many cases of each class.
    let mut counts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (&label, &group) in labels.iter().zip(groups) {
        counts.entry(group).or_insert_with(|| vec![0; classes])[label] += 1;
    }
    let folds = counts.len().min(MOST);
    let mut turn = 0;
    let mut fold_of = BTreeMap::new();
    for class in 0..classes {
        // A group with several labels goes with the first of its most frequent ones.
        let mine = |counts: &Vec<usize>| {
            let most = counts.iter().max().copied().unwrap_or(0);
            counts.iter().position(|&count| count == most) == Some(class)
        };
        let mut members: Vec<(usize, usize)> = counts
            .iter()
            .filter(|(_, counts)| mine(counts))
            .map(|(&group, counts)| (group, counts.iter().sum()))
            .collect();
        members.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        for (group, _) in members {
            fold_of.insert(group, turn % folds);
            turn += 1;
        }
    }
    (groups.iter().map(|group| fold_of[group]).collect(), folds)
}

/// Weights with the sum 1: all classes count alike, in a class all groups, in a group all cases.
pub(crate) fn weights(labels: &[usize], groups: &[usize]) -> Vec<f64> {
    let mut cases: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for (&label, &group) in labels.iter().zip(groups) {
        *cases.entry((label, group)).or_default() += 1.0;
    }
    let mut members: BTreeMap<usize, f64> = BTreeMap::new();
    for &(label, _) in cases.keys() {
        *members.entry(label).or_default() += 1.0;
    }
    let classes = members.len() as f64;
    let weight = |(label, group): (&usize, &usize)| {
        1.0 / (classes * members[label] * cases[&(*label, *group)])
    };
    labels.iter().zip(groups).map(weight).collect()
}

/// Weights with the sum 1: all groups count alike.
pub(crate) fn weights_of_groups(groups: &[usize]) -> Vec<f64> {
    weights(&vec![0; groups.len()], groups)
}
