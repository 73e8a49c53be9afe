//! Operators that ONNX Runtime's quantiser and optimiser write, composed of ONNX's own: tract knows
//! none of them.
//!
//! The quantised ones read and write quantised tensors, as `(x, scale, zero point)`; what they
//! compute between is an operator of ONNX on real numbers. The fused ones are two or three
//! operators in one. What each means:
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md>.

use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto, attribute_proto};

/// The operators of quantised tensors, and how many each reads in front of its result's scale.
const QUANTISED: [(&str, usize); 8] = [
    ("QGemm", 2),
    ("QLinearAdd", 2),
    ("QLinearAveragePool", 1),
    ("QLinearGlobalAveragePool", 1),
    ("QLinearLeakyRelu", 1),
    ("QLinearMul", 2),
    ("QLinearSigmoid", 1),
    ("QLinearSoftmax", 1),
];

/// The others. FusedMatMul stays one: [`crate::planned::parsers`] has tract's own form of it.
const FUSED: [&str; 7] = [
    "DynamicQuantizeMatMul",
    "FusedConv",
    "FusedGemm",
    "FusedMatMul",
    "MatMulIntegerToFloat",
    "QLinearConcat",
    "SkipLayerNormalization",
];

/// What FusedConv and FusedGemm may end in.
pub(super) const ACTIVATIONS: [&[u8]; 7] =
    [b"", b"Clip", b"HardSigmoid", b"LeakyRelu", b"Relu", b"Sigmoid", b"Tanh"];

/// Whether this operator, in ONNX Runtime's domain, is composed of others.
pub(super) fn is_composed(op_type: &str) -> bool {
    FUSED.contains(&op_type) || QUANTISED.iter().any(|(of, _)| *of == op_type)
}

/// Replaces these operators in `graph`, whose nodes have the inputs that they need.
pub(super) fn compose(graph: &mut GraphProto, domain: &str) {
    let nodes = std::mem::take(&mut graph.node);
    let mut parts = Composition { nodes: Vec::with_capacity(nodes.len()), constants: vec![] };
    for node in nodes {
        let tensors = QUANTISED.iter().find(|(op_type, _)| *op_type == node.op_type);
        match (tensors, node.op_type.as_str()) {
            _ if node.domain != domain => parts.nodes.push(node),
            (Some(&(_, tensors)), _) => parts.quantised(&node, tensors),
            (None, "QLinearConcat") => parts.concat(&node),
            (None, "DynamicQuantizeMatMul") => parts.dynamic_product(&node),
            (None, "MatMulIntegerToFloat") => {
                let [a, b, a_scale, b_scale, a_zero, b_zero, bias] =
                    [0, 1, 2, 3, 4, 5, 6].map(|at| input(&node, at));
                parts.real_product(&node, [a, b, a_zero, b_zero], [a_scale, b_scale], bias);
            }
            (None, "FusedConv" | "FusedGemm") => parts.activated(&node),
            (None, "FusedMatMul") => parts.scaled(node),
            (None, "SkipLayerNormalization") => parts.normalised_sum(&node),
            _ => parts.nodes.push(node),
        }
    }
    graph.node = parts.nodes;
    graph.initializer.extend(parts.constants);
}

/// What the nodes of a graph become.
struct Composition {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Composition {
    fn quantised(&mut self, node: &NodeProto, tensors: usize) {
        let mut real = vec![];
        for tensor in 0..tensors {
            let made = part_of(node, &format!("real{tensor}"));
            let parts = [0, 1, 2].map(|part| input(node, 3 * tensor + part));
            let mut dequantised = plain("DequantizeLinear", parts, &made);
            if node.op_type == "QGemm" && tensor == 1 {
                // A scale may belong to each column of the product.
                let transposed = node.attribute.iter().any(|a| a.name == "transB" && a.i != 0);
                dequantised.attribute.push(int("axis", i64::from(!transposed)));
            }
            self.nodes.push(dequantised);
            real.push(made);
        }
        let mut next = 3 * tensors;
        if node.op_type == "QGemm" {
            if !input(node, next).is_empty() {
                // The sums of products have the product of both scales, and the bias with them.
                let [float, scaled, bias] =
                    ["float", "scaled", "bias"].map(|name| part_of(node, name));
                let mut cast = plain("Cast", [input(node, next)], &float);
                cast.attribute.push(int("to", 1));
                self.nodes.push(cast);
                self.nodes.push(plain("Mul", [&*float, input(node, 1)], &scaled));
                self.nodes.push(plain("Mul", [&*scaled, input(node, 4)], &bias));
                real.push(bias);
            }
            next += 1;
        }
        let own = node.op_type.trim_start_matches("QLinear").trim_start_matches('Q');
        self.rounded(node, own, &real, next);
    }

    fn concat(&mut self, node: &NodeProto) {
        let mut real = vec![];
        for tensor in 0..node.input.len().saturating_sub(2) / 3 {
            let made = part_of(node, &format!("real{tensor}"));
            let parts = [2, 3, 4].map(|part| input(node, 3 * tensor + part));
            self.nodes.push(plain("DequantizeLinear", parts, &made));
            real.push(made);
        }
        self.rounded(node, "Concat", &real, 0);
    }

    /// The operator `own` of real numbers, rounded to the scale and zero point that are the inputs
    /// from `scale` on; without a scale it stays real.
    fn rounded(&mut self, node: &NodeProto, own: &str, real: &[String], scale: usize) {
        let is_quantised = !input(node, scale).is_empty();
        let made = if is_quantised { part_of(node, "sum") } else { output(node).into() };
        let mut part = plain(own, real.iter().map(String::as_str), &made);
        let kept =
            node.attribute.iter().filter(|a| !["channels_last", "opset"].contains(&&*a.name));
        part.attribute.extend(kept.cloned());
        self.nodes.push(part);
        if is_quantised {
            let parts = [&*made, input(node, scale), input(node, scale + 1)];
            self.nodes.push(plain("QuantizeLinear", parts, output(node)));
        }
    }

    /// A convolution or product, perhaps with a summand, then an activation.
    fn activated(&mut self, node: &NodeProto) {
        const OF_ACTIVATION: [&str; 6] = [
            "activation",
            "activation_params",
            "activation_alpha",
            "activation_beta",
            "activation_gamma",
            "activation_axis",
        ];
        let named = |name: &str| node.attribute.iter().find(|a| a.name == name);
        let activation = named("activation").map(|a| String::from_utf8_lossy(&a.s).into_owned());
        let activation = activation.unwrap_or_default();
        let parameter = |index: usize| {
            let listed = named("activation_params").and_then(|a| a.floats.get(index).copied());
            let single = ["activation_alpha", "activation_beta"][index];
            listed.or_else(|| named(single).map(|a| a.f))
        };
        let mut made = part_of(node, "product");
        let mut product =
            plain(node.op_type.trim_start_matches("Fused"), (0..3).map(|i| input(node, i)), &made);
        let kept = node.attribute.iter().filter(|a| !OF_ACTIVATION.contains(&&*a.name));
        product.attribute.extend(kept.cloned());
        self.nodes.push(product);
        if !input(node, 3).is_empty() {
            let sum = part_of(node, "sum");
            self.nodes.push(plain("Add", [&*made, input(node, 3)], &sum));
            made = sum;
        }
        match activation.as_str() {
            "" => self.nodes.push(plain("Identity", [&*made], output(node))),
            "Clip" => {
                let low = self.number(part_of(node, "low"), parameter(0).unwrap_or(f32::MIN));
                let high = self.number(part_of(node, "high"), parameter(1).unwrap_or(f32::MAX));
                let raised = part_of(node, "raised");
                self.nodes.push(plain("Max", [&*made, &*low], &raised));
                self.nodes.push(plain("Min", [&*raised, &*high], output(node)));
            }
            other => {
                let mut part = plain(other, [&*made], output(node));
                let parameters = [("alpha", parameter(0)), ("beta", parameter(1))];
                let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
                part.attribute.extend(given.map(|(name, value)| float(name, value)));
                self.nodes.push(part);
            }
        }
    }

    /// A product of matrices, of which either may be transposed, times a number.
    fn scaled(&mut self, mut node: NodeProto) {
        let alpha = node.attribute.iter().find(|a| a.name == "alpha").map_or(1.0, |a| a.f);
        if alpha != 1.0 {
            let made = part_of(&node, "product");
            let factor = self.number(part_of(&node, "alpha"), alpha);
            let scaled = plain("Mul", [&*made, &*factor], output(&node));
            node.name = made.clone();
            node.output = vec![made];
            self.nodes.extend([node, scaled]);
        } else {
            self.nodes.push(node);
        }
    }

    /// The product of real numbers, quantised by what they are, with quantised ones.
    fn dynamic_product(&mut self, node: &NodeProto) {
        let made = ["quantised", "step", "zero"].map(|name| part_of(node, name));
        let mut quantised = plain("DynamicQuantizeLinear", [input(node, 0)], &made[0]);
        quantised.output = made.to_vec();
        self.nodes.push(quantised);
        let [b, b_scale, b_zero, bias] = [1, 2, 3, 4].map(|at| input(node, at));
        let [a, a_scale, a_zero] = &made;
        self.real_product(node, [a, b, a_zero, b_zero], [a_scale, b_scale], bias);
    }

    /// The product of two quantised tensors, which are followed by their zero points, as real
    /// numbers, perhaps with a bias.
    fn real_product(
        &mut self,
        node: &NodeProto,
        factors: [&str; 4],
        scales: [&str; 2],
        bias: &str,
    ) {
        let names = ["sum", "float", "scale", "scaled"].map(|name| part_of(node, name));
        let [sum, float, scale, scaled] = names.each_ref().map(String::as_str);
        self.nodes.push(plain("MatMulInteger", factors, sum));
        let mut cast = plain("Cast", [sum], float);
        cast.attribute.push(int("to", 1));
        self.nodes.push(cast);
        self.nodes.push(plain("Mul", scales, scale));
        let made = if bias.is_empty() { output(node) } else { scaled };
        self.nodes.push(plain("Mul", [float, scale], made));
        if !bias.is_empty() {
            self.nodes.push(plain("Add", [scaled, bias], output(node)));
        }
    }

    fn normalised_sum(&mut self, node: &NodeProto) {
        let mut made = part_of(node, "sum");
        self.nodes.push(plain("Add", [input(node, 0), input(node, 1)], &made));
        if !input(node, 4).is_empty() {
            let sum = part_of(node, "biased");
            self.nodes.push(plain("Add", [&*made, input(node, 4)], &sum));
            made = sum;
        }
        let mut part =
            plain("LayerNormalization", [&*made, input(node, 2), input(node, 3)], output(node));
        part.attribute.extend(node.attribute.iter().filter(|a| a.name == "epsilon").cloned());
        part.attribute.push(int("axis", -1));
        self.nodes.push(part);
        if let Some(sum) = node.output.get(3).filter(|name| !name.is_empty()) {
            self.nodes.push(plain("Identity", [&*made], sum));
        }
    }

    /// A constant of one number; returns its name.
    fn number(&mut self, name: String, value: f32) -> String {
        self.constants.push(TensorProto {
            name: name.clone(),
            data_type: 1,
            float_data: vec![value],
            ..TensorProto::default()
        });
        name
    }
}

pub(super) fn output(node: &NodeProto) -> &str {
    node.output.first().map_or("", String::as_str)
}

pub(super) fn input(node: &NodeProto, index: usize) -> &str {
    node.input.get(index).map_or("", String::as_str)
}

/// A name for a tensor within what `node` becomes.
pub(super) fn part_of(node: &NodeProto, part: &str) -> String {
    format!("{}/{part}", output(node))
}

/// A node of ONNX's own domain; inputs at its end that are left out are none.
pub(super) fn plain<'a>(
    op_type: &str,
    inputs: impl IntoIterator<Item = &'a str>,
    output: &str,
) -> NodeProto {
    let mut input: Vec<String> = inputs.into_iter().map(Into::into).collect();
    while input.last().is_some_and(String::is_empty) {
        input.pop();
    }
    let (name, op_type, output) = (output.into(), op_type.into(), vec![output.into()]);
    NodeProto { name, op_type, input, output, ..NodeProto::default() }
}

pub(super) fn int(name: &str, i: i64) -> AttributeProto {
    let r#type = attribute_proto::AttributeType::Int as i32;
    AttributeProto { name: name.into(), i, r#type, ..AttributeProto::default() }
}

fn float(name: &str, f: f32) -> AttributeProto {
    let r#type = attribute_proto::AttributeType::Float as i32;
    AttributeProto { name: name.into(), f, r#type, ..AttributeProto::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(op_type: &str, inputs: &[&str], attribute: Vec<AttributeProto>) -> NodeProto {
        let node = plain(op_type, inputs.iter().copied(), "y");
        NodeProto { domain: "own".into(), attribute, ..node }
    }

    /// The operators that a node becomes, each with its inputs.
    fn composed(node: NodeProto) -> Vec<String> {
        let mut graph = GraphProto { node: vec![node], ..GraphProto::default() };
        compose(&mut graph, "own");
        assert_eq!(graph.node.last().unwrap().output, ["y"]);
        let written = |node: &NodeProto| format!("{} {}", node.op_type, node.input.join(" "));
        graph.node.iter().map(written).collect()
    }

    fn text(name: &str, text: &str) -> AttributeProto {
        AttributeProto { name: name.into(), s: text.into(), ..AttributeProto::default() }
    }

    #[test]
    fn a_fused_convolution_has_its_summand_and_its_activation() {
        let relu = vec![text("activation", "Relu")];
        let all = composed(node("FusedConv", &["x", "w", "b", "z"], relu.clone()));
        assert_eq!(all, ["Conv x w b", "Add y/product z", "Relu y/sum"]);
        assert_eq!(composed(node("FusedConv", &["x", "w"], relu)), ["Conv x w", "Relu y/product"]);
        let clip = vec![text("activation", "Clip")];
        let clipped = ["Conv x w", "Max y/product y/low", "Min y/raised y/high"];
        assert_eq!(composed(node("FusedConv", &["x", "w"], clip)), clipped);
    }

    #[test]
    fn quantised_tensors_are_made_real_and_rounded_again() {
        let concat = node("QLinearConcat", &["s", "z", "a", "as", "az", "b", "bs", "bz"], vec![]);
        assert_eq!(
            composed(concat),
            [
                "DequantizeLinear a as az",
                "DequantizeLinear b bs bz",
                "Concat y/real0 y/real1",
                "QuantizeLinear y/sum s z"
            ]
        );
        let softmax = node("QLinearSoftmax", &["x", "xs", "xz", "s", "z"], vec![int("opset", 13)]);
        let parts = ["DequantizeLinear x xs xz", "Softmax y/real0", "QuantizeLinear y/sum s z"];
        assert_eq!(composed(softmax), parts);
    }

    #[test]
    fn a_quantised_product_is_made_real() {
        let product = ["MatMulInteger y/quantised b y/zero bz", "Cast y/sum", "Mul y/step s"];
        let with = |inputs: &[&str]| composed(node("DynamicQuantizeMatMul", inputs, vec![]));
        let mut expected = vec!["DynamicQuantizeLinear a"];
        expected.extend(product);
        let scaled = [&*expected, &["Mul y/float y/scale"]].concat();
        assert_eq!(with(&["a", "b", "s", "bz"]), scaled);
        assert_eq!(with(&["a", "b", "s", "bz", "c"]), [&*scaled, &["Add y/scaled c"]].concat());
        let whole = node("MatMulIntegerToFloat", &["a", "b", "as", "bs"], vec![]);
        let parts = ["MatMulInteger a b", "Cast y/sum", "Mul as bs", "Mul y/float y/scale"];
        assert_eq!(composed(whole), parts);
    }

    #[test]
    fn a_sum_is_normalised_and_a_product_scaled() {
        let skip = node("SkipLayerNormalization", &["x", "skip", "gamma", "beta", "bias"], vec![]);
        assert_eq!(
            composed(skip),
            ["Add x skip", "Add y/sum bias", "LayerNormalization y/biased gamma beta"]
        );
        let product = || node("FusedMatMul", &["a", "b"], vec![float("alpha", 0.5)]);
        assert_eq!(composed(product()), ["FusedMatMul a b", "Mul y/product y/alpha"]);
        let alone = NodeProto { attribute: vec![], ..product() };
        assert_eq!(composed(alone), ["FusedMatMul a b"]);
    }
}
