//! Which scaling of pixels a network's file and plain pictures speak for.

use crate::onnx::{DataType, Network};
use histoscope::inspection::inspect;
use histoscope::manifest::{Input, Normalisation};
use histoscope::scaling::{Advice, Doubt, Scaling, advise, open, usual_input};

const SIDE: usize = 32;

/// Two scores of the mean of each colour; `quantised` has the input go through bytes first.
fn network(quantised: Option<(f32, u8)>) -> Vec<u8> {
    let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
    let mut x = "image".to_owned();
    if let Some((scale, zero)) = quantised {
        let (scale, zero) = (network.number(scale), network.scalar_u8(zero));
        x = network.node("QuantizeLinear", &[&x, &scale, &zero], vec![]);
        x = network.node("DequantizeLinear", &[&x, &scale, &zero], vec![]);
    }
    let weights = [1.0, -2.0, 0.5, -0.25, 0.75, 3.0];
    let scores = network.linear_of_mean(&x, &weights, &[0.125, -0.25]);
    network.declared_output(&scores, DataType::Float, &[0, 2]);
    network.finish()
}

fn advice(model: &[u8], chosen: Option<Normalisation>) -> Option<Advice> {
    let inspection = inspect(model).unwrap();
    assert_eq!(inspection.problems, [""; 0]);
    let input = Input { normalisation: chosen, ..usual_input(&inspection) };
    assert_eq!(input.patch_size, SIDE as u32);
    let mut engine = open(model, &inspection, &input).unwrap();
    advise(&mut engine, &inspection, &input).unwrap()
}

#[test]
fn numbers_that_are_a_hundred_times_too_large_are_found_by_what_they_make() {
    let model = network(None);
    let found = advice(&model, None).unwrap();
    assert_eq!(found.saturated, [Scaling::Raw]);
    let likeliest = Some(Scaling::Imagenet);
    assert_eq!((found.told, found.suggested, found.doubt), (None, likeliest, None));
    for (chosen, doubt) in [
        (Scaling::Raw, Some(Doubt::Saturated)),
        (Scaling::Imagenet, None),
        (Scaling::ZeroToOne, None),
    ] {
        let found = advice(&model, Some(chosen.normalisation())).unwrap();
        assert_eq!((found.suggested, found.doubt), (likeliest, doubt), "{chosen:?}");
    }
}

#[test]
fn the_quantisation_of_the_input_says_how_pixels_are_scaled() {
    // From -2.13 to 2.63: black to white, less the mean of ImageNet.
    let model = network(Some((0.01866, 114)));
    let told = Some(Scaling::Imagenet);
    assert_eq!(advice(&model, None).unwrap().told, told);
    for chosen in Scaling::ALL {
        let found = advice(&model, Some(chosen.normalisation())).unwrap();
        let doubt = (chosen != Scaling::Imagenet).then_some(Doubt::Told);
        assert_eq!((found.suggested, found.doubt), (told, doubt), "{chosen:?}");
    }
}

#[test]
fn bytes_have_no_scaling() {
    let (mut network, image) = Network::new(SIDE);
    network.float_head(&image);
    assert_eq!(advice(&network.finish(), None), None);
}
