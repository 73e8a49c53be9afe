//! Which operators of a file run in tract: those of ONNX's own domain, and a few more by name.
//!
//! tract finds an operator by its name alone, whatever its domain and its attributes: it would run
//! an `Add` of anybody's as ONNX's. So all that it must not take is refused here, by name and with
//! what to do, before it parses the graph.

use std::collections::HashSet;

use crate::onnx::graph::NodeExt;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{DOMAIN, MICROSOFT};
use crate::planned::attention::ATTENTION;
use crate::planned::composed;
use crate::planned::parsers::TRACTS;

/// Operators of [`MICROSOFT`] that tract computes as ONNX Runtime does.
const OF_MICROSOFT: [&str; 4] = ["BiasGelu", "FastGelu", "Gelu", "QuickGelu"];

/// Parsers of tract's for operators that ONNX's own domain does not have.
const NOT_OF_ONNX: [&str; 17] = [
    "ArrayFeatureExtractor",
    "BiasGelu",
    "CategoryMapper",
    "ConstantLike",
    "FastGelu",
    "GatherBlockQuantized",
    "GroupQueryAttention",
    "LinearClassifier",
    "LinearRegressor",
    "MatMulNBits",
    "MultiHeadAttention",
    "Normalizer",
    "QuickGelu",
    "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization",
    "TreeEnsembleClassifier",
    "Rsqrt",
];

/// Operators whose results differ from run to run.
const RANDOM: [&str; 5] =
    ["Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"];

/// Attributes of an operator without which, or with another value than the one here, it means
/// something that tract does not compute.
const FIXED: [(&str, &str, &[i64]); 12] = [
    (ATTENTION, "is_causal", &[0]),
    (ATTENTION, "qk_matmul_output_mode", &[0]),
    ("BatchNormalization", "training_mode", &[0]),
    ("FusedMatMul", "transBatchA", &[0]),
    ("FusedMatMul", "transBatchB", &[0]),
    ("DequantizeLinear", "block_size", &[0]),
    ("DequantizeLinear", "output_dtype", &[0, 1]),
    ("LSTM", "input_forget", &[0]),
    ("QLinearAveragePool", "channels_last", &[0]),
    ("QLinearGlobalAveragePool", "channels_last", &[0]),
    ("QuantizeLinear", "block_size", &[0]),
    ("QuantizeLinear", "precision", &[0, 1]),
];

/// The activations of recurrent operators in one direction: tract computes these, whatever the node
/// names.
const RECURRENT: [(&str, &[&str]); 3] =
    [("GRU", &["Sigmoid", "Tanh"]), ("LSTM", &["Sigmoid", "Tanh", "Tanh"]), ("RNN", &["Tanh"])];

/// What stands in the way of the operators of a graph, if anything does: a sentence without a full
/// stop that names the first layer that cannot run, how many other kinds cannot, and how to export
/// the network without it.
pub(crate) fn problem<'a>(nodes: impl IntoIterator<Item = &'a NodeProto>) -> Option<String> {
    let nodes = nodes.into_iter().filter(|node| node.domain != DOMAIN);
    let mut refused = nodes.filter_map(|node| Some((node, refusal(node)?)));
    let (node, why) = refused.next()?;
    let others: HashSet<String> = refused.map(|(_, other)| other).collect();
    let more = match others.iter().filter(|other| **other != why).count() {
        0 => String::new(),
        1 => ", and one other kind of layer cannot".into(),
        more => format!(", and {more} other kinds of layers cannot"),
    };
    let name = if node.name.is_empty() { node.output.first() } else { Some(&node.name) };
    let name = cut(name.map_or("", String::as_str));
    Some(format!("its layer {name:?} cannot run here, a {why}{more}; {}", way_out(node)))
}

/// How to come to a network without `node`, which cannot run.
fn way_out(node: &NodeProto) -> &'static str {
    let op_type = node.op_type.as_str();
    match node.domain.as_str() {
        "com.microsoft.nchwc" => {
            "save it from ONNX Runtime's optimiser at the level extended, which writes for no \
             particular processor"
        }
        MICROSOFT => {
            "use the file as it was before ONNX Runtime's optimiser, or quantise it in the form QDQ"
        }
        "ai.onnx.ml" => "export the network without the learner of another library behind it",
        "" | "ai.onnx" if matches!(op_type, "If" | "Loop" | "Scan") => {
            "export it in evaluation mode and for one size of pictures, so that nothing is decided \
             while it runs"
        }
        "" | "ai.onnx" if RANDOM.contains(&op_type) || op_type == "BatchNormalization" => {
            "export it in evaluation mode, after model.eval()"
        }
        "" | "ai.onnx" if op_type.ends_with("quantizeLinear") || op_type == "QuantizeLinear" => {
            "quantise it with one scale a tensor or channel"
        }
        "" | "ai.onnx" => {
            "put another layer in its place before the export, or leave it out where it only prepares \
             pictures or sorts results"
        }
        _ => {
            "export it again with torch.onnx.export and dynamo=True, which writes ONNX's own operators"
        }
    }
}

/// How many inputs an operator needs at least, where it is not one: tract looks for them unasked.
const NEEDED: [(&str, usize); 55] = [
    ("Constant", 0),
    ("Add", 2),
    ("And", 2),
    (ATTENTION, 3),
    ("BatchNormalization", 5),
    ("Conv", 2),
    ("ConvInteger", 2),
    ("ConvTranspose", 2),
    ("DequantizeLinear", 2),
    ("Div", 2),
    ("DynamicQuantizeMatMul", 3),
    ("Equal", 2),
    ("Expand", 2),
    ("FusedConv", 2),
    ("FusedGemm", 2),
    ("FusedMatMul", 2),
    ("Gather", 2),
    ("GatherElements", 2),
    ("GatherND", 2),
    ("Gemm", 2),
    ("Greater", 2),
    ("GreaterOrEqual", 2),
    ("Less", 2),
    ("LessOrEqual", 2),
    ("MatMul", 2),
    ("MatMulInteger", 2),
    ("MatMulIntegerToFloat", 4),
    ("Mod", 2),
    ("Mul", 2),
    ("OneHot", 3),
    ("Or", 2),
    ("PRelu", 2),
    ("Pow", 2),
    ("QGemm", 6),
    ("QLinearAdd", 7),
    ("QLinearAveragePool", 4),
    ("QLinearConcat", 5),
    ("QLinearConv", 8),
    ("QLinearGlobalAveragePool", 4),
    ("QLinearLeakyRelu", 4),
    ("QLinearMatMul", 8),
    ("QLinearMul", 7),
    ("QLinearSigmoid", 4),
    ("QLinearSoftmax", 4),
    ("QuantizeLinear", 2),
    ("RMSNormalization", 2),
    ("Range", 3),
    ("Resize", 2),
    ("RotaryEmbedding", 3),
    ("ScatterND", 3),
    ("SkipLayerNormalization", 3),
    ("Sub", 2),
    ("Tile", 2),
    ("Where", 3),
    ("Xor", 2),
];

/// Why `node` cannot run in tract, in a few words that name its operator.
fn refusal(node: &NodeProto) -> Option<String> {
    let op_type = node.op_type.as_str();
    let name = cut(op_type);
    let known = match node.domain.as_str() {
        "" | "ai.onnx" => {
            op_type == ATTENTION
                || !NOT_OF_ONNX.contains(&op_type) && TRACTS.0.contains_key(op_type)
        }
        MICROSOFT => {
            composed::is_composed(op_type)
                || OF_MICROSOFT.contains(&op_type) && TRACTS.0.contains_key(op_type)
        }
        _ => false,
    };
    if !known {
        return Some(match node.domain.as_str() {
            "" | "ai.onnx" => name,
            domain => format!("{}.{name}", cut(domain)),
        });
    }
    let needed = NEEDED.iter().find(|(of, _)| *of == op_type).map_or(1, |&(_, needed)| needed);
    // Resize may leave out what it had in its first form.
    let is_there = |index| op_type == "Resize" && index > 0 || node.input_at(index).is_some();
    if node.input.len() < needed || !(0..needed).all(is_there) {
        return Some(format!("{name} without an input that it needs"));
    }
    let is_whole = |node: &NodeProto| node.input.len() % 3 == 2 && !node.input.contains(&"".into());
    if op_type == "QLinearConcat" && !is_whole(node) {
        return Some(format!("{name} without an input that it needs"));
    }
    if op_type == ATTENTION && (4..=6).any(|at| node.input_at(at).is_some()) {
        return Some(format!("{name} that reads keys from before"));
    }
    if op_type == ATTENTION && shares_keys(node) {
        return Some(format!("{name} whose heads share keys"));
    }
    if RANDOM.contains(&op_type) {
        return Some(format!("{name}, which is random"));
    }
    if node.attribute.iter().any(|a| a.g.is_some() || !a.graphs.is_empty()) {
        return Some(format!("{name}, which holds a graph of its own"));
    }
    for (_, attribute, values) in FIXED.iter().filter(|(of, ..)| *of == op_type) {
        if let Some(value) = node.int(attribute).filter(|value| !values.contains(value)) {
            return Some(format!("{name} with {attribute} {value}"));
        }
    }
    if let Some(attribute) = unread(node) {
        return Some(format!("{name} with another {attribute} than it has by itself"));
    }
    // Without a zero point uint8 is made, whatever is asked for.
    if op_type == "QuantizeLinear" && node.input_at(2).is_none() {
        const UINT8: i64 = 2;
        let dtype = node.int("output_dtype").filter(|&dtype| dtype != 0 && dtype != UINT8)?;
        return Some(format!("{name} with output_dtype {dtype} and no zero point"));
    }
    None
}

/// Whether several heads of an Attention, but not all of them, read the same keys.
fn shares_keys(node: &NodeProto) -> bool {
    let [queries, keys] = ["q_num_heads", "kv_num_heads"].map(|name| node.int(name));
    queries != keys && keys != Some(1)
}

/// An attribute of `node` that tract does not read, and that asks for something else than it makes.
fn unread(node: &NodeProto) -> Option<&str> {
    let op_type = node.op_type.as_str();
    let recurrent = RECURRENT.iter().find(|(of, _)| *of == op_type).map(|(_, own)| own);
    let is_unread = |attribute: &&AttributeProto| match (attribute.name.as_str(), recurrent) {
        ("activations", Some(own)) => {
            let asked = attribute.strings.chunks(own.len());
            !asked.into_iter().all(|asked| {
                asked.iter().map(Vec::as_slice).eq(own.iter().map(|name| name.as_bytes()))
            })
        }
        ("activation_alpha" | "activation_beta", Some(_)) => !attribute.floats.is_empty(),
        ("clip", Some(_)) => attribute.f != 0.0,
        // The shape of its weights tells whether there is one direction or both.
        ("direction", Some(_)) => !matches!(&*attribute.s, b"forward" | b"bidirectional"),
        ("softcap", None) => op_type == ATTENTION && attribute.f != 0.0,
        ("alpha", None) => matches!(op_type, "QGemm" | "Swish") && attribute.f != 1.0,
        ("activation", None) => {
            op_type.starts_with("Fused") && !composed::ACTIVATIONS.contains(&&*attribute.s)
        }
        _ => false,
    };
    node.attribute.iter().find(is_unread).map(|attribute| attribute.name.as_str())
}

/// As much of a name as a sentence can bear.
fn cut(name: &str) -> String {
    name.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::GraphProto;

    fn node(domain: &str, op_type: &str) -> NodeProto {
        NodeProto {
            name: "layer".into(),
            domain: domain.into(),
            op_type: op_type.into(),
            input: vec!["x".into(), "scale".into()],
            ..NodeProto::default()
        }
    }

    fn int(name: &str, i: i64) -> AttributeProto {
        AttributeProto { name: name.into(), i, ..AttributeProto::default() }
    }

    fn why(node: NodeProto) -> Option<String> {
        problem([&node])
    }

    #[test]
    fn the_lists_name_parsers_that_there_are() {
        let transformers = ["GroupQueryAttention", "MultiHeadAttention"];
        let listed = NOT_OF_ONNX.iter().chain(&RANDOM).chain(FIXED.iter().map(|(of, ..)| of));
        let ours = |name: &str| name == ATTENTION || composed::is_composed(name);
        for name in listed.filter(|name| !transformers.contains(name) && !ours(name)) {
            assert!(TRACTS.0.contains_key(*name), "{name}");
        }
    }

    #[test]
    fn operators_of_todays_classifiers_are_known() {
        for op_type in [
            "Conv",
            "Add",
            "LayerNormalization",
            "Gelu",
            "Range",
            "Resize",
            "LogSoftmax",
            "Einsum",
            "ConvInteger",
            "MatMulInteger",
            "DynamicQuantizeLinear",
            "QLinearConv",
            "QLinearMatMul",
        ] {
            for domain in ["", "ai.onnx"] {
                let node = NodeProto { input: vec!["x".into(); 8], ..node(domain, op_type) };
                assert_eq!(why(node), None, "{op_type}");
            }
        }
        assert_eq!(why(node(MICROSOFT, "FastGelu")), None);
        let input = vec!["x".into(); 7];
        assert_eq!(why(NodeProto { input, ..node(MICROSOFT, "QLinearAdd") }), None);
        assert!(why(node(MICROSOFT, "QLinearAdd")).unwrap().contains("without an input"));
        assert!(why(node("", "QLinearAdd")).is_some());
    }

    #[test]
    fn a_foreign_operator_is_no_operator_of_onnx() {
        for (domain, op_type, named) in [
            ("com.example", "Add", "\"layer\" cannot run here, a com.example.Add;"),
            (MICROSOFT, "Attention", "com.microsoft.Attention"),
            (MICROSOFT, "Add", "com.microsoft.Add"),
            ("ai.onnx.ml", "LinearClassifier", "ai.onnx.ml.LinearClassifier"),
            ("", "LinearClassifier", "LinearClassifier"),
            ("", "FastGelu", "FastGelu"),
            ("", "StringNormalizer", "StringNormalizer"),
        ] {
            let why = why(node(domain, op_type)).unwrap();
            assert!(
                why.starts_with("its layer \"layer\" cannot run here") && why.contains(named),
                "{why}"
            );
        }
    }

    #[test]
    fn what_tract_would_read_as_something_else_is_refused() {
        for (op_type, attribute, fine, refused) in [
            ("DequantizeLinear", "block_size", 0, 4),
            ("QuantizeLinear", "block_size", 0, 4),
            ("DequantizeLinear", "output_dtype", 1, 10),
            ("QuantizeLinear", "output_dtype", 2, 3),
            ("QuantizeLinear", "precision", 1, 10),
            ("BatchNormalization", "training_mode", 0, 1),
            ("LSTM", "input_forget", 0, 1),
        ] {
            let with = |value| {
                let attribute = vec![int(attribute, value)];
                let mut node = NodeProto { attribute, ..node("", op_type) };
                if op_type == "BatchNormalization" {
                    node.input.resize(5, "constant".into());
                }
                node
            };
            assert_eq!(why(with(fine)), None, "{op_type} {attribute}");
            let why = why(with(refused)).unwrap();
            assert!(why.contains(&format!("{op_type} with {attribute} {refused}")), "{why}");
        }
        // A zero point says the type by its own.
        let input = vec!["x".into(), "scale".into(), "zero".into()];
        let attribute = vec![int("output_dtype", 3)];
        assert_eq!(why(NodeProto { input, attribute, ..node("", "QuantizeLinear") }), None);

        let body = AttributeProto { g: Some(GraphProto::default()), ..AttributeProto::default() };
        let branch = NodeProto { attribute: vec![body], ..node("", "If") };
        assert!(why(branch).unwrap().contains("If, which holds a graph of its own"));
        assert!(why(node("", "RandomNormal")).unwrap().contains("random"));
        let mut no_scale = vec!["x"; 8];
        no_scale[4] = "";
        for (op_type, input) in [
            ("Transpose", vec![]),
            ("Conv", vec!["x"]),
            ("Add", vec!["", "x"]),
            ("QLinearConv", vec!["x"; 7]),
            ("QLinearConv", no_scale.clone()),
            ("QLinearMatMul", no_scale),
        ] {
            let input = input.into_iter().map(Into::into).collect();
            let why = why(NodeProto { input, ..node("", op_type) }).unwrap();
            assert!(why.contains(op_type) && why.contains("without an input"), "{why}");
        }
    }

    #[test]
    fn an_attention_is_of_one_picture() {
        let with = |inputs: &[&str], attribute| {
            let input = inputs.iter().map(|&name| name.into()).collect();
            why(NodeProto { input, attribute, ..node("", "Attention") })
        };
        let heads = |queries, keys| vec![int("q_num_heads", queries), int("kv_num_heads", keys)];
        assert_eq!(with(&["q", "k", "v"], vec![]), None);
        assert_eq!(with(&["q", "k", "v", "mask"], heads(4, 4)), None);
        assert_eq!(with(&["q", "k", "v"], heads(4, 1)), None);
        let softcap = AttributeProto { f: 20.0, ..int("softcap", 0) };
        for (inputs, attribute, named) in [
            (&["q", "k"][..], vec![], "without an input"),
            (&["q", "k", "v", "", "past"], vec![], "keys from before"),
            (&["q", "k", "v"], heads(4, 2), "heads share keys"),
            (&["q", "k", "v"], vec![int("is_causal", 1)], "is_causal 1"),
            (&["q", "k", "v"], vec![softcap], "another softcap"),
        ] {
            let why = with(inputs, attribute).unwrap();
            assert!(why.contains(named), "{why}");
        }
    }

    #[test]
    fn a_recurrent_layer_has_the_activations_and_directions_that_tract_computes() {
        let named = |name: &str| AttributeProto { name: name.into(), ..AttributeProto::default() };
        let with =
            |op_type, attribute| why(NodeProto { attribute: vec![attribute], ..node("", op_type) });
        let activations = |names: &[&str]| AttributeProto {
            strings: names.iter().map(|name| name.as_bytes().to_vec()).collect(),
            ..named("activations")
        };
        let direction =
            |name: &str| AttributeProto { s: name.as_bytes().to_vec(), ..named("direction") };
        for (op_type, fine) in [
            ("LSTM", activations(&["Sigmoid", "Tanh", "Tanh"])),
            ("LSTM", activations(&["Sigmoid", "Tanh", "Tanh"].repeat(2))),
            ("GRU", activations(&["Sigmoid", "Tanh"])),
            ("RNN", activations(&["Tanh"])),
            ("GRU", direction("bidirectional")),
            ("RNN", direction("forward")),
            ("LSTM", named("activation_alpha")),
            ("Swish", AttributeProto { f: 1.0, ..named("alpha") }),
            ("LeakyRelu", AttributeProto { f: 0.2, ..named("alpha") }),
        ] {
            assert_eq!(with(op_type, fine), None, "{op_type}");
        }
        for (op_type, refused) in [
            ("LSTM", activations(&["Sigmoid", "Tanh", "Relu"])),
            ("LSTM", activations(&["Sigmoid", "Tanh"])),
            ("GRU", activations(&["Sigmoid", "Tanh", "Sigmoid", "Relu"])),
            ("RNN", activations(&["Relu"])),
            ("RNN", direction("reverse")),
            ("LSTM", AttributeProto { f: 3.0, ..named("clip") }),
            ("RNN", AttributeProto { floats: vec![0.1], ..named("activation_alpha") }),
            ("Swish", AttributeProto { f: 1.702, ..named("alpha") }),
        ] {
            let named = format!("{op_type} with another {}", refused.name);
            let why = with(op_type, refused).unwrap();
            assert!(why.contains(&named), "{why}");
        }
    }

    #[test]
    fn a_sentence_names_one_layer_and_stays_short() {
        let nodes: Vec<_> =
            (0..1000).map(|index| node("", &format!("{index}").repeat(1000))).collect();
        let why = problem(&nodes).unwrap();
        // Names that begin alike are one.
        assert!(why.contains("and 981 other kinds") && why.len() < 300, "{why}");
        let two = [node(MICROSOFT, "Attention"), node("", "NonMaxSuppression2")];
        let why = problem(&two).unwrap();
        assert!(
            why.contains("and one other kind of layer cannot; use the file as it was"),
            "{why}"
        );
        assert!(!problem(&two[..1]).unwrap().contains("other kind"));
    }

    #[test]
    fn each_kind_of_layer_has_a_way_out() {
        let body = AttributeProto { g: Some(GraphProto::default()), ..AttributeProto::default() };
        for (domain, op_type, named) in [
            ("com.microsoft.nchwc", "Conv", "at the level extended"),
            (MICROSOFT, "Attention", "QDQ"),
            ("ai.onnx.ml", "Scaler", "another library"),
            ("", "If", "evaluation mode"),
            ("", "RandomNormal", "model.eval()"),
            ("", "NonMaxSuppression2", "before the export"),
            ("org.pytorch.aten", "ATen", "dynamo=True"),
        ] {
            let node = NodeProto { attribute: vec![body.clone()], ..node(domain, op_type) };
            let why = problem([&node]).unwrap();
            assert!(why.contains(named), "{why}");
        }
    }

    #[test]
    fn a_fused_layer_ends_in_an_activation_that_is_known() {
        let with = |text: &str| {
            let activation = AttributeProto {
                name: "activation".into(),
                s: text.as_bytes().to_vec(),
                ..AttributeProto::default()
            };
            why(NodeProto { attribute: vec![activation], ..node(MICROSOFT, "FusedConv") })
        };
        assert_eq!(with("Relu"), None);
        assert!(with("Loop").unwrap().contains("FusedConv with another activation"));
        let concat = |inputs: usize| {
            why(NodeProto { input: vec!["x".into(); inputs], ..node(MICROSOFT, "QLinearConcat") })
        };
        assert_eq!((concat(5), concat(8)), (None, None));
        assert!(concat(6).unwrap().contains("without an input"));
    }
}
