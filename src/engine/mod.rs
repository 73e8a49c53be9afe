//! Runs the model: tract loads, types and plans the graph; what is quantised runs in our kernels.
//!
//! A quantised ONNX graph is lowered ([`lower`]) to fused int8 layers ([`layer`], [`ops`],
//! [`packed`]) on NHWC tensors. Neighbours run as one operator whose activations lie in one buffer
//! ([`island`], [`arena`]). Whatever is not recognised, and every float model, runs in tract's own
//! operators.

use std::sync::{Arc, Mutex};

use tract_onnx::prelude::{IntoRunnable, Tensor, TypedRunnableModel, tvec};
use tract_onnx::tract_core::internal::*;

use self::input::Converter;
use self::island::Island;
use self::output::Reader;
use crate::error::{Error, Result};
use crate::manifest::{Input, Outputs};
use crate::pipeline::BatchOutput;

mod arena;
mod graph;
mod input;
mod inspect;
mod island;
mod layer;
mod lower;
mod onnx;
mod operators;
mod ops;
mod output;
mod packed;

pub use inspect::{Inspection, Port, ScoresPort, inspect};
pub use onnx::{MAX_MODEL_BYTES, MAX_NODES, MAX_TENSOR_BYTES};

/// Whether quantised islands become fused int8 layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lowering {
    /// The default.
    Fused,
    /// Everything in tract's own operators: the yardstick of tests and benchmarks.
    Stock,
}

/// A node of the planned model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerInfo {
    /// Name of the tensor that it makes, or of the node.
    pub name: String,
    /// Our kernel, or tract's operator.
    pub kernel: String,
    /// Whether it is one of our fused layers.
    pub fused: bool,
}

/// A model ready to run on `uint8 [n, patch, patch, 3]` pixels, whatever it reads itself.
#[derive(Debug)]
pub struct Engine {
    plan: Arc<TypedRunnableModel>,
    converter: Converter,
    reader: Reader,
    fused: usize,
    /// The input of the last pass, to be filled again.
    input: Mutex<Option<Tensor>>,
}

/// Patches that go through a layer together. One patch's activations stay in the cache between
/// layers; a whole batch's would not.
const PATCHES_PER_PASS: usize = 1;

impl Engine {
    /// Parses and prepares an ONNX model that reads `input` and makes `outputs`.
    ///
    /// # Errors
    /// [`Error::ModelInvalid`] that says what is wrong with it. On the web a malformed model may
    /// also trap, which ends the worker.
    pub fn load(model: &[u8], input: &Input, outputs: &Outputs) -> Result<Self> {
        Self::with_lowering(model, input, outputs, Lowering::Fused)
    }

    /// As [`Engine::load`], with a choice that tests and benchmarks need.
    ///
    /// # Errors
    /// As [`Engine::load`].
    pub fn with_lowering(
        model: &[u8],
        input: &Input,
        outputs: &Outputs,
        lowering: Lowering,
    ) -> Result<Self> {
        let converter = Converter::new(input);
        let onnx::Loaded { model, fused, reader } =
            guarded(|| onnx::load(model, PATCHES_PER_PASS, &converter, outputs, lowering))?;
        let plan = guarded(|| plan(model).map_err(|error| Error::model(format!("{error:#}"))))?;
        Ok(Self { plan, converter, reader, fused, input: Mutex::new(None) })
    }

    /// One forward pass over `uint8 [n, patch, patch, 3]` pixels, RGB.
    ///
    /// # Errors
    /// [`Error::Internal`] if the length is no multiple of a patch; [`Error::ModelInvalid`] if the
    /// model fails at run time, or its scores are none.
    pub fn infer(&self, pixels: &[u8]) -> Result<BatchOutput> {
        let side = self.converter.side();
        let pass = PATCHES_PER_PASS * side * side * 3;
        if pixels.is_empty() || !pixels.len().is_multiple_of(pass) {
            return Err(Error::internal(format!(
                "{} bytes are no whole number of {side}x{side} RGB patches",
                pixels.len()
            )));
        }
        let mut output = BatchOutput { logits: vec![], cam: vec![], cam_height: 0, cam_width: 0 };
        for patches in pixels.chunks_exact(pass) {
            guarded(|| {
                self.run(patches, &mut output).map_err(|error| Error::model(format!("{error:#}")))
            })?;
        }
        Ok(output)
    }

    fn run(&self, patches: &[u8], output: &mut BatchOutput) -> TractResult<()> {
        // Two threads that share an engine do not share the tensor: the second makes one of its own.
        let kept = self.input.try_lock().ok().and_then(|mut kept| kept.take());
        let mut input = match kept {
            Some(tensor) => tensor,
            None => Tensor::zero_dt(
                self.converter.datum_type(),
                &self.converter.shape(PATCHES_PER_PASS),
            )?,
        };
        self.converter.fill(patches, &mut input)?;
        let input = Arc::new(input);
        let results = self.plan.run(tvec![TValue::from_const(input.clone())])?;
        // The plan has let go of it, unless the model hands its input out again.
        if let (Some(tensor), Ok(mut kept)) = (Arc::into_inner(input), self.input.try_lock()) {
            *kept = Some(tensor);
        }
        let scores = results[0].try_as_plain_ram()?;
        self.reader.read(scores.as_slice::<f32>()?, &mut output.logits)?;
        if let Some(cam) = results.get(1) {
            output.cam.extend_from_slice(cam.try_as_plain_ram()?.as_slice::<f32>()?);
            (output.cam_height, output.cam_width) = (cam.shape()[1], cam.shape()[2]);
        }
        Ok(())
    }

    /// How many layers run in our int8 kernels; 0 for a float model.
    pub fn fused_layers(&self) -> usize {
        self.fused
    }

    /// The planned nodes in the order in which they run, without the input.
    pub fn layers(&self) -> Vec<LayerInfo> {
        let model = self.plan.model();
        let order = model.eval_order().unwrap_or_default();
        let mut layers = Vec::new();
        for node in
            order.into_iter().map(|id| model.node(id)).filter(|node| !node.inputs.is_empty())
        {
            let steps = node.op_as::<Island>().map_or(&[][..], Island::steps);
            layers.extend(steps.iter().map(|step| LayerInfo {
                name: step.name.clone(),
                kernel: step.layer.kernel_name().into(),
                fused: true,
            }));
            if steps.is_empty() {
                let (name, kernel) = (node.name.clone(), node.op.name().to_string());
                layers.push(LayerInfo { name, kernel, fused: false });
            }
        }
        layers
    }
}

/// Joins what is fused and plans the model.
fn plan(mut model: TypedModel) -> TractResult<Arc<TypedRunnableModel>> {
    island::gather(&mut model)?;
    model.into_optimized()?.into_runnable()
}

/// Runs `body` so that a panic, which a malformed model can cause inside tract, becomes an error.
///
/// On wasm32 a panic aborts instead: the caller there throws the whole instance away.
fn guarded<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let detail = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("unknown panic");
        Err(Error::model(format!("it made the engine fail: {detail}")))
    })
}
