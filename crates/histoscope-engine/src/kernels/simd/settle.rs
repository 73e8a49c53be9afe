//! An order of the steps of the depth in which few products leave 16 bits when two words are added.
//!
//! Where a [`Backend`](super::backend::Backend) adds the products of two words before it widens
//! them, four steps meet in a sum of 16 bits, and for some channels their weights are too much
//! ([`Panels::ease`]). A sum over the depth does not care for its order, though, and the kernel
//! that packs activations can shuffle the bytes of a load at the price of one instruction. So large
//! weights of one sign are kept apart, by exchanging two steps wherever fewer sums are too much
//! then. For EfficientNet-Lite0 a sixth of the excess is left, none of it in layers that project.
//!
//! [`Panels::ease`]: super::panels::Panels::ease

use std::ops::Range;

use super::super::layout::{Shuffle, Word};
use super::panels::{EASY, reorder};

/// Steps of a word.
const WORD: usize = Word::Quad.steps();

/// Reorders `weights`, `[channels][steps]` in words of four steps, and says how to shuffle each
/// load so that the activations follow. `loads` are the steps that each load packs: the last ones
/// of its sixteen.
pub(crate) fn settle(
    weights: &[i16],
    channels: usize,
    loads: &[Range<usize>],
) -> (Vec<i16>, Vec<Shuffle>) {
    let mut search = Search::new(weights, channels);
    // Channels are counted in 16 bits; no layer has so many.
    if channels <= usize::from(u16::MAX) {
        for load in loads {
            search.settle(load);
        }
    }
    let order = search.order;
    let reordered = reorder(weights, order.len(), order.iter().map(|&step| Some(step)));
    let shuffle = |load: &Range<usize>| {
        let start = load.end - size_of::<Shuffle>();
        std::array::from_fn(|at| {
            let step = start + at;
            let from = if load.contains(&step) { order[step] } else { step };
            (from - start) as u8
        })
    };
    (reordered, loads.iter().map(shuffle).collect())
}

/// Weights by steps, and what meets in each sum.
struct Search {
    channels: usize,
    /// For each place the step that stands there.
    order: Vec<usize>,
    /// `[step][channels]`.
    columns: Vec<i16>,
    /// `[sum][channels]`: the weights above zero, and those below, as positive numbers.
    sums: [Vec<i16>; 2],
    /// Channels for which each sum is too much.
    over: Vec<usize>,
}

/// The sum in which a place's product is added: one for each half of two words.
fn sum_of(place: usize) -> usize {
    place / (2 * WORD) * 2 + place % WORD / 2
}

/// A weight's share of the two sums.
#[inline(always)]
fn parts(weight: i16) -> [i16; 2] {
    [weight.max(0), (-weight).max(0)]
}

#[inline(always)]
fn is_over(sums: [i16; 2]) -> u16 {
    u16::from(sums[0].max(sums[1]) > EASY as i16)
}

impl Search {
    fn new(weights: &[i16], channels: usize) -> Self {
        let steps = weights.len() / channels;
        let mut columns = vec![0; weights.len()];
        for (channel, row) in weights.chunks_exact(steps).enumerate() {
            for (step, &weight) in row.iter().enumerate() {
                columns[step * channels + channel] = weight;
            }
        }
        let count = steps.div_ceil(2 * WORD) * 2;
        let mut sums = [vec![0; count * channels], vec![0; count * channels]];
        for (step, column) in columns.chunks_exact(channels).enumerate() {
            for (channel, &weight) in column.iter().enumerate() {
                let at = sum_of(step) * channels + channel;
                let parts = parts(weight);
                sums[0][at] += parts[0];
                sums[1][at] += parts[1];
            }
        }
        let over = (0..count)
            .map(|sum| {
                let of = sum * channels..(sum + 1) * channels;
                let [above, below] = [&sums[0][of.clone()], &sums[1][of]];
                let count = |(&above, &below)| usize::from(is_over([above, below]));
                above.iter().zip(below).map(count).sum()
            })
            .collect();
        Search { channels, order: (0..steps).collect(), columns, sums, over }
    }

    /// Exchanges steps of one load. Once: another round would find one more in ten.
    fn settle(&mut self, load: &Range<usize>) {
        for place in load.clone() {
            let sum = sum_of(place);
            for other in load.clone() {
                let its = sum_of(other);
                if self.over[sum] == 0 {
                    break;
                }
                if sum == its {
                    continue;
                }
                let over = self.over_after(place, other);
                if over[0] + over[1] < self.over[sum] + self.over[its] {
                    self.exchange(place, other);
                    [self.over[sum], self.over[its]] = over;
                }
            }
        }
    }

    fn column(&self, place: usize) -> &[i16] {
        &self.columns[self.order[place] * self.channels..][..self.channels]
    }

    /// For how many channels the sums of two places would be too much if their steps were
    /// exchanged.
    fn over_after(&self, place: usize, other: usize) -> [usize; 2] {
        let n = self.channels;
        let (a, b) = (&self.column(place)[..n], &self.column(other)[..n]);
        let of = |sum: usize| [0, 1].map(|sign| &self.sums[sign][sum * n..][..n]);
        let ([a_above, a_below], [b_above, b_below]) = (of(sum_of(place)), of(sum_of(other)));
        let mut over = [0_u16; 2];
        for channel in 0..n {
            let [a, b] = [parts(a[channel]), parts(b[channel])];
            let [above, below] = [b[0] - a[0], b[1] - a[1]];
            let sums = [
                [a_above[channel] + above, a_below[channel] + below],
                [b_above[channel] - above, b_below[channel] - below],
            ];
            // In 16 bits, as all else here, so that it becomes vectors.
            over[0] += is_over(sums[0]);
            over[1] += is_over(sums[1]);
        }
        over.map(usize::from)
    }

    fn exchange(&mut self, place: usize, other: usize) {
        for channel in 0..self.channels {
            let [a, b] = [place, other].map(|place| parts(self.column(place)[channel]));
            for sign in 0..2 {
                self.sums[sign][sum_of(place) * self.channels + channel] += b[sign] - a[sign];
                self.sums[sign][sum_of(other) * self.channels + channel] += a[sign] - b[sign];
            }
        }
        self.order.swap(place, other);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tiles::loads;
    use super::*;
    use proptest::prelude::*;

    /// Channels, and steps of a part, that the property tries; Miri takes minutes for a search.
    const CHANNELS: usize = if cfg!(miri) { 2 } else { 12 };
    const STEPS: usize = if cfg!(miri) { 20 } else { 70 };

    /// Channels for which some sum is too much.
    fn over(weights: &[i16], channels: usize) -> usize {
        Search::new(weights, channels).over.iter().sum()
    }

    proptest! {
        /// Parts of every length that a load takes, their rest among it; large weights, so that
        /// much is to be done.
        #[cfg_attr(not(target_family = "wasm"), test)]
        #[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
        fn products_stay_what_they_were(
            channels in 1_usize..CHANNELS,
            parts in 1_usize..3,
            part_len in 16_usize..STEPS,
            bytes in prop::collection::vec(any::<i8>().prop_map(i16::from), 2 * STEPS * CHANNELS),
        ) {
            let steps = parts * part_len;
            let before = &bytes[..channels * steps];
            let loads = loads(parts, part_len);
            let (after, shuffles) = settle(before, channels, &loads);
            prop_assert!(over(&after, channels) <= over(before, channels));

            // Activations are as good as anything else, and no two alike.
            let activations: Vec<i64> = (0..steps as i64).map(|step| 1 << (step % 40)).collect();
            let mut shuffled = activations.clone();
            for (load, shuffle) in loads.iter().zip(&shuffles) {
                let start = load.end - shuffle.len();
                for step in load.clone() {
                    shuffled[step] = activations[start + usize::from(shuffle[step - start])];
                }
            }
            let sum = |weights: &[i16], activations: &[i64]| -> i64 {
                weights.iter().zip(activations).map(|(&w, x)| i64::from(w) * x).sum()
            };
            for (before, after) in before.chunks(steps).zip(after.chunks(steps)) {
                prop_assert_eq!(sum(before, &activations), sum(after, &shuffled));
            }
        }
    }

    #[cfg_attr(not(target_family = "wasm"), test)]
    #[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
    fn large_weights_of_one_sign_are_kept_apart() {
        // Words 0 and 1 have four large weights where they meet, words 2 and 3 none.
        let mut weights = [0_i16; 16];
        for step in [0, 1, 4, 5] {
            weights[step] = 80;
        }
        assert_eq!(over(&weights, 1), 1);
        let (weights, _) = settle(&weights, 1, &loads(1, 16));
        assert_eq!(over(&weights, 1), 0);
        assert_eq!(weights.iter().filter(|&&weight| weight == 80).count(), 4);
    }
}
