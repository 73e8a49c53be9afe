//! Finds the islands: which nodes of the graph make one fused layer together.

use std::collections::HashMap;

use super::{Island, Quantised, TO_NCHW, TO_NHWC};
use crate::kernels::{ConvShape, InputQuant, accumulator_fits};
use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::NodeProto;
use crate::program::layer::{AddSpec, ConvSpec, HeadSpec, LayerSpec};

struct Matcher<'g, 'a> {
    graph: &'g Graph<'a>,
    /// Greatest value of a quantised tensor, where it is known to be below 255.
    greatest: HashMap<&'a str, u8>,
}

/// Islands of `graph` by the index of the node that they replace.
pub(super) fn islands<'a>(graph: &Graph<'a>) -> HashMap<usize, Island<'a>> {
    let mut matcher = Matcher { graph, greatest: HashMap::new() };
    let mut islands = HashMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let island = match node.onnx_type() {
            "QuantizeLinear" => matcher.quantised_island(node),
            "Conv" => matcher.head(node),
            _ => None,
        };
        if let Some(island) = island {
            islands.insert(index, island);
        }
    }
    islands
}

impl<'a> Matcher<'_, 'a> {
    /// Scale and zero point of a per-tensor `uint8` QuantizeLinear or DequantizeLinear.
    fn parameters(&self, node: &'a NodeProto) -> Option<(f32, u8)> {
        let scale: f32 = self.graph.scalar(node.input_at(1)?)?;
        let zero_point = match node.input_at(2) {
            Some(name) => self.graph.scalar(name)?,
            None => 0,
        };
        (scale.is_finite() && scale > 0.0).then_some((scale, zero_point))
    }

    /// `float` as a dequantised tensor, perhaps through the Transpose behind an NHWC input.
    fn dequantised(&self, float: &'a str) -> Option<Quantised<'a>> {
        let (float, is_nhwc) = match self.graph.producer(float, "Transpose") {
            Some(transpose) if transpose.ints("perm") == Some(&TO_NCHW) => {
                (transpose.input_at(0)?, true)
            }
            _ => (float, false),
        };
        let node = self.graph.producer(float, "DequantizeLinear")?;
        let (scale, zero_point) = self.parameters(node)?;
        let tensor = node.input_at(0)?;
        // Without a zero point the type is the tensor's own, which only its maker tells; the
        // graph's input is always uint8. What is constant has no maker that could lay it out anew.
        let is_uint8 = node.input_at(2).is_some()
            || self.graph.producer_index(tensor).is_none()
            || self
                .graph
                .producer(tensor, "QuantizeLinear")
                .and_then(|q| self.parameters(q))
                .is_some();
        if !is_uint8 || self.graph.shape(tensor).is_some() {
            return None;
        }
        // Pads have the value of the zero point, which no Clip bounds.
        let max = self.greatest.get(tensor).copied().unwrap_or(u8::MAX).max(zero_point);
        let quant = InputQuant::new(zero_point, max).ok()?;
        Some(Quantised { tensor, is_nhwc, scale, quant })
    }

    fn quantised_island(&mut self, quantize: &'a NodeProto) -> Option<Island<'a>> {
        let (scale, zero_point) = self.parameters(quantize)?;
        let output = quantize.output.first()?.as_str();
        let (float, low, high) = self.clipped(quantize.input_at(0)?)?;
        // What a real bound is as a quantised value; infinite bounds end at 0 and 255. QuantizeLinear
        // rounds before it adds the zero point.
        let bound = |real: f32| {
            ((real / scale).round_ties_even() + f32::from(zero_point)).clamp(0.0, 255.0) as u8
        };
        let range = (bound(low), bound(high));
        // Whether or not the node is fused, its output obeys the Clip.
        self.greatest.insert(output, range.1);
        let island = if let Some(conv) = self.graph.producer(float, "Conv") {
            self.conv(conv, scale, zero_point, range)
        } else {
            self.add(self.graph.producer(float, "Add")?, scale, zero_point, range)
        }?;
        Some(Island { outputs: vec![output], ..island })
    }

    /// The tensor before a Clip or Relu, with the real bounds; without one, unbounded.
    fn clipped(&self, float: &'a str) -> Option<(&'a str, f32, f32)> {
        if let Some(relu) = self.graph.producer(float, "Relu") {
            return Some((relu.input_at(0)?, 0.0, f32::INFINITY));
        }
        let Some(clip) = self.graph.producer(float, "Clip") else {
            return Some((float, f32::NEG_INFINITY, f32::INFINITY));
        };
        let bound = |input: usize, absent: f32| match clip.input_at(input) {
            Some(name) => self.graph.scalar(name),
            None => Some(absent),
        };
        let (low, high) = (bound(1, f32::NEG_INFINITY)?, bound(2, f32::INFINITY)?);
        // Before opset 11 the bounds were attributes; those models keep tract's operators.
        (clip.attribute.is_empty() && low <= high).then_some((clip.input_at(0)?, low, high))
    }

    fn conv(
        &self,
        conv: &'a NodeProto,
        scale: f32,
        zero_point: u8,
        (min, max): (u8, u8),
    ) -> Option<Island<'a>> {
        let (input, spec, scales, constants) = self.convolution(conv)?;
        let multiplier = scales.iter().map(|step| (step / f64::from(scale)) as f32).collect();
        Some(Island {
            spec: LayerSpec::Conv(ConvSpec { multiplier, zero_point, min, max, ..spec }),
            inputs: vec![input],
            constants,
            outputs: vec![],
        })
    }

    /// What every quantised convolution has: its input, geometry, the real value of one step of
    /// each output channel's accumulator, and the names of its integer constants.
    fn convolution(
        &self,
        conv: &'a NodeProto,
    ) -> Option<(Quantised<'a>, ConvSpec, Vec<f64>, Vec<&'a str>)> {
        let input = self.dequantised(conv.input_at(0)?)?;
        let weights = self.graph.producer(conv.input_at(1)?, "DequantizeLinear")?;
        let weights_name = weights.input_at(0)?;
        let shape = self.graph.shape(weights_name)?;
        let &[cout, cin_per_group, kh, kw] = shape.as_slice() else { return None };
        let group = usize::try_from(conv.int("group").unwrap_or(1)).ok()?;
        let dense = group == 1;
        let depthwise = group == cout && cin_per_group == 1;
        if !dense && !depthwise || cout == 0 || cin_per_group == 0 || kh * kw == 0 {
            return None;
        }
        let values: Vec<i8> = self.graph.values(weights_name)?;
        let weight_scales = self.symmetric_scales(weights, cout)?;
        let steps: Vec<f64> =
            weight_scales.iter().map(|&w| f64::from(input.scale) * f64::from(w)).collect();

        let mut constants = vec![weights_name];
        let mut bias = vec![0; cout];
        if let Some(name) = conv.input_at(2) {
            let node = self.graph.producer(name, "DequantizeLinear")?;
            let bias_scales = self.symmetric_scales(node, cout)?;
            // The accumulator has one scale: a bias in another one cannot be added to it.
            let close = |(&b, step): (&f32, &f64)| (f64::from(b) / step - 1.0).abs() < 1e-4;
            if !bias_scales.iter().zip(&steps).all(close) {
                return None;
            }
            let name = node.input_at(0)?;
            bias = self.graph.values::<i32>(name)?;
            constants.push(name);
        }
        if bias.len() != cout || !accumulator_fits(&values, &bias, input.quant) {
            return None;
        }

        let pair = |name: &str, absent: [usize; 2]| match conv.ints(name) {
            None => Some(absent),
            Some(&[a, b]) => Some([usize::try_from(a).ok()?, usize::try_from(b).ok()?]),
            Some(_) => None,
        };
        let pads = match conv.ints("pads") {
            None => [0; 4],
            Some(&[top, left, bottom, right]) => {
                let mut pads = [0; 4];
                for (pad, value) in pads.iter_mut().zip([top, left, bottom, right]) {
                    *pad = usize::try_from(value).ok()?;
                }
                pads
            }
            Some(_) => return None,
        };
        let strides = pair("strides", [1, 1])?;
        let explicit = conv.attribute.iter().all(|a| a.name != "auto_pad" || a.s == b"NOTSET");
        // What the kernels do not take, tract's operators may.
        let sensible = ConvShape::new([kh, kw], strides, pads).is_ok();
        if pair("dilations", [1, 1])? != [1, 1] || !explicit || !sensible {
            return None;
        }
        let spec = ConvSpec {
            depthwise: depthwise && !dense,
            kernel: [kh, kw],
            strides,
            pads,
            input: input.quant,
            multiplier: vec![],
            zero_point: 0,
            min: 0,
            max: 0,
        };
        Some((input, spec, steps, constants))
    }

    /// Scales of a symmetric DequantizeLinear along axis 0, one for each of `channels`.
    fn symmetric_scales(&self, node: &'a NodeProto, channels: usize) -> Option<Vec<f32>> {
        if let Some(zero_point) = node.input_at(2) {
            let is_zero = self
                .graph
                .values::<i8>(zero_point)
                .map(|values| values.iter().all(|&v| v == 0))
                .or_else(|| Some(self.graph.values::<i32>(zero_point)?.iter().all(|&v| v == 0)))?;
            if !is_zero {
                return None;
            }
        }
        let scales: Vec<f32> = self.graph.values(node.input_at(1)?)?;
        let scales = match scales.len() {
            1 => vec![scales[0]; channels],
            // Along another axis the scales would belong to the input channels.
            n if n == channels && node.int("axis").unwrap_or(1) == 0 => scales,
            _ => return None,
        };
        scales.iter().all(|s| s.is_finite() && *s > 0.0).then_some(scales)
    }

    fn add(
        &self,
        add: &'a NodeProto,
        scale: f32,
        zero_point: u8,
        (min, max): (u8, u8),
    ) -> Option<Island<'a>> {
        let a = self.dequantised(add.input_at(0)?)?;
        let b = self.dequantised(add.input_at(1)?)?;
        if a.is_nhwc || b.is_nhwc {
            return None;
        }
        Some(Island {
            spec: LayerSpec::Add(AddSpec {
                a: (a.quant.zero_point(), a.scale),
                b: (b.quant.zero_point(), b.scale),
                scale,
                zero_point,
                min,
                max,
            }),
            inputs: vec![a, b],
            constants: vec![],
            outputs: vec![],
        })
    }

    /// A classifier whose convolution is read by nothing but the map and the logits.
    fn head(&self, conv: &'a NodeProto) -> Option<Island<'a>> {
        let float = conv.output.first()?.as_str();
        let (mut map, mut logits) = ("", "");
        if self.graph.is_output(float) {
            return None;
        }
        for &consumer in self.graph.consumers(float) {
            let node = &self.graph.nodes[consumer];
            let output = node.output.first()?.as_str();
            let axes = |node: &NodeProto| match node.input_at(1) {
                Some(name) => self.graph.values::<i64>(name),
                None => node.ints("axes").map(<[i64]>::to_vec),
            };
            match node.onnx_type() {
                "Transpose" if map.is_empty() && node.ints("perm") == Some(&TO_NHWC) => {
                    map = output;
                }
                "ReduceMean"
                    if logits.is_empty()
                        && node.int("keepdims") == Some(0)
                        && matches!(axes(node)?.as_slice(), [2, 3] | [-2, -1]) =>
                {
                    logits = output;
                }
                _ => return None,
            }
        }
        if logits.is_empty() {
            return None;
        }
        let (input, spec, scales, constants) = self.convolution(conv)?;
        if spec.depthwise || (spec.kernel, spec.strides, spec.pads) != ([1, 1], [1, 1], [0; 4]) {
            return None;
        }
        let scale = scales.iter().map(|&step| step as f32).collect();
        Some(Island {
            spec: LayerSpec::Head(HeadSpec { input: spec.input, scale }),
            inputs: vec![input],
            constants,
            outputs: vec![map, logits],
        })
    }
}
