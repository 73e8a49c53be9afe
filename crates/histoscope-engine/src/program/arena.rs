//! Where each activation of an island lies in one buffer: values whose lives do not overlap share room.

use std::ops::Range;

/// Every value begins at a multiple of this: the width of a cache line, so that no two share one.
const ALIGNMENT: usize = 64;

/// A value that a step makes and later steps read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    /// Bytes.
    pub len: usize,
    /// The step that makes it.
    pub from: usize,
    /// The last step that reads it, at least `from`.
    pub to: usize,
}

/// The bytes of each value, and the length of the buffer that holds them all.
///
/// Greedy by size: the largest value is placed first, each at the lowest offset at which it meets
/// no value that lives at the same time. Not always the least buffer, but for chains of layers it
/// is the sum of the two greatest neighbours, which no order can beat.
pub(crate) fn place(lives: &[Life]) -> (Vec<Range<usize>>, usize) {
    let mut order: Vec<usize> = (0..lives.len()).collect();
    order.sort_by_key(|&value| std::cmp::Reverse(lives[value].len));
    let mut places: Vec<Option<Range<usize>>> = vec![None; lives.len()];
    for value in order {
        let life = lives[value];
        let mut taken: Vec<Range<usize>> = lives
            .iter()
            .zip(&places)
            .filter(|(other, _)| other.from <= life.to && life.from <= other.to)
            .filter_map(|(_, place)| place.clone())
            .collect();
        taken.sort_by_key(|range| range.start);
        let mut start = 0;
        for range in taken {
            if start + life.len <= range.start {
                break;
            }
            start = start.max(range.end.next_multiple_of(ALIGNMENT));
        }
        places[value] = Some(start..start + life.len);
    }
    let places: Vec<_> = places.into_iter().flatten().collect();
    let len = places.iter().map(|range| range.end).max().unwrap_or(0);
    (places, len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn life(len: usize, from: usize, to: usize) -> Life {
        Life { len, from, to }
    }

    #[test]
    fn a_chain_takes_two_neighbours() {
        let chain = [life(128, 0, 1), life(640, 1, 2), life(64, 2, 3), life(320, 3, 4)];
        let (places, len) = place(&chain);
        assert_eq!(len, 640 + 128);
        assert_eq!(places.iter().map(Range::len).collect::<Vec<_>>(), [128, 640, 64, 320]);
    }

    #[test]
    fn nothing_takes_nothing() {
        assert_eq!(place(&[]), (vec![], 0));
    }

    proptest! {
        #[test]
        fn values_that_live_together_never_overlap(
            values in proptest::collection::vec((1..5000_usize, 0..20_usize, 0..6_usize), 1..24),
        ) {
            let lives: Vec<Life> =
                values.iter().map(|&(len, from, more)| life(len, from, from + more)).collect();
            let (places, len) = place(&lives);
            for (index, (a, place)) in lives.iter().zip(&places).enumerate() {
                prop_assert_eq!(place.len(), a.len);
                prop_assert_eq!(place.start % ALIGNMENT, 0);
                prop_assert!(place.end <= len);
                for (b, other) in lives.iter().zip(&places).skip(index + 1) {
                    let together = a.from <= b.to && b.from <= a.to;
                    prop_assert!(!together || place.end <= other.start || other.end <= place.start);
                }
            }
        }
    }
}
