//! Loads and runs the model: what is quantised runs in our kernels, what is not, in tract.
//!
//! A quantised ONNX graph is lowered ([`lower`]) to fused int8 layers ([`layer`], [`packed`]) on
//! NHWC tensors. Layers that follow each other are a [`program`] whose activations lie in one buffer
//! ([`arena`]). Two kinds of graph then differ:
//!
//! * fused from end to end, as the shipped int8 model is: it is one program ([`whole`]);
//! * any other: tract loads, types, plans and runs it ([`planned`]), with each run of fused layers
//!   as an operator of ours ([`ops`], [`island`]) and everything else, down to a float model, in
//!   its own operators ([`operators`]).
//!
//! Without the feature `tract` only the first kind runs: the small edition of the browser module.

#[cfg(feature = "tract")]
use prost::Message;

use self::output::Reader;
#[cfg(feature = "tract")]
use self::planned::Planned;
use self::program::{Output, Program, Step};
use crate::error::{Error, Result};
use crate::manifest::{Input, Outputs};
use crate::pipeline::BatchOutput;

mod arena;
mod constants;
mod graph;
#[cfg(feature = "tract")]
mod input;
#[cfg(feature = "tract")]
mod inspect;
#[cfg(feature = "tract")]
mod island;
mod layer;
mod lower;
mod onnx;
#[cfg(feature = "tract")]
mod operators;
#[cfg(feature = "tract")]
mod ops;
mod output;
mod packed;
#[cfg(feature = "tract")]
mod planned;
mod port;
mod program;
mod proto;
mod whole;

#[cfg(feature = "tract")]
pub use inspect::{Inspection, ScoresPort, inspect};
pub use onnx::{MAX_MODEL_BYTES, MAX_NODES, MAX_TENSOR_BYTES};
pub use port::Port;

/// Which models this build runs: "general" for any classifier, "int8" for those that are fused from
/// end to end.
pub const EDITION: &str = if cfg!(feature = "tract") { "general" } else { "int8" };

/// Whether quantised islands become fused int8 layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lowering {
    /// The default.
    Fused,
    /// As `Fused`, but in tract's plan even where the whole graph is fused: what a graph gets of
    /// which some nodes are not. For tests and benchmarks.
    Planned,
    /// Everything in tract's own operators: the yardstick of tests and benchmarks.
    Stock,
}

/// A node of the model as it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerInfo {
    /// Name of the tensor that it makes, or of the node.
    pub name: String,
    /// Our kernel, or tract's operator.
    pub kernel: String,
    /// Whether it is one of our fused layers.
    pub fused: bool,
}

fn fused_layer_info(step: &Step) -> LayerInfo {
    let kernel = step.layer.kernel_name().into();
    LayerInfo { name: step.name.clone(), kernel, fused: true }
}

/// A model ready to run on `uint8 [n, patch, patch, 3]` pixels, whatever it reads itself.
#[derive(Debug)]
pub struct Engine {
    runner: Runner,
    reader: Reader,
    /// Side of a patch in pixels.
    side: usize,
    fused: usize,
    /// Height and width of the class-activation map; zeros if the model has none.
    cam: [usize; 2],
}

#[derive(Debug)]
enum Runner {
    Whole(Program),
    #[cfg(feature = "tract")]
    Planned(Box<Planned>),
}

impl Engine {
    /// Parses and prepares an ONNX model that reads `input` and makes `outputs`.
    ///
    /// # Errors
    /// [`Error::ModelInvalid`] that says what is wrong with it; [`Error::ModelNeedsTract`] from a
    /// build without tract. On the web a malformed model may also trap, which ends the worker.
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
        let Prepared { runner, reader, fused } =
            guarded(|| prepare(model, input, outputs, lowering))?;
        let cam = runner.cam_size().map_err(in_model)?;
        Ok(Self { runner, reader, side: input.patch_size as usize, fused, cam })
    }

    /// One forward pass over `uint8 [n, patch, patch, 3]` pixels, RGB.
    ///
    /// Patches go through the layers one after the other: the activations of one stay in the
    /// processor's cache from layer to layer, those of a whole batch would not.
    ///
    /// # Errors
    /// [`Error::Internal`] if the length is no multiple of a patch; [`Error::ModelInvalid`] if the
    /// model fails at run time, or its scores are none.
    pub fn infer(&self, pixels: &[u8]) -> Result<BatchOutput> {
        let Self { side, .. } = *self;
        let patch = side * side * 3;
        if pixels.is_empty() || !pixels.len().is_multiple_of(patch) {
            return Err(Error::internal(format!(
                "{} bytes are no whole number of {side}x{side} RGB patches",
                pixels.len()
            )));
        }
        let [cam_height, cam_width] = self.cam;
        let mut output = BatchOutput { logits: vec![], cam: vec![], cam_height, cam_width };
        for patch in pixels.chunks_exact(patch) {
            guarded(|| {
                let read = &mut |index, values: &[f32]| match index {
                    0 => self.reader.read(values, &mut output.logits),
                    _ => {
                        output.cam.extend_from_slice(values);
                        Ok(())
                    }
                };
                self.runner.run(patch, read).map_err(in_model)
            })?;
        }
        Ok(output)
    }

    /// How many layers run in our int8 kernels; 0 for a float model.
    pub fn fused_layers(&self) -> usize {
        self.fused
    }

    /// The nodes in the order in which they run, without the input.
    pub fn layers(&self) -> Vec<LayerInfo> {
        match &self.runner {
            Runner::Whole(program) => program.steps.iter().map(fused_layer_info).collect(),
            #[cfg(feature = "tract")]
            Runner::Planned(planned) => planned.layers(),
        }
    }
}

struct Prepared {
    runner: Runner,
    reader: Reader,
    fused: usize,
}

fn prepare(model: &[u8], input: &Input, outputs: &Outputs, lowering: Lowering) -> Result<Prepared> {
    let proto = onnx::read(model)?;
    let graph = proto.graph.as_ref().ok_or_else(|| Error::model("the file holds no graph"))?;
    let name = onnx::check(graph, input).map_err(in_model)?;
    let lowered = onnx::lower(proto);
    let whole = match &lowered.proto.graph {
        Some(graph) if lowering == Lowering::Fused => whole::program(graph, &name, input, outputs),
        _ => Err(anyhow::anyhow!("a plan of tract's was asked for")),
    };
    match whole {
        Ok((program, reader)) => {
            Ok(Prepared { runner: Runner::Whole(program), reader, fused: lowered.fused })
        }
        #[cfg(feature = "tract")]
        Err(_) => {
            let lowered = (lowering != Lowering::Stock).then_some(&lowered);
            planned(model, lowered, input, outputs)
        }
        #[cfg(not(feature = "tract"))]
        Err(why) => Err(Error::ModelNeedsTract { detail: format!("{why:#}") }),
    }
}

/// The plan of `lowered` where layers are fused in it, else of the model as its file has it.
#[cfg(feature = "tract")]
fn planned(
    model: &[u8],
    lowered: Option<&onnx::Lowered>,
    input: &Input,
    outputs: &Outputs,
) -> Result<Prepared> {
    let plan = |file: &[u8], fused| {
        let (planned, reader) = Planned::new(file, input, outputs)?;
        anyhow::Ok(Prepared { runner: Runner::Planned(Box::new(planned)), reader, fused })
    };
    if let Some(lowered) = lowered.filter(|lowered| lowered.fused > 0) {
        // A layer that tract refuses, for its shapes say, may run unfused. If that fails as well,
        // its error speaks of what the file holds.
        if let Ok(prepared) = plan(&lowered.proto.encode_to_vec(), lowered.fused) {
            return Ok(prepared);
        }
    }
    plan(model, 0).map_err(in_model)
}

impl Runner {
    /// Height and width of the class-activation map; zeros if there is none.
    fn cam_size(&self) -> anyhow::Result<[usize; 2]> {
        match self {
            Self::Whole(program) => Ok(program.outputs.get(1).map_or([0; 2], |&port| {
                let [_, h, w, _] = program.steps[port.step].output_shape();
                [h, w]
            })),
            #[cfg(feature = "tract")]
            Self::Planned(planned) => planned.cam_size(),
        }
    }

    /// Runs the model on one patch; `hand_out(index, values)` gets the scores, 0, and the map, 1.
    fn run(
        &self,
        patch: &[u8],
        hand_out: &mut dyn FnMut(usize, &[f32]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Whole(program) => program.run(&[patch], &mut |index, output| match output {
                Output::Real(values) => hand_out(index, values),
                // Only real outputs are chosen.
                Output::Bytes(_) => Ok(()),
            }),
            #[cfg(feature = "tract")]
            Self::Planned(planned) => planned.run(patch, hand_out),
        }
    }
}

/// What anything inside the engine says is wrong with the model.
fn in_model(error: impl std::fmt::Display) -> Error {
    Error::model(format!("{error:#}"))
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
