//! Networks whose weights lie in files of their own: one file is made of all.
//!
//! ONNX lets a tensor say where its bytes lie: `location` is a file's name, `offset` and `length`
//! are decimal numbers of bytes
//! (<https://github.com/onnx/onnx/blob/main/docs/ExternalData.md>). Who opens a network from bytes
//! has no folder, and must not be led to another one: the files are handed in by name, and every
//! range is held against them before it is copied.

use std::collections::HashMap;

use prost::Message;

use crate::error::{Error, Result};
use crate::onnx::proto::{DataLocation, ModelProto, NodeProto, TensorProto};
use crate::onnx::tensors::{cut, size_of};
use crate::onnx::{self, MAX_MODEL_BYTES};

/// A file of weights that came with a network.
#[derive(Debug, Clone, Copy)]
pub struct DataFile<'a> {
    /// Without folders, as the network's file calls it.
    pub name: &'a str,
    /// All of it.
    pub bytes: &'a [u8],
}

/// Names of the files in which weights of `model` lie, in the order in which they are first named;
/// none for a network in one file.
///
/// # Errors
/// [`Error::NotOnnx`] and [`Error::Invalid`] as of [`crate::Engine::load`]; the latter also for a
/// name that is none of a file in the same folder.
pub fn data_files(model: &[u8]) -> Result<Vec<String>> {
    let mut proto = onnx::decode(model)?;
    let mut names: Vec<String> = vec![];
    for (owner, tensor) in external(&mut proto) {
        let place = Place::of(&owner, tensor)?;
        if !names.contains(&place.file) {
            names.push(place.file);
        }
    }
    Ok(names)
}

/// The network of `model` in one file, with the weights that lie in `files`. The same files always
/// make the same bytes.
///
/// # Errors
/// As [`data_files`]; [`Error::DataMissing`] for a file that is not among `files`; [`Error::Invalid`]
/// where a tensor's range is none of its file, or is not as long as the tensor, or where all
/// together would be larger than a model may be.
pub fn join(model: &[u8], files: &[DataFile<'_>]) -> Result<Vec<u8>> {
    let mut proto = onnx::decode(model)?;
    let files: HashMap<&str, &[u8]> = files.iter().map(|file| (file.name, file.bytes)).collect();
    // Any number of tensors may name the same bytes: all are counted before the first is copied.
    let mut total = model.len();
    for (owner, tensor) in external(&mut proto) {
        total = total.saturating_add(range(&owner, tensor, &files)?.len());
    }
    if total > MAX_MODEL_BYTES {
        return Err(Error::invalid(format!(
            "with its files of weights it has {total} bytes, the limit is {MAX_MODEL_BYTES}"
        )));
    }
    for (owner, tensor) in external(&mut proto) {
        tensor.raw_data = range(&owner, tensor, &files)?.to_vec();
        tensor.external_data.clear();
        tensor.data_location = 0;
    }
    Ok(proto.encode_to_vec())
}

/// The first file in which weights lie that are not in the network's own.
///
/// # Errors
/// As [`data_files`].
pub(super) fn first_file(proto: &mut ModelProto) -> Result<Option<String>> {
    let first = external(proto).next();
    first.map(|(owner, tensor)| Ok(Place::of(&owner, tensor)?.file)).transpose()
}

/// The tensors that lie in other files, each with a name for it.
fn external(proto: &mut ModelProto) -> impl Iterator<Item = (String, &mut TensorProto)> {
    let graph = proto.graph.as_mut();
    let (initialisers, nodes) =
        graph.map(|graph| (&mut graph.initializer, &mut graph.node)).unzip();
    let initialisers = initialisers.into_iter().flatten().map(|t| (t.name.clone(), t));
    let held = nodes.into_iter().flatten().flat_map(|node| {
        let NodeProto { name, output, attribute, .. } = node;
        let owner = output.first().unwrap_or(name).clone();
        let tensors = attribute.iter_mut().flat_map(|a| a.t.iter_mut().chain(&mut a.tensors));
        tensors.map(move |tensor| (owner.clone(), tensor))
    });
    initialisers
        .chain(held)
        .filter(|(_, tensor)| tensor.data_location == DataLocation::External as i32)
}

/// Where the bytes of a tensor lie.
struct Place {
    file: String,
    offset: usize,
    /// `None` is up to the file's end.
    length: Option<usize>,
}

impl Place {
    fn of(owner: &str, tensor: &TensorProto) -> Result<Self> {
        let entry = |key: &str| {
            let entry = tensor.external_data.iter().find(|entry| entry.key == key)?;
            Some(entry.value.as_str())
        };
        let wrong = |what: String| {
            Error::invalid(format!("the tensor {:?} lies in another file, {what}", cut(owner)))
        };
        let number = |key: &str| {
            let number = entry(key).map(|text| {
                // What is too much for this machine's addresses is beyond the end of any file.
                let parsed = text.parse::<u64>().ok();
                let parsed = parsed.map(|number| usize::try_from(number).unwrap_or(usize::MAX));
                parsed.ok_or_else(|| wrong(format!("but {key} {:?} is no number", cut(text))))
            });
            number.transpose()
        };
        let file = entry("location").unwrap_or_default();
        let file = file.strip_prefix("./").unwrap_or(file);
        if !is_plain(file) {
            return Err(wrong(format!(
                "{:?}, which is no name of a file in the same folder; export it again with the \
                 weights beside it, or in one file",
                cut(file)
            )));
        }
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        Ok(Self { file: file.into(), offset, length })
    }
}

/// Whether `name` is that of a file, and leads to no other folder on any system.
fn is_plain(name: &str) -> bool {
    const MOST: usize = 255;
    (1..=MOST).contains(&name.len())
        && !matches!(name, "." | "..")
        && !name.contains(|c: char| matches!(c, '/' | '\\' | ':') || c.is_control())
}

/// The bytes of a tensor, as many as its type and shape say.
fn range<'f>(
    owner: &str,
    tensor: &TensorProto,
    files: &HashMap<&str, &'f [u8]>,
) -> Result<&'f [u8]> {
    let Place { file, offset, length } = Place::of(owner, tensor)?;
    let Some(bytes) = files.get(file.as_str()) else { return Err(Error::DataMissing { file }) };
    let end = match length {
        Some(length) => offset.checked_add(length),
        None => Some(bytes.len()),
    };
    let found = end.and_then(|end| bytes.get(offset..end)).ok_or_else(|| {
        Error::invalid(format!(
            "the tensor {:?} lies beyond the end of {file:?}, which has {} bytes; that file was cut \
             short, or is another network's",
            cut(owner),
            bytes.len()
        ))
    })?;
    let size = size_of(tensor.data_type);
    let wanted = size.and_then(|size| {
        tensor.dims.iter().try_fold(size, |all, &dim| all.checked_mul(usize::try_from(dim).ok()?))
    });
    if wanted != Some(found.len()) {
        return Err(Error::invalid(format!(
            "the tensor {:?} has {} bytes in {file:?}, not those of its type and shape",
            cut(owner),
            found.len()
        )));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{AttributeProto, GraphProto, StringStringEntryProto};

    fn tensor(entries: &[(&str, &str)]) -> TensorProto {
        let entry = |&(key, value): &(&str, &str)| StringStringEntryProto {
            key: key.into(),
            value: value.into(),
        };
        TensorProto {
            name: "weights".into(),
            dims: vec![2],
            data_type: 1,
            data_location: DataLocation::External as i32,
            external_data: entries.iter().map(entry).collect(),
            ..TensorProto::default()
        }
    }

    fn model(initializer: Vec<TensorProto>, node: Vec<NodeProto>) -> Vec<u8> {
        let graph = Some(GraphProto { initializer, node, ..GraphProto::default() });
        ModelProto { graph, ..ModelProto::default() }.encode_to_vec()
    }

    fn joined(entries: &[(&str, &str)]) -> Result<Vec<u8>> {
        let bytes: Vec<u8> = (0..16).collect();
        join(&model(vec![tensor(entries)], vec![]), &[DataFile { name: "a.data", bytes: &bytes }])
    }

    fn why(entries: &[(&str, &str)]) -> String {
        joined(entries).unwrap_err().to_string()
    }

    #[test]
    fn weights_come_from_their_range_and_nothing_is_left_of_it() {
        let place = [("location", "a.data"), ("offset", "4"), ("length", "8")];
        let file = joined(&place).unwrap();
        let proto = ModelProto::decode(&*file).unwrap();
        let [tensor] = &proto.graph.unwrap().initializer[..] else { panic!("one tensor") };
        assert_eq!(tensor.raw_data, [4, 5, 6, 7, 8, 9, 10, 11]);
        assert_eq!((tensor.data_location, tensor.external_data.len()), (0, 0));
        assert_eq!(data_files(&file).unwrap(), Vec::<String>::new());
        // To the end, and by another way of writing the folder.
        joined(&[("location", "./a.data"), ("offset", "8")]).unwrap();
    }

    #[test]
    fn tensors_of_nodes_lie_there_too_and_files_are_named_once() {
        let place = [("location", "a.data"), ("length", "8")];
        let attribute =
            vec![AttributeProto { t: Some(tensor(&place)), ..AttributeProto::default() }];
        let node = NodeProto { op_type: "Constant".into(), attribute, ..NodeProto::default() };
        let other = tensor(&[("location", "b.data"), ("length", "8")]);
        let file = model(vec![other, tensor(&place)], vec![node]);
        assert_eq!(data_files(&file).unwrap(), ["b.data", "a.data"]);
        let bytes = [7; 8];
        let files = ["a.data", "b.data"].map(|name| DataFile { name, bytes: &bytes });
        assert_eq!(data_files(&join(&file, &files).unwrap()).unwrap(), Vec::<String>::new());
        let missing = Error::DataMissing { file: "b.data".into() };
        assert_eq!(join(&file, &files[..1]), Err(missing));
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        for name in ["", "..", "../a.data", "/etc/passwd", "weights/a", "c:a", "a\\b", "a\0", "a\n"]
        {
            assert!(why(&[("location", name)]).contains("no name of a file"), "{name:?}");
        }
        assert!(why(&[("location", &"a".repeat(256))]).contains("no name of a file"));
        assert!(why(&[]).contains("no name of a file"));
    }

    #[test]
    fn a_range_that_is_none_is_refused() {
        for (offset, length, named) in [
            ("12", "8", "beyond the end"),
            ("17", "0", "beyond the end"),
            ("18446744073709551615", "8", "beyond the end"),
            ("99999999999999999999", "8", "no number"),
            ("-1", "8", "no number"),
            ("0", "eight", "no number"),
            ("0", "7", "not those of its type and shape"),
            ("0", "16", "not those of its type and shape"),
        ] {
            let why = why(&[("location", "a.data"), ("offset", offset), ("length", length)]);
            assert!(why.contains(named), "{offset} {length}: {why}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "a million bytes take Miri an hour")]
    fn bytes_that_many_tensors_name_are_counted_for_each() {
        let bytes = vec![0; 1 << 20];
        let place = [("location", "a.data"), ("length", "1048576")];
        let large = TensorProto { dims: vec![1 << 18], ..tensor(&place) };
        let file = model(vec![large; 300], vec![]);
        let error = join(&file, &[DataFile { name: "a.data", bytes: &bytes }]).unwrap_err();
        assert!(error.to_string().contains("the limit is"), "{error}");
    }
}
