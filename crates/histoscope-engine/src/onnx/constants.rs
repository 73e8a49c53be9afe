//! The elements of a constant tensor of an ONNX file.

use crate::onnx::proto::{DataLocation, DataType, TensorProto};

/// An element type that constants of quantised graphs have.
pub(crate) trait Constant: Sized {
    /// All elements of `tensor`, row-major. `None` if it has another type, if it has not as many
    /// elements as its shape says, or if they lie in another file: a model that points at other
    /// files is not followed there.
    fn read(tensor: &TensorProto) -> Option<Vec<Self>>;
}

/// `$field` holds the elements where `raw_data`, little-endian, does not.
macro_rules! element {
    ($type:ty, $data_type:ident, $field:ident) => {
        impl Constant for $type {
            fn read(tensor: &TensorProto) -> Option<Vec<Self>> {
                if tensor.data_type != DataType::$data_type as i32
                    || tensor.data_location == DataLocation::External as i32
                {
                    return None;
                }
                let elements: Vec<Self> = if tensor.raw_data.is_empty() {
                    tensor.$field.iter().map(|&value| value as Self).collect()
                } else {
                    let (elements, rest) = tensor.raw_data.as_chunks();
                    if !rest.is_empty() {
                        return None;
                    }
                    elements.iter().map(|&bytes| Self::from_le_bytes(bytes)).collect()
                };
                let shape = shape(tensor)?;
                let expected = shape.iter().try_fold(1_usize, |n, &side| n.checked_mul(side));
                (expected == Some(elements.len())).then_some(elements)
            }
        }
    };
}

element!(i8, Int8, int32_data);
element!(u8, Uint8, int32_data);
element!(i32, Int32, int32_data);
element!(i64, Int64, int64_data);
element!(f32, Float, float_data);

/// Shape of a constant; `None` if it is none.
pub(crate) fn shape(tensor: &TensorProto) -> Option<Vec<usize>> {
    tensor.dims.iter().map(|&dim| usize::try_from(dim).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(data_type: DataType, dims: &[i64]) -> TensorProto {
        TensorProto { data_type: data_type as i32, dims: dims.into(), ..TensorProto::default() }
    }

    #[test]
    fn elements_come_raw_or_in_their_field() {
        let raw = TensorProto { raw_data: vec![0xfe, 1], ..tensor(DataType::Int8, &[2]) };
        assert_eq!(i8::read(&raw), Some(vec![-2, 1]));
        let field = TensorProto { int32_data: vec![-2, 1], ..tensor(DataType::Int8, &[2, 1]) };
        assert_eq!(i8::read(&field), Some(vec![-2, 1]));
        let scalar = TensorProto { float_data: vec![0.5], ..tensor(DataType::Float, &[]) };
        assert_eq!(f32::read(&scalar), Some(vec![0.5]));
        let wide = TensorProto {
            raw_data: (-3_i64).to_le_bytes().into(),
            ..tensor(DataType::Int64, &[1])
        };
        assert_eq!(i64::read(&wide), Some(vec![-3]));
    }

    #[test]
    fn what_does_not_fit_is_none() {
        let good = TensorProto { raw_data: vec![1, 2, 3, 4], ..tensor(DataType::Uint8, &[4]) };
        assert_eq!(u8::read(&good), Some(vec![1, 2, 3, 4]));
        assert_eq!(i8::read(&good), None, "another type");
        for dims in [&[3][..], &[5], &[-4], &[i64::MAX, i64::MAX]] {
            assert_eq!(u8::read(&TensorProto { dims: dims.into(), ..good.clone() }), None);
        }
        let cut = TensorProto { raw_data: vec![0; 3], ..tensor(DataType::Int32, &[1]) };
        assert_eq!(i32::read(&cut), None, "no whole elements");
        let external = TensorProto { data_location: DataLocation::External as i32, ..good.clone() };
        assert_eq!(u8::read(&external), None);
    }
}
