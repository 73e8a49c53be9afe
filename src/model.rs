//! A network whose outputs are the logits of two classes and, perhaps, their map over the patch; or
//! of classes of its own.

use std::cell::RefCell;

use histoscope_engine::{Choose, Engine, LayerInfo, Lowering, Tap};

use crate::error::{Error, Result};
use crate::features::{Features, Level};
use crate::manifest::{Input, ManifestProblem, Outputs};
use crate::options::OptionProblem;
use crate::scores::Reader;

/// What computes a network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Runtime {
    /// Fused int8 layers, and tract for what is not fused.
    #[default]
    Fused,
    /// tract alone, as the file has it: slower, for comparison.
    Tract,
}

impl std::fmt::Display for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fused => "fused",
            Self::Tract => "tract",
        })
    }
}

impl std::str::FromStr for Runtime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "fused" => Ok(Self::Fused),
            "tract" => Ok(Self::Tract),
            _ => Err(Error::OptionsInvalid {
                option: "engine",
                problem: OptionProblem::NoRuntime { found: text.into() },
            }),
        }
    }
}

impl From<Runtime> for Lowering {
    fn from(runtime: Runtime) -> Self {
        match runtime {
            Runtime::Fused => Self::Fused,
            Runtime::Tract => Self::Stock,
        }
    }
}

/// What the model says of the patches of one batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchOutput {
    /// `[n, 2]`, or `[n, classes]` where the model's classes are its own.
    pub logits: Vec<f32>,
    /// Class-activation map `[n, cam_height, cam_width, 2]`, or of as many classes as there are
    /// logits; its mean over height and width is the logits. Empty if the model has no such output.
    pub cam: Vec<f32>,
    /// 0 without a map.
    pub cam_height: usize,
    /// 0 without a map.
    pub cam_width: usize,
    /// `[n, features]`, as the manifest has them; empty if they are not known.
    pub features: Vec<f32>,
}

/// A network that is ready to run, and how its scores are read.
#[derive(Debug)]
pub struct Model {
    engine: Engine,
    reader: Reader,
    features: Option<Features>,
}

impl Model {
    /// Parses and prepares an ONNX model that reads `input` and makes `outputs`.
    ///
    /// # Errors
    /// [`Error::ModelInvalid`] that says what is wrong with it; [`Error::ModelNeedsTract`] from a
    /// build without tract. On the web a malformed model may also trap, which ends the worker.
    pub fn load(model: &[u8], input: &Input, outputs: &Outputs) -> Result<Self> {
        Self::with_lowering(model, input, outputs, Lowering::Fused)
    }

    /// As [`Model::load`], with a choice that tests and benchmarks need.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn with_lowering(
        model: &[u8],
        input: &Input,
        outputs: &Outputs,
        lowering: Lowering,
    ) -> Result<Self> {
        let reader = RefCell::new(None);
        let choose: Choose<'_> = &|found| {
            let (chosen, indices) =
                Reader::choose(found, outputs).map_err(|error| format!("{error:#}"))?;
            reader.replace(Some(chosen));
            Ok(indices)
        };
        let engine = Engine::with_lowering(model, input, choose, lowering)?;
        let reader = reader.into_inner();
        let reader = reader.ok_or_else(|| Error::internal("the engine asked for no outputs"))?;
        Ok(Self { engine, reader, features: None })
    }

    /// Has every batch bring these features, if the network runs in integers from end to end: else
    /// they would not be the same everywhere, and stay unknown.
    ///
    /// # Errors
    /// [`Error::ManifestInvalid`] if the network has no such tensor.
    pub fn with_features(mut self, features: Option<&Features>) -> Result<Self> {
        let Some(features) = features.filter(|_| self.is_exact()) else { return Ok(self) };
        for Level { name, tensor, channels } in &features.levels {
            let problem = match self.engine.tap(tensor) {
                Ok(tap) if tap.channels == *channels => continue,
                Ok(tap) => format!("{name} has {} channels, not {channels}", tap.channels),
                Err(error) => error.to_string(),
            };
            let problem = ManifestProblem::Features { detail: problem };
            return Err(Error::ManifestInvalid { problem });
        }
        self.features = Some(features.clone());
        Ok(self)
    }

    /// The features that every batch brings.
    pub fn features(&self) -> Option<&Features> {
        self.features.as_ref()
    }

    /// Whether every layer runs in the integer kernels.
    pub fn is_exact(&self) -> bool {
        self.fused_layers() == self.engine.layers().len()
    }

    /// Runs the network over `uint8 [n, patch, patch, 3]` pixels, RGB, patch by patch.
    ///
    /// # Errors
    /// [`Error::Internal`] if the length is no multiple of a patch; [`Error::ModelInvalid`] if the
    /// model fails at run time, or its scores are none.
    pub fn infer(&self, pixels: &[u8]) -> Result<BatchOutput> {
        let inference = self.engine.infer_with_sums(pixels)?;
        let mut values = inference.outputs.into_iter();
        let scores = values.next().unwrap_or_default();
        let mut logits = Vec::with_capacity(scores.len());
        self.reader.read(&scores, &mut logits).map_err(Error::model)?;
        let [cam_height, cam_width] = self.cam_size();
        let cam = values.next().unwrap_or_default();
        let features = self.features.as_ref();
        let features = features
            .map(|features| features.vectors(self.engine.taps(), &inference.sums))
            .unwrap_or_default();
        Ok(BatchOutput { logits, cam, cam_height, cam_width, features })
    }

    /// Runs the network as [`Model::infer`] does, for what a lesson says of places within patches:
    /// calls `see(patch, level, map)` once for each patch and level with its bytes,
    /// `[height][width][channels]`, patch after patch.
    pub(crate) fn see(
        &self,
        pixels: &[u8],
        see: &mut dyn FnMut(usize, usize, &[u8]),
    ) -> Result<()> {
        self.engine.infer_seen(pixels, see)?;
        Ok(())
    }

    /// The tensors of the levels, in their order.
    pub(crate) fn taps(&self) -> &[Tap] {
        self.engine.taps()
    }

    /// Height and width of the class-activation map; zeros if the model has none.
    fn cam_size(&self) -> [usize; 2] {
        let cam = self.engine.outputs().get(1).and_then(|output| output.shape.as_deref());
        match cam {
            Some(&[_, height, width, _]) => [height, width],
            _ => [0; 2],
        }
    }

    /// How many layers run in the int8 kernels; 0 for a float model.
    pub fn fused_layers(&self) -> usize {
        self.engine.fused_layers()
    }

    /// The part of its products that runs in the int8 kernels, 0 to 1.
    pub fn fused_share(&self) -> f64 {
        self.engine.products().share()
    }

    /// Why no layer runs in them although some could; `None` if all is as it should be.
    pub fn fallback(&self) -> Option<&str> {
        self.engine.fallback()
    }

    /// The nodes in the order in which they run, without the input.
    pub fn layers(&self) -> Vec<LayerInfo> {
        self.engine.layers()
    }
}
