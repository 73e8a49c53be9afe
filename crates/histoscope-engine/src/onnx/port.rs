//! What an ONNX graph declares of its inputs and outputs.

use std::fmt;

use serde::Serialize;

use crate::onnx::proto::ValueInfoProto;

/// A graph's input or output, as far as the file declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Port {
    /// As the file names it.
    pub name: String,
    /// As ONNX names it, in lower case: "float32", "uint8"; "unknown" if the file does not say.
    pub dtype: &'static str,
    /// `None` as a dimension fits anything; `None` as a whole is a shape of any rank.
    pub shape: Option<Vec<Option<u64>>>,
}

impl Port {
    pub(crate) fn of(info: &ValueInfoProto) -> Self {
        let tensor = info.r#type.as_ref().and_then(|r#type| r#type.tensor_type.as_ref());
        let shape = tensor.and_then(|tensor| tensor.shape.as_ref()).map(|shape| {
            let size = |size: i64| u64::try_from(size).ok().filter(|&size| size > 0);
            shape.dim.iter().map(|dim| dim.dim_value.and_then(size)).collect()
        });
        let dtype = tensor.map_or("unknown", |tensor| dtype_name(tensor.elem_type));
        Self { name: info.name.clone(), dtype, shape }
    }

    /// Size along an axis, if it is declared.
    pub(crate) fn dim(&self, axis: usize) -> Option<u64> {
        *self.shape.as_ref()?.get(axis)?
    }

    /// Whether a tensor of this type and shape may be one of this port; where it takes halves, it
    /// takes singles.
    pub(crate) fn takes(&self, dtype: &str, shape: &[usize]) -> bool {
        let is_half = dtype == "float32" && matches!(self.dtype, "float16" | "bfloat16");
        (self.dtype == dtype || self.dtype == "unknown" || is_half)
            && self.shape.as_ref().is_none_or(|dims| {
                dims.len() == shape.len()
                    && dims
                        .iter()
                        .zip(shape)
                        .all(|(dim, &size)| dim.is_none_or(|dim| dim == size as u64))
            })
    }
}

/// An output of a graph, and what makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputPort {
    /// What the file declares of it.
    #[serde(flatten)]
    pub port: Port,
    /// The operator that makes it, such as "Softmax"; "" if no node does.
    pub made_by: String,
}

impl fmt::Display for Port {
    /// As `float32 [N, 3, 224, 224]`; what is not declared is `N` or `?`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(shape) = &self.shape else { return write!(f, "{} of any shape", self.dtype) };
        let dims = shape.iter().enumerate().map(|(axis, dim)| match dim {
            Some(size) => size.to_string(),
            None => if axis == 0 { "N" } else { "?" }.into(),
        });
        write!(f, "{} [{}]", self.dtype, dims.collect::<Vec<_>>().join(", "))
    }
}

/// As ONNX names it, in lower case.
fn dtype_name(elem_type: i32) -> &'static str {
    match elem_type {
        0 => "unknown",
        1 => "float32",
        2 => "uint8",
        3 => "int8",
        4 => "uint16",
        5 => "int16",
        6 => "int32",
        7 => "int64",
        8 => "string",
        9 => "bool",
        10 => "float16",
        11 => "float64",
        16 => "bfloat16",
        _ => "of another type",
    }
}
