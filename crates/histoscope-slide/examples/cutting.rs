//! Cuts all patches in a slide's tissue, and tells as JSON what that took: `cutting FILE [THREADS]`.
//!
//! As the command line does, a block of patches at a time for each thread, but without a network. So it tells
//! how often a tile is decoded, and what part of the time reading and decoding are.

use std::collections::HashSet;
use std::error::Error;
use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use histoscope_slide::{FileSource, Plan, PlanOptions, Slide, Tissue};

/// As on the command line.
const BLOCK: usize = 64;
const BATCH: usize = 16;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn open(file: &str) -> Result<Slide> {
    let source = FileSource::new(File::open(file)?)?;
    Ok(Slide::open(vec![(file.into(), Box::new(source))])?)
}

/// How many tiles the patches of a plan lie on.
fn tiles_under(plan: &Plan, slide: &Slide) -> usize {
    let level = &slide.levels()[plan.level];
    let side = f64::from(plan.patch_size) * plan.downsample;
    let mut tiles = HashSet::new();
    for &patch in &plan.patches {
        let range = |axis: usize, length: u32| {
            let corner = plan.corner(patch)[axis];
            let [from, to] = [corner, corner + side - 1e-6].map(|at| at / level.downsample);
            (from / f64::from(length)) as u32..=(to / f64::from(length)) as u32
        };
        for row in range(1, level.tile_height) {
            tiles.extend(range(0, level.tile_width).map(|column| (column, row)));
        }
    }
    tiles.len()
}

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let file = words.next().ok_or("which slide?")?;
    let threads: usize = words.next().map_or(Ok(2), |count| count.parse())?;
    let slide = open(&file)?;
    let options =
        PlanOptions { patch_size: 224, um_per_pixel: Some(0.5), ..PlanOptions::default() };
    let plan = Plan::new(&slide, &options, Some(&Tissue::of(&slide)?))?;
    let next = AtomicUsize::new(0);
    let start = Instant::now();
    let cut = || -> Result<u64> {
        let slide = open(&file)?;
        while let Some(block) = plan.patches.chunks(BLOCK).nth(next.fetch_add(1, Ordering::Relaxed))
        {
            for patches in block.chunks(BATCH) {
                plan.pixels(&slide, patches)?;
            }
        }
        Ok(slide.decoded())
    };
    let decoded: u64 = thread::scope(|scope| {
        let spawned: Vec<_> = (0..threads).map(|_| scope.spawn(cut)).collect();
        let joined =
            spawned.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked")?);
        joined.sum::<Result<u64>>()
    })?;
    let said = serde_json::json!({
        "patches": plan.patches.len(),
        "tiles": tiles_under(&plan, &slide),
        "decoded": decoded,
        "seconds": start.elapsed().as_secs_f64(),
    });
    println!("{said}");
    Ok(())
}
