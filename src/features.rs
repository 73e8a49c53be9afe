//! Features: what the network's inner layers say of a patch, as means over its positions.
//!
//! A level is the quantised output of a block of the network. Of each of its channels the mean of
//! the activation over all positions is a feature, and the mean of its square another. A head that
//! is linear in features is so in the activations and their squares, position by position: its map
//! over the patch is exact, too.

use std::ops::Range;

use histoscope_engine::{Sums, Tap};
use serde::{Deserialize, Serialize};

/// What is taken of each channel of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// Of the activation.
    Mean,
    /// Of its square.
    MeanSquare,
}

/// The output of a block of the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// As people call it, such as "b6".
    pub name: String,
    /// The ONNX file's name of the quantised tensor.
    pub tensor: String,
    /// Channels of the tensor.
    pub channels: usize,
}

/// Which features a model has, as its manifest says.
///
/// The vector of a patch holds the first statistic of all levels, in their order, then the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// From the first layer to the last.
    pub levels: Vec<Level>,
    /// Each at most once.
    pub statistics: Vec<Statistic>,
}

impl Features {
    /// The most levels of a model.
    pub const MAX_LEVELS: usize = 16;
    /// The most features of a patch.
    pub const MAX_LEN: usize = 4096;

    /// Why these are none, in a sentence without a full stop.
    pub(crate) fn problem(&self) -> Option<String> {
        let Self { levels, statistics } = self;
        if levels.is_empty() || levels.len() > Self::MAX_LEVELS {
            let (found, most) = (levels.len(), Self::MAX_LEVELS);
            return Some(format!("{found} levels, where 1 to {most} may be"));
        }
        if statistics.is_empty() || has_doubles(statistics) {
            return Some("statistics must be \"mean\", \"mean_square\" or both".into());
        }
        let names: Vec<&str> = levels.iter().map(|level| level.name.as_str()).collect();
        if has_doubles(&names) {
            return Some("two levels have the same name".into());
        }
        // Each summand is bounded first, so that the sum cannot overflow.
        let most = Self::MAX_LEN;
        let bounded = levels.iter().all(|level| (1..=most).contains(&level.channels));
        if !bounded || self.len() > most {
            return Some(format!("more than {most} features, or a level without channels"));
        }
        None
    }

    /// How many features a patch has.
    pub fn len(&self) -> usize {
        self.channels() * self.statistics.len()
    }

    /// Whether there are none, which no manifest may say.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn channels(&self) -> usize {
        self.levels.iter().map(|level| level.channels).sum()
    }

    /// The places of each level and statistic in the vector, in order.
    pub fn blocks(&self) -> Vec<(&str, Statistic, Range<usize>)> {
        let mut blocks = Vec::new();
        let mut start = 0;
        for &statistic in &self.statistics {
            for level in &self.levels {
                let end = start + level.channels;
                blocks.push((level.name.as_str(), statistic, start..end));
                start = end;
            }
        }
        blocks
    }

    /// The places of the features of these levels and statistics, in the order of the vector;
    /// `None` if one is not there.
    pub fn select(&self, levels: &[String], statistics: &[Statistic]) -> Option<Vec<usize>> {
        let there = levels.iter().all(|name| self.levels.iter().any(|level| level.name == *name))
            && statistics.iter().all(|statistic| self.statistics.contains(statistic));
        there.then(|| {
            let blocks = self.blocks().into_iter().filter(|(level, statistic, _)| {
                levels.iter().any(|name| name == level) && statistics.contains(statistic)
            });
            blocks.flat_map(|(.., range)| range).collect()
        })
    }

    /// `[n, features]` from the sums of the levels' tensors, in their order.
    pub(crate) fn vectors(&self, taps: &[Tap], sums: &[Sums]) -> Vec<f32> {
        let patches = match (taps.first(), sums.first()) {
            (Some(tap), Some(sums)) => sums.plain.len() / tap.channels,
            _ => 0,
        };
        let mut vectors = Vec::with_capacity(patches * self.len());
        for patch in 0..patches {
            for statistic in &self.statistics {
                for (tap, sums) in taps.iter().zip(sums) {
                    let channels = patch * tap.channels..(patch + 1) * tap.channels;
                    let plain = &sums.plain[channels.clone()];
                    let squares = &sums.squares[channels];
                    vectors.extend(plain.iter().zip(squares).map(|(&sum, &square)| {
                        let value = match statistic {
                            Statistic::Mean => mean(tap, sum),
                            Statistic::MeanSquare => mean_square(tap, sum, square),
                        };
                        value as f32
                    }));
                }
            }
        }
        vectors
    }
}

/// Mean of `scale * (q - zero)` over the positions.
fn mean(tap: &Tap, sum: u64) -> f64 {
    let positions = tap.positions() as f64;
    f64::from(tap.scale) * (sum as f64 / positions - f64::from(tap.zero_point))
}

/// Mean of `(scale * (q - zero))^2`. The sum of `(q - zero)^2` is a whole number, and exact.
fn mean_square(tap: &Tap, sum: u64, square: u64) -> f64 {
    let (zero, scale) = (i64::from(tap.zero_point), f64::from(tap.scale));
    let centred = square as i64 - 2 * zero * sum as i64 + zero * zero * tap.positions() as i64;
    scale * scale * (centred as f64 / tap.positions() as f64)
}

/// The features of an image: the plain mean over its patches, `[patches, len]`, that vote.
pub fn of_image(patches: &[f32], len: usize) -> Vec<f64> {
    let mut sums = vec![0.0; len];
    let mut count = 0.0;
    for patch in patches.chunks_exact(len.max(1)) {
        for (sum, &value) in sums.iter_mut().zip(patch) {
            *sum += f64::from(value);
        }
        count += 1.0;
    }
    if count > 0.0 {
        sums.iter_mut().for_each(|sum| *sum /= count);
    }
    sums
}

fn has_doubles<T: PartialEq>(values: &[T]) -> bool {
    values.iter().enumerate().any(|(index, value)| values[..index].contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features() -> Features {
        let level = |name: &str, channels| Level {
            name: name.into(),
            tensor: format!("{name}/q"),
            channels,
        };
        Features {
            levels: vec![level("b4", 2), level("b7", 1)],
            statistics: vec![Statistic::Mean, Statistic::MeanSquare],
        }
    }

    #[test]
    fn vectors_are_means_of_what_the_bytes_stand_for() {
        let tap = |channels, positions, zero_point| Tap {
            tensor: String::new(),
            channels,
            height: positions,
            width: 1,
            scale: 0.5,
            zero_point,
        };
        // Of the first level the bytes 3 and 5 in one channel, 4 and 4 in the other; of the second 7.
        let taps = [tap(2, 2, 4), tap(1, 1, 0)];
        let sums = [
            Sums { plain: vec![8, 8], squares: vec![34, 32] },
            Sums { plain: vec![7], squares: vec![49] },
        ];
        assert_eq!(features().vectors(&taps, &sums), [0.0, 0.0, 3.5, 0.25, 0.0, 12.25]);
    }

    #[test]
    fn places_follow_levels_and_statistics() {
        let features = features();
        assert_eq!(features.len(), 6);
        let select = |levels: &[&str], statistics: &[Statistic]| {
            let levels: Vec<String> = levels.iter().map(|&name| name.into()).collect();
            features.select(&levels, statistics)
        };
        assert_eq!(select(&["b7"], &[Statistic::Mean]), Some(vec![2]));
        assert_eq!(select(&["b4"], &[Statistic::MeanSquare]), Some(vec![3, 4]));
        // In the order of the vector, whatever was asked for first.
        let both = [Statistic::MeanSquare, Statistic::Mean];
        assert_eq!(select(&["b7", "b4"], &both), Some((0..6).collect()));
        assert_eq!(select(&["b5"], &both), None);
    }

    #[test]
    fn an_image_is_the_mean_of_its_patches() {
        assert_eq!(of_image(&[1.0, 2.0, 3.0, 6.0], 2), [2.0, 4.0]);
        assert_eq!(of_image(&[], 2), [0.0, 0.0]);
    }

    #[test]
    fn what_cannot_be_is_named() {
        let with = |change: &dyn Fn(&mut Features)| {
            let mut features = features();
            change(&mut features);
            features.problem().unwrap_or_default()
        };
        assert_eq!(with(&|_| {}), "");
        assert!(with(&|f| f.levels.clear()).contains("0 levels"));
        assert!(with(&|f| f.statistics.clear()).contains("statistics"));
        assert!(with(&|f| f.statistics = vec![Statistic::Mean; 2]).contains("statistics"));
        assert!(with(&|f| f.levels[1].name = "b4".into()).contains("same name"));
        assert!(with(&|f| f.levels[1].channels = 0).contains("without channels"));
        assert!(with(&|f| f.levels[1].channels = usize::MAX).contains("4096"));
        assert!(with(&|f| f.levels[1].channels = 2047).contains("4096"));
    }
}
