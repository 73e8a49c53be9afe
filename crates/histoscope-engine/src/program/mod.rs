//! Fused layers that run one after the other, their activations in one buffer. Knows nothing of tract.
//!
//! A model that is fused from end to end is one program ([`crate::program::whole`]); in any other graph each
//! run of neighbouring layers is one, as an operator of tract's ([`crate::planned::island`]). Nothing is
//! allocated between the layers: the buffer belongs to the thread and is kept from patch to patch.

mod arena;
pub(crate) mod layer;
pub(crate) mod packed;
pub(crate) mod whole;

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use anyhow::{bail, ensure};

use crate::kernels::scratch;
use crate::onnx::MAX_TENSOR_BYTES;
use crate::program::arena::{Life, place};
use crate::program::packed::{Nhwc, Packed};

thread_local! {
    /// The activations of whichever program runs.
    static ARENA: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// An activation, as a step finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    /// From outside: input of that index.
    Input(usize),
    /// Made by the step of that index.
    Made(usize),
}

/// One layer of a program.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Of the tensor that the layer makes.
    pub name: String,
    pub layer: Arc<Packed>,
    pub inputs: Vec<Value>,
    /// Shape of the inputs.
    pub shape: Nhwc,
    output: Nhwc,
}

impl Step {
    /// # Errors
    /// If the layer makes nothing of inputs of that shape.
    pub fn new(
        name: String,
        layer: Arc<Packed>,
        inputs: Vec<Value>,
        shape: Nhwc,
    ) -> anyhow::Result<Self> {
        let output = layer.output_shape(shape)?;
        Ok(Self { name, layer, inputs, shape, output })
    }

    pub fn output_shape(&self) -> Nhwc {
        self.output
    }

    /// Shape of what it makes in `slot`: of an activation or a head's map `[n, h, w, channels]`, of
    /// the map's mean `[n, channels]`.
    pub fn slot_shape(&self, slot: usize) -> Vec<usize> {
        let [n, h, w, c] = self.output_shape();
        if slot == 1 { vec![n, c] } else { vec![n, h, w, c] }
    }

    /// Bytes of the activation that it makes; a head makes none. `None` if no memory could hold it.
    fn bytes(&self) -> Option<usize> {
        if self.layer.is_head() {
            return Some(0);
        }
        self.output_shape().iter().try_fold(1_usize, |bytes, &side| bytes.checked_mul(side))
    }
}

/// What a program hands out: `slot` of the step of that index. Only heads have two, their map and
/// its mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Port {
    pub step: usize,
    pub slot: usize,
}

/// What a port holds, row-major.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Output<'a> {
    /// Of a head.
    Real(&'a [f32]),
    /// Of every other layer.
    #[cfg_attr(
        not(feature = "tract"),
        expect(dead_code, reason = "only a graph that goes on in tract has such outputs")
    )]
    Bytes(&'a [u8]),
}

#[derive(Debug)]
pub(crate) struct Program {
    /// In the order in which they run.
    pub steps: Vec<Step>,
    pub outputs: Vec<Port>,
    /// Where the activation of each step lies in the buffer.
    places: Vec<Range<usize>>,
    /// Bytes of the buffer: of all activations that live together.
    pub arena: usize,
}

impl Program {
    /// # Errors
    /// If its activations would take more than [`MAX_TENSOR_BYTES`].
    pub fn new(steps: Vec<Step>, outputs: Vec<Port>) -> anyhow::Result<Self> {
        let mut lives = Vec::with_capacity(steps.len());
        for (index, step) in steps.iter().enumerate() {
            let len = step.bytes().filter(|&bytes| bytes <= MAX_TENSOR_BYTES);
            let Some(len) = len else {
                bail!(
                    "the activation {} of shape {:?} is too large",
                    step.name,
                    step.output_shape()
                )
            };
            lives.push(Life { len, from: index, to: index });
        }
        for (index, step) in steps.iter().enumerate() {
            for &input in &step.inputs {
                if let Value::Made(maker) = input {
                    lives[maker].to = index;
                }
            }
        }
        for port in &outputs {
            lives[port.step].to = steps.len();
        }
        let (places, arena) = place(&lives);
        ensure!(arena <= MAX_TENSOR_BYTES, "the activations take {arena} bytes");
        Ok(Self { steps, outputs, places, arena })
    }

    /// Shape of what `port` holds.
    #[cfg(feature = "tract")]
    pub fn output_shape(&self, port: Port) -> Vec<usize> {
        self.steps[port.step].slot_shape(port.slot)
    }

    /// Whether `port` holds real numbers rather than bytes.
    pub fn is_real(&self, port: Port) -> bool {
        self.steps[port.step].layer.is_head()
    }

    /// Runs all steps on `inputs`, and calls `hand_out(index, output)` once for each output of the
    /// program, in whatever order they are made.
    ///
    /// # Errors
    /// For a step that has not the inputs that its layer takes.
    pub fn run(
        &self,
        inputs: &[&[u8]],
        hand_out: &mut dyn FnMut(usize, Output<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        scratch::with(&ARENA, self.arena, |arena| self.run_in(arena, inputs, hand_out))
    }

    fn run_in(
        &self,
        arena: &mut [u8],
        inputs: &[&[u8]],
        hand_out: &mut dyn FnMut(usize, Output<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for (index, step) in self.steps.iter().enumerate() {
            let place = &self.places[index];
            // What is read lies before or behind what is written, never in it: their lives overlap.
            let (before, rest) = arena.split_at_mut(place.start);
            let (out, behind) = rest.split_at_mut(place.len());
            let read = |value: &Value| match *value {
                Value::Input(input) => inputs[input],
                Value::Made(maker) => {
                    let at = &self.places[maker];
                    if at.end <= place.start {
                        &before[at.clone()]
                    } else {
                        &behind[at.start - place.end..at.end - place.end]
                    }
                }
            };
            match step.inputs.as_slice() {
                [x] if step.layer.is_head() => self.run_head(index, read(x), hand_out)?,
                [x] => step.layer.run(&[read(x)], step.shape, out)?,
                [a, b] => step.layer.run(&[read(a), read(b)], step.shape, out)?,
                other => bail!("a layer of {} inputs", other.len()),
            }
        }
        for (index, &port) in self.outputs.iter().enumerate() {
            if !self.is_real(port) {
                hand_out(index, Output::Bytes(&arena[self.places[port.step].clone()]))?;
            }
        }
        Ok(())
    }

    /// Runs the head that is step `index`, and hands out its map and logits.
    fn run_head(
        &self,
        index: usize,
        x: &[u8],
        hand_out: &mut dyn FnMut(usize, Output<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let step = &self.steps[index];
        let [n, h, w, classes] = step.output_shape();
        let mut map = vec![0.0; n * h * w * classes];
        let mut logits = vec![0.0; n * classes];
        step.layer.run_head(x, n, &mut map, &mut logits)?;
        for (output, port) in self.outputs.iter().enumerate() {
            if port.step == index {
                hand_out(output, Output::Real(if port.slot == 1 { &logits } else { &map }))?;
            }
        }
        Ok(())
    }
}
