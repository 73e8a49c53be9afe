//! Products of each pixel or token with quantised weights, as ConvNeXt and transformers have them: which are layers.

use histoscope_engine::{Lowering, inspect};

use super::onnx::{Activation, Conv, Network, Value, int, ints};
use super::{SIDE, agree, kernels, load};

const CHANNELS: usize = 6;
const WIDE: usize = 16;
/// Side of the map behind the stem.
const MAP: i64 = SIDE as i64 / 4;

/// What is added to a product before it is quantised.
#[derive(Clone, Copy, PartialEq)]
enum Bias {
    None,
    First,
    Last,
}

/// The product of `x`, whose last axis has `depth`, with weights `[depth, classes]`, quantised.
fn product(network: &mut Network, x: &Value, classes: usize, bias: Bias) -> Value {
    let weights = weights_by_columns(network, x.channels, classes);
    quantised_product(network, x, &weights, classes, bias)
}

/// Real weights `[depth, classes]` of bytes, with a scale for each class.
fn weights_by_columns(network: &mut Network, depth: usize, classes: usize) -> String {
    let weights = network.bytes(&[depth, classes]);
    let steps: Vec<f32> = (0..classes).map(|class| 0.002 + 0.0005 * class as f32).collect();
    let (steps, zeros) = (network.numbers(&steps), network.bytes_of(&vec![128; classes]));
    let axis = vec![int("axis", -1)];
    network.node("DequantizeLinear", &[&weights, &steps, &zeros], axis)
}

fn quantised_product(
    network: &mut Network,
    x: &Value,
    weights: &str,
    classes: usize,
    bias: Bias,
) -> Value {
    let real = network.real(x);
    let mut made = network.node("MatMul", &[&real, weights], vec![]);
    if bias != Bias::None {
        let added = network.weights(&[classes]);
        let mut summands = [made.as_str(), added.as_str()];
        if bias == Bias::First {
            summands.reverse();
        }
        made = network.node("Add", &summands, vec![]);
    }
    network.quantise(&made, classes, 0.03125, 120)
}

/// The pixels of a map of [`CHANNELS`], `[N, h, w, CHANNELS]`, and the map.
fn pixels(network: &mut Network, image: &Value) -> (Value, Value) {
    let stem = network.conv(image, Conv::new(CHANNELS, 4, 4, Activation::Linear));
    let real = network.real(&stem);
    let nhwc = network.node("Transpose", &[&real], vec![ints("perm", &[0, 2, 3, 1])]);
    (network.quantise(&nhwc, CHANNELS, stem.scale, stem.zero_point), stem)
}

/// Ends a network by the mean of pixels `[N, h, w, channels]`.
fn end(network: &mut Network, pixels: &Value) {
    let real = network.real(pixels);
    let nchw = network.node("Transpose", &[&real], vec![ints("perm", &[0, 3, 1, 2])]);
    network.float_head(&Value::real(nchw, pixels.channels));
}

#[test]
fn a_block_of_convnext_is_layers_and_what_is_between() {
    let (mut network, image) = Network::new(SIDE as usize);
    let (x, stem) = pixels(&mut network, &image);
    let wide = product(&mut network, &x, WIDE, Bias::Last);
    let real = network.real(&wide);
    let bent = network.node("Gelu", &[&real], vec![]);
    let bent = network.quantise(&bent, WIDE, 0.03125, 20);
    let thin = product(&mut network, &bent, CHANNELS, Bias::None);
    let (real, kept) = (network.real(&thin), network.real(&stem));
    let nchw = network.node("Transpose", &[&real], vec![ints("perm", &[0, 3, 1, 2])]);
    let sum = network.node("Add", &[&kept, &nchw], vec![]);
    network.float_head(&Value::real(sum, CHANNELS));
    let found = inspect(&network.clone().finish()).unwrap();
    // Three in front of the products, three between them, four up to the sum, and three to the logits.
    assert_eq!((found.fused_layers, found.nodes - found.lowered_nodes), (3, 13));
    let engine = agree(network, 0.05);
    assert_eq!(engine.fallback(), None);
    assert_eq!(engine.fused_layers(), 3);
    let pixels = (MAP * MAP) as u64;
    let products = 2 * CHANNELS * WIDE + 3 * 4 * 4 * CHANNELS;
    assert_eq!(engine.products().fused, pixels * products as u64);
    // No tensor is moved for the layers: what transposes is what the file transposes, at most.
    let (_, others) = kernels(&engine);
    assert!(others < 16, "{:?}", engine.layers());
}

#[test]
fn tokens_have_any_number_of_axes_before_the_last() {
    for shape in [&[1, -1, CHANNELS as i64][..], &[-1, CHANNELS as i64], &[2, -1, 1, 4, 6]] {
        let (mut network, image) = Network::new(SIDE as usize);
        let (x, _) = pixels(&mut network, &image);
        let tokens = network.integers(shape);
        let tokens = x.like(network.node("Reshape", &[&x.name, &tokens], vec![]));
        let made = product(&mut network, &tokens, WIDE, Bias::First);
        let back = network.integers(&[1, MAP, MAP, WIDE as i64]);
        let back = made.like(network.node("Reshape", &[&made.name, &back], vec![]));
        end(&mut network, &back);
        assert_eq!(agree(network, 0.05).fused_layers(), 2, "{shape:?}");
    }
}

#[test]
fn products_may_share_their_weights() {
    let (mut network, image) = Network::new(SIDE as usize);
    let (x, _) = pixels(&mut network, &image);
    let (bytes, step) = (network.bytes(&[CHANNELS, CHANNELS]), network.number(0.004));
    let zero = network.scalar_u8(128);
    let weights = network.node("DequantizeLinear", &[&bytes, &step, &zero], vec![]);
    let once = quantised_product(&mut network, &x, &weights, CHANNELS, Bias::None);
    let twice = quantised_product(&mut network, &once, &weights, CHANNELS, Bias::Last);
    end(&mut network, &twice);
    assert_eq!(agree(network, 0.05).fused_layers(), 3);
}

#[test]
fn signed_tokens_and_weights_are_layers_too() {
    let (mut network, image) = Network::new(SIDE as usize);
    let (x, _) = pixels(&mut network, &image);
    let real = network.real(&x);
    let (scale, zero) = (network.number(0.05), network.scalar_i8(-3));
    let bytes = network.node("QuantizeLinear", &[&real, &scale, &zero], vec![]);
    let real = network.node("DequantizeLinear", &[&bytes, &scale, &zero], vec![]);
    let (weights, steps) =
        (network.signed_bytes(&[CHANNELS, WIDE]), network.numbers(&[0.004; WIDE]));
    let axis = vec![int("axis", 1)];
    let weights = network.node("DequantizeLinear", &[&weights, &steps], axis);
    let made = network.node("MatMul", &[&real, &weights], vec![]);
    let bytes = network.node("QuantizeLinear", &[&made, &scale, &zero], vec![]);
    let real = network.node("DequantizeLinear", &[&bytes, &scale, &zero], vec![]);
    end(&mut network, &Value::real(real, WIDE));
    assert_eq!(agree(network, 0.05).fused_layers(), 2);
}

#[test]
fn products_in_the_form_of_one_operator_are_layers_too() {
    let (mut network, image) = Network::new(SIDE as usize);
    let (x, _) = pixels(&mut network, &image);
    let (step, zero) = (network.number(x.scale), network.scalar_u8(x.zero_point));
    let (weights, steps) = (network.bytes(&[CHANNELS, WIDE]), network.number(0.004));
    let zeros = network.scalar_u8(128);
    let (made_step, made_zero) = (network.number(0.03125), network.scalar_u8(120));
    let inputs = [&*x.name, &step, &zero, &weights, &steps, &zeros, &made_step, &made_zero];
    let made = network.node("QLinearMatMul", &inputs, vec![]);
    let real = network.node("DequantizeLinear", &[&made, &made_step, &made_zero], vec![]);
    end(&mut network, &Value::real(real, WIDE));
    assert_eq!(agree(network, 0.05).fused_layers(), 2);
}

/// The sum of what was `made` by the last product with that product before it was quantised.
fn read_twice(network: &mut Network, made: &Value) -> Value {
    let real = network.real(made);
    let sums = network.graph().node.iter().rfind(|node| node.op_type == "MatMul");
    let sums = sums.expect("there is one").output[0].clone();
    let sum = network.node("Add", &[&real, &sums], vec![]);
    network.quantise(&sum, CHANNELS, 0.0625, 120)
}

/// Each is left as it is: the stem alone is a layer.
#[test]
fn what_is_another_product_stays() {
    type Spoil = fn(&mut Network, &Value) -> Value;
    let cases: [(&str, Spoil); 5] = [
        ("scales by rows", |network, x| {
            let weights = network.bytes(&[CHANNELS, CHANNELS]);
            let steps = network.numbers(&[0.002, 0.003, 0.004, 0.005, 0.006, 0.007]);
            let zeros = network.bytes_of(&[128; CHANNELS]);
            let axis = vec![int("axis", 0)];
            let weights = network.node("DequantizeLinear", &[&weights, &steps, &zeros], axis);
            quantised_product(network, x, &weights, CHANNELS, Bias::None)
        }),
        ("a product that is read twice", |network, x| {
            let made = product(network, x, CHANNELS, Bias::None);
            read_twice(network, &made)
        }),
        ("a product that is read without its bias, too", |network, x| {
            let made = product(network, x, CHANNELS, Bias::Last);
            read_twice(network, &made)
        }),
        ("weights of real numbers", |network, x| {
            let weights = network.weights(&[CHANNELS, CHANNELS]);
            quantised_product(network, x, &weights, CHANNELS, Bias::Last)
        }),
        ("a sum of two products", |network, x| {
            let real = network.real(x);
            let [a, b] = [(); 2].map(|()| {
                let weights = weights_by_columns(network, CHANNELS, CHANNELS);
                network.node("MatMul", &[&real, &weights], vec![])
            });
            let sum = network.node("Add", &[&a, &b], vec![]);
            network.quantise(&sum, CHANNELS, 0.0625, 120)
        }),
    ];
    for (name, spoil) in cases {
        let (mut network, image) = Network::new(SIDE as usize);
        let (x, _) = pixels(&mut network, &image);
        let made = spoil(&mut network, &x);
        end(&mut network, &made);
        assert_eq!(agree(network, 0.05).fused_layers(), 1, "{name}");
    }
}

/// More tokens than a map may have pixels in a row: their product is no layer, and the stem stays one.
#[test]
fn too_many_tokens_cost_no_convolution_its_layer() {
    let (mut network, image) = Network::new(SIDE as usize);
    let (x, _) = pixels(&mut network, &image);
    let many = network.integers(&[1, 1100, 1, 1]);
    let tiled = x.like(network.node("Tile", &[&x.name, &many], vec![]));
    let made = product(&mut network, &tiled, CHANNELS, Bias::None);
    end(&mut network, &made);
    let model = network.finish();
    let engine = load(&model, Lowering::Fused).unwrap();
    assert_eq!((engine.fused_layers(), engine.fallback()), (1, None));
}
