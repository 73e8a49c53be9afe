//! Writes what a slide says of itself, and the pixels of its levels: `dump OUT FILE...`.
//!
//! OUT/slide.json has the description, OUT/level-N.rgb the samples of level N, OUT/faults.json the
//! tiles that cannot be read. So another program can compare them.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use histoscope_slide::{FileSource, Slide, Source};

/// Rows that are held at once.
const BAND: u32 = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().ok_or("usage: dump OUT FILE...")?;
    let mut sources: Vec<(String, Box<dyn Source>)> = Vec::new();
    for path in arguments {
        let name = path.to_string_lossy().into_owned();
        sources.push((name, Box::new(FileSource::new(File::open(path)?)?)));
    }
    let slide = Slide::open(sources).map_err(|error| format!("{}: {error}", error.code()))?;
    fs::create_dir_all(&out)?;
    fs::write(out.join("slide.json"), serde_json::to_string_pretty(&slide.describe())?)?;
    for level in 0..slide.levels().len() {
        write(&slide, level, &out.join(format!("level-{level}.rgb")))?;
    }
    fs::write(out.join("faults.json"), serde_json::to_string_pretty(&slide.take_faults())?)?;
    Ok(())
}

fn write(slide: &Slide, level: usize, path: &Path) -> Result<(), Box<dyn Error>> {
    let of = &slide.levels()[level];
    let mut out = BufWriter::new(File::create(path)?);
    for y in (0..of.height).step_by(BAND as usize) {
        let rows = BAND.min(of.height - y);
        out.write_all(&slide.region(level, 0, y.into(), of.width, rows)?.rgb)?;
    }
    Ok(out.flush()?)
}
