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

#[cfg(feature = "tract")]
use self::planned::Planned;
use self::program::{Output, Program, Step};
use crate::error::{Error, Result};
use crate::pipeline::BatchOutput;

mod arena;
mod constants;
mod graph;
#[cfg(feature = "tract")]
mod island;
mod layer;
mod lower;
mod onnx;
#[cfg(feature = "tract")]
mod operators;
#[cfg(feature = "tract")]
mod ops;
mod packed;
#[cfg(feature = "tract")]
mod planned;
mod program;
mod proto;
mod whole;

pub use onnx::{MAX_MODEL_BYTES, MAX_NODES};

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

/// A model ready to run on `uint8 [n, patch, patch, 3]` pixels.
#[derive(Debug)]
pub struct Engine {
    runner: Runner,
    patch_size: usize,
    labels: usize,
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
    /// Parses and prepares an ONNX model.
    ///
    /// # Errors
    /// [`Error::ModelInvalid`] that says what is wrong with it; [`Error::ModelNeedsTract`] from a
    /// build without tract. On the web a malformed model may also trap, which ends the worker.
    pub fn load(model: &[u8], patch_size: u32, labels: usize) -> Result<Self> {
        Self::with_lowering(model, patch_size, labels, Lowering::Fused)
    }

    /// As [`Engine::load`], with a choice that tests and benchmarks need.
    ///
    /// # Errors
    /// As [`Engine::load`].
    pub fn with_lowering(
        model: &[u8],
        patch_size: u32,
        labels: usize,
        lowering: Lowering,
    ) -> Result<Self> {
        let patch_size = patch_size as usize;
        let (runner, fused) = guarded(|| runner(model, patch_size, lowering))?;
        let mut engine = Self { runner, patch_size, labels, fused, cam: [0; 2] };
        engine.cam = engine.checked_outputs()?;
        Ok(engine)
    }

    /// The first output must be logits `float [1, labels]`; a second one is the class-activation
    /// map `float [1, h, w, labels]`. Returns the size of the map.
    fn checked_outputs(&self) -> Result<[usize; 2]> {
        let shapes = self.runner.output_shapes().map_err(in_model)?;
        let labels = self.labels;
        let size = match shapes.as_slice() {
            [Some(logits)] if logits[..] == [1, labels] => Some([0; 2]),
            [Some(logits), Some(cam)] if logits[..] == [1, labels] => match cam[..] {
                [1, h, w, found] if found == labels => Some([h, w]),
                _ => None,
            },
            _ => None,
        };
        size.ok_or_else(|| {
            Error::model(format!(
                "its outputs are {shapes:?}; expected float logits [N, {labels}] and optionally a \
                 class-activation map [N, h, w, {labels}]"
            ))
        })
    }

    /// One forward pass over `uint8 [n, patch, patch, 3]` pixels, RGB.
    ///
    /// Patches go through the layers one after the other: the activations of one stay in the
    /// processor's cache from layer to layer, those of a whole batch would not.
    ///
    /// # Errors
    /// [`Error::Internal`] if the length is no multiple of a patch; [`Error::ModelInvalid`] if the
    /// model fails at run time.
    pub fn infer(&self, pixels: &[u8]) -> Result<BatchOutput> {
        let side = self.patch_size;
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
            guarded(|| self.runner.run(patch, &mut output).map_err(in_model))?;
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

/// Prepares a model; also returns how many layers are fused.
fn runner(model: &[u8], patch_size: usize, lowering: Lowering) -> Result<(Runner, usize)> {
    let proto = onnx::parse(model)?;
    if lowering == Lowering::Stock {
        return planned(model, None, patch_size);
    }
    let lowered = onnx::lower(proto);
    let whole = match &lowered.proto.graph {
        Some(graph) if lowering == Lowering::Fused => whole::program(graph, patch_size),
        _ => Err(anyhow::anyhow!("a plan of tract's was asked for")),
    };
    match whole {
        Ok(program) => Ok((Runner::Whole(program), lowered.fused)),
        Err(why) if !cfg!(feature = "tract") => {
            Err(Error::ModelNeedsTract { detail: format!("{why:#}") })
        }
        Err(_) => planned(model, Some(&lowered), patch_size),
    }
}

/// The plan of `lowered` where layers are fused in it, else of the model as its file has it.
#[cfg(feature = "tract")]
fn planned(
    model: &[u8],
    lowered: Option<&onnx::Lowered>,
    patch_size: usize,
) -> Result<(Runner, usize)> {
    let plan = |bytes: &[u8]| Planned::new(bytes, patch_size).map(Box::new).map(Runner::Planned);
    if let Some(lowered) = lowered.filter(|lowered| lowered.fused > 0) {
        // A layer that tract refuses, for its shapes say, may run unfused. If that fails as well,
        // its error speaks of what the file holds.
        if let Ok(runner) = plan(&lowered.proto.encode_to_vec()) {
            return Ok((runner, lowered.fused));
        }
    }
    Ok((plan(model).map_err(in_model)?, 0))
}

#[cfg(not(feature = "tract"))]
fn planned(_: &[u8], _: Option<&onnx::Lowered>, _: usize) -> Result<(Runner, usize)> {
    Err(Error::ModelNeedsTract { detail: "a plan of tract's was asked for".into() })
}

impl Runner {
    /// Shapes of the outputs; `None` for one that is not known, or not `float`.
    fn output_shapes(&self) -> anyhow::Result<Vec<Option<Vec<usize>>>> {
        match self {
            Self::Whole(program) => {
                let shape = |&port| program.is_real(port).then(|| program.output_shape(port));
                Ok(program.outputs.iter().map(shape).collect())
            }
            #[cfg(feature = "tract")]
            Self::Planned(planned) => planned.output_shapes(),
        }
    }

    /// Appends what the model says of one patch.
    fn run(&self, patch: &[u8], output: &mut BatchOutput) -> anyhow::Result<()> {
        match self {
            Self::Whole(program) => program.run(&[patch], &mut |index, values| {
                if let Output::Real(values) = values {
                    let to = if index == 0 { &mut output.logits } else { &mut output.cam };
                    to.extend_from_slice(values);
                }
                Ok(())
            }),
            #[cfg(feature = "tract")]
            Self::Planned(planned) => planned.run(patch, output),
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
