//! Files that mean harm, and files that say something which the fused layers do not know: each kind is refused by
//! name, or left to tract, before anything is allocated for it.
#![cfg(not(target_family = "wasm"))]

#[path = "../../../tests/common/onnx.rs"]
mod onnx;

use std::time::{Duration, Instant};

use histoscope_engine::{Engine, Error, Input, MAX_INITIALISERS, MAX_NODES, Result};
use onnx::{Activation, Conv, Network, int, pixels};

const SIDE: usize = 32;

/// All outputs are read.
fn load(model: &[u8]) -> Result<Engine> {
    let started = Instant::now();
    let engine =
        Engine::load(model, &Input::raw(SIDE as u32), &|found| Ok((0..found.len()).collect()));
    assert!(started.elapsed() < Duration::from_secs(20), "it hangs");
    engine
}

/// What a refusal says; a panic inside is none.
fn refusal(model: &[u8]) -> String {
    let error = load(model).expect_err("it is refused");
    let text = error.to_string();
    assert!(!text.contains("made the engine fail"), "{text}");
    text
}

/// How many layers are fused, in a build with tract as in one without.
fn fused(model: &[u8]) -> usize {
    match load(model) {
        Ok(engine) => engine.fused_layers(),
        Err(Error::NeedsTract { .. }) => 0,
        Err(error) => panic!("{error}"),
    }
}

/// A network that is fused from end to end; `change` spoils the node of that type before the head.
fn spoilt(op_type: &str, change: impl Fn(&mut histoscope_engine::proto::NodeProto)) -> Vec<u8> {
    let (mut network, image) = Network::new(SIDE);
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    let deep = network.conv(&stem, Conv::depthwise(8, 3, 1));
    let sum = network.add(&stem, &deep, Activation::Linear);
    network.head(&sum, 2);
    let nodes = &mut network.graph().node;
    change(nodes.iter_mut().rfind(|node| node.op_type == op_type).unwrap());
    network.finish()
}

#[test]
fn the_network_that_is_spoilt_here_is_fused_as_it_is() {
    assert_eq!(fused(&spoilt("Add", |_| {})), 4);
}

/// Padding and lines are as long as the stride: these asked for 880 GB and 90 TB, or wrapped around.
#[test]
fn strides_beyond_reason_are_no_layers() {
    for depthwise in [false, true] {
        for stride in [0, -1, 4097, 1_000_000_000, 954_437_177, 62_886_627_524_009_835, i64::MAX] {
            for strides in [[1, stride], [stride, 1]] {
                let (mut network, image) = Network::new(SIDE);
                let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
                let conv = if depthwise {
                    Conv::depthwise(8, 3, 1)
                } else {
                    Conv::new(8, 3, 1, Activation::Relu6)
                };
                let last = network.conv(&stem, conv);
                network.head(&last, 2);
                let conv =
                    network.graph().node.iter_mut().filter(|node| node.op_type == "Conv").nth(1);
                let attribute = conv
                    .unwrap()
                    .attribute
                    .iter_mut()
                    .find(|attribute| attribute.name == "strides");
                attribute.unwrap().ints = strides.to_vec();
                // Whatever tract makes of it, no layer of ours does.
                if let Ok(engine) = load(&network.finish()) {
                    assert!(engine.fused_layers() < 3, "{strides:?}");
                }
            }
        }
    }
}

/// Opset 21 has scales for blocks of weights, opset 23 has types and precisions: whoever does not know an attribute
/// must not run the node as if it were not there.
#[test]
fn a_node_that_says_more_than_is_known_is_not_fused() {
    let odd = |name: &str, value: i64| {
        let attribute = int(name, value);
        move |node: &mut histoscope_engine::proto::NodeProto| node.attribute.push(attribute.clone())
    };
    let all = fused(&spoilt("Add", |_| {}));
    for op_type in ["Conv", "QuantizeLinear", "DequantizeLinear", "Add", "Clip", "ReduceMean"] {
        for (name, value) in
            [("block_size", 4), ("output_dtype", 3), ("saturate", 0), ("invented", 1)]
        {
            let model = spoilt(op_type, odd(name, value));
            let found = load(&model).map_or(0, |engine| engine.fused_layers());
            assert!(found < all, "{op_type} with {name} is fused");
        }
        // Twice the same, of which one is not read.
        let model = spoilt(op_type, |node| {
            let attribute = node.attribute.first().cloned().unwrap_or_else(|| int("axis", 0));
            node.attribute.extend([attribute.clone(), attribute]);
        });
        assert!(load(&model).map_or(0, |engine| engine.fused_layers()) < all, "{op_type}");
        // Another output, or an input that nothing is known of.
        let model = spoilt(op_type, |node| node.input.extend(vec!["image".into(); 4]));
        assert!(load(&model).map_or(0, |engine| engine.fused_layers()) < all, "{op_type}");
    }
    // The values under which nothing is changed are known.
    for (name, value) in [("block_size", 0), ("saturate", 1), ("output_dtype", 2)] {
        assert_eq!(fused(&spoilt("QuantizeLinear", odd(name, value))), all, "{name}");
    }
}

/// Scales of blocks have the shape of the weights, not one for each channel.
#[test]
fn scales_of_another_shape_are_not_read_as_one_for_each_channel() {
    let (mut network, image) = Network::new(SIDE);
    let stem = network.conv(&image, Conv::new(4, 1, 1, Activation::Relu6));
    network.head(&stem, 4);
    let mut model = network.clone();
    assert_eq!(fused(&model.clone().finish()), 2);
    let scales = model.graph().initializer.iter_mut().filter(|t| t.dims == [4] && t.data_type == 1);
    scales.for_each(|tensor| tensor.dims = vec![1, 4, 1, 1]);
    let found = load(&model.finish()).map_or(0, |engine| engine.fused_layers());
    assert_eq!(found, 0);
}

/// A head that nobody reads asked for gigabytes, for every patch.
#[test]
fn layers_that_nobody_reads_do_not_run() {
    let (mut network, image) = Network::new(SIDE);
    let stem = network.conv(&image, Conv::new(8, 3, 1, Activation::Relu6));
    network.head(&stem, 2);
    let unread = network.conv(&stem, Conv::new(8, 3, 1, Activation::Relu6));
    network.head(&unread, 60_000);
    let model = network.finish();
    let engine = Engine::load(&model, &Input::raw(SIDE as u32), &|_| Ok(vec![0])).unwrap();
    assert_eq!(engine.layers().len(), 2);
    assert_eq!(engine.infer(&pixels(1, SIDE, 1)).unwrap()[0].len(), 2);
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let (mut network, image) = Network::new(512);
    let stem = network.conv(&image, Conv::new(4, 1, 1, Activation::Relu6));
    network.head(&stem, 4096);
    let model = network.finish();
    let error = Engine::load(&model, &Input::raw(512), &|_| Ok(vec![0])).unwrap_err().to_string();
    let said = ["working memory", "too large", "the limit is"];
    assert!(said.iter().any(|said| error.contains(said)), "{error}");
}

#[test]
fn a_tensor_that_is_made_twice_is_refused() {
    let (mut network, image) = Network::new(SIDE);
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    network.head(&stem, 2);
    let twin = network.graph().node[1].clone();
    network.graph().node.push(twin);
    assert!(refusal(&network.finish()).contains("made twice"));
}

#[test]
fn numbers_of_nodes_and_constants_are_limited() {
    let (mut network, image) = Network::new(SIDE);
    network.head(&image, 2);
    let mut nodes = network.clone();
    for _ in 0..=MAX_NODES {
        nodes.node("Relu", &["image"], vec![]);
    }
    assert!(refusal(&nodes.finish()).contains(&MAX_NODES.to_string()));
    let mut constants = network;
    for _ in 0..=MAX_INITIALISERS {
        constants.number(0.0);
    }
    assert!(refusal(&constants.finish()).contains(&MAX_INITIALISERS.to_string()));
}

/// Two bytes a node: a small file that becomes a hundred times as large.
#[test]
fn files_that_swell_are_refused_before_they_are_decoded() {
    let nodes = [0x0a, 0].repeat(16 << 20);
    let mut file = vec![0x3a];
    prost::encoding::encode_varint(nodes.len() as u64, &mut file);
    file.extend(nodes);
    assert!(refusal(&file).contains("decoding it"));
}

#[test]
fn what_is_no_onnx_is_said_to_be_none() {
    for file in
        [&b""[..], b"not a model", &[0xff; 4096], b"version https://git-lfs.github.com/spec/v1\n"]
    {
        let text = refusal(file);
        assert!(text.contains("not an ONNX file") || text.contains("no graph"), "{text}");
    }
}

/// A pass that would take minutes is refused.
#[test]
fn a_pass_has_a_limit() {
    let (mut network, image) = Network::new(1024);
    let mut x = network.conv(&image, Conv::new(256, 1, 1, Activation::Relu6));
    for _ in 0..3 {
        x = network.conv(&x, Conv::new(256, 7, 1, Activation::Relu6));
    }
    network.head(&x, 2);
    let error = Engine::load(&network.finish(), &Input::raw(1024), &|_| Ok(vec![0]));
    assert!(error.unwrap_err().to_string().contains("products"));
}
