//! What lies in front of the first fused layer and behind the last one: real pixels that are quantised, and a
//! classifier of the mean.

use histoscope_engine::{Engine, Input, Lowering, Normalisation, Result};

use crate::onnx::{Activation, Conv, DataType, Network, Value, float, int, ints, pixels};
use crate::{SIDE, inverted_residual};
use histoscope_engine::input::{Channels, Dtype, Layout};

const IMAGENET: Normalisation =
    Normalisation { divisor: 255.0, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

fn real_pixels(layout: Layout, channels: Channels) -> Input {
    let normalisation = Some(IMAGENET);
    Input { dtype: Dtype::Float32, layout, channels, patch_size: SIDE, normalisation }
}

fn load(model: &[u8], input: &Input, lowering: Lowering) -> Result<Engine> {
    Engine::with_lowering(model, input, &|found| Ok((0..found.len()).collect()), lowering)
}

/// How the classifier is written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// ReduceMean, Reshape, Gemm with transposed weights.
    Reshaped,
    /// GlobalAveragePool, Flatten, MatMul and Add.
    Flat,
    /// ReduceMean without the axes, Gemm with one scale a class.
    Reduced,
    /// ONNX Runtime's QLinearGlobalAveragePool and QGemm, with a change of shape between them.
    Operators,
    /// The same change of shape, of bytes, with ONNX's operators.
    Bytes,
}

const FORMS: [Form; 5] = [Form::Reshaped, Form::Flat, Form::Reduced, Form::Operators, Form::Bytes];

/// Adds the classifier of `x` with three scores, rounded behind the mean and behind the product as asked.
fn classifier(network: &mut Network, x: &Value, form: Form, rounds_mean: bool, rounds: bool) {
    let wide = x.channels;
    let by_rows = matches!(form, Form::Reshaped | Form::Reduced);
    let weights = network.bytes(&if by_rows { [3, wide] } else { [wide, 3] });
    let per_class = form == Form::Reduced;
    let (step, zero) = if per_class {
        (network.numbers(&[0.01, 0.015, 0.02]), network.bytes(&[3]))
    } else {
        (network.number(0.0125), network.scalar_u8(120))
    };
    let (mean_scale, mean_zero) = (0.02, 3);
    let (scale, middle) = (network.number(0.03), network.scalar_u8(100));
    if form == Form::Operators {
        let [x_scale, mean_scale] = [x.scale, mean_scale].map(|scale| network.number(scale));
        let [x_zero, mean_zero] = [x.zero_point, mean_zero].map(|zero| network.scalar_u8(zero));
        let parts = [&*x.name, &x_scale, &x_zero, &mean_scale, &mean_zero];
        let mean = network.of_microsoft("QLinearGlobalAveragePool", &parts, vec![]);
        let flat = network.node("Flatten", &[&mean], vec![]);
        let bias = network.whole_numbers(&[100, -200, 3000]);
        let mut parts = vec![&*flat, &mean_scale, &mean_zero, &weights, &step, &zero, &bias];
        if rounds {
            parts.extend([&*scale, &middle]);
        }
        let product = network.of_microsoft("QGemm", &parts, vec![float("alpha", 1.0)]);
        let scores = if rounds {
            network.node("DequantizeLinear", &[&product, &scale, &middle], vec![])
        } else {
            product
        };
        network.output(&scores);
        return;
    }
    let real = network.real(x);
    let axes = ints("axes", &[2, 3]);
    let mut mean = match form {
        Form::Reshaped => {
            // As PyTorch's exporter has them.
            let axes = ints("axes", &[-1, -2]);
            network.node("ReduceMean", &[&real], vec![axes, int("keepdims", 1)])
        }
        Form::Reduced => network.node("ReduceMean", &[&real], vec![axes, int("keepdims", 0)]),
        _ => network.node("GlobalAveragePool", &[&real], vec![]),
    };
    let round = |network: &mut Network, mean: &str| {
        let rounded = network.quantise(mean, wide, mean_scale, mean_zero);
        network.real(&rounded)
    };
    if form == Form::Bytes && rounds_mean {
        let bytes = network.quantise(&mean, wide, mean_scale, mean_zero);
        let flat = network.node("Flatten", &[&bytes.name], vec![]);
        mean = network.real(&bytes.like(flat));
    } else if rounds_mean {
        mean = round(network, &mean);
    }
    mean = match form {
        Form::Reshaped => {
            let shape = network.integers(&[-1, wide as i64]);
            network.node("Reshape", &[&mean, &shape], vec![])
        }
        Form::Bytes if rounds_mean => mean,
        Form::Flat | Form::Bytes => network.node("Flatten", &[&mean], vec![int("axis", 1)]),
        _ => mean,
    };
    if rounds_mean && form != Form::Bytes {
        // Some quantisers do so on both sides of what only changes the shape.
        mean = round(network, &mean);
    }
    let axis = vec![int("axis", i64::from(!by_rows))];
    let weights = network.node("DequantizeLinear", &[&weights, &step, &zero], axis);
    let bias = network.numbers(&[0.5, -0.25, 0.125]);
    let mut scores = if by_rows {
        network.node("Gemm", &[&mean, &weights, &bias], vec![int("transB", 1)])
    } else {
        let product = network.node("MatMul", &[&mean, &weights], vec![]);
        network.node("Add", &[&product, &bias], vec![])
    };
    if rounds {
        let quantised = network.node("QuantizeLinear", &[&scores, &scale, &middle], vec![]);
        scores = network.node("DequantizeLinear", &[&quantised, &scale, &middle], vec![]);
    }
    network.output(&scores);
}

/// Real pixels, some layers, and a classifier.
fn network(layout: Layout, form: Form, rounds_mean: bool, rounds: bool) -> Vec<u8> {
    let side = SIDE as usize;
    let shape = match layout {
        Layout::Nchw => [0, 3, side, side],
        Layout::Nhwc => [0, side, side, 3],
    };
    let mut network = Network::with_input(DataType::Float, &shape);
    let mut image = "image".to_owned();
    if layout == Layout::Nhwc {
        image = network.node("Transpose", &[&image], vec![ints("perm", &[0, 3, 1, 2])]);
    }
    let image = network.quantise(&image, 3, 0.0186, 114);
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    let deep = network.conv(&stem, Conv::depthwise(8, 3, 1));
    let last = inverted_residual(&mut network, &deep, 12, 3, 2);
    classifier(&mut network, &last, form, rounds_mean, rounds);
    network.finish()
}

#[test]
fn a_network_as_quantisers_write_it_is_fused_from_end_to_end() {
    for form in FORMS {
        for (rounds_mean, rounds) in [(true, true), (true, false), (false, false), (false, true)] {
            let model = network(Layout::Nchw, form, rounds_mean, rounds);
            let input = real_pixels(Layout::Nchw, Channels::Rgb);
            let engine = |lowering| load(&model, &input, lowering).unwrap();
            let (fused, planned) = (engine(Lowering::Fused), engine(Lowering::Planned));
            let stock = engine(Lowering::Stock);
            assert!(fused.layers().iter().all(|layer| layer.fused), "{:?}", fused.layers());
            assert_eq!(fused.products().share(), 1.0);
            assert_eq!((fused.fallback(), fused.fused_layers()), (None, 6));
            // There tract quantises the pixels.
            assert_eq!((planned.fallback(), planned.fused_layers()), (None, 6));
            for seed in [1, 2, 3] {
                let pixels = pixels(2, SIDE as usize, seed);
                let [ours, same, theirs] =
                    [&fused, &planned, &stock].map(|engine| engine.infer(&pixels).unwrap());
                assert_eq!(ours, same);
                assert_eq!(ours[0].len(), 2 * 3);
                for (ours, theirs) in ours[0].iter().zip(&theirs[0]) {
                    // A step of the scores, and what a step of the means makes.
                    assert!((ours - theirs).abs() < 0.08, "{ours:?} and {theirs:?}");
                }
            }
        }
    }
}

#[test]
fn real_pixels_come_in_any_layout_and_order_and_are_scaled_anew() {
    let [nchw, nhwc] = [Layout::Nchw, Layout::Nhwc].map(|layout| {
        let model = network(layout, Form::Flat, true, false);
        load(&model, &real_pixels(layout, Channels::Rgb), Lowering::Fused).unwrap()
    });
    assert!(nhwc.layers().iter().all(|layer| layer.fused), "{:?}", nhwc.layers());
    let pixels = pixels(1, SIDE as usize, 5);
    let scores = nchw.infer(&pixels).unwrap();
    assert_eq!(nhwc.infer(&pixels).unwrap(), scores);

    let model = network(Layout::Nchw, Form::Flat, true, false);
    let bgr = real_pixels(Layout::Nchw, Channels::Bgr);
    let [mut bgr, planned] =
        [Lowering::Fused, Lowering::Planned].map(|lowering| load(&model, &bgr, lowering).unwrap());
    assert_eq!(bgr.infer(&pixels).unwrap(), planned.infer(&pixels).unwrap());
    assert_ne!(bgr.infer(&pixels).unwrap(), scores);
    let turned: Vec<u8> = pixels.as_chunks().0.iter().flat_map(|&[r, g, b]| [b, g, r]).collect();
    let even = Normalisation { divisor: 127.5, mean: [1.0; 3], std: [1.0; 3] };
    bgr.rescale(even).unwrap();
    let mut rgb = nchw;
    rgb.rescale(even).unwrap();
    let scaled = rgb.infer(&turned).unwrap();
    assert_eq!(bgr.infer(&pixels).unwrap(), scaled);
    assert_ne!(scaled, scores);
    let odd = Normalisation { divisor: 0.0, ..even };
    assert!(rgb.rescale(odd).unwrap_err().to_string().contains("divisor"));
    assert_eq!(rgb.infer(&turned).unwrap(), scaled);
}

/// A classifier that is not what it seems stays with tract.
#[test]
fn a_classifier_of_something_else_is_not_fused() {
    let side = SIDE as usize;
    let spoilt = |change: &dyn Fn(&mut Network)| {
        let mut network = Network::with_input(DataType::Float, &[0, 3, side, side]);
        let image = network.quantise("image", 3, 0.0186, 114);
        let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
        classifier(&mut network, &stem, Form::Reshaped, true, true);
        change(&mut network);
        let model = network.finish();
        let input = real_pixels(Layout::Nchw, Channels::Rgb);
        let [fused, stock] =
            [Lowering::Fused, Lowering::Stock].map(|lowering| load(&model, &input, lowering));
        let (fused, stock) = (fused.unwrap(), stock.unwrap());
        let pixels = pixels(1, side, 7);
        let (ours, theirs) = (fused.infer(&pixels).unwrap(), stock.infer(&pixels).unwrap());
        for (ours, theirs) in ours[0].iter().zip(&theirs[0]) {
            assert!((ours - theirs).abs() < 0.08, "{ours:?} and {theirs:?}");
        }
        fused.fused_layers()
    };
    let of = |network: &mut Network, op_type: &str| {
        network.graph().node.iter().rposition(|node| node.op_type == op_type).unwrap()
    };
    assert_eq!(spoilt(&|_| {}), 2);
    assert_eq!(
        spoilt(&|network| {
            let gemm = of(network, "Gemm");
            network.graph().node[gemm].attribute.push(float("alpha", 0.5));
        }),
        1
    );
    assert_eq!(
        spoilt(&|network| {
            let mean = of(network, "ReduceMean");
            network.graph().node[mean].op_type = "ReduceMax".into();
        }),
        1
    );
    assert_eq!(
        spoilt(&|network| {
            // Rounded to other steps on the other side of the Reshape.
            let reshape = of(network, "Reshape");
            let other = network.number(0.05);
            for node in &mut network.graph().node[reshape + 1..reshape + 3] {
                node.input[1].clone_from(&other);
            }
        }),
        1
    );
}
