//! What a typed graph may cost: the memory and the multiplications of one pass, and of folding its
//! constants.

use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::cnn::{Conv, MaxPool, PoolSpec, SumPool};
use tract_onnx::tract_core::ops::konst::Const;

use crate::onnx::MAX_TENSOR_BYTES;

/// Most bytes that a graph may hold at once: its constants, what is made of them alone, and the
/// activations of one picture. A browser's module cannot have more than 4 GiB.
pub(super) const MAX_LIVE_BYTES: u64 = 2 << 30;

/// Most multiplications, divisions and values in windows of pools for one picture, and what counts
/// like them; ViT-H/14 needs 167 thousand million.
pub(super) const MAX_MULTIPLICATIONS: u64 = 300_000_000_000;

/// How many multiplications each value counts that a node makes: it is written to memory, and read
/// from there, which takes longer than what is computed from values at hand. Of ViT-H/14 that is a
/// twentieth of all.
const MULTIPLICATIONS_OF_A_VALUE: u64 = 16;

/// Refuses a tensor past the limit before it is made; `node` makes it.
///
/// # Errors
/// If it is too large, or if its size is not a number.
pub(crate) fn admit(node: &str, dt: DatumType, shape: &[TDim]) -> TractResult<()> {
    let bytes = bytes(dt, shape).with_context(|| {
        format!("node {node:?} makes a tensor {shape:?}, whose size cannot be told before it runs")
    })?;
    ensure!(
        bytes <= MAX_TENSOR_BYTES as u64,
        "node {node:?} makes a tensor {shape:?}; the limit is {MAX_TENSOR_BYTES} bytes"
    );
    Ok(())
}

/// Bytes of a tensor, at most `u64::MAX`; `None` if its shape has symbols or negative numbers.
fn bytes(dt: DatumType, shape: &[TDim]) -> Option<u64> {
    shape.iter().try_fold(dt.size_of() as u64, |all, dim| {
        Some(all.saturating_mul(u64::try_from(dim.as_i64()?).ok()?))
    })
}

/// Checks each tensor of `model`, what it holds at once, and how much it multiplies.
///
/// # Errors
/// Says which limit it is past.
pub(crate) fn check(model: &TypedModel) -> TractResult<()> {
    let mut multiplications = 0_u64;
    for node in model.nodes() {
        for output in &node.outputs {
            admit(&node.name, output.fact.datum_type, &output.fact.shape)?;
            // What is in the file is not made.
            if !node.op_is::<Const>() {
                let made = bytes(u8::datum_type(), &output.fact.shape).unwrap_or(u64::MAX);
                multiplications =
                    multiplications.saturating_add(made.saturating_mul(MULTIPLICATIONS_OF_A_VALUE));
            }
        }
        let inputs = model.node_input_facts(node.id)?;
        for (cost, count) in node.op.cost(&inputs).unwrap_or_default() {
            if cost.is_compute() {
                let count = count.to_i64().unwrap_or(i64::MAX).unsigned_abs();
                multiplications = multiplications.saturating_add(count);
            }
        }
        if let Some(pool) = pool(node) {
            let shape = &node.outputs[0].fact.shape;
            let window = pool.kernel_shape.iter().map(|&side| side as u64);
            let made = bytes(u8::datum_type(), shape).context("the size of a pool is not known")?;
            multiplications =
                multiplications.saturating_add(window.fold(made, u64::saturating_mul));
        }
        if let Some(conv) = node.op_as::<Conv>() {
            check_windows(node, conv)?;
        }
    }
    ensure!(
        multiplications <= MAX_MULTIPLICATIONS,
        "it needs {multiplications} multiplications for one picture; the limit is \
         {MAX_MULTIPLICATIONS}"
    );
    let live = most_live(model)?;
    ensure!(live <= MAX_LIVE_BYTES, "it needs {live} bytes at once; the limit is {MAX_LIVE_BYTES}");
    Ok(())
}

/// The windows of a pool, of which tract states no cost.
fn pool(node: &TypedNode) -> Option<&PoolSpec> {
    let largest = node.op_as::<MaxPool>().map(|pool| &pool.pool_spec);
    largest.or_else(|| node.op_as::<SumPool>().map(|pool| &pool.pool_spec))
}

/// A convolution may lay out all its windows side by side before it multiplies.
fn check_windows(node: &TypedNode, conv: &Conv) -> TractResult<()> {
    let spec = &conv.pool_spec;
    let fact = &node.outputs[0].fact;
    let output = spec.data_format.shape(fact.shape.to_tvec())?;
    let places = output
        .hw_dims()
        .iter()
        .try_fold(1_u64, |all, dim| Some(all.saturating_mul(u64::try_from(dim.as_i64()?).ok()?)));
    let window = spec
        .kernel_shape
        .iter()
        .fold(spec.input_channels as u64, |all, &side| all.saturating_mul(side as u64));
    let bytes = places.context("the size of a convolution is not known")?.saturating_mul(window);
    let bytes = bytes.saturating_mul(fact.datum_type.size_of() as u64);
    ensure!(
        bytes <= MAX_LIVE_BYTES,
        "node {:?} would lay out {bytes} bytes of windows; the limit is {MAX_LIVE_BYTES}",
        node.name
    );
    Ok(())
}

/// Most bytes of tensors that are there at once, if each is dropped behind its last reader and
/// those that are made of constants alone are kept.
fn most_live(model: &TypedModel) -> TractResult<u64> {
    let order = model.eval_order()?;
    let mut readers: Vec<usize> = vec![0; model.nodes().len()];
    for &id in &order {
        for input in &model.node(id).inputs {
            readers[input.node] += 1;
        }
    }
    for output in model.output_outlets()? {
        readers[output.node] += 1;
    }
    let of_node = |id: usize| {
        let outputs = model.node(id).outputs.iter();
        outputs.fold(0_u64, |all, output| {
            let fact = &output.fact;
            all.saturating_add(bytes(fact.datum_type, &fact.shape).unwrap_or(u64::MAX))
        })
    };
    let mut is_constant = vec![false; model.nodes().len()];
    let (mut live, mut most) = (0_u64, 0_u64);
    for &id in &order {
        let node = model.node(id);
        is_constant[id] = node.op_is::<Const>()
            || (!node.inputs.is_empty() && node.inputs.iter().all(|input| is_constant[input.node]));
        live = live.saturating_add(of_node(id));
        most = most.max(live);
        for input in &node.inputs {
            readers[input.node] -= 1;
            if readers[input.node] == 0 && !is_constant[input.node] {
                live = live.saturating_sub(of_node(input.node));
            }
        }
    }
    Ok(most)
}
