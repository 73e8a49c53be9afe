//! Files of a few hundred bytes that ask for gigabytes, for hours, or for what nobody here means:
//! each is refused with a reason, and nothing is made for it.

use histoscope_engine::input::{Channels, Dtype, Input, Layout, Normalisation};
use histoscope_engine::{Engine, Error, Lowering};

use crate::counting::allocated;
use crate::onnx::{DataType, Network, int, ints, text};

const SIDE: usize = 8;
/// Elements of a tensor of 1 GiB in `float32`, and the side of one that is square.
const HUGE: i64 = 1 << 28;
const HUGE_SIDE: i64 = 1 << 14;
/// More than a network of this size needs, and far less than what the files ask for.
const MODEST: usize = 64 << 20;

fn input() -> Input {
    Input {
        dtype: Dtype::Float32,
        layout: Layout::Nchw,
        channels: Channels::Rgb,
        patch_size: SIDE as u32,
        normalisation: Some(Normalisation { divisor: 1.0, mean: [0.0; 3], std: [1.0; 3] }),
    }
}

/// A network to whose scores the mean of whatever `odd` makes is added.
fn with(odd: impl FnOnce(&mut Network) -> String) -> Network {
    let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
    let odd = odd(&mut network);
    let odd = network.node("Cast", &[&odd], vec![int("to", DataType::Float as i64)]);
    let mean = network.node("ReduceMean", &[&odd], vec![int("keepdims", 0)]);
    let scores = network.linear_of_mean("image", &[1.0; 6], &[0.5; 2]);
    let scores = network.node("Add", &[&scores, &mean], vec![]);
    network.output(&scores);
    network
}

fn load(model: &[u8]) -> Result<Engine, Error> {
    let choose = &|found: &[histoscope_engine::Output]| Ok((0..found.len()).collect());
    Engine::with_lowering(model, &input(), choose, Lowering::Fused)
}

/// Why the network is refused: by the engine, and neither by a panic nor by the allocator.
fn refusal(what: &str, network: Network) -> String {
    let model = network.finish();
    let (result, bytes) = allocated(|| load(&model));
    let Err(error) = result else { panic!("{what} was not refused") };
    let Error::Invalid { detail } = error else { panic!("{what}: {error:?}") };
    assert!(bytes < MODEST, "{what} asked for {bytes} bytes before it was refused: {detail}");
    detail
}

/// A vector of `length` ones that the file does not hold.
fn ones(network: &mut Network, length: i64) -> String {
    let shape = network.integers(&[length]);
    let zeros = network.node("ConstantOfShape", &[&shape], vec![]);
    let one = network.number(1.0);
    network.node("Add", &[&zeros, &one], vec![])
}

type Build = fn(&mut Network) -> String;

/// Each would make 1 GiB or more, most of them from constants alone.
const MAKERS: [(&str, Build); 15] = [
    ("Expand", |network| {
        let (one, shape) = (network.number(1.0), network.integers(&[HUGE]));
        network.node("Expand", &[&one, &shape], vec![])
    }),
    ("ConstantOfShape", |network| {
        let shape = network.integers(&[HUGE_SIDE, HUGE_SIDE]);
        network.node("ConstantOfShape", &[&shape], vec![])
    }),
    ("Tile of a constant", |network| {
        let (one, times) = (ones(network, 1), network.integers(&[HUGE]));
        network.node("Tile", &[&one, &times], vec![])
    }),
    ("Tile of the picture", |network| {
        let times = network.integers(&[1, 1, 1 << 11, 1 << 11]);
        network.node("Tile", &["image", &times], vec![])
    }),
    ("Pad", |network| {
        let (one, pads) = (ones(network, 1), network.integers(&[0, HUGE]));
        network.node("Pad", &[&one, &pads], vec![])
    }),
    ("Range", |network| {
        let [start, end, step] = [0, HUGE, 1].map(|number| network.integer(number));
        network.node("Range", &[&start, &end, &step], vec![])
    }),
    ("Range downwards", |network| {
        let [start, end, step] = [HUGE, 0, -1].map(|number| network.integer(number));
        network.node("Range", &[&start, &end, &step], vec![])
    }),
    ("Range in small steps", |network| {
        let [start, end, step] = [0.0, 100.0, 1e-7].map(|number| network.number(number));
        network.node("Range", &[&start, &end, &step], vec![])
    }),
    ("Range in no steps", |network| {
        let [start, end, step] = [0, HUGE, 0].map(|number| network.integer(number));
        network.node("Range", &[&start, &end, &step], vec![])
    }),
    ("Resize to a size", |network| {
        let sizes = network.integers(&[1, 3, HUGE_SIDE, HUGE_SIDE]);
        network.node("Resize", &["image", "", "", &sizes], vec![text("mode", "nearest")])
    }),
    ("Resize by a factor", |network| {
        let scales = network.numbers(&[1.0, 1.0, 2048.0, 2048.0]);
        network.node("Resize", &["image", "", &scales], vec![text("mode", "linear")])
    }),
    ("OneHot", |network| {
        let (index, depth) = (network.integers(&[3]), network.integer(HUGE));
        let values = network.numbers(&[0.0, 1.0]);
        network.node("OneHot", &[&index, &depth, &values], vec![])
    }),
    ("a product of two vectors", |network| {
        let (a, b) = (ones(network, HUGE_SIDE), ones(network, HUGE_SIDE));
        let axis = network.integers(&[1]);
        let a = network.node("Unsqueeze", &[&a, &axis], vec![]);
        network.node("Mul", &[&a, &b], vec![])
    }),
    ("Einsum", |network| {
        let (a, b) = (ones(network, HUGE_SIDE), ones(network, HUGE_SIDE));
        network.node("Einsum", &[&a, &b], vec![text("equation", "i,j->ij")])
    }),
    ("a convolution with a thousand million outputs", |network| {
        let weights = network.weights(&[1, 3, 1, 1]);
        network.node("Conv", &["image", &weights], vec![ints("pads", &[HUGE_SIDE; 4])])
    }),
];

#[test]
fn tensors_past_the_limit_are_refused_and_not_made() {
    for (what, build) in MAKERS {
        for constants in ["initialisers", "nodes"] {
            let network = with(build);
            let network =
                if constants == "nodes" { network.with_constant_nodes() } else { network };
            let why = refusal(what, network);
            assert!(why.contains("limit"), "{what} with constants in {constants}: {why}");
        }
    }
}

#[test]
fn multiplications_are_counted() {
    let slow = with(|network| {
        let times = network.integers(&[1, 1, 1 << 8, 1 << 8]);
        let wide = network.node("Tile", &["image", &times], vec![]);
        let weights = network.weights(&[3, 3, 63, 63]);
        network.node("Conv", &[&wide, &weights], vec![ints("pads", &[31; 4])])
    });
    let why = refusal("a slow convolution", slow);
    assert!(why.contains("limit"), "{why}");

    // A pool looks at as many values as a convolution multiplies.
    for op_type in ["MaxPool", "AveragePool"] {
        let slow = with(|network| {
            let times = network.integers(&[1, 1, 1 << 8, 1 << 8]);
            let wide = network.node("Tile", &["image", &times], vec![]);
            let attributes = vec![ints("kernel_shape", &[255; 2]), ints("pads", &[127; 4])];
            network.node(op_type, &[&wide], attributes)
        });
        let why = refusal(op_type, slow);
        assert!(why.contains("limit"), "{why}");
    }

    // From constants, while shapes are inferred.
    let folded = with(|network| {
        let shape = network.integers(&[1, 1, 1 << 10, 1 << 10]);
        let zeros = network.node("ConstantOfShape", &[&shape], vec![]);
        network.node("Conv", &[&zeros, &zeros], vec![ints("pads", &[512; 4])])
    });
    let why = refusal("a convolution of constants", folded);
    assert!(why.contains("limit"), "{why}");
}

#[test]
fn a_size_that_depends_on_the_picture_is_refused() {
    let network = with(|network| network.node("NonZero", &["image"], vec![]));
    let why = refusal("NonZero", network);
    assert!(why.contains("cannot be told before it runs"), "{why}");
}

#[test]
fn weights_that_are_no_numbers_are_refused_by_name() {
    for number in [f32::NAN, f32::INFINITY] {
        for in_nodes in [false, true] {
            let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
            let scores =
                network.linear_of_mean("image", &[1.0, 1.0, number, 1.0, 1.0, 1.0], &[0.5; 2]);
            network.output(&scores);
            let network = if in_nodes { network.with_constant_nodes() } else { network };
            let why = refusal("NaN", network);
            assert!(why.contains("the tensor \"constant_"), "{why}");
        }
    }
}

#[test]
fn a_foreign_operator_does_not_run_as_one_of_onnx() {
    for (domain, runs) in [
        ("", true),
        ("ai.onnx", true),
        ("com.example", false),
        ("ai.onnx.ml", false),
        ("com.microsoft", false),
    ] {
        let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
        let scores = network.linear_of_mean("image", &[1.0; 6], &[0.5; 2]);
        network.output(&scores);
        network.graph().node.last_mut().unwrap().domain = domain.into();
        if runs {
            load(&network.finish()).unwrap();
        } else {
            let why = refusal(domain, network);
            assert!(why.contains(&format!("{domain}.Gemm (node \"Gemm_")), "{why}");
        }
    }
}

/// tract would read scales of blocks as one for each index of the axis, and make `uint8` of a type
/// that it does not read.
#[test]
fn forms_of_quantisation_that_tract_does_not_know_are_refused() {
    for (op_type, attribute, value) in [
        ("DequantizeLinear", "block_size", 2),
        ("DequantizeLinear", "output_dtype", 10),
        ("QuantizeLinear", "block_size", 2),
        ("QuantizeLinear", "output_dtype", 3),
    ] {
        let network = with(|network| {
            let scale = network.numbers(&[0.5]);
            let quantised = network.node("QuantizeLinear", &["image", &scale], vec![]);
            let real = network.node("DequantizeLinear", &[&quantised, &scale], vec![]);
            let node = network.graph().node.iter_mut().find(|node| node.op_type == op_type);
            node.unwrap().attribute.push(int(attribute, value));
            real
        });
        let why = refusal(op_type, network);
        assert!(why.contains(&format!("{op_type} with {attribute} {value}")), "{why}");
    }
}

#[test]
fn initialisers_are_counted() {
    let network = with(|network| {
        for _ in 0..=histoscope_engine::MAX_INITIALISERS {
            network.number(1.0);
        }
        "image".into()
    });
    let why = refusal("initialisers", network);
    assert!(why.contains("constants, the limit is 20000"), "{why}");
}

#[test]
fn an_output_that_nothing_makes_is_named() {
    let mut network = with(|_| "image".into());
    network.output("nobody");
    let why = refusal("an output", network);
    assert!(why.contains("nothing makes its output \"nobody\""), "{why}");
}
