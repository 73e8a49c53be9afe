//! Networks other than the shipped one, fused and in tract's own operators: what is fused, and that it agrees.
#![cfg(all(feature = "tract", not(target_family = "wasm")))]

#[path = "networks/counting.rs"]
mod counting;
#[path = "networks/dynamic.rs"]
mod dynamic;
#[path = "networks/ends.rs"]
mod ends;
#[path = "networks/limits.rs"]
mod limits;
#[path = "../../../tests/common/onnx.rs"]
mod onnx;
#[path = "networks/taps.rs"]
mod taps;
#[path = "networks/tokens.rs"]
mod tokens;

use histoscope_engine::{Engine, Input, Lowering, Products, Result};
use onnx::{Activation, AttributeProto, Conv, Network, Value, int, ints, pixels};

const SIDE: u32 = 32;

fn load(model: &[u8], lowering: Lowering) -> Result<Engine> {
    Engine::with_lowering(
        model,
        &Input::raw(SIDE),
        &|found| Ok((0..found.len()).collect()),
        lowering,
    )
}

/// Runs the network on both paths and returns the fused engine.
///
/// A fused layer is exact in integers where tract's operators round in floats, so a value at a rounding boundary may
/// differ by one step. Behind a few layers and a mean that is `tolerance`, as a part of the greatest logit; 0 where
/// nothing is fused.
fn agree(network: Network, tolerance: f32) -> Engine {
    let model = network.finish();
    let engine = |lowering| load(&model, lowering).unwrap();
    let (fused, stock) = (engine(Lowering::Fused), engine(Lowering::Stock));
    assert_eq!(stock.fused_layers(), 0);
    let portable = engine(Lowering::Portable);
    // Whether tract plans the fused layers or there is nothing to plan, they are the same.
    let planned = engine(Lowering::Planned);
    assert_eq!(planned.fused_layers(), fused.fused_layers());
    assert_eq!(planned.fallback(), fused.fallback());
    for seed in [1, 2, 3] {
        let pixels = pixels(2, SIDE as usize, seed);
        let (ours, theirs) = (fused.infer(&pixels).unwrap(), stock.infer(&pixels).unwrap());
        assert_eq!(planned.infer(&pixels).unwrap(), ours);
        assert_eq!(portable.infer(&pixels).unwrap(), ours);
        let greatest = theirs[0].iter().fold(0f32, |most, logit| most.max(logit.abs()));
        assert!(greatest > 0.05, "a network that says nothing tests nothing: {:?}", theirs[0]);
        for (ours, theirs) in ours[0].iter().zip(&theirs[0]) {
            let difference = (ours - theirs).abs();
            assert!(difference <= tolerance * greatest, "{ours} and {theirs} of {greatest}");
        }
    }
    fused
}

/// Kernels of the fused layers in the order in which they run, and how many other nodes there are.
fn kernels(engine: &Engine) -> (Vec<String>, usize) {
    let (fused, stock): (Vec<_>, Vec<_>) =
        engine.layers().into_iter().partition(|layer| layer.fused);
    (fused.into_iter().map(|layer| layer.kernel).collect(), stock.len())
}

/// Expand, depthwise, project, and the sum where the shapes allow it.
fn inverted_residual(
    network: &mut Network,
    x: &Value,
    cout: usize,
    kernel: usize,
    stride: usize,
) -> Value {
    let wide = network.conv(x, Conv::new(4 * x.channels, 1, 1, Activation::Relu6));
    let deep = network.conv(&wide, Conv::depthwise(wide.channels, kernel, stride));
    let thin = network.conv(&deep, Conv::new(cout, 1, 1, Activation::Linear));
    if stride == 1 && cout == x.channels { network.add(x, &thin, Activation::Linear) } else { thin }
}

#[test]
fn a_mobilenet_is_fused_up_to_its_head() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    let thin = network.conv(&stem, Conv::new(8, 1, 1, Activation::Linear));
    let same = inverted_residual(&mut network, &thin, 8, 3, 1);
    let less = inverted_residual(&mut network, &same, 12, 3, 2);
    let five = inverted_residual(&mut network, &less, 12, 5, 1);
    let last = inverted_residual(&mut network, &five, 16, 5, 2);
    network.float_head(&last);
    let engine = agree(network, 0.05);
    assert_eq!(engine.fused_layers(), 2 + 4 + 3 + 4 + 3);
    assert_eq!(engine.fallback(), None);
    let (fused, _) = kernels(&engine);
    assert_eq!(fused.len(), engine.fused_layers());
    if std::arch::is_x86_feature_detected!("avx2") {
        assert!(fused.iter().all(|kernel| kernel.starts_with("avx2")), "{fused:?}");
        // The stem reads raw pixels, which have eight bits, and so do sums.
        let wide = fused.iter().filter(|kernel| kernel.ends_with("pairs")).count();
        assert_eq!(wide, 1 + 2, "{fused:?}");
    }
}

/// Eight-bit activations, dense 3x3 convolutions, a 1x1 shortcut with a stride, a sum before the Relu, one scale for
/// all channels; a pooling.
#[test]
fn a_resnet_is_fused_up_to_its_head() {
    let (mut network, image) = Network::new(SIDE as usize);
    let plain = |cout, kernel, stride, activation| Conv {
        per_channel: false,
        ..Conv::new(cout, kernel, stride, activation)
    };
    let stem = network.conv(&image, plain(16, 7, 2, Activation::Relu));
    let real = network.real(&stem);
    let attributes =
        vec![ints("kernel_shape", &[3, 3]), ints("strides", &[2, 2]), ints("pads", &[1, 1, 1, 1])];
    let pooled = network.node("MaxPool", &[&real], attributes);
    let pooled = network.quantise(&pooled, 16, 0.03, 0);
    let first = network.conv(&pooled, plain(16, 3, 1, Activation::Relu));
    let second = network.conv(&first, plain(16, 3, 1, Activation::Linear));
    let block = network.add(&pooled, &second, Activation::Relu);
    let first = network.conv(&block, plain(24, 3, 2, Activation::Relu));
    let second = network.conv(&first, plain(24, 3, 1, Activation::Linear));
    let shortcut = network.conv(&block, plain(24, 1, 2, Activation::Linear));
    let last = network.add(&second, &shortcut, Activation::Relu);
    network.float_head(&last);
    let engine = agree(network, 0.05);
    assert_eq!(engine.fused_layers(), 1 + 1 + 3 + 4);
    assert!(kernels(&engine).1 > 0, "the head is tract's");
}

/// A pooling to other steps, with odd windows, and of bytes as QLinearConv makes them.
#[test]
fn a_pooling_is_fused_where_it_changes_no_step() {
    let pooled = |scale: f32, of_bytes: bool, odd: Option<AttributeProto>| {
        let (mut network, image) = Network::new(SIDE as usize);
        let stem = network.conv(&image, Conv::new(16, 3, 1, Activation::Relu));
        let mut attributes = vec![ints("kernel_shape", &[2, 3]), ints("strides", &[2, 1])];
        attributes.push(ints("pads", &[1, 2, 0, 1]));
        attributes.extend(odd);
        let pooled = if of_bytes {
            stem.like(network.node("MaxPool", &[&stem.name], attributes))
        } else {
            let real = network.real(&stem);
            let pooled = network.node("MaxPool", &[&real], attributes);
            network.quantise(&pooled, 16, scale, 0)
        };
        let last = network.conv(&pooled, Conv::new(8, 3, 1, Activation::Linear));
        network.float_head(&last);
        agree(network, 0.05).fused_layers()
    };
    assert_eq!(pooled(0.03, false, None), 3);
    assert_eq!(pooled(0.03, true, None), 3);
    assert_eq!(pooled(0.06, false, None), 2);
    assert_eq!(pooled(0.03, false, Some(ints("dilations", &[2, 1]))), 2);
    assert_eq!(pooled(0.03, true, Some(int("ceil_mode", 1))), 2);
}

#[test]
fn a_float_network_is_left_as_it_is() {
    let (mut network, image) = Network::new(SIDE as usize);
    let x = network.float_conv(&image.name, 3, 8, 3);
    let x = network.node("Relu", &[&x], vec![]);
    let x = network.float_conv(&x, 8, 16, 3);
    let x = network.node("Sigmoid", &[&x], vec![]);
    let x = Value::real(x, 16);
    network.float_head(&x);
    let engine = agree(network, 0.0);
    assert_eq!(engine.fused_layers(), 0);
}

/// An activation that a fused layer and another node read, a function that is not known between two islands, and a
/// tensor added to itself.
#[test]
fn what_is_not_recognised_stays_and_islands_lie_around_it() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(16, 3, 2, Activation::Relu6));
    let deep = network.conv(&stem, Conv::depthwise(16, 3, 1));
    let real = network.real(&stem);
    let gate = network.node("Sigmoid", &[&real], vec![]);
    let deep_real = network.real(&deep);
    let gated = network.node("Mul", &[&deep_real, &gate], vec![]);
    let gated = network.quantise(&gated, 16, 6.0 / 127.0, 0);
    let thin = network.conv(&gated, Conv::new(8, 1, 1, Activation::Linear));
    let twice = network.add(&thin, &thin, Activation::Linear);
    network.float_head(&twice);
    let engine = agree(network, 0.05);
    assert_eq!(engine.fused_layers(), 4);
}

/// It must not be fused: its neighbours are.
#[test]
fn a_convolution_with_a_dilation_is_left_to_tract() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(16, 3, 2, Activation::Relu6));
    let odd = Conv { dilation: 2, ..Conv::new(16, 3, 1, Activation::Relu6) };
    let odd = network.conv(&stem, odd);
    let last = network.conv(&odd, Conv::new(8, 1, 1, Activation::Linear));
    network.float_head(&last);
    assert_eq!(agree(network, 0.05).fused_layers(), 2);
}

/// Bytes less a zero point have nine bits.
#[test]
fn weights_may_have_a_zero_point() {
    for zero in [3, -128, 127] {
        for per_channel in [false, true] {
            let odd = |conv| Conv { weight_zero: zero, per_channel, ..conv };
            let (mut network, image) = Network::new(SIDE as usize);
            let stem = network.conv(&image, odd(Conv::new(16, 3, 2, Activation::Relu6)));
            let deep = network.conv(&stem, odd(Conv::depthwise(16, 3, 1)));
            let last = network.conv(&deep, odd(Conv::new(8, 1, 1, Activation::Linear)));
            network.float_head(&last);
            assert_eq!(agree(network, 0.05).fused_layers(), 3, "{zero}");
        }
    }
}

/// Products alone, of what runs: sums, scales and constants that are made real are none.
#[test]
fn products_are_counted_where_they_run() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    let same = network.conv(&stem, Conv::depthwise(8, 3, 1));
    let sum = network.add(&stem, &same, Activation::Linear);
    let whole = {
        let mut network = network.clone();
        network.head(&sum, 2);
        agree(network, 0.05)
    };
    network.float_head(&sum);
    let engine = agree(network, 0.05);
    let half = u64::from(SIDE / 2).pow(2);
    let convolutions = half * 8 * 9 * (3 + 1);
    let expected = Products { fused: convolutions, planned: 2 * 8 };
    assert_eq!(engine.products(), expected);
    assert!(expected.share() > 0.99 && expected.share() < 1.0);
    let expected = Products { fused: convolutions + half * 8 * 2, planned: 0 };
    assert_eq!(whole.products(), expected);

    let (mut network, image) = Network::new(SIDE as usize);
    let x = network.float_conv(&image.name, 3, 8, 3);
    network.float_head(&Value::real(x, 8));
    let engine = agree(network, 0.0);
    let all = u64::from(SIDE).pow(2) * 8 * 9 * 3 + 2 * 8;
    assert_eq!(engine.products(), Products { fused: 0, planned: all });
    assert_eq!(engine.products().share(), 0.0);
    assert_eq!(Products::default().share(), 0.0);
}

/// The float result of a convolution that is read elsewhere, too, has to be there.
#[test]
fn a_float_that_somebody_else_reads_is_still_made() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    let (clipped, quantised) = network.conv_and_real(&stem, Conv::depthwise(8, 3, 1));
    let thin = network.conv(&quantised, Conv::new(8, 1, 1, Activation::Linear));
    let thin = network.real(&thin);
    let both = network.node("Concat", &[&clipped, &thin], vec![int("axis", 1)]);
    let both = Value::real(both, 16);
    network.float_head(&both);
    assert_eq!(agree(network, 0.05).fused_layers(), 3);
}

#[test]
fn an_operator_that_no_classifier_has_is_named() {
    let (mut network, image) = Network::new(SIDE as usize);
    let odd = network.node("RoiAlign", &[&image.name], vec![]);
    network.output(&odd);
    let error = load(&network.finish(), Lowering::Fused).unwrap_err().to_string();
    assert!(error.contains("its layer \"RoiAlign_"), "{error}");
    assert!(error.contains("cannot run here, a RoiAlign;"), "{error}");
}

/// ONNX leaves an input out by a name that is empty.
#[test]
fn an_empty_name_is_no_zero_point() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(16, 3, 2, Activation::Relu6));
    let real = network.real(&stem);
    let scale = network.number(6.0 / 255.0);
    let bytes = network.node("QuantizeLinear", &[&real, &scale, ""], vec![]);
    let gate = network.node("DequantizeLinear", &[&bytes, &scale, ""], vec![]);
    let gate = network.node("Sigmoid", &[&gate], vec![]);
    let mean = network.node("GlobalAveragePool", &[&gate], vec![]);
    let flat = network.node("Flatten", &[&mean], vec![int("axis", 1)]);
    network.output(&flat);
    agree(network, 0.05);
}

#[test]
fn weights_may_come_from_constant_nodes() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(16, 3, 2, Activation::Relu6));
    let last = network.conv(&stem, Conv::new(8, 1, 1, Activation::Linear));
    network.float_head(&last);
    assert_eq!(agree(network.with_constant_nodes(), 0.05).fused_layers(), 2);
}

#[test]
fn a_sum_with_a_constant_is_left_to_tract() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(16, 3, 2, Activation::Relu6));
    let constant = network.quantised_constant(16);
    let sum = network.add(&stem, &constant, Activation::Linear);
    let last = network.conv(&sum, Conv::new(8, 1, 1, Activation::Linear));
    network.float_head(&last);
    assert_eq!(agree(network, 0.05).fused_layers(), 2);
}

/// The file does not say the shapes of what is summed. tract finds them out, and refuses the fused sum.
#[test]
fn a_sum_of_two_shapes_runs_unfused() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(16, 3, 2, Activation::Relu6));
    let real = network.real(&stem);
    let mean = network.node("GlobalAveragePool", &[&real], vec![]);
    let mean = network.quantise(&mean, 16, 6.0 / 127.0, 0);
    let sum = network.add(&stem, &mean, Activation::Linear);
    network.float_head(&sum);
    let engine = agree(network, 0.05);
    assert_eq!(engine.fused_layers(), 0);
    let why = engine.fallback().unwrap();
    assert!(why.contains(&sum.name) || why.contains("Int8"), "{why}");
}

/// Pads have the value of the zero point: here they need eight bits where the activations need seven.
#[test]
fn a_zero_point_above_the_clip_counts() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(16, 3, 2, Activation::Relu6));
    let real = network.real(&stem);
    let negative = network.node("Neg", &[&real], vec![]);
    let [low, high] = [-6.0, -4.0].map(|bound| network.number(bound));
    let clipped = network.node("Clip", &[&negative, &low, &high], vec![]);
    // From -6 to -4 in steps of 1/32: 48 to 112, which seven bits hold, and 240 where there is no pixel.
    let odd = network.quantise(&clipped, 16, 1.0 / 32.0, 240);
    let plain = network.quantise(&negative, 16, 6.0 / 127.0, 255);
    let odd = network.conv(&odd, Conv::new(16, 3, 1, Activation::Linear));
    let plain = network.conv(&plain, Conv::new(16, 3, 1, Activation::Linear));
    let sum = network.add(&odd, &plain, Activation::Linear);
    network.float_head(&sum);
    assert_eq!(agree(network, 0.05).fused_layers(), 4);
}

#[test]
fn names_that_end_like_ours_do_no_harm() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(16, 3, 2, Activation::Relu6));
    let mut last = network.conv(&stem, Conv::new(8, 1, 1, Activation::Linear));
    let theirs = format!("{}/nhwc", stem.name);
    network.rename(&last.name, &theirs);
    last.name = theirs;
    network.float_head(&last);
    assert_eq!(agree(network, 0.05).fused_layers(), 2);
}

/// Spoils every node in every way that leaves an ONNX file: what tract runs by itself, the fused path runs, too, and
/// says the same; nothing panics past the engine.
#[test]
fn a_spoilt_model_means_the_same_to_both_paths() {
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    let same = inverted_residual(&mut network, &stem, 8, 3, 1);
    let last = inverted_residual(&mut network, &same, 12, 5, 2);
    network.float_head(&last);

    let mut spoilt = Vec::new();
    let nodes = network.graph().node.clone();
    for (index, node) in nodes.iter().enumerate() {
        let mut with = |what: String, change: &dyn Fn(&mut Network)| {
            let mut network = network.clone();
            change(&mut network);
            spoilt.push((format!("{} {what}", node.name), network.finish()));
        };
        for input in 0..node.input.len() {
            with(format!("without input {input}"), &|network| {
                network.graph().node[index].input[input].clear();
            });
            let other = nodes[(index * 7 + input) % nodes.len()].output[0].clone();
            with(format!("reads {other} as input {input}"), &|network| {
                network.graph().node[index].input[input].clone_from(&other);
            });
        }
        for attribute in 0..node.attribute.len() {
            with(format!("without {}", node.attribute[attribute].name), &|network| {
                network.graph().node[index].attribute.remove(attribute);
            });
            with(format!("another {}", node.attribute[attribute].name), &|network| {
                let attribute = &mut network.graph().node[index].attribute[attribute];
                attribute.i += 1;
                attribute.ints.iter_mut().for_each(|value| *value += 1);
            });
        }
        with("gone".into(), &|network| drop(network.graph().node.remove(index)));
        with("in another domain".into(), &|network| {
            network.graph().node[index].domain = "com.example".into();
        });
    }
    assert!(spoilt.len() > 300, "{}", spoilt.len());

    let pixels = pixels(1, SIDE as usize, 4);
    let mut ran = 0;
    for (what, model) in spoilt {
        let result =
            |lowering| load(&model, lowering)?.infer(&pixels).map(|mut out| out.swap_remove(0));
        let (fused, stock) = (result(Lowering::Fused), result(Lowering::Stock));
        let Ok(stock) = stock else { continue };
        assert_eq!(result(Lowering::Planned), fused, "{what}");
        let fused =
            fused.unwrap_or_else(|error| panic!("{what}: only the fused path says {error}"));
        ran += 1;
        let greatest = stock.iter().fold(0.5f32, |most, logit| most.max(logit.abs()));
        for (ours, theirs) in fused.iter().zip(&stock) {
            // A few steps of 1/127 that round to the other side, through five layers and a mean.
            assert!((ours - theirs).abs() <= 0.02 * greatest, "{what}: {fused:?}, not {stock:?}");
        }
    }
    assert!(ran > 30, "only {ran} of the spoilt models ran");
}

/// The fused operators trust their parameters, because our own rewriting has checked them.
#[test]
fn a_file_cannot_bring_fused_operators_of_its_own() {
    for (domain, lowering) in ["histoscope", "", "com.example"]
        .into_iter()
        .flat_map(|domain| [Lowering::Fused, Lowering::Stock].map(|lowering| (domain, lowering)))
    {
        let (mut network, image) = Network::new(SIDE as usize);
        let odd = network.node("Int8Add", &[&image.name, &image.name], vec![]);
        network.output(&odd);
        let model = network.in_domain(domain).finish();
        let error = load(&model, lowering).unwrap_err().to_string();
        assert!(error.contains("domain \"histoscope\""), "{error}");
    }
}
