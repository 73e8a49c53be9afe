//! How chunks are compressed.

use std::ops::RangeInclusive;

use weezl::decode::{Configuration, Decoder};
use weezl::{BitOrder, LzwStatus};

use super::directory::{Directory, tag};
use super::{Damage, Unsupported, damaged, refused};
use crate::decode::jpeg::{Components, decode_chunk};
use crate::error::Result;

/// A compression that is read, with what it needs from the directory.
pub(super) struct Compression<'a> {
    method: Method<'a>,
    predicts: bool,
}

enum Method<'a> {
    None,
    PackBits,
    Deflate,
    Lzw(Box<Decoder>),
    Jpeg { tables: Option<&'a [u8]> },
}

/// What a JPEG stream has to be to be a chunk.
pub(super) struct JpegSize {
    pub colour: Components,
    pub width: usize,
    /// The last strip may have as many rows as it needs, or as many as the others.
    pub rows: RangeInclusive<usize>,
}

impl<'a> Compression<'a> {
    /// # Errors
    /// Compressions that are not read are refused by name.
    pub(super) fn read(directory: &Directory<'a>) -> Result<Self> {
        let method = match directory.number(tag::COMPRESSION)?.unwrap_or(1) {
            1 => Method::None,
            5 => {
                let configuration = Configuration::with_tiff_size_switch(BitOrder::Msb, 8);
                Method::Lzw(Box::new(configuration.with_yield_on_full_buffer(true).build()))
            }
            7 => Method::Jpeg { tables: directory.raw(tag::JPEG_TABLES)? },
            8 | 32946 => Method::Deflate,
            32773 => Method::PackBits,
            code => return Err(refused(reason(code))),
        };
        // As in libtiff, a predictor means something before LZW and Deflate only.
        let predictor = directory.number(tag::PREDICTOR)?.unwrap_or(1);
        let predicts = matches!(method, Method::Lzw(_) | Method::Deflate) && predictor != 1;
        match predictor {
            3 if predicts => Err(refused(Unsupported::Floats)),
            0 | 4.. if predicts => Err(damaged(Damage::Directory)),
            _ => Ok(Self { method, predicts }),
        }
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self.method, Method::None)
    }

    pub(super) fn is_jpeg(&self) -> bool {
        matches!(self.method, Method::Jpeg { .. })
    }

    /// Whether samples are stored as differences to those of the pixel before.
    pub(super) fn predicts(&self) -> bool {
        self.predicts
    }

    /// The first `length` bytes of a chunk.
    ///
    /// They lie in `stored` itself or in `buffer`.
    pub(super) fn expand<'b>(
        &mut self,
        stored: &'b [u8],
        jpeg: JpegSize,
        length: usize,
        buffer: &'b mut Vec<u8>,
    ) -> Result<&'b [u8]> {
        let filled = match &mut self.method {
            Method::None => return stored.get(..length).ok_or_else(|| damaged(Damage::CutShort)),
            Method::Jpeg { tables } => {
                *buffer = decode_chunk(*tables, stored, jpeg.colour, jpeg.width, jpeg.rows)?;
                buffer.len()
            }
            Method::PackBits => {
                buffer.resize(length, 0);
                unpack(stored, buffer)
            }
            Method::Deflate => {
                buffer.resize(length, 0);
                inflate(stored, buffer)
            }
            Method::Lzw(decoder) => {
                // Before TIFF 6.0 some wrote the bits in the other order, which begins with a zero.
                if matches!(stored, [0, second, ..] if second & 1 == 1) {
                    return Err(refused(Unsupported::OldLzw));
                }
                buffer.resize(length, 0);
                decoder.reset();
                expand_lzw(decoder, stored, buffer)
            }
        };
        let buffer = &*buffer;
        buffer.get(..length).filter(|_| filled >= length).ok_or_else(|| damaged(Damage::CutShort))
    }
}

/// Why a compression is not read.
fn reason(code: u64) -> Unsupported {
    let name = match code {
        2..=4 => return Unsupported::Fax,
        6 => return Unsupported::OldJpeg,
        33003 | 33004 | 33005 | 34712 => "JPEG 2000",
        34887 => "LERC",
        34925 => "LZMA",
        34926 | 50000 => "Zstandard",
        34927 | 50001 => "WebP",
        50002 | 52546 => "JPEG XL",
        _ => return Unsupported::Method { code },
    };
    Unsupported::Compression { name }
}

/// Fills `out` from a zlib stream and returns how many bytes there were.
fn inflate(stored: &[u8], out: &mut [u8]) -> usize {
    let mut decoder = fdeflate::Decompressor::new();
    let (mut read, mut written) = (0, 0);
    while written < out.len() && !decoder.is_done() {
        match decoder.read(&stored[read..], out, written, true) {
            Ok((0, 0)) | Err(_) => break,
            Ok((consumed, produced)) => {
                read += consumed;
                written += produced;
            }
        }
    }
    written
}

fn expand_lzw(decoder: &mut Decoder, mut stored: &[u8], out: &mut [u8]) -> usize {
    let mut written = 0;
    while written < out.len() {
        let result = decoder.decode_bytes(stored, &mut out[written..]);
        stored = &stored[result.consumed_in..];
        written += result.consumed_out;
        if !matches!(result.status, Ok(LzwStatus::Ok)) {
            break;
        }
    }
    written
}

/// PackBits (TIFF 6.0, section 9): runs of one byte, and stretches as they are.
fn unpack(mut stored: &[u8], out: &mut [u8]) -> usize {
    let mut written = 0;
    while let [head, rest @ ..] = stored {
        let room = out.len() - written;
        if room == 0 {
            break;
        }
        let head = *head as i8;
        stored = rest;
        if head >= 0 {
            let length = (head as usize + 1).min(stored.len());
            let (stretch, rest) = stored.split_at(length);
            stored = rest;
            let length = length.min(room);
            out[written..written + length].copy_from_slice(&stretch[..length]);
            written += length;
        } else if head != i8::MIN {
            let Some((byte, rest)) = stored.split_first() else { break };
            stored = rest;
            let length = (1 + usize::from(head.unsigned_abs())).min(room);
            out[written..written + length].fill(*byte);
            written += length;
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pack_bits_as_in_the_specification() {
        let stored = [
            0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7,
            0xaa,
        ];
        let mut expected = vec![0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa];
        expected.extend([0x80, 0x00, 0x2a, 0x22]);
        expected.extend([0xaa; 10]);
        let mut out = [0; 24];
        assert_eq!(unpack(&stored, &mut out), 24);
        assert_eq!(out[..], expected);
        assert_eq!(unpack(&stored[..5], &mut out), 5, "what is missing is not invented");
        assert_eq!(unpack(&stored, &mut out[..2]), 2);
    }
}
