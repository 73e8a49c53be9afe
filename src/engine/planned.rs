//! A graph that tract types, plans and runs, fused layers in it or not.

use std::sync::{Arc, Mutex};

use tract_onnx::Onnx;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_hir::infer::{Factoid, InferenceFact, InferenceModelExt};

use super::island::{self, Island};
use super::{BatchOutput, LayerInfo, fused_layer_info, operators, ops};

/// Patches that go through a layer together. One patch's activations stay in the cache between
/// layers; a whole batch's would not.
const PATCHES_PER_PASS: usize = 1;

#[derive(Debug)]
pub(super) struct Planned {
    plan: Arc<TypedRunnableModel>,
    patch_size: usize,
    /// The input of the last pass, to be filled again.
    input: Mutex<Option<Tensor>>,
}

impl Planned {
    /// Types and plans an ONNX file, lowered or not, for patches of `patch_size` pixels a side.
    ///
    /// # Errors
    /// Where an operator is not known, shapes or types do not fit, or the input is not
    /// `uint8 [N, patch_size, patch_size, 3]`.
    pub fn new(file: &[u8], patch_size: usize) -> TractResult<Self> {
        let mut model = typed(file, patch_size)?;
        island::gather(&mut model)?;
        let plan = model.into_optimized()?.into_runnable()?;
        Ok(Self { plan, patch_size, input: Mutex::new(None) })
    }

    /// Shapes of the outputs; `None` for one that is not known, or not `float`.
    ///
    /// # Errors
    /// Only tract's own, for a graph that is not one.
    pub fn output_shapes(&self) -> TractResult<Vec<Option<Vec<usize>>>> {
        let model = self.plan.model();
        let mut shapes = Vec::new();
        for &outlet in model.output_outlets()? {
            let fact = model.outlet_fact(outlet)?;
            let shape = fact.shape.as_concrete().map(<[usize]>::to_vec);
            shapes.push(shape.filter(|_| fact.datum_type == f32::datum_type()));
        }
        Ok(shapes)
    }

    /// One pass over `uint8 [patch, patch, 3]` pixels; appends to `output`.
    ///
    /// # Errors
    /// Whatever an operator finds wrong at run time.
    pub fn run(&self, patch: &[u8], output: &mut BatchOutput) -> TractResult<()> {
        let side = self.patch_size;
        // Two threads that share an engine do not share the tensor: the second makes one of its own.
        let kept = self.input.try_lock().ok().and_then(|mut kept| kept.take());
        let mut input = match kept {
            Some(tensor) => tensor,
            None => Tensor::zero::<u8>(&[PATCHES_PER_PASS, side, side, 3])?,
        };
        input.try_as_plain_ram_mut()?.as_slice_mut::<u8>()?.copy_from_slice(patch);
        let input = Arc::new(input);
        let results = self.plan.run(tvec![TValue::from_const(input.clone())])?;
        // The plan has let go of it, unless the model hands its input out again.
        if let (Some(tensor), Ok(mut kept)) = (Arc::into_inner(input), self.input.try_lock()) {
            *kept = Some(tensor);
        }
        output.logits.extend_from_slice(results[0].try_as_plain_ram()?.as_slice::<f32>()?);
        if let Some(cam) = results.get(1) {
            output.cam.extend_from_slice(cam.try_as_plain_ram()?.as_slice::<f32>()?);
        }
        Ok(())
    }

    /// The planned nodes in the order in which they run, without the input.
    pub fn layers(&self) -> Vec<LayerInfo> {
        let model = self.plan.model();
        let order = model.eval_order().unwrap_or_default();
        let mut layers = Vec::new();
        for node in
            order.into_iter().map(|id| model.node(id)).filter(|node| !node.inputs.is_empty())
        {
            if let Some(island) = node.op_as::<Island>() {
                layers.extend(island.steps().iter().map(fused_layer_info));
            } else {
                let (name, kernel) = (node.name.clone(), node.op.name().to_string());
                layers.push(LayerInfo { name, kernel, fused: false });
            }
        }
        layers
    }
}

fn typed(mut file: &[u8], patch_size: usize) -> TractResult<TypedModel> {
    let mut framework = Onnx { op_register: operators::register(), ..Onnx::default() };
    ops::register(&mut framework.op_register);
    let proto = framework.proto_model_for_read(&mut file)?;
    if let Some(graph) = &proto.graph {
        operators::check(&framework.op_register, graph)?;
    }
    let model = framework.model_for_proto_model(&proto)?;
    let shape = [PATCHES_PER_PASS, patch_size, patch_size, 3];
    let declared = model.input_fact(0)?;
    let dims: Vec<_> = declared.shape.dims().map(|dim| dim.concretize()).collect();
    // The batch is ours to choose; a dimension with a symbol or without a value fits anything.
    let fits = |(dim, wanted): (&Option<TDim>, &usize)| {
        dim.as_ref().is_none_or(|dim| dim.to_i64().map_or(true, |dim| dim == *wanted as i64))
    };
    ensure!(
        declared.datum_type().is_none_or(|dt| dt == u8::datum_type())
            && dims.len() == 4
            && dims[1..].iter().zip(&shape[1..]).all(fits),
        "its input is {declared:?}; expected uint8 [N, {patch_size}, {patch_size}, 3]"
    );
    let fact = InferenceFact::dt_shape(u8::datum_type(), shape);
    model.with_input_fact(0, fact)?.into_typed()
}
