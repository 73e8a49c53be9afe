//! The colours of classes, wherever a map is drawn or written: in the page, in files, in Python.
//!
//! Benign and malignant have a scale from blue through a pale middle to orange, a pair that people with
//! any of the common colour-vision deficiencies tell apart, with lightness falling towards both ends.
//! Other classes have a colour each, paler the less sure it is. The page has these numbers from here
//! (`www/src/study/core-types.ts`), and mixes them by the same rule (`www/src/view/colours.ts`).
#![forbid(unsafe_code)]

/// Red, green and blue, as in sRGB.
pub type Rgb = [u8; 3];

/// The two classes that most heads tell apart, in the order of their probabilities.
pub const OWN_CLASSES: [&str; 2] = ["benign", "malignant"];

/// At probabilities of malignant 0, 1/4, 1/2, 3/4 and 1, between which they are mixed.
pub const STOPS: [Rgb; 5] =
    [[12, 84, 158], [100, 160, 210], [244, 241, 232], [243, 158, 80], [186, 74, 0]];

/// The pale middle, which says nothing.
const PALE: Rgb = STOPS[2];

/// Of benign and malignant where they are named: dark enough for a text.
pub const OWN_TONES: [Rgb; 2] = [[12, 84, 158], [168, 67, 0]];

/// Of other classes by their places: those of Paul Tol's schemes "muted", "vibrant" and "bright", which
/// people with any of the common colour-vision deficiencies tell apart
/// (<https://sronpersonalpages.nl/~pault/>), neighbours by lightness, too. The last, a grey, is that of
/// all classes beyond.
pub const TONES: [Rgb; 12] = [
    [51, 34, 136],
    [221, 204, 119],
    [68, 170, 153],
    [204, 102, 119],
    [136, 204, 238],
    [136, 34, 85],
    [17, 119, 51],
    [238, 119, 51],
    [170, 68, 153],
    [153, 153, 51],
    [68, 119, 170],
    [187, 187, 187],
];

/// Of patches that do not vote.
pub const LEFT_OUT: Rgb = [120, 120, 120];

/// Whether these classes are benign and malignant, in this order.
pub fn is_own<S: AsRef<str>>(classes: &[S]) -> bool {
    classes.iter().map(AsRef::as_ref).eq(OWN_CLASSES)
}

/// The full colour of the class at this place.
pub fn tone<S: AsRef<str>>(classes: &[S], place: usize) -> Rgb {
    let tones: &[Rgb] = if is_own(classes) { &OWN_TONES } else { &TONES };
    tones[place.min(tones.len() - 1)]
}

/// The colour of a patch with these probabilities by class, as many as there are classes and two or
/// more: of benign and malignant that of the scale, else the colour of the greatest's class, the first
/// of equals, paler the less sure it is.
pub fn of_shares<S: AsRef<str>>(classes: &[S], shares: &[f64]) -> Rgb {
    if is_own(classes) {
        return of_malignant(shares.get(1).copied().unwrap_or(0.5));
    }
    let place = greatest(shares);
    let share = shares.get(place).copied().unwrap_or_default();
    let least = 1.0 / classes.len() as f64;
    let sure = 0.25 + (0.75 * (share - least).max(0.0)) / (1.0 - least);
    mix(PALE, tone(classes, place), sure)
}

/// The place of the greatest value; the first of equals.
fn greatest(values: &[f64]) -> usize {
    let better =
        |best: usize, place: usize| if values[place] > values[best] { place } else { best };
    (0..values.len()).fold(0, better)
}

/// What is outside 0 to 1 counts as the nearer end.
fn of_malignant(probability: f64) -> Rgb {
    let last = STOPS.len() - 1;
    let place = probability.clamp(0.0, 1.0) * last as f64;
    let low = (place as usize).min(last - 1);
    mix(STOPS[low], STOPS[low + 1], place - low as f64)
}

/// `share` of the way from one colour to the other, 0 to 1.
fn mix(from: Rgb, to: Rgb, share: f64) -> Rgb {
    std::array::from_fn(|channel| {
        let [from, to] = [from, to].map(|colour| f64::from(colour[channel]));
        (from + (to - from) * share).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: [&str; 3] = ["normal", "in situ", "invasive"];

    #[test]
    fn benign_and_malignant_have_the_colours_of_the_stops_and_between_them() {
        let colour = |malignant: f64| of_shares(&OWN_CLASSES, &[1.0 - malignant, malignant]);
        for (stop, expected) in STOPS.into_iter().enumerate() {
            assert_eq!(colour(stop as f64 / 4.0), expected);
        }
        assert_eq!(colour(7.0), colour(1.0));
        assert_eq!(colour(0.625), [244, 200, 156]);
    }

    #[test]
    fn other_classes_have_their_own_paler_the_less_sure_they_are() {
        assert_eq!(of_shares(&THREE, &[0.0, 0.0, 1.0]), tone(&THREE, 2));
        // A quarter of the colour where nothing is known; the first of equals.
        let third = 1.0 / 3.0;
        assert_eq!(of_shares(&THREE, &[third; 3]), [196, 189, 208]);
        assert_eq!(of_shares(&THREE, &[0.4, 0.5, 0.1]), [234, 225, 183]);
        // Only in this order they are the two.
        assert_eq!(tone(&["malignant", "benign"], 0), TONES[0]);
    }

    #[test]
    fn classes_beyond_the_last_colour_share_it() {
        let names: Vec<String> = (0..100).map(|place| format!("class {place}")).collect();
        assert_eq!([tone(&names, 11), tone(&names, 99)], [TONES[11]; 2]);
    }
}
