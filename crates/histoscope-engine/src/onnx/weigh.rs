//! How much memory a file takes once it is decoded, found out before anything is decoded.
//!
//! A message of two bytes becomes a structure of two hundred, so that a file under
//! [`MAX_MODEL_BYTES`](super::MAX_MODEL_BYTES) could ask for a hundred times its size. The file is
//! walked once, without allocating, and each message, string and number is counted as what it will
//! be in memory. The format: <https://protobuf.dev/programming-guides/encoding/>.

use std::mem::size_of;

use super::proto::{
    AttributeProto, Dimension, GraphProto, NodeProto, OperatorSetIdProto, StringStringEntryProto,
    TensorProto, TensorShapeProto, ValueInfoProto,
};

/// Deepest nesting of messages; prost's own limit is 100.
const MAX_DEPTH: usize = 64;
/// A vector that grows has up to twice the room that it needs.
const GROWTH: usize = 2;
/// What a byte of a field that is not ours may become in a parser that knows it.
const UNKNOWN: usize = 32;

/// The messages that [`super::proto`] has.
#[derive(Clone, Copy)]
enum Message {
    Model,
    OperatorSet,
    Graph,
    Node,
    Attribute,
    ValueInfo,
    Type,
    TensorType,
    Shape,
    Dimension,
    Tensor,
    Entry,
}

/// What a field of a message is.
enum Field {
    Message(Message),
    /// A string or bytes.
    Text,
    /// Packed numbers that become as many bytes, for each byte that they have in the file at most.
    Packed(usize),
    Unknown,
}

impl Message {
    /// Bytes of the structure in memory, room for more of its kind included.
    fn size(self) -> usize {
        GROWTH
            * match self {
                Self::Model | Self::Graph => size_of::<GraphProto>(),
                Self::OperatorSet => size_of::<OperatorSetIdProto>(),
                Self::Node => size_of::<NodeProto>(),
                Self::Attribute => size_of::<AttributeProto>(),
                Self::ValueInfo | Self::Type | Self::TensorType => size_of::<ValueInfoProto>(),
                Self::Shape => size_of::<TensorShapeProto>(),
                Self::Dimension => size_of::<Dimension>(),
                Self::Tensor => size_of::<TensorProto>(),
                Self::Entry => size_of::<StringStringEntryProto>(),
            }
    }

    /// The field `tag`, as `onnx.proto3` has it.
    fn field(self, tag: u64) -> Field {
        use Field::{Packed, Text, Unknown};
        match (self, tag) {
            (Self::Model, 2 | 3) => Text,
            (Self::Model, 7) => Field::Message(Self::Graph),
            (Self::Model, 8) => Field::Message(Self::OperatorSet),
            (Self::Model, 14) => Field::Message(Self::Entry),
            (Self::OperatorSet, 1) => Text,
            (Self::Graph, 1) => Field::Message(Self::Node),
            (Self::Graph, 2) => Text,
            (Self::Graph, 5) => Field::Message(Self::Tensor),
            (Self::Graph, 11..=13) => Field::Message(Self::ValueInfo),
            (Self::Node, 1..=4 | 7) => Text,
            (Self::Node, 5) => Field::Message(Self::Attribute),
            (Self::Attribute, 1 | 4 | 9) => Text,
            (Self::Attribute, 5 | 10) => Field::Message(Self::Tensor),
            (Self::Attribute, 6 | 11) => Field::Message(Self::Graph),
            (Self::Attribute, 7) => Packed(size_of::<f32>()),
            (Self::Attribute, 8) => Packed(size_of::<i64>()),
            (Self::ValueInfo, 1) => Text,
            (Self::ValueInfo, 2) => Field::Message(Self::Type),
            (Self::Type, 1) => Field::Message(Self::TensorType),
            (Self::TensorType, 2) => Field::Message(Self::Shape),
            (Self::Shape, 1) => Field::Message(Self::Dimension),
            (Self::Dimension, 2) => Text,
            // Floats have as many bytes in memory as in the file, varints more.
            (Self::Tensor, 4 | 10) => Packed(1),
            (Self::Tensor, 5) => Packed(size_of::<i32>()),
            (Self::Tensor, 1 | 7 | 11) => Packed(size_of::<i64>()),
            (Self::Tensor, 6 | 8 | 9) => Text,
            (Self::Tensor, 13) => Field::Message(Self::Entry),
            (Self::Entry, 1 | 2) => Text,
            _ => Unknown,
        }
    }
}

/// Why a file has no weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is no protocol buffer, or its messages are nested too deeply.
    Malformed,
    /// It takes more than it may.
    TooHeavy,
}

/// Bytes that the model in `file` takes when it is decoded: an upper bound, at most `most`.
///
/// # Errors
/// As [`Refused`].
pub(super) fn model(file: &[u8], most: usize) -> Result<usize, Refused> {
    let mut left = most;
    message(file, Message::Model, &mut left, MAX_DEPTH)?;
    Ok(most - left)
}

fn message(mut bytes: &[u8], kind: Message, left: &mut usize, depth: usize) -> Result<(), Refused> {
    use Refused::Malformed;
    take(left, Some(kind.size()))?;
    let depth = depth.checked_sub(1).ok_or(Malformed)?;
    while !bytes.is_empty() {
        let key = varint(&mut bytes).ok_or(Malformed)?;
        match key & 7 {
            // A number: repeated ones may come one by one.
            0 => {
                varint(&mut bytes).ok_or(Malformed)?;
                take(left, Some(GROWTH * size_of::<i64>()))?;
            }
            1 => {
                bytes = bytes.get(8..).ok_or(Malformed)?;
                take(left, Some(GROWTH * size_of::<f64>()))?;
            }
            5 => {
                bytes = bytes.get(4..).ok_or(Malformed)?;
                take(left, Some(GROWTH * size_of::<f32>()))?;
            }
            2 => {
                let length = varint(&mut bytes).and_then(|length| usize::try_from(length).ok());
                let length = length.ok_or(Malformed)?;
                let (field, rest) = bytes.split_at_checked(length).ok_or(Malformed)?;
                bytes = rest;
                match kind.field(key >> 3) {
                    Field::Message(inner) => message(field, inner, left, depth)?,
                    Field::Text => take(left, length.checked_add(GROWTH * size_of::<String>()))?,
                    Field::Packed(size) => take(left, length.checked_mul(size))?,
                    Field::Unknown => take(left, (length + 1).checked_mul(UNKNOWN))?,
                }
            }
            // Groups are no part of the format any more.
            _ => return Err(Malformed),
        }
    }
    Ok(())
}

fn take(left: &mut usize, bytes: Option<usize>) -> Result<(), Refused> {
    *left = bytes.and_then(|bytes| left.checked_sub(bytes)).ok_or(Refused::TooHeavy)?;
    Ok(())
}

/// Seven bits a byte, the least first; ten bytes at most.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::super::proto::ModelProto;
    use super::*;

    /// So much of what weighs little alone; Miri would take an hour.
    const MANY: usize = if cfg!(miri) { 500 } else { 100_000 };

    /// A field of a message: its key, its length, its bytes.
    fn field(tag: u64, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![];
        prost::encoding::encode_varint(tag << 3 | 2, &mut out);
        prost::encoding::encode_varint(bytes.len() as u64, &mut out);
        [out, bytes.to_vec()].concat()
    }

    #[test]
    #[cfg_attr(miri, ignore = "a model of its size takes Miri an hour")]
    fn the_shipped_model_is_hardly_more_than_its_file() {
        let file = include_bytes!("../../../../models/histoscope-v0.int8.onnx");
        let weight = model(file, usize::MAX).unwrap();
        assert!((file.len()..4 * file.len()).contains(&weight), "{weight} for {}", file.len());
        assert_eq!(model(file, weight), Ok(weight));
        assert_eq!(model(file, weight - 1), Err(Refused::TooHeavy));
    }

    #[test]
    fn empty_messages_weigh_what_they_become() {
        let graph = field(1, &[]).repeat(MANY);
        let file = field(7, &graph);
        let decoded = ModelProto::decode(&*file).unwrap();
        assert_eq!(decoded.graph.unwrap().node.len(), MANY);
        let weight = model(&file, usize::MAX).unwrap();
        assert!(weight >= MANY * size_of::<NodeProto>(), "{weight}");
        assert_eq!(model(&file, 50 * file.len()), Err(Refused::TooHeavy));
    }

    #[test]
    fn short_numbers_and_strings_weigh_what_they_become() {
        // An initialiser with many dimensions of a byte each.
        let tensor = field(1, &[1; MANY]);
        let file = field(7, &field(5, &tensor));
        assert!(model(&file, usize::MAX).unwrap() >= 8 * MANY);
        // A node with many inputs without a name.
        let node = field(1, &[]).repeat(MANY);
        let file = field(7, &field(1, &node));
        assert!(model(&file, usize::MAX).unwrap() >= MANY * size_of::<String>());
        // What this parser skips and another may not.
        let file = field(25, &[0; MANY]);
        assert!(model(&file, usize::MAX).unwrap() >= 30 * MANY);
    }

    #[test]
    fn what_cannot_be_walked_weighs_nothing() {
        for file in [&[0x3a][..], &[0x3a, 5, 0], &[0xff; 12], &[0x3b], &[0x39, 0]] {
            assert_eq!(model(file, usize::MAX), Err(Refused::Malformed), "{file:?}");
        }
        // Attributes with graphs with nodes with attributes.
        let mut graph = vec![];
        for _ in 0..40 {
            graph = field(1, &field(5, &field(6, &graph)));
        }
        assert_eq!(model(&field(7, &graph), usize::MAX), Err(Refused::Malformed));
    }
}
