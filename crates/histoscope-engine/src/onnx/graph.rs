//! A read-only view of an ONNX graph: who makes a tensor, who reads it, what is constant.

use std::collections::{HashMap, HashSet};

use crate::onnx::constants::{self, Constant};
use crate::onnx::proto::{AttributeProto, AttributeType, GraphProto, NodeProto, TensorProto};

/// Indexes over one graph. Lookups return `None` for what is absent or of another type, so that
/// pattern matching reads as a chain of `?`.
pub(crate) struct Graph<'a> {
    pub nodes: &'a [NodeProto],
    producers: HashMap<&'a str, usize>,
    constants: HashMap<&'a str, &'a TensorProto>,
    consumers: HashMap<&'a str, Vec<usize>>,
    outputs: HashSet<&'a str>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(graph: &'a GraphProto) -> Self {
        let mut producers = HashMap::new();
        let mut consumers: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut constants: HashMap<&str, &TensorProto> =
            graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
        for (index, node) in graph.node.iter().enumerate() {
            for output in &node.output {
                producers.insert(output.as_str(), index);
            }
            for input in &node.input {
                consumers.entry(input.as_str()).or_default().push(index);
            }
            if node.op_type == "Constant"
                && let Some(value) = attribute(node, "value").and_then(|a| a.t.as_ref())
                && let Some(output) = node.output.first()
            {
                constants.insert(output.as_str(), value);
            }
        }
        let outputs = graph.output.iter().map(|output| output.name.as_str()).collect();
        Self { nodes: &graph.node, producers, constants, consumers, outputs }
    }

    /// Index of the node that makes `tensor`.
    pub(crate) fn producer_index(&self, tensor: &str) -> Option<usize> {
        self.producers.get(tensor).copied()
    }

    /// The node that makes `tensor`, if it is of type `op_type`.
    pub(crate) fn producer(&self, tensor: &str, op_type: &str) -> Option<&'a NodeProto> {
        let node = &self.nodes[self.producer_index(tensor)?];
        (node.onnx_type() == op_type).then_some(node)
    }

    /// Indices of the nodes that read `tensor`.
    pub(crate) fn consumers(&self, tensor: &str) -> &[usize] {
        self.consumers.get(tensor).map_or(&[], Vec::as_slice)
    }

    /// Whether `tensor` is an output of the graph.
    pub(crate) fn is_output(&self, tensor: &str) -> bool {
        self.outputs.contains(tensor)
    }

    /// All elements of a constant of type `T`.
    pub(crate) fn values<T: Constant>(&self, name: &str) -> Option<Vec<T>> {
        T::read(self.constants.get(name)?)
    }

    /// All elements of a constant of signed or unsigned bytes.
    pub(crate) fn bytes(&self, name: &str) -> Option<Vec<i16>> {
        let signed = || Some(self.values::<i8>(name)?.into_iter().map(i16::from).collect());
        let unsigned = || Some(self.values::<u8>(name)?.into_iter().map(i16::from).collect());
        signed().or_else(unsigned)
    }

    /// The only element of a constant of type `T` that has one axis at most.
    pub(crate) fn scalar<T: Constant + Copy>(&self, name: &str) -> Option<T> {
        match (self.shape(name)?.as_slice(), self.values(name)?.as_slice()) {
            ([] | [_], [value]) => Some(*value),
            _ => None,
        }
    }

    /// Shape of a constant.
    pub(crate) fn shape(&self, name: &str) -> Option<Vec<usize>> {
        constants::shape(self.constants.get(name)?)
    }
}

/// Reading an ONNX node.
pub(crate) trait NodeExt {
    /// The operator, as ONNX names it; empty for one of another domain, which may have any name.
    fn onnx_type(&self) -> &str;
    /// Name of input `index`; `None` if it is left out.
    fn input_at(&self, index: usize) -> Option<&str>;
    fn ints(&self, name: &str) -> Option<&[i64]>;
    fn int(&self, name: &str) -> Option<i64>;
    /// Whether the attribute `name` is left out or has one of these values.
    fn int_is(&self, name: &str, values: &[i64]) -> bool;
    /// Whether the attribute `name` is left out or has this value.
    fn float_is(&self, name: &str, value: f32) -> bool;
    /// Whether every attribute is one of `known`, of that type, and there only once. Files of the
    /// first years do not state the types.
    fn has_only(&self, known: &[(&str, AttributeType)]) -> bool;
}

impl NodeExt for NodeProto {
    fn onnx_type(&self) -> &str {
        if matches!(self.domain.as_str(), "" | "ai.onnx") { &self.op_type } else { "" }
    }

    fn input_at(&self, index: usize) -> Option<&str> {
        self.input.get(index).map(String::as_str).filter(|name| !name.is_empty())
    }

    fn ints(&self, name: &str) -> Option<&[i64]> {
        attribute(self, name).map(|attribute| attribute.ints.as_slice())
    }

    fn int(&self, name: &str) -> Option<i64> {
        attribute(self, name).map(|attribute| attribute.i)
    }

    fn int_is(&self, name: &str, values: &[i64]) -> bool {
        self.int(name).is_none_or(|value| values.contains(&value))
    }

    fn float_is(&self, name: &str, value: f32) -> bool {
        attribute(self, name).is_none_or(|attribute| attribute.f == value)
    }

    fn has_only(&self, known: &[(&str, AttributeType)]) -> bool {
        let fits = |attribute: &AttributeProto| {
            known.iter().any(|&(name, r#type)| {
                attribute.name == name && [0, r#type as i32].contains(&attribute.r#type)
            })
        };
        let names: HashSet<&str> = self.attribute.iter().map(|a| a.name.as_str()).collect();
        names.len() == self.attribute.len() && self.attribute.iter().all(fits)
    }
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name == name)
}
