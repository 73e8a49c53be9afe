//! Files of other kinds that come in the place of a network, told by their first bytes.
//!
//! An ONNX file has no mark at its beginning, so what it is not has to be told by the marks of
//! others. What people take for the model in practice: the pointer that Git LFS leaves, the page
//! around a download, the checkpoint before its export, an archive, another runtime's format.

use std::fmt;

use serde::Serialize;

/// What a file is that is no ONNX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Foreign {
    /// No bytes.
    Empty,
    /// What a clone without Git LFS has in the place of a large file.
    LfsPointer,
    /// HTML, or the XML that a server answers with.
    WebPage,
    /// JSON: a configuration, or the graph of TensorFlow.js.
    Json,
    /// A pickle, or a zip archive with one: PyTorch's checkpoints and TorchScript.
    PyTorch,
    /// HDF5, or the zip archive of Keras 3.
    Keras,
    /// TensorFlow Lite.
    TfLite,
    /// Tensors without a graph.
    SafeTensors,
    /// Tensors of llama.cpp.
    Gguf,
    /// ONNX Runtime's own format.
    Ort,
    /// Gzip.
    Gzip,
    /// A zip archive of something else.
    Zip,
    /// An archive or a compressed file of another kind.
    Archive,
    /// Marked as encrypted, or without any structure.
    Encrypted,
    /// It begins as an ONNX file and cannot be read to its end.
    Damaged,
}

impl fmt::Display for Foreign {
    /// Behind "not an ONNX file but".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty file",
            Self::LfsPointer => "a Git LFS pointer, which stands for a file that was not fetched",
            Self::WebPage => "a web page, or what a server answered in its place",
            Self::Json => "JSON",
            Self::PyTorch => "a PyTorch checkpoint, or another Python pickle",
            Self::Keras => "a Keras model",
            Self::TfLite => "a TensorFlow Lite model",
            Self::SafeTensors => "weights without a network, in safetensors",
            Self::Gguf => "weights without a network, in GGUF",
            Self::Ort => "a model in ONNX Runtime's own format, ORT",
            Self::Gzip => "a gzip file",
            Self::Zip => "a zip archive",
            Self::Archive => "an archive or a compressed file",
            Self::Encrypted => "an encrypted file, or noise",
            Self::Damaged => "the beginning of one: it was cut short, or is damaged",
        })
    }
}

/// As much of a file as is looked at.
const LOOKED_AT: usize = 1 << 16;

/// What `bytes` are by their marks; `None` for what may be a network.
pub(crate) fn recognise(bytes: &[u8]) -> Option<Foreign> {
    use Foreign::{Archive, Encrypted, Gguf, Gzip, Keras, LfsPointer, PyTorch};
    const MARKS: [(&[u8], Foreign); 15] = [
        (b"version https://git-lfs.github.com/spec/", LfsPointer),
        (b"\x89HDF\r\n\x1a\n", Keras),
        // Pickles of the protocols 2 to 5: a mark and a number.
        (b"\x80\x02", PyTorch),
        (b"\x80\x03", PyTorch),
        (b"\x80\x04", PyTorch),
        (b"\x80\x05", PyTorch),
        (b"GGUF", Gguf),
        (b"\x1f\x8b", Gzip),
        (b"BZh", Archive),
        (b"\xfd7zXZ\0", Archive),
        (b"7z\xbc\xaf\x27\x1c", Archive),
        (b"\x28\xb5\x2f\xfd", Archive),
        (b"Rar!\x1a\x07", Archive),
        // OpenSSL and age.
        (b"Salted__", Encrypted),
        (b"age-encryption.org/", Encrypted),
    ];
    if bytes.is_empty() {
        return Some(Foreign::Empty);
    }
    if let Some((_, kind)) = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Some(*kind);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(zip(bytes));
    }
    match bytes.get(4..8) {
        Some(b"TFL3") => return Some(Foreign::TfLite),
        Some(b"ORTM") => return Some(Foreign::Ort),
        _ => {}
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some(Archive);
    }
    if is_safetensors(bytes) {
        return Some(Foreign::SafeTensors);
    }
    text(bytes)
}

/// What `bytes` are that no network could be decoded from and that have no mark.
pub(crate) fn guess(bytes: &[u8]) -> Option<Foreign> {
    if is_noise(bytes) {
        return Some(Foreign::Encrypted);
    }
    // Exporters write the version of the format first.
    matches!(bytes, [0x08, version, ..] if (3..64).contains(version)).then_some(Foreign::Damaged)
}

/// What a zip archive holds, by the names in its head and in the directory at its end.
fn zip(bytes: &[u8]) -> Foreign {
    // The first entry's flags.
    if bytes.get(6).is_some_and(|flags| flags & 1 != 0) {
        return Foreign::Encrypted;
    }
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let tail = &bytes[bytes.len().saturating_sub(LOOKED_AT)..];
    let holds = |name: &[u8]| {
        [head, tail].iter().any(|part| part.windows(name.len()).any(|window| window == name))
    };
    if holds(b"data.pkl") || holds(b"archive_format") {
        Foreign::PyTorch
    } else if holds(b".weights.h5") {
        Foreign::Keras
    } else {
        Foreign::Zip
    }
}

/// A length of 64 bits and as much JSON: <https://github.com/huggingface/safetensors#format>.
fn is_safetensors(bytes: &[u8]) -> bool {
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else { return false };
    let length = u64::from_le_bytes(*length);
    (2..=rest.len() as u64).contains(&length) && rest[0] == b'{'
}

/// Text that a network cannot begin with.
fn text(bytes: &[u8]) -> Option<Foreign> {
    let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let head = &head[..head.len().min(512)];
    let is_text = head.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..));
    match head.first() {
        Some(b'<') if is_text => Some(Foreign::WebPage),
        Some(b'{' | b'[') if is_text => Some(Foreign::Json),
        _ if head.starts_with(b"-----BEGIN PGP MESSAGE") => Some(Foreign::Encrypted),
        _ => None,
    }
}

/// Whether the bytes are as evenly spread as those of a cipher. Weights are not: their exponents are
/// few.
fn is_noise(bytes: &[u8]) -> bool {
    const ENOUGH: usize = 4096;
    /// Bits in a byte of noise, of 8: so many of 64 KiB, or of as many as there are, less a little.
    const LEAST: f64 = 7.9;
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    if head.len() < ENOUGH {
        return false;
    }
    let mut counts = [0_u32; 256];
    for &byte in head {
        counts[usize::from(byte)] += 1;
    }
    let all = head.len() as f64;
    let entropy: f64 = counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| f64::from(count) / all)
        .map(|share| -share * share.log2())
        .sum();
    entropy > LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of an entry of a zip archive: flags at 6, the name at 30.
    fn entry(flags: u8, name: &str) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04\x14\0".to_vec();
        bytes.extend([flags, 0]);
        bytes.resize(30, 0);
        bytes.extend(name.as_bytes());
        bytes
    }

    #[test]
    fn files_are_told_by_their_marks() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        let safetensors = [&16_u64.to_le_bytes()[..], br#"{"w":{"a":"F32"}"#, &[0; 8]].concat();
        for (bytes, kind) in [
            (vec![], Foreign::Empty),
            (b"version https://git-lfs.github.com/spec/v1\noid".to_vec(), Foreign::LfsPointer),
            (b"\n\n<!DOCTYPE html><html>".to_vec(), Foreign::WebPage),
            (b"<?xml version=\"1.0\"?><Error>".to_vec(), Foreign::WebPage),
            (b"{\"num_classes\": 2}".to_vec(), Foreign::Json),
            (entry(0, "archive/data.pkl"), Foreign::PyTorch),
            (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.".to_vec(), Foreign::PyTorch),
            (b"\x89HDF\r\n\x1a\n\0\0".to_vec(), Foreign::Keras),
            (entry(0, "model.weights.h5"), Foreign::Keras),
            (b"\x1c\0\0\0TFL3\x14\0".to_vec(), Foreign::TfLite),
            (b"\x1c\0\0\0ORTM\x14\0".to_vec(), Foreign::Ort),
            (safetensors, Foreign::SafeTensors),
            (b"GGUF\x03\0\0\0".to_vec(), Foreign::Gguf),
            (b"\x1f\x8b\x08\0".to_vec(), Foreign::Gzip),
            (entry(0, "resnet.onnx"), Foreign::Zip),
            (entry(1, "resnet.onnx"), Foreign::Encrypted),
            (b"7z\xbc\xaf\x27\x1c\0".to_vec(), Foreign::Archive),
            (tar, Foreign::Archive),
            (b"Salted__12345678".to_vec(), Foreign::Encrypted),
        ] {
            assert_eq!(recognise(&bytes), Some(kind), "{bytes:?}");
        }
    }

    #[test]
    fn a_network_has_no_mark_and_its_beginning_is_damaged() {
        let file = include_bytes!("../../../../models/histoscope-v0.int8.onnx");
        assert_eq!(recognise(file), None);
        assert_eq!(guess(&file[..file.len() / 2]), Some(Foreign::Damaged));
        assert_eq!(guess(b"neither"), None);
    }

    #[test]
    fn a_cipher_is_noise_and_weights_are_not() {
        // A generator of which every byte of a word is used.
        let mut state = 1_u64;
        let noise: Vec<u8> = (0..8192)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        assert_eq!(guess(&noise), Some(Foreign::Encrypted));
        let weights = noise.iter().flat_map(|&byte| (f32::from(byte) / 255.0 - 0.5).to_le_bytes());
        assert_eq!(guess(&weights.collect::<Vec<_>>()), None);
    }
}
