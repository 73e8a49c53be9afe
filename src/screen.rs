//! Whether a patch can be assessed at all: tissue, stain and focus, before any inference.
//!
//! Integers but for one table and two quotients, so that every build and the Python twin
//! (`models/train/screen/twin.py`) find the same. What each threshold was measured on stands beside it;
//! the whole measurement is `docs/decisions/0004-screening.md`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::warning::Warning;

/// Patches with a shorter side, in pixels, are too small to be judged.
pub const MIN_SIDE: usize = 32;

/// Side of the blocks whose mean colour is looked at, in pixels: large enough to average a camera's
/// noise away, smaller than a nucleus.
const BLOCK: usize = 4;
/// The side is cut down to a multiple of this, so that all sizes of detail come out even.
const GRAIN: usize = 8;
/// Optical densities are in 1/256, natural logarithm.
const DENSITY_UNIT: f64 = 256.0;

// Real patches are the 3,224 of BreakHis; percentiles of them or of their perturbed copies.

/// Mean step of density (R + G + B, 1/256) from a block to its neighbour, under which there is
/// nothing to see. Bare glass with shading and dust: at most 4.1. Real: 0.3 % are below 6.4, and
/// those below 5 are glass to the eye.
const GLASS_STEP: i64 = 5;
/// Mean density (R + G + B) under which it may be glass: as grey as 152. It keeps black frames and
/// plain colours from being called glass.
const GLASS_DENSITY: i64 = 400;
/// Mean excess of green density, `2G - R - B`, from which a patch without structure is stained and
/// no glass. Glass under lamps of any colour: at most 27. Real: half are above 77.
const STAINED: i64 = 38;

/// Mean of the brightest channel, at least, of transmitted light. Under a lamp dimmed to 75 % real
/// patches have 105 and more; 95 % of fluorescence have less than 123, half less than 68.
const TRANSMITTED: i64 = 95;
/// Blocks of which no channel reaches this are dark, and one block in [`DARK_SHARE`] may be.
/// Real, overstained: 0.9 % of the blocks at most. Negatives: half have more than 17 %.
const DARK: i64 = 60;
const DARK_SHARE: i64 = 20;
/// Range of the mean excess of green density. Real, with stain, lamp and gamma perturbed: -82 to
/// 650. Grass, marker ink, and pure colours lie outside.
const EXCESS: std::ops::Range<i64> = -90..900;

// The colour of contrast: which share of the covariance with R + G + B each channel has. A lamp's
// colour shifts all densities alike and leaves it untouched.

/// Least variance of R + G + B density for that: 10/256 in standard deviation. Real: 0.3 % are
/// below 21/256. Under it the mean colour has to do.
const FLAT_VARIANCE: i128 = 100;
/// Range of green's share, in 1/1000. Grey things have 333, skin and wood at most 345, skies 315.
/// Real: 0.3 % are below 363, 1 % of the perturbed below 357; none is above 800.
const GREEN: std::ops::RangeInclusive<i128> = 345..=850;
/// How much more than green's red's share may be, in 1/1000. Real: 48 at most, 0.3 % above -8;
/// perturbed: 0.3 % above 12. Blue ink and skies have more.
const RED_OVER_GREEN: i128 = 30;
/// Brown, DAB or skin: `8 * blue - 3 * green` above 1.6. A plain limit on blue's share at the same
/// catch would reject 6 % of patches with perturbed stain instead of 1 %.
const BROWN: [i128; 2] = [8, 5];

// Focus: how fast detail fades from 8 pixels to 4 and to 2, green channel. Detail is the energy of
// second differences of sums over squares: an edge that is smooth at one size has a sixteenth of it
// at half the size. White noise is measured on the finest diagonals and taken off.

/// Least ratio of 2-pixel to 4-pixel detail. Real: 1 of 3,224 is below one of the two; with blur of
/// sigma 1 0.2 %, magnified by 1.67 3 %, with sigma 2 half of them, with sigma 3 three quarters.
const FINE_TO_MIDDLE: f64 = 0.145;
/// Least ratio of 4-pixel to 8-pixel detail: for strong blur, which leaves only noise at 2.
/// Sigma 4 and 6 are found in 97 % and 95 %.
const MIDDLE_TO_COARSE: f64 = 0.215;

// Who may speak for an image: the voters among its sampled patches. Measured on 837 images of 15
// patches each (docs/decisions/0004-screening.md): how often a verdict from a part of the patches is
// one that all of them together do not give.

/// At least so many vote, where so many were sampled. From one patch 12 % of the verdicts are others
/// than from all, from two 8 %, from four 5 to 7 %.
const LEAST_VOTERS: u64 = 2;
/// And at least one in so many of all that were sampled: 4 of 25. No real image has so few.
const VOTER_SHARE: u64 = 8;
/// And at least one in so many of those that hold anything: bare glass does not count against an
/// image, blur and foreign colours do.
const CONTENT_SHARE: u64 = 4;

/// What the screen finds of one patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    /// Stained tissue in focus.
    Assessable,
    /// Bare glass.
    Background,
    /// Out of focus, moved, or enlarged beyond what was resolved.
    Blurred,
    /// Not the colours of haematoxylin and eosin in transmitted light.
    NotHe,
    /// The screen was switched off, or the patch is too small for it.
    Unchecked,
}

impl Screen {
    /// Screens `uint8 [side, side, 3]`, RGB; [`Screen::Unchecked`] if `side` is below [`MIN_SIDE`].
    ///
    /// # Panics
    /// If `pixels` has any other length than that.
    pub fn of(pixels: &[u8], side: usize) -> Self {
        assert!(pixels.len() == side * side * 3, "a patch is square and has three channels");
        if side < MIN_SIDE { Self::Unchecked } else { Measures::of(pixels, side).judge() }
    }

    /// Whether a patch like this may be classified.
    pub fn may_vote(self) -> bool {
        matches!(self, Self::Assessable | Self::Unchecked)
    }
}

/// How many patches of an image were found to be what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// [`Screen::Assessable`].
    pub assessable: u32,
    /// [`Screen::Background`].
    pub background: u32,
    /// [`Screen::Blurred`].
    pub blurred: u32,
    /// [`Screen::NotHe`].
    pub not_he: u32,
    /// [`Screen::Unchecked`].
    pub unchecked: u32,
}

impl Counts {
    /// Counts what the screen found.
    pub fn of(patches: impl IntoIterator<Item = Screen>) -> Self {
        let mut counts = Self::default();
        for patch in patches {
            *match patch {
                Screen::Assessable => &mut counts.assessable,
                Screen::Background => &mut counts.background,
                Screen::Blurred => &mut counts.blurred,
                Screen::NotHe => &mut counts.not_he,
                Screen::Unchecked => &mut counts.unchecked,
            } += 1;
        }
        counts
    }

    /// All patches.
    pub fn total(&self) -> u64 {
        let Self { assessable, background, blurred, not_he, unchecked } = *self;
        [assessable, background, blurred, not_he, unchecked].map(u64::from).iter().sum()
    }

    /// Patches that may vote.
    fn good(&self) -> u64 {
        u64::from(self.assessable) + u64::from(self.unchecked)
    }

    /// Whether enough of what holds anything can be assessed.
    fn content_suffices(&self) -> bool {
        let content = self.total() - u64::from(self.background);
        CONTENT_SHARE * self.good() >= content
    }

    /// Whether enough of the image can be assessed for a verdict: two patches, unless there is but
    /// one; an eighth of all; and a quarter of those that hold anything.
    pub fn suffice(&self) -> bool {
        let (good, total) = (self.good(), self.total());
        let least = total.div_ceil(VOTER_SHARE).max(LEAST_VOTERS.min(total));
        good > 0 && good >= least && self.content_suffices()
    }

    /// What the reader of a report has to know; `None` if every patch voted.
    pub fn explain(&self) -> Option<Warning> {
        let reasons = [
            (self.background, "background", "Choose a field that holds more tissue."),
            (self.blurred, "blurred", "Focus again, or use the image at its original resolution."),
            (
                self.not_he,
                "not H&E",
                "Use a bright-field image of a section stained with haematoxylin and eosin.",
            ),
        ];
        let list: Vec<String> = reasons
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, name, _)| format!("{count} {name}"))
            .collect();
        let which = list.join(", ");
        let (good, total) = (self.good(), self.total());
        let left_out = total - good;
        if left_out == 0 {
            return None;
        }
        if self.suffice() {
            return Some(Warning::PatchesLeftOut { left_out, total, which });
        }
        // Where enough of what holds anything is good, glass stands in the way, and only there.
        let obstacles = &reasons[usize::from(good > 0 && !self.content_suffices())..];
        let (.., remedy) = *obstacles.iter().max_by_key(|(count, ..)| count)?;
        Some(Warning::NotAssessable { good, total, which, remedy })
    }
}

/// Indices of the patches of one image that vote, ascending; none if they do not suffice.
pub fn voters(patches: impl IntoIterator<Item = Screen> + Clone) -> Vec<usize> {
    if !Counts::of(patches.clone()).suffice() {
        return Vec::new();
    }
    let may_vote = |(index, patch): (usize, Screen)| patch.may_vote().then_some(index);
    patches.into_iter().enumerate().filter_map(may_vote).collect()
}

/// `round(-256 ln((value + 1) / 256))` for each byte. No value is near a tie, so any good `log` does.
static DENSITY: LazyLock<[i64; 256]> = LazyLock::new(|| {
    std::array::from_fn(|value| {
        (-DENSITY_UNIT * libm::log((value as f64 + 1.0) / 256.0)).round() as i64
    })
});

/// All that the screen looks at: sums of integers over one patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    /// Number of blocks of 4x4 pixels.
    pub blocks: i64,
    /// Steps of density between neighbouring blocks, down and to the right, absolute.
    pub steps: i64,
    /// Brightest channel of each block's mean colour.
    pub light: i64,
    /// Number of dark blocks.
    pub dark: i64,
    /// Density of the blocks in R, G and B.
    pub density: [i64; 3],
    /// Covariance of R, G and B with their sum, times the square of the number of blocks.
    pub contrast: [i64; 3],
    /// Energy of diagonal differences of pixels, where noise is greatest against anything else.
    pub noise: i64,
    /// Energy of second differences of sums over squares of 2, 4 and 8 pixels.
    pub detail: [i64; 3],
}

impl Measures {
    /// # Panics
    /// If `pixels` is not `[side, side, 3]`, or `side` is below [`MIN_SIDE`].
    pub fn of(pixels: &[u8], side: usize) -> Self {
        assert!(side >= MIN_SIDE && pixels.len() == side * side * 3);
        let even = side / GRAIN * GRAIN;
        let across = even / BLOCK;
        let mut colours = vec![[0_i64; 3]; across * across];
        let mut green = Vec::with_capacity(even * even);
        for (y, row) in pixels.chunks_exact(side * 3).take(even).enumerate() {
            let (row, _) = row[..even * 3].as_chunks::<{ 3 * BLOCK }>();
            for (block, run) in colours[y / BLOCK * across..].iter_mut().zip(row) {
                for (channel, sum) in block.iter_mut().enumerate() {
                    let of_run = run.iter().skip(channel).step_by(3);
                    *sum += i64::from(of_run.map(|&value| u16::from(value)).sum::<u16>());
                }
                green.extend([run[1], run[4], run[7], run[10]].map(i32::from));
            }
        }

        let fine = halve(&green, even);
        let middle = halve(&fine, even / 2);
        let coarse = halve(&middle, even / 4);
        Self {
            noise: diagonal(&green, even),
            detail: [bends(&fine, even / 2), bends(&middle, even / 4), bends(&coarse, even / 8)],
            ..Self::of_blocks(&colours, across)
        }
    }

    /// What the sums of colour over blocks say.
    fn of_blocks(colours: &[[i64; 3]], across: usize) -> Self {
        let density = &*DENSITY;
        let (mut light, mut dark) = (0, 0);
        let (mut sums, mut products) = ([0_i64; 3], [0_i64; 3]);
        let mut totals = Vec::with_capacity(colours.len());
        for colour in colours {
            let area = (BLOCK * BLOCK) as i64;
            let mean = colour.map(|sum| (sum + area / 2) / area);
            let brightest = mean[0].max(mean[1]).max(mean[2]);
            light += brightest;
            dark += i64::from(brightest < DARK);
            let densities = mean.map(|value| density[value as usize]);
            let total: i64 = densities.iter().sum();
            for channel in 0..3 {
                sums[channel] += densities[channel];
                products[channel] += densities[channel] * total;
            }
            totals.push(total);
        }
        let blocks = colours.len() as i64;
        let total: i64 = sums.iter().sum();
        let right = totals.chunks_exact(across).flat_map(|row| row.windows(2));
        let steps = right.map(|pair| (pair[1] - pair[0]).abs()).sum::<i64>()
            + totals.iter().zip(&totals[across..]).map(|(a, b)| (b - a).abs()).sum::<i64>();
        Self {
            blocks,
            steps,
            light,
            dark,
            density: sums,
            contrast: [0, 1, 2].map(|c| blocks * products[c] - sums[c] * total),
            noise: 0,
            detail: [0; 3],
        }
    }

    /// The checks in their order: what is glass has neither colour nor focus, and what is not H&E
    /// need not be in focus.
    pub fn judge(&self) -> Screen {
        if self.is_glass() {
            Screen::Background
        } else if !self.is_he() {
            Screen::NotHe
        } else if self.is_blurred() {
            Screen::Blurred
        } else {
            Screen::Assessable
        }
    }

    /// `2G - R - B` of density, summed: H&E absorbs green.
    fn excess(&self) -> i64 {
        let [r, g, b] = self.density;
        2 * g - r - b
    }

    fn is_glass(&self) -> bool {
        let across = self.blocks.isqrt();
        self.steps < GLASS_STEP * 2 * across * (across - 1)
            && self.density.iter().sum::<i64>() < GLASS_DENSITY * self.blocks
            && self.excess() < STAINED * self.blocks
    }

    fn is_he(&self) -> bool {
        let within = EXCESS.start * self.blocks..EXCESS.end * self.blocks;
        if self.light < TRANSMITTED * self.blocks
            || self.dark * DARK_SHARE > self.blocks
            || !within.contains(&self.excess())
        {
            return false;
        }
        let [r, g, b] = self.contrast.map(i128::from);
        let total = r + g + b;
        if total < FLAT_VARIANCE * i128::from(self.blocks).pow(2) {
            return self.excess() >= STAINED * self.blocks;
        }
        1000 * g >= GREEN.start() * total
            && 1000 * g <= GREEN.end() * total
            && 1000 * (r - g) <= RED_OVER_GREEN * total
            && BROWN[1] * (8 * b - 3 * g) <= BROWN[0] * total
    }

    fn is_blurred(&self) -> bool {
        // These are the four operations of IEEE 754 on integers below 2^53: the same everywhere.
        let across = self.blocks.isqrt();
        let noise = self.noise as f64 / (self.blocks * (BLOCK * BLOCK) as i64) as f64;
        // In second differences of sums over k pixels noise has 6 k times its variance, in each
        // direction. From size to size sums are over four times the pixels: a factor of 16.
        let mean = |energy: i64, side: i64| energy as f64 / (side * (side - 2)) as f64;
        let fine = mean(self.detail[0], 2 * across);
        let middle = mean(self.detail[1], across);
        let coarse = mean(self.detail[2], across / 2);
        16.0 * (fine - 48.0 * noise) < FINE_TO_MIDDLE * middle
            || 16.0 * (middle - 192.0 * noise) < MIDDLE_TO_COARSE * coarse
    }
}

// One pass over whole slices each, or two of a row, which compilers make vectors of.

/// Sums of 2x2 neighbours.
fn halve(level: &[i32], side: usize) -> Vec<i32> {
    let mut half = Vec::with_capacity(level.len() / 4);
    for rows in level.chunks_exact(2 * side) {
        half.extend(neighbours(rows).map(|([a, b], [c, d])| a + b + c + d));
    }
    half
}

/// Energy of the diagonal differences within 2x2 neighbours.
fn diagonal(level: &[i32], side: usize) -> i64 {
    let rows = level.chunks_exact(2 * side);
    rows.map(|rows| neighbours(rows).map(|([a, b], [c, d])| square(a - b - c + d)).sum::<i64>())
        .sum()
}

/// The 2x2 neighbours of two rows: upper and lower pairs.
fn neighbours(rows: &[i32]) -> impl Iterator<Item = (&[i32; 2], &[i32; 2])> {
    let (upper, lower) = rows.split_at(rows.len() / 2);
    upper.as_chunks().0.iter().zip(lower.as_chunks().0)
}

/// Energy of second differences, across and down.
fn bends(level: &[i32], side: usize) -> i64 {
    let across = level.chunks_exact(side).map(|row| bend(row, &row[1..], &row[2..]));
    across.sum::<i64>() + bend(level, &level[side..], &level[2 * side..])
}

/// Energy of `a - 2 b + c` as far as `c` goes.
fn bend(a: &[i32], b: &[i32], c: &[i32]) -> i64 {
    a.iter().zip(b).zip(c).map(|((a, b), c)| square(a - 2 * b + c)).sum()
}

fn square(value: i32) -> i64 {
    i64::from(value).pow(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(assessable: u32, background: u32, blurred: u32, not_he: u32) -> Counts {
        Counts { assessable, background, blurred, not_he, unchecked: 0 }
    }

    #[test]
    fn two_patches_an_eighth_of_all_and_a_quarter_of_what_is_no_glass_have_to_be_assessable() {
        for (found, suffice) in [
            (counts(1, 0, 0, 0), true),
            (counts(1, 1, 0, 0), false),
            (counts(2, 1, 0, 0), true),
            (counts(1, 24, 0, 0), false),
            (counts(3, 21, 0, 0), true),
            (counts(3, 22, 0, 0), false),
            (counts(4, 21, 0, 0), true),
            (counts(4, 15, 4, 2), true),
            (counts(2, 14, 0, 0), true),
            (counts(2, 0, 3, 4), false),
            (counts(1, 0, 2, 1), false),
            (counts(6, 1, 18, 0), true),
            (counts(6, 0, 18, 1), false),
            (counts(0, 25, 0, 0), false),
            (counts(0, 0, 0, 0), false),
            (Counts { unchecked: 1, ..Counts::default() }, true),
        ] {
            assert_eq!(found.suffice(), suffice, "{found:?}");
        }
    }

    #[test]
    fn voters_are_the_assessable_patches_of_an_assessable_image() {
        use Screen::{Assessable, Background, Blurred, NotHe, Unchecked};
        assert_eq!(voters([Background, Assessable, Blurred, Assessable]), [1, 3]);
        assert_eq!(voters([Unchecked, Unchecked]), [0, 1]);
        assert_eq!(voters([Assessable, Assessable, NotHe, NotHe, NotHe]), [0, 1]);
        assert_eq!(voters([Assessable, NotHe, NotHe, NotHe, NotHe]), [0; 0]);
    }

    #[test]
    fn explanations_count_and_name_the_commonest_remedy() {
        assert_eq!(counts(25, 0, 0, 0).explain(), None);
        assert_eq!(
            counts(22, 2, 1, 0).explain().unwrap().to_string(),
            "3 of 25 patches did not vote: 2 background, 1 blurred."
        );
        assert_eq!(
            counts(1, 0, 5, 0).explain().unwrap().to_string(),
            "Not assessable: 1 of 6 patches can be assessed (5 blurred). Focus again, or use the \
             image at its original resolution. To classify it all the same, switch the screen off."
        );
        assert!(counts(0, 2, 0, 4).explain().unwrap().to_string().contains("haematoxylin"));
        assert!(counts(0, 4, 0, 2).explain().unwrap().to_string().contains("more tissue"));
        assert!(counts(1, 20, 4, 0).explain().unwrap().to_string().contains("Focus again"));
        assert_eq!(
            counts(1, 23, 0, 0).explain().unwrap().to_string(),
            "Not assessable: 1 of 24 patches can be assessed (23 background). Choose a field that \
             holds more tissue. To classify it all the same, switch the screen off."
        );
    }

    #[test]
    fn densities_are_natural_logarithms_in_256ths() {
        assert_eq!(DENSITY[255], 0);
        assert_eq!(DENSITY[127], 177); // 256 ln 2 = 177.45
        assert_eq!(DENSITY[0], 1420); // 256 ln 256 = 1419.57
        assert!(DENSITY.windows(2).all(|pair| pair[0] >= pair[1]));
    }

    #[test]
    fn flat_patches_are_judged_by_their_colour() {
        let flat = |colour: [u8; 3]| Screen::of(&colour.repeat(64 * 64), 64);
        for glass in [[255, 255, 255], [240, 238, 225], [200, 205, 202]] {
            assert_eq!(flat(glass), Screen::Background, "{glass:?}");
        }
        for other in [[0, 0, 0], [128, 128, 128], [255, 0, 0], [40, 90, 200], [255, 255, 0]] {
            assert_eq!(flat(other), Screen::NotHe, "{other:?}");
        }
        // Stained, but there is nothing to tell its focus from.
        assert_ne!(flat([230, 130, 180]), Screen::Background);
    }

    #[test]
    fn what_is_too_small_is_not_judged() {
        assert_eq!(Screen::of(&[0; 31 * 31 * 3], 31), Screen::Unchecked);
        assert_eq!(Screen::of(&[0; 32 * 32 * 3], 32), Screen::NotHe);
    }
}
