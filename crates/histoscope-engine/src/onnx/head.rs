//! Puts another head on a network: one that is linear in statistics of inner tensors.
//!
//! ```text
//! each tensor [N, C, h, w] -> GlobalAveragePool -> Flatten [N, C]            its mean
//!                          -> Mul with itself -> GlobalAveragePool -> Flatten its mean square
//! all of them -> Concat [N, F] -> Gemm [N, classes] = logits -> Softmax = probabilities
//! ```
//!
//! These operators are alike in every version of ONNX that is read here. What the new outputs do not
//! need, the old head among it, is left out; the rest is folded where it can be (`folded.rs`), so that
//! other runtimes make the engine's bytes.

use std::collections::{HashMap, HashSet};

use prost::Message;

use crate::error::{Error, Result};
use crate::onnx::folded;
use crate::onnx::names::Names;
use crate::onnx::proto::{
    AttributeProto, DataType, Dimension, GraphProto, NodeProto, StringStringEntryProto,
    TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};

/// The first version of ONNX's operators whose Clip takes bytes.
const FOLDS_FROM: i64 = 12;

/// Outputs of a network with such a head, both float `[N, classes]`.
pub const LOGITS: &str = "logits";
/// `softmax` of [`LOGITS`].
pub const PROBABILITIES: &str = "probabilities";

/// Features that come from one tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its name in the file; float `[N, channels, h, w]`.
    pub tensor: String,
    /// How many features these are.
    pub channels: usize,
    /// Means of squares; else of the values themselves.
    pub square: bool,
}

/// `logits = weights * features + bias`.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearHead {
    /// The features, block after block.
    pub blocks: Vec<Block>,
    /// `[classes][features]`.
    pub weights: Vec<Vec<f64>>,
    /// `[classes]`.
    pub bias: Vec<f64>,
    /// What the file says of itself, for programs: names with their values.
    pub metadata: Vec<(String, String)>,
}

/// The network in the ONNX file `bytes` with `head` in the place of all its outputs, as a file.
///
/// # Errors
/// [`Error::Invalid`] if it cannot be read, has not these tensors, or keeps weights in other files,
/// or if the head's numbers do not fit each other.
pub fn with_head(bytes: &[u8], head: &LinearHead) -> Result<Vec<u8>> {
    let mut model = super::read(bytes)?;
    let opset = super::opset(&model).unwrap_or(0);
    let Some(graph) = &mut model.graph else {
        return Err(Error::invalid("it is not an ONNX file: it holds no graph"));
    };
    let features: usize = head.blocks.iter().map(|block| block.channels).sum();
    let fits = head.weights.iter().all(|row| row.len() == features)
        && head.bias.len() == head.weights.len();
    if !fits || features == 0 || head.bias.is_empty() {
        return Err(Error::invalid("the numbers of the head do not fit each other"));
    }
    let made: HashSet<&str> =
        graph.node.iter().flat_map(|node| &node.output).map(String::as_str).collect();
    if let Some(block) = head.blocks.iter().find(|block| !made.contains(&*block.tensor)) {
        return Err(Error::invalid(format!("it has no tensor {:?}", block.tensor)));
    }

    if opset >= FOLDS_FROM {
        folded::fold(graph);
    }
    keep(graph, head.blocks.iter().map(|block| block.tensor.clone()).collect());
    let mut names = Names::of(graph);
    let parts: Vec<String> =
        head.blocks.iter().map(|block| statistic(graph, &mut names, block)).collect();
    let vector = names.fresh("features");
    graph.node.push(node("Concat", parts, &vector, Some(("axis", 1))));
    let [weights, bias] = ["head_weights", "head_bias"].map(|name| names.fresh(name));
    let [classes, width] = [head.bias.len(), features].map(|count| count as i64);
    // Gemm wants [features, classes].
    let columns =
        (0..features).flat_map(|feature| head.weights.iter().map(move |row| row[feature] as f32));
    graph.initializer.push(TensorProto::floats(&*weights, &[width, classes], columns));
    let summands = head.bias.iter().map(|&summand| summand as f32);
    graph.initializer.push(TensorProto::floats(&*bias, &[classes], summands));
    let [logits, probabilities] = [LOGITS, PROBABILITIES].map(|name| names.fresh(name));
    graph.node.push(node("Gemm", vec![vector, weights, bias], &logits, None));
    graph.node.push(node("Softmax", vec![logits.clone()], &probabilities, Some(("axis", 1))));
    graph.output = [logits, probabilities].map(|name| output(name, classes)).into();

    let entry = |(key, value): &(String, String)| StringStringEntryProto {
        key: key.clone(),
        value: value.clone(),
    };
    model.metadata_props.extend(head.metadata.iter().map(entry));
    Ok(model.encode_to_vec())
}

/// Keeps of a graph what makes the tensors `wanted`.
fn keep(graph: &mut GraphProto, mut wanted: Vec<String>) {
    let makers: HashMap<String, usize> = graph
        .node
        .iter()
        .enumerate()
        .flat_map(|(index, node)| node.output.iter().map(move |name| (name.clone(), index)))
        .collect();
    let mut needed = HashSet::new();
    let mut nodes = HashSet::new();
    while let Some(name) = wanted.pop() {
        if let Some(&maker) = makers.get(&name)
            && nodes.insert(maker)
        {
            wanted.extend(graph.node[maker].input.iter().cloned());
        }
        needed.insert(name);
    }
    let mut index = 0;
    graph.node.retain(|_| {
        index += 1;
        nodes.contains(&(index - 1))
    });
    graph.initializer.retain(|tensor| needed.contains(&tensor.name));
    graph.value_info.retain(|value| needed.contains(&value.name));
}

/// Adds what makes a block of features, `[N, channels]`; its name.
fn statistic(graph: &mut GraphProto, names: &mut Names, block: &Block) -> String {
    let Block { tensor, square, .. } = block;
    let mut value = tensor.clone();
    if *square {
        let squares = names.fresh(&format!("{tensor}_square"));
        graph.node.push(node("Mul", vec![value.clone(), value], &squares, None));
        value = squares;
    }
    let pooled = names.fresh(&format!("{value}_pooled"));
    graph.node.push(node("GlobalAveragePool", vec![value.clone()], &pooled, None));
    let mean = names.fresh(&format!("{value}_mean"));
    graph.node.push(node("Flatten", vec![pooled], &mean, Some(("axis", 1))));
    mean
}

pub(super) fn node(
    op_type: &str,
    input: Vec<String>,
    output: &str,
    attribute: Option<(&str, i64)>,
) -> NodeProto {
    let attribute = attribute.map(|(name, value)| AttributeProto::int(name, value));
    NodeProto {
        input,
        output: vec![output.into()],
        name: output.into(),
        op_type: op_type.into(),
        attribute: attribute.into_iter().collect(),
        domain: String::new(),
    }
}

/// Float `[N, classes]`.
fn output(name: String, classes: i64) -> ValueInfoProto {
    let batch = Dimension { dim_value: None, dim_param: Some("N".into()) };
    let classes = Dimension { dim_value: Some(classes), dim_param: None };
    let shape = TensorShapeProto { dim: vec![batch, classes] };
    let tensor_type = TensorTypeProto { elem_type: DataType::Float as i32, shape: Some(shape) };
    ValueInfoProto { name, r#type: Some(TypeProto { tensor_type: Some(tensor_type) }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::ModelProto;

    const MODEL: &[u8] = include_bytes!("../../../../models/histoscope-v0.int8.onnx");

    fn head() -> LinearHead {
        let block = |square| Block { tensor: "block7_add".into(), channels: 80, square };
        LinearHead {
            blocks: vec![block(false), block(true)],
            weights: vec![vec![0.5; 160], vec![-0.5; 160], vec![0.0; 160]],
            bias: vec![1.0, 2.0, 3.0],
            metadata: vec![("classes".into(), "[\"a\"]".into())],
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "a model of its size takes Miri an hour")]
    fn the_new_head_stands_in_the_place_of_the_old_one() {
        let before = super::super::read(MODEL).unwrap().graph.unwrap();
        let file = with_head(MODEL, &head()).unwrap();
        let graph = super::super::read(&file).unwrap().graph.unwrap();
        let names = |values: &[ValueInfoProto]| -> Vec<String> {
            values.iter().map(|value| value.name.clone()).collect()
        };
        assert_eq!(names(&graph.output), [LOGITS, PROBABILITIES]);
        assert_eq!(graph.input, before.input);
        assert!(!graph.initializer.iter().any(|tensor| tensor.name.starts_with("head_w_")));
        let weights = graph.initializer.iter().find(|tensor| tensor.name == "head_weights");
        assert_eq!(weights.unwrap().dims, [160, 3]);
        let operators = graph.node.iter().rev().take(9).map(|node| &*node.op_type);
        let expected = ["Softmax", "Gemm", "Concat", "Flatten", "GlobalAveragePool", "Mul"];
        assert!(operators.take(6).eq(expected));
        // Every convolution multiplies bytes; the first, of raw pixels, unsigned ones.
        let count = |graph: &GraphProto, operator: &str| {
            graph.node.iter().filter(|node| node.op_type == operator).count()
        };
        assert_eq!(count(&graph, "Conv"), 0);
        assert_eq!(count(&graph, "QLinearConv"), count(&before, "Conv") - 1);
        let raised = |tensor: &&TensorProto| tensor.name.ends_with("_raised");
        assert_eq!(graph.initializer.iter().filter(raised).count(), 1);
        let metadata = ModelProto::decode(&*file).unwrap().metadata_props;
        assert_eq!(metadata[0].key, "classes");
        // All else of the file is as it was.
        let opsets = |bytes: &[u8]| ModelProto::decode(bytes).unwrap().opset_import;
        assert_eq!(opsets(&file), opsets(MODEL));
    }

    #[test]
    #[cfg_attr(miri, ignore = "a model of its size takes Miri an hour")]
    fn what_does_not_fit_is_refused() {
        let refused = |change: &dyn Fn(&mut LinearHead)| {
            let mut head = head();
            change(&mut head);
            with_head(MODEL, &head).unwrap_err().to_string()
        };
        assert!(refused(&|head| head.blocks[0].tensor = "nothing".into()).contains("nothing"));
        assert!(refused(&|head| head.bias.push(0.0)).contains("fit"));
        assert!(refused(&|head| head.weights[1].truncate(3)).contains("fit"));
        assert!(refused(&|head| head.blocks.clear()).contains("fit"));
        assert!(with_head(b"no network", &head()).is_err());
    }
}
