"""Constants read from Rust source."""

import pytest
from models.train.screen.thresholds import SCREEN, Thresholds, read


def test_numbers_ranges_and_arrays_are_read():
    source = """
/// A comment = 3;
pub const MIN_SIDE: usize = 32;
const RATIO: f64 = 0.145;
const SPAN: std::ops::Range<i64> = -90..900;
    const INSIDE: i64 = 5;
const ENDS: std::ops::RangeInclusive<i128> = 345..=850;
const PAIR: [i128; 2] = [8, 5];
const OTHER: i64 = MIN_SIDE * 2;
"""
    assert read(source) == {
        "MIN_SIDE": 32,
        "RATIO": 0.145,
        "SPAN": (-90, 900),
        "ENDS": (345, 850),
        "PAIR": (8, 5),
    }


def test_a_constant_that_is_gone_is_named():
    with pytest.raises(AttributeError, match=r"screen\.rs has no constant GLASS"):
        _ = Thresholds("const STEP: i64 = 5;", "screen.rs").GLASS


def test_the_screen_has_its_constants():
    assert SCREEN.MIN_SIDE > 0 and len(SCREEN.GREEN) == 2
