//! The part of the ONNX file format that classifiers use, to read networks and to write them.
//!
//! `tract_onnx::pb` has all of it, but one symbol of that crate makes the linker take in all of tract, whose kernels
//! register themselves at start: the small edition of the browser module would be as large as the general one. What
//! is missing here (local functions, sparse tensors, types other than tensors) is dropped in reading; a graph that
//! needs it runs from its own bytes, in tract.
//!
//! Names, tags and types are those of `onnx.proto3`, <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3>.

#![expect(missing_docs, reason = "what each message and field means is said there")]

use prost::{Enumeration, Message};

#[derive(Clone, PartialEq, Message)]
pub struct ModelProto {
    #[prost(int64, tag = "1")]
    pub ir_version: i64,
    #[prost(string, tag = "2")]
    pub producer_name: String,
    #[prost(string, tag = "3")]
    pub producer_version: String,
    #[prost(message, optional, tag = "7")]
    pub graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<OperatorSetIdProto>,
    #[prost(message, repeated, tag = "14")]
    pub metadata_props: Vec<StringStringEntryProto>,
}

#[derive(Clone, PartialEq, Message)]
pub struct OperatorSetIdProto {
    #[prost(string, tag = "1")]
    pub domain: String,
    #[prost(int64, tag = "2")]
    pub version: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<NodeProto>,
    #[prost(string, tag = "2")]
    pub name: String,
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "13")]
    pub value_info: Vec<ValueInfoProto>,
}

#[derive(Clone, PartialEq, Message)]
pub struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    #[prost(string, tag = "3")]
    pub name: String,
    #[prost(string, tag = "4")]
    pub op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<AttributeProto>,
    #[prost(string, tag = "7")]
    pub domain: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct AttributeProto {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(float, tag = "2")]
    pub f: f32,
    #[prost(int64, tag = "3")]
    pub i: i64,
    #[prost(bytes = "vec", tag = "4")]
    pub s: Vec<u8>,
    #[prost(message, optional, tag = "5")]
    pub t: Option<TensorProto>,
    #[prost(message, optional, tag = "6")]
    pub g: Option<GraphProto>,
    #[prost(float, repeated, tag = "7")]
    pub floats: Vec<f32>,
    #[prost(int64, repeated, tag = "8")]
    pub ints: Vec<i64>,
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub strings: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "10")]
    pub tensors: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    pub graphs: Vec<GraphProto>,
    /// An [`AttributeType`].
    #[prost(enumeration = "AttributeType", tag = "20")]
    pub r#type: i32,
}

/// Those that the engine writes, and small networks have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum AttributeType {
    Undefined = 0,
    Float = 1,
    Int = 2,
    String = 3,
    Tensor = 4,
    Floats = 6,
    Ints = 7,
}

#[derive(Clone, PartialEq, Message)]
pub struct ValueInfoProto {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<TypeProto>,
}

/// The only member of its oneof that image classifiers have.
#[derive(Clone, PartialEq, Message)]
pub struct TypeProto {
    #[prost(message, optional, tag = "1")]
    pub tensor_type: Option<TensorTypeProto>,
}

#[derive(Clone, PartialEq, Message)]
pub struct TensorTypeProto {
    /// A [`DataType`].
    #[prost(int32, tag = "1")]
    pub elem_type: i32,
    #[prost(message, optional, tag = "2")]
    pub shape: Option<TensorShapeProto>,
}

#[derive(Clone, PartialEq, Message)]
pub struct TensorShapeProto {
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

/// A number, a symbol, or neither: a oneof in the format, where nobody sets both.
#[derive(Clone, PartialEq, Message)]
pub struct Dimension {
    #[prost(int64, optional, tag = "1")]
    pub dim_value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub dim_param: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    /// A [`DataType`].
    #[prost(int32, tag = "2")]
    pub data_type: i32,
    #[prost(float, repeated, tag = "4")]
    pub float_data: Vec<f32>,
    #[prost(int32, repeated, tag = "5")]
    pub int32_data: Vec<i32>,
    #[prost(bytes = "vec", repeated, tag = "6")]
    pub string_data: Vec<Vec<u8>>,
    #[prost(int64, repeated, tag = "7")]
    pub int64_data: Vec<i64>,
    #[prost(string, tag = "8")]
    pub name: String,
    #[prost(bytes = "vec", tag = "9")]
    pub raw_data: Vec<u8>,
    #[prost(double, repeated, tag = "10")]
    pub double_data: Vec<f64>,
    #[prost(uint64, repeated, tag = "11")]
    pub uint64_data: Vec<u64>,
    #[prost(message, repeated, tag = "13")]
    pub external_data: Vec<StringStringEntryProto>,
    /// A [`DataLocation`].
    #[prost(int32, tag = "14")]
    pub data_location: i32,
}

impl AttributeProto {
    /// A whole number.
    pub(crate) fn int(name: &str, i: i64) -> Self {
        Self { name: name.into(), i, r#type: AttributeType::Int.into(), ..Self::default() }
    }

    /// Whole numbers.
    #[cfg(feature = "tract")]
    pub(crate) fn ints(name: &str, ints: Vec<i64>) -> Self {
        Self { name: name.into(), ints, r#type: AttributeType::Ints.into(), ..Self::default() }
    }
}

impl TensorProto {
    /// A constant in the shape `dims`, its elements row by row and little-endian.
    pub fn constant(
        name: impl Into<String>,
        data_type: DataType,
        dims: &[i64],
        raw_data: Vec<u8>,
    ) -> Self {
        let (name, dims) = (name.into(), dims.into());
        Self { name, data_type: data_type as i32, dims, raw_data, ..Self::default() }
    }

    /// A constant of [`DataType::Float`] in the shape `dims`, its values row by row.
    pub fn floats(
        name: impl Into<String>,
        dims: &[i64],
        values: impl IntoIterator<Item = f32>,
    ) -> Self {
        let raw_data = values.into_iter().flat_map(f32::to_le_bytes).collect();
        Self::constant(name, DataType::Float, dims, raw_data)
    }
}

/// Element types that the engine reads, and one that it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum DataType {
    Float = 1,
    Uint8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
    Float16 = 10,
    Bfloat16 = 16,
}

/// Where the elements of a tensor lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum DataLocation {
    /// In another file.
    External = 1,
}

#[derive(Clone, PartialEq, Message)]
pub struct StringStringEntryProto {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

#[cfg(all(test, feature = "tract"))]
mod tests {
    use super::*;

    /// What tract's own types read is what they read after ours have written it.
    #[test]
    fn a_model_passes_through_as_it_is() {
        let file = include_bytes!("../../../../models/histoscope-v0.int8.onnx");
        let ours = ModelProto::decode(&file[..]).unwrap().encode_to_vec();
        let [before, after] =
            [&file[..], &ours].map(|bytes| tract_onnx::pb::ModelProto::decode(bytes).unwrap());
        assert_eq!(before.opset_import, after.opset_import);
        assert_eq!(before.graph, after.graph);
    }
}
