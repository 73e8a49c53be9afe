//! Attributes that count axes, held against the rank of what an operator reads.
//!
//! tract indexes shapes with them as they stand in the file, and panics where there is no such axis.

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::internal::*;

/// Operators whose axes are those of their first input.
const OF_INPUT: [&str; 17] = [
    "ArgMax",
    "ArgMin",
    "Concat",
    "Gather",
    "GatherElements",
    "LayerNormalization",
    "LogSoftmax",
    "ReduceL1",
    "ReduceL2",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "Softmax",
    "Split",
    "Squeeze",
];
/// Operators with a window over the axes behind batch and channels.
const WINDOWED: [&str; 5] = ["AveragePool", "Conv", "ConvTranspose", "LpPool", "MaxPool"];

/// What a node says of axes.
#[derive(Debug, Clone, Default)]
pub(super) struct Axes {
    /// Each of them has to be one.
    axes: Vec<i64>,
    /// How many more axes than the input has there may be.
    beyond: usize,
    permutation: Option<Vec<i64>>,
    /// Lengths of what has a value for each axis of the window.
    window: Vec<usize>,
}

impl Axes {
    /// # Errors
    /// For values that are none of an axis, or of a window, whatever the rank.
    pub(super) fn of(node: &NodeProto) -> TractResult<Self> {
        let op_type = node.op_type.as_str();
        let attribute = |name: &str| node.attribute.iter().find(|a| a.name == name);
        let ints = |name: &str| attribute(name).map(|a| a.ints.clone());
        let mut found = Self::default();
        if OF_INPUT.contains(&op_type) || matches!(op_type, "Flatten" | "Unsqueeze") {
            found.axes = attribute("axis").map(|a| a.i).into_iter().collect();
            found.axes.extend(ints("axes").unwrap_or_default());
            found.beyond = match op_type {
                "Flatten" => 1,
                "Unsqueeze" => found.axes.len(),
                _ => 0,
            };
        }
        if op_type == "Transpose" {
            found.permutation = ints("perm");
        }
        if WINDOWED.contains(&op_type) {
            for (name, least) in
                [("kernel_shape", 1), ("strides", 1), ("dilations", 1), ("pads", 0)]
            {
                let Some(values) = ints(name).filter(|values| !values.is_empty()) else { continue };
                let fits = |&value: &i64| (least..=i64::from(i32::MAX)).contains(&value);
                ensure!(values.iter().all(fits), "its {name} are {values:?}");
                let sides = if name == "pads" { 2 } else { 1 };
                ensure!(values.len() % sides == 0, "its {name} are {values:?}");
                found.window.push(values.len() / sides);
            }
        }
        Ok(found)
    }

    /// # Errors
    /// If a first input of that rank has no such axes.
    pub(super) fn check(&self, rank: usize) -> TractResult<()> {
        let most = (rank + self.beyond).max(1) as i64;
        for axis in &self.axes {
            ensure!((-most..most).contains(axis), "axis {axis} of {rank}");
        }
        if let Some(permutation) = &self.permutation {
            let mut sorted = permutation.clone();
            sorted.sort_unstable();
            ensure!(sorted.iter().copied().eq(0..rank as i64), "{permutation:?} of {rank} axes");
        }
        for &axes in &self.window {
            ensure!(axes + 2 == rank, "a window of {axes} axes over {rank}");
        }
        Ok(())
    }
}
