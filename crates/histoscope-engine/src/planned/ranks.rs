//! Attributes and constants that count axes, or places along one, held against the shape of what an operator reads.
//!
//! tract indexes shapes and tensors with them as they stand in the file, and panics where there is no such axis
//! or place, or where an axis is taken out twice.

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
const WINDOWED: [&str; 7] =
    ["AveragePool", "Conv", "ConvInteger", "ConvTranspose", "LpPool", "MaxPool", "QLinearConv"];
/// Operators that look up places along an axis of their first input, which are their second one.
const LOOKUPS: [&str; 2] = ["Gather", "GatherElements"];
/// Products of matrices, and which of their inputs are the factors.
const PRODUCTS: [(&str, [usize; 2]); 5] = [
    ("FusedMatMul", [0, 1]),
    ("Gemm", [0, 1]),
    ("MatMul", [0, 1]),
    ("MatMulInteger", [0, 1]),
    ("QLinearMatMul", [0, 3]),
];
/// Operators of maps with an axis of channels, the second one. tract reads the length of that axis unchecked, beyond the
/// end of a shape that has none.
const CHANNELLED: [&str; 7] = [
    "BatchNormalization",
    "GlobalAveragePool",
    "GlobalLpPool",
    "GlobalMaxPool",
    "GroupNormalization",
    "InstanceNormalization",
    "LRN",
];

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
    /// Whether it counts its axis from the end by itself, of which there has to be one.
    normalises: bool,
    /// Whether its map has channels, as many axes as its result.
    is_channelled: bool,
    /// Whether a window moves over the axes behind batch and channels.
    is_windowed: bool,
    /// Lengths of what has a value for each axis of the window.
    window: Vec<usize>,
    /// Whether the second input is places along the one axis, or along the first without it.
    looks_up: bool,
    /// Those of a product of matrices, by their places among the inputs.
    factors: Option<[usize; 2]>,
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
        found.looks_up = LOOKUPS.contains(&op_type);
        found.factors = PRODUCTS.iter().find(|(of, _)| *of == op_type).map(|&(_, factors)| factors);
        found.normalises = matches!(op_type, "LayerNormalization" | "RMSNormalization");
        found.is_channelled = CHANNELLED.contains(&op_type);
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

    /// Whether the second input is places, to be given to [`Axes::check_places`] where they are known.
    pub(super) fn looks_up(&self) -> bool {
        self.looks_up
    }

    /// `rank` is that of the first input, or of what is made.
    ///
    /// # Errors
    /// If an operator of channels has no axis of them.
    pub(super) fn check_channels(&self, rank: usize) -> TractResult<()> {
        ensure!(!self.is_channelled || rank > 1, "no axis for channels among {rank}");
        Ok(())
    }

    /// `ranks` are those of the inputs that are known.
    ///
    /// # Errors
    /// If a factor of a product of matrices has no axis.
    pub(super) fn check_factors(&self, ranks: impl Fn(usize) -> Option<usize>) -> TractResult<()> {
        let has_axes = |&factor: &usize| ranks(factor) != Some(0);
        ensure!(self.factors.iter().flatten().all(has_axes), "a factor of it has no axis");
        Ok(())
    }

    /// # Errors
    /// If along the axis there is no such place in a first input of this shape, whose rank is checked.
    pub(super) fn check_places(&self, shape: &[i64], places: &[i64]) -> TractResult<()> {
        let axis = self.axes.first().copied().unwrap_or(0);
        let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
        let length = usize::try_from(axis).ok().and_then(|axis| shape.get(axis).copied());
        let length = length.with_context(|| format!("no axis {axis} of {shape:?}"))?;
        let odd = places.iter().find(|place| !(-length..length).contains(place));
        ensure!(odd.is_none(), "no place {odd:?} along an axis of {length}");
        Ok(())
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
        ensure!(!self.normalises || rank > 0, "no axis to normalise along");
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
