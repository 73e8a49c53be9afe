//! Draws of patients with a fixed generator: how far a number would be off with other patients.

use super::{Cases, Interval};

/// How many draws an interval has.
pub(crate) const DRAWS: usize = 1000;

/// SplitMix64, as its authors publish it: good enough to draw with, and the same everywhere.
#[derive(Debug)]
pub(crate) struct Generator(u64);

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number below `count`, which is far below 2^32: the bias is, too.
    fn below(&mut self, count: usize) -> usize {
        (((self.next() >> 32) * count as u64) >> 32) as usize
    }
}

/// How often each case counts, for each draw: of every class as many units are drawn as it has.
pub(crate) fn weights(cases: &Cases) -> impl Iterator<Item = Vec<f64>> + '_ {
    let mut generator = Generator::new(0);
    let by_class: Vec<Vec<usize>> = (0..cases.classes)
        .map(|class| {
            let units = cases.unit_labels.iter().enumerate();
            units.filter(|&(_, &label)| label == class).map(|(unit, _)| unit).collect()
        })
        .collect();
    (0..DRAWS).map(move |_| {
        let mut times = vec![0.0; cases.unit_labels.len()];
        for units in &by_class {
            for _ in 0..units.len() {
                times[units[generator.below(units.len())]] += 1.0;
            }
        }
        cases.units.iter().map(|&unit| times[unit]).collect()
    })
}

/// The interval of a value from that of each draw; `None` if it has none.
pub(crate) fn interval(value: Option<f64>, mut draws: Vec<f64>) -> Option<Interval> {
    let value = value?;
    draws.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (draws.len().max(1) - 1) as f64;
        draws.get(place as usize).copied().unwrap_or(value)
    };
    Some(Interval { value, low: at(0.025), high: at(0.975) })
}
