//! What a lesson says of places within patches: its class-activation map.
//!
//! A lesson is linear in the means of activations and of their squares. So it is the mean over the
//! places of a patch of something linear in the activation and its square there, and that is the map:
//!
//! ```text
//! cell[k] = (bias[k] + sum over levels and channels c of the mean over the cell's positions of
//!            weight[k][c] * a + square_weight[k][c] * a^2) / temperature
//! ```
//!
//! Cells are the positions of the coarsest level. The mean over all cells is the patch's logits over
//! the temperature. Sums are in f64 and in index order: the same bits natively and in a browser.

use histoscope_engine::Tap;

use super::{Lesson, Written};
use crate::features::{Features, Statistic};

/// The map of some patches.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// `[n, height, width, classes]`; the softmax of a cell is what the lesson would say if all of
    /// the patch were like it.
    pub values: Vec<f32>,
    /// Rows of cells; 0 where the levels do not lie on one grid, and there is no map.
    pub height: usize,
    /// Columns of cells; likewise.
    pub width: usize,
}

/// A map while the network runs.
pub(crate) struct Drawing<'a> {
    taps: &'a [Tap],
    /// For each tap its channels' terms.
    terms: Vec<Vec<Term>>,
    bias: &'a [f64],
    temperature: f64,
    height: usize,
    width: usize,
    /// `[n, height, width, classes]`, without bias and temperature.
    sums: Vec<f64>,
}

/// What a byte of a channel adds to each class: with `d = byte - zero point`, `plain * d + square * d^2`.
#[derive(Clone)]
struct Term {
    plain: Vec<f64>,
    square: Vec<f64>,
}

impl Lesson {
    /// Begins a map, of a model with these features, whose levels' tensors are `taps`.
    pub(crate) fn map<'a>(&'a self, taps: &'a [Tap], features: &Features) -> Drawing<'a> {
        let Written { weights, bias, temperature, .. } = &self.written;
        let mut terms: Vec<Vec<Term>> =
            taps.iter().map(|tap| vec![Term::nothing(bias.len()); tap.channels]).collect();
        let mut places = 0..features.len();
        for statistic in &features.statistics {
            for (tap, terms) in taps.iter().zip(&mut terms) {
                let scale = f64::from(tap.scale);
                for (term, place) in terms.iter_mut().zip(&mut places) {
                    let column = weights.iter().map(|row| row[place]);
                    match statistic {
                        Statistic::Mean => term.plain = column.map(|w| w * scale).collect(),
                        Statistic::MeanSquare => {
                            term.square = column.map(|w| w * scale * scale).collect();
                        }
                    }
                }
            }
        }
        let height = taps.iter().map(|tap| tap.height).min().unwrap_or(0);
        let width = taps.iter().map(|tap| tap.width).min().unwrap_or(0);
        let on_one_grid = |tap: &Tap| {
            tap.height.is_multiple_of(height)
                && tap.width.is_multiple_of(width)
                && tap.height / height == tap.width / width
        };
        let (height, width) = if taps.iter().all(on_one_grid) { (height, width) } else { (0, 0) };
        Drawing { taps, terms, bias, temperature: *temperature, height, width, sums: vec![] }
    }
}

impl Term {
    fn nothing(classes: usize) -> Self {
        Self { plain: vec![0.0; classes], square: vec![0.0; classes] }
    }
}

impl Drawing<'_> {
    /// Adds the bytes of one level of a patch, `[height][width][channels]`. Patches come one after
    /// the other; the levels of one in the order in which the network makes them.
    pub(crate) fn see(&mut self, patch: usize, level: usize, bytes: &[u8]) {
        if self.height == 0 {
            return;
        }
        let (tap, terms, classes) = (&self.taps[level], &self.terms[level], self.bias.len());
        let size = self.height * self.width * classes;
        self.sums.resize((patch + 1) * size, 0.0);
        let sums = &mut self.sums[patch * size..];
        let fine = tap.height / self.height;
        let share = 1.0 / (fine * fine) as f64;
        let mut here = vec![0.0; classes];
        for (position, pixel) in bytes.chunks_exact(tap.channels).enumerate() {
            here.fill(0.0);
            for (&byte, Term { plain, square }) in pixel.iter().zip(terms) {
                let d = f64::from(byte) - f64::from(tap.zero_point);
                for ((sum, plain), square) in here.iter_mut().zip(plain).zip(square) {
                    *sum += plain * d + square * (d * d);
                }
            }
            let (row, column) = (position / tap.width / fine, position % tap.width / fine);
            let cell = &mut sums[(row * self.width + column) * classes..];
            for (sum, here) in cell.iter_mut().zip(&here) {
                *sum += here * share;
            }
        }
    }

    /// The map of the patches that were seen.
    pub(crate) fn finish(self) -> Map {
        let Self { bias, temperature, height, width, sums, .. } = self;
        let biased = sums.iter().zip(bias.iter().cycle());
        let values = biased.map(|(sum, bias)| ((bias + sum) / temperature) as f32).collect();
        Map { values, height, width }
    }
}
