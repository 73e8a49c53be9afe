//! Fused layers that run one after the other, their activations in one buffer. Knows nothing of tract.
//!
//! A model that is fused from end to end is one program ([`crate::program::whole`]); in any other graph each
//! run of neighbouring layers is one, as an operator of tract's ([`crate::planned::island`]). Nothing is
//! allocated between the layers: the buffer belongs to the thread and is kept from patch to patch.

mod arena;
pub(crate) mod entry;
pub(crate) mod layer;
pub(crate) mod packed;
mod pooled;
pub(crate) mod taps;
pub(crate) mod whole;

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use anyhow::{bail, ensure};

use crate::kernels::{MapSize, reals, scratch};
use crate::lower::Made;
use crate::onnx::MAX_TENSOR_BYTES;
use crate::program::arena::{Life, place};
use crate::program::packed::Packed;

/// Most products and sums of a pass: more would take seconds a picture. ResNet-152 has 11.5 billion.
pub const MAX_COST: u64 = 100_000_000_000;

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
    /// The tensor of the file that it makes, where that is known.
    pub made: Option<Made>,
    /// What the file calls the real numbers that its bytes stand for.
    pub real: Vec<String>,
    /// Size of each input.
    size: MapSize,
    output: MapSize,
}

impl Step {
    /// A layer that reads `inputs`, each of size `size`.
    ///
    /// # Errors
    /// If the layer makes nothing of inputs of that size.
    pub(crate) fn new(
        name: String,
        layer: Arc<Packed>,
        inputs: Vec<Value>,
        size: MapSize,
    ) -> anyhow::Result<Self> {
        let output = layer.output(size)?;
        Ok(Self { name, layer, inputs, made: None, real: vec![], size, output })
    }

    /// Size of the activation, or of a head's map.
    pub(crate) fn output(&self) -> MapSize {
        self.output
    }

    /// Bytes of the activation; a head makes none.
    fn bytes(&self) -> usize {
        match (self.layer.is_head(), self.layer.is_real()) {
            (true, _) => 0,
            (false, true) => self.output.len().saturating_mul(size_of::<f32>()),
            (false, false) => self.output.len(),
        }
    }

    /// Shape of what it makes in `slot`: of an activation or a head's map `[1, h, w, channels]`, of
    /// the map's mean `[1, channels]`.
    pub(crate) fn slot_shape(&self, slot: usize) -> Vec<usize> {
        let output = self.output;
        if slot == 1 {
            vec![1, output.channels()]
        } else {
            vec![1, output.height(), output.width(), output.channels()]
        }
    }
}

/// What a program hands out: `slot` of the step of that index. Only heads have two, their map and
/// its mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Exit {
    pub step: usize,
    pub slot: usize,
}

/// What is handed out, row-major.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Elements<'a> {
    /// Of a head, or of a layer that makes real numbers.
    Real(&'a [f32]),
    /// Of every other layer.
    Bytes(&'a [u8]),
}

#[derive(Debug)]
pub(crate) struct Program {
    /// In the order in which they run.
    pub steps: Vec<Step>,
    pub outputs: Vec<Exit>,
    /// Where the activation of each step lies in the buffer.
    places: Vec<Range<usize>>,
    /// Bytes of the buffer: of all activations that live together.
    pub arena: usize,
}

impl Program {
    /// A program of those of `steps` that `outputs` need.
    ///
    /// # Errors
    /// If its activations would take more than [`MAX_TENSOR_BYTES`], or it would take longer than
    /// [`MAX_COST`] allows.
    pub(crate) fn new(steps: Vec<Step>, outputs: Vec<Exit>) -> anyhow::Result<Self> {
        let (steps, outputs) = needed(steps, outputs);
        let cost =
            steps.iter().map(|step| step.layer.cost(step.output)).fold(0, u64::saturating_add);
        ensure!(cost <= MAX_COST, "a pass takes {cost} products, the limit is {MAX_COST}");
        let most = steps.iter().map(Step::bytes).max().unwrap_or(0);
        ensure!(most <= MAX_TENSOR_BYTES, "an activation takes {most} bytes");
        let mut lives: Vec<Life> = (steps.iter().enumerate())
            .map(|(index, step)| Life { len: step.bytes(), from: index, to: index })
            .collect();
        for (index, step) in steps.iter().enumerate() {
            for &input in &step.inputs {
                if let Value::Made(maker) = input {
                    lives[maker].to = index;
                }
            }
        }
        let (places, arena) = place(&lives);
        ensure!(arena <= MAX_TENSOR_BYTES, "the activations take {arena} bytes");
        Ok(Self { steps, outputs, places, arena })
    }

    /// Products of a pass.
    pub(crate) fn products(&self) -> u64 {
        let of_step = |step: &Step| step.layer.products(step.output);
        self.steps.iter().map(of_step).fold(0, u64::saturating_add)
    }

    /// Has the activation that the file calls `tensor`, or whose real numbers it calls so, handed
    /// out, too, behind all other outputs. Returns its size and what its bytes mean; `None` if no
    /// layer that runs makes it.
    pub(crate) fn hand_out_too(&mut self, tensor: &str) -> Option<(MapSize, &Made)> {
        let makes = |step: &Step| {
            step.made.as_ref().is_some_and(|made| made.tensor == tensor)
                || step.real.iter().any(|name| name == tensor)
        };
        let step = self.steps.iter().position(makes)?;
        self.outputs.push(Exit { step, slot: 0 });
        let Step { output, made, .. } = &self.steps[step];
        Some((*output, made.as_ref()?))
    }

    /// Shape of what `exit` holds.
    #[cfg(feature = "tract")]
    pub(crate) fn output_shape(&self, exit: Exit) -> Vec<usize> {
        self.steps[exit.step].slot_shape(exit.slot)
    }

    /// Whether `exit` holds real numbers rather than bytes.
    #[cfg(feature = "tract")]
    pub(crate) fn is_real(&self, exit: Exit) -> bool {
        let layer = &self.steps[exit.step].layer;
        layer.is_head() || layer.is_real()
    }

    /// Runs all steps on `inputs`, of which real numbers have four bytes each, and calls `hand_out(index, output)` once for each output of the
    /// program, in whatever order they are made.
    ///
    /// # Errors
    /// For a step that has not the inputs that its layer takes.
    pub(crate) fn run(
        &self,
        inputs: &[&[u8]],
        hand_out: &mut dyn FnMut(usize, Elements<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        scratch::with(&ARENA, self.arena, |arena| self.run_in(arena, inputs, hand_out))
    }

    fn run_in(
        &self,
        arena: &mut [u8],
        inputs: &[&[u8]],
        hand_out: &mut dyn FnMut(usize, Elements<'_>) -> anyhow::Result<()>,
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
                [x] => step.layer.run(&[read(x)], step.size, out)?,
                [a, b] => step.layer.run(&[read(a), read(b)], step.size, out)?,
                other => bail!("a layer of {} inputs", other.len()),
            }
            if step.layer.is_head() {
                continue;
            }
            // At once, while it is in the cache and nothing else needs its room.
            for (output, _) in
                self.outputs.iter().enumerate().filter(|(_, exit)| exit.step == index)
            {
                let elements = if step.layer.is_real() {
                    Elements::Real(reals::of(out))
                } else {
                    Elements::Bytes(out)
                };
                hand_out(output, elements)?;
            }
        }
        Ok(())
    }

    /// Runs the head that is step `index`, and hands out its map and logits.
    fn run_head(
        &self,
        index: usize,
        x: &[u8],
        hand_out: &mut dyn FnMut(usize, Elements<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let step = &self.steps[index];
        let mut map = vec![0.0; step.output.len()];
        let mut logits = vec![0.0; step.output.channels()];
        step.layer.run_head(x, &mut map, &mut logits)?;
        for (output, exit) in self.outputs.iter().enumerate() {
            if exit.step == index {
                hand_out(output, Elements::Real(if exit.slot == 1 { &logits } else { &map }))?;
            }
        }
        Ok(())
    }
}

/// Those of `steps` that `outputs` need, renumbered.
fn needed(steps: Vec<Step>, outputs: Vec<Exit>) -> (Vec<Step>, Vec<Exit>) {
    let mut is_needed = vec![false; steps.len()];
    for exit in &outputs {
        is_needed[exit.step] = true;
    }
    // Every step reads from earlier ones.
    for (index, step) in steps.iter().enumerate().rev() {
        if is_needed[index] {
            for input in &step.inputs {
                if let &Value::Made(maker) = input {
                    is_needed[maker] = true;
                }
            }
        }
    }
    let mut number = vec![0; steps.len()];
    let mut kept = Vec::new();
    for (index, mut step) in steps.into_iter().enumerate() {
        if is_needed[index] {
            for input in &mut step.inputs {
                if let Value::Made(maker) = input {
                    *maker = number[*maker];
                }
            }
            number[index] = kept.len();
            kept.push(step);
        }
    }
    let outputs =
        outputs.into_iter().map(|exit| Exit { step: number[exit.step], ..exit }).collect();
    (kept, outputs)
}
