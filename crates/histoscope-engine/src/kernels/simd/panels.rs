//! Weights in panels of output channels, packed once when a layer is built.

use super::super::aligned::Aligned;
use super::super::layout::{PANEL, Shuffle, Word};

/// Weights and folded bias, in panels of a fixed number of output channels.
#[derive(Clone, Debug)]
pub(crate) struct Panels {
    words: Aligned<i32>,
    bias: Aligned<i32>,
    depth: usize,
    /// What [`Panels::ease`] has taken out of each vector of channels; empty if they were not
    /// eased.
    excess: Vec<Vec<Excess>>,
    shuffles: Vec<Shuffle>,
}

/// Weights that are multiplied on their own, besides those of the panel.
#[derive(Clone, Debug)]
pub(crate) struct Excess {
    word: usize,
    weights: [i32; PANEL],
}

impl Excess {
    /// Which word of activations they belong to: one of the depth, for only [`Panels::ease`] makes
    /// them.
    pub(crate) fn word(&self) -> usize {
        self.word
    }

    /// One word a channel, of as many as a vector has.
    pub(crate) fn weights(&self) -> &[i32; PANEL] {
        &self.weights
    }
}

/// Greatest sum of weights of one sign whose products with 7-bit activations add up in 16 bits:
/// `127 * 258` is 32,766.
pub(crate) const EASY: i32 = i16::MAX as i32 / 127;

impl Panels {
    /// Packs `weights` `[channels][depth]` and folds the input's zero point into the bias.
    ///
    /// Panel `i` holds the `width` channels from `starts[i]`; channels past the end are zeros.
    pub(crate) fn new(
        word: Word,
        weights: &[i16],
        bias: &[i32],
        zero_point: u8,
        starts: &[usize],
        width: usize,
    ) -> Self {
        let channels = bias.len();
        let steps = weights.len() / channels;
        let depth = steps.div_ceil(word.steps());
        let folded = fold_bias(weights, bias, zero_point);
        let mut words = Vec::with_capacity(starts.len() * width * depth);
        let mut biases = Vec::with_capacity(starts.len() * width);
        for &start in starts {
            let rows =
                (start..start + width).map(|channel| weights.get(channel * steps..).unwrap_or(&[]));
            for from in (0..steps).step_by(word.steps()) {
                let to = steps.min(from + word.steps());
                words.extend(
                    rows.clone().map(|row| word.of_weights(row.get(from..to).unwrap_or(&[]))),
                );
            }
            biases.extend(
                (start..start + width).map(|channel| folded.get(channel).copied().unwrap_or(0)),
            );
        }
        Panels {
            words: Aligned::from(&*words),
            bias: Aligned::from(&*biases),
            depth,
            excess: vec![],
            shuffles: vec![],
        }
    }

    /// Changes panels of [`PANEL`] channels of [`Word::Quad`] so that the products of two words, `2
    /// * k` and `2 * k + 1`, can be added in 16 bits before they are widened: in each half of a
    /// lane no more than [`EASY`] of either sign comes together.
    ///
    /// That is one widening for two words instead of two. Two neighbouring products of trained
    /// weights exceed 16 bits seldom, and seldomer after [`settle`](super::settle::settle); what is
    /// over is taken out of the second word and kept as an [`Excess`], to be multiplied on its own,
    /// for each vector of so many `lanes`. The sum stays exact for any weights. For
    /// EfficientNet-Lite0 one pair of words in 57 has some in a vector of four channels, settled
    /// one in 350.
    pub(crate) fn ease(&mut self, lanes: usize) {
        for panel in self.words.chunks_exact_mut(self.depth * PANEL) {
            let mut excess = vec![vec![]; PANEL / lanes];
            for (pair, words) in panel.chunks_exact_mut(2 * PANEL).enumerate() {
                let (first, second) = words.split_at_mut(PANEL);
                let vectors = first.chunks_exact(lanes).zip(second.chunks_exact_mut(lanes));
                for ((first, second), excess) in vectors.zip(&mut excess) {
                    let mut weights = [0; PANEL];
                    for ((first, second), over) in first.iter().zip(second).zip(&mut weights) {
                        *over = ease_lane(*first, second);
                    }
                    if weights != [0; PANEL] {
                        excess.push(Excess { word: 2 * pair + 1, weights });
                    }
                }
            }
            self.excess.append(&mut excess);
        }
    }

    /// `[panel][word of the depth][channel of the panel]`: the order in which a kernel reads them.
    pub(crate) fn words(&self) -> &[i32] {
        &self.words
    }

    /// `[panel][channel of the panel]`: `bias - zero_point * sum of weights`.
    pub(crate) fn bias(&self) -> &[i32] {
        &self.bias
    }

    /// Words of the depth in a panel; the last may be part zeros.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Says how the bytes of each load of a row are shuffled when it is packed, since the weights
    /// were [settled](super::settle::settle).
    pub(crate) fn settled(self, shuffles: Vec<Shuffle>) -> Self {
        Self { shuffles, ..self }
    }

    /// For each load of a row; empty where rows are packed as they lie.
    pub(crate) fn shuffles(&self) -> &[Shuffle] {
        &self.shuffles
    }

    /// The excess of each vector of channels; none if the panels were not eased.
    pub(crate) fn excess(&self, vector: usize) -> &[Excess] {
        self.excess.get(vector).map_or(&[], Vec::as_slice)
    }
}

/// Takes out of the word `second` what is too much beside `first`, and returns it.
fn ease_lane(first: i32, second: &mut i32) -> i32 {
    let first = first.to_le_bytes().map(|byte| byte as i8);
    let mut kept = second.to_le_bytes().map(|byte| byte as i8);
    let mut taken = [0_i8; 4];
    for half in [0..2, 2..4] {
        ease(&first[half.clone()], &mut kept[half.clone()], &mut taken[half]);
    }
    *second = Word::Quad.of_weights(&kept.map(i16::from));
    Word::Quad.of_weights(&taken.map(i16::from))
}

/// Moves from `kept` to `taken` what makes the weights of one sign, `first` and `kept` together,
/// more than [`EASY`].
fn ease(first: &[i8], kept: &mut [i8], taken: &mut [i8]) {
    for sign in [1, -1] {
        let of_sign = |weight: i8| (i32::from(weight) * sign).max(0);
        let sum: i32 = first.iter().chain(&*kept).map(|&weight| of_sign(weight)).sum();
        // Two weights alone are never too much, so `kept` has enough to give.
        let mut over = (sum - EASY).max(0);
        for (kept, taken) in kept.iter_mut().zip(&mut *taken) {
            let part = of_sign(*kept).min(over);
            over -= part;
            let part = (part * sign) as i8;
            *kept -= part;
            *taken += part;
        }
    }
}

/// `weights` with the steps of each channel, `depth` of them, in another order: `order` has the
/// step of each place, `None` being a gap of weight zero.
pub(crate) fn reorder(
    weights: &[i16],
    depth: usize,
    order: impl Iterator<Item = Option<usize>> + Clone,
) -> Vec<i16> {
    weights
        .chunks_exact(depth)
        .flat_map(|steps| order.clone().map(|step| step.map_or(0, |step| steps[step])))
        .collect()
}

/// `bias - zero_point * sum of the channel's weights`, so that kernels multiply raw bytes.
///
/// Padding then has to be the zero point itself, whose share this subtracts again.
fn fold_bias(weights: &[i16], bias: &[i32], zero_point: u8) -> Vec<i32> {
    let depth = weights.len() / bias.len();
    weights
        .chunks_exact(depth)
        .zip(bias)
        .map(|(row, bias)| {
            let sum: i64 = row.iter().map(|&w| i64::from(w)).sum();
            // In 32 bits, as `accumulator_fits` has found.
            (i64::from(*bias) - i64::from(zero_point) * sum) as i32
        })
        .collect()
}
