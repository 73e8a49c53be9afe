//! Runs image classifiers from ONNX files: what is quantised runs in int8 kernels, what is not, in tract.
//!
//! A quantised graph is lowered ([`lower`]) to fused int8 layers ([`program::layer`], [`program::packed`]) on NHWC
//! tensors. Layers that follow each other are a [`program`] whose activations lie in one buffer
//! ([`program::arena`]). Two kinds of graph then differ:
//!
//! * fused from end to end: it is one program ([`program::whole`]), that reads the picture through a
//!   table ([`program::entry`]);
//! * any other: tract loads, types, plans and runs it ([`planned`]), with each run of fused layers
//!   as an operator of ours ([`planned::parsers`], [`planned::island`]) and everything else, down to a float network, in
//!   its own operators ([`planned::refusal`]).
//!
//! Without the feature `tract` only the first kind runs, in a quarter of the code.
#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

use self::kernels::Isa;
#[cfg(feature = "tract")]
use self::lower::Lowered;
use self::onnx::graph::Graph;
#[cfg(feature = "tract")]
use self::onnx::proto::ModelProto;
#[cfg(feature = "tract")]
use self::planned::Planned;
use self::program::entry::Entry;
use self::program::whole::ProgramParts;
use self::program::{Elements, Program, Step};

mod error;
pub mod input;
pub mod kernels;
mod lower;
mod onnx;
#[cfg(feature = "tract")]
mod planned;
mod program;

pub use error::{Error, Result};
pub use input::{Input, Normalisation};
pub use onnx::external::{DataFile, data_files, join};
pub use onnx::foreign::Foreign;
pub use onnx::head;
pub use onnx::inspect::{Inspection, inspect};
pub use onnx::port::{OutputPort, Port};
pub use onnx::problem::Problem;
pub use onnx::proto;
pub use onnx::{
    MAX_DECODED_BYTES, MAX_INITIALISERS, MAX_MODEL_BYTES, MAX_NODES, MAX_TENSOR_BYTES, MIN_OPSET,
};
pub use program::MAX_COST;
pub use program::taps::{Sums, Tap};

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
    /// As `Fused`, in the portable kernels where the whole graph is fused: what those of every
    /// instruction set have to equal, to the bit. For tests.
    Portable,
    /// Everything in tract's own operators but QuantizeLinear and DequantizeLinear, which tract does
    /// otherwise than ONNX says: the yardstick of tests and benchmarks, and of whoever wants to
    /// compare.
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

/// How many products of convolutions and of matrices a network takes for one picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Products {
    /// In our int8 kernels.
    pub fused: u64,
    /// In tract's operators.
    pub planned: u64,
}

impl Products {
    /// The part of it that runs in our kernels, 0 to 1; 0 of nothing.
    pub fn share(self) -> f64 {
        let all = self.fused as f64 + self.planned as f64;
        if all > 0.0 { self.fused as f64 / all } else { 0.0 }
    }
}

/// An output of the network, as the engine found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// As the file names it.
    pub name: String,
    /// Shape for one picture, the batch of 1 in front; `None` if it is not `float32`, or not known.
    pub shape: Option<Vec<usize>>,
}

/// Chooses among the outputs of a network those that are read: their indices, in the order in which
/// [`Engine::infer`] is to return them, or why none fits.
pub type Choose<'a> = &'a dyn Fn(&[Output]) -> std::result::Result<Vec<usize>, String>;

/// A network ready to run on `uint8 [n, side, side, 3]` pixels, whatever it reads itself.
#[derive(Debug)]
pub struct Engine {
    execution: Execution,
    /// The outputs that are read.
    outputs: Vec<Output>,
    /// The activations of which sums are taken.
    taps: Vec<Tap>,
    /// Side of a picture in pixels.
    side: usize,
    fused: usize,
    fallback: Option<String>,
}

/// What a network says of some pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Inference {
    /// For each of [`Engine::outputs`] its values, row-major, those of one picture behind the other.
    pub outputs: Vec<Vec<f32>>,
    /// For each of [`Engine::taps`] its sums.
    pub sums: Vec<Sums>,
}

#[derive(Debug)]
enum Execution {
    Whole(Program, Entry),
    #[cfg(feature = "tract")]
    Planned(Box<Planned>),
}

impl Engine {
    /// Parses and prepares an ONNX file that reads `input`; `choose` says which outputs are read.
    ///
    /// # Errors
    /// [`Error::Invalid`] that says what is wrong with it; [`Error::NeedsTract`] from a build
    /// without tract.
    pub fn load(model: &[u8], input: &Input, choose: Choose<'_>) -> Result<Self> {
        Self::with_lowering(model, input, choose, Lowering::Fused)
    }

    /// As [`Engine::load`], with a choice that tests and benchmarks need.
    ///
    /// # Errors
    /// As [`Engine::load`].
    pub fn with_lowering(
        model: &[u8],
        input: &Input,
        choose: Choose<'_>,
        lowering: Lowering,
    ) -> Result<Self> {
        input.check().map_err(Error::invalid)?;
        let Prepared { execution, outputs, fused, fallback } =
            guarded(|| prepare(model, input, choose, lowering))?;
        let side = input.patch_size as usize;
        Ok(Self { execution, outputs, taps: vec![], side, fused, fallback })
    }

    /// Has sums taken of one more quantised activation, which the file calls `tensor`, or whose
    /// dequantised form it calls so: over its positions, of the bytes and of their squares, exact
    /// and the same in every backend.
    ///
    /// # Errors
    /// [`Error::NoTap`] if the network is not fused from end to end, or no layer that runs makes
    /// such a tensor: it is not there, is no quantised one, or is gone in a fused layer.
    pub fn tap(&mut self, tensor: &str) -> Result<&Tap> {
        let no_tap = |why| Error::NoTap { tensor: tensor.into(), why };
        let program = match &mut self.execution {
            Execution::Whole(program, _) => program,
            #[cfg(feature = "tract")]
            Execution::Planned(_) => {
                return Err(no_tap("the network is not fused from end to end"));
            }
        };
        let (size, made) = program
            .hand_out_too(tensor)
            .ok_or_else(|| no_tap("no layer makes a quantised tensor of that name"))?;
        self.taps.push(Tap::new(tensor, size, made.scale, made.zero_point));
        Ok(&self.taps[self.taps.len() - 1])
    }

    /// One forward pass over `uint8 [n, side, side, 3]` pixels, RGB: for each of
    /// [`Engine::outputs`] its values, row-major, those of one picture behind the other.
    ///
    /// Pictures go through the layers one after the other: the activations of one stay in the
    /// processor's cache from layer to layer, those of a whole batch would not.
    ///
    /// # Errors
    /// [`Error::Pixels`] if the length is no multiple of a picture; [`Error::Invalid`] if the
    /// network fails at run time.
    pub fn infer(&self, pixels: &[u8]) -> Result<Vec<Vec<f32>>> {
        Ok(self.infer_with_sums(pixels)?.outputs)
    }

    /// As [`Engine::infer`], with the sums of all [`Engine::taps`].
    ///
    /// # Errors
    /// As [`Engine::infer`].
    pub fn infer_with_sums(&self, pixels: &[u8]) -> Result<Inference> {
        let mut sums = vec![Sums::default(); self.taps.len()];
        let outputs = self.infer_seen(pixels, &mut |_, tap, map| {
            sums[tap].append(map, self.taps[tap].channels);
        })?;
        Ok(Inference { outputs, sums })
    }

    /// As [`Engine::infer`], and calls `see(picture, tap, map)` once for each picture and each of
    /// [`Engine::taps`], by their places, with the bytes of the activation,
    /// `[height][width][channels]`: picture after picture, the taps of one in whatever order.
    ///
    /// # Errors
    /// As [`Engine::infer`].
    pub fn infer_seen(
        &self,
        pixels: &[u8],
        see: &mut dyn FnMut(usize, usize, &[u8]),
    ) -> Result<Vec<Vec<f32>>> {
        let Self { side, .. } = *self;
        let picture = side * side * 3;
        if pixels.is_empty() || !pixels.len().is_multiple_of(picture) {
            return Err(Error::Pixels { bytes: pixels.len(), side });
        }
        let mut outputs = vec![vec![]; self.outputs.len()];
        for (place, picture) in pixels.chunks_exact(picture).enumerate() {
            let read = &mut |index: usize, read: Elements<'_>| match read {
                Elements::Real(values) => outputs[index].extend_from_slice(values),
                // Only taps have bytes; they come behind the outputs.
                Elements::Bytes(map) => see(place, index - outputs.len(), map),
            };
            guarded(|| self.execution.run(picture, read).map_err(in_model))?;
        }
        Ok(outputs)
    }

    /// Has the pixels of a float network scaled otherwise from now on.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the network reads raw bytes, or the numbers are out of their ranges.
    pub fn rescale(&mut self, normalisation: Normalisation) -> Result<()> {
        match &mut self.execution {
            Execution::Whole(_, entry) => entry.rescale(normalisation).map_err(Error::invalid),
            #[cfg(feature = "tract")]
            Execution::Planned(planned) => planned.rescale(normalisation).map_err(Error::invalid),
        }
    }

    /// The activations that are looked at, in the order in which they were asked for.
    pub fn taps(&self) -> &[Tap] {
        &self.taps
    }

    /// The outputs that were chosen, in that order.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// How many layers run in our int8 kernels; 0 for a float model.
    pub fn fused_layers(&self) -> usize {
        self.fused
    }

    /// How much of it runs in our int8 kernels, and how much does not.
    pub fn products(&self) -> Products {
        match &self.execution {
            Execution::Whole(program, _) => Products { fused: program.products(), planned: 0 },
            #[cfg(feature = "tract")]
            Execution::Planned(planned) => planned.products(),
        }
    }

    /// Why no layer is fused although some could be: what was wrong with the plan that had them,
    /// in a sentence without a full stop. `None` if all runs as it should.
    pub fn fallback(&self) -> Option<&str> {
        self.fallback.as_deref()
    }

    /// The nodes in the order in which they run, without the input.
    pub fn layers(&self) -> Vec<LayerInfo> {
        match &self.execution {
            Execution::Whole(program, _) => program.steps.iter().map(fused_layer_info).collect(),
            #[cfg(feature = "tract")]
            Execution::Planned(planned) => planned.layers(),
        }
    }
}

struct Prepared {
    execution: Execution,
    outputs: Vec<Output>,
    fused: usize,
    fallback: Option<String>,
}

fn prepare(
    model: &[u8],
    input: &Input,
    choose: Choose<'_>,
    lowering: Lowering,
) -> Result<Prepared> {
    let mut proto = onnx::read(model)?;
    if lowering != Lowering::Stock {
        let opset = onnx::opset(&proto);
        proto.graph.iter_mut().for_each(|graph| lower::rewrite(graph, opset));
    }
    let graph = proto.graph.as_ref().ok_or_else(|| Error::invalid("the file holds no graph"))?;
    let name = onnx::check(graph, input).map_err(in_model)?;
    if let Some(problem) = onnx::opset_problem(&proto) {
        return Err(Error::invalid(problem));
    }
    if lowering == Lowering::Stock {
        #[cfg(feature = "tract")]
        return planned(model, None, input, choose);
        #[cfg(not(feature = "tract"))]
        return Err(Error::NeedsTract { detail: "tract alone was asked for".into() });
    }
    let view = Graph::new(graph);
    let lowered = lower::lower(graph, &view);
    let isa = if lowering == Lowering::Portable { Isa::Scalar } else { Isa::best() };
    let whole = if lowering == Lowering::Planned {
        Err(anyhow::anyhow!("a plan of tract's was asked for"))
    } else {
        program::whole::parts(graph, &view, &lowered, (&name, input), isa, choose)
    };
    match whole {
        Ok(ProgramParts { steps, exits, outputs, entry }) => {
            // What is past a limit here would be so in tract, too.
            let program = Program::new(steps, exits).map_err(in_model)?;
            let fused = program.steps.len();
            Ok(Prepared {
                execution: Execution::Whole(program, entry),
                outputs,
                fused,
                fallback: None,
            })
        }
        #[cfg(feature = "tract")]
        Err(_) => planned(model, Fused::of(&proto, &lowered), input, choose),
        #[cfg(not(feature = "tract"))]
        Err(why) => Err(Error::NeedsTract { detail: format!("{why:#}") }),
    }
}

/// Those of `found` that `choose` asks for, by index and as they are.
fn chosen(found: Vec<Output>, choose: Choose<'_>) -> anyhow::Result<(Vec<usize>, Vec<Output>)> {
    let indices = choose(&found).map_err(anyhow::Error::msg)?;
    let take = |&index: &usize| found.get(index).filter(|output| output.shape.is_some()).cloned();
    let outputs: Option<Vec<Output>> = indices.iter().map(take).collect();
    let outputs = outputs.filter(|outputs| !outputs.is_empty());
    let outputs = outputs.ok_or_else(|| anyhow::anyhow!("no float32 output was chosen"))?;
    Ok((indices, outputs))
}

/// A file for tract, with this many fused layers.
#[cfg(feature = "tract")]
struct Fused {
    file: Vec<u8>,
    layers: usize,
}

#[cfg(feature = "tract")]
impl Fused {
    /// `None` without a layer: then it is as its file has it.
    fn of(proto: &ModelProto, lowered: &Lowered<'_>) -> Option<Self> {
        let layers = lowered.fused();
        (layers > 0).then(|| Self { file: planned::notation::write(proto, lowered), layers })
    }

    /// Of `model`, its products of tokens left out.
    fn but_products(model: &[u8]) -> Option<Self> {
        let mut proto = onnx::read(model).ok()?;
        let opset = onnx::opset(&proto);
        lower::rewrite_but_products(proto.graph.as_mut()?, opset);
        let graph = proto.graph.as_ref()?;
        Self::of(&proto, &lower::lower(graph, &Graph::new(graph)))
    }
}

/// The plan of the `fused` file, if it is given and tract takes it, with its products of tokens or without,
/// else of the model as its file has it.
#[cfg(feature = "tract")]
fn planned(
    model: &[u8],
    fused: Option<Fused>,
    input: &Input,
    choose: Choose<'_>,
) -> Result<Prepared> {
    let plan = |file: &[u8], fused, fallback| {
        let (planned, outputs) = Planned::new(file, input, choose)?;
        let execution = Execution::Planned(Box::new(planned));
        anyhow::Ok(Prepared { execution, outputs, fused, fallback })
    };
    let mut fallback = None;
    if let Some(Fused { file, layers }) = fused {
        // A layer that tract refuses, for its shapes say, may run unfused. If that fails as well,
        // its error speaks of what the file holds.
        match plan(&file, layers, None) {
            Ok(prepared) => return Ok(prepared),
            Err(why) => fallback = Some(format!("{why:#}")),
        }
        // More tokens than a layer takes are only seen here, and cost no convolution its layer.
        let fewer = Fused::but_products(model).filter(|fewer| fewer.layers < layers);
        if let Some(Fused { file, layers }) = fewer
            && let Ok(prepared) = plan(&file, layers, None)
        {
            return Ok(prepared);
        }
    }
    plan(model, 0, fallback).map_err(in_model)
}

impl Execution {
    /// Runs the network on one picture; `hand_out(index, elements)` gets each output that is read,
    /// and behind them each activation that is tapped.
    fn run(
        &self,
        picture: &[u8],
        hand_out: &mut dyn FnMut(usize, Elements<'_>),
    ) -> anyhow::Result<()> {
        match self {
            Self::Whole(program, entry) => entry.read(picture, |pixels| {
                program.run(&[pixels], &mut |index, output| {
                    hand_out(index, output);
                    Ok(())
                })
            }),
            #[cfg(feature = "tract")]
            Self::Planned(planned) => {
                planned.run(picture, &mut |index, values| hand_out(index, Elements::Real(values)))
            }
        }
    }
}

/// What anything inside the engine says is wrong with the network.
fn in_model(error: impl std::fmt::Display) -> Error {
    Error::invalid(format!("{error:#}"))
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
        Err(Error::Panicked { detail: detail.into() })
    })
}
