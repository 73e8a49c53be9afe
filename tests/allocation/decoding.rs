//! Decoding allocates what its limits say, whatever a file claims; and no damage makes it panic.

use std::path::PathBuf;

use histoscope::decode::{MAX_DECODE_MIB, decode};
use histoscope::error::Fault;

use crate::{allocated, common};

/// Small buffers and tables, beside what grows with the picture.
const OVERHEAD: usize = 32 << 20;

fn fixtures() -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = ["good", "bad"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(common::fixture(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), common::read(&path))).collect()
}

#[test]
fn claims_are_refused_before_anything_is_allocated_for_them() {
    for (path, bytes) in fixtures() {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.contains("claims_") && !name.contains("_10_9") && !name.contains("outside") {
            continue;
        }
        let asked = allocated(|| assert!(decode(&bytes).is_err(), "{name}"));
        assert!(asked < 1 << 20, "{name}: {asked} bytes");
    }
}

#[test]
fn no_damage_makes_decoding_panic_or_ask_for_more_than_its_limit() {
    let seeds = fixtures();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..4000 {
        let (path, seed) = &seeds[random.below(seeds.len())];
        let bytes = spoilt(seed, &seeds[random.below(seeds.len())].1, &mut random);
        let asked = allocated(|| match decode(&bytes) {
            Ok(decoded) => assert!(decoded.pixels.width() > 0),
            Err(error) => assert!(
                matches!(error.fault(), Fault::Image | Fault::Limits),
                "{}, round {round}: {error}",
                path.display()
            ),
        });
        let most = ((MAX_DECODE_MIB as usize) << 20) + OVERHEAD;
        assert!(asked < most, "{}, round {round}: {asked} bytes", path.display());
    }
}

/// Some changes to a file, more of them near its beginning, where its headers are.
fn spoilt(seed: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    const TELLING: [u32; 8] = [0, 1, 16, 300, 20_000, 65_536, 0x7fff_ffff, 0xffff_ffff];
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(5) {
        if bytes.is_empty() {
            break;
        }
        let near = if random.below(3) > 0 { bytes.len().min(800) } else { bytes.len() };
        let at = random.below(near);
        let end = bytes.len().min(at + 1 + random.below(64));
        match random.below(8) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => bytes[at..end].fill(random.next() as u8),
            5 => {
                let value = TELLING[random.below(TELLING.len())];
                let raw = match random.below(4) {
                    0 => value.to_be_bytes().to_vec(),
                    1 => value.to_le_bytes().to_vec(),
                    2 => (value as u16).to_be_bytes().to_vec(),
                    _ => (value as u16).to_le_bytes().to_vec(),
                };
                let end = bytes.len().min(at + raw.len());
                bytes[at..end].copy_from_slice(&raw[..end - at]);
            }
            6 if !other.is_empty() => {
                let from = random.below(other.len());
                let to = other.len().min(from + 1 + random.below(300));
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => bytes.extend(b"\xff\xd9"),
        }
    }
    bytes
}

/// xorshift64*: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 32) as usize % limit
    }
}
