//! Attributes and constants that count axes, held against the rank of what an operator reads.
//!
//! tract indexes shapes with them as they stand in the file, and panics where there is no such axis,
//! or where one is taken out twice.

use std::collections::HashSet;

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::internal::*;

/// Operators whose axes are those of their first input.
const OF_INPUT: [&str; 18] = [
    "ArgMax",
    "ArgMin",
    "Concat",
    "Gather",
    "GatherElements",
    "LayerNormalization",
    "LogSoftmax",
    "RMSNormalization",
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
/// Operators whose second input may be axes, in later operator sets.
const BY_INPUT: [&str; 12] = [
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "ReduceSumSquare",
    "Squeeze",
    "Unsqueeze",
];
/// Operators with a window over the axes behind batch and channels.
const WINDOWED: [&str; 5] = ["AveragePool", "Conv", "ConvTranspose", "LpPool", "MaxPool"];

/// What a node says of axes.
#[derive(Debug, Clone, Default)]
pub(super) struct Axes {
    /// Each of them has to be one.
    axes: Vec<i64>,
    /// Whether the second input is axes, too.
    by_input: bool,
    /// Whether each of them is one more than the input has.
    adds: bool,
    /// How many more axes than the input has there may be, beside those.
    beyond: usize,
    permutation: Option<Vec<i64>>,
    /// Whether a window moves over the axes behind batch and channels.
    is_windowed: bool,
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
            found.beyond = usize::from(op_type == "Flatten");
        }
        found.by_input = BY_INPUT.contains(&op_type);
        found.adds = op_type == "Unsqueeze";
        if op_type == "Transpose" {
            found.permutation = ints("perm");
        }
        found.is_windowed = WINDOWED.contains(&op_type);
        if found.is_windowed {
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

    /// Whether the second input is axes, to be given to [`Axes::check`] where they are known.
    pub(super) fn come_by_input(&self) -> bool {
        self.by_input
    }

    /// `given` are those of the second input.
    ///
    /// # Errors
    /// If a first input of that rank has no such axes, or one is named twice.
    pub(super) fn check(&self, rank: usize, given: &[i64]) -> TractResult<()> {
        let axes = || self.axes.iter().chain(given);
        let added = if self.adds { axes().count() } else { 0 };
        let most = (rank + self.beyond + added).max(1) as i64;
        let mut found = HashSet::new();
        for axis in axes() {
            ensure!((-most..most).contains(axis), "axis {axis} of {rank}");
            ensure!(found.insert(axis.rem_euclid(most)), "axis {axis} of {rank} is named twice");
        }
        if let Some(permutation) = &self.permutation {
            let mut sorted = permutation.clone();
            sorted.sort_unstable();
            ensure!(sorted.iter().copied().eq(0..rank as i64), "{permutation:?} of {rank} axes");
        }
        ensure!(!self.is_windowed || rank > 2, "no axis for a window among {rank}");
        for &axes in &self.window {
            ensure!(axes + 2 == rank, "a window of {axes} axes over {rank}");
        }
        Ok(())
    }
}
