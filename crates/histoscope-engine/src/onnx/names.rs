//! Names for what a graph is to have beside what it has.

use std::collections::HashSet;

use crate::onnx::proto::GraphProto;

/// Names that nothing in a graph has.
pub(crate) struct Names {
    taken: HashSet<String>,
    given: usize,
}

impl Names {
    pub(crate) fn of(graph: &GraphProto) -> Self {
        let nodes = graph.node.iter().flat_map(|node| node.input.iter().chain(&node.output));
        let tensors = graph.initializer.iter().map(|tensor| &tensor.name);
        let inputs = graph.input.iter().map(|input| &input.name);
        Self::but(nodes.chain(tensors).chain(inputs).cloned())
    }

    /// All but those that are taken.
    pub(crate) fn but(taken: impl IntoIterator<Item = String>) -> Self {
        Self { taken: taken.into_iter().collect(), given: 0 }
    }

    /// `name`, or what begins like it.
    pub(crate) fn fresh(&mut self, name: &str) -> String {
        let mut fresh = name.to_owned();
        while !self.taken.insert(fresh.clone()) {
            fresh.push('_');
        }
        fresh
    }

    /// Any name.
    pub(crate) fn next(&mut self) -> String {
        self.given += 1;
        self.fresh(&format!("rewritten{}", self.given))
    }

    /// `end`, or what begins like it, so that no name ends so.
    pub(crate) fn fresh_end(&self, end: &str) -> String {
        let mut fresh = end.to_owned();
        while self.taken.iter().any(|name| name.ends_with(&fresh)) {
            fresh.push('\'');
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::NodeProto;

    #[test]
    fn no_name_is_given_twice_or_taken() {
        let output = ["a", "rewritten1", "b/nhwc"].map(Into::into).into();
        let node = NodeProto { input: vec!["x".into()], output, ..NodeProto::default() };
        let mut names = Names::of(&GraphProto { node: vec![node], ..GraphProto::default() });
        assert_eq!(["a", "x", "a", "c"].map(|name| names.fresh(name)), ["a_", "x_", "a__", "c"]);
        assert_eq!([names.next(), names.next()], ["rewritten1_", "rewritten2"]);
        assert_eq!(names.fresh_end("/nhwc"), "/nhwc'");
    }
}
