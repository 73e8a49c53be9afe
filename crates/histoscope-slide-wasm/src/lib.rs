//! Glue for JavaScript: converts, calls, converts back. Runs in module workers, where files are read
//! synchronously by position.
//!
//! Structured values cross as JSON text, pixels as typed arrays. Every thrown value is a JavaScript
//! `Error` with the string properties `code`, `remedy` and `fault`, and `cause`, its kind with its
//! values. A Rust panic traps: the instance is then unusable and its worker has to be thrown away.

use std::io;

use js_sys::{Array, Function, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use histoscope_slide::{
    Error, MapSource, Plan, PlanOptions, Raster, Region, Slide, Source, Stroke, Tissue,
};

/// Prints a panic's message to the console before the trap hides it.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A file that is read by position; `read` returns exactly the bytes asked for, or throws. */
export interface SlideSource {
  name: string;
  size: number;
  read(offset: number, length: number): Uint8Array;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// Files of the page, as an array.
    #[wasm_bindgen(typescript_type = "SlideSource[]")]
    pub type Sources;
    /// A file of the page.
    #[wasm_bindgen(typescript_type = "SlideSource")]
    pub type Origin;
}

/// A file behind a function of JavaScript.
struct Reader {
    object: JsValue,
    read: Function,
    size: u64,
}

impl Source for Reader {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let (offset, length) = (offset as f64, buffer.len() as f64);
        let read = self.read.call2(&self.object, &offset.into(), &length.into());
        let read = read.map_err(|error| io::Error::other(said(&error)))?;
        let bytes: Uint8Array =
            read.dyn_into().map_err(|_| io::Error::other("what was read is no Uint8Array"))?;
        if bytes.length() as usize != buffer.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.copy_to(buffer);
        Ok(())
    }
}

fn said(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|text| text.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "reading failed".into())
}

fn reader(object: JsValue) -> Result<(String, Box<dyn Source>), JsValue> {
    let property = |name: &str| Reflect::get(&object, &name.into());
    let wrong = || JsValue::from_str("a source needs a name, a size and a function read");
    let name = property("name")?.as_string().ok_or_else(wrong)?;
    let size = property("size")?.as_f64().filter(|size| *size >= 0.0).ok_or_else(wrong)? as u64;
    let read: Function = property("read")?.dyn_into().map_err(|_| wrong())?;
    Ok((name, Box::new(Reader { object, read, size })))
}

/// An open slide, and the plan that was made of it last.
#[wasm_bindgen(js_name = Slide)]
#[derive(Debug)]
pub struct OpenSlide {
    slide: Slide,
    tissue: Option<Tissue>,
    plan: Option<Plan>,
}

#[wasm_bindgen(js_class = Slide)]
impl OpenSlide {
    /// Opens a file, or the files of a DICOM folder. Only directories are read.
    #[wasm_bindgen(constructor)]
    pub fn new(sources: Sources) -> Result<Self, JsValue> {
        let sources: Array = JsValue::from(sources).dyn_into()?;
        let sources = sources.iter().map(reader).collect::<Result<Vec<_>, _>>()?;
        let slide = Slide::open(sources).map_err(throw)?;
        Ok(Self { slide, tissue: None, plan: None })
    }

    /// JSON of the Rust type `Description`: `{format, levels, um_per_pixel, objective, identity,
    /// is_picture, warnings}`.
    pub fn describe(&self) -> Result<String, JsValue> {
        to_json(&self.slide.describe())
    }

    /// Has a person's word on the scale of the finest level count instead of the file's.
    pub fn set_um_per_pixel(&mut self, um: f64) -> Result<(), JsValue> {
        self.slide.set_um_per_pixel(um).map_err(throw)
    }

    /// The whole slide within `side` x `side` pixels, 1 to 4096.
    pub fn thumbnail(&self, side: u32) -> Result<Picture, JsValue> {
        Ok(Picture::of(&self.slide.thumbnail(side).map_err(throw)?))
    }

    /// A tile of a level; smaller at the right and lower edge.
    pub fn tile(&self, level: usize, column: u32, row: u32) -> Result<Picture, JsValue> {
        Ok(Picture::of(&*self.slide.tile(level, column, row).map_err(throw)?))
    }

    /// Pixels of a level; what lies outside, or cannot be read, is white.
    pub fn region(
        &self,
        level: usize,
        x: i32,
        y: i32,
        width: u32,
        height: u32,
    ) -> Result<Picture, JsValue> {
        let region = self.slide.region(level, x.into(), y.into(), width, height);
        Ok(Picture::of(&region.map_err(throw)?))
    }

    /// Where tissue is, as JSON of the Rust type `Tissue`: `{width, height, downsample, threshold,
    /// share, runs: [[row, column, length], ...], rings: [[[x, y], ...], ...]}`; rings are in pixels
    /// of the finest level.
    ///
    /// @param strokes_json what a person corrects, JSON of `[{adds, radius, points: [[x, y], ...]}, ...]` in
    /// pixels of the finest level
    pub fn tissue(&mut self, strokes_json: &str) -> Result<String, JsValue> {
        let strokes: Vec<Stroke> = from_json(strokes_json)?;
        to_json(&self.find_tissue()?.corrected(&strokes).map_err(throw)?)
    }

    /// Plans the patches.
    ///
    /// @param options_json JSON of the Rust type `PlanOptions`: `{patch_size, um_per_pixel?,
    /// learned?: [least, most], max_patches?: number, regions?: [{name, rings}], strokes?: as of
    /// `tissue`}`
    /// @returns JSON of the Rust type `Plan`: `{um_per_pixel, level, downsample, width, height,
    /// patch_size, columns, rows, candidates, patches, regions: [{name, patches}], warnings}`
    pub fn plan(&mut self, options_json: &str) -> Result<String, JsValue> {
        let options: PlanOptions = from_json(options_json)?;
        if options.regions.is_none() {
            self.find_tissue()?;
        }
        let plan = Plan::new(&self.slide, &options, self.tissue.as_ref()).map_err(throw)?;
        to_json(self.plan.insert(plan))
    }

    /// Pixels of patches of the last plan: uint8 [n, side, side, 3].
    ///
    /// @param patches row-major places in the plan's grid
    pub fn patches(&self, patches: &[u32]) -> Result<Vec<u8>, JsValue> {
        let plan = self.plan.as_ref().ok_or_else(|| JsValue::from_str("plan first"))?;
        plan.pixels(&self.slide, patches).map_err(throw)
    }

    /// Tiles that were shown as white since the last call, as JSON of `[{code, message, level,
    /// column, row}, ...]`, at most 100.
    pub fn faults(&self) -> Result<String, JsValue> {
        to_json(&self.slide.take_faults())
    }

    fn find_tissue(&mut self) -> Result<&Tissue, JsValue> {
        let tissue = match self.tissue.take() {
            Some(tissue) => tissue,
            None => Tissue::of(&self.slide).map_err(throw)?,
        };
        Ok(self.tissue.insert(tissue))
    }
}

/// Pixels for a canvas.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Picture {
    rgba: Vec<u8>,
    /// In pixels.
    #[wasm_bindgen(readonly)]
    pub width: u32,
    /// In pixels.
    #[wasm_bindgen(readonly)]
    pub height: u32,
}

impl Picture {
    fn of(raster: &Raster) -> Self {
        Self { rgba: raster.rgba(), width: raster.width, height: raster.height }
    }
}

#[wasm_bindgen]
impl Picture {
    /// uint8 [height, width, 4]; alpha is 255 throughout.
    #[wasm_bindgen(getter)]
    pub fn rgba(&self) -> Uint8Array {
        Uint8Array::from(self.rgba.as_slice())
    }
}

/// The series of a file that is an instance of a whole slide in DICOM, of which all are one slide;
/// undefined of any other file.
#[wasm_bindgen]
pub fn whole_slide_series(source: Origin) -> Result<Option<String>, JsValue> {
    let (_, source) = reader(source.into())?;
    Ok(histoscope_slide::whole_slide_series(source))
}

/// Reads regions from GeoJSON as QuPath writes it.
///
/// @returns JSON of `[{name, rings: [[[x, y], ...], ...]}, ...]`, in pixels of the finest level
#[wasm_bindgen]
pub fn regions_from_geojson(text: &str) -> Result<String, JsValue> {
    to_json(&Region::from_geojson(text).map_err(throw)?)
}

/// Regions as annotations that QuPath opens.
///
/// @param regions_json JSON of `[{name, rings}, ...]`, in pixels of the finest level
/// @returns JSON of a list of features of GeoJSON
#[wasm_bindgen]
pub fn annotations(regions_json: &str) -> Result<String, JsValue> {
    let regions: Vec<Region> = from_json(regions_json)?;
    to_json(&histoscope_slide::annotations(&regions))
}

/// Writes a map as a picture that lies over its slide.
///
/// @param map_json JSON of the Rust type `MapSource`: `{width, height, um_per_pixel, classes, squares:
/// [{x, y, side, shares: number[] | null}, ...]}`, in pixels of the finest level
/// @param format "tiff" or "png"
#[wasm_bindgen]
pub fn map_picture(map_json: &str, format: &str) -> Result<Vec<u8>, JsValue> {
    let map: MapSource = from_json(map_json)?;
    let format = from_json(&to_json(format)?)?;
    let mut file = io::Cursor::new(Vec::new());
    histoscope_slide::write_map(&map, format, &mut file).map_err(throw)?;
    Ok(file.into_inner())
}

fn throw(error: Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    for (key, value) in [
        ("name", "HistoscopeError"),
        ("code", error.code()),
        ("remedy", error.remedy()),
        ("fault", error.fault()),
    ] {
        // Setting a property of a fresh Error cannot fail.
        let _ = Reflect::set(&js, &key.into(), &value.into());
    }
    if let Ok(cause) = js_sys::JSON::parse(&error.cause().to_string()) {
        let _ = Reflect::set(&js, &"cause".into(), &cause);
    }
    js.into()
}

fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, JsValue> {
    serde_json::to_string(value).map_err(|error| JsValue::from_str(&error.to_string()))
}

fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, JsValue> {
    serde_json::from_str(json)
        .map_err(|error| throw(Error::Options { option: "options", problem: error.to_string() }))
}
