//! Operators of quantised tensors, put into the form that [`super::matcher`] knows: each makes its
//! inputs real, computes, and quantises what it made.
//!
//! Quantisers call that form QDQ, and the one with these operators QOperator. What each means:
//! <https://onnx.ai/onnx/operators/onnx__QLinearConv.html>, and of QLinearAdd
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md>.

use super::forms::Names;
use crate::onnx::MICROSOFT;
use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::{AttributeProto, AttributeType, GraphProto, NodeProto, TensorProto};

/// Unfolds the convolutions and sums of `graph`.
pub(super) fn unfold(graph: &mut GraphProto) {
    let is_folded = |node: &NodeProto| is_convolution(node) || is_sum(node);
    if !graph.node.iter().any(is_folded) {
        return;
    }
    let view = Graph::new(graph);
    let mut parts =
        Parts { view: &view, names: Names::new(graph), nodes: vec![], constants: vec![] };
    for node in &graph.node {
        let unfolded = if is_convolution(node) {
            parts.convolution(node)
        } else if is_sum(node) {
            parts.sum(node)
        } else {
            None
        };
        if unfolded.is_none() {
            parts.nodes.push(node.clone());
        }
    }
    let Parts { nodes, constants, .. } = parts;
    graph.node = nodes;
    graph.initializer.extend(constants);
}

fn is_convolution(node: &NodeProto) -> bool {
    node.onnx_type() == "QLinearConv"
}

fn is_sum(node: &NodeProto) -> bool {
    node.domain == MICROSOFT && node.op_type == "QLinearAdd"
}

/// What a graph becomes.
struct Parts<'g, 'a> {
    view: &'g Graph<'a>,
    names: Names,
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Parts<'_, '_> {
    /// `(x, scale, zero point, weights, their scale and zero point, the result's, bias)`; the bias
    /// has the scale of both factors.
    fn convolution(&mut self, node: &NodeProto) -> Option<()> {
        let bias = match node.input_at(8) {
            Some(bias) => Some((bias, self.steps(node.input_at(1)?, node.input_at(4)?)?)),
            None => None,
        };
        let mut inputs = vec![
            self.real([0, 1, 2].map(|at| node.input_at(at)), None)?,
            self.real([3, 4, 5].map(|at| node.input_at(at)), Some(0))?,
        ];
        if let Some((bias, steps)) = bias {
            let dims = if steps.len() == 1 { vec![] } else { vec![steps.len() as i64] };
            let scale = self.names.next();
            self.constants.push(TensorProto::floats(&*scale, &dims, steps));
            inputs.push(self.real([Some(bias), Some(&scale), None], Some(0))?);
        }
        let made = self.names.next();
        let conv = NodeProto { attribute: node.attribute.clone(), ..plain("Conv", inputs, &made) };
        self.nodes.push(conv);
        self.quantise(made, node, 6)
    }

    /// `(a, scale, zero point, b, scale, zero point, the result's)`.
    fn sum(&mut self, node: &NodeProto) -> Option<()> {
        let inputs = vec![
            self.real([0, 1, 2].map(|at| node.input_at(at)), None)?,
            self.real([3, 4, 5].map(|at| node.input_at(at)), None)?,
        ];
        let made = self.names.next();
        self.nodes.push(plain("Add", inputs, &made));
        self.quantise(made, node, 6)
    }

    /// The product of a scale with those of weights.
    fn steps(&self, input: &str, weights: &str) -> Option<Vec<f32>> {
        let input: f32 = self.view.scalar(input)?;
        let weights: Vec<f32> = self.view.values(weights)?;
        Some(weights.into_iter().map(|weight| input * weight).collect())
    }

    /// The name of a tensor that is made real.
    fn real(&mut self, quantised: [Option<&str>; 3], axis: Option<i64>) -> Option<String> {
        let [Some(_), Some(_), _] = quantised else { return None };
        let made = self.names.next();
        let inputs = quantised.into_iter().flatten().map(Into::into).collect();
        let attribute = axis.map(|i| AttributeProto {
            name: "axis".into(),
            i,
            r#type: AttributeType::Int.into(),
            ..AttributeProto::default()
        });
        let attribute = Vec::from_iter(attribute);
        self.nodes.push(NodeProto { attribute, ..plain("DequantizeLinear", inputs, &made) });
        Some(made)
    }

    /// Quantises `made` to the scale and zero point that are inputs of `node` from `scale` on.
    fn quantise(&mut self, made: String, node: &NodeProto, scale: usize) -> Option<()> {
        let [scale, zero] = [node.input_at(scale)?, node.input_at(scale + 1).unwrap_or("")];
        let inputs = [made, scale.into(), zero.into()];
        let inputs = inputs.into_iter().filter(|name| !name.is_empty()).collect();
        self.nodes.push(plain("QuantizeLinear", inputs, node.output.first()?));
        Some(())
    }
}

fn plain(op_type: &str, input: Vec<String>, output: &str) -> NodeProto {
    NodeProto {
        name: output.into(),
        op_type: op_type.into(),
        input,
        output: vec![output.into()],
        ..NodeProto::default()
    }
}
