//! TIFF in the forms in which scanners write slides: which of its pictures are levels, and the scale.
//!
//! ```text
//! directories -> form (Aperio, Philips, Leica, OME, Hamamatsu, plain) -> levels, scale
//! ```
//!
//! Pictures of the label and of the whole glass are never levels: they may name a person.

use roxmltree::{Document, ParsingOptions};

use self::chunks::Chunks;
use self::directory::{Directories, Directory, tag};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::slide::{Format, Found};
use crate::source::Bytes;
use crate::warning::Warning;

mod chunks;
pub(crate) mod directory;
mod leica;
mod ndpi;

/// How far the sides of a level may be from those of the finest one: scanners round, and fill up.
const ASPECT: f64 = 0.02;

/// Bytes of a page's description that tell what it is.
const HEAD: u64 = 1024;

/// Bit of the kind of a page that says which pixels of another one count.
const MASK: u64 = 4;

/// Reads the directories and finds the levels in them.
pub(crate) fn open(file: &Bytes) -> Result<Found> {
    let Directories { pages, warnings } = directory::read(file)?;
    let first = &pages[0];
    let description = first.text(file, tag::DESCRIPTION);
    let software = first.text(file, tag::SOFTWARE);
    let mut found = if first.has(tag::NDPI) {
        ndpi::open(file, &pages)?
    } else if description.contains("<iScan") || first.text(file, tag::XMP).contains("<iScan") {
        return Err(Error::Foreign {
            format: "the BIF format of Ventana, whose tiles overlap,",
            remedy: "Convert it to OME-TIFF with Bio-Formats (bfconvert), or export it from QuPath.",
        });
    } else if description.starts_with("Aperio") {
        aperio(file, &pages, &description)?
    } else if description.contains("DPUfsImport") || software.starts_with("Philips") {
        philips(file, &pages, &description)?
    } else if description.contains("leica-microsystems.com/scn") {
        leica::open(file, &pages, &description)?
    } else if description.contains("<OME") {
        ome(file, &pages, &description)?
    } else {
        plain(file, &pages)?
    };
    found.warnings.splice(0..0, warnings);
    Ok(found)
}

fn damaged(detail: impl Into<String>) -> Error {
    Error::Damaged { format: "TIFF", detail: detail.into() }
}

fn level(chunks: Chunks) -> Level {
    let (size, tile) = ((chunks.width, chunks.height), (chunks.chunk_width, chunks.chunk_height));
    Level::new(size, tile, Box::new(chunks))
}

/// Reads pictures and keeps those that have the shape of the greatest.
///
/// # Errors
/// That of the first picture, if there is no level at all.
fn levels(
    file: &Bytes,
    pages: Vec<Vec<Directory>>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Level>> {
    let mut refusal = None;
    let mut read: Vec<Chunks> = Vec::new();
    for planes in pages {
        let subfile = planes[0].number(file, tag::SUBFILE).ok().flatten().unwrap_or(0);
        if subfile & MASK != 0 {
            continue;
        }
        match Chunks::read(file, planes) {
            Ok(chunks) => read.push(chunks),
            Err(error) => {
                warnings.push(Warning::LevelUnreadable { detail: error.to_string() });
                refusal.get_or_insert(error);
            }
        }
    }
    read.sort_by_key(|chunks| std::cmp::Reverse(chunks.width));
    let Some(greatest) = read.first() else {
        return Err(refusal.unwrap_or_else(|| damaged("it has no level")));
    };
    let (width, height) = (f64::from(greatest.width), f64::from(greatest.height));
    let is_tiled = greatest.is_tiled;
    let mut last = u32::MAX;
    read.retain(|chunks| {
        let across = width / f64::from(chunks.width);
        let down = height / f64::from(chunks.height);
        // A small level is rounded by a pixel or two, or filled up to its tiles.
        let rounding = across * 2.0 / width.min(height);
        let fits = (across - down).abs() <= (ASPECT + rounding) * across;
        // Strips beside tiles are the thumbnail, the label and the glass.
        let kept = fits && (chunks.is_tiled || !is_tiled) && chunks.width < last;
        if kept {
            last = chunks.width;
        }
        kept
    });
    Ok(read.into_iter().map(level).collect())
}

fn alone(pages: &[Directory]) -> Vec<Vec<Directory>> {
    let nested = |page: &Directory| page.children.clone();
    pages
        .iter()
        .flat_map(|page| [vec![page.clone()], nested(page)].concat())
        .map(|d| vec![d])
        .collect()
}

/// Aperio: levels are the tiled pages, everything else is in strips.
fn aperio(file: &Bytes, pages: &[Directory], description: &str) -> Result<Found> {
    let is_level = |page: &&Directory| {
        let text = page.head(file, tag::DESCRIPTION, HEAD);
        let named = text.lines().nth(1).unwrap_or("").trim_start();
        let is_aside = ["label", "macro"].iter().any(|aside| named.starts_with(aside));
        let subfile = page.number(file, tag::SUBFILE).ok().flatten().unwrap_or(0);
        !is_aside && subfile != 9
    };
    let pages: Vec<Directory> = pages.iter().filter(is_level).cloned().collect();
    let field = |name: &str| {
        let fields = description.split('|').filter_map(|field| field.split_once('='));
        let mut named = fields.filter(|(key, _)| key.trim() == name);
        named.next()?.1.trim().parse::<f64>().ok()
    };
    let mut found = Found::new(Format::Aperio);
    found.levels = levels(file, alone(&pages), &mut found.warnings)?;
    found.um_per_pixel = field("MPP").or_else(|| of_resolution(file, pages.first()?));
    found.objective = field("AppMag");
    Ok(found)
}

/// A TIFF without a sign of its maker.
fn plain(file: &Bytes, pages: &[Directory]) -> Result<Found> {
    let mut found = Found::new(Format::Tiff);
    found.levels = levels(file, alone(pages), &mut found.warnings)?;
    found.um_per_pixel = of_resolution(file, &pages[0]);
    Ok(found)
}

/// A resolution, where it is one of a microscope: a bare one of up to 5080 pixels an inch tells of
/// a page.
fn of_resolution(file: &Bytes, page: &Directory) -> Option<f64> {
    let unit = match page.number(file, tag::RESOLUTION_UNIT).ok()?.unwrap_or(2) {
        2 => 25_400.0,
        3 => 10_000.0,
        _ => return None,
    };
    let across = page.real(file, tag::X_RESOLUTION)?;
    let down = page.real(file, tag::Y_RESOLUTION)?;
    let um = unit / across;
    ((across - down).abs() <= 0.01 * across && um <= 5.0).then_some(um)
}

/// Texts of scanners are XML without a document type, and bounded when they are read.
fn xml(text: &str) -> Option<Document<'_>> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 1 << 20, ..Default::default() };
    Document::parse_with_options(text.trim_start_matches('\u{feff}').trim(), options).ok()
}

/// OME: the greatest picture and those nested in it; or the pages of its shape.
fn ome(file: &Bytes, pages: &[Directory], description: &str) -> Result<Found> {
    let mut found = Found::new(Format::Ome);
    let width = |page: &Directory| page.number(file, tag::WIDTH).ok().flatten().unwrap_or(0);
    let place = (0..pages.len()).rev().max_by_key(|&place| width(&pages[place])).unwrap_or(0);
    let greatest = &pages[place];
    let document = xml(description);
    let pixels = document.as_ref().and_then(|document| {
        let mut pixels = document.descendants().filter(|node| node.has_tag_name_anywhere("Pixels"));
        let size = |node: &roxmltree::Node<'_, '_>| number(node, "SizeX");
        pixels
            .clone()
            .find(|node| size(node) == Some(width(greatest) as f64))
            .or_else(|| pixels.next())
    });
    let samples = greatest.number(file, tag::SAMPLES)?.unwrap_or(1);
    let channels = pixels.and_then(|pixels| number(&pixels, "SizeC")).unwrap_or(1.0);
    let stacks = if samples == 1 && channels == 3.0 && place + 3 <= pages.len() {
        // Red, green and blue are three pages, each with its own nested ones.
        let planes = &pages[place..place + 3];
        let nested = (0..greatest.children.len())
            .map(|at| planes.iter().filter_map(|plane| plane.children.get(at).cloned()).collect());
        let stacks = std::iter::once(planes.to_vec()).chain(nested);
        stacks.filter(|planes: &Vec<Directory>| planes.len() == 3).collect()
    } else if greatest.children.is_empty() {
        alone(pages)
    } else {
        alone(std::slice::from_ref(greatest))
    };
    found.levels = levels(file, stacks, &mut found.warnings)?;
    let length = |axis: &str| {
        let pixels = pixels?;
        let unit = match pixels.attribute(format!("PhysicalSize{axis}Unit").as_str()) {
            None | Some("µm" | "\u{3bc}m" | "um") => 1.0,
            Some("nm") => 1e-3,
            Some("mm") => 1e3,
            Some("cm") => 1e4,
            Some("m") => 1e6,
            _ => return None,
        };
        Some(number(&pixels, &format!("PhysicalSize{axis}"))? * unit)
    };
    found.um_per_pixel = length("X")
        .zip(length("Y"))
        .filter(|(x, y)| (x - y).abs() <= 0.01 * x)
        .map(|(x, _)| x)
        .or_else(|| of_resolution(file, greatest));
    found.objective = document.as_ref().and_then(|document| {
        let mut nodes = document.descendants();
        number(&nodes.find(|node| node.has_tag_name_anywhere("Objective"))?, "NominalMagnification")
    });
    Ok(found)
}

fn number(node: &roxmltree::Node<'_, '_>, name: &str) -> Option<f64> {
    node.attribute(name)?.trim().parse().ok()
}

/// Names of elements, whatever their namespace is.
trait TagName {
    fn has_tag_name_anywhere(&self, name: &str) -> bool;
}

impl TagName for roxmltree::Node<'_, '_> {
    fn has_tag_name_anywhere(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

/// Philips: tiled pages, each half of the one before and filled up to whole tiles.
fn philips(file: &Bytes, pages: &[Directory], description: &str) -> Result<Found> {
    let mut found = Found::new(Format::Philips);
    let is_level = |page: &&Directory| {
        let text = page.head(file, tag::DESCRIPTION, HEAD);
        page.has(tag::TILE_WIDTH) && !text.starts_with("Label") && !text.starts_with("Macro")
    };
    let pages: Vec<Directory> = pages.iter().filter(is_level).cloned().collect();
    let mut read = Vec::new();
    for page in pages {
        match Chunks::read(file, vec![page]) {
            Ok(chunks) => read.push(chunks),
            Err(error) => {
                found.warnings.push(Warning::LevelUnreadable { detail: error.to_string() })
            }
        }
    }
    read.sort_by_key(|chunks| std::cmp::Reverse(chunks.width));
    let Some((width, height)) = read.first().map(|chunks| (chunks.width, chunks.height)) else {
        return Err(damaged("it has no level"));
    };
    for mut chunks in read {
        let power = (f64::from(width) / f64::from(chunks.width)).log2().round().clamp(0.0, 31.0);
        // What a level is filled up with is not tissue.
        chunks.width = (width >> power as u32).clamp(1, chunks.width);
        chunks.height = (height >> power as u32).clamp(1, chunks.height);
        found.levels.push(level(chunks));
    }
    found.um_per_pixel = xml(description).and_then(|document| {
        let named =
            |node: &roxmltree::Node<'_, '_>| node.attribute("Name") == Some("DICOM_PIXEL_SPACING");
        // In millimetres, in quotation marks, once for each level.
        let spacing = |node: roxmltree::Node<'_, '_>| {
            let first = node.text()?.split_whitespace().next()?;
            first.trim_matches('"').parse::<f64>().ok().filter(|millimetres| *millimetres > 0.0)
        };
        let spacings = document.descendants().filter(named).filter_map(spacing);
        spacings.min_by(f64::total_cmp).map(|millimetres| millimetres * 1e3)
    });
    Ok(found)
}
