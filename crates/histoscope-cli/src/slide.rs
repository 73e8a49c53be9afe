//! Whole slides: which paths are slides, and how one is judged by all threads.
//!
//! Each thread opens the slide by itself and takes a block of neighbouring patches at a time, so that
//! tiles are decoded about once and nothing is shared but the place in the plan.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::BufWriter;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use histoscope::lesson::Lesson;
use histoscope::options::{MaxPatches, Options};
use histoscope::pipeline::{Classifier, Looked, PlannedPatch, Said, SlidePlan, SlideRegion};
use histoscope::report::{ImageReport, SlideSource, Timings};
use histoscope::screen::Screen;
use histoscope::tiles;
use histoscope::warning::Note;
use histoscope_files::inputs::{self, Input, has_extension};
use histoscope_slide::{
    Fault, FileSource, MapFormat, MapSource, Plan, PlanOptions, Region, Slide, Source, Square,
    Tissue, Warning, whole_slide_series,
};
use serde_json::json;

use crate::trouble::Trouble;

/// Extensions of files that are slides whatever is in them.
const EXTENSIONS: [&str; 12] =
    ["svs", "ndpi", "scn", "dcm", "mrxs", "czi", "vsi", "bif", "vms", "isyntax", "svslide", "kfb"];
/// Of those, the ones that are looked for in folders.
const READ: [&str; 4] = ["svs", "ndpi", "scn", "dcm"];
/// Patches that a thread takes at once: a block of the plan.
const BLOCK: usize = 64;

/// What is asked of slides alone.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    /// Micrometres per pixel of the patches.
    pub(crate) mpp: Option<f64>,
    /// What a person outlined.
    pub(crate) regions: Option<Vec<Region>>,
    /// How many threads; as many as the machine has without it.
    pub(crate) threads: Option<NonZero<usize>>,
}

/// Whether this is a slide: by its extension, or as a TIFF that is more than a plain picture
/// ([`Slide::is_picture`]); what lies in several files is one.
pub(crate) fn is_slide(files: &[PathBuf]) -> bool {
    let [file] = files else { return true };
    has_extension(file, &EXTENSIONS)
        || has_extension(file, &["tif", "tiff", "btf"])
            && open(files).is_ok_and(|slide| !slide.is_picture())
}

/// The series of a file that is an instance of a whole slide; a single capture is a picture of its own.
fn series_of(file: &Path) -> Option<String> {
    // Asked first: opening a pipe waits until somebody writes to it.
    let is_file = || std::fs::metadata(file).is_ok_and(|facts| facts.is_file());
    if !has_extension(file, &["dcm"]) || !is_file() {
        return None;
    }
    let source = File::open(file).and_then(FileSource::new).ok()?;
    whole_slide_series(Box::new(source))
}

/// Images and slides among the paths and in folders. The instances of one series that lie in one
/// folder are one slide with the name of the first, as in the page.
///
/// # Errors
/// As [`inputs::collect`].
pub(crate) fn collect(paths: &[PathBuf]) -> Result<Vec<Input>, Trouble> {
    let extensions = [&inputs::EXTENSIONS[..], &READ].concat();
    let mut all: Vec<Input> = Vec::new();
    let mut slides: HashMap<(PathBuf, String), usize> = HashMap::new();
    for path in paths {
        let is_folder = path.is_dir();
        for mut input in inputs::collect_all(std::slice::from_ref(path), &extensions)? {
            let file = input.source.as_ref().ok().filter(|_| is_folder).cloned();
            if let Some((series, file)) = file.and_then(|file| Some((series_of(&file)?, file))) {
                let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
                match slides.entry((folder, series)) {
                    Entry::Occupied(slide) => {
                        let parts = &mut all[*slide.get()].parts;
                        // A folder may be named twice.
                        if !parts.contains(&file) {
                            parts.push(file);
                        }
                        continue;
                    }
                    Entry::Vacant(slide) => _ = slide.insert(all.len()),
                }
                input.parts.push(file);
            }
            all.push(input);
        }
    }
    Ok(all)
}

/// Opens a file, or all instances of a slide.
fn open(files: &[PathBuf]) -> Result<Slide, Trouble> {
    let unreadable = |error: std::io::Error| {
        Trouble::from(histoscope_files::Error::FileUnreadable { detail: error.to_string() })
    };
    let mut sources: Vec<(String, Box<dyn Source>)> = Vec::with_capacity(files.len());
    for file in files {
        // Asked before it is opened: opening a pipe waits until somebody writes to it.
        if !std::fs::metadata(file).map_err(unreadable)?.is_file() {
            let kind = "a device, pipe or socket";
            return Err(histoscope_files::Error::FileNotRegular { kind }.into());
        }
        let source = File::open(file).and_then(FileSource::new).map_err(unreadable)?;
        sources.push((file.to_string_lossy().into_owned(), Box::new(source)));
    }
    Ok(Slide::open(sources)?)
}

/// A patch that was looked at.
struct Seen {
    /// Its place in the grid.
    patch: u32,
    screen: Screen,
    /// What the network says, if it may vote.
    said: Option<(Vec<f32>, Vec<f32>)>,
}

/// What the patches of a plan took, as the mean over the threads.
#[derive(Debug, Default, Clone, Copy)]
struct Spent {
    /// Reading tiles, decoding them and making patches of them.
    cutting: Duration,
    /// The screen and the network.
    looking: Duration,
}

/// All patches of a plan, looked at.
struct LookedAt {
    seen: Vec<Seen>,
    /// Said where tiles could not be read.
    unreadable: Option<Warning>,
    spent: Spent,
}

/// Judges a slide; `progress` is told how many patches of how many are done.
pub(crate) fn judge(
    classifier: &Classifier,
    files: &[PathBuf],
    name: &str,
    options: &Options,
    ask: &Ask,
    lesson: Option<&Lesson>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<(ImageReport, Said), Trouble> {
    let start = Instant::now();
    let milliseconds = || start.elapsed().as_secs_f64() * 1e3;
    classifier.check(options)?;
    let mut slide = open(files)?;
    if let Some(um) = options.um_per_pixel {
        slide.set_um_per_pixel(um)?;
    }
    let manifest = classifier.manifest();
    let side = manifest.input.patch_size;
    let tissue = if ask.regions.is_none() { Some(Tissue::of(&slide)?) } else { None };
    let asked = PlanOptions {
        patch_size: side,
        um_per_pixel: ask.mpp,
        learned: manifest.um_per_pixel(),
        max_patches: match options.max_patches {
            MaxPatches::All => None,
            MaxPatches::AtMost(most) => Some(most),
        },
        regions: ask.regions.clone(),
        ..PlanOptions::default()
    };
    let plan = Plan::new(&slide, &asked, tissue.as_ref())?;
    let planned = milliseconds();
    let LookedAt { mut seen, unreadable, spent } =
        look_at(classifier, files, options, &plan, ask.threads, progress)?;

    seen.sort_by_key(|seen| seen.patch);
    let place = |patch: u32| seen.binary_search_by_key(&patch, |seen| seen.patch).ok();
    let regions = plan.regions.iter().map(|region| {
        let own = region.patches.iter().filter_map(|&at| place(plan.patches[at as usize]));
        let mut patches: Vec<usize> = own.collect();
        patches.sort_unstable();
        SlideRegion { name: region.name.clone(), patches }
    });
    let said = slide.describe();
    let mut warnings = said.warnings.to_vec();
    warnings.extend_from_slice(&plan.warnings);
    warnings.extend(unreadable);
    let finest = &said.levels[0];
    let judged = SlidePlan {
        filename: name.into(),
        identity: said.identity.into(),
        width: plan.width,
        height: plan.height,
        um_per_pixel: plan.um_per_pixel,
        options: options.clone(),
        patches: seen
            .iter()
            .map(|seen| PlannedPatch {
                x: seen.patch % plan.columns * side,
                y: seen.patch / plan.columns * side,
                screen: seen.screen,
            })
            .collect(),
        slide: SlideSource {
            format: said.format.name().into(),
            width: finest.width,
            height: finest.height,
            downsample: plan.downsample,
            candidates: plan.candidates,
        },
        regions: regions.collect(),
        strokes: Vec::new(),
        warnings: warnings.iter().map(Note::of).collect(),
    };
    let mut said = Said::default();
    for (logits, features) in seen.into_iter().filter_map(|seen| seen.said) {
        said.logits.extend(logits);
        said.features.extend(features);
    }
    let timings = Timings {
        decode: planned + spent.cutting.as_secs_f64() * 1e3,
        // Counted with the network.
        screen: 0.0,
        inference: spent.looking.as_secs_f64() * 1e3,
        total: milliseconds(),
    };
    let report = classifier.slide_report(judged, &said, lesson, timings)?;
    if report.voters() == 0 {
        // Too few vote, and what they say is of no use.
        said = Said::default();
    }
    Ok((report, said))
}

/// Looks at all patches of a plan.
fn look_at(
    classifier: &Classifier,
    files: &[PathBuf],
    options: &Options,
    plan: &Plan,
    threads: Option<NonZero<usize>>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<LookedAt, Trouble> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let faults = Mutex::new(BTreeMap::new());
    let work = || -> Result<(Vec<Seen>, Spent), Trouble> {
        let slide = open(files)?;
        let (mut seen, mut spent) = (Vec::new(), Spent::default());
        while !failed.load(Ordering::Relaxed) {
            let block = next.fetch_add(1, Ordering::Relaxed);
            let Some(block) = plan.patches.chunks(BLOCK).nth(block) else { break };
            for patches in block.chunks(options.batch_size as usize) {
                let start = Instant::now();
                let pixels = plan.pixels(&slide, patches)?;
                let cut = Instant::now();
                seen.extend(look_at_batch(classifier, options, patches, pixels)?);
                spent.cutting += cut - start;
                spent.looking += cut.elapsed();
                let done = done.fetch_add(patches.len(), Ordering::Relaxed) + patches.len();
                progress(done, plan.patches.len());
            }
            let mut faults = faults.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let place = |fault: &Fault| (fault.level, fault.column, fault.row);
            faults.extend(slide.take_faults().into_iter().map(|f| (place(&f), f.message)));
        }
        Ok((seen, spent))
    };
    let count = threads.or(thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let (seen, spent) = thread::scope(|scope| {
        let spawned: Vec<_> = (0..count)
            .map(|_| {
                scope.spawn(|| {
                    let seen = work();
                    failed.fetch_or(seen.is_err(), Ordering::Relaxed);
                    seen
                })
            })
            .collect();
        let (mut all, mut sum) = (Vec::with_capacity(plan.patches.len()), Spent::default());
        for thread in spawned {
            let panicked = |_| Err(Trouble::from(panicked()));
            let (seen, spent) = thread.join().unwrap_or_else(panicked)?;
            all.extend(seen);
            sum.cutting += spent.cutting / count as u32;
            sum.looking += spent.looking / count as u32;
        }
        Ok::<_, Trouble>((all, sum))
    })?;
    let mut faults = faults.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let tiles = faults.len();
    // The first by place, whichever thread found it when.
    let unreadable = faults.pop_first().map(|((level, column, row), detail)| {
        Warning::TilesUnreadable { tiles, level, column, row, detail }
    });
    Ok(LookedAt { seen, unreadable, spent })
}

fn panicked() -> histoscope::Error {
    histoscope::Error::Internal { detail: "a panic, see above".into() }
}

/// `pixels`: of these patches, one behind the other.
fn look_at_batch(
    classifier: &Classifier,
    options: &Options,
    patches: &[u32],
    pixels: Vec<u8>,
) -> Result<Vec<Seen>, Trouble> {
    let Looked { screens, output } = classifier.look_at(pixels, options.screen)?;
    let mut said = output.iter().flat_map(|output| {
        let columns = classifier.columns();
        let voters = output.logits.len() / columns;
        let features = output.features.len() / voters;
        (0..voters).map(move |voter| {
            let own = output.features[voter * features..(voter + 1) * features].to_vec();
            (output.logits[columns * voter..columns * (voter + 1)].to_vec(), own)
        })
    });
    let seen = patches.iter().zip(screens);
    Ok(seen
        .map(|(&patch, screen)| Seen {
            patch,
            screen,
            said: if screen.may_vote() { said.next() } else { None },
        })
        .collect())
}

/// The map of a report as GeoJSON, in pixels of the finest level: what was outlined, and a tile for
/// each patch.
pub(crate) fn geojson(report: &ImageReport, regions: &[Region]) -> String {
    let mut features = histoscope_slide::annotations(regions);
    features.extend(tiles::of(report));
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

/// The form of a map that a file's name asks for.
///
/// # Errors
/// Of other names than those of TIFF and PNG.
pub(crate) fn map_format(path: &Path) -> Result<MapFormat, Trouble> {
    if has_extension(path, &["tif", "tiff"]) {
        Ok(MapFormat::Tiff)
    } else if has_extension(path, &["png"]) {
        Ok(MapFormat::Png)
    } else {
        let problem = "the name of the file has to end with .tif or .png".into();
        Err(histoscope_slide::Error::Options { option: "--map", problem }.into())
    }
}

/// Writes the map of a slide's report as a picture that lies over the slide.
pub(crate) fn write_map(report: &ImageReport, path: &Path) -> Result<(), Trouble> {
    let format = map_format(path)?;
    let slide = report.slide.as_ref().ok_or(Trouble::SlidesOnly { option: "--map" })?;
    let scale = report.scale.as_ref().ok_or(histoscope_slide::Error::NoScale)?;
    let SlideSource { width, height, downsample, .. } = slide.source;
    let patches = report.patches.iter().zip(report.patch_shares());
    let squares = patches.map(|(patch, shares)| Square {
        x: f64::from(patch.x) * downsample,
        y: f64::from(patch.y) * downsample,
        side: f64::from(patch.width) * downsample,
        shares,
    });
    let source = MapSource {
        width,
        height,
        um_per_pixel: scale.um_per_pixel / downsample,
        classes: report.classes().into_iter().map(Into::into).collect(),
        squares: squares.collect(),
    };
    let file = File::create(path).map_err(|error| Trouble::of_file(path, error))?;
    histoscope_slide::write_map(&source, format, BufWriter::new(file)).map_err(
        |error| match error {
            histoscope_slide::Error::Unwritable { detail } => Trouble::of_file(path, detail),
            error => error.into(),
        },
    )
}
