//! Operators of quantised tensors, put into the form that [`super::matcher`] knows: each makes its
//! inputs real, computes, and quantises what it made.
//!
//! Quantisers call that form QDQ, and the one with these operators QOperator. What each means:
//! <https://onnx.ai/onnx/operators/onnx__QLinearConv.html>, and of QLinearAdd
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md>.

use crate::onnx::MICROSOFT;
use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::names::Names;
use crate::onnx::proto::{AttributeProto, DataType, GraphProto, NodeProto, TensorProto};

/// Unfolds the convolutions, sums, means and products of `graph`.
pub(super) fn unfold(graph: &mut GraphProto) {
    if !graph.node.iter().any(|node| Folded::of(node).is_some()) {
        return;
    }
    let view = Graph::new(graph);
    let mut unfolding =
        Unfolding { view: &view, names: Names::of(graph), nodes: vec![], constants: vec![] };
    for node in &graph.node {
        let unfolded = Folded::of(node).and_then(|kind| match kind {
            Folded::Convolution => unfolding.convolution(node),
            Folded::Sum => unfolding.sum(node),
            Folded::Mean => unfolding.mean(node),
            Folded::WithWeights => unfolding.with_weights(node),
            Folded::Product => unfolding.product(node),
            Folded::DynamicProduct => unfolding.dynamic_product(node),
            Folded::RealProduct => {
                let factors = [0, 1, 4, 5].map(|at| node.input_at(at));
                let scales = [node.input_at(2), node.input_at(3)];
                unfolding.real_product(node, factors, scales, node.input_at(6))
            }
        });
        if unfolded.is_none() {
            unfolding.nodes.push(node.clone());
        }
    }
    let Unfolding { nodes, constants, .. } = unfolding;
    graph.node = nodes;
    graph.initializer.extend(constants);
}

/// What is unfolded.
enum Folded {
    Convolution,
    Sum,
    Mean,
    /// Of which one factor may be weights.
    WithWeights,
    Product,
    /// Of real numbers, quantised by what they are, with quantised ones.
    DynamicProduct,
    /// Of quantised numbers, as real ones.
    RealProduct,
}

impl Folded {
    fn of(node: &NodeProto) -> Option<Self> {
        match (node.domain.as_str(), node.op_type.as_str()) {
            ("" | "ai.onnx", "QLinearConv") => Some(Self::Convolution),
            ("" | "ai.onnx", "QLinearMatMul") => Some(Self::WithWeights),
            (MICROSOFT, "QLinearAdd") => Some(Self::Sum),
            (MICROSOFT, "QLinearGlobalAveragePool") => Some(Self::Mean),
            (MICROSOFT, "QGemm") => Some(Self::Product),
            (MICROSOFT, "DynamicQuantizeMatMul") => Some(Self::DynamicProduct),
            (MICROSOFT, "MatMulIntegerToFloat") => Some(Self::RealProduct),
            _ => None,
        }
    }
}

/// What a graph becomes.
struct Unfolding<'g, 'a> {
    view: &'g Graph<'a>,
    names: Names,
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Unfolding<'_, '_> {
    /// `(x, scale, zero point, weights, their scale and zero point, the result's, bias)`; the bias
    /// has the scale of both factors.
    fn convolution(&mut self, node: &NodeProto) -> Option<()> {
        let inputs = self.factors(node, 0, node.input_at(8))?;
        let made = self.names.next();
        let conv = NodeProto { attribute: node.attribute.clone(), ..plain("Conv", inputs, &made) };
        self.nodes.push(conv);
        self.quantise(made, node, 6)
    }

    /// `(a, scale, zero point, b, scale, zero point, the result's)`; the product of two activations stays what it is,
    /// and so does one of an activation or to a result with a scale for each row, which nothing else has.
    fn with_weights(&mut self, node: &NodeProto) -> Option<()> {
        self.view.shape(node.input_at(3)?)?;
        let is_one = |at: usize| {
            let shape = node.input_at(at).and_then(|name| self.view.shape(name));
            shape.is_some_and(|shape| matches!(shape.as_slice(), [] | [1]))
        };
        if ![1, 2, 6, 7].into_iter().all(is_one) {
            return None;
        }
        let inputs = self.factors(node, 1, None)?;
        let made = self.names.next();
        self.nodes.push(plain("MatMul", inputs, &made));
        self.quantise(made, node, 6)
    }

    /// `(a, scale, zero point, weights, scale, zero point, bias, the result's)`; without a scale of its
    /// own the result is real.
    fn product(&mut self, node: &NodeProto) -> Option<()> {
        let by_rows = node.int("transB").unwrap_or(0) != 0;
        let is_real = node.input_at(7).is_none();
        let made = if is_real { node.output.first()?.clone() } else { self.names.next() };
        let inputs = self.factors(node, i64::from(!by_rows), node.input_at(6))?;
        let gemm = NodeProto { attribute: node.attribute.clone(), ..plain("Gemm", inputs, &made) };
        self.nodes.push(gemm);
        if is_real { Some(()) } else { self.quantise(made, node, 7) }
    }

    /// `(a, b, b's scale, b's zero point, bias)`.
    fn dynamic_product(&mut self, node: &NodeProto) -> Option<()> {
        let made = [(); 3].map(|()| self.names.next());
        let quantised = plain("DynamicQuantizeLinear", vec![node.input_at(0)?.into()], &made[0]);
        self.nodes.push(NodeProto { output: made.to_vec(), ..quantised });
        let [a, scale, zero] = made.each_ref().map(|name| Some(name.as_str()));
        let factors = [a, node.input_at(1), zero, node.input_at(3)];
        self.real_product(node, factors, [scale, node.input_at(2)], node.input_at(4))
    }

    /// The product of two matrices, which are followed by their zero points, as real numbers.
    fn real_product(
        &mut self,
        node: &NodeProto,
        factors: [Option<&str>; 4],
        scales: [Option<&str>; 2],
        bias: Option<&str>,
    ) -> Option<()> {
        let [Some(_), Some(_), ..] = factors else { return None };
        let [sums, real, scale] = [(); 3].map(|()| self.names.next());
        // What is left out in front of something has no name.
        let mut factors: Vec<String> =
            factors.into_iter().map(|name| name.unwrap_or_default().into()).collect();
        while factors.last().is_some_and(String::is_empty) {
            factors.pop();
        }
        let scales = vec![scales[0]?.into(), scales[1]?.into()];
        let made = node.output.first()?.clone();
        let scaled = if bias.is_some() { self.names.next() } else { made.clone() };
        let to = AttributeProto::int("to", DataType::Float as i64);
        let cast = plain("Cast", vec![sums.clone()], &real);
        self.nodes.extend([
            plain("MatMulInteger", factors, &sums),
            NodeProto { attribute: vec![to], ..cast },
            plain("Mul", scales, &scale),
            plain("Mul", vec![real, scale], &scaled),
        ]);
        if let Some(bias) = bias {
            self.nodes.push(plain("Add", vec![scaled, bias.into()], &made));
        }
        Some(())
    }

    /// `(x, scale, zero point, the result's)`.
    fn mean(&mut self, node: &NodeProto) -> Option<()> {
        if !node.int_is("channels_last", &[0]) {
            return None;
        }
        let inputs = vec![self.real([0, 1, 2].map(|at| node.input_at(at)), None)?];
        let made = self.names.next();
        self.nodes.push(plain("GlobalAveragePool", inputs, &made));
        self.quantise(made, node, 3)
    }

    /// Both factors of a product made real, the second one with scales along `axis`, and its bias, if
    /// there is one.
    fn factors(&mut self, node: &NodeProto, axis: i64, bias: Option<&str>) -> Option<Vec<String>> {
        let steps = match bias {
            Some(bias) => Some((bias, self.steps(node.input_at(1)?, node.input_at(4)?)?)),
            None => None,
        };
        let mut inputs = vec![
            self.real([0, 1, 2].map(|at| node.input_at(at)), None)?,
            self.real([3, 4, 5].map(|at| node.input_at(at)), Some(axis))?,
        ];
        if let Some((bias, steps)) = steps {
            let dims = if steps.len() == 1 { vec![] } else { vec![steps.len() as i64] };
            let scale = self.names.next();
            self.constants.push(TensorProto::floats(&*scale, &dims, steps));
            inputs.push(self.real([Some(bias), Some(&scale), None], Some(0))?);
        }
        Some(inputs)
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
        let attribute = Vec::from_iter(axis.map(|axis| AttributeProto::int("axis", axis)));
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

/// A node with one output, for which it is called.
pub(super) fn plain(op_type: &str, input: Vec<String>, output: &str) -> NodeProto {
    NodeProto {
        name: output.into(),
        op_type: op_type.into(),
        input,
        output: vec![output.into()],
        ..NodeProto::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A product of bytes with weights of three rows and two columns, of whose input `odd` is one for each row.
    fn product(odd: Option<&str>) -> GraphProto {
        let dims = |name: &str| if odd == Some(name) { vec![3] } else { vec![] };
        let scale = |name: &str| {
            TensorProto::floats(name, &dims(name), vec![0.5; if odd == Some(name) { 3 } else { 1 }])
        };
        let zero = |name: &str| {
            let count = if odd == Some(name) { 3 } else { 1 };
            TensorProto::constant(name, DataType::Uint8, &dims(name), vec![7; count])
        };
        let inputs =
            ["x", "step", "zero", "weights", "step of w", "zero of w", "made", "zero of y"];
        GraphProto {
            initializer: vec![
                TensorProto::constant("weights", DataType::Uint8, &[3, 2], vec![1; 6]),
                scale("step"),
                zero("zero"),
                scale("step of w"),
                zero("zero of w"),
                scale("made"),
                zero("zero of y"),
            ],
            node: vec![plain("QLinearMatMul", inputs.map(Into::into).into(), "y")],
            ..GraphProto::default()
        }
    }

    #[test]
    fn a_product_with_scales_for_rows_of_what_it_reads_or_makes_stays() {
        let operators = |odd| {
            let mut graph = product(odd);
            unfold(&mut graph);
            graph.node.into_iter().map(|node| node.op_type).collect::<Vec<_>>()
        };
        let real = ["DequantizeLinear", "DequantizeLinear", "MatMul", "QuantizeLinear"];
        assert_eq!(operators(None), real);
        assert_eq!(operators(Some("step of w")), real);
        for odd in ["step", "zero", "made", "zero of y"] {
            assert_eq!(operators(Some(odd)), ["QLinearMatMul"], "{odd}");
        }
    }
}
