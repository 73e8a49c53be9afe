//! Damage that knows no structure: bytes flipped, cut out, moved, taken from another file.

use fastrand::Rng;

use super::{extreme, times};

pub(super) fn spoil(start: &[u8], other: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut out = start.to_vec();
    for _ in 0..times(random) {
        once(&mut out, other, random);
    }
    out
}

fn once(out: &mut Vec<u8>, other: &[u8], random: &mut Rng) {
    if out.is_empty() {
        out.extend_from_slice(other);
        return;
    }
    // Headers lie in front: half of the damage is done there.
    let reach = if random.bool() { out.len().min(256) } else { out.len() };
    let at = random.usize(..reach);
    let span = |random: &mut Rng, most: usize| at..(at + 1 + random.usize(..64)).min(most);
    match random.u8(..9) {
        0 => out[at] ^= 1 << random.u8(..8),
        1 => out[at] = random.u8(..),
        2 => out[at] = [0, 1, 0x7f, 0x80, 0xff][random.usize(..5)],
        3 => out.truncate(at),
        4 => drop(out.drain(span(random, out.len()))),
        5 => {
            let copied = out[span(random, out.len())].to_vec();
            let to = random.usize(..=out.len());
            out.splice(to..to, copied);
        }
        6 => {
            // A number of two or four bytes, in either order.
            let value = extreme(random);
            let number: Vec<u8> = match random.u8(..4) {
                0 => (value as u16).to_le_bytes().into(),
                1 => (value as u16).to_be_bytes().into(),
                2 => (value as u32).to_le_bytes().into(),
                _ => (value as u32).to_be_bytes().into(),
            };
            for (byte, new) in out[at..].iter_mut().zip(number) {
                *byte = new;
            }
        }
        7 => {
            let range = span(random, out.len());
            out[range].fill(random.u8(..));
        }
        _ => {
            if let Some(from) = other.len().checked_sub(1) {
                let from = random.usize(..=from);
                let to = (from + 1 + random.usize(..256)).min(other.len());
                let end = (at + to - from).min(out.len());
                out.splice(at..end, other[from..to].iter().copied());
            }
        }
    }
}
