//! What every tensor that a file brings must be, whoever reads it later: as long as its shape says,
//! and of numbers that can be computed with.

use crate::onnx::MAX_INITIALISERS;
use crate::onnx::proto::{GraphProto, NodeProto, TensorProto};

/// Checks the initialisers of `graph` and what its nodes hold.
///
/// # Errors
/// Names the first tensor that cannot be used, and says why.
pub(crate) fn check(graph: &GraphProto) -> Result<(), String> {
    let initialisers = graph.initializer.len();
    if initialisers > MAX_INITIALISERS {
        return Err(format!(
            "the graph has {initialisers} constants, the limit is {MAX_INITIALISERS}"
        ));
    }
    graph.initializer.iter().try_for_each(|tensor| check_tensor(&tensor.name, tensor))?;
    graph.node.iter().try_for_each(check_node)
}

fn check_node(node: &NodeProto) -> Result<(), String> {
    let name = node.output.first().map_or(node.name.as_str(), String::as_str);
    for attribute in &node.attribute {
        attribute
            .t
            .iter()
            .chain(&attribute.tensors)
            .try_for_each(|tensor| check_tensor(name, tensor))?;
        if node.op_type == "Constant" {
            let alone = attribute.floats.is_empty().then_some(attribute.f);
            let numbers = attribute.floats.iter().copied().chain(alone);
            check_numbers(name, numbers.map(f64::from))?;
        }
    }
    Ok(())
}

fn check_tensor(name: &str, tensor: &TensorProto) -> Result<(), String> {
    let name = cut(name);
    let elements = tensor
        .dims
        .iter()
        .try_fold(1_usize, |all, &dim| all.checked_mul(usize::try_from(dim).ok()?));
    let found = elements_of(tensor)
        .ok_or_else(|| format!("the tensor {name:?} has an element type that is not read here"))?;
    if elements != Some(found) {
        return Err(format!(
            "the tensor {name:?} has {found} elements, not those of its shape {:?}",
            &tensor.dims[..tensor.dims.len().min(8)]
        ));
    }
    match tensor.data_type {
        FLOAT => {
            let raw = tensor.raw_data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
            check_numbers(name, raw.chain(tensor.float_data.iter().copied()).map(f64::from))
        }
        DOUBLE => {
            let raw = tensor.raw_data.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes));
            check_numbers(name, raw.chain(tensor.double_data.iter().copied()))
        }
        FLOAT16 => {
            let raw = tensor.raw_data.as_chunks().0.iter().map(|&bytes| u16::from_le_bytes(bytes));
            let bits = raw.chain(tensor.int32_data.iter().map(|&bits| bits as u16));
            check_numbers(name, bits.map(kind_of_half))
        }
        BFLOAT16 => {
            let raw = tensor.raw_data.as_chunks().0.iter().map(|&bytes| u16::from_le_bytes(bytes));
            let bits = raw.chain(tensor.int32_data.iter().map(|&bits| bits as u16));
            // The upper half of a single.
            let single = |bits: u16| f32::from_bits(u32::from(bits) << 16);
            check_numbers(name, bits.map(|bits| f64::from(single(bits))))
        }
        _ => Ok(()),
    }
}

/// Element types by their numbers in the format.
const FLOAT: i32 = 1;
const FLOAT16: i32 = 10;
const DOUBLE: i32 = 11;
const BFLOAT16: i32 = 16;

/// Bytes of an element; `None` of a type that no network here has, text say.
pub(super) fn size_of(data_type: i32) -> Option<usize> {
    Some(match data_type {
        // uint8, int8, bool
        2 | 3 | 9 => 1,
        // uint16, int16
        4 | 5 | FLOAT16 | BFLOAT16 => 2,
        // int32, uint32
        FLOAT | 6 | 12 => 4,
        // int64, uint64
        DOUBLE | 7 | 13 => 8,
        _ => return None,
    })
}

/// How many elements a tensor holds; `None` as of [`size_of`].
fn elements_of(tensor: &TensorProto) -> Option<usize> {
    let size = size_of(tensor.data_type)?;
    let listed = match tensor.data_type {
        FLOAT => tensor.float_data.len(),
        DOUBLE => tensor.double_data.len(),
        7 => tensor.int64_data.len(),
        12 | 13 => tensor.uint64_data.len(),
        _ => tensor.int32_data.len(),
    };
    let raw = tensor.raw_data.len();
    if raw == 0 {
        return Some(listed);
    }
    // Half an element is none that fits a shape.
    Some(if raw.is_multiple_of(size) && listed == 0 { raw / size } else { usize::MAX })
}

/// Refuses what is no number, and infinity but where it means something: alone, as the bound of a
/// Clip or the value of a Pad, and in a mask of zeros and negative infinities, which a transformer
/// adds to what it attends to.
fn check_numbers(name: &str, numbers: impl Iterator<Item = f64>) -> Result<(), String> {
    let mut count = 0_usize;
    let mut infinite = false;
    let mut is_mask = true;
    for number in numbers {
        if number.is_nan() {
            return Err(format!(
                "the tensor {:?} holds NaN, which is no number; train or export it again",
                cut(name)
            ));
        }
        infinite |= number.is_infinite();
        is_mask &= number == 0.0 || number == f64::NEG_INFINITY;
        count += 1;
    }
    if infinite && count > 1 && !is_mask {
        return Err(format!(
            "the tensor {:?} holds an infinite number beside others, which only a mask of zeros and \
             negative infinities may; train or export it again",
            cut(name)
        ));
    }
    Ok(())
}

/// What half-precision `bits` are: zero, NaN, infinite, or any other number, which is 1 here.
fn kind_of_half(bits: u16) -> f64 {
    let number = match (bits & 0x7c00, bits & 0x03ff) {
        (0x7c00, 0) => f64::INFINITY,
        (0x7c00, _) => f64::NAN,
        (0, 0) => 0.0,
        _ => 1.0,
    };
    if bits & 0x8000 == 0 { number } else { -number }
}

/// As much of a name as a sentence can bear.
pub(super) fn cut(name: &str) -> &str {
    name.char_indices().nth(80).map_or(name, |(end, _)| &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::AttributeProto;

    fn floats(dims: &[i64], values: &[f32]) -> TensorProto {
        TensorProto::floats("weights", dims, values.iter().copied())
    }

    /// As an initialiser and as a Constant.
    fn why(tensor: &TensorProto) -> Option<String> {
        let initialiser = GraphProto { initializer: vec![tensor.clone()], ..GraphProto::default() };
        let value = AttributeProto { t: Some(tensor.clone()), ..AttributeProto::default() };
        let constant = NodeProto {
            op_type: "Constant".into(),
            output: vec![tensor.name.clone()],
            attribute: vec![value],
            ..NodeProto::default()
        };
        let constant = GraphProto { node: vec![constant], ..GraphProto::default() };
        let found = check(&initialiser).err();
        assert_eq!(found, check(&constant).err());
        found
    }

    #[test]
    fn a_tensor_is_as_long_as_its_shape_says() {
        assert_eq!(why(&floats(&[2, 2], &[1.0; 4])), None);
        assert_eq!(why(&floats(&[], &[1.0])), None);
        assert_eq!(why(&floats(&[0], &[])), None);
        for dims in [&[3][..], &[5], &[-4], &[i64::MAX, i64::MAX], &[1 << 40], &[]] {
            let why = why(&floats(dims, &[1.0; 4])).unwrap();
            assert!(why.contains("\"weights\" has 4 elements"), "{dims:?}: {why}");
        }
        let half = TensorProto { raw_data: vec![0; 7], ..floats(&[2], &[]) };
        assert!(why(&half).is_some());
        let twice = TensorProto { float_data: vec![1.0; 2], ..floats(&[2], &[1.0; 2]) };
        assert!(why(&twice).is_some());
        let text = TensorProto { data_type: 8, ..floats(&[1], &[1.0]) };
        assert!(why(&text).unwrap().contains("element type"));
    }

    #[test]
    fn what_is_no_number_is_refused_in_every_type() {
        let with = |data_type, element: &[u8]| TensorProto {
            data_type,
            raw_data: [element, &vec![0; element.len()]].concat(),
            ..floats(&[2], &[])
        };
        let half = |bits: u16| with(FLOAT16, &bits.to_le_bytes());
        let brain = |bits: u16| with(BFLOAT16, &bits.to_le_bytes());
        for (tensor, named) in [
            (floats(&[2], &[0.0, f32::NAN]), "NaN"),
            (floats(&[2], &[f32::INFINITY, 0.0]), "infinite"),
            (floats(&[2], &[f32::NEG_INFINITY, f32::MIN_POSITIVE]), "infinite"),
            (floats(&[2], &[f32::NEG_INFINITY, f32::INFINITY]), "infinite"),
            (with(DOUBLE, &f64::NAN.to_le_bytes()), "NaN"),
            (with(DOUBLE, &f64::INFINITY.to_le_bytes()), "infinite"),
            (half(0x7e00), "NaN"),
            (half(0x7c00), "infinite"),
            (brain(0x7fc0), "NaN"),
            (brain(0x7f80), "infinite"),
            (TensorProto { float_data: vec![f32::NAN], ..floats(&[1], &[]) }, "NaN"),
            (
                TensorProto { data_type: FLOAT16, int32_data: vec![0x7c01], ..floats(&[1], &[]) },
                "NaN",
            ),
        ] {
            let why = why(&tensor).unwrap();
            assert!(why.contains("\"weights\"") && why.contains(named), "{why}");
        }
        assert_eq!(why(&half(0x7bff)), None, "the greatest of half precision");
        assert_eq!(why(&brain(0x7f7f)), None, "the greatest of bfloat16");
        assert_eq!(why(&floats(&[2], &[f32::MAX, f32::MIN])), None);
        // A bound, and masks.
        assert_eq!(why(&floats(&[], &[f32::INFINITY])), None);
        assert_eq!(why(&floats(&[3], &[0.0, -0.0, f32::NEG_INFINITY])), None);
        assert_eq!(why(&floats(&[2], &[f32::NEG_INFINITY; 2])), None);
        assert_eq!(why(&with(DOUBLE, &f64::NEG_INFINITY.to_le_bytes())), None);
        assert_eq!(why(&half(0xfc00)), None);
        let spoilt =
            TensorProto { data_type: FLOAT16, int32_data: vec![0xfc00, 1], ..floats(&[2], &[]) };
        assert!(why(&spoilt).unwrap().contains("mask"), "the least number is none of a mask");

        let float = |f, floats: &[f32]| NodeProto {
            op_type: "Constant".into(),
            attribute: vec![AttributeProto {
                f,
                floats: floats.into(),
                ..AttributeProto::default()
            }],
            ..NodeProto::default()
        };
        assert!(check_node(&float(f32::NAN, &[])).is_err());
        assert!(check_node(&float(0.0, &[f32::INFINITY, 1.0])).is_err());
        assert_eq!(check_node(&float(f32::NEG_INFINITY, &[])), Ok(()));
    }

    #[test]
    #[cfg_attr(miri, ignore = "twenty thousand tensors take Miri an hour")]
    fn initialisers_are_counted() {
        let initializer = vec![floats(&[], &[1.0]); MAX_INITIALISERS + 1];
        let graph = GraphProto { initializer, ..GraphProto::default() };
        assert!(check(&graph).unwrap_err().contains("20001 constants"));
    }
}
