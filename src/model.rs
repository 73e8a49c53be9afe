//! A network whose outputs are the logits of two classes and, perhaps, their map over the patch.

use std::cell::RefCell;

use histoscope_engine::{Choose, Engine, LayerInfo, Lowering};

use crate::error::{Error, Result};
use crate::manifest::{Input, Outputs};
use crate::scores::Reader;

/// What the model says of the patches of one batch, two classes each.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchOutput {
    /// `[n, 2]`.
    pub logits: Vec<f32>,
    /// Class-activation map `[n, cam_height, cam_width, 2]`; its mean over height and width is the
    /// logits. Empty if the model has no such output.
    pub cam: Vec<f32>,
    /// 0 without a map.
    pub cam_height: usize,
    /// 0 without a map.
    pub cam_width: usize,
}

/// A network that is ready to run, and how its scores are read.
#[derive(Debug)]
pub struct Model {
    engine: Engine,
    reader: Reader,
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
        Ok(Self { engine, reader })
    }

    /// Runs the network over `uint8 [n, patch, patch, 3]` pixels, RGB, patch by patch.
    ///
    /// # Errors
    /// [`Error::Internal`] if the length is no multiple of a patch; [`Error::ModelInvalid`] if the
    /// model fails at run time, or its scores are none.
    pub fn infer(&self, pixels: &[u8]) -> Result<BatchOutput> {
        let mut values = self.engine.infer(pixels)?.into_iter();
        let scores = values.next().unwrap_or_default();
        let mut logits = Vec::with_capacity(scores.len());
        self.reader.read(&scores, &mut logits).map_err(Error::model)?;
        let [cam_height, cam_width] = self.cam_size();
        Ok(BatchOutput { logits, cam: values.next().unwrap_or_default(), cam_height, cam_width })
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

    /// The nodes in the order in which they run, without the input.
    pub fn layers(&self) -> Vec<LayerInfo> {
        self.engine.layers()
    }
}
