//! Lossless compressions of bytes: LZW, deflate, zstd and packed runs.

use std::io::Read;

use weezl::BitOrder;

use super::broken;
use crate::error::Result;

/// How bytes were packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Lzw,
    Deflate,
    Zstd,
    Runs,
}

/// Unpacks `length` bytes; what comes behind them is not looked at.
///
/// # Errors
/// If there are fewer, or the stream is damaged before.
pub(crate) fn unpack(packing: Packing, stream: &[u8], length: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    match packing {
        Packing::None => out.extend_from_slice(&stream[..length.min(stream.len())]),
        Packing::Lzw => out = lzw(stream, length)?,
        Packing::Deflate => out = deflate(stream, length)?,
        Packing::Zstd => {
            let damaged = |error: String| broken(format!("its zstd stream is damaged: {error}"));
            let decoder = ruzstd::decoding::StreamingDecoder::new(stream);
            let decoder = decoder.map_err(|error| damaged(error.to_string()))?;
            let read = decoder.take(length as u64).read_to_end(&mut out);
            read.map_err(|error| damaged(error.to_string()))?;
        }
        Packing::Runs => runs(stream, length, &mut out),
    }
    if out.len() < length {
        return Err(broken(format!("it unpacks to {} bytes of {length}", out.len())));
    }
    Ok(out)
}

fn lzw(stream: &[u8], length: usize) -> Result<Vec<u8>> {
    let mut out = vec![0; length];
    let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let (mut read, mut written) = (0, 0);
    while written < length {
        let step = decoder.decode_bytes(&stream[read..], &mut out[written..]);
        (read, written) = (read + step.consumed_in, written + step.consumed_out);
        match step.status {
            Ok(weezl::LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
            Ok(_) => break,
            Err(_) => return Err(broken("its LZW stream is damaged")),
        }
    }
    out.truncate(written);
    Ok(out)
}

fn deflate(stream: &[u8], length: usize) -> Result<Vec<u8>> {
    let mut out = vec![0; length];
    let mut decoder = fdeflate::Decompressor::new();
    // Some writers leave the sum at the end out, or a wrong one.
    decoder.ignore_adler32();
    let (mut read, mut written) = (0, 0);
    while written < length && !decoder.is_done() {
        let step = decoder.read(&stream[read..], &mut out, written, true);
        let (consumed, produced) = step.map_err(|_| broken("its deflate stream is damaged"))?;
        if consumed + produced == 0 {
            break;
        }
        (read, written) = (read + consumed, written + produced);
    }
    out.truncate(written);
    Ok(out)
}

/// Apple's `PackBits`: a count and bytes, or a count and one byte that is repeated.
pub(crate) fn runs(stream: &[u8], length: usize, out: &mut Vec<u8>) {
    let mut rest = stream;
    while let [head, behind @ ..] = rest
        && out.len() < length
    {
        match *head as i8 {
            -128 => rest = behind,
            count @ 0.. => {
                let (bytes, after) = behind.split_at((count as usize + 1).min(behind.len()));
                out.extend_from_slice(bytes);
                rest = after;
            }
            count => {
                let Some((&byte, after)) = behind.split_first() else { break };
                out.resize(out.len() + 1 + usize::from(count.unsigned_abs()), byte);
                rest = after;
            }
        }
    }
    out.truncate(length);
}

/// Undoes the horizontal differences of rows of interleaved samples.
pub(crate) fn undo_differences(row: &mut [u8], channels: usize, bytes_per_sample: usize) {
    match bytes_per_sample {
        1 => {
            for at in channels..row.len() {
                row[at] = row[at].wrapping_add(row[at - channels]);
            }
        }
        _ => {
            // Native order: the caller has put the bytes so.
            for at in channels..row.len() / 2 {
                let before =
                    u16::from_ne_bytes([row[2 * (at - channels)], row[2 * (at - channels) + 1]]);
                let here = u16::from_ne_bytes([row[2 * at], row[2 * at + 1]]);
                let sum = here.wrapping_add(before).to_ne_bytes();
                row[2 * at..2 * at + 2].copy_from_slice(&sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_repeat_and_copy() {
        let mut out = Vec::new();
        runs(&[254, 7, 128, 2, 1, 2, 3, 0, 9], 100, &mut out);
        assert_eq!(out, [7, 7, 7, 1, 2, 3, 9]);
        let error = unpack(Packing::Runs, &[254, 7], 4).unwrap_err();
        assert_eq!(error.code(), "slide_tile_corrupt");
    }

    #[test]
    fn differences_add_up_by_channel() {
        let mut row = [1, 2, 3, 1, 1, 1, 255, 0, 2];
        undo_differences(&mut row, 3, 1);
        assert_eq!(row, [1, 2, 3, 2, 3, 4, 1, 3, 6]);
    }
}
