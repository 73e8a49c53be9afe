//! What a slide costs in memory: one of 8 GB, and a small file that claims much.

use std::cell::Cell;
use std::io;
use std::path::Path;

use histoscope_fuzz::{Counting, Target, Watch};
use histoscope_slide::{Plan, PlanOptions, Slide, Source, Tissue};

#[global_allocator]
static COUNTING: Counting = Counting;

const MIB: usize = 1 << 20;
/// Of a tile: the picture that all of them are.
const TILE: (u64, u64) = (448, 224);
const TILES_FROM: u64 = 1 << 20;

/// A BigTIFF whose directories lie in front, and whose tiles are one JPEG, again and again.
struct Scan {
    size: u64,
    head: Vec<u8>,
    /// Bytes from one tile to the next.
    apart: u64,
    tile: Vec<u8>,
}

impl Scan {
    /// Levels of these factors, in a file of so many bytes.
    fn new((width, height): (u64, u64), factors: &[u64], size: u64) -> Self {
        let good = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/good");
        let tile = std::fs::read(good.join("grid_448x224.jpg")).unwrap();
        let levels: Vec<(u64, u64, u64)> = factors
            .iter()
            .map(|factor| {
                let (width, height) = (width / factor, height / factor);
                (width, height, width.div_ceil(TILE.0) * height.div_ceil(TILE.1))
            })
            .collect();
        let count: u64 = levels.iter().map(|(.., tiles)| tiles).sum();
        let apart = (size - TILES_FROM) / count;
        let mut head = b"II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec();
        let mut first = 0;
        for (at, (width, height, tiles)) in levels.iter().enumerate() {
            const ENTRIES: usize = 11;
            let lists = head.len() + 8 + 20 * ENTRIES + 8;
            let text = b"Aperio Image Library\r\n|MPP = 0.25\0";
            let text_at = lists + 16 * *tiles as usize;
            let entries: [(u16, u16, u64, u64); ENTRIES] = [
                (256, 4, 1, *width),
                (257, 4, 1, *height),
                (258, 3, 3, 8 | 8 << 16 | 8 << 32),
                (259, 3, 1, 7),
                (262, 3, 1, 6),
                (270, 2, text.len() as u64, text_at as u64),
                (277, 3, 1, 3),
                (322, 4, 1, TILE.0),
                (323, 4, 1, TILE.1),
                (324, 16, *tiles, lists as u64),
                (325, 16, *tiles, lists as u64 + 8 * tiles),
            ];
            head.extend((ENTRIES as u64).to_le_bytes());
            for (tag, kind, count, value) in entries {
                head.extend(u16::to_le_bytes(tag));
                head.extend(u16::to_le_bytes(kind));
                head.extend(u64::to_le_bytes(count));
                head.extend(u64::to_le_bytes(value));
            }
            let next = text_at + text.len();
            let next = if at + 1 < levels.len() { next as u64 } else { 0 };
            head.extend(next.to_le_bytes());
            for tile in first..first + tiles {
                head.extend((TILES_FROM + tile * apart).to_le_bytes());
            }
            for _ in 0..*tiles {
                head.extend((tile.len() as u64).to_le_bytes());
            }
            head.extend(text);
            first += tiles;
        }
        assert!(head.len() as u64 <= TILES_FROM, "{}", head.len());
        Self { size, head, apart, tile }
    }
}

impl Source for Scan {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        for (byte, at) in buffer.iter_mut().zip(offset..) {
            let (part, at) = match at.checked_sub(TILES_FROM) {
                None => (&self.head, at),
                Some(at) => (&self.tile, at % self.apart),
            };
            *byte = part.get(at as usize).copied().unwrap_or(0);
        }
        Ok(())
    }
}

#[test]
fn a_slide_of_8_gb_is_looked_at_in_150_mb() {
    let looked = Cell::new(0);
    let watch = Watch::new(Target::Slide).within(150 * MIB);
    let found = watch.run(|| {
        let scan = Scan::new((56_000, 44_000), &[1, 4, 16], 8 << 30);
        let slide = Slide::open(vec![("8-gb.svs".into(), Box::new(scan))]).unwrap();
        assert_eq!(slide.levels().len(), 3);
        slide.thumbnail(1600).unwrap();
        let tissue = Tissue::of(&slide).unwrap();
        let options =
            PlanOptions { patch_size: 224, um_per_pixel: Some(0.5), ..PlanOptions::default() };
        let plan = Plan::new(&slide, &options, Some(&tissue)).unwrap();
        // Enough to fill the caches.
        for patches in plan.patches.chunks(16).take(20) {
            looked.set(looked.get() + plan.pixels(&slide, patches).unwrap().len());
        }
        slide.take_faults().is_empty()
    });
    assert_eq!(found, Ok(true));
    assert_eq!(looked.get(), 20 * 16 * 224 * 224 * 3);
}

#[test]
fn directories_of_thousands_of_entries_that_overlap_take_no_memory() {
    const COUNT: usize = 1024;
    const ENTRIES: usize = 4096;
    const APART: usize = 64;
    let place = |directory: usize| 8 + APART * directory;
    let mut random = fastrand::Rng::with_seed(1);
    let mut file: Vec<u8> = (0..place(COUNT) + 12 * ENTRIES + 6).map(|_| random.u8(..)).collect();
    file[..8].copy_from_slice(b"II\x2a\0\x08\0\0\0");
    for directory in 0..COUNT {
        let at = place(directory);
        file[at..at + 2].copy_from_slice(&(ENTRIES as u16).to_le_bytes());
        // Between the beginnings of two others.
        let link = at + 2 + 12 * ENTRIES;
        let next = if directory + 1 < COUNT { place(directory + 1) } else { 0 };
        file[link..link + 4].copy_from_slice(&(next as u32).to_le_bytes());
    }
    let watch = Watch::new(Target::Slide).within(32 * MIB);
    assert_eq!(watch.run(|| Target::Slide.run(&file)), Ok(false));
}
