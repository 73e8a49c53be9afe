//! A graph that is fused from end to end, as one program: it needs no tract to plan or to run it.
//!
//! tract's typed graph, its planner and the operators that it brings are two thirds of the browser
//! module. The int8 model uses none of them once it is lowered, so the edition of the module that
//! runs only such models is built without them (`docs/decisions/0008-two-editions.md`).
//!
//! In front of the first layer there may be a transposition of the picture and the quantisation of real
//! pixels. [`Entry`] does both while it copies.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, ensure};

use crate::input::{Dtype, Input, Layout};
use crate::kernels::{Isa, MapSize};
use crate::lower::{self, Layer, Lowered, Made, Node};
use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::{GraphProto, NodeProto};
use crate::program::entry::{Entry, Steps};
use crate::program::packed::{Constants, Packed};
use crate::program::{Exit, Step, Value};
use crate::{Choose, Output, chosen};

/// A program in parts.
pub(crate) struct ProgramParts {
    pub steps: Vec<Step>,
    pub exits: Vec<Exit>,
    /// What it hands out.
    pub outputs: Vec<Output>,
    /// How it reads a picture.
    pub entry: Entry,
}

/// The parts of the program of `lowered`, the lowered form of `graph`, whose input is called `name`,
/// on one picture, in the kernels of `isa`.
///
/// # Errors
/// Names the first node that is no fused layer, or what does not fit: the graph may still run in
/// tract's operators.
pub(crate) fn parts(
    graph: &GraphProto,
    view: &Graph<'_>,
    lowered: &Lowered<'_>,
    (name, input): (&str, &Input),
    isa: Isa,
    choose: Choose<'_>,
) -> anyhow::Result<ProgramParts> {
    // Seen before anything is packed: else a graph that goes to tract would be packed twice.
    let (steps_of_picture, pictures, layers) =
        picked(view, lowered, (name, input.dtype, input.layout))?;
    let side = input.patch_size as usize;
    let size = MapSize::new(side, side, 3)?;
    let picture = |is_real| Readable { value: Value::Input(0), size, is_real };
    let mut values: HashMap<&str, Readable> =
        pictures.into_iter().map(|(name, is_real)| (name, picture(is_real))).collect();
    let mut exits: HashMap<&str, Exit> = HashMap::new();
    let mut steps: Vec<Step> = Vec::new();
    for layer in layers {
        let step = step(layer, view, &values, isa)?;
        for (slot, output) in layer.outputs.iter().enumerate() {
            exits.insert(output, Exit { step: steps.len(), slot });
        }
        if !step.layer.is_head()
            && let Some(output) = layer.outputs.first()
        {
            let (value, is_real) = (Value::Made(steps.len()), step.layer.is_real());
            values.insert(output, Readable { value, size: step.output(), is_real });
        }
        steps.push(step);
    }
    let mut found = Vec::new();
    let mut made = Vec::new();
    for output in &graph.output {
        let exit = exits.get(output.name.as_str());
        let exit = *exit.with_context(|| format!("no layer makes the output {:?}", output.name))?;
        let step = &steps[exit.step];
        let shape = step.layer.is_head().then(|| step.slot_shape(exit.slot));
        found.push(Output { name: output.name.clone(), shape });
        made.push(exit);
    }
    let (indices, outputs) = chosen(found, choose)?;
    let exits = indices.into_iter().map(|index| made[index]).collect();
    let entry = Entry::new(input, steps_of_picture);
    Ok(ProgramParts { steps, exits, outputs, entry })
}

/// Whether `lowered` has nothing but fused layers behind its input of this name, type and layout: with
/// them it may run as a program, which only the sizes of its tensors tell for certain.
///
/// # Errors
/// As [`parts`].
#[cfg(not(feature = "tract"))]
pub(crate) fn check(
    view: &Graph<'_>,
    lowered: &Lowered<'_>,
    input: (&str, Dtype, Layout),
) -> anyhow::Result<()> {
    picked(view, lowered, input).map(drop)
}

/// A tensor that a layer may read.
#[derive(Debug, Clone, Copy)]
struct Readable {
    value: Value,
    size: MapSize,
    /// Real numbers instead of bytes.
    is_real: bool,
}

/// A tensor that is the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Form {
    layout: Layout,
    /// Bytes; else real pixels.
    is_bytes: bool,
    steps: Option<Steps>,
}

/// Of a graph that has nothing else but constants and what changes the picture: the steps to which that
/// is quantised, the tensors that layers read as the picture and whether these are real, and the layers.
type Picked<'a> = (Option<Steps>, Vec<(&'a str, bool)>, Vec<&'a Layer<'a>>);

fn picked<'a>(
    view: &Graph<'a>,
    lowered: &'a Lowered<'a>,
    (name, dtype, layout): (&'a str, Dtype, Layout),
) -> anyhow::Result<Picked<'a>> {
    let picture = Form { layout, is_bytes: dtype == Dtype::Uint8, steps: None };
    let mut forms: HashMap<&str, Form> = HashMap::from([(name, picture)]);
    let mut layers = Vec::new();
    for node in &lowered.nodes {
        let (from, to, form) = match node {
            Node::Layer(layer) => {
                layers.push(layer);
                continue;
            }
            Node::Kept(node) if node.onnx_type() == "Constant" => continue,
            Node::Kept(node) => {
                let from = node.input_at(0).unwrap_or_default();
                let form = forms.get(from).and_then(|&form| form.behind(view, node));
                (from, node.output.first().map_or("", String::as_str), form)
            }
            Node::Transposed { from, to, perm } => {
                let form = forms.get(from.as_str()).and_then(|form| form.transposed(perm));
                (from.as_str(), to.as_str(), form)
            }
        };
        let form =
            form.with_context(|| format!("what makes {to:?} of {from:?} is no fused layer"))?;
        forms.insert(to, form);
    }
    let is_read =
        |name: &&str| layers.iter().any(|layer| layer.inputs.iter().any(|input| input == name));
    let read: Vec<(&str, Form)> = forms.into_iter().filter(|(name, _)| is_read(name)).collect();
    let steps = read.first().and_then(|(_, form)| form.steps);
    let is_fit = |(_, form): &(&str, Form)| form.layout == Layout::Nhwc && form.steps == steps;
    ensure!(read.iter().all(is_fit), "layers read the picture in other forms");
    let pictures = read.into_iter().map(|(name, form)| (name, !form.is_bytes)).collect();
    Ok((steps, pictures, layers))
}

impl Form {
    /// What `node` makes of it, if that is the picture, too.
    fn behind(self, view: &Graph<'_>, node: &NodeProto) -> Option<Self> {
        match node.onnx_type() {
            "Transpose" => self.transposed(node.ints("perm")?),
            "QuantizeLinear" if !self.is_bytes => {
                Some(Self { is_bytes: true, steps: Some(lower::steps(view, node)?), ..self })
            }
            _ => None,
        }
    }

    fn transposed(self, perm: &[i64]) -> Option<Self> {
        let layout = match (self.layout, perm) {
            (Layout::Nchw, perm) if *perm == lower::TO_NHWC => Layout::Nhwc,
            (Layout::Nhwc, perm) if *perm == lower::TO_NCHW => Layout::Nchw,
            _ => return None,
        };
        Some(Self { layout, ..self })
    }
}

fn step(
    layer: &Layer<'_>,
    view: &Graph<'_>,
    values: &HashMap<&str, Readable>,
    isa: Isa,
) -> anyhow::Result<Step> {
    let name = layer.outputs.first().map_or("", String::as_str);
    let what = || format!("the layer that makes {name:?}");
    let inputs: Option<Vec<Readable>> =
        layer.inputs.iter().map(|tensor| values.get(tensor.as_str()).copied()).collect();
    let inputs = inputs.with_context(what)?;
    let size = inputs.first().with_context(what)?.size;
    ensure!(inputs.iter().all(|other| other.size == size), "{}: its inputs differ", what());
    let is_real = layer.spec.reads_reals();
    ensure!(inputs.iter().all(|input| input.is_real == is_real), "{}: of another type", what());
    let constants = || {
        let mut names = layer.constants.iter();
        let weights = names.next().and_then(|name| view.bytes(name)).with_context(what)?;
        let bias = names.next().map(|name| view.values(name).with_context(what)).transpose()?;
        Ok(Constants { weights, bias })
    };
    let packed = Packed::new(&layer.spec, size.channels(), isa, constants).with_context(what)?;
    let inputs = inputs.into_iter().map(|input| input.value).collect();
    let step = Step::new(name.into(), Arc::new(packed), inputs, size).with_context(what)?;
    let made = layer.made.clone();
    let real = made.iter().flat_map(|made| real_names(made, view)).collect();
    Ok(Step { made, real, ..step })
}

/// What the file calls the real numbers that the bytes of `made` stand for.
fn real_names(made: &Made, view: &Graph<'_>) -> Vec<String> {
    let readers = view.consumers(&made.tensor).iter().map(|&index| &view.nodes[index]);
    let same = readers.filter(|node| {
        let scale = node.input_at(1).and_then(|name| view.scalar::<f32>(name));
        let zero = node.input_at(2).map_or(Some(0), |name| view.scalar::<u8>(name));
        node.onnx_type() == "DequantizeLinear"
            && scale == Some(made.scale)
            && zero == Some(made.zero_point)
    });
    same.filter_map(|node| node.output.first().cloned()).collect()
}
