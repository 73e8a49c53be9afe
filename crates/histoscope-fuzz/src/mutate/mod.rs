//! Inputs made of seeds: mostly whole, spoilt in a few places.

mod bytes;
mod json;
mod onnx;

use fastrand::Rng;

use crate::target::Target;

/// An input for `target`, from the seed `start` and parts of `other`.
pub(crate) fn input(target: Target, start: &[u8], other: &[u8], random: &mut Rng) -> Vec<u8> {
    // Now and then the structure itself is spoilt.
    let plain = random.u8(..) < 40;
    match target {
        Target::Image | Target::Slide => bytes::spoil(start, other, random),
        _ if plain => bytes::spoil(start, other, random),
        Target::Network | Target::Planned | Target::Inspection => onnx::spoil(start, other, random),
        Target::Manifest
        | Target::Options
        | Target::Reports
        | Target::Saved
        | Target::Lesson
        | Target::Regions => json::spoil(start, random),
    }
}

/// One, or a few: half of the inputs have one damage, a quarter two, and so on.
fn times(random: &mut Rng) -> usize {
    1 + (random.u8(..).trailing_ones() as usize)
}

/// Numbers at which things go wrong.
const EXTREME: [i64; 24] = [
    0,
    1,
    -1,
    2,
    3,
    -2,
    7,
    16,
    64,
    127,
    128,
    255,
    256,
    1000,
    4096,
    65_535,
    65_536,
    1 << 20,
    954_437_177,
    i32::MAX as i64,
    i32::MIN as i64,
    1 << 40,
    i64::MAX,
    i64::MIN,
];

fn extreme(random: &mut Rng) -> i64 {
    EXTREME[random.usize(..EXTREME.len())]
}
