//! Networks whose activations are quantised as they run.

use histoscope_engine::input::{Channels, Dtype, Layout};
use histoscope_engine::{Engine, Error, Input, Lowering, Normalisation, Result};

use crate::SIDE;
use crate::onnx::{self, DataType, Network, int, ints, pixels};

fn load(model: &[u8], lowering: Lowering) -> Engine {
    try_load(model, lowering).unwrap()
}

fn try_load(model: &[u8], lowering: Lowering) -> Result<Engine> {
    let normalisation = Normalisation { divisor: 127.5, mean: [1.0; 3], std: [1.0, 0.5, 2.0] };
    let input = Input {
        dtype: Dtype::Float32,
        layout: Layout::Nchw,
        channels: Channels::Rgb,
        patch_size: SIDE,
        normalisation: Some(normalisation),
    };
    Engine::with_lowering(model, &input, &|found| Ok((0..found.len()).collect()), lowering)
}

/// A tensor of real numbers, NCHW.
#[derive(Clone)]
struct Map {
    name: String,
    channels: usize,
}

/// How a convolution is written.
#[derive(Clone, Copy)]
struct Form {
    kernel: usize,
    stride: usize,
    depthwise: bool,
    /// Zero point of the weights; none is left out.
    weight_zero: Option<u8>,
    has_bias: bool,
    activation: Option<&'static str>,
    /// Whether factors and summands stand the other way about.
    is_turned: bool,
}

const PLAIN: Form = Form {
    kernel: 1,
    stride: 1,
    depthwise: false,
    weight_zero: Some(120),
    has_bias: true,
    activation: Some("Clip"),
    is_turned: false,
};

/// `(bytes, scale, zero point)` of real numbers.
fn quantised(network: &mut Network, x: &str) -> [String; 3] {
    let bytes = network.node("DynamicQuantizeLinear", &[x], vec![]);
    let names = [bytes.clone(), format!("{bytes}/scale"), format!("{bytes}/zero")];
    network.graph().node.last_mut().unwrap().output = names.to_vec();
    names
}

fn pair(network: &mut Network, op_type: &str, [a, b]: [&str; 2], is_turned: bool) -> String {
    network.node(op_type, &if is_turned { [b, a] } else { [a, b] }, vec![])
}

/// The integers `product` made real, with the scale of what was quantised.
fn made_real(
    network: &mut Network,
    product: &str,
    step: &str,
    weights: f32,
    is_turned: bool,
) -> String {
    let cast = network.node(
        "Cast",
        &[product],
        vec![int("to", DataType::Float as i64), int("saturate", 1)],
    );
    let weights = network.number(weights);
    let scale = pair(network, "Mul", [step, &weights], is_turned);
    pair(network, "Mul", [&cast, &scale], is_turned)
}

fn conv(network: &mut Network, x: &Map, cout: usize, form: Form) -> Map {
    let Form { kernel, stride, depthwise, is_turned, .. } = form;
    let [bytes, step, zero] = quantised(network, &x.name);
    let (cin, group) = if depthwise { (1, x.channels) } else { (x.channels, 1) };
    let weights = network.bytes(&[cout, cin, kernel, kernel]);
    let mut inputs = vec![bytes, weights, zero];
    inputs.extend(form.weight_zero.map(|zero| network.scalar_u8(zero)));
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let attributes = vec![
        ints("pads", &[(kernel / 2) as i64; 4]),
        ints("strides", &[stride as i64; 2]),
        int("group", group as i64),
    ];
    let product = network.node("ConvInteger", &inputs, attributes);
    let taps = (cin * kernel * kernel) as f32;
    let scale = 0.02 / taps.sqrt();
    let mut real = made_real(network, &product, &step, scale, is_turned);
    if form.has_bias {
        let bias: Vec<f32> = (0..cout).map(|channel| channel as f32 / 16.0 - 0.25).collect();
        let (bias, shape) = (network.numbers(&bias), network.integers(&[1, -1, 1, 1]));
        let bias = network.node("Reshape", &[&bias, &shape], vec![]);
        real = pair(network, "Add", [&real, &bias], is_turned);
    }
    let name = match form.activation {
        Some("Clip") => {
            let [low, high] = [0.0, 6.0].map(|bound| network.number(bound));
            network.node("Clip", &[&real, &low, &high], vec![])
        }
        Some(activation) => network.node(activation, &[&real], vec![]),
        None => real,
    };
    Map { name, channels: cout }
}

fn sum(network: &mut Network, a: &Map, b: &Map) -> Map {
    let name = network.node("Add", &[&a.name, &b.name], vec![]);
    Map { name, channels: a.channels }
}

/// The mean of each channel of `x`.
fn mean(network: &mut Network, x: &Map) -> String {
    let mean = vec![ints("axes", &[-1, -2]), int("keepdims", 1)];
    let mean = network.node("ReduceMean", &[&x.name], mean);
    let shape = network.integers(&[-1, x.channels as i64]);
    network.node("Reshape", &[&mean, &shape], vec![])
}

/// The classifier of `x` with three scores.
fn classifier(network: &mut Network, x: &Map, has_bias: bool) {
    let vector = mean(network, x);
    let [bytes, step, zero] = quantised(network, &vector);
    let (weights, middle) = (network.bytes(&[x.channels, 3]), network.scalar_u8(131));
    let product = network.node("MatMulInteger", &[&bytes, &weights, &zero, &middle], vec![]);
    let mut scores = made_real(network, &product, &step, 0.01, false);
    if has_bias {
        let bias = network.numbers(&[0.5, -0.25, 0.125]);
        scores = network.node("Add", &[&scores, &bias], vec![]);
    }
    network.output(&scores);
}

/// Both ways that the engine runs a network say the same, and what tract's own operators say.
fn agree(network: Network) -> Engine {
    let model = network.finish();
    let [fused, planned, stock] = [Lowering::Fused, Lowering::Planned, Lowering::Stock]
        .map(|lowering| load(&model, lowering));
    assert_eq!((fused.fallback(), planned.fallback()), (None, None));
    assert_eq!(planned.fused_layers(), fused.fused_layers());
    assert_eq!(stock.fused_layers(), 0);
    for seed in [1, 2, 3] {
        let pixels = pixels(2, SIDE as usize, seed);
        let [ours, same, theirs] =
            [&fused, &planned, &stock].map(|engine| engine.infer(&pixels).unwrap());
        assert_eq!(ours, same);
        let greatest = theirs[0].iter().fold(0.0_f32, |most, score| most.max(score.abs()));
        assert!(greatest > 0.05, "a network that says nothing tests nothing: {theirs:?}");
        for (ours, theirs) in ours[0].iter().zip(&theirs[0]) {
            // Activations at a boundary may round to the other side.
            let difference = (ours - theirs).abs();
            assert!(difference <= 0.02 * greatest, "{ours} and {theirs} of {greatest}");
        }
    }
    fused
}

fn picture() -> (Network, Map) {
    let side = SIDE as usize;
    let network = Network::with_input(DataType::Float, &[0, 3, side, side]);
    (network, Map { name: "image".into(), channels: 3 })
}

#[test]
fn a_mobilenet_that_is_quantised_as_it_runs_is_fused_from_end_to_end() {
    let (mut network, image) = picture();
    let stem = conv(&mut network, &image, 8, Form { kernel: 3, stride: 2, ..PLAIN });
    let depthwise = Form { kernel: 3, depthwise: true, ..PLAIN };
    let deep = conv(&mut network, &stem, 8, depthwise);
    let linear = Form { activation: None, ..PLAIN };
    let thin = conv(&mut network, &deep, 8, linear);
    let same = sum(&mut network, &stem, &thin);
    let wide = conv(&mut network, &same, 32, PLAIN);
    let deep = conv(&mut network, &wide, 32, Form { stride: 2, ..depthwise });
    let last = conv(&mut network, &deep, 20, linear);
    classifier(&mut network, &last, true);
    let engine = agree(network);
    assert!(engine.layers().iter().all(|layer| layer.fused), "{:?}", engine.layers());
    assert_eq!((engine.fused_layers(), engine.products().share()), (8, 1.0));
}

#[test]
fn convolutions_are_fused_in_every_form_that_quantisers_write() {
    for form in [
        Form { weight_zero: None, ..PLAIN },
        Form { has_bias: false, ..PLAIN },
        Form { activation: Some("Relu"), kernel: 5, ..PLAIN },
        Form { is_turned: true, kernel: 3, ..PLAIN },
        Form { activation: None, has_bias: false, stride: 2, ..PLAIN },
    ] {
        let (mut network, image) = picture();
        let first = conv(&mut network, &image, 12, form);
        let last = conv(&mut network, &first, 12, Form { depthwise: true, ..form });
        classifier(&mut network, &last, false);
        let engine = agree(network);
        assert_eq!((engine.fused_layers(), engine.products().share()), (3, 1.0));
    }
}

/// The classifier as ONNX Runtime's optimiser leaves it.
#[test]
fn a_classifier_of_one_operator_is_fused() {
    for (is_whole, has_bias) in [(true, true), (true, false), (false, true), (false, false)] {
        let (mut network, image) = picture();
        let stem = conv(&mut network, &image, 12, Form { kernel: 3, stride: 2, ..PLAIN });
        let vector = mean(&mut network, &stem);
        let (weights, scale) = (network.bytes(&[12, 3]), network.number(0.01));
        let (middle, bias) = (network.scalar_u8(131), network.numbers(&[0.5, -0.25, 0.125]));
        let mut inputs = if is_whole {
            vec![vector, weights, scale, middle]
        } else {
            let [bytes, step, zero] = quantised(&mut network, &vector);
            vec![bytes, weights, step, scale, zero, middle]
        };
        inputs.extend(has_bias.then_some(bias));
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let op_type = if is_whole { "DynamicQuantizeMatMul" } else { "MatMulIntegerToFloat" };
        let scores = network.of_microsoft(op_type, &inputs, vec![]);
        network.output(&scores);
        let engine = agree(network);
        assert_eq!((engine.fused_layers(), engine.products().share()), (2, 1.0));
    }
}

/// Layers of tract's between: there the maps are real in both.
#[test]
fn what_is_not_recognised_stays_and_layers_lie_around_it() {
    let (mut network, image) = picture();
    let stem = conv(&mut network, &image, 8, Form { kernel: 3, stride: 2, ..PLAIN });
    let name = network.node("Sigmoid", &[&stem.name], vec![]);
    let gate = Map { name, ..stem.clone() };
    let name = network.node("Mul", &[&stem.name, &gate.name], vec![]);
    let gated = Map { name, ..stem.clone() };
    let odd = conv(&mut network, &gated, 8, Form { kernel: 3, ..PLAIN });
    let last = network.graph().node.iter().rposition(|node| node.op_type == "ConvInteger").unwrap();
    network.graph().node[last].attribute.push(ints("dilations", &[2, 2]));
    network.graph().node[last].attribute.retain(|attribute| attribute.name != "pads");
    network.graph().node[last].attribute.push(ints("pads", &[2; 4]));
    let deep = conv(&mut network, &odd, 16, PLAIN);
    classifier(&mut network, &deep, true);
    let engine = agree(network);
    assert_eq!(engine.fused_layers(), 3);
    assert!(engine.products().planned > 0);
}

/// Of real numbers alone nothing is fused: sums and means are tract's.
#[test]
fn a_float_network_is_not_quantised() {
    let (mut network, image) = picture();
    let first = network.float_conv(&image.name, 3, 8, 3);
    let second = network.float_conv(&first, 8, 8, 3);
    let both = network.node("Add", &[&first, &second], vec![]);
    let both = network.node("Relu", &[&both], vec![]);
    network.float_head(&crate::onnx::Value::real(both, 8));
    assert_eq!(load(&network.finish(), Lowering::Fused).fused_layers(), 0);
}

/// Two steps that look alike and are not: the scale or zero point of another tensor.
#[test]
fn numbers_of_another_tensor_are_no_match() {
    for input in [2, 0] {
        let (mut network, image) = picture();
        let stem = conv(&mut network, &image, 8, Form { kernel: 3, ..PLAIN });
        let deep = conv(&mut network, &stem, 8, PLAIN);
        classifier(&mut network, &deep, true);
        let nodes = &mut network.graph().node;
        let first = nodes.iter().find(|node| node.op_type == "DynamicQuantizeLinear").unwrap();
        let [_, step, zero] = [0, 1, 2].map(|at| first.output[at].clone());
        if input == 2 {
            let last = nodes.iter().rposition(|node| node.op_type == "ConvInteger").unwrap();
            nodes[last].input[2] = zero;
        } else {
            let made = nodes.iter().rposition(|node| node.op_type == "ConvInteger").unwrap();
            // Cast, then the product of the scales.
            assert_eq!(nodes[made + 2].op_type, "Mul");
            nodes[made + 2].input[0] = step;
        }
        assert_eq!(agree(network).fused_layers(), 1, "{input}");
    }
}

#[test]
fn numbers_that_are_none_reach_the_scores() {
    let (mut network, image) = picture();
    let stem = conv(&mut network, &image, 8, Form { kernel: 3, ..PLAIN });
    let huge = Form { activation: None, ..PLAIN };
    let mut map = stem;
    for _ in 0..2 {
        map = conv(&mut network, &map, 8, huge);
        // The scale of the weights.
        let scale = network.number(3e38);
        let made = network.graph().node.iter().rposition(|node| node.op_type == "ConvInteger");
        network.graph().node[made.unwrap() + 2].input[1] = scale;
    }
    classifier(&mut network, &map, true);
    let scores = load(&network.finish(), Lowering::Fused).infer(&pixels(1, SIDE as usize, 1));
    assert!(scores.unwrap()[0].iter().all(|score| !score.is_finite()));
}

/// A layer of real numbers that reads bytes is refused for what it is.
#[test]
fn bytes_are_no_real_numbers() {
    let (mut network, image) = picture();
    let quantised = network.quantise(&image.name, 3, 0.02, 128);
    let bytes = network.conv(&quantised, onnx::Conv::new(8, 3, 2, onnx::Activation::Relu6));
    let odd = conv(&mut network, &Map { name: bytes.name, channels: 8 }, 8, PLAIN);
    classifier(&mut network, &odd, true);
    let model = network.finish();
    for lowering in [Lowering::Fused, Lowering::Planned, Lowering::Stock] {
        let refused = try_load(&model, lowering).unwrap_err();
        assert!(matches!(refused, Error::Invalid { .. }), "{lowering:?}: {refused}");
    }
}
