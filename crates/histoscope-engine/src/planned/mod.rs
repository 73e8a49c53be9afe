//! A graph that tract types, plans and runs, fused layers in it or not.

mod attention;
mod biases;
mod bounded;
mod budget;
mod composed;
mod converter;
mod divisions;
mod forms;
mod half;
mod island;
pub(crate) mod notation;
mod parsers;
mod products;
mod ranks;
pub(crate) mod refusal;
mod rounding;
mod tables;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use prost::Message;
use tract_onnx::Onnx;
use tract_onnx::pb;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_hir::infer::{InferenceFact, InferenceModelExt};

use self::island::Island;
use crate::input::{Input, InputProblem, Normalisation};
use crate::onnx::proto::NodeProto;
use crate::planned::converter::Converter;
use crate::{Choose, LayerInfo, Output, Products, chosen, fused_layer_info};

/// Pictures that go through a layer together. One picture's activations stay in the cache between
/// layers; a whole batch's would not.
const PICTURES_PER_PASS: usize = 1;

#[derive(Debug)]
pub(crate) struct Planned {
    plan: Arc<TypedRunnableModel>,
    converter: Converter,
    products: Products,
    /// The input of the last pass, to be filled again.
    input: Mutex<Option<Tensor>>,
}

impl Planned {
    /// Types and plans an ONNX file, lowered or not, that reads `input`; also returns the outputs
    /// that were chosen.
    ///
    /// # Errors
    /// Where an operator is not known, or shapes or types do not fit.
    pub(crate) fn new(
        file: &[u8],
        input: &Input,
        choose: Choose<'_>,
    ) -> TractResult<(Self, Vec<Output>)> {
        let converter = Converter::new(input);
        let (mut model, outputs) = typed(file, &converter, choose)?;
        let products = products::of(&model);
        tables::look_up(&mut model)?;
        island::gather(&mut model)?;
        let plan = model.into_optimized()?.into_runnable()?;
        Ok((Self { plan, converter, products, input: Mutex::new(None) }, outputs))
    }

    /// As [`crate::Engine::rescale`].
    ///
    /// # Errors
    /// Why these numbers cannot be.
    pub(crate) fn rescale(&mut self, normalisation: Normalisation) -> Result<(), InputProblem> {
        let input = self.converter.rescaled(normalisation);
        input.check()?;
        self.converter = Converter::new(&input);
        Ok(())
    }

    /// One pass over `uint8 [side, side, 3]` pixels; `hand_out(index, values)` gets the outputs that
    /// were chosen.
    ///
    /// # Errors
    /// Whatever an operator finds wrong at run time.
    pub(crate) fn run(
        &self,
        picture: &[u8],
        hand_out: &mut dyn FnMut(usize, &[f32]),
    ) -> TractResult<()> {
        // Two threads that share an engine do not share the tensor: the second makes one of its own.
        let kept = self.input.try_lock().ok().and_then(|mut kept| kept.take());
        let mut input = match kept {
            Some(tensor) => tensor,
            None => Tensor::zero_dt(
                self.converter.datum_type(),
                &self.converter.shape(PICTURES_PER_PASS),
            )?,
        };
        self.converter.fill(picture, &mut input)?;
        let input = Arc::new(input);
        let results = self.plan.run(tvec![TValue::from_const(input.clone())])?;
        // The plan has let go of it, unless the model hands its input out again.
        if let (Some(tensor), Ok(mut kept)) = (Arc::into_inner(input), self.input.try_lock()) {
            *kept = Some(tensor);
        }
        for (index, result) in results.iter().enumerate() {
            hand_out(index, result.try_as_plain_ram()?.as_slice::<f32>()?);
        }
        Ok(())
    }

    /// What a pass multiplies.
    pub(crate) fn products(&self) -> Products {
        self.products
    }

    /// The planned nodes in the order in which they run, without the input.
    pub(crate) fn layers(&self) -> Vec<LayerInfo> {
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

fn typed(
    mut file: &[u8],
    converter: &Converter,
    choose: Choose<'_>,
) -> TractResult<(TypedModel, Vec<Output>)> {
    let op_register = parsers::all();
    // What exporters write of the tensors between is for people: they name sizes by symbols that
    // are numbers here, each exporter in its own way.
    let framework = Onnx { op_register, ignore_value_info: true, ..Onnx::default() };
    let mut proto = framework.proto_model_for_read(&mut file)?;
    let opset = opset(&proto);
    check(proto.graph.as_ref().context("the file holds no graph")?)?;
    forms::rewrite(proto.graph.as_mut().context("the file holds no graph")?, opset)?;
    let graph = proto.graph.as_ref().context("the file holds no graph")?;
    let names = graph.output.iter().map(|output| output.name.as_str());
    let fact = InferenceFact::dt_shape(converter.datum_type(), converter.shape(PICTURES_PER_PASS));
    let mut model = framework.model_for_proto_model(&proto)?.with_input_fact(0, fact)?;
    bounded::bound(&mut model, graph)?;
    let mut model = model.into_typed()?;
    budget::check(&model)?;

    let outlets = model.output_outlets()?.to_vec();
    let mut found = Vec::new();
    for (name, &outlet) in names.zip(&outlets) {
        let fact = model.outlet_fact(outlet)?;
        let shape = fact.shape.as_concrete().map(<[usize]>::to_vec);
        let shape = shape.filter(|_| fact.datum_type == f32::datum_type());
        found.push(Output { name: name.into(), shape });
    }
    let (indices, outputs) = chosen(found, choose)?;
    let chosen: TVec<OutletId> = indices.into_iter().map(|index| outlets[index]).collect();
    model.select_output_outlets(&chosen)?;
    divisions::check(&model)?;
    Ok((model, outputs))
}

/// Version of ONNX's own operators; that there is one was checked when the file was read.
fn opset(proto: &pb::ModelProto) -> i64 {
    let own = |opset: &&pb::OperatorSetIdProto| matches!(&*opset.domain, "" | "ai.onnx");
    proto.opset_import.iter().find(own).map_or(0, |opset| opset.version)
}

/// Refuses what tract would read as something else, or stumble over.
fn check(graph: &pb::GraphProto) -> TractResult<()> {
    // Constants have been checked, and are the larger part of a file.
    let is_constant = |node: &&pb::NodeProto| node.op_type == "Constant" && node.domain.is_empty();
    let nodes = graph.node.iter().filter(|node| !is_constant(node));
    let nodes: Vec<NodeProto> =
        nodes.map(|node| NodeProto::decode(&*node.encode_to_vec())).collect::<Result<_, _>>()?;
    if let Some(problem) = refusal::problem(&nodes) {
        bail!(problem);
    }
    let made: HashSet<&str> = graph
        .node
        .iter()
        .flat_map(|node| &node.output)
        .chain(graph.input.iter().map(|input| &input.name))
        .chain(graph.initializer.iter().map(|tensor| &tensor.name))
        .map(String::as_str)
        .collect();
    if let Some(output) = graph.output.iter().find(|output| !made.contains(&*output.name)) {
        bail!("nothing makes its output {:?}", output.name);
    }
    Ok(())
}
