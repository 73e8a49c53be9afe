//! How the pixels of a float network are scaled, where no manifest tells: what its file says, and what it makes of
//! plain pictures.
//!
//! A network that gets pixels in another range than it was trained with answers all the same. Two signs remain: a
//! quantiser wrote the range of its input into the file, as does a first layer that scales pixels; and with numbers a
//! hundred times too large every picture, plain grey among them, gets the same class for certain.

use histoscope_engine::input::{Channels, Dtype, Layout, Normalisation};
use histoscope_engine::{Engine, Input};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::inspection::{Inspection, ScoresPort};

/// What networks are usually trained with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Scaling {
    /// Mean and deviation of ImageNet, as torchvision has them.
    Imagenet,
    /// -1 to 1.
    MinusOneToOne,
    /// 0 to 1.
    ZeroToOne,
    /// 0 to 255, as they are.
    Raw,
}

impl Scaling {
    /// The most frequent first.
    pub const ALL: [Self; 4] = [Self::Imagenet, Self::MinusOneToOne, Self::ZeroToOne, Self::Raw];

    /// What becomes of a pixel.
    pub fn normalisation(self) -> Normalisation {
        let (divisor, mean, std) = match self {
            Self::Imagenet => (255.0, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            Self::MinusOneToOne => (255.0, [0.5; 3], [0.5; 3]),
            Self::ZeroToOne => (255.0, [0.0; 3], [1.0; 3]),
            Self::Raw => (1.0, [0.0; 3], [1.0; 3]),
        };
        Normalisation { divisor, mean, std }
    }
}

/// What pictures become at least and at most, over all channels.
fn range(&Normalisation { divisor, mean, std }: &Normalisation) -> [f64; 2] {
    let ends = |pixel: f64| (0..3).map(move |at| (pixel / divisor - mean[at]) / std[at]);
    [ends(0.0).fold(f64::INFINITY, f64::min), ends(255.0).fold(f64::NEG_INFINITY, f64::max)]
}

/// Whether pictures that are scaled so reach `[low, high]`; who calibrated need not have met black or white.
fn may_reach(normalisation: &Normalisation, [low, high]: [f64; 2]) -> bool {
    let [least, most] = range(normalisation);
    // Signed bytes reach as far down as up: the lower end says nothing.
    let is_symmetric = (low + high).abs() <= 0.01 * high;
    let low_fits =
        if least < 0.0 { (0.4..=1.1).contains(&(low / least)) } else { low.abs() <= 0.05 * high };
    (0.6..=1.1).contains(&(high / most)) && (is_symmetric || low_fits)
}

/// What is known of the scaling of a network's pixels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// What its file says, by the quantisation of its input or by what it does to it first.
    pub told: Option<Scaling>,
    /// With these every picture gets the same class for certain, drawn tissue and plain grey.
    pub saturated: Vec<Scaling>,
    /// The likeliest; `None` where all of them may be.
    pub suggested: Option<Scaling>,
    /// What speaks against the scaling that was chosen, and for [`Advice::suggested`].
    pub doubt: Option<Doubt>,
}

/// What speaks against a scaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Doubt {
    /// The file says another.
    Told,
    /// Every picture gets the same class for certain, and not so with another.
    Saturated,
}

impl Advice {
    fn new(told: Option<Scaling>, saturated: Vec<Scaling>) -> Self {
        let rest = || Scaling::ALL.into_iter().find(|scaling| !saturated.contains(scaling));
        let suggested = told.or_else(|| if saturated.is_empty() { None } else { rest() });
        Self { told, saturated, suggested, doubt: None }
    }
}

/// A probability from here on is certain.
const CERTAIN: f64 = 0.9999;

/// Opens a network, which `inspection` describes, with its scores as the only output. Where `input` does not say how
/// pixels are scaled they are so anyhow: the arithmetic is the same, and [`advise`] tries what there is.
///
/// # Errors
/// [`Error::ModelInvalid`] where it does not run; [`Error::ModelNeedsTract`] from a build without tract.
pub fn open(model: &[u8], inspection: &Inspection, input: &Input) -> Result<Engine> {
    let choose = |found: &[histoscope_engine::Output]| {
        let is_scores = |name: &str| inspection.scores.as_ref().is_some_and(|it| it.name == name);
        let place = found.iter().position(|output| is_scores(&output.name));
        place.map(|place| vec![place]).ok_or_else(|| "its scores are gone".to_owned())
    };
    let any = (input.dtype == Dtype::Float32).then(|| Scaling::Imagenet.normalisation());
    let input = Input { normalisation: input.normalisation.or(any), ..input.clone() };
    Ok(Engine::load(model, &input, &choose)?)
}

/// Tries a float network, which [`open`] has opened, with every [`Scaling`] on a drawn field and on plain grey, and
/// with that of `input`, if it has one; it is left with the last that was tried. `None` of a network that reads raw
/// bytes.
///
/// # Errors
/// [`Error::ModelInvalid`] where it does not run.
pub fn advise(
    engine: &mut Engine,
    inspection: &Inspection,
    input: &Input,
) -> Result<Option<Advice>> {
    let Some(scores) = &inspection.scores else { return Ok(None) };
    if input.dtype == Dtype::Uint8 {
        return Ok(None);
    }
    let found = inspection.input_range.map(|range| range.map(f64::from));
    let pictures = pictures(input.patch_size as usize);
    let mut is_saturated = |normalisation| {
        engine.rescale(normalisation)?;
        Ok::<_, Error>(is_certain(&engine.infer(&pictures)?.swap_remove(0), scores))
    };
    let mut saturated = vec![];
    for scaling in Scaling::ALL {
        if is_saturated(scaling.normalisation())? {
            saturated.push(scaling);
        }
    }
    let mut advice = Advice::new(found.and_then(told), saturated);
    if let (Some(chosen), Some(suggested)) = (input.normalisation, advice.suggested) {
        let differs = |range| !may_reach(&chosen, range);
        if advice.told.is_some() && found.is_some_and(differs) {
            advice.doubt = Some(Doubt::Told);
        } else if !advice.saturated.contains(&suggested) && is_saturated(chosen)? {
            advice.doubt = Some(Doubt::Saturated);
        }
    }
    Ok(Some(advice))
}

/// What a network reads as far as its file tells, and as usual where it does not; how its pixels are scaled is left
/// open.
pub fn usual_input(inspection: &Inspection) -> Input {
    const USUAL_SIDE: u32 = 224;
    let is_raw = inspection.input.as_ref().is_some_and(|input| input.dtype == "uint8");
    Input {
        dtype: if is_raw { Dtype::Uint8 } else { Dtype::Float32 },
        layout: inspection.layout.unwrap_or(Layout::Nchw),
        channels: Channels::Rgb,
        patch_size: inspection.patch_size.unwrap_or(USUAL_SIDE),
        normalisation: None,
    }
}

/// The only scaling that fits a range.
fn told(range: [f64; 2]) -> Option<Scaling> {
    let mut fitting =
        Scaling::ALL.into_iter().filter(|scaling| may_reach(&scaling.normalisation(), range));
    fitting.next().filter(|_| fitting.next().is_none())
}

/// Whether each of the [`PICTURES`] of `made`, `[PICTURES, columns]`, gets the same class for certain.
fn is_certain(made: &[f32], scores: &ScoresPort) -> bool {
    let is_probability = matches!(&*scores.made_by, "Softmax" | "Sigmoid");
    let verdict = |picture: &[f32]| {
        let numbers: Vec<f64> = picture.iter().copied().map(f64::from).collect();
        let all = match *numbers.as_slice() {
            [one] if is_probability => vec![1.0 - one, one],
            [one] => vec![0.0, one],
            _ => numbers.clone(),
        };
        let greater =
            |best: (usize, f64), next: (usize, f64)| if next.1 > best.1 { next } else { best };
        let (class, most) = all.iter().copied().enumerate().reduce(greater)?;
        let sum: f64 = all.iter().map(|other| (other - most).exp()).sum();
        let probability = if is_probability { most } else { sum.recip() };
        // What is no number is no answer, either.
        (probability.is_nan() || probability >= CERTAIN).then_some(class)
    };
    let columns = (made.len() / PICTURES).max(1);
    let classes: Option<Vec<usize>> = made.chunks_exact(columns).map(verdict).collect();
    classes.is_some_and(|classes| classes.windows(2).all(|pair| pair[0] == pair[1]))
}

/// A drawn field and two greys.
const PICTURES: usize = 3;

/// `uint8 [PICTURES, side, side, 3]`: a drawn field, nuclei on pink ground, and two plain greys.
fn pictures(side: usize) -> Vec<u8> {
    const GROUND: [u8; 3] = [226, 178, 205];
    const NUCLEUS: [u8; 3] = [104, 62, 142];
    const GREYS: [u8; PICTURES - 1] = [70, 190];
    // A nucleus in each square of so many pixels, off its middle by turns.
    const SQUARE: usize = 24;
    let field = (0..side * side).flat_map(|at| {
        let (y, x) = (at / side, at % side);
        let turn = (y / SQUARE * 5 + x / SQUARE * 3) % 7;
        let away = |at: usize| (at % SQUARE).abs_diff(SQUARE / 2 + turn - 3);
        let radius = 5 + turn / 2;
        let is_nucleus = away(y).pow(2) + away(x).pow(2) < radius * radius;
        if is_nucleus { NUCLEUS } else { GROUND }
    });
    let greys = GREYS.iter().flat_map(|&grey| std::iter::repeat_n(grey, 3 * side * side));
    field.chain(greys).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_of_an_input_tells_its_scaling() {
        for (range, expected) in [
            ([-2.13, 2.63], Some(Scaling::Imagenet)),
            ([-1.4, 2.6], Some(Scaling::Imagenet)),
            // Signed bytes reach as far down as up.
            ([-2.66, 2.64], Some(Scaling::Imagenet)),
            ([-1.0, 0.93], Some(Scaling::MinusOneToOne)),
            ([0.0, 0.98], Some(Scaling::ZeroToOne)),
            ([0.0, 255.0], Some(Scaling::Raw)),
            ([-256.0, 254.0], Some(Scaling::Raw)),
            // Zero to one, or minus one to one.
            ([-1.008, 1.0], None),
            ([-30.0, 30.0], None),
            ([0.0, 0.0], None),
        ] {
            assert_eq!(told(range), expected, "{range:?}");
        }
    }

    #[test]
    fn what_the_file_says_goes_before_what_plain_pictures_get() {
        let advice = Advice::new(Some(Scaling::Raw), vec![Scaling::Raw]);
        assert_eq!(advice.suggested, Some(Scaling::Raw));
        let advice = Advice::new(None, vec![Scaling::Imagenet, Scaling::Raw]);
        assert_eq!(advice.suggested, Some(Scaling::MinusOneToOne));
        assert_eq!(Advice::new(None, vec![]).suggested, None);
        assert_eq!(Advice::new(None, Scaling::ALL.to_vec()).suggested, None);
    }

    #[test]
    fn one_class_for_all_pictures_is_certain() {
        let port =
            |made_by: &str| ScoresPort { name: "y".into(), columns: None, made_by: made_by.into() };
        for (made_by, made, certain) in [
            ("Gemm", &[0.0, 50.0, 1.0, 90.0, 0.0, 50.0][..], true),
            ("Gemm", &[0.0, 50.0, 90.0, 1.0, 0.0, 50.0], false),
            ("Gemm", &[0.0, 50.0, 1.0, 2.0, 0.0, 50.0], false),
            ("Gemm", &[-40.0, -30.0, -90.0], true),
            ("Softmax", &[0.0, 1.0, 0.00001, 0.99999, 0.0, 1.0], true),
            ("Softmax", &[0.1, 0.9, 0.0, 1.0, 0.0, 1.0], false),
            ("Sigmoid", &[0.0, 0.00001, 0.0], true),
            ("Gemm", &[f32::NAN; 6], true),
        ] {
            assert_eq!(is_certain(made, &port(made_by)), certain, "{made_by} {made:?}");
        }
    }

    #[test]
    fn a_drawn_field_and_two_greys() {
        let pictures = pictures(48);
        let (field, greys) = pictures.split_at(3 * 48 * 48);
        let pixels = field.as_chunks::<3>().0;
        let nuclei = pixels.iter().filter(|pixel| pixel[0] == 104).count();
        assert!((150..1200).contains(&nuclei), "{nuclei}");
        assert_eq!((greys.len(), greys[0], greys[greys.len() - 1]), (2 * field.len(), 70, 190));
    }
}
